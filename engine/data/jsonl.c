/* jsonl.c: the JSON Lines reader: one JSON object a line (also called NDJSON).
 *
 * Nested objects become columns "a.b.c" up to a depth; arrays, and objects below it, stay JSON text as written. true
 * and false are the texts "true" and "false", null is a missing value, a key that is not there likewise. Columns come
 * from the first records (jsonl_sample.c); a later record that does not fit them is quarantined with the reason.
 *
 * What it does not do: other encodings than UTF-8 (RFC 8259 allows no other), objects over several lines, one array
 * around all records; these are refused when opening, with the command that converts them. */
#include "engine/data/jsonl_private.h"

#include <stdlib.h>

static void close_jsonl(struct sl_reader *reader)
{
    struct sl_jsonl *jsonl = (struct sl_jsonl *)reader;
    sl_vocab_free(jsonl->paths);
    free(jsonl->names);
    sl_line_release(&jsonl->lines);
    free(jsonl);
}

static const struct sl_reader_class jsonl_class = {
    .name = "jsonl",
    .next = sl_line_next,
    .parse = sl_jsonl_parse,
    .seek = sl_line_seek,
    .close = close_jsonl,
};

static int set_options(struct sl_jsonl *jsonl, const struct sl_jsonl_options *options, struct sl_error *err)
{
    static const struct sl_jsonl_options none = { 0 };
    options = options ? options : &none;
    if (options->depth < 0 || options->depth > SL_JSONL_DEPTH_MAX) {
        sl_fail(err, SL_EPARAM, "depth=%lld is not possible", (long long)options->depth);
        return sl_fix(err, "give 1 to %d", SL_JSONL_DEPTH_MAX), SL_EPARAM;
    }
    if (options->sample < 0) {
        sl_fail(err, SL_EPARAM, "sample=%lld is not possible", (long long)options->sample);
        return sl_fix(err, "give the number of records to look at, 1 or more"), SL_EPARAM;
    }
    if (options->max_record > (uint64_t)1 << 40) {
        sl_fail(err, SL_EPARAM, "max_record=%llu is not possible", (unsigned long long)options->max_record);
        return sl_fix(err, "give a number of bytes below 2^40"), SL_EPARAM;
    }
    jsonl->depth = options->depth ? (uint32_t)options->depth : SL_JSONL_DEPTH;
    jsonl->sample = options->sample ? (uint64_t)options->sample : SL_JSONL_SAMPLE;
    jsonl->lines.max_record = options->max_record ? options->max_record : SL_JSONL_MAX_RECORD;
    jsonl->text = options->text;
    return SL_OK;
}

int sl_jsonl_open(struct sl_reader **out, const char *base, const char *const *paths, size_t n,
                  const struct sl_jsonl_options *options, struct sl_error *err)
{
    struct sl_jsonl *jsonl = calloc(1, sizeof *jsonl);
    if (!jsonl) {
        return sl_fail_memory(err, "opening files");
    }
    int status = sl_reader_init(&jsonl->lines.base, &jsonl_class, base, paths, n, err);
    if (status) {
        free(jsonl);
        return status;
    }
    jsonl->lines.blank = sl_line_blank;
    jsonl->lines.written = "JSON Lines are UTF-8";
    status = set_options(jsonl, options, err);
    status = status ? status : sl_line_look(&jsonl->lines, err);
    status = status ? status : sl_vocab_new(&jsonl->paths, err);
    status = status ? status : sl_line_open_file(&jsonl->lines, 0, err);
    status = status ? status : sl_jsonl_sample(jsonl, err);
    if (status) {
        close_jsonl(&jsonl->lines.base);
        return status;
    }
    jsonl->text = NULL;
    *out = &jsonl->lines.base;
    return SL_OK;
}
