/* substeps_vectorize.c: `tfidf` and `count` step by step: words found, stop words left out, sequences made, terms of
 * the model counted, weighted, and the row scaled.
 *
 * Words and sequences come from the stage's own tokenizer; counts and weights are what the stage's apply makes with the
 * later steps switched off, and the last step is its result. */
#include "engine/stages/substeps.h"
#include "engine/stages/vectorize.h"

enum phase { FOUND, STOPPED, SEQUENCES, COUNTED, WEIGHTED, SCALED, PHASES };

static const char *const phase_names[] = { "words found",   "stop words left out", "sequences of words",
                                           "terms counted", "terms weighted",      "row scaled" };

/* Does this phase do anything with these parameters? */
static bool takes_place(const struct sl_vectorize_params *p, int phase)
{
    switch (phase) {
    case STOPPED: return p->stop_words != 0;
    case SEQUENCES: return p->ngram_range.high > 1;
    case WEIGHTED: return p->use_idf || p->sublinear_tf || p->binary;
    case SCALED: return p->norm != SL_NORM_NONE;
    default: return true;
    }
}

struct list {
    struct sl_substep_item *item;
    size_t n, capacity;
};

static bool add(struct list *list, struct sl_str term, double value, uint32_t feature)
{
    if (list->n == list->capacity) {
        size_t capacity = list->capacity ? list->capacity * 2 : 256, bytes;
        struct sl_substep_item *item = sl_mul(capacity, sizeof *item, &bytes) ? realloc(list->item, bytes) : NULL;
        if (!item) {
            return false;
        }
        list->item = item;
        list->capacity = capacity;
    }
    list->item[list->n++] = (struct sl_substep_item){ term, value, feature };
    return true;
}

/* Words of a text; with `stop`, without the stop words. */
static int list_words(const struct sl_stage *stage, struct sl_vectorize_scratch *s, struct sl_str text, bool stop,
                      struct sl_arena *arena, struct list *list, struct sl_error *err)
{
    const struct sl_vectorize_model *model = stage->model;
    int status = sl_tokenizer_begin(&s->tokenizer, text, err);
    size_t words = 1;
    while (status == SL_OK && words) {
        status = sl_tokenizer_next(&s->tokenizer, &words, err);
        for (size_t i = 0; status == SL_OK && i < words; i++) {
            uint32_t begin = s->tokenizer.spans[2 * i], end = s->tokenizer.spans[2 * i + 1];
            struct sl_str word = { s->tokenizer.text + begin, end - begin };
            if (stop && sl_vocab_find(model->table.vocab, word) < model->table.stop) {
                continue;
            }
            word.p = sl_arena_strndup(arena, word.p, word.n);
            if (!word.p || !add(list, word, (double)NAN, UINT32_MAX)) {
                status = sl_fail_memory(err, "stepping into a stage");
            }
        }
    }
    return status;
}

/* Words lo..hi-1 joined by blanks. */
static struct sl_str join(const struct sl_substep_item *word, size_t n, struct sl_arena *arena)
{
    size_t bytes = n - 1;
    for (size_t i = 0; i < n; i++) {
        bytes += word[i].term.n;
    }
    char *p = sl_arena_array(arena, bytes + 1, 1);
    size_t at = 0;
    for (size_t i = 0; p && i < n; i++) {
        if (i) {
            p[at++] = ' ';
        }
        if (word[i].term.n) {
            memcpy(p + at, word[i].term.p, word[i].term.n);
        }
        at += word[i].term.n;
    }
    return (struct sl_str){ p, bytes };
}

static int list_sequences(const struct sl_pair *range, const struct list *words, struct sl_arena *arena,
                          struct list *list, struct sl_error *err)
{
    for (size_t i = 0; i < words->n; i++) {
        for (size_t n = (size_t)range->low; n <= (size_t)range->high && n <= words->n - i; n++) {
            struct sl_str term = join(words->item + i, n, arena);
            if (!term.p || !add(list, term, (double)NAN, UINT32_MAX)) {
                return sl_fail_memory(err, "stepping into a stage");
            }
        }
    }
    return SL_OK;
}

/* The stage with what lies behind a phase switched off. Its model is shared but for the weights. */
static int make_shadow(const struct sl_stage *stage, enum phase phase, struct sl_arena *arena, struct sl_stage *shadow,
                       struct sl_error *err)
{
    const struct sl_vectorize_model *model = stage->model;
    struct sl_vectorize_params *p = sl_substeps_params(stage, arena);
    struct sl_vectorize_model *bare = sl_arena_zero(arena, 1, sizeof *bare);
    struct sl_features *columns = sl_arena_zero(arena, model->n_columns, sizeof *columns);
    if (!p || !bare || !columns) {
        return sl_fail_memory(err, "stepping into a stage");
    }
    memcpy(columns, model->columns, model->n_columns * sizeof *columns);
    *bare = *model;
    bare->columns = columns;
    p->norm = phase == SCALED ? p->norm : SL_NORM_NONE;
    if (phase == COUNTED) {
        p->binary = p->sublinear_tf = false;
        for (size_t c = 0; c < model->n_columns; c++) {
            columns[c].idf = NULL;
        }
    }
    *shadow = sl_substeps_shadow(stage, p);
    shadow->model = bare;
    return SL_OK;
}

static int list_features(const struct sl_stage *stage, void *scratch, const struct sl_chunk *chunk, size_t c,
                         enum phase phase, struct sl_arena *arena, struct list *list, struct sl_error *err)
{
    const struct sl_vectorize_state *state = stage->state;
    const struct sl_vectorize_model *model = stage->model;
    struct sl_stage shadow;
    struct sl_chunk row = *chunk;
    row.arena = arena;
    int status = sl_chunk_share(&row, &row, err);
    status = status == SL_OK ? make_shadow(stage, phase, arena, &shadow, err) : status;
    status = status == SL_OK ? sl_vectorize_digest(&shadow, scratch, &row, err) : status;
    status = status == SL_OK ? sl_vectorize_apply(&shadow, scratch, &row, err) : status;
    if (status != SL_OK) {
        return status;
    }
    const struct sl_sparse *sparse = &row.columns[state->columns[c]].sparse;
    for (uint64_t k = sparse->start[0]; k < sparse->start[1]; k++) {
        uint32_t j = sparse->index[k];
        if (!add(list, model->columns[c].term[j], (double)sparse->value[k], j)) {
            return sl_fail_memory(err, "stepping into a stage");
        }
    }
    return SL_OK;
}

/* What a phase leaves of column c of the stage. */
static int run_phase(const struct sl_stage *stage, void *scratch, const struct sl_chunk *chunk, size_t c,
                     enum phase phase, struct sl_arena *arena, struct list *list, struct sl_error *err)
{
    const struct sl_vectorize_params *p = stage->params;
    const struct sl_vectorize_state *state = stage->state;
    const struct sl_column *column = &chunk->columns[state->columns[c]];
    struct sl_str text = sl_valid(column, 0) ? column->text[0] : SL_STR("");
    if (phase >= COUNTED) {
        return list_features(stage, scratch, chunk, c, phase, arena, list, err);
    }
    if (!text.n) {
        return SL_OK;
    }
    if (phase < SEQUENCES) {
        return list_words(stage, scratch, text, phase == STOPPED, arena, list, err);
    }
    struct list words = { 0 };
    int status = list_words(stage, scratch, text, p->stop_words != 0, arena, &words, err);
    status = status == SL_OK ? list_sequences(&p->ngram_range, &words, arena, list, err) : status;
    free(words.item);
    return status;
}

static int show(const struct sl_stage *stage, void *scratch, const struct sl_chunk *chunk, size_t c, enum phase phase,
                struct sl_arena *arena, struct sl_substep *out, struct sl_error *err)
{
    const struct sl_vectorize_state *state = stage->state;
    struct list list = { 0 };
    int status = run_phase(stage, scratch, chunk, c, phase, arena, &list, err);
    struct sl_substep_item *item = sl_arena_array(arena, list.n, sizeof *item);
    if (status == SL_OK && !item) {
        status = sl_fail_memory(err, "stepping into a stage");
    }
    if (status == SL_OK && list.n) {
        memcpy(item, list.item, list.n * sizeof *item);
    }
    free(list.item);
    *out = (struct sl_substep){
        .column = state->columns[c], .what = sl_str(phase_names[phase]), .list = true, .items = item, .n_items = list.n
    };
    return status;
}

static int at(const struct sl_stage *stage, void *scratch, const struct sl_chunk *chunk, uint32_t k,
              struct sl_arena *arena, struct sl_substep *out, uint32_t *n, struct sl_error *err)
{
    const struct sl_vectorize_state *state = stage->state;
    int status = SL_OK;
    *out = (struct sl_substep){ 0 };
    *n = 0;
    for (size_t c = 0; stage->model && c < state->n_columns; c++) {
        for (int phase = FOUND; phase < PHASES; phase++) {
            if (!takes_place(stage->params, phase)) {
                continue;
            }
            if (++*n == k && status == SL_OK) {
                status = show(stage, scratch, chunk, c, (enum phase)phase, arena, out, err);
            }
        }
    }
    return status;
}

/* ---- What it has learned ---- */

static void explain_term(const struct sl_vectorize_params *p, const struct sl_features *features, uint32_t j,
                         double weight, uint64_t n_train, struct sl_buf *to)
{
    double more = p->smooth_idf ? 1 : 0;
    sl_buf_printf(to, "%.*s: %.6g", (int)features->term[j].n, features->term[j].p, weight);
    if (features->idf) {
        double share = exp(1 - features->idf[j]); /* of records with the term; both counts raised when smoothed */
        sl_buf_printf(to, ", idf %.6g", features->idf[j]);
        if (n_train) {
            sl_buf_printf(to, ", in %.0f of %llu training records", round(share * ((double)n_train + more) - more),
                          (unsigned long long)n_train);
        } else {
            sl_buf_printf(to, ", in %.3g %% of the training records", share * 100);
        }
    }
    sl_buf_putc(to, '\n');
}

static void explain(const struct sl_stage *stage, const struct sl_chunk *before, const struct sl_chunk *after,
                    size_t column, uint64_t n_train, struct sl_buf *to)
{
    const struct sl_vectorize_state *state = stage->state;
    const struct sl_vectorize_model *model = stage->model;
    (void)before;
    for (size_t c = 0; model && c < state->n_columns; c++) {
        if (state->columns[c] != column) {
            continue;
        }
        const struct sl_sparse *row = &after->columns[column].sparse;
        sl_buf_printf(to, "%s: %u features\n", stage->out.fields[column].name, model->columns[c].n);
        for (uint64_t k = row->start[0]; k < row->start[1]; k++) {
            explain_term(stage->params, &model->columns[c], row->index[k], (double)row->value[k], n_train, to);
        }
    }
}

const struct sl_stage_substeps sl_substeps_vectorize = { .at = at, .explain = explain };
