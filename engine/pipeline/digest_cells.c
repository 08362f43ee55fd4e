/* digest_cells.c: hashes of cells: of a record as it was read, and of what a stage made anew.
 *
 * A stage never changes a cell in place, so a cell at its old address is its old cell and costs nothing. What is new is
 * hashed, bound to column and record number, and summed. So are the numbers of records that the stage dropped.
 * Token ids are a worker's own and no output: they are left out. */
#include "digest_private.h"

#include <stdlib.h>

enum { DROPPED = 0xdead };

struct cells {
    const struct sl_chunk *chunk;
    size_t column;
    bool whole; /* long texts from begin to end */
};

static uint64_t hash_number(double x)
{
    uint64_t bits;
    memcpy(&bits, &x, sizeof bits);
    return x == x ? digest_mix(bits, 0) : UINT64_C(0x6e616e); /* one kind of missing */
}

/* Bytes count with what they stand for. */
static uint64_t hash_vector(const struct sl_field *field, const struct sl_column *column, uint32_t i)
{
    if (!field->bytes)
        return sl_digest_bytes(column->vector + (size_t)i * field->width, sl_vector_bytes(field));
    uint32_t map[2];
    memcpy(&map[0], &field->scale, sizeof field->scale);
    memcpy(&map[1], &field->offset, sizeof field->offset);
    return digest_mix(sl_digest_bytes(column->bytes + (size_t)i * field->width, field->width),
                      (uint64_t)map[0] << 32 | map[1]);
}

static uint64_t hash_picture(const struct sl_field *field, const struct sl_picture *picture)
{
    return digest_mix(sl_digest_bytes(picture->pixels, (size_t)picture->height * picture->width * field->channels),
                      (uint64_t)picture->height << 32 | picture->width);
}

/* Cell i of text, numbers, a vector or pictures. */
static uint64_t hash_cell(const struct cells *cells, uint32_t i)
{
    const struct sl_column *column = &cells->chunk->columns[cells->column];
    const struct sl_field *field = &cells->chunk->schema->fields[cells->column];
    if (!sl_valid(column, i))
        return UINT64_C(0x6d697373696e67);
    switch (field->type) {
    case SL_TEXT:
        return cells->whole ? sl_digest_bytes(column->text[i].p, column->text[i].n)
                            : digest_glance(column->text[i].p, column->text[i].n, cells->chunk->origin[i].record);
    case SL_NUMBER: return hash_number(column->number[i]);
    case SL_VECTOR: return hash_vector(field, column, i);
    case SL_IMAGE: return hash_picture(field, &column->picture[i]);
    default: return 0;
    }
}

static bool same_array(const struct sl_column *a, const struct sl_column *b, enum sl_type type)
{
    if (a->valid != b->valid)
        return false;
    switch (type) {
    case SL_TEXT: return a->text == b->text;
    case SL_NUMBER: return a->number == b->number;
    case SL_VECTOR: return a->vector == b->vector;
    case SL_IMAGE: return a->picture == b->picture;
    case SL_SPARSE:
        return a->sparse.start == b->sparse.start && a->sparse.index == b->sparse.index &&
               a->sparse.value == b->sparse.value;
    default: return true;
    }
}

/* The column before that this one comes from: the same cells, else the same name and type. NULL: it is new. */
static const struct sl_column *origin_of(const struct sl_chunk *before, const struct sl_chunk *after, size_t c,
                                         bool *same)
{
    const struct sl_field *field = &after->schema->fields[c];
    const struct sl_column *found = NULL;
    *same = false;
    for (size_t k = 0; k < before->schema->n && !*same; k++) {
        const struct sl_field *old = &before->schema->fields[k];
        if (old->type != field->type)
            continue;
        *same = before->n == after->n && sl_field_alike(old, field) &&
                same_array(&before->columns[k], &after->columns[c], field->type);
        if (*same || strcmp(old->name, field->name) == 0)
            found = &before->columns[k];
    }
    return found;
}

static bool same_cell(enum sl_type type, const struct sl_column *a, uint32_t i, const struct sl_column *b, uint32_t k)
{
    bool valid = sl_valid(a, i);
    if (valid != sl_valid(b, k) || (type != SL_TEXT && type != SL_NUMBER && type != SL_IMAGE))
        return false;
    if (type == SL_IMAGE)
        return !valid || (a->picture[i].pixels == b->picture[k].pixels &&
                          a->picture[i].height == b->picture[k].height && a->picture[i].width == b->picture[k].width);
    if (type == SL_NUMBER)
        return !valid || memcmp(&a->number[i], &b->number[k], sizeof(double)) == 0;
    return !valid || (a->text[i].n == b->text[k].n && (a->text[i].p == b->text[k].p || a->text[i].n == 0));
}

/* Sum over the cells of one column that are not those of before. */
static uint64_t hash_column(const struct cells *cells, const struct sl_chunk *before, const struct sl_column *old)
{
    const struct sl_chunk *after = cells->chunk;
    enum sl_type type = after->schema->fields[cells->column].type;
    uint64_t sum = 0;
    for (uint32_t i = 0, k = 0; i < after->n; i++) {
        uint64_t record = after->origin[i].record;
        while (old && k + 1 < before->n && before->origin[k].record < record)
            k++;
        if (old && before->n && before->origin[k].record == record &&
            same_cell(type, old, k, &after->columns[cells->column], i))
            continue;
        sum += digest_mix(hash_cell(cells, i), record * 31 + cells->column);
    }
    return sum;
}

/* All rows of a column of sparse features at once: they are many and short. A part is enough, for the learner's rows
 * are looked at from begin to end. */
static uint64_t hash_sparse(const struct cells *cells)
{
    const struct sl_chunk *chunk = cells->chunk;
    const struct sl_column *column = &chunk->columns[cells->column];
    const uint64_t *start = column->sparse.start;
    uint64_t h = chunk->n;
    for (uint32_t i = 0; i < chunk->n; i++)
        h = h * UINT64_C(0x9e3779b97f4a7c15) + (start[i + 1] - start[i]) * 2 + sl_valid(column, i);
    size_t n = chunk->n ? (size_t)(start[chunk->n] - start[0]) : 0;
    if (n) {
        h = digest_mix(h, digest_glance(column->sparse.index + start[0], n * sizeof *column->sparse.index, 0));
        h = digest_mix(h, digest_glance(column->sparse.value + start[0], n * sizeof *column->sparse.value, 0));
    }
    return chunk->n ? digest_mix(h, chunk->origin[0].record * 31 + cells->column) : 0;
}

void sl_digest_stage(struct sl_digests *digests, size_t at, const struct sl_chunk *before, const struct sl_chunk *after)
{
    struct cells cells = { .chunk = after };
    uint64_t sum = 0;
    for (size_t c = 0; c < after->schema->n; c++) {
        bool same;
        const struct sl_column *old = origin_of(before, after, c, &same);
        cells.column = c;
        enum sl_type type = after->schema->fields[c].type;
        if (!same && type != SL_TOKENS)
            sum += type == SL_SPARSE ? hash_sparse(&cells) : hash_column(&cells, before, old);
    }
    for (uint32_t i = 0, k = 0; before->n != after->n && k < before->n; k++)
        if (i < after->n && after->origin[i].record == before->origin[k].record)
            i++;
        else
            sum += digest_mix(before->origin[k].record, DROPPED);
    if (sum)
        digests->stage[at] += sum;
}

/* --- the source --- */

uint32_t sl_digest_group(uint64_t sequence, uint32_t good)
{
    return sequence < SL_EXACT_BLOCKS || good <= SL_BLOCK_CHECKS ? 1 : (good + SL_BLOCK_CHECKS - 1) / SL_BLOCK_CHECKS;
}

/* Each good record: into its group's check, the sum in any order, and the source's own. */
static void hash_records(struct sl_digests *digests, struct sl_block_digest *block, const struct sl_chunk *chunk)
{
    struct cells cells = { .chunk = chunk, .whole = true };
    uint32_t group = sl_digest_group(block->mark.sequence, chunk->n);
    uint64_t records = 0, stage = 0;
    for (uint32_t i = 0; i < chunk->n; i++) {
        uint64_t h = 0;
        for (cells.column = 0; cells.column < chunk->schema->n; cells.column++)
            h += digest_mix(hash_cell(&cells, i), cells.column);
        records += digest_mix(h, 0);
        stage += digest_mix(h, chunk->origin[i].record + 1);
        block->checks[i / group] = (uint8_t)(block->checks[i / group] * 3 + h);
    }
    digests->records += records;
    digests->stage[0] += stage;
}

static int put_block(struct sl_digests *digests, const struct sl_block_digest *block, struct sl_error *err)
{
    size_t at = (size_t)block->mark.sequence;
    int status = SL_OK;
    pthread_mutex_lock(&digests->lock);
    if (at >= digests->capacity) {
        size_t capacity = digests->capacity ? digests->capacity : 64;
        while (capacity <= at)
            capacity *= 2;
        struct sl_block_digest *more = realloc(digests->blocks, capacity * sizeof *more);
        if (more) {
            memset(more + digests->capacity, 0, (capacity - digests->capacity) * sizeof *more);
            digests->blocks = more;
            digests->capacity = capacity;
        } else {
            status = sl_fail_memory(err, "the digests of blocks");
        }
    }
    if (!status) {
        digests->blocks[at] = *block;
        digests->n_blocks = at + 1 > digests->n_blocks ? at + 1 : digests->n_blocks;
    }
    pthread_mutex_unlock(&digests->lock);
    return status;
}

int sl_digest_source(struct sl_digests *digests, const struct sl_block *block, uint64_t hash,
                     const struct sl_chunk *chunk, struct sl_error *err)
{
    uint32_t group = sl_digest_group(block->mark.sequence, chunk->n);
    struct sl_block_digest put = { .hash = hash,
                                   .mark = block->mark,
                                   .records = block->records,
                                   .good = chunk->n,
                                   .n_checks = (chunk->n + group - 1) / group };
    put.checks = calloc((size_t)put.n_checks + 1, 1);
    if (!put.checks)
        return sl_fail_memory(err, "the digests of blocks");
    hash_records(digests, &put, chunk);
    int status = put_block(digests, &put, err);
    if (status)
        free(put.checks);
    return status;
}
