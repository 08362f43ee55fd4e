/* drift_inner.h: what the files that look for drift share. */
#ifndef SL_SESSIONS_DRIFT_INNER_H
#define SL_SESSIONS_DRIFT_INNER_H

#include "compare_inner.h"

#include "sluice/drift.h"
#include "sluice/vocab.h"

enum { LOOK_WORDS = 8 };

/* The words an encoder of the session knows, for one column. */
struct fitted_words {
    char *stage, *column;
    size_t statement; /* of the encoder */
    struct sl_vocab *terms;
    uint64_t n; /* single words */
};

/* What was found in some data. */
struct look {
    struct sl_schema schema; /* of the source */
    struct sl_column_profile *columns;
    uint64_t records, quarantined, fingerprint;
    struct sl_vocab *classes;
    uint64_t *class_count;
    size_t n_classes;
    uint64_t words[LOOK_WORDS], unseen[LOOK_WORDS], distinct[LOOK_WORDS], distinct_unseen[LOOK_WORDS];
    bool cleaned;                /* classes and words were counted */
    struct sl_error not_cleaned; /* why not */
};

struct looking {
    const struct sl_statement *statements;
    size_t n;
    const char *base;
    const struct fitted_words *words;
    size_t n_words;
    struct sl_pool *pool;
    uint64_t memory;
    struct sl_progress *progress;
};

/* drift_look.c */
int look_at(struct look *out, const struct looking *how, struct sl_error *err);
void look_release(struct look *look);

/* drift_words.c: the records behind the last stage before the first encoder: classes and words counted. */
int look_clean(struct look *out, const struct looking *how, struct sl_error *err);

/* drift_classes.c: the classes' shares and their test, into d. */
int drift_classes(const struct sl_compared *run, const struct look *after, struct sl_drift *d, struct sl_error *err);

/* drift_like.c: the last training of a session. */
int like_load(struct sl_comparison *out, const char *session, struct sl_error *err);
int like_recipe(const struct sl_compared *run, const char *const *paths, struct sl_buf *recipe, struct sl_error *err);

#endif
