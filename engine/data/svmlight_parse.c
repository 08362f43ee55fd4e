/* svmlight_parse.c: one block of lines to a chunk, and the pass over the whole input that finds its highest index.
 *
 * Both take a line apart with the same function, so that what the width is made from is what will be read. */
#include "engine/data/svmlight_private.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>

/* The records of a block, one after the other. */
struct walk {
    const struct sl_svmlight *svm;
    struct sl_lines lines;
    struct sl_origin origin; /* of the record at hand */
    size_t total;            /* bytes of its line */
    uint32_t left;           /* records there are behind it: what was kept of one that is too long goes on */
    bool cut_short, begun;
};

static void begin(struct walk *walk, const struct sl_svmlight *svm, const struct sl_block *block)
{
    const struct sl_mark *mark = &block->mark;
    *walk = (struct walk){ .svm = svm, .origin = { mark->record, mark->line, mark->byte, mark->file } };
    walk->cut_short = block->flags & SL_LINE_CUT_SHORT;
    walk->left = block->records;
    sl_lines_init(&walk->lines, block->data.p, block->data.n, true);
}

/* The next record's line. */
static bool next(struct walk *walk, struct sl_str *line)
{
    walk->origin.record += walk->begun;
    walk->begun = true;
    while (walk->left) {
        walk->origin.line += walk->total > 0;
        walk->origin.byte += walk->total;
        if (!sl_lines_next(&walk->lines, line, &walk->total)) {
            return false;
        }
        if (walk->cut_short || !sl_svmlight_blank(*line)) {
            walk->left--;
            return true;
        }
    }
    return false;
}

/* Is the line a record? If not, the reject says why. */
static bool take(struct walk *walk, struct sl_str line, struct sl_svmlight_record *record, struct sl_reject *reject)
{
    *reject = (struct sl_reject){ .origin = walk->origin };
    if (!walk->cut_short && line.n <= walk->svm->lines.max_record) {
        return sl_svmlight_record(walk->svm, line, record, reject);
    }
    sl_reject_reason(reject, "the record is longer than max_record=%" PRIu64 " bytes; raise it or remove the line",
                     walk->svm->lines.max_record);
    return false;
}

/* No line has more pairs than the block has colons. */
static size_t count_colons(const struct sl_block *block)
{
    size_t n = 0;
    for (size_t i = 0; i < block->data.n; i++) {
        n += block->data.p[i] == ':';
    }
    return n;
}

/* ---- The pass before ---- */

static int scan_block(const struct sl_svmlight *svm, const struct sl_block *block, struct sl_arena *arena,
                      struct sl_svmlight_range *range, struct sl_error *err)
{
    size_t room = count_colons(block) + 1;
    struct sl_svmlight_record record = { .index = sl_arena_array(arena, room, sizeof *record.index),
                                         .value = sl_arena_array(arena, room, sizeof *record.value) };
    if (!record.index || !record.value) {
        return sl_fail_memory(err, "looking for the highest index");
    }
    struct walk walk;
    struct sl_str line;
    struct sl_reject reject;
    begin(&walk, svm, block);
    while (next(&walk, &line)) {
        if (take(&walk, line, &record, &reject) && record.n) {
            uint32_t first = record.index[0], last = record.index[record.n - 1];
            range->lowest = first < range->lowest ? first : range->lowest;
            range->highest = last > range->highest ? last : range->highest;
        }
    }
    return SL_OK;
}

int sl_svmlight_scan(struct sl_svmlight *svm, bool until_zero, struct sl_svmlight_range *range, struct sl_error *err)
{
    struct sl_block block = { 0 };
    struct sl_arena arena;
    int status = SL_OK;
    *range = (struct sl_svmlight_range){ .lowest = UINT32_MAX };
    sl_arena_init(&arena);
    while (!status && !(until_zero && range->lowest == 0)) {
        status = sl_reader_next(&svm->lines.base, &block, err);
        if (!status) {
            status = scan_block(svm, &block, &arena, range, err);
        }
        sl_arena_reset(&arena, 1u << 20);
    }
    sl_arena_release(&arena);
    sl_block_release(&block);
    return status == SL_EEND ? SL_OK : status;
}

/* ---- Blocks to chunks ---- */

struct filling {
    struct sl_chunk *chunk;
    struct sl_sparse sparse;
    uint32_t row;
};

static int make_room(struct filling *f, const struct sl_svmlight *svm, const struct sl_block *block,
                     struct sl_arena *arena, struct sl_error *err)
{
    int status = sl_chunk_init(f->chunk, &svm->lines.base.schema, block->records, arena, err);
    size_t room = count_colons(block) + 1;
    f->sparse = (struct sl_sparse){ sl_arena_array(arena, (size_t)block->records + 1, sizeof *f->sparse.start),
                                    sl_arena_array(arena, room, sizeof *f->sparse.index),
                                    sl_arena_array(arena, room, sizeof *f->sparse.value) };
    if (!status && (!f->sparse.start || !f->sparse.index || !f->sparse.value)) {
        status = sl_fail_memory(err, "reading records");
    }
    if (!status) {
        f->sparse.start[0] = 0;
    }
    return status;
}

/* The record stands in the arrays already, behind those before it. */
static int keep(struct filling *f, const struct sl_svmlight *svm, const struct sl_svmlight_record *record,
                const struct sl_origin *origin, struct sl_error *err)
{
    uint32_t row = f->row++;
    for (uint32_t k = 0; !svm->zero_based && k < record->n; k++) {
        record->index[k]--;
    }
    f->sparse.start[row + 1] = f->sparse.start[row] + record->n;
    f->chunk->origin[row] = *origin;
    f->chunk->columns[0].number[row] = record->label;
    if (!svm->query_id) {
        return SL_OK;
    }
    f->chunk->columns[2].number[row] = record->query;
    return isnan(record->query) ? sl_chunk_set_missing(f->chunk, 2, row, err) : SL_OK;
}

/* Bits behind the last record are 0. */
static void trim_bitmaps(struct sl_chunk *chunk)
{
    for (size_t c = 0; c < chunk->schema->n; c++) {
        if (chunk->columns[c].valid && (chunk->n & 63)) {
            chunk->columns[c].valid[chunk->n >> 6] &= (UINT64_C(1) << (chunk->n & 63)) - 1;
        }
    }
}

int sl_svmlight_parse(const struct sl_reader *reader, const struct sl_block *block, struct sl_arena *arena,
                      struct sl_chunk *chunk, struct sl_quarantine *rejects, struct sl_error *err)
{
    const struct sl_svmlight *svm = (const struct sl_svmlight *)reader;
    struct filling f = { .chunk = chunk };
    struct walk walk;
    struct sl_str line;
    int status = make_room(&f, svm, block, arena, err);
    begin(&walk, svm, block);
    while (!status && next(&walk, &line)) {
        uint64_t at = f.sparse.start[f.row];
        struct sl_svmlight_record record = { .index = f.sparse.index + at, .value = f.sparse.value + at };
        struct sl_reject reject;
        if (take(&walk, line, &record, &reject)) {
            status = keep(&f, svm, &record, &walk.origin, err);
        } else {
            sl_reject_excerpt(&reject, line);
            status = sl_quarantine_add(rejects, &reject, err);
        }
    }
    if (!status) {
        chunk->n = f.row;
        chunk->columns[1].sparse = f.sparse;
        trim_bitmaps(chunk);
    }
    return status;
}
