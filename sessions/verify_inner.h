/* verify_inner.h: what the files that verify a training share. */
#ifndef SL_SESSIONS_VERIFY_INNER_H
#define SL_SESSIONS_VERIFY_INNER_H

#include "compare_inner.h"
#include "live.h"
#include "tuning.h"

#include "sluice/digest.h"
#include "sluice/verify.h"

/* A digest kept in the file. */
struct kept_digest {
    char kind[12];
    uint64_t position, record, hash;
    char *checks; /* of kind "checks", hexadecimal; else NULL */
};

/* A file of the source. */
struct data_file {
    char *name, *then, *now; /* as the recipe has it; where it was; where it is now (may not exist) */
    bool known, found;       /* size and time of then; there is a file now */
    bool pictures;           /* it may be a folder of them */
    int64_t size[2];         /* then, now */
    double modified[2];
};

struct verifying {
    const struct sl_verify_options *options;
    const struct sl_compared *run;
    struct sl_verified *out;
    struct book *book;
    struct sl_arena arena;
    struct sl_statement *statements;
    size_t n_statements;
    struct data_file *files;
    size_t n_files;
    const char **paths; /* where they are now, NULL-terminated */
    /* As kept. */
    struct kept_digest *digests;
    size_t n_digests;
    struct tunings tuned; /* what was done to it while it ran */
    struct sl_schema columns;
    struct sl_buf stages, learner; /* what was learned */
    bool own_end;                  /* it was over, or its loss not finite: no one stopped it */
    /* As made again. */
    struct sl_pool *pool;
    struct sl_pipeline *pipeline;
    struct sl_digests *now;
    struct sl_dataset *data;
    struct sl_run *found;
    struct sl_learner *model;
    struct sl_point *points;
    size_t n_points, points_capacity;
    bool converged, failed;   /* how iterating ended */
    size_t first_stage;       /* number of the first that put out something else; 0: none */
    struct sl_result *result; /* its figures alone */
    struct sl_buf stages_now;
};

/* verify_out.c: a row or a reason; texts are copied. */
struct sl_verify_row *verify_row(struct verifying *v, const char *what, uint64_t agree, uint64_t n,
                                 struct sl_error *err);
int verify_first(struct sl_verify_row *row, struct sl_error *err, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
int verify_values(struct sl_verify_row *row, const char *then, const char *now, struct sl_error *err);
int verify_reals(struct sl_verify_row *row, double then, double now, struct sl_error *err);
int verify_hashes(struct sl_verify_row *row, uint64_t then, uint64_t now, struct sl_error *err);
int verify_reason(struct verifying *v, enum sl_verify_cause cause, struct sl_error *err, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
int verify_note(struct verifying *v, enum sl_verify_cause cause, struct sl_error *err, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
bool verify_has_reason(const struct verifying *v, enum sl_verify_cause cause);
/* The same bits, or both no number. */
bool verify_same(double a, double b);

/* verify_kept.c: everything the file has of the training. */
int verify_read(struct verifying *v, struct sl_error *err);
const struct kept_digest *kept_find(const struct verifying *v, const char *kind, uint64_t position);
size_t kept_count(const struct verifying *v, const char *kind);

/* verify_files.c: where the data are; the rows about them. */
int verify_files(struct verifying *v, struct sl_error *err);
bool verify_files_there(const struct verifying *v); /* all of them, of the same size as far as known */
int verify_files_rows(struct verifying *v, struct sl_error *err);

/* Where the data of then and now part. */
struct parting {
    size_t block;            /* the first that differs; n of the shorter: one just ends there */
    bool ended, longer;      /* the data now end there; or go on where those then ended */
    uint64_t record, last;   /* of now: the first that differs is among these */
    struct sl_origin origin; /* of `record`, when it was found */
    bool exact, placed;
    uint64_t blocks;        /* that differ */
    uint64_t n_then, n_now; /* records */
};
/* verify_place.c. columns: they are those of then. tell: in words. alike: how many records of block i are, in their
 * places, what they were, as far as checks tell. */
int parting_find(struct verifying *v, struct parting *p, bool columns, struct sl_error *err);
void parting_tell(const struct verifying *v, const struct parting *p, struct sl_buf *out);
uint64_t parting_alike(const struct verifying *v, size_t i);

/* verify_data.c: the blocks and records of v->now against those kept; verify_hash: only read the source for that;
 * verify_fingerprint: of the whole, alone: for want of better. */
int verify_fingerprint(struct verifying *v, bool alone, struct sl_error *err);
int verify_data(struct verifying *v, struct sl_error *err);
int verify_hash(struct verifying *v, struct sl_error *err);
/* verify_digests.c: text of the statement that stage `position` (from 1) is; empty when none says it. */
const char *verify_statement(const struct verifying *v, uint64_t position);
int verify_columns(struct verifying *v, struct sl_error *err);

/* verify_recipe.c: is the recipe the one that was journaled and run? */
int verify_recipe(struct verifying *v, struct sl_error *err);

/* verify_run.c: carry it out again. */
int verify_run(struct verifying *v, struct sl_error *err);
void verify_run_release(struct verifying *v);

/* verify_digests.c, verify_learnt.c, verify_result.c: what came of it against what was kept. */
int verify_digests(struct verifying *v, struct sl_error *err);
int verify_points(struct verifying *v, struct sl_error *err);
int verify_learnt(struct verifying *v, struct sl_error *err);
int verify_result(struct verifying *v, struct sl_error *err);

/* verify_cause.c: the likely causes, once everything is compared. */
int verify_environment(struct verifying *v, struct sl_error *err);
/* Where it was carried out, once it was. */
int verify_device(struct verifying *v, struct sl_error *err);
int verify_causes(struct verifying *v, struct sl_error *err);

#endif
