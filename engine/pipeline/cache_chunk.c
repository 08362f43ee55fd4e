/* cache_chunk.c: a chunk as bytes that stand by themselves, and back.
 *
 * Unlike the store's form these bytes may come from anywhere: every count, offset, index and length is checked against
 * what there is before it is used. Numbers have the machine's form; the file says which that is. */
#include "cache_private.h"

static void put_array(struct sl_buf *to, const void *p, size_t n, size_t size)
{
    if (n && !p)
        to->failed = true;
    else
        sl_buf_add(to, n ? p : "", n * size);
}

static void save_starts(struct sl_buf *to, const uint64_t *start, uint32_t n)
{
    sl_buf_u64(to, start[n] - start[0]);
    for (uint32_t i = 0; i < n; i++)
        sl_buf_u64(to, start[i + 1] - start[i]);
}

/* A picture that is missing has no size and no pixels. */
static void save_pictures(struct sl_buf *to, const struct sl_field *field, const struct sl_column *column, uint32_t n)
{
    sl_buf_u32(to, field->channels);
    for (uint32_t i = 0; i < n; i++) {
        const struct sl_picture *picture = &column->picture[i];
        bool valid = sl_valid(column, i);
        sl_buf_u32(to, valid ? picture->height : 0);
        sl_buf_u32(to, valid ? picture->width : 0);
        if (valid)
            put_array(to, picture->pixels, (size_t)picture->height * picture->width, field->channels);
    }
}

static void save_column(struct sl_buf *to, const struct sl_field *field, const struct sl_column *column, uint32_t n)
{
    sl_buf_u32(to, (uint32_t)field->type);
    sl_buf_u32(to, column->valid != NULL);
    if (column->valid)
        put_array(to, column->valid, sl_bitmap_words(n), sizeof *column->valid);
    switch (field->type) {
    case SL_TEXT:
        for (uint32_t i = 0; i < n; i++)
            sl_buf_u64(to, column->text[i].n);
        for (uint32_t i = 0; i < n; i++)
            put_array(to, column->text[i].p, column->text[i].n, 1);
        break;
    case SL_NUMBER: put_array(to, column->number, n, sizeof *column->number); break;
    case SL_VECTOR:
        sl_buf_u32(to, field->width);
        sl_buf_u32(to, field->bytes);
        put_array(to, column->vector, n, sl_vector_bytes(field));
        break;
    case SL_IMAGE: save_pictures(to, field, column, n); break;
    case SL_SPARSE: {
        const struct sl_sparse *sparse = &column->sparse;
        size_t total = n ? (size_t)(sparse->start[n] - sparse->start[0]) : 0;
        sl_buf_u32(to, field->width);
        if (n)
            save_starts(to, sparse->start, n);
        if (total) {
            put_array(to, sparse->index + sparse->start[0], total, sizeof *sparse->index);
            put_array(to, sparse->value + sparse->start[0], total, sizeof *sparse->value);
        }
        break;
    }
    default: to->failed = true; /* such a chunk is not kept: see the run */
    }
}

void sl_chunk_save(const struct sl_schema *schema, const struct sl_chunk *chunk, struct sl_buf *to)
{
    sl_buf_u64(to, chunk->sequence);
    sl_buf_u32(to, chunk->n);
    sl_buf_u32(to, (uint32_t)schema->n);
    for (uint32_t i = 0; i < chunk->n; i++) {
        sl_buf_u64(to, chunk->origin[i].record);
        sl_buf_u64(to, chunk->origin[i].line);
        sl_buf_u64(to, chunk->origin[i].byte);
        sl_buf_u32(to, chunk->origin[i].file);
    }
    for (size_t c = 0; c < schema->n; c++)
        save_column(to, &schema->fields[c], &chunk->columns[c], chunk->n);
}

/* ---- Reading ---- */

/* A copy of n elements, aligned; NULL when there are not so many bytes, or no memory (`failed` is set). */
static void *take_array(struct sl_blob *from, struct sl_arena *arena, size_t n, size_t size)
{
    size_t bytes = 0;
    if (from->failed || !sl_mul(n, size, &bytes) || bytes > (size_t)(from->end - from->p)) {
        from->failed = true;
        return NULL;
    }
    void *p = sl_arena_array(arena, n ? n : 1, size);
    if (!p)
        from->failed = true;
    else if (bytes)
        memcpy(p, from->p, bytes);
    from->p += bytes;
    return p;
}

static void load_text(struct sl_blob *from, struct sl_arena *arena, uint32_t n, struct sl_column *column)
{
    uint64_t *length = take_array(from, arena, n, sizeof *length);
    column->text = sl_arena_array(arena, n ? n : 1, sizeof *column->text);
    if (!length || !column->text)
        from->failed = true;
    for (uint32_t i = 0; i < n && !from->failed; i++) {
        if (length[i] > (uint64_t)(from->end - from->p)) {
            from->failed = true;
            return;
        }
        column->text[i] = (struct sl_str){ from->p, (size_t)length[i] };
        from->p += length[i];
    }
}

static void load_sparse(struct sl_blob *from, struct sl_arena *arena, uint32_t n, uint32_t width,
                        struct sl_sparse *sparse)
{
    sparse->start = sl_arena_zero(arena, (size_t)n + 1, sizeof *sparse->start);
    uint64_t total = n ? sl_blob_u64(from) : 0;
    uint64_t *length = take_array(from, arena, n, sizeof *length);
    if (!length || !sparse->start || total > (uint64_t)(from->end - from->p)) {
        from->failed = true;
        return;
    }
    for (uint32_t i = 0; i < n; i++) {
        if (length[i] > total - sparse->start[i]) {
            from->failed = true;
            return;
        }
        sparse->start[i + 1] = sparse->start[i] + length[i];
    }
    from->failed |= sparse->start[n] != total;
    sparse->index = take_array(from, arena, (size_t)total, sizeof *sparse->index);
    sparse->value = take_array(from, arena, (size_t)total, sizeof *sparse->value);
    for (uint64_t k = 0; k < total && !from->failed; k++)
        from->failed = sparse->index[k] >= width;
}

/* Pixels stay where they are read from, like text. */
static void load_pictures(struct sl_blob *from, struct sl_arena *arena, uint32_t n, uint32_t channels,
                          struct sl_column *column)
{
    column->picture = sl_arena_zero(arena, n ? n : 1, sizeof *column->picture);
    from->failed |= sl_blob_u32(from) != channels || !column->picture;
    for (uint32_t i = 0; i < n && !from->failed; i++) {
        uint32_t height = sl_blob_u32(from), width = sl_blob_u32(from);
        size_t bytes = 0;
        if (!sl_mul((size_t)height * width, channels, &bytes) || bytes > (size_t)(from->end - from->p)) {
            from->failed = true;
            return;
        }
        column->picture[i] = (struct sl_picture){ (const uint8_t *)from->p, height, width };
        from->p += bytes;
    }
}

static void load_column(struct sl_blob *from, struct sl_arena *arena, const struct sl_field *field, uint32_t n,
                        struct sl_column *column)
{
    uint32_t type = sl_blob_u32(from), has_valid = sl_blob_u32(from);
    if (type != (uint32_t)field->type || has_valid > 1) {
        from->failed = true;
        return;
    }
    if (has_valid)
        column->valid = take_array(from, arena, sl_bitmap_words(n), sizeof *column->valid);
    uint32_t width = field->type == SL_VECTOR || field->type == SL_SPARSE ? sl_blob_u32(from) : 0;
    from->failed |= width != (field->type == SL_VECTOR || field->type == SL_SPARSE ? field->width : 0);
    if (from->failed)
        return;
    switch (field->type) {
    case SL_TEXT: load_text(from, arena, n, column); break;
    case SL_NUMBER: column->number = take_array(from, arena, n, sizeof *column->number); break;
    case SL_VECTOR:
        from->failed |= sl_blob_u32(from) != field->bytes;
        column->vector = take_array(from, arena, n, sl_vector_bytes(field));
        break;
    case SL_IMAGE: load_pictures(from, arena, n, field->channels, column); break;
    case SL_SPARSE: load_sparse(from, arena, n, width, &column->sparse); break;
    default: from->failed = true;
    }
}

int sl_chunk_load(const struct sl_schema *schema, struct sl_str bytes, struct sl_arena *arena, struct sl_chunk *out,
                  struct sl_error *err)
{
    struct sl_blob from = { bytes.p, bytes.p + bytes.n, false };
    struct sl_chunk chunk = { .schema = schema, .arena = arena, .sequence = sl_blob_u64(&from) };
    chunk.n = sl_blob_u32(&from);
    from.failed |= chunk.n > SL_CHUNK_RECORDS || sl_blob_u32(&from) != schema->n;
    chunk.origin = from.failed ? NULL : sl_arena_zero(arena, chunk.n ? chunk.n : 1, sizeof *chunk.origin);
    chunk.columns = from.failed ? NULL : sl_arena_zero(arena, schema->n, sizeof *chunk.columns);
    from.failed |= !chunk.origin || !chunk.columns;
    for (uint32_t i = 0; i < chunk.n && !from.failed; i++) {
        uint64_t record = sl_blob_u64(&from), line = sl_blob_u64(&from), byte = sl_blob_u64(&from);
        chunk.origin[i] = (struct sl_origin){ record, line, byte, sl_blob_u32(&from) };
    }
    for (size_t c = 0; c < schema->n && !from.failed; c++)
        load_column(&from, arena, &schema->fields[c], chunk.n, &chunk.columns[c]);
    if (from.failed || from.p != from.end)
        return sl_fail(err, SL_EFORMAT, "the kept records are damaged");
    *out = chunk;
    return SL_OK;
}
