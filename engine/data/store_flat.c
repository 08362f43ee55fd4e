/* store_flat.c: a chunk as one run of bytes, and back.
 *
 * Written and read by the same process, so numbers keep the machine's form and vocabularies their address. Every part
 * begins at a multiple of 8. Offsets and places of origin take 4 bytes where they fit, which they nearly always do. The
 * writer runs twice over the same code: first with nowhere to write to, counting.
 *
 * What a later stage may write into (bitmaps, numbers: see sl_chunk_set_missing) is copied out of the store again. */
#include "engine/data/store_private.h"

struct head {
    uint64_t sequence;
    struct sl_origin first; /* of record 0 */
    uint32_t n;
    uint32_t near; /* origins are offsets of 4 bytes from `first` */
};

struct part {
    const struct sl_vocab *vocab;
    uint64_t total; /* bytes of text, pairs, ids */
    uint32_t has_valid, has_cells;
};

struct near_origin {
    uint32_t record, line, byte;
};

struct writer {
    char *to; /* NULL: only count */
    size_t n;
};

static size_t rounded(size_t n)
{
    return (n + 7) & ~(size_t)7;
}

static void emit(struct writer *writer, const void *p, size_t n)
{
    if (writer->to && n) {
        memcpy(writer->to + writer->n, p, n);
        memset(writer->to + writer->n + n, 0, rounded(n) - n);
    }
    writer->n += rounded(n);
}

static bool origins_near(const struct sl_chunk *chunk)
{
    for (uint32_t i = 0; i < chunk->n; i++) {
        const struct sl_origin *a = &chunk->origin[0], *b = &chunk->origin[i];
        if (a->file != b->file || b->record - a->record > UINT32_MAX || b->line - a->line > UINT32_MAX ||
            b->byte - a->byte > UINT32_MAX) {
            return false;
        }
    }
    return true;
}

static void emit_origins(struct writer *writer, const struct sl_chunk *chunk, bool near)
{
    if (!near || !writer->to) {
        emit(writer, chunk->origin, chunk->n * (near ? sizeof(struct near_origin) : sizeof *chunk->origin));
        return;
    }
    struct near_origin *to = (void *)(writer->to + writer->n);
    for (uint32_t i = 0; i < chunk->n; i++) {
        const struct sl_origin *a = &chunk->origin[0], *b = &chunk->origin[i];
        to[i] = (struct near_origin){ (uint32_t)(b->record - a->record), (uint32_t)(b->line - a->line),
                                      (uint32_t)(b->byte - a->byte) };
    }
    writer->n += rounded(chunk->n * sizeof *to);
}

/* n + 1 offsets from the first on. */
static void emit_starts(struct writer *writer, const uint64_t *start, uint32_t n)
{
    bool narrow = start[n] - start[0] <= UINT32_MAX;
    size_t width = narrow ? sizeof(uint32_t) : sizeof(uint64_t);
    if (writer->to) {
        char *to = writer->to + writer->n;
        for (uint32_t i = 0; i <= n; i++) {
            uint64_t offset = start[i] - start[0];
            uint32_t small = (uint32_t)offset;
            memcpy(to + i * width, narrow ? (const void *)&small : &offset, width);
        }
    }
    writer->n += rounded(((size_t)n + 1) * width);
}

static uint64_t text_bytes(const struct sl_str *text, uint32_t n)
{
    uint64_t total = 0;
    for (uint32_t i = 0; i < n; i++) {
        total += text[i].n;
    }
    return total;
}

/* Lengths, 4 or 8 bytes each, then the bytes of all cells. */
static void emit_text(struct writer *writer, const struct sl_str *text, uint32_t n, uint64_t total)
{
    bool narrow = total <= UINT32_MAX;
    size_t width = narrow ? sizeof(uint32_t) : sizeof(uint64_t);
    if (writer->to) {
        char *lengths = writer->to + writer->n, *bytes = lengths + rounded(n * width);
        for (uint32_t i = 0; i < n; i++) {
            uint64_t length = text[i].n;
            uint32_t small = (uint32_t)length;
            memcpy(lengths + i * width, narrow ? (const void *)&small : &length, width);
            if (length) {
                memcpy(bytes, text[i].p, length);
            }
            bytes += length;
        }
    }
    writer->n += rounded(n * width) + rounded(total);
}

/* A picture's size where it stands before its pixels. */
struct extent {
    uint32_t height, width;
};

static uint64_t picture_bytes(const struct sl_field *field, const struct extent *extent)
{
    return (uint64_t)extent->height * extent->width * field->channels;
}

/* Sizes, then the pixels of each; a missing one has none. */
static void emit_pictures(struct writer *writer, const struct sl_field *field, const struct sl_column *column,
                          uint32_t n)
{
    for (int pixels = 0; pixels < 2; pixels++) {
        for (uint32_t i = 0; i < n; i++) {
            const struct sl_picture *picture = &column->picture[i];
            struct extent extent = { picture->height, picture->width };
            if (!sl_valid(column, i)) {
                extent = (struct extent){ 0, 0 };
            }
            emit(writer, pixels ? (const void *)picture->pixels : &extent,
                 pixels ? picture_bytes(field, &extent) : sizeof extent);
        }
    }
}

static void emit_column(struct writer *writer, const struct sl_field *field, const struct sl_column *column, uint32_t n)
{
    struct part part = { .has_valid = column->valid != NULL };
    const uint64_t *start = NULL;
    switch (field->type) {
    case SL_TEXT:
        part.has_cells = 1;
        part.total = text_bytes(column->text, n);
        break;
    case SL_SPARSE: start = column->sparse.start; break;
    case SL_TOKENS:
        start = column->tokens.start;
        part.vocab = column->tokens.vocab;
        break;
    case SL_IMAGE: part.has_cells = column->picture != NULL; break;
    default: part.has_cells = field->type == SL_NUMBER || column->vector;
    }
    if (start) {
        part.has_cells = 1;
        part.total = start[n] - start[0];
    }
    emit(writer, &part, sizeof part);
    if (part.has_valid) {
        emit(writer, column->valid, sl_bitmap_words(n) * sizeof *column->valid);
    }
    if (!part.has_cells) {
        return;
    }
    switch (field->type) {
    case SL_TEXT: emit_text(writer, column->text, n, part.total); break;
    case SL_NUMBER: emit(writer, column->number, n * sizeof *column->number); break;
    case SL_VECTOR: emit(writer, column->vector, n * sl_vector_bytes(field)); break;
    case SL_IMAGE: emit_pictures(writer, field, column, n); break;
    case SL_SPARSE:
        emit_starts(writer, start, n);
        emit(writer, part.total ? column->sparse.index + start[0] : NULL, part.total * sizeof *column->sparse.index);
        emit(writer, part.total ? column->sparse.value + start[0] : NULL, part.total * sizeof *column->sparse.value);
        break;
    case SL_TOKENS:
        emit_starts(writer, start, n);
        emit(writer, part.total ? column->tokens.id + start[0] : NULL, part.total * sizeof *column->tokens.id);
        break;
    default: break;
    }
}

static void emit_chunk(struct writer *writer, const struct sl_schema *schema, const struct sl_chunk *chunk)
{
    struct head head = { .sequence = chunk->sequence, .n = chunk->n, .near = origins_near(chunk) };
    if (chunk->n) {
        head.first = chunk->origin[0];
    }
    emit(writer, &head, sizeof head);
    emit_origins(writer, chunk, head.near);
    for (size_t c = 0; c < schema->n; c++) {
        emit_column(writer, &schema->fields[c], &chunk->columns[c], chunk->n);
    }
}

size_t sl_flat_size(const struct sl_schema *schema, const struct sl_chunk *chunk)
{
    struct writer writer = { 0 };
    emit_chunk(&writer, schema, chunk);
    return writer.n;
}

void sl_flat_write(const struct sl_schema *schema, const struct sl_chunk *chunk, char *to)
{
    struct writer writer = { .to = to };
    emit_chunk(&writer, schema, chunk);
}

/* ---- Reading ---- */

struct source {
    const char *p;
    struct sl_arena *arena;
};

/* n bytes of the store. Cells are never written to, but chunks have no const ones. */
static void *borrow(struct source *source, size_t n)
{
    const char *p = source->p;
    source->p += rounded(n);
    return (void *)(uintptr_t)p;
}

static void *copied(struct source *source, size_t n)
{
    void *p = sl_arena_take(source->arena, n, 16);
    const void *from = borrow(source, n);
    return p && n ? memcpy(p, from, n) : p;
}

static struct sl_origin *read_origins(struct source *source, const struct head *head)
{
    if (!head->near) {
        return copied(source, head->n * sizeof(struct sl_origin));
    }
    struct sl_origin *origin = sl_arena_array(source->arena, head->n, sizeof *origin);
    const struct near_origin *from = borrow(source, head->n * sizeof *from);
    for (uint32_t i = 0; origin && i < head->n; i++) {
        origin[i] = head->first;
        origin[i].record += from[i].record;
        origin[i].line += from[i].line;
        origin[i].byte += from[i].byte;
    }
    return origin;
}

static uint64_t *read_starts(struct source *source, uint32_t n, uint64_t total)
{
    if (total > UINT32_MAX) {
        return copied(source, ((size_t)n + 1) * sizeof(uint64_t));
    }
    uint64_t *start = sl_arena_array(source->arena, (size_t)n + 1, sizeof *start);
    const uint32_t *from = borrow(source, ((size_t)n + 1) * sizeof *from);
    for (uint32_t i = 0; start && i <= n; i++) {
        start[i] = from[i];
    }
    return start;
}

static struct sl_str *read_text(struct source *source, uint32_t n, uint64_t total)
{
    struct sl_str *text = sl_arena_array(source->arena, n, sizeof *text);
    bool narrow = total <= UINT32_MAX;
    const char *lengths = borrow(source, n * (narrow ? sizeof(uint32_t) : sizeof(uint64_t)));
    const char *bytes = borrow(source, total);
    for (uint32_t i = 0; text && i < n; i++) {
        size_t length = narrow ? ((const uint32_t *)(const void *)lengths)[i]
                               : ((const uint64_t *)(const void *)lengths)[i];
        text[i] = (struct sl_str){ bytes, length };
        bytes += length;
    }
    return text;
}

static struct sl_picture *read_pictures(struct source *source, const struct sl_field *field, uint32_t n)
{
    struct sl_picture *picture = sl_arena_array(source->arena, n, sizeof *picture);
    const struct extent *extent = borrow(source, n * sizeof *extent);
    for (uint32_t i = 0; picture && i < n; i++) {
        picture[i] = (struct sl_picture){ .height = extent[i].height, .width = extent[i].width };
        picture[i].pixels = borrow(source, picture_bytes(field, &extent[i]));
    }
    return picture;
}

static bool read_column(struct source *source, const struct sl_field *field, uint32_t n, struct sl_column *column)
{
    const struct part *part = borrow(source, sizeof *part);
    if (part->has_valid) {
        column->valid = copied(source, sl_bitmap_words(n) * sizeof *column->valid);
        if (!column->valid) {
            return false;
        }
    }
    if (!part->has_cells) {
        return true;
    }
    switch (field->type) {
    case SL_TEXT: column->text = read_text(source, n, part->total); return column->text != NULL;
    case SL_NUMBER: column->number = copied(source, n * sizeof *column->number); return column->number != NULL;
    case SL_VECTOR: column->vector = borrow(source, n * sl_vector_bytes(field)); return true;
    case SL_IMAGE: column->picture = read_pictures(source, field, n); return column->picture != NULL;
    case SL_SPARSE:
        column->sparse.start = read_starts(source, n, part->total);
        column->sparse.index = borrow(source, part->total * sizeof *column->sparse.index);
        column->sparse.value = borrow(source, part->total * sizeof *column->sparse.value);
        return column->sparse.start != NULL;
    case SL_TOKENS:
        column->tokens.start = read_starts(source, n, part->total);
        column->tokens.id = borrow(source, part->total * sizeof *column->tokens.id);
        column->tokens.vocab = part->vocab;
        return column->tokens.start != NULL;
    default: return true;
    }
}

int sl_flat_read(const struct sl_schema *schema, const char *from, struct sl_arena *arena, struct sl_chunk *out,
                 struct sl_error *err)
{
    struct source source = { .p = from, .arena = arena };
    const struct head *head = borrow(&source, sizeof *head);
    struct sl_chunk chunk = { .schema = schema, .arena = arena, .sequence = head->sequence, .n = head->n };
    chunk.origin = read_origins(&source, head);
    chunk.columns = sl_arena_zero(arena, schema->n, sizeof *chunk.columns);
    bool ok = chunk.origin && chunk.columns;
    for (size_t c = 0; c < schema->n && ok; c++) {
        ok = read_column(&source, &schema->fields[c], chunk.n, &chunk.columns[c]);
    }
    if (!ok) {
        return sl_fail_memory(err, "reading records back");
    }
    *out = chunk;
    return SL_OK;
}
