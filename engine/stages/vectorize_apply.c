/* vectorize_apply.c: ids of words to rows of features, the same whether they were cut in training or later. */
#include "engine/stages/vectorize.h"

/* From the ids of a worker to what is looked up for a column: the feature, or, where sequences count, the word's id in
 * the model. */
static bool map_worker(const struct sl_vectorize_state *state, struct sl_vectorize_scratch *worker,
                       const struct sl_vectorize_model *model, bool sequences)
{
    uint32_t n = sl_vocab_size(worker->table.vocab);
    uint32_t *word = sl_zalloc(n, sizeof *word);
    for (uint32_t id = 0; word && id < n; id++) {
        word[id] = sl_vocab_find(model->table.vocab, sl_vocab_term(worker->table.vocab, id));
    }
    bool ok = word != NULL;
    for (size_t c = 0; ok && c < state->n_columns; c++) {
        uint32_t *entry = sl_zalloc(n, sizeof *entry);
        for (uint32_t id = 0; entry && id < n; id++) {
            entry[id] = sequences || word[id] == SL_NO_TERM ? word[id] : model->columns[c].of_node[word[id]];
        }
        free(worker->entry[c]);
        worker->entry[c] = entry;
        ok = entry != NULL;
    }
    free(word);
    return ok;
}

int sl_vectorize_map_workers(struct sl_stage *stage, const struct sl_vectorize_model *model, struct sl_error *err)
{
    const struct sl_vectorize_params *p = stage->params;
    const struct sl_vectorize_state *state = stage->state;
    for (size_t k = 0; k < state->n_workers; k++) {
        struct sl_vectorize_scratch *worker = state->workers[k];
        if (worker && !map_worker(state, worker, model, p->ngram_range.high > 1)) {
            return sl_fail_memory(err, "making a model of terms");
        }
    }
    return SL_OK;
}

/* Features of single words: `entry` knows them. */
static void add_words(struct sl_row_maker *maker, const uint32_t *entry, const uint32_t *id, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        uint32_t feature = entry[id[i]];
        if (feature != SL_NO_TERM) {
            sl_row_add(maker, feature, false);
        }
    }
}

/* Features of sequences. `entry` (NULL: the same) leads to ids of the model; words it does not know part sequences. */
static void add_sequences(struct sl_row_maker *maker, const struct sl_features *features, const struct sl_pair *range,
                          const uint32_t *entry, const uint32_t *id, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        uint32_t node = SL_NO_TERM;
        for (size_t length = 1; length <= (size_t)range->high && length <= n - i; length++) {
            uint32_t word = id[i + length - 1];
            word = word != SL_NO_TERM && entry ? entry[word] : word;
            if (word == SL_NO_TERM) {
                break;
            }
            node = length == 1 ? word : sl_grams_find(&features->grams, node, word);
            if (node == SL_NO_TERM) {
                break;
            }
            uint32_t feature = features->of_node[node];
            if (length >= (size_t)range->low && feature != SL_NO_TERM) {
                sl_row_add(maker, feature, false);
            }
        }
    }
}

/* Where the ids of a column lead. */
static int find_entry(const struct sl_stage *stage, size_t c, const struct sl_vocab *vocab, const uint32_t **entry,
                      struct sl_error *err)
{
    const struct sl_vectorize_params *p = stage->params;
    const struct sl_vectorize_model *model = stage->model;
    if (vocab == model->table.vocab) {
        *entry = p->ngram_range.high > 1 ? NULL : model->columns[c].of_node;
        return SL_OK;
    }
    const struct sl_vectorize_scratch *worker = sl_vectorize_worker(stage->state, vocab);
    if (!worker) {
        return sl_fail(err, SL_ESTATE, "texts were cut by a vocabulary that was not gathered");
    }
    *entry = worker->entry[c];
    return SL_OK;
}

static int make_rows(const struct sl_vectorize_params *p, const struct sl_features *features, const uint32_t *entry,
                     const struct sl_tokens *tokens, uint32_t n, struct sl_row_maker *maker, uint64_t *start,
                     struct sl_error *err)
{
    struct sl_row_rule rule = { p->binary, p->sublinear_tf, features->idf, p->norm };
    size_t lengths = (size_t)(p->ngram_range.high - p->ngram_range.low + 1);
    start[0] = maker->n = 0;
    for (uint32_t i = 0; i < n; i++) {
        const uint32_t *id = tokens->id + tokens->start[i];
        size_t words = tokens->start[i + 1] - tokens->start[i];
        int status = sl_row_reserve(maker, words * lengths, err);
        if (status != SL_OK) {
            return status;
        }
        if (p->ngram_range.high > 1) {
            add_sequences(maker, features, &p->ngram_range, entry, id, words);
        } else {
            add_words(maker, entry, id, words);
        }
        sl_row_end(maker, &rule);
        start[i + 1] = maker->n;
    }
    return SL_OK;
}

static int apply_column(const struct sl_stage *stage, struct sl_vectorize_scratch *s, size_t c, struct sl_chunk *chunk,
                        struct sl_error *err)
{
    const struct sl_vectorize_state *state = stage->state;
    const struct sl_vectorize_model *model = stage->model;
    const struct sl_features *features = &model->columns[c];
    struct sl_column *column = &chunk->columns[state->columns[c]];
    struct sl_row_maker *maker = &s->rows[c];
    const uint32_t *entry = NULL;
    int status = find_entry(stage, c, column->tokens.vocab, &entry, err);
    if (status == SL_OK && maker->width != features->n) {
        sl_row_maker_release(maker);
        status = sl_row_maker_init(maker, features->n, err);
    }
    uint64_t *start = sl_arena_array(chunk->arena, (size_t)chunk->n + 1, sizeof *start);
    if (status == SL_OK && !start) {
        status = sl_fail_memory(err, "making rows of features");
    }
    if (status == SL_OK) {
        status = make_rows(stage->params, features, entry, &column->tokens, chunk->n, maker, start, err);
    }
    return status == SL_OK ? sl_rows_take(maker, chunk->arena, start, column, err) : status;
}

int sl_vectorize_apply(const struct sl_stage *stage, void *scratch, struct sl_chunk *chunk, struct sl_error *err)
{
    const struct sl_vectorize_state *state = stage->state;
    int status = stage->model ? SL_OK : sl_fail(err, SL_ESTATE, "the encoder is not fitted");
    for (size_t c = 0; status == SL_OK && c < state->n_columns; c++) {
        status = apply_column(stage, scratch, c, chunk, err);
    }
    return status;
}
