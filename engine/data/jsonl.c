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
#include <sys/stat.h>
#include <unistd.h>

static void close_jsonl(struct sl_reader *reader)
{
    struct sl_jsonl *jsonl = (struct sl_jsonl *)reader;
    sl_input_close(jsonl->input);
    sl_buf_release(&jsonl->carry);
    sl_vocab_free(jsonl->paths);
    free(jsonl->names);
    free(jsonl->sizes);
    sl_reader_release(reader);
    free(jsonl);
}

static const struct sl_reader_class jsonl_class = {
    .name = "jsonl",
    .next = sl_jsonl_next,
    .parse = sl_jsonl_parse,
    .seek = sl_jsonl_seek,
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
    jsonl->max_record = options->max_record ? options->max_record : SL_JSONL_MAX_RECORD;
    jsonl->text = options->text;
    return SL_OK;
}

/* Look at every file before the first is read, so that a missing one is not noticed halfway. Pipes are not opened here:
 * they can be opened only once. */
static int look_at_files(struct sl_jsonl *jsonl, struct sl_error *err)
{
    struct sl_reader *reader = &jsonl->base;
    bool known = true;
    jsonl->sizes = calloc(reader->n_paths, sizeof *jsonl->sizes);
    if (!jsonl->sizes) {
        return sl_fail_memory(err, "opening files");
    }
    for (size_t k = 0; k < reader->n_paths; k++) {
        const char *path = reader->paths[k];
        struct stat info;
        bool standard = strcmp(path, "-") == 0;
        if (!standard && (stat(path, &info) != 0 || access(path, R_OK) != 0)) {
            return sl_fail_errno(err, "open", path);
        }
        if (standard || !S_ISREG(info.st_mode)) {
            known = false;
            continue;
        }
        jsonl->sizes[k] = (uint64_t)info.st_size;
        reader->size += jsonl->sizes[k];
    }
    reader->size = known ? reader->size : 0;
    return SL_OK;
}

int sl_jsonl_open(struct sl_reader **out, const char *base, const char *const *paths, size_t n,
                  const struct sl_jsonl_options *options, struct sl_error *err)
{
    struct sl_jsonl *jsonl = calloc(1, sizeof *jsonl);
    if (!jsonl) {
        return sl_fail_memory(err, "opening files");
    }
    int status = sl_reader_init(&jsonl->base, &jsonl_class, base, paths, n, err);
    if (status) {
        free(jsonl);
        return status;
    }
    status = set_options(jsonl, options, err);
    status = status ? status : look_at_files(jsonl, err);
    status = status ? status : sl_vocab_new(&jsonl->paths, err);
    status = status ? status : sl_jsonl_open_file(jsonl, 0, err);
    status = status ? status : sl_jsonl_sample(jsonl, err);
    if (status) {
        close_jsonl(&jsonl->base);
        return status;
    }
    jsonl->text = NULL;
    *out = &jsonl->base;
    return SL_OK;
}
