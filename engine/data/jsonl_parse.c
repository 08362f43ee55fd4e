/* jsonl_parse.c: one block of lines to a chunk. Reads nothing but the block and the reader's columns, so that any
 * number of threads may do it at once.
 *
 * Every cell starts missing; a key sets it, null unsets it, the last of two equal keys wins. A record with a value that
 * does not fit, or with a key no column was made for, is rejected whole: half a record is worse than none. null under
 * an unknown key carries nothing, so nothing is lost by passing over it. */
#include "engine/data/jsonl_private.h"

#include "sluice/text.h"

#include <inttypes.h>
#include <math.h>

struct parsing {
    const struct sl_jsonl *jsonl;
    struct sl_chunk *chunk;
    struct sl_arena *arena;
    struct sl_json_walk walk;
    bool utf8; /* the whole block is known to be valid */
};

static void set_missing(struct sl_column *column, enum sl_type type, uint32_t row)
{
    column->valid[row >> 6] &= ~(UINT64_C(1) << (row & 63));
    if (type == SL_NUMBER) {
        column->number[row] = NAN;
    } else {
        column->text[row] = (struct sl_str){ NULL, 0 };
    }
}

static void clear_row(struct sl_chunk *chunk, uint32_t row)
{
    for (size_t c = 0; c < chunk->schema->n; c++) {
        set_missing(&chunk->columns[c], chunk->schema->fields[c].type, row);
    }
}

/* Keys mostly come in the columns' order: try the one after the last. */
static uint32_t find_column(const struct sl_jsonl *jsonl, struct sl_str path, uint32_t last)
{
    uint32_t expected = last + 1;
    if (expected < jsonl->lines.base.schema.n && sl_str_equal(jsonl->names[expected], path)) {
        return expected;
    }
    return sl_vocab_find(jsonl->paths, path);
}

static bool reject_unknown(const struct sl_jsonl *jsonl, struct sl_str path, struct sl_reject *reject)
{
    char name[64];
    sl_reject_reason(reject,
                     "key '%s' is none of the %zu found in the first %" PRIu64
                     " records; give a larger sample= so that it becomes a column",
                     sl_printable(name, sizeof name, path.p, path.n), jsonl->lines.base.schema.n, jsonl->sampled);
    return false;
}

static bool set_number(struct sl_column *column, const struct sl_field *field, uint32_t row,
                       const struct sl_json_value *value, struct sl_reject *reject)
{
    char name[64], here[48];
    const char *what = NULL;
    if (value->kind != SL_JSON_NUMBER) {
        what = "is not a number like those before it";
    } else if (value->whole && !sl_json_exact(value->raw)) {
        what = "has more digits than a number can hold";
    } else {
        column->number[row] = sl_json_number(value->raw);
        what = isfinite(column->number[row]) ? NULL : "is too large for a number";
    }
    if (what) {
        sl_printable(name, sizeof name, field->name, strlen(field->name));
        sl_reject_reason(reject, "column '%s': '%s' %s; add text=%s to read it as text", name,
                         sl_printable(here, sizeof here, value->raw.p, value->raw.n), what, name);
        return false;
    }
    column->valid[row >> 6] |= UINT64_C(1) << (row & 63);
    return true;
}

/* false: out of memory. */
static bool set_text(struct parsing *parsing, struct sl_column *column, uint32_t row, const struct sl_json_value *value)
{
    struct sl_str text = value->raw;
    if (value->escaped) {
        char *to = sl_arena_take(parsing->arena, text.n, 1);
        if (!to) {
            return false;
        }
        text = (struct sl_str){ to, sl_json_unescape(text, to) };
        sl_arena_trim(parsing->arena, to + text.n);
    }
    column->text[row] = text;
    column->valid[row >> 6] |= UINT64_C(1) << (row & 63);
    return true;
}

/* One record into row `row`. *good says whether it is one; if not, the reject's reason does. */
static int parse_record(struct parsing *parsing, struct sl_str line, uint32_t row, bool *good, struct sl_reject *reject,
                        struct sl_error *err)
{
    const struct sl_schema *schema = parsing->chunk->schema;
    *good = false;
    if (!parsing->utf8 && sl_jsonl_bad_utf8(line, reject)) {
        return SL_OK;
    }
    sl_json_walk_begin(&parsing->walk, line, parsing->jsonl->depth);
    uint32_t last = UINT32_MAX;
    for (;;) {
        struct sl_json_leaf leaf;
        enum sl_walk_step step = sl_json_walk_next(&parsing->walk, &leaf);
        if (step == SL_WALK_BAD) {
            sl_json_walk_reason(&parsing->walk, reject);
            return SL_OK;
        }
        if (step == SL_WALK_END) {
            *good = true;
            return SL_OK;
        }
        uint32_t c = find_column(parsing->jsonl, leaf.path, last);
        if (c == SL_NO_TERM) {
            if (leaf.value.kind == SL_JSON_NULL) {
                continue;
            }
            reject_unknown(parsing->jsonl, leaf.path, reject);
            return SL_OK;
        }
        last = c;
        struct sl_column *column = &parsing->chunk->columns[c];
        if (leaf.value.kind == SL_JSON_NULL) {
            set_missing(column, schema->fields[c].type, row);
        } else if (schema->fields[c].type == SL_NUMBER) {
            if (!set_number(column, &schema->fields[c], row, &leaf.value, reject)) {
                return SL_OK;
            }
        } else if (!set_text(parsing, column, row, &leaf.value)) {
            return sl_fail_memory(err, "reading records");
        }
    }
}

static int make_chunk(struct parsing *parsing, uint32_t n, struct sl_error *err)
{
    struct sl_chunk *chunk = parsing->chunk;
    const struct sl_schema *schema = &parsing->jsonl->lines.base.schema;
    int status = sl_chunk_init(chunk, schema, n, parsing->arena, err);
    for (size_t c = 0; c < schema->n && status == SL_OK; c++) {
        struct sl_column *column = &chunk->columns[c];
        column->valid = sl_arena_zero(parsing->arena, sl_bitmap_words(n), sizeof *column->valid);
        if (!column->valid) {
            return sl_fail_memory(err, "reading records");
        }
        for (uint32_t i = 0; schema->fields[c].type == SL_NUMBER && i < n; i++) {
            column->number[i] = NAN;
        }
    }
    return status;
}

/* A bitmap that says "all" is none. */
static void drop_full_bitmaps(struct sl_chunk *chunk)
{
    for (size_t c = 0; c < chunk->schema->n; c++) {
        size_t set = 0;
        for (size_t w = 0; w < sl_bitmap_words(chunk->n); w++) {
            set += (size_t)__builtin_popcountll(chunk->columns[c].valid[w]);
        }
        if (set == chunk->n) {
            chunk->columns[c].valid = NULL;
        }
    }
}

int sl_jsonl_parse(const struct sl_reader *reader, const struct sl_block *block, struct sl_arena *arena,
                   struct sl_chunk *chunk, struct sl_quarantine *rejects, struct sl_error *err)
{
    const struct sl_jsonl *jsonl = (const struct sl_jsonl *)reader;
    struct parsing parsing = { .jsonl = jsonl, .chunk = chunk, .arena = arena };
    int status = make_chunk(&parsing, block->records, err);
    if (status) {
        return status;
    }
    parsing.utf8 = sl_utf8_invalid(block->data.p, block->data.n) == block->data.n;
    struct sl_lines lines;
    struct sl_str line;
    size_t total;
    uint32_t row = 0;
    struct sl_origin origin = { block->mark.record, block->mark.line, block->mark.byte, block->mark.file };
    bool cut_short = block->flags & SL_LINE_CUT_SHORT;
    sl_lines_init(&lines, block->data.p, block->data.n, true);
    for (; origin.record - block->mark.record < block->records && sl_lines_next(&lines, &line, &total);
         origin.line++, origin.byte += total) {
        if (sl_line_blank(line) && !cut_short) {
            continue;
        }
        struct sl_reject reject = { .origin = origin };
        bool good = false;
        if (cut_short || line.n > jsonl->lines.max_record) {
            sl_reject_reason(&reject,
                             "the record is longer than max_record=%" PRIu64 " bytes; raise it or remove the line",
                             jsonl->lines.max_record);
        } else {
            status = parse_record(&parsing, line, row, &good, &reject, err);
            if (status) {
                return status;
            }
        }
        if (good) {
            chunk->origin[row++] = origin;
        } else {
            clear_row(chunk, row);
            sl_reject_excerpt(&reject, line);
            status = sl_quarantine_add(rejects, &reject, err);
            if (status) {
                return status;
            }
        }
        origin.record++;
    }
    chunk->n = row;
    drop_full_bitmaps(chunk);
    return SL_OK;
}
