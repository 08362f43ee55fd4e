/* drop_duplicates.c: keep the first of records that are equal.
 *
 * A record is known by the 128-bit XXH3 (Collet) of its cells, each framed by whether it has a value and how long it
 * is, so that "ab","c" and "a","bc" differ. Two different records would be taken for one with a chance of about
 * n²/2^129: for ten thousand million records, less than 10^-18. Memory: 16 bytes a distinct record in an open-addressed
 * table that is between 3/8 and 3/4 full. Chunks come in input order, so the result does not depend on the number of
 * threads. */
#define XXH_INLINE_ALL
#include <xxhash.h>

#include "engine/stages/text_stage.h"

#include <math.h>
#include <stdlib.h>

enum { SLOTS_FIRST = 1024 };

struct params {
    struct sl_names columns;
    int keep;
};

static const char *const keeps[] = { "first", NULL };

static const struct params defaults;

static const struct sl_param params[] = {
    SL_COLUMNS(struct params, columns, .types = SL_TEXT | SL_NUMBER,
               .help = "columns that have to be equal; without any, all columns"),
    SL_CHOICE(struct params, keep, .choices = keeps, .help = "which of equal records stays"),
    { 0 },
};

static const struct sl_example examples[] = {
    { "drop_duplicates", .in = "review,n\ngood,1\nbad,1\ngood,1\ngood,2\n",
      .out = "review,n\ngood,1\nbad,1\ngood,2\n" },
    { "drop_duplicates review", .in = "review,n\ngood,1\nbad,1\ngood,2\nGood,3\n",
      .out = "review,n\ngood,1\nbad,1\nGood,3\n", .note = "compared to the letter" },
    { "drop_duplicates b", .in = "a,b\n1,\n2,x\n3,\n", .out = "a,b\n1,\n2,x\n", .note = "missing equals missing" },
    { 0 },
};

/* The records met so far. An empty slot is { 0, 0 }. */
struct seen {
    XXH128_hash_t *slots;
    size_t n, capacity; /* a power of two */
    struct sl_buf row;
};

static int bind(struct sl_stage *stage, const struct sl_schema *in, struct sl_schema *out, struct sl_error *err)
{
    (void)out;
    const struct params *p = stage->params;
    unsigned types = SL_TEXT | SL_NUMBER;
    return p->columns.n ? sl_bind_columns(stage, &p->columns, types, in, err) : sl_bind_all(stage, types, in, err);
}

static void run_end(const struct sl_stage *stage, void *run)
{
    (void)stage;
    struct seen *seen = run;
    if (seen) {
        free(seen->slots);
        sl_buf_release(&seen->row);
        free(seen);
    }
}

static int run_begin(const struct sl_stage *stage, void **run, struct sl_error *err)
{
    struct seen *seen = calloc(1, sizeof *seen);
    if (seen) {
        seen->slots = calloc(SLOTS_FIRST, sizeof *seen->slots);
        seen->capacity = SLOTS_FIRST;
    }
    if (!seen || !seen->slots) {
        run_end(stage, seen);
        return sl_fail_memory(err, "remembering records");
    }
    *run = seen;
    return SL_OK;
}

/* The slot that holds key, or the empty one where it belongs. */
static XXH128_hash_t *find_slot(XXH128_hash_t *slots, size_t capacity, XXH128_hash_t key)
{
    size_t i = (size_t)key.low64 & (capacity - 1);
    while ((slots[i].low64 | slots[i].high64) && !XXH128_isEqual(slots[i], key)) {
        i = (i + 1) & (capacity - 1);
    }
    return &slots[i];
}

static bool grow(struct seen *seen)
{
    size_t capacity;
    XXH128_hash_t *slots = sl_mul(seen->capacity, 2, &capacity) ? calloc(capacity, sizeof *slots) : NULL;
    if (!slots) {
        return false;
    }
    for (size_t i = 0; i < seen->capacity; i++) {
        if (seen->slots[i].low64 | seen->slots[i].high64) {
            *find_slot(slots, capacity, seen->slots[i]) = seen->slots[i];
        }
    }
    free(seen->slots);
    seen->slots = slots;
    seen->capacity = capacity;
    return true;
}

static void add_cell(struct sl_buf *row, const struct sl_column *column, enum sl_type type, uint32_t i)
{
    if (!sl_valid(column, i) || (type == SL_NUMBER && isnan(column->number[i]))) {
        sl_buf_putc(row, 0);
    } else if (type == SL_NUMBER) {
        sl_buf_putc(row, 1);
        sl_buf_f64(row, column->number[i] + 0.0); /* -0 equals 0 */
    } else {
        sl_buf_putc(row, 2);
        sl_buf_blob(row, column->text[i].p, column->text[i].n);
    }
}

static XXH128_hash_t hash_record(const struct sl_stage *stage, struct seen *seen, const struct sl_chunk *chunk,
                                 uint32_t i)
{
    const struct sl_bound_columns *bound = stage->state;
    seen->row.n = 0;
    for (size_t k = 0; k < bound->n; k++) {
        size_t c = bound->column[k];
        add_cell(&seen->row, &chunk->columns[c], stage->in->fields[c].type, i);
    }
    XXH128_hash_t key = XXH3_128bits(seen->row.n ? seen->row.p : "", seen->row.n);
    key.low64 |= !(key.low64 | key.high64);
    return key;
}

static int ordered(const struct sl_stage *stage, void *run, struct sl_chunk *chunk, struct sl_error *err)
{
    struct seen *seen = run;
    uint64_t *keep = sl_arena_zero(chunk->arena, sl_bitmap_words(chunk->n), sizeof *keep);
    if (!keep) {
        return sl_fail_memory(err, "dropping duplicates");
    }
    for (uint32_t i = 0; i < chunk->n; i++) {
        XXH128_hash_t key = hash_record(stage, seen, chunk, i);
        if (seen->row.failed || (seen->n >= seen->capacity / 4 * 3 && !grow(seen))) {
            return sl_fail_memory(err, "remembering records to find duplicates");
        }
        XXH128_hash_t *slot = find_slot(seen->slots, seen->capacity, key);
        if (!(slot->low64 | slot->high64)) {
            *slot = key;
            seen->n++;
            keep[i >> 6] |= UINT64_C(1) << (i & 63);
        }
    }
    return sl_chunk_keep(chunk, keep, err);
}

const struct sl_stage_class sl_stage_drop_duplicates = {
    .name = "drop_duplicates",
    .summary = "drop records that were there before",
    .details = "Of records that are equal in the named columns, the first in the input stays. Values are compared "
               "exactly, after what the stages before made of them: put 'lowercase' or 'trim' first to find more. When "
               "predicting, every record is kept.",
    .kind = SL_RECORD,
    .version = 1,
    .drops = true,
    .params = params,
    .params_size = sizeof(struct params),
    .defaults = &defaults,
    .examples = examples,
    .bind = bind,
    .unbind = sl_unbind_columns,
    .run_begin = run_begin,
    .ordered = ordered,
    .run_end = run_end,
};
