/* drift.h: yesterday's recipe on today's data, and how the data have changed since.
 *
 * What is known of a session's data: their columns and classes always; shares of missing values, means and the share of
 * unseen words only while the data themselves are there and unchanged, for they are read again. */
#ifndef SLUICE_DRIFT_H
#define SLUICE_DRIFT_H

#include "sluice/session.h"

/* The recipe of a session's last training, one statement a line, reading `paths` (NULL-terminated) instead; *base gets
 * the folder its other relative paths count from, to be freed; NULL: the current one. Another kind of file brings its
 * own reader. Errors: as opening a session; SL_ESTATE it has no training; SL_EIO a path cannot be read. */
int sl_like_recipe(const char *session, const char *const *paths, struct sl_buf *recipe, char **base,
                   struct sl_error *err);

struct sl_drift_side {
    enum sl_type type;      /* 0: there is no such column */
    double missing;         /* share of records; NaN unknown, as the next two */
    double mean, deviation; /* of a number column */
};
struct sl_drift_column {
    char *name;
    struct sl_drift_side before, after;
    double shift; /* of the mean, in deviations of before; NaN unknown */
};
struct sl_drift_class {
    char *name;
    uint64_t before, after; /* records that reach the label */
};
/* Of a text column that an encoder has a vocabulary of. */
struct sl_drift_words {
    char *stage, *column;
    uint64_t terms;                 /* fitted, single words */
    uint64_t before, before_unseen; /* words in all; before 0: unknown */
    uint64_t after, after_unseen;
    uint64_t distinct, distinct_unseen; /* of after */
};
struct sl_drift {
    bool known;    /* the data of before could be read */
    char why[240]; /* they could not; or why classes and words of after are not known */
    uint64_t records_before, records_after, quarantined_before, quarantined_after;
    bool same_bytes; /* the data are those of before */
    struct sl_drift_column *columns;
    size_t n_columns;
    struct sl_drift_class *classes;
    size_t n_classes;
    double chi_square, df, p; /* of the classes' shares; NaN: none to compare */
    struct sl_drift_words *words;
    size_t n_words;
};
int sl_drift_find(struct sl_drift *out, const char *session, const char *const *paths, int threads, uint64_t memory,
                  struct sl_progress *progress, struct sl_error *err);
void sl_drift_release(struct sl_drift *drift);
/* One JSON object (no newline): event "drift". */
void sl_drift_json(const struct sl_drift *drift, struct sl_buf *out);

#endif
