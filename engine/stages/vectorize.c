/* vectorize.c: binding of the text encoders, and from texts to ids of words.
 *
 * In the first pass each worker has a vocabulary of its own; gather() numbers them as one, extending the first
 * worker's. Once there is a model, texts are digested by its vocabulary, which knows only the words that matter and
 * never grows. Which of the two a chunk was digested by is seen from the vocabulary it names. */
#include "engine/stages/vectorize.h"

#include "engine/stages/text_stage.h"

int sl_vectorize_check_ngrams(const struct sl_pair *range, struct sl_error *err)
{
    if (range->low < 1 || range->low > range->high) {
        sl_fail(err, SL_EPARAM, "ngram_range of %lld to %lld words", (long long)range->low, (long long)range->high);
        sl_fix(err, "give the shortest and the longest sequence, as in ngram_range=1,2");
        return sl_blame(err, SL_EPARAM, "ngram_range");
    }
    return SL_OK;
}

static int check_amounts(const struct sl_vectorize_params *p, struct sl_error *err)
{
    if (p->max_df.share == p->min_df.share && p->max_df.value < p->min_df.value) {
        sl_fail(err, SL_EPARAM, "max_df is below min_df: no term could stay");
        sl_fix(err, "raise max_df, or lower min_df");
        return sl_blame(err, SL_EPARAM, "max_df");
    }
    return SL_OK;
}

int sl_vectorize_bind(struct sl_stage *stage, const struct sl_schema *in, struct sl_schema *out, struct sl_error *err)
{
    const struct sl_vectorize_params *p = stage->params;
    struct sl_vectorize_state *state = sl_zalloc(1, sizeof *state);
    if (!state) {
        return sl_fail_memory(err, "binding a text encoder");
    }
    stage->state = state;
    struct sl_token_options options = { p->lowercase, p->strip_accents, p->token_pattern };
    int status = sl_vectorize_check_ngrams(&p->ngram_range, err);
    status = status == SL_OK ? check_amounts(p, err) : status;
    status = status == SL_OK ? sl_token_rules_init(&state->rules, &options, err) : status;
    if (status == SL_OK) {
        status = sl_stage_columns(stage, &p->columns, SL_TEXT, in, &state->columns, &state->n_columns, err);
    }
    for (size_t c = 0; status == SL_OK && c < state->n_columns; c++) {
        struct sl_field *field = &out->fields[state->columns[c]];
        field->type = SL_SPARSE;
        field->width = 0; /* known when fitted */
        field->encoded = true;
    }
    return status;
}

void sl_vectorize_unbind(struct sl_stage *stage)
{
    struct sl_vectorize_state *state = stage->state;
    if (state) {
        free(state->columns);
        free(state->workers);
        sl_token_rules_release(&state->rules);
        free(state);
    }
    sl_vectorize_model_free(stage->model);
    stage->state = stage->model = NULL;
}

int sl_vectorize_scratch_new(const struct sl_stage *stage, void **scratch, struct sl_error *err)
{
    const struct sl_vectorize_state *state = stage->state;
    struct sl_vectorize_scratch *made = sl_zalloc(1, sizeof *made);
    if (made) {
        sl_tokenizer_init(&made->tokenizer, &state->rules);
        made->entry = sl_zalloc(state->n_columns, sizeof *made->entry);
        made->rows = sl_zalloc(state->n_columns, sizeof *made->rows);
    }
    if (!made || !made->entry || !made->rows) {
        sl_vectorize_scratch_free(stage, made);
        return sl_fail_memory(err, "preparing to cut texts");
    }
    *scratch = made;
    return SL_OK;
}

void sl_vectorize_scratch_free(const struct sl_stage *stage, void *scratch)
{
    struct sl_vectorize_state *state = stage->state;
    struct sl_vectorize_scratch *s = scratch;
    if (!s) {
        return;
    }
    for (size_t k = 0; k < state->n_workers; k++) {
        if (state->workers[k] == s) {
            state->workers[k] = NULL;
        }
    }
    for (size_t c = 0; c < state->n_columns; c++) {
        if (s->entry) {
            free(s->entry[c]);
        }
        if (s->rows) {
            sl_row_maker_release(&s->rows[c]);
        }
    }
    free(s->entry);
    free(s->rows);
    sl_tokenizer_release(&s->tokenizer);
    sl_token_table_release(&s->table);
    free(s->merged);
    free(s->ids);
    free(s);
}

/* ---- Texts to ids ---- */

static bool reserve_ids(struct sl_vectorize_scratch *s, size_t n)
{
    if (n <= s->capacity) {
        return true;
    }
    size_t capacity = n + n / 2, bytes;
    uint32_t *ids = sl_mul(capacity, sizeof *ids, &bytes) ? realloc(s->ids, bytes) : NULL;
    if (!ids) {
        return false;
    }
    s->ids = ids;
    s->capacity = capacity;
    return true;
}

/* Append the ids of one text to s->ids[*n…]. */
static int digest_text(struct sl_vectorize_scratch *s, struct sl_token_table *table, bool skip, struct sl_str text,
                       size_t *n, struct sl_error *err)
{
    int status = sl_tokenizer_begin(&s->tokenizer, text, err);
    size_t words, kept;
    while (status == SL_OK) {
        status = sl_tokenizer_next(&s->tokenizer, &words, err);
        if (status != SL_OK || words == 0) {
            return status;
        }
        if (!reserve_ids(s, *n + words)) {
            return sl_fail_memory(err, "cutting texts");
        }
        status = sl_token_table_ids(table, &s->tokenizer, words, skip, s->ids + *n, &kept, err);
        *n += kept;
    }
    return status;
}

static int digest_column(struct sl_vectorize_scratch *s, struct sl_token_table *table, bool skip,
                         struct sl_chunk *chunk, size_t column, struct sl_error *err)
{
    const struct sl_column *old = &chunk->columns[column];
    uint64_t *start = sl_arena_array(chunk->arena, (size_t)chunk->n + 1, sizeof *start);
    if (!start) {
        return sl_fail_memory(err, "cutting texts");
    }
    size_t n = 0;
    start[0] = 0;
    for (uint32_t i = 0; i < chunk->n; i++) {
        if (sl_valid(old, i) && old->text[i].n) {
            int status = digest_text(s, table, skip, old->text[i], &n, err);
            if (status != SL_OK) {
                return status == SL_ENOMEM ? status : sl_error_record(err, status, &chunk->origin[i]);
            }
        }
        start[i + 1] = n;
    }
    uint32_t *ids = sl_arena_array(chunk->arena, n, sizeof *ids);
    if (!ids) {
        return sl_fail_memory(err, "cutting texts");
    }
    if (n) {
        memcpy(ids, s->ids, n * sizeof *ids);
    }
    chunk->columns[column] = (struct sl_column){ .tokens = { start, ids, table->vocab } };
    return SL_OK;
}

int sl_vectorize_digest(const struct sl_stage *stage, void *scratch, struct sl_chunk *chunk, struct sl_error *err)
{
    const struct sl_vectorize_params *p = stage->params;
    const struct sl_vectorize_state *state = stage->state;
    struct sl_vectorize_model *model = stage->model;
    struct sl_vectorize_scratch *s = scratch;
    struct sl_token_table *table = model ? &model->table : &s->table;
    int status = SL_OK;
    if (!table->vocab) {
        status = sl_token_table_init(table, p->stop_words, err);
    } else if (!table->slots) {
        status = sl_fail(err, SL_ESTATE, "texts cannot be added once the vocabularies are gathered");
    }
    /* Words without a feature are of use only where they keep their neighbours apart. */
    bool skip = model && p->ngram_range.high == 1;
    for (size_t c = 0; status == SL_OK && c < state->n_columns; c++) {
        status = digest_column(s, table, skip, chunk, state->columns[c], err);
    }
    return status;
}

/* ---- One numbering ---- */

struct sl_vectorize_scratch *sl_vectorize_worker(const struct sl_vectorize_state *state, const struct sl_vocab *vocab)
{
    for (size_t k = 0; k < state->n_workers; k++) {
        if (state->workers[k] && state->workers[k]->table.vocab == vocab) {
            return state->workers[k];
        }
    }
    return NULL;
}

/* A word with a blank would make two different sequences look alike. */
static int check_blanks(const struct sl_vectorize_params *p, const struct sl_vocab *words, struct sl_error *err)
{
    for (uint32_t id = 0; id < sl_vocab_size(words); id++) {
        struct sl_str word = sl_vocab_term(words, id);
        if (word.n && memchr(word.p, ' ', word.n)) {
            sl_fail(err, SL_EPARAM,
                    "token_pattern '%.80s' finds '%.*s', which holds a blank; sequences of words are "
                    "written with blanks between",
                    p->token_pattern, word.n < 40 ? (int)word.n : 40, word.p);
            sl_fix(err, "use a pattern without blanks, or ngram_range=1,1");
            return sl_blame(err, SL_EPARAM, "token_pattern");
        }
    }
    return SL_OK;
}

static int merge_words(struct sl_vocab *words, struct sl_vectorize_scratch *worker, struct sl_error *err)
{
    uint32_t n = sl_vocab_size(worker->table.vocab);
    worker->merged = sl_zalloc(n, sizeof *worker->merged);
    if (!worker->merged) {
        return sl_fail_memory(err, "gathering vocabularies");
    }
    for (uint32_t id = 0; id < n; id++) {
        worker->merged[id] = sl_vocab_add(words, sl_vocab_term(worker->table.vocab, id));
        if (worker->merged[id] == SL_NO_TERM) {
            return sl_fail_memory(err, "gathering vocabularies");
        }
    }
    return SL_OK;
}

int sl_vectorize_gather(struct sl_stage *stage, void *const *scratches, size_t n, struct sl_error *err)
{
    const struct sl_vectorize_params *p = stage->params;
    struct sl_vectorize_state *state = stage->state;
    if (stage->model || state->workers) {
        sl_fail(err, SL_ESTATE, "the encoder is fitted already");
        return sl_fix(err, "assemble the pipeline anew to fit it again"), SL_ESTATE;
    }
    state->workers = sl_zalloc(n, sizeof *state->workers);
    if (!state->workers) {
        return sl_fail_memory(err, "gathering vocabularies");
    }
    for (size_t k = 0; k < n; k++) {
        struct sl_vectorize_scratch *worker = scratches[k];
        if (!worker || !worker->table.vocab) {
            continue; /* it never saw a chunk */
        }
        state->workers[state->n_workers++] = worker;
        sl_token_table_close(&worker->table);
        int status = SL_OK;
        if (!state->words) {
            state->words = worker->table.vocab;
        } else {
            status = merge_words(state->words, worker, err);
        }
        if (status != SL_OK) {
            return status;
        }
    }
    bool blanks = state->words && state->rules.code && p->ngram_range.high > 1;
    return blanks ? check_blanks(p, state->words, err) : SL_OK;
}
