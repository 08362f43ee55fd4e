/* jsonl_sample.c: the columns of a JSON Lines file, from its first records.
 *
 * Columns stand in the order in which their keys were first met. A column is a number when every value of it in the
 * sample is one that a double holds (whole numbers up to 2^53, the rest finite); anything else, and a mixture, is text.
 * A key that was only ever null is text too, unless other records hold an object there: then its columns say it all. */
#include "engine/data/jsonl_private.h"

#include "sluice/text.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

enum { NUMBER = 1, OTHER = 2, PARENT = 4 }; /* what was seen under a path */

struct sample {
    struct sl_jsonl *jsonl;
    struct sl_vocab *paths;
    unsigned char *seen; /* by path */
    size_t capacity;
    uint64_t lines, records;
    struct sl_reject first_bad; /* its reason is empty while none was bad */
    struct sl_json_walk walk;
};

static int too_many(struct sample *sample, struct sl_error *err)
{
    sl_fail(err, SL_ELIMIT, "'%.200s' has more than %d different keys", sample->jsonl->lines.base.paths[0],
            SL_JSONL_COLUMNS_MAX);
    sl_fix(err, "keys seem to be data; give depth=1 so that nested objects stay one column of JSON text");
    return SL_ELIMIT;
}

static int note_path(struct sample *sample, struct sl_str path, unsigned char what, struct sl_error *err)
{
    uint32_t id = sl_vocab_add(sample->paths, path);
    if (id == SL_NO_TERM) {
        return sl_fail_memory(err, "looking for columns");
    }
    if (id >= SL_JSONL_COLUMNS_MAX) {
        return too_many(sample, err);
    }
    if (id >= sample->capacity) {
        size_t capacity = sample->capacity ? 2 * sample->capacity : 64;
        unsigned char *seen = realloc(sample->seen, capacity);
        if (!seen) {
            return sl_fail_memory(err, "looking for columns");
        }
        memset(seen + sample->capacity, 0, capacity - sample->capacity);
        sample->seen = seen;
        sample->capacity = capacity;
    }
    sample->seen[id] |= what;
    return SL_OK;
}

static unsigned char what_is(const struct sl_json_value *value)
{
    if (value->kind == SL_JSON_NULL) {
        return 0;
    }
    if (value->kind != SL_JSON_NUMBER || (value->whole && !sl_json_exact(value->raw))) {
        return OTHER;
    }
    return isfinite(sl_json_number(value->raw)) ? NUMBER : OTHER;
}

/* A line is walked twice: a record that turns out bad at its end must not leave columns behind. */
static int sample_line(struct sample *sample, struct sl_str line, struct sl_error *err)
{
    struct sl_reject reject = { .reason = "" };
    struct sl_json_leaf leaf;
    enum sl_walk_step step = SL_WALK_BAD;
    if (line.n > sample->jsonl->lines.max_record) {
        sl_reject_reason(&reject, "it is longer than max_record=%" PRIu64 " bytes", sample->jsonl->lines.max_record);
    } else if (!sl_jsonl_bad_utf8(line, &reject)) {
        sl_json_walk_begin(&sample->walk, line, sample->jsonl->depth);
        while ((step = sl_json_walk_next(&sample->walk, &leaf)) == SL_WALK_LEAF) {}
        if (step == SL_WALK_BAD) {
            sl_json_walk_reason(&sample->walk, &reject);
        }
    }
    if (step == SL_WALK_BAD) {
        if (!sample->first_bad.reason[0]) {
            sample->first_bad = reject;
            sample->first_bad.origin.line = sample->lines;
        }
        return SL_OK;
    }
    int status = SL_OK;
    sl_json_walk_begin(&sample->walk, line, sample->jsonl->depth);
    while (status == SL_OK && sl_json_walk_next(&sample->walk, &leaf) == SL_WALK_LEAF) {
        status = note_path(sample, leaf.path, what_is(&leaf.value), err);
    }
    sample->records++;
    return status;
}

/* One line that begins with '[' may be a bad record; a file that goes on like that is JSON of another shape. */
static int refuse_array(const struct sample *sample, struct sl_str line, struct sl_lines rest, struct sl_error *err)
{
    struct sl_json json;
    struct sl_json_value value;
    struct sl_str next = { NULL, 0 };
    size_t total;
    sl_json_init(&json, line);
    if (sl_json_peek(&json) != '[') {
        return SL_OK;
    }
    if (sl_json_scan(&json, &value)) {
        do {
            next.n = 0;
        } while (sl_lines_next(&rest, &next, &total) && sl_line_blank(next));
        struct sl_json after;
        sl_json_init(&after, next);
        if (next.n && sl_json_peek(&after) == '{') {
            return SL_OK;
        }
    }
    const char *path = sample->jsonl->lines.base.paths[0];
    sl_fail(err, SL_EDATA, "the file begins with '[': it holds a JSON array, not one object a line");
    sl_fix(err, "convert it, for example: jq -c '.[]' FILE > FILE.jsonl");
    sl_error_at(err, path, sample->lines, 0, UINT64_MAX);
    return SL_EDATA;
}

/* Look at the lines at hand; *bytes says how far the whole ones reach. */
static int sample_window(struct sample *sample, size_t *bytes, struct sl_error *err)
{
    struct sl_jsonl *jsonl = sample->jsonl;
    struct sl_lines lines;
    struct sl_str line;
    size_t total;
    sl_lines_init(&lines, jsonl->lines.carry.p + jsonl->lines.at + *bytes,
                  jsonl->lines.carry.n - jsonl->lines.at - *bytes, jsonl->lines.ended);
    int status = SL_OK;
    while (status == SL_OK && sample->records < jsonl->sample && sl_lines_next(&lines, &line, &total)) {
        *bytes += total;
        sample->lines++;
        if (sl_line_blank(line)) {
            continue;
        }
        if (sample->records == 0 && !sample->first_bad.reason[0]) {
            status = refuse_array(sample, line, lines, err);
        }
        status = status ? status : sample_line(sample, line, err);
    }
    return status;
}

static int read_sample(struct sample *sample, struct sl_error *err)
{
    struct sl_jsonl *jsonl = sample->jsonl;
    uint64_t most = jsonl->sample < UINT64_MAX / SL_JSONL_SAMPLE_BYTES ? jsonl->sample * SL_JSONL_SAMPLE_BYTES
                                                                       : UINT64_MAX;
    most = most < SL_BLOCK_BYTES ? SL_BLOCK_BYTES : most;
    size_t want = SL_BLOCK_BYTES, bytes = 0;
    for (;;) {
        int status = sl_line_fill(&jsonl->lines, want, err);
        status = status ? status : sample_window(sample, &bytes, err);
        if (status) {
            return status;
        }
        /* A first record that is not whole yet is waited for, as far as a record may be long. */
        bool waiting = bytes == 0 && want <= jsonl->lines.max_record + 2;
        if (jsonl->lines.ended || jsonl->lines.broken.status || sample->records >= jsonl->sample ||
            (want >= most && !waiting)) {
            return SL_OK;
        }
        want = 2 * want;
    }
}

static int refuse_empty(const struct sample *sample, struct sl_error *err)
{
    const char *path = sample->jsonl->lines.base.paths[0];
    if (sample->jsonl->lines.broken.status) {
        return sl_line_broken(&sample->jsonl->lines, err);
    }
    if (sample->records) {
        sl_fail(err, SL_EDATA, "'%.200s': no record has a key with a value to make a column of", path);
        sl_fix(err, "name a file with one JSON object a line, as in {\"text\": \"…\", \"label\": 1}");
    } else if (sample->first_bad.reason[0]) {
        sl_fail(err, SL_EDATA, "no record can be read; the first: %s", sample->first_bad.reason);
        sl_fix(err, "one JSON object a line is wanted; of objects over several lines make that with: jq -c . FILE");
        sl_error_at(err, path, sample->first_bad.origin.line, 0, UINT64_MAX);
    } else if (sample->jsonl->lines.ended) {
        sl_fail(err, SL_EDATA, "'%.200s' holds no records", path);
        sl_fix(err, "name a file with one JSON object a line");
    } else {
        sl_fail(err, SL_EDATA, "'%.200s': the first record is longer than max_record=%" PRIu64 " bytes", path,
                sample->jsonl->lines.max_record);
        sl_fix(err, "one JSON object a line is wanted; if it is, raise max_record=");
    }
    return SL_EDATA;
}

/* Mark every path that is the beginning of another: "a" and "a.b" of "a.b.c". */
static void mark_parents(struct sample *sample)
{
    for (uint32_t id = 0; id < sl_vocab_size(sample->paths); id++) {
        struct sl_str path = sl_vocab_term(sample->paths, id);
        for (size_t i = 0; i < path.n; i++) {
            uint32_t parent = path.p[i] == '.' ? sl_vocab_find(sample->paths, (struct sl_str){ path.p, i })
                                               : SL_NO_TERM;
            if (parent != SL_NO_TERM) {
                sample->seen[parent] |= PARENT;
            }
        }
    }
}

static bool is_listed(const char *const *names, struct sl_str name)
{
    for (; names && *names; names++) {
        if (sl_str_equal(sl_str(*names), name)) {
            return true;
        }
    }
    return false;
}

static int check_text(const struct sl_jsonl *jsonl, struct sl_error *err)
{
    for (const char *const *name = jsonl->text; name && *name; name++) {
        if (sl_schema_find(&jsonl->lines.base.schema, sl_str(*name)) >= 0) {
            continue;
        }
        const char *near = sl_schema_nearest(&jsonl->lines.base.schema, sl_str(*name));
        sl_fail(err, SL_EPARAM, "text= names the column '%s', which '%.150s' does not have", *name,
                jsonl->lines.base.paths[0]);
        sl_fix(err, near ? "did you mean '%s'?" : "it was not in the first records; give a larger sample=", near);
        return SL_EPARAM;
    }
    return SL_OK;
}

static int make_columns(struct sample *sample, struct sl_error *err)
{
    struct sl_jsonl *jsonl = sample->jsonl;
    struct sl_schema *schema = &jsonl->lines.base.schema;
    mark_parents(sample);
    size_t numbers = 0;
    int status = SL_OK;
    for (uint32_t id = 0; id < sl_vocab_size(sample->paths) && status == SL_OK; id++) {
        struct sl_str path = sl_vocab_term(sample->paths, id);
        if (sample->seen[id] == PARENT) {
            continue;
        }
        bool number = (sample->seen[id] & (NUMBER | OTHER)) == NUMBER && !is_listed(jsonl->text, path);
        numbers += number;
        if (sl_vocab_add(jsonl->paths, path) == SL_NO_TERM) {
            return sl_fail_memory(err, "making columns");
        }
        status = sl_schema_add(schema, path, number ? SL_NUMBER : SL_TEXT, err);
    }
    status = status ? status : check_text(jsonl, err);
    if (status) {
        return status;
    }
    jsonl->names = calloc(schema->n, sizeof *jsonl->names);
    if (!jsonl->names) {
        return sl_fail_memory(err, "making columns");
    }
    for (size_t c = 0; c < schema->n; c++) {
        jsonl->names[c] = sl_str(schema->fields[c].name);
    }
    jsonl->sampled = sample->records;
    snprintf(jsonl->lines.base.note, sizeof jsonl->lines.base.note,
             "utf-8, %zu column%s (%zu of numbers) seen in the first %" PRIu64 " records", schema->n,
             schema->n == 1 ? "" : "s", numbers, sample->records);
    return SL_OK;
}

int sl_jsonl_sample(struct sl_jsonl *jsonl, struct sl_error *err)
{
    struct sample *sample = calloc(1, sizeof *sample);
    if (!sample) {
        return sl_fail_memory(err, "looking for columns");
    }
    sample->jsonl = jsonl;
    int status = sl_vocab_new(&sample->paths, err);
    status = status ? status : read_sample(sample, err);
    if (status == SL_OK) {
        status = sl_vocab_size(sample->paths) ? make_columns(sample, err) : refuse_empty(sample, err);
    }
    sl_vocab_free(sample->paths);
    free(sample->seen);
    free(sample);
    return status;
}
