/* chunk.c: making, sharing, thinning and slicing chunks.
 *
 * All work is on column arrays; the cells themselves (bytes of text, pairs of a sparse row in a slice) are shared. Bits
 * of a bitmap past the last record are 0, so that whole words can be counted. */
#include "sluice/chunk.h"

#include <math.h>

int sl_chunk_init(struct sl_chunk *chunk, const struct sl_schema *schema, uint32_t n, struct sl_arena *arena,
                  struct sl_error *err)
{
    struct sl_chunk made = { .schema = schema, .arena = arena, .n = n };
    made.columns = sl_arena_zero(arena, schema->n, sizeof *made.columns);
    made.origin = sl_arena_zero(arena, n, sizeof *made.origin);
    if (!made.columns || !made.origin) {
        return sl_fail_memory(err, "making room for records");
    }
    for (size_t c = 0; c < schema->n; c++) {
        struct sl_column *column = &made.columns[c];
        switch (schema->fields[c].type) {
        case SL_TEXT:
            column->text = sl_arena_zero(arena, n, sizeof *column->text);
            if (!column->text) {
                return sl_fail_memory(err, "making room for records");
            }
            break;
        case SL_NUMBER:
            column->number = sl_arena_zero(arena, n, sizeof *column->number);
            if (!column->number) {
                return sl_fail_memory(err, "making room for records");
            }
            break;
        case SL_IMAGE:
            column->picture = sl_arena_zero(arena, n, sizeof *column->picture);
            if (!column->picture) {
                return sl_fail_memory(err, "making room for records");
            }
            break;
        default: break;
        }
    }
    *chunk = made;
    return SL_OK;
}

int sl_chunk_share(struct sl_chunk *to, const struct sl_chunk *from, struct sl_error *err)
{
    size_t n = from->schema->n;
    struct sl_column *columns = sl_arena_array(from->arena, n, sizeof *columns);
    if (!columns) {
        return sl_fail_memory(err, "sharing records");
    }
    if (n) {
        memcpy(columns, from->columns, n * sizeof *columns);
    }
    *to = *from;
    to->columns = columns;
    return SL_OK;
}

int sl_chunk_set_missing(struct sl_chunk *chunk, size_t column, uint32_t i, struct sl_error *err)
{
    struct sl_column *col = &chunk->columns[column];
    if (!col->valid) {
        size_t words = sl_bitmap_words(chunk->n);
        uint64_t *valid = sl_arena_array(chunk->arena, words, sizeof *valid);
        if (!valid) {
            return sl_fail_memory(err, "marking a value missing");
        }
        memset(valid, 0xff, words * sizeof *valid);
        if (chunk->n & 63) {
            valid[words - 1] = (UINT64_C(1) << (chunk->n & 63)) - 1;
        }
        col->valid = valid;
    }
    col->valid[i >> 6] &= ~(UINT64_C(1) << (i & 63));
    if (chunk->schema->fields[column].type == SL_NUMBER) {
        col->number[i] = NAN;
    }
    return SL_OK;
}

/* ---- Keep ---- */

static bool all_kept(const uint64_t *keep, uint32_t n)
{
    uint32_t whole = n >> 6;
    for (uint32_t w = 0; w < whole; w++) {
        if (~keep[w]) {
            return false;
        }
    }
    uint64_t tail = (UINT64_C(1) << (n & 63)) - 1;
    return !(n & 63) || (keep[whole] & tail) == tail;
}

/* The numbers of the bits set among the first n, into rows; returns how many. */
static uint32_t list_kept(const uint64_t *keep, uint32_t n, uint32_t *rows)
{
    uint32_t kept = 0;
    for (uint32_t w = 0; w < sl_bitmap_words(n); w++) {
        uint64_t bits = keep[w];
        if (n - w * 64 < 64) {
            bits &= (UINT64_C(1) << (n & 63)) - 1;
        }
        for (; bits; bits &= bits - 1) {
            rows[kept++] = w * 64 + (uint32_t)__builtin_ctzll(bits);
        }
    }
    return kept;
}

static void *gather(struct sl_arena *arena, const void *from, size_t size, const uint32_t *rows, uint32_t n)
{
    char *to = sl_arena_array(arena, n, size);
    if (!to) {
        return NULL;
    }
    switch (size) {
    case sizeof(double):
        for (uint32_t i = 0; i < n; i++) {
            memcpy(to + i * sizeof(double), (const char *)from + rows[i] * sizeof(double), sizeof(double));
        }
        break;
    case sizeof(struct sl_str):
        for (uint32_t i = 0; i < n; i++) {
            memcpy(to + i * sizeof(struct sl_str), (const char *)from + rows[i] * sizeof(struct sl_str),
                   sizeof(struct sl_str));
        }
        break;
    default:
        for (uint32_t i = 0; i < n; i++) {
            memcpy(to + i * size, (const char *)from + rows[i] * size, size);
        }
    }
    return to;
}

/* Rows of varying length: offsets in *start, elements of 4 bytes in *a and, if not NULL, *b. */
static bool gather_lists(struct sl_arena *arena, uint64_t **start, void **a, void **b, const uint32_t *rows, uint32_t n)
{
    const uint64_t *from = *start;
    uint64_t *to = sl_arena_array(arena, (size_t)n + 1, sizeof *to);
    if (!to) {
        return false;
    }
    to[0] = 0;
    for (uint32_t i = 0; i < n; i++) {
        to[i + 1] = to[i] + (from[rows[i] + 1] - from[rows[i]]);
    }
    void **parts[2] = { a, b };
    for (int k = 0; k < 2 && parts[k]; k++) {
        const char *old = *parts[k];
        char *new = sl_arena_array(arena, to[n], 4);
        if (!new) {
            return false;
        }
        for (uint32_t i = 0; i < n && to[n]; i++) {
            memcpy(new + to[i] * 4, old + from[rows[i]] * 4, (to[i + 1] - to[i]) * 4);
        }
        *parts[k] = new;
    }
    *start = to;
    return true;
}

static bool keep_valid(struct sl_arena *arena, struct sl_column *column, const uint32_t *rows, uint32_t n)
{
    if (!column->valid) {
        return true;
    }
    uint64_t *valid = sl_arena_zero(arena, sl_bitmap_words(n), sizeof *valid);
    if (!valid) {
        return false;
    }
    for (uint32_t i = 0; i < n; i++) {
        valid[i >> 6] |= (column->valid[rows[i] >> 6] >> (rows[i] & 63) & 1) << (i & 63);
    }
    column->valid = valid;
    return true;
}

static bool keep_column(struct sl_arena *arena, const struct sl_field *field, struct sl_column *column,
                        const uint32_t *rows, uint32_t n)
{
    if (!keep_valid(arena, column, rows, n)) {
        return false;
    }
    void *a, *b;
    bool ok = true;
    switch (field->type) {
    case SL_TEXT:
        column->text = gather(arena, column->text, sizeof *column->text, rows, n);
        return column->text != NULL;
    case SL_NUMBER:
        column->number = gather(arena, column->number, sizeof *column->number, rows, n);
        return column->number != NULL;
    case SL_IMAGE:
        column->picture = column->picture ? gather(arena, column->picture, sizeof *column->picture, rows, n) : NULL;
        return column->picture != NULL || n == 0;
    case SL_VECTOR:
        if (column->vector) {
            column->vector = gather(arena, column->vector, sl_vector_bytes(field), rows, n);
            ok = column->vector != NULL;
        }
        return ok;
    case SL_SPARSE:
        if (column->sparse.start) {
            a = column->sparse.index;
            b = column->sparse.value;
            ok = gather_lists(arena, &column->sparse.start, &a, &b, rows, n);
            column->sparse.index = a;
            column->sparse.value = b;
        }
        return ok;
    case SL_TOKENS:
        if (column->tokens.start) {
            a = column->tokens.id;
            ok = gather_lists(arena, &column->tokens.start, &a, NULL, rows, n);
            column->tokens.id = a;
        }
        return ok;
    default: return true;
    }
}

int sl_chunk_keep(struct sl_chunk *chunk, const uint64_t *keep, struct sl_error *err)
{
    if (all_kept(keep, chunk->n)) {
        return SL_OK;
    }
    struct sl_arena *arena = chunk->arena;
    size_t n_columns = chunk->schema->n;
    struct sl_chunk kept = *chunk;
    uint32_t *rows = sl_arena_array(arena, chunk->n, sizeof *rows);
    kept.columns = sl_arena_array(arena, n_columns, sizeof *kept.columns);
    if (!rows || !kept.columns) {
        return sl_fail_memory(err, "dropping records");
    }
    kept.n = list_kept(keep, chunk->n, rows);
    kept.origin = gather(arena, chunk->origin, sizeof *chunk->origin, rows, kept.n);
    bool ok = kept.origin != NULL;
    for (size_t c = 0; c < n_columns && ok; c++) {
        kept.columns[c] = chunk->columns[c];
        ok = keep_column(arena, &chunk->schema->fields[c], &kept.columns[c], rows, kept.n);
    }
    if (!ok) {
        return sl_fail_memory(err, "dropping records");
    }
    *chunk = kept;
    return SL_OK;
}

/* ---- Slice ---- */

static uint64_t *slice_bits(struct sl_arena *arena, const uint64_t *bits, uint32_t first, uint32_t n)
{
    uint64_t *to = sl_arena_zero(arena, sl_bitmap_words(n), sizeof *to);
    for (uint32_t i = 0; to && i < n; i++) {
        to[i >> 6] |= (bits[(first + i) >> 6] >> ((first + i) & 63) & 1) << (i & 63);
    }
    return to;
}

int sl_chunk_slice(struct sl_chunk *to, const struct sl_chunk *from, uint32_t first, uint32_t n, struct sl_error *err)
{
    struct sl_chunk slice;
    int status = sl_chunk_share(&slice, from, err);
    if (status) {
        return status;
    }
    slice.n = n;
    slice.origin = from->origin + first;
    for (size_t c = 0; c < from->schema->n; c++) {
        struct sl_column *column = &slice.columns[c];
        const struct sl_field *field = &from->schema->fields[c];
        if (column->valid) {
            column->valid = slice_bits(from->arena, column->valid, first, n);
            if (!column->valid) {
                return sl_fail_memory(err, "taking records out of a chunk");
            }
        }
        if (field->type == SL_TEXT) {
            column->text += first;
        } else if (field->type == SL_NUMBER) {
            column->number += first;
        } else if (field->type == SL_IMAGE && column->picture) {
            column->picture += first;
        } else if (field->type == SL_VECTOR && field->bytes && column->bytes) {
            column->bytes += (size_t)first * field->width;
        } else if (field->type == SL_VECTOR && column->vector) {
            column->vector += (size_t)first * field->width;
        } else if (field->type == SL_SPARSE && column->sparse.start) {
            column->sparse.start += first;
        } else if (field->type == SL_TOKENS && column->tokens.start) {
            column->tokens.start += first;
        }
    }
    *to = slice;
    return SL_OK;
}
