/* vectorize.h: texts to sparse counts or weights of terms: the engine behind `tfidf`, `count` and, for its rows,
 * `hashing`; private to the stages.
 *
 * Flow  digest: a text becomes ids of its words, in a vocabulary of the worker (vectorize.c)
 *       gather: the workers' vocabularies get one numbering (vectorize.c)
 *       fit:    how often, and in how many records, each term occurs (vectorize_fit.c, vectorize_gram.c)
 *       end:    which terms become features (vectorize_select.c), and the model of them (vectorize_model.c)
 *       apply:  ids to features to rows (vectorize_apply.c, vectorize_row.c)
 * Terms are words or sequences of words (n-grams). Every figure is a sum of integers up to the last step, and features
 * are sorted by term, so that nothing depends on how the records were spread over workers. */
#ifndef SLUICE_STAGES_VECTORIZE_H
#define SLUICE_STAGES_VECTORIZE_H

#include "engine/stages/encoder.h"
#include "engine/stages/token.h"

enum sl_norm { SL_NORM_NONE, SL_NORM_L1, SL_NORM_L2 };
extern const char *const sl_norm_choices[];

/* Of `tfidf`; `count` has the same with weights switched off. */
struct sl_vectorize_params {
    struct sl_names columns;
    bool lowercase;
    int strip_accents;
    char *token_pattern;
    int stop_words;
    struct sl_pair ngram_range;
    struct sl_amount max_df, min_df;
    int64_t max_features; /* SL_NONE: all */
    bool binary;
    int norm; /* enum sl_norm */
    bool use_idf, smooth_idf, sublinear_tf;
};

/* ---- Sequences of words ---- */

/* A sequence is its beginning (one word less) and its last word; so each is a node under its beginning, and a pair of
 * numbers names it exactly. Nodes below the number of words are the words themselves. */
struct sl_grams {
    uint64_t *key; /* node << 32 | word, plus one; 0: free */
    uint32_t *node;
    size_t mask;
    uint32_t used;
};
void sl_grams_release(struct sl_grams *grams);
/* The node of (node, word), or SL_NO_TERM. */
uint32_t sl_grams_find(const struct sl_grams *grams, uint32_t node, uint32_t word);
/* The same, put there as `fresh` when new; SL_NO_TERM when out of memory. */
uint32_t sl_grams_add(struct sl_grams *grams, uint32_t node, uint32_t word, uint32_t fresh);

/* ---- Counting ---- */

struct sl_term_count {
    uint64_t total; /* occurrences */
    uint32_t records;
    uint32_t last; /* record that was counted last */
};

/* The counts of one column. */
struct sl_term_counts {
    struct sl_term_count *count; /* per node */
    uint64_t *path;              /* per node beyond the words: its beginning << 32 | last word */
    uint32_t n, capacity, words;
    struct sl_grams grams;
};
struct sl_vectorize_partial {
    uint32_t records;
    struct sl_term_counts *columns;
    size_t n_columns;
};
int sl_vectorize_fit_begin(const struct sl_stage *stage, void **partial, struct sl_error *err);
int sl_vectorize_fit_chunk(const struct sl_stage *stage, void *partial, const struct sl_chunk *chunk,
                           const uint64_t *rows, struct sl_error *err);
int sl_vectorize_fit_merge(const struct sl_stage *stage, void *into, void *from, struct sl_error *err);
int sl_vectorize_fit_end(struct sl_stage *stage, void *partial, struct sl_error *err);
void sl_vectorize_fit_drop(const struct sl_stage *stage, void *partial);

/* ---- The model ---- */

struct sl_term {
    uint64_t order; /* its first 8 bytes, big-endian: compared first */
    struct sl_str text;
    uint32_t node;
};
/* The terms of a column that become features, sorted, as an array of its own; their text lies in the arena. */
int sl_vectorize_select(const struct sl_vectorize_params *params, const char *column,
                        const struct sl_term_counts *counts, uint32_t records, const struct sl_vocab *words,
                        struct sl_arena *arena, struct sl_term **terms, uint32_t *n, struct sl_error *err);

struct sl_features {
    struct sl_str *term; /* n, in byte order */
    double *idf;         /* n; NULL: not weighted */
    uint32_t n;
    uint32_t *of_node; /* feature of a node (a word's node is its id), or SL_NO_TERM */
    struct sl_grams grams;
};
struct sl_vectorize_model {
    struct sl_token_table table; /* frozen: stop words, then the words of all features */
    struct sl_features *columns;
    size_t n_columns;
    struct sl_arena arena;
};
int sl_vectorize_model_new(struct sl_vectorize_model **out, size_t n_columns, bool stop_words, struct sl_error *err);
void sl_vectorize_model_free(struct sl_vectorize_model *model);
/* Room for n features of a column. */
int sl_features_alloc(struct sl_vectorize_model *model, size_t column, size_t n, bool idf, struct sl_error *err);
/* Once every column has its terms: words, nodes, widths of stage->out; it becomes the stage's model. */
int sl_vectorize_model_finish(struct sl_stage *stage, struct sl_vectorize_model *model, struct sl_error *err);
int sl_vectorize_save(const struct sl_stage *stage, struct sl_buf *to, struct sl_error *err);
int sl_vectorize_load(struct sl_stage *stage, struct sl_str from, struct sl_error *err);
void sl_vectorize_feature_name(const struct sl_stage *stage, size_t column, uint32_t j, struct sl_buf *to);

/* ---- Rows ---- */

/* Collects the features of a text, then makes its row. */
struct sl_row_maker {
    uint32_t width;
    int32_t *count;        /* per feature; NULL: the width is large, and keys are sorted instead */
    uint64_t *touched;     /* bit per feature */
    uint32_t *key, *spare; /* feature << 1 | is it minus one? */
    size_t n_keys, key_capacity;
    size_t reserved; /* calls of sl_row_add there is room for in this row */
    uint32_t *index; /* rows of the chunk so far */
    float *value;
    double *weight; /* of the row at hand, at the same place */
    size_t n, capacity;
};
struct sl_row_rule {
    bool binary, sublinear;
    const double *idf; /* NULL: 1 */
    int norm;
};
void sl_row_maker_release(struct sl_row_maker *maker);
int sl_row_maker_init(struct sl_row_maker *maker, uint32_t width, struct sl_error *err);
/* Room for up to n more calls of sl_row_add in this row. */
int sl_row_reserve(struct sl_row_maker *maker, size_t n, struct sl_error *err);
static inline void sl_row_add(struct sl_row_maker *maker, uint32_t feature, bool minus)
{
    if (maker->count) {
        maker->count[feature] += minus ? -1 : 1;
        maker->touched[feature >> 6] |= UINT64_C(1) << (feature & 63);
    } else {
        maker->key[maker->n_keys++] = feature << 1 | minus;
    }
}
void sl_row_end(struct sl_row_maker *maker, const struct sl_row_rule *rule);
/* The rows made since the last call, start[n + 1] given, as a column of the chunk. */
int sl_rows_take(struct sl_row_maker *maker, struct sl_arena *arena, uint64_t *start, struct sl_column *column,
                 struct sl_error *err);

/* ---- The stage ---- */

struct sl_vectorize_scratch {
    struct sl_tokenizer tokenizer;
    struct sl_token_table table; /* of the first pass; empty vocabulary: not begun */
    uint32_t *merged;            /* id to the one numbering of all workers; NULL: the same */
    uint32_t **entry;            /* per column, id to feature (words alone) or to id in the model (sequences) */
    uint32_t *ids;               /* of the chunk at hand */
    size_t capacity;
    struct sl_row_maker *rows; /* per column */
};
struct sl_vectorize_state {
    size_t *columns;
    size_t n_columns;
    struct sl_token_rules rules;
    struct sl_vectorize_scratch **workers; /* whose vocabularies were gathered */
    size_t n_workers;
    struct sl_vocab *words; /* the one numbering; owned by a worker */
};
int sl_vectorize_bind(struct sl_stage *stage, const struct sl_schema *in, struct sl_schema *out, struct sl_error *err);
void sl_vectorize_unbind(struct sl_stage *stage);
int sl_vectorize_scratch_new(const struct sl_stage *stage, void **scratch, struct sl_error *err);
void sl_vectorize_scratch_free(const struct sl_stage *stage, void *scratch);
int sl_vectorize_digest(const struct sl_stage *stage, void *scratch, struct sl_chunk *chunk, struct sl_error *err);
int sl_vectorize_gather(struct sl_stage *stage, void *const *scratches, size_t n, struct sl_error *err);
int sl_vectorize_apply(const struct sl_stage *stage, void *scratch, struct sl_chunk *chunk, struct sl_error *err);
/* The worker whose vocabulary this is, or NULL. */
struct sl_vectorize_scratch *sl_vectorize_worker(const struct sl_vectorize_state *state, const struct sl_vocab *vocab);
/* Per column of each worker, from its ids to what apply wants. */
int sl_vectorize_map_workers(struct sl_stage *stage, const struct sl_vectorize_model *model, struct sl_error *err);
/* Ranges that the parameter table cannot state. */
int sl_vectorize_check_ngrams(const struct sl_pair *range, struct sl_error *err);

/* What the tables of `count` and `tfidf` have in common. */
#define SL_VECTORIZE_ROWS                                                                                              \
    SL_COLUMNS(struct sl_vectorize_params, columns, .types = SL_TEXT,                                                  \
               .help = "text columns to encode; without any, all text columns but the target"),                        \
        SL_TOKEN_ROWS(struct sl_vectorize_params),                                                                     \
        SL_AMOUNT(struct sl_vectorize_params, max_df, .unit = "records",                                               \
                  .help = "leave out terms that more records have: a number (1) or a share (1.0) of the training "     \
                          "records"),                                                                                  \
        SL_AMOUNT(struct sl_vectorize_params, min_df, .unit = "records",                                               \
                  .help = "leave out terms that fewer records have: a number (1) or a share (0.01) of the training "   \
                          "records"),                                                                                  \
        SL_INT(struct sl_vectorize_params, max_features, .min = 1, .max = INT32_MAX, .none_ok = true, .unit = "terms", \
               .help = "keep only so many terms: those that occur most often in the training records"),                \
        SL_BOOL(struct sl_vectorize_params, binary, .help = "count a term once, however often it occurs in a text")

#define SL_VECTORIZE_SLOTS                                                                                 \
    .bind = sl_vectorize_bind, .unbind = sl_vectorize_unbind, .scratch_new = sl_vectorize_scratch_new,     \
    .scratch_free = sl_vectorize_scratch_free, .apply = sl_vectorize_apply, .digest = sl_vectorize_digest, \
    .gather = sl_vectorize_gather, .save = sl_vectorize_save, .load = sl_vectorize_load,                   \
    .feature_name = sl_vectorize_feature_name,                                                             \
    .fit = { .exact = true,                                                                                \
             .begin = sl_vectorize_fit_begin,                                                              \
             .chunk = sl_vectorize_fit_chunk,                                                              \
             .merge = sl_vectorize_fit_merge,                                                              \
             .end = sl_vectorize_fit_end,                                                                  \
             .drop = sl_vectorize_fit_drop }

#endif
