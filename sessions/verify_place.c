/* verify_place.c: where two sources part: which file, and from which record on.
 *
 * Blocks are compared by hash; in the first that differs, each record or small group of them by its check. A change
 * that no good record shows (of a quarantined one, of quotes) is told by its block alone. */
#include "verify_inner.h"

#include <stdlib.h>

static unsigned hex(char c)
{
    return c <= '9' ? (unsigned)(c - '0') & 15u : ((unsigned)(c - 'a') + 10u) & 15u;
}

static uint32_t group_of(const struct sl_block_digest *block, uint32_t good)
{
    return sl_digest_group(block->mark.sequence, good);
}

/* The good record of the block that differs first, as far as checks tell; `good` when none does. */
static uint32_t first_good(const struct kept_digest *checks, const struct sl_block_digest *block, uint32_t *last)
{
    uint32_t then = checks ? (uint32_t)checks->record : 0, group = group_of(block, block->good);
    *last = block->good ? block->good - 1 : 0;
    if (!checks || group_of(block, then) != group)
        return 0;
    size_t n = strlen(checks->checks) / 2;
    for (size_t i = 0; i < n && i < block->n_checks; i++) {
        unsigned byte = hex(checks->checks[2 * i]) << 4 | hex(checks->checks[2 * i + 1]);
        /* The last group of the shorter one may hold fewer records. */
        if (byte == block->checks[i])
            continue;
        *last = (uint32_t)(i + 1) * group - 1 < *last ? (uint32_t)(i + 1) * group - 1 : *last;
        return (uint32_t)i * group;
    }
    return n < block->n_checks ? (uint32_t)n * group : block->good;
}

/* The good records first..last of a block are read again for their places. */
static int place_in(struct verifying *v, struct parting *p, uint32_t first, uint32_t last, struct sl_error *err)
{
    struct sl_reader *reader = sl_pipeline_reader(v->pipeline);
    struct sl_block block = { 0 };
    struct sl_chunk chunk;
    struct sl_quarantine rejects = { 0 };
    struct sl_arena arena;
    sl_arena_init(&arena);
    int status = sl_reader_seek(reader, &v->now->blocks[p->block].mark, err);
    if (!status)
        status = sl_reader_next(reader, &block, err);
    if (!status)
        status = sl_reader_parse(reader, &block, &arena, &chunk, &rejects, err);
    if (!status && first < chunk.n) {
        p->origin = chunk.origin[first];
        p->record = p->origin.record;
        p->last = chunk.origin[last < chunk.n ? last : chunk.n - 1].record;
        p->placed = true;
    }
    sl_block_release(&block);
    sl_quarantine_release(&rejects);
    sl_arena_release(&arena);
    return status;
}

static bool same_block(const struct verifying *v, size_t i)
{
    const struct kept_digest *then = kept_find(v, "block", i);
    return then && i < v->now->n_blocks && then->hash == v->now->blocks[i].hash &&
           then->record == v->now->blocks[i].mark.record;
}

/* No good record comes behind this block. */
static bool last_good(const struct verifying *v, size_t block)
{
    uint64_t behind = 0;
    for (size_t i = block + 1; i < v->now->n_blocks; i++)
        behind += v->now->blocks[i].good;
    return behind == 0;
}

static int find_place(struct verifying *v, struct parting *p, bool columns, struct sl_error *err)
{
    const struct sl_block_digest *block = &v->now->blocks[p->block];
    const struct kept_digest *checks = kept_find(v, "checks", p->block);
    uint32_t last = block->good ? block->good - 1 : 0;
    uint32_t first = columns && checks ? first_good(checks, block, &last) : 0;
    p->record = block->mark.record;
    p->last = block->mark.record + (block->records ? block->records - 1 : 0);
    p->origin = (struct sl_origin){ block->mark.record, block->mark.line, block->mark.byte, block->mark.file };
    /* All that is there is as it was, and more was: it ends early. */
    p->ended = checks && first == block->good && checks->record > block->good && last_good(v, p->block);
    p->longer = p->ended ? false : checks && first == (uint32_t)checks->record && block->good > first;
    if (p->ended) { /* the first that is not there follows the last good one */
        int status = block->good ? place_in(v, p, block->good - 1, block->good - 1, err) : SL_OK;
        p->record += p->placed;
        return status;
    }
    p->exact = columns && checks && first < block->good &&
               group_of(block, (uint32_t)checks->record) == group_of(block, block->good);
    return p->exact ? place_in(v, p, first, last, err) : SL_OK;
}

int parting_find(struct verifying *v, struct parting *p, bool columns, struct sl_error *err)
{
    size_t then = kept_count(v, "block"), now = v->now->n_blocks, n = then > now ? then : now;
    p->block = n;
    p->n_then = v->run->records;
    p->n_now = sl_run_result(v->found)->records;
    for (size_t i = n; i-- > 0;)
        if (!same_block(v, i)) {
            p->block = i;
            p->blocks++;
        }
    if (p->block == n)
        return SL_OK;
    if (p->block >= now) {
        p->ended = true;
        p->record = p->n_now;
        return SL_OK;
    }
    if (p->block >= then) {
        p->longer = true;
        p->record = p->n_then;
        const struct sl_mark *mark = &v->now->blocks[p->block].mark;
        p->origin = (struct sl_origin){ mark->record, mark->line, mark->byte, mark->file };
        return SL_OK;
    }
    return find_place(v, p, columns, err);
}

/* Records of a block that are, in their places, what they were, as far as checks tell. */
uint64_t parting_alike(const struct verifying *v, size_t i)
{
    const struct kept_digest *checks = kept_find(v, "checks", i);
    if (i >= v->now->n_blocks || !checks)
        return 0;
    const struct sl_block_digest *block = &v->now->blocks[i];
    uint32_t group = group_of(block, block->good);
    size_t n = strlen(checks->checks) / 2, same = 0;
    if (same_block(v, i))
        return block->records;
    if (group_of(block, (uint32_t)checks->record) != group)
        return 0;
    for (size_t k = 0; k < n && k < block->n_checks; k++)
        same += (hex(checks->checks[2 * k]) << 4 | hex(checks->checks[2 * k + 1])) == block->checks[k] ? group : 0;
    return same < block->good ? same : block->good;
}

void parting_tell(const struct verifying *v, const struct parting *p, struct sl_buf *out)
{
    const struct sl_reader *reader = sl_pipeline_reader(v->pipeline);
    uint32_t file = p->origin.file < reader->n_paths ? p->origin.file : 0;
    const char *path = p->ended && v->n_files ? v->files[v->n_files - 1].now : reader->paths[file];
    sl_buf_printf(out, "\"%s\" ", path);
    if (p->ended)
        sl_buf_printf(out, "ends early: there is no record %llu", (unsigned long long)p->record);
    else if (p->longer)
        sl_buf_printf(out, "goes on where it ended: with record %llu (line %llu)", (unsigned long long)p->record,
                      (unsigned long long)p->origin.line);
    else if (!p->exact)
        sl_buf_printf(out, "differs somewhere in records %llu to %llu, from line %llu on",
                      (unsigned long long)p->record, (unsigned long long)p->last, (unsigned long long)p->origin.line);
    else if (p->last > p->record)
        sl_buf_printf(out, "differs from one of the records %llu to %llu on (line %llu)", (unsigned long long)p->record,
                      (unsigned long long)p->last, (unsigned long long)p->origin.line);
    else
        sl_buf_printf(out, "differs from record %llu on (line %llu)", (unsigned long long)p->record,
                      (unsigned long long)p->origin.line);
}
