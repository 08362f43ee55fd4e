/* verify.h: is what a session holds what really comes of its data and recipe?
 *
 * A training is carried out again from the file: its recipe, its data, and what was done to it at the very iteration at
 * which it was done. Then everything that was kept is compared, numbers to the bit. A dry run carries nothing out: it
 * says which data are where, and what carrying out would come upon. Sessions are only looked at. */
#ifndef SLUICE_VERIFY_H
#define SLUICE_VERIFY_H

#include "sluice/session.h"

/* What differs, or why it does. */
enum sl_verify_cause {
    SL_CAUSE_DATA,      /* other bytes */
    SL_CAUSE_ORDER,     /* the same records in another order */
    SL_CAUSE_PARAMETER, /* another recipe */
    SL_CAUSE_SEED,      /* another random_state */
    SL_CAUSE_FILE,      /* the session was changed after the training */
    SL_CAUSE_BUILD,     /* another version of the program, or compiler */
    SL_CAUSE_MACHINE,
    SL_CAUSE_UNKNOWN,
    SL_CAUSES
};
extern const char *const sl_cause_names[SL_CAUSES];

/* One kind of thing that was compared. */
struct sl_verify_row {
    char *what;        /* "points" */
    uint64_t agree, n; /* so many of so many; n = 0: not compared, `where` says why */
    char *where;       /* the first that does not agree; may be NULL */
    char *then, *now;  /* its values; may be NULL */
};
struct sl_verify_reason {
    enum sl_verify_cause cause;
    char *text;
};
/* A training verified. */
struct sl_verified {
    int64_t run;
    enum sl_job job; /* how it ended */
    bool executed;   /* else a dry run, and `why` says why when it was not asked for */
    bool agrees;
    char why[400];
    struct sl_verify_row *rows;
    size_t n_rows;
    struct sl_verify_reason *reasons; /* of what does not agree, the likeliest first */
    size_t n_reasons;
    struct sl_verify_reason *notes; /* what is different without having made a difference */
    size_t n_notes;
    double seconds_then, seconds; /* of the training; of carrying it out again; NaN unknown */
};

struct sl_verify_options {
    const char *session;
    const char *const *paths; /* NULL-terminated: the data are here, files in the recipe's order or folders that hold
                               * them; NULL: where they were */
    bool every;               /* trainings, not only the last */
    int64_t run;              /* this training; 0: the last */
    bool dry;
    int threads;
    uint64_t memory; /* bytes; 0: a quarter of RAM */
    struct sl_progress *progress;
};
/* *out gets the trainings, to be freed with sl_verified_free(). Errors: as opening a session; SL_ESTATE there is no
 * such training; SL_EPARAM another number of files than it read; SL_ECANCEL. */
int sl_verify(struct sl_verified **out, size_t *n, const struct sl_verify_options *options, struct sl_error *err);
void sl_verified_free(struct sl_verified *runs, size_t n);

#endif
