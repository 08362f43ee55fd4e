/* compare.h: trainings of several sessions side by side: figures, curves, repeated seeds, judgements, differences.
 *
 * Sessions are only looked at; others may be writing to them. Everything returned is owned by what was asked to be
 * filled and freed by its release function. */
#ifndef SLUICE_COMPARE_H
#define SLUICE_COMPARE_H

#include "sluice/session.h"

/* --- what is compared --- */
struct sl_compared_file {
    char *path; /* absolute, or as given when the session does not know its folder */
    int64_t size;
    double modified; /* unix time */
};
struct sl_compared_fact {
    char *name, *value;
};

/* One training. */
struct sl_compared {
    char *path;  /* of the session */
    char *label; /* its name without folder and ".session"; with "#2" behind it when another of its trainings is there
                    too */
    int64_t run; /* its number in the session */
    enum sl_job job;
    char *recipe; /* statements, one a line */
    char *base;   /* folder of its relative paths; may be NULL */
    bool has_fingerprint;
    uint64_t fingerprint, records, quarantined, dropped;
    struct sl_compared_file *files;
    size_t n_files;
    struct sl_compared_fact *environment; /* of the opening in which the training began */
    size_t n_environment;
    struct sl_point *points;
    size_t n_points;
    struct sl_result *result; /* NULL: has none */
    double seconds;           /* NaN unknown */
};
struct sl_comparison {
    struct sl_compared *runs;
    size_t n;
};
/* The last training of each session, or every one. Errors: as opening a session; SL_ESTATE one has no training. */
int sl_comparison_load(struct sl_comparison *out, const char *const *paths, size_t n, bool every, struct sl_error *err);
void sl_comparison_release(struct sl_comparison *comparison);

/* --- figures --- */
enum sl_metric {
    SL_METRIC_TEST_ACCURACY,
    SL_METRIC_TRAIN_ACCURACY,
    SL_METRIC_TEST_LOSS,
    SL_METRIC_LOSS,
    SL_METRIC_GRADIENT,
    SL_METRICS
};
extern const char *const sl_metric_names[SL_METRICS + 1]; /* "test_accuracy"…; ends with NULL */
/* By name, or SL_METRICS. */
enum sl_metric sl_metric_find(const char *name);
bool sl_metric_rises(enum sl_metric metric); /* more is better */
double sl_metric_value(const struct sl_point *point, enum sl_metric metric);

struct sl_summary {
    double last, best; /* NaN: never evaluated */
    uint64_t best_step, steps;
    double seconds;
};
void sl_compared_summary(const struct sl_compared *run, enum sl_metric metric, struct sl_summary *out);
/* The curve in `width` values, each the mean of its part; NaN where there is none. */
void sl_compared_sketch(const struct sl_compared *run, enum sl_metric metric, double *out, size_t width);

/* --- repeated seeds: the same data and recipe but for random_state --- */
struct sl_group {
    size_t *member; /* runs of the comparison, in order */
    size_t n;
};
int sl_comparison_groups(const struct sl_comparison *comparison, struct sl_group **out, size_t *n,
                         struct sl_error *err);
void sl_groups_free(struct sl_group *groups, size_t n);
/* The recipe's values of random_state, as "split 1, logistic 2"; to be freed. NULL: out of memory. */
char *sl_compared_seed(const struct sl_compared *run);

struct sl_band {
    uint64_t step;
    uint32_t n;      /* runs that have the metric at this step */
    double mean, sd; /* sd: of a sample; NaN when n < 2 */
};
/* One entry for each step that some run of the group has; *out is to be freed. */
int sl_group_band(const struct sl_comparison *comparison, const struct sl_group *group, enum sl_metric metric,
                  struct sl_band **out, size_t *n, struct sl_error *err);

/* --- judgement --- */
enum sl_verdict { SL_CANNOT_TELL, SL_FIRST_BETTER, SL_SECOND_BETTER };
struct sl_judgement {
    enum sl_verdict verdict;
    char test[64];     /* "paired t-test", "Wilcoxon signed-rank", "McNemar's exact test"; "" none was possible */
    char reason[240];  /* how it came about, or why no test was possible */
    size_t pairs;      /* seeds, or records that exactly one of the two got right */
    double difference; /* second minus first, of the means */
    double p;          /* NaN: none */
};
#define SL_SIGNIFICANT 0.05
/* Two groups by the last values of their seeds, paired by equal seeds: at least three pairs. Where the seeds split the
 * data anew the t-test allows for the splits' overlap (Nadeau and Bengio 2003). */
int sl_compare_groups(const struct sl_comparison *comparison, const struct sl_group *first,
                      const struct sl_group *second, enum sl_metric metric, struct sl_judgement *out,
                      struct sl_error *err);
/* Two single trainings by what their models say of the same test records. The data are read and prepared again, once
 * for each: who asks must be ready to wait. Records are the same when data and split are; else, and when data are no
 * longer there, the verdict is SL_CANNOT_TELL with the reason. */
int sl_compare_predictions(const struct sl_compared *first, const struct sl_compared *second, int threads,
                           uint64_t memory, struct sl_progress *progress, struct sl_judgement *out,
                           struct sl_error *err);

/* --- differences --- */
enum sl_difference_kind {
    SL_DIFFERENT_DATA,
    SL_DIFFERENT_RECIPE,
    SL_DIFFERENT_PARAMETER,
    SL_DIFFERENT_ENVIRONMENT,
    SL_DIFFERENT_RESULT,
    SL_DIFFERENT_KINDS
};
extern const char *const sl_difference_names[SL_DIFFERENT_KINDS];
struct sl_difference {
    enum sl_difference_kind kind;
    char *name;
    char *first, *second; /* NULL: there only in the other */
};
struct sl_differences {
    struct sl_difference *at;
    size_t n, capacity;
};
/* Only what differs, by kind. Recipe: lines taken away (second NULL) and added (first NULL), in order. */
int sl_compare_differences(const struct sl_compared *first, const struct sl_compared *second,
                           struct sl_differences *out, struct sl_error *err);
void sl_differences_release(struct sl_differences *differences);

#endif
