/* idx_parse.c: the bytes of a block as columns.
 *
 * Vectors of unsigned bytes stay where they are: the column points into the block. All other elements become floats
 * (in vectors) or doubles (alone, and labels), most significant byte first. A double that no float can come near to
 * puts its record into the quarantine; NaN and infinities that stand in a file are taken as they are. */
#include "engine/data/idx_private.h"

#include <float.h>
#include <inttypes.h>
#include <math.h>

static uint32_t load32(const unsigned char *p)
{
    uint32_t x;
    memcpy(&x, p, sizeof x);
    return __builtin_bswap32(x);
}

static float load_float(const unsigned char *p)
{
    uint32_t bits = load32(p);
    float x;
    memcpy(&x, &bits, sizeof x);
    return x;
}

static double load_double(const unsigned char *p)
{
    uint64_t bits;
    double x;
    memcpy(&bits, p, sizeof bits);
    bits = __builtin_bswap64(bits);
    memcpy(&x, &bits, sizeof x);
    return x;
}

static double load_one(const struct sl_idx_header *h, const unsigned char *p)
{
    switch ((enum sl_idx_type)h->type) {
    case SL_IDX_UBYTE: return p[0];
    case SL_IDX_BYTE: return (int8_t)p[0];
    case SL_IDX_SHORT: return (int16_t)(p[0] << 8 | p[1]);
    case SL_IDX_INT: return (int32_t)load32(p);
    case SL_IDX_FLOAT: return (double)load_float(p);
    case SL_IDX_DOUBLE: return load_double(p);
    }
    return (double)NAN;
}

static void load_numbers(const struct sl_idx_header *h, const unsigned char *p, double *to, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        to[i] = load_one(h, p + i * h->width);
    }
}

/* One record of a vector; returns the first element that does not fit into a float, or `cells`. */
static uint32_t load_vector(const struct sl_idx_header *h, const unsigned char *p, float *to)
{
    uint32_t n = h->cells, bad = n;
    switch ((enum sl_idx_type)h->type) {
    case SL_IDX_FLOAT:
        for (uint32_t k = 0; k < n; k++) {
            to[k] = load_float(p + 4 * (size_t)k);
        }
        break;
    case SL_IDX_DOUBLE:
        for (uint32_t k = n; k-- > 0;) {
            double x = load_double(p + 8 * (size_t)k);
            to[k] = (float)x;
            bad = isinf(to[k]) && !isinf(x) ? k : bad;
        }
        break;
    default:
        for (uint32_t k = 0; k < n; k++) {
            to[k] = (float)load_one(h, p + k * (size_t)h->width);
        }
    }
    return bad;
}

static int reject(const struct sl_origin *origin, const char *reason, struct sl_str excerpt,
                  struct sl_quarantine *rejects, struct sl_error *err)
{
    struct sl_reject r = { .origin = *origin };
    sl_reject_reason(&r, "%s", reason);
    sl_reject_excerpt(&r, excerpt);
    return sl_quarantine_add(rejects, &r, err);
}

/* A block that next() could make no record of. */
static int parse_bad(const struct sl_idx *idx, const struct sl_block *block, struct sl_arena *arena,
                     struct sl_chunk *chunk, struct sl_quarantine *rejects, struct sl_error *err)
{
    struct sl_origin origin = { block->mark.record, block->mark.line, block->mark.byte, block->mark.file };
    const char *end = memchr(block->data.p, '\n', block->data.n);
    size_t n = end ? (size_t)(end - block->data.p) : block->data.n;
    char *reason = sl_arena_strndup(arena, block->data.p, n);
    if (!reason) {
        return sl_fail_memory(err, "reading records");
    }
    if (block->flags & SL_IDX_BAD_LABELS) {
        const struct sl_idx_header *l = sl_idx_labels(idx, block->mark.file);
        origin.file += (uint32_t)idx->n_data;
        origin.byte = l->start + (block->mark.line - 1) * l->record;
    }
    struct sl_str excerpt = { end ? end + 1 : "", end ? block->data.n - n - 1 : 0 };
    int status = reject(&origin, reason, excerpt, rejects, err);
    return status ? status : sl_chunk_init(chunk, &idx->base.schema, 0, arena, err);
}

static int refuse_double(const struct sl_chunk *chunk, uint32_t i, const struct sl_idx_header *h,
                         const unsigned char *p, uint32_t k, struct sl_quarantine *rejects, struct sl_error *err)
{
    struct sl_buf text = { 0 };
    sl_buf_puts(&text, "element ");
    sl_buf_printf(&text, "%" PRIu32 " is ", k);
    sl_buf_number(&text, load_double(p + h->width * (size_t)k));
    sl_buf_puts(&text, ", too large for a float (at most 3.4e38)");
    int status = text.failed ? sl_fail_memory(err, "reading records")
                             : reject(&chunk->origin[i], text.p, SL_STR(""), rejects, err);
    sl_buf_release(&text);
    return status;
}

static int parse_vectors(const struct sl_idx_header *h, const unsigned char *p, struct sl_chunk *chunk,
                         struct sl_quarantine *rejects, struct sl_error *err)
{
    size_t cells = 0;
    if (h->type == SL_IDX_UBYTE) {
        chunk->columns[0].bytes = (uint8_t *)(uintptr_t)p;
        return SL_OK;
    }
    float *to = sl_mul(chunk->n, h->cells, &cells) ? sl_arena_array(chunk->arena, cells, sizeof *to) : NULL;
    uint64_t *keep = sl_arena_array(chunk->arena, sl_bitmap_words(chunk->n), sizeof *keep);
    if (!to || !keep) {
        return sl_fail_memory(err, "reading records");
    }
    memset(keep, 0xff, sl_bitmap_words(chunk->n) * sizeof *keep);
    chunk->columns[0].vector = to;
    for (uint32_t i = 0; i < chunk->n; i++) {
        uint32_t bad = load_vector(h, p + i * h->record, to + (size_t)i * h->cells);
        if (bad == h->cells) {
            continue;
        }
        keep[i >> 6] &= ~(UINT64_C(1) << (i & 63));
        int status = refuse_double(chunk, i, h, p + i * h->record, bad, rejects, err);
        if (status) {
            return status;
        }
    }
    return sl_chunk_keep(chunk, keep, err);
}

int sl_idx_parse(const struct sl_reader *reader, const struct sl_block *block, struct sl_arena *arena,
                 struct sl_chunk *chunk, struct sl_quarantine *rejects, struct sl_error *err)
{
    const struct sl_idx *idx = (const struct sl_idx *)reader;
    const struct sl_mark *mark = &block->mark;
    if (block->flags & SL_IDX_BAD) {
        return parse_bad(idx, block, arena, chunk, rejects, err);
    }
    const struct sl_idx_header *h = sl_idx_data(idx, mark->file);
    const unsigned char *p = (const unsigned char *)block->data.p;
    uint32_t n = block->records;
    int status = sl_chunk_init(chunk, &reader->schema, n, arena, err);
    if (status) {
        return status;
    }
    for (uint32_t i = 0; i < n; i++) {
        chunk->origin[i] =
            (struct sl_origin){ mark->record + i, mark->line + i, mark->byte + i * h->record, mark->file };
    }
    if (idx->labelled) {
        load_numbers(sl_idx_labels(idx, mark->file), p + n * h->record, chunk->columns[1].number, n);
    }
    if (h->rank == 1) {
        load_numbers(h, p, chunk->columns[0].number, n);
        return SL_OK;
    }
    return parse_vectors(h, p, chunk, rejects, err);
}
