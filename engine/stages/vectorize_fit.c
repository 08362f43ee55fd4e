/* vectorize_fit.c: in how many training records, and how often, each term occurs.
 *
 * One set of counts per worker; merging adds integers, so any order gives the same. Words have fixed places (their
 * merged id); sequences get theirs as they turn up. A record is counted once per term by remembering the last one
 * counted.
 *
 * Memory: 16 bytes a word, some 40 a sequence and worker. */
#include "engine/stages/vectorize.h"

static void counts_release(struct sl_term_counts *counts)
{
    free(counts->count);
    free(counts->path);
    sl_grams_release(&counts->grams);
}

void sl_vectorize_fit_drop(const struct sl_stage *stage, void *partial)
{
    (void)stage;
    struct sl_vectorize_partial *p = partial;
    if (p) {
        for (size_t c = 0; p->columns && c < p->n_columns; c++) {
            counts_release(&p->columns[c]);
        }
        free(p->columns);
        free(p);
    }
}

int sl_vectorize_fit_begin(const struct sl_stage *stage, void **partial, struct sl_error *err)
{
    const struct sl_vectorize_state *state = stage->state;
    uint32_t words = state->words ? sl_vocab_size(state->words) : 0;
    struct sl_vectorize_partial *p = sl_zalloc(1, sizeof *p);
    bool ok = p != NULL;
    if (ok) {
        p->n_columns = state->n_columns;
        p->columns = sl_zalloc(state->n_columns, sizeof *p->columns);
        ok = p->columns != NULL;
    }
    for (size_t c = 0; ok && c < state->n_columns; c++) {
        struct sl_term_counts *counts = &p->columns[c];
        counts->count = sl_zalloc(words, sizeof *counts->count);
        counts->n = counts->capacity = counts->words = words;
        ok = counts->count != NULL;
    }
    if (!ok) {
        sl_vectorize_fit_drop(stage, p);
        return sl_fail_memory(err, "counting terms");
    }
    *partial = p;
    return SL_OK;
}

/* A node for a sequence seen for the first time. */
static bool add_node(struct sl_term_counts *counts, uint32_t node, uint32_t word)
{
    if (counts->n == counts->capacity) {
        uint32_t room = counts->capacity / 2 + 1024;
        if (counts->capacity > SL_NO_TERM - 1 - room) {
            return false;
        }
        uint32_t capacity = counts->capacity + room;
        struct sl_term_count *count = realloc(counts->count, capacity * sizeof *count);
        counts->count = count ? count : counts->count;
        uint64_t *path = realloc(counts->path, (capacity - counts->words) * sizeof *path);
        counts->path = path ? path : counts->path;
        if (!count || !path) {
            return false;
        }
        counts->capacity = capacity;
    }
    counts->count[counts->n] = (struct sl_term_count){ 0 };
    counts->path[counts->n - counts->words] = (uint64_t)node << 32 | word;
    counts->n++;
    return true;
}

/* The node of (node, word), made when new; SL_NO_TERM when there is no room for it. */
static uint32_t extend_node(struct sl_term_counts *counts, uint32_t node, uint32_t word)
{
    uint32_t found = sl_grams_add(&counts->grams, node, word, counts->n);
    return found == counts->n && !add_node(counts, node, word) ? SL_NO_TERM : found;
}

static inline void count_node(struct sl_term_counts *counts, uint32_t node, uint32_t record)
{
    struct sl_term_count *count = &counts->count[node];
    count->total++;
    count->records += count->last != record;
    count->last = record;
}

/* Every sequence of the text; `word` is in merged ids. */
static bool count_text(struct sl_term_counts *counts, const struct sl_pair *range, const uint32_t *word, size_t n,
                       uint32_t record)
{
    for (size_t i = 0; i < n; i++) {
        uint32_t node = word[i];
        size_t longest = (uint64_t)range->high < n - i ? (size_t)range->high : n - i;
        if (range->low == 1) {
            count_node(counts, node, record);
        }
        for (size_t length = 2; length <= longest; length++) {
            node = extend_node(counts, node, word[i + length - 1]);
            if (node == SL_NO_TERM) {
                return false;
            }
            if (length >= (size_t)range->low) {
                count_node(counts, node, record);
            }
        }
    }
    return true;
}

/* The ids of a text in merged numbers: in place when they are already, else in a buffer that grows. */
static const uint32_t *merged_ids(const struct sl_vectorize_scratch *worker, const uint32_t *id, size_t n,
                                  struct sl_buf *buf)
{
    if (!worker->merged || !n) {
        return id;
    }
    buf->n = 0;
    if (!sl_buf_reserve(buf, n * sizeof *id)) {
        return NULL;
    }
    uint32_t *to = (uint32_t *)(void *)buf->p;
    for (size_t i = 0; i < n; i++) {
        to[i] = worker->merged[id[i]];
    }
    return to;
}

static int count_column(const struct sl_stage *stage, struct sl_term_counts *counts, const struct sl_chunk *chunk,
                        size_t column, const uint64_t *rows, uint32_t record, struct sl_error *err)
{
    const struct sl_vectorize_params *p = stage->params;
    const struct sl_tokens *tokens = &chunk->columns[column].tokens;
    const struct sl_vectorize_scratch *worker = sl_vectorize_worker(stage->state, tokens->vocab);
    if (!worker) {
        return sl_fail(err, SL_ESTATE, "texts were cut by a vocabulary that was not gathered");
    }
    struct sl_buf buf = { 0 };
    bool ok = true;
    for (uint32_t i = 0; ok && i < chunk->n; i++) {
        if (sl_row_taken(rows, i)) {
            size_t n = tokens->start[i + 1] - tokens->start[i];
            const uint32_t *words = merged_ids(worker, tokens->id + tokens->start[i], n, &buf);
            ok = words && count_text(counts, &p->ngram_range, words, n, ++record);
        }
    }
    sl_buf_release(&buf);
    return ok ? SL_OK : sl_fail_memory(err, "counting terms");
}

int sl_vectorize_fit_chunk(const struct sl_stage *stage, void *partial, const struct sl_chunk *chunk,
                           const uint64_t *rows, struct sl_error *err)
{
    const struct sl_vectorize_state *state = stage->state;
    struct sl_vectorize_partial *p = partial;
    uint32_t taken = 0;
    for (uint32_t i = 0; i < chunk->n; i++) {
        taken += sl_row_taken(rows, i);
    }
    if (taken > UINT32_MAX - 1 - p->records) {
        return sl_fail(err, SL_ELIMIT, "more than %u training records", UINT32_MAX - 1);
    }
    int status = SL_OK;
    for (size_t c = 0; taken && status == SL_OK && c < state->n_columns; c++) {
        status = count_column(stage, &p->columns[c], chunk, state->columns[c], rows, p->records, err);
    }
    p->records += taken;
    return status;
}

/* Nodes of `from` come after their beginnings, so those have their new number already. */
static bool merge_counts(struct sl_term_counts *into, const struct sl_term_counts *from)
{
    uint32_t words = from->words, beyond = from->n - words;
    uint32_t *place = sl_zalloc(beyond, sizeof *place);
    bool ok = place != NULL;
    for (uint32_t k = 0; ok && k < from->n; k++) {
        uint32_t node = k;
        if (k >= words) {
            uint64_t path = from->path[k - words];
            uint32_t begins = (uint32_t)(path >> 32);
            node = extend_node(into, begins < words ? begins : place[begins - words], (uint32_t)path);
            ok = node != SL_NO_TERM;
            place[k - words] = node;
        }
        if (ok) {
            into->count[node].total += from->count[k].total;
            into->count[node].records += from->count[k].records;
        }
    }
    free(place);
    return ok;
}

int sl_vectorize_fit_merge(const struct sl_stage *stage, void *into, void *from, struct sl_error *err)
{
    (void)stage;
    struct sl_vectorize_partial *a = into, *b = from;
    if (b->records > UINT32_MAX - 1 - a->records) {
        return sl_fail(err, SL_ELIMIT, "more than %u training records", UINT32_MAX - 1);
    }
    for (size_t c = 0; c < a->n_columns; c++) {
        if (!merge_counts(&a->columns[c], &b->columns[c])) {
            return sl_fail_memory(err, "counting terms");
        }
    }
    a->records += b->records;
    return SL_OK;
}
