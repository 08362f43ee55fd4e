/* vectorize_model.c: what a fitted text encoder keeps: its terms, their weights, and the way from words to features.
 *
 * Saved are the options that shape features (as text, to be compared), and per column its name, terms and idf. All else
 * is rebuilt from them, so that a loaded encoder and a fitted one are the same thing. */
#include "engine/stages/vectorize.h"

int sl_vectorize_model_new(struct sl_vectorize_model **out, size_t n_columns, bool stop_words, struct sl_error *err)
{
    struct sl_vectorize_model *model = sl_zalloc(1, sizeof *model);
    if (model) {
        sl_arena_init(&model->arena);
        model->n_columns = n_columns;
        model->columns = sl_zalloc(n_columns, sizeof *model->columns);
    }
    if (!model || !model->columns) {
        sl_vectorize_model_free(model);
        return sl_fail_memory(err, "making a model of terms");
    }
    int status = sl_token_table_init(&model->table, stop_words, err);
    if (status != SL_OK) {
        sl_vectorize_model_free(model);
        return status;
    }
    *out = model;
    return SL_OK;
}

void sl_vectorize_model_free(struct sl_vectorize_model *model)
{
    if (!model) {
        return;
    }
    for (size_t c = 0; model->columns && c < model->n_columns; c++) {
        free(model->columns[c].of_node);
        sl_grams_release(&model->columns[c].grams);
    }
    free(model->columns);
    sl_token_table_release(&model->table);
    sl_arena_release(&model->arena);
    free(model);
}

int sl_features_alloc(struct sl_vectorize_model *model, size_t column, size_t n, bool idf, struct sl_error *err)
{
    struct sl_features *features = &model->columns[column];
    features->n = (uint32_t)n;
    features->term = sl_arena_zero(&model->arena, n, sizeof *features->term);
    features->idf = idf ? sl_arena_zero(&model->arena, n, sizeof *features->idf) : NULL;
    return features->term && (features->idf || !idf) ? SL_OK : sl_fail_memory(err, "making a model of terms");
}

/* The next word of a term: the bytes up to a blank, where a term is a sequence of words. False after the last. */
static bool next_word(struct sl_str *rest, bool sequences, struct sl_str *word)
{
    if (!rest->p) {
        return false;
    }
    const char *blank = sequences && rest->n ? memchr(rest->p, ' ', rest->n) : NULL;
    *word = (struct sl_str){ rest->p, blank ? (size_t)(blank - rest->p) : rest->n };
    *rest = blank ? (struct sl_str){ blank + 1, rest->n - word->n - 1 } : (struct sl_str){ 0 };
    return true;
}

static bool add_words(struct sl_vectorize_model *model, const struct sl_features *features, bool sequences)
{
    for (uint32_t j = 0; j < features->n; j++) {
        struct sl_str rest = features->term[j], word;
        while (next_word(&rest, sequences, &word)) {
            if (sl_token_table_word(&model->table, word) == SL_NO_TERM) {
                return false;
            }
        }
    }
    return true;
}

/* Nodes for all features of a column; words have theirs. */
static bool add_nodes(struct sl_vectorize_model *model, struct sl_features *features, bool sequences)
{
    uint32_t words = sl_vocab_size(model->table.vocab), nodes = words;
    uint32_t *last = sl_zalloc(features->n, sizeof *last);
    bool ok = last != NULL;
    for (uint32_t j = 0; ok && j < features->n; j++) {
        struct sl_str rest = features->term[j], word;
        next_word(&rest, sequences, &word);
        uint32_t node = sl_vocab_find(model->table.vocab, word);
        while (ok && next_word(&rest, sequences, &word)) {
            node = sl_grams_add(&features->grams, node, sl_vocab_find(model->table.vocab, word), nodes);
            nodes += node == nodes;
            ok = node != SL_NO_TERM && nodes < SL_NO_TERM;
        }
        last[j] = node;
    }
    features->of_node = ok ? malloc((size_t)nodes * sizeof *features->of_node + 1) : NULL;
    if (features->of_node) {
        memset(features->of_node, 0xff, (size_t)nodes * sizeof *features->of_node);
        for (uint32_t j = 0; j < features->n; j++) {
            features->of_node[last[j]] = j;
        }
    }
    free(last);
    return features->of_node != NULL;
}

int sl_vectorize_model_finish(struct sl_stage *stage, struct sl_vectorize_model *model, struct sl_error *err)
{
    const struct sl_vectorize_params *p = stage->params;
    const struct sl_vectorize_state *state = stage->state;
    bool sequences = p->ngram_range.high > 1, ok = true;
    for (size_t c = 0; ok && c < model->n_columns; c++) {
        ok = add_words(model, &model->columns[c], sequences);
    }
    model->table.frozen = true;
    for (size_t c = 0; ok && c < model->n_columns; c++) {
        ok = add_nodes(model, &model->columns[c], sequences);
    }
    int status = ok ? sl_vectorize_map_workers(stage, model, err) : sl_fail_memory(err, "making a model of terms");
    if (status != SL_OK) {
        return status;
    }
    for (size_t c = 0; c < model->n_columns; c++) {
        stage->out.fields[state->columns[c]].width = model->columns[c].n;
    }
    sl_vectorize_model_free(stage->model);
    stage->model = model;
    return SL_OK;
}

void sl_vectorize_feature_name(const struct sl_stage *stage, size_t column, uint32_t j, struct sl_buf *to)
{
    const struct sl_vectorize_state *state = stage->state;
    const struct sl_vectorize_model *model = stage->model;
    for (size_t c = 0; model && c < state->n_columns; c++) {
        if (state->columns[c] == column && j < model->columns[c].n) {
            sl_buf_add(to, model->columns[c].term[j].p, model->columns[c].term[j].n);
        }
    }
}

/* ---- End of the fit ---- */

/* scikit-learn's weight: ln(records / records with the term) + 1, both raised by one when smoothed. */
static double idf_of(const struct sl_vectorize_params *p, uint32_t records, uint32_t with_term)
{
    double more = p->smooth_idf ? 1 : 0;
    return log((records + more) / (with_term + more)) + 1;
}

static int fill_column(const struct sl_stage *stage, struct sl_vectorize_model *model, size_t c,
                       const struct sl_vectorize_partial *partial, struct sl_error *err)
{
    const struct sl_vectorize_params *p = stage->params;
    const struct sl_vectorize_state *state = stage->state;
    const struct sl_term_counts *counts = &partial->columns[c];
    const char *name = stage->out.fields[state->columns[c]].name;
    struct sl_term *terms;
    uint32_t n;
    struct sl_arena arena;
    sl_arena_init(&arena);
    int status = sl_vectorize_select(p, name, counts, partial->records, state->words, &arena, &terms, &n, err);
    if (status != SL_OK) {
        sl_arena_release(&arena);
        return status;
    }
    status = sl_features_alloc(model, c, n, p->use_idf, err);
    struct sl_features *features = &model->columns[c];
    for (uint32_t j = 0; status == SL_OK && j < n; j++) {
        features->term[j] =
            (struct sl_str){ sl_arena_strndup(&model->arena, terms[j].text.p, terms[j].text.n), terms[j].text.n };
        if (!features->term[j].p) {
            status = sl_fail_memory(err, "making a model of terms");
        } else if (p->use_idf) {
            features->idf[j] = idf_of(p, partial->records, counts->count[terms[j].node].records);
        }
    }
    free(terms);
    sl_arena_release(&arena);
    return status;
}

int sl_vectorize_fit_end(struct sl_stage *stage, void *partial, struct sl_error *err)
{
    const struct sl_vectorize_params *p = stage->params;
    const struct sl_vectorize_state *state = stage->state;
    struct sl_vectorize_model *model = NULL;
    int status = sl_vectorize_model_new(&model, state->n_columns, p->stop_words, err);
    for (size_t c = 0; status == SL_OK && c < state->n_columns; c++) {
        status = fill_column(stage, model, c, partial, err);
    }
    status = status == SL_OK ? sl_vectorize_model_finish(stage, model, err) : status;
    if (status != SL_OK) {
        sl_vectorize_model_free(model);
    }
    return status;
}
