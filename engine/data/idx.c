/* idx.c: the IDX reader: arrays of numbers as MNIST and its kin have them, with their labels from files of their own.
 *
 * The first size counts the records; what is behind it is one: a number, a vector, a picture (height × breadth), or a
 * picture with channels, which come last. Unsigned bytes are kept as bytes; other elements become floats. All headers
 * are checked before the first record is read: files must agree in type and sizes, and files of labels in number with
 * those they belong to, since one that is off by a record gives every picture the wrong name.
 *
 * What it does not do: other byte orders than the format's, more than four sizes, channels in front. */
#include "engine/data/idx_private.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static void close_idx(struct sl_reader *reader)
{
    struct sl_idx *idx = (struct sl_idx *)reader;
    sl_input_close(idx->data);
    sl_input_close(idx->labels);
    free(idx->files);
    sl_reader_release(reader);
    free(idx);
}

static const struct sl_reader_class idx_class = {
    .name = "idx",
    .next = sl_idx_next,
    .parse = sl_idx_parse,
    .seek = sl_idx_seek,
    .close = close_idx,
};

/* ---- One file ---- */

/* The same type and sizes as the first file of its kind. */
static int check_shape(const struct sl_idx *idx, size_t k, const struct sl_idx_header *h, struct sl_error *err)
{
    size_t first = k < idx->n_data ? 0 : idx->n_data;
    const struct sl_idx_header *f = &idx->files[first].header;
    const char *path = idx->base.paths[k];
    bool same = k == first || !idx->files[first].known || (h->type == f->type && h->rank == f->rank);
    for (int d = 1; same && k != first && idx->files[first].known && d < h->rank; d++) {
        same = h->sizes[d] == f->sizes[d];
    }
    if (same || (first && h->rank == 1)) {
        return SL_OK;
    }
    sl_fail(err, SL_ESCHEMA,
            "'%.100s' holds records of %" PRIu32 " %ss in %u dimensions, '%.100s' of %" PRIu32 " %ss in %u", path,
            h->cells, sl_idx_type_name(h->type), h->rank - 1u, idx->base.paths[first], f->cells,
            sl_idx_type_name(f->type), f->rank - 1u);
    sl_error_at(err, path, 0, 0, 2);
    return sl_fix(err, "read files of one kind in one statement"), SL_ESCHEMA;
}

static int check_labels(const struct sl_idx *idx, size_t k, const struct sl_idx_header *h, struct sl_error *err)
{
    const char *path = idx->base.paths[k];
    if (h->rank != 1) {
        sl_fail(err, SL_ESCHEMA, "'%.160s' holds no labels: it has %u dimensions, labels have 1", path, h->rank);
        sl_error_at(err, path, 0, 0, 3);
        return sl_fix(err, "name the file of labels in labels=; are the two files exchanged?"), SL_ESCHEMA;
    }
    const struct sl_idx_file *data = &idx->files[k - idx->n_data];
    if (!data->known || data->header.sizes[0] == h->sizes[0]) {
        return SL_OK;
    }
    sl_fail(err, SL_EDATA, "'%.100s' announces %" PRIu32 " labels, but '%.100s' %" PRIu32 " records", path, h->sizes[0],
            idx->base.paths[k - idx->n_data], data->header.sizes[0]);
    sl_error_at(err, path, 0, 0, 4);
    return sl_fix(err, "give each file the labels that belong to it, in the same order"), SL_EDATA;
}

int sl_idx_open_one(struct sl_idx *idx, size_t k, struct sl_input **out, struct sl_error *err)
{
    struct sl_idx_file *file = &idx->files[k];
    const char *path = idx->base.paths[k];
    struct sl_idx_header header = { 0 };
    struct sl_input *input = NULL;
    int status = sl_input_open(&input, path, err);
    if (status) {
        return status;
    }
    bool packed = sl_input_compressed(input);
    status = sl_idx_header_read(input, path, packed ? 0 : sl_input_size(input), &header, err);
    if (!status && file->known && memcmp(&header, &file->header, sizeof header) != 0) {
        sl_fail(err, SL_EDATA, "'%.200s' has another header now than when it was opened", path);
        status = sl_fix(err, "open it again");
    }
    status = status ? status : check_shape(idx, k, &header, err);
    status = status || k < idx->n_data ? status : check_labels(idx, k, &header, err);
    if (status) {
        sl_input_close(input);
        return status;
    }
    idx->base.packed |= packed;
    file->header = header;
    file->known = true;
    *out = input;
    return SL_OK;
}

/* ---- All files ---- */

/* Look at every file before the first record is read. What is no regular file can be opened only once: it is looked at
 * when its turn comes. The first ones stay open. */
static int look_at_files(struct sl_idx *idx, struct sl_error *err)
{
    struct sl_reader *reader = &idx->base;
    bool known = true;
    int status = SL_OK;
    for (size_t k = 0; k < reader->n_paths && !status; k++) {
        bool first = k == 0 || k == idx->n_data, standard = strcmp(reader->paths[k], "-") == 0;
        struct stat info = { 0 };
        if (!standard && (stat(reader->paths[k], &info) != 0 || access(reader->paths[k], R_OK) != 0)) {
            return sl_fail_errno(err, "open", reader->paths[k]);
        }
        bool regular = !standard && S_ISREG(info.st_mode);
        known = known && regular;
        idx->files[k].size = regular && info.st_size > 0 ? (uint64_t)info.st_size : 0;
        reader->size += idx->files[k].size;
        if (!regular && !first && !S_ISDIR(info.st_mode)) {
            continue;
        }
        struct sl_input *input = NULL;
        status = sl_idx_open_one(idx, k, &input, err);
        if (first && !status) {
            *(k ? &idx->labels : &idx->data) = input;
        } else {
            sl_input_close(input);
        }
    }
    reader->size = known ? reader->size : 0;
    return status;
}

static int refuse_nothing(const struct sl_idx *idx, struct sl_error *err)
{
    for (size_t k = 0; k < idx->n_data; k++) {
        if (!idx->files[k].known || idx->files[k].header.sizes[0]) {
            return SL_OK;
        }
    }
    sl_fail(err, SL_EDATA, "there is no record in '%.200s': its header announces 0", idx->base.paths[0]);
    sl_error_at(err, idx->base.paths[0], 0, 0, 4);
    return sl_fix(err, "name a file with records"), SL_EDATA;
}

/* ---- Columns ---- */

static int make_schema(struct sl_idx *idx, struct sl_error *err)
{
    const struct sl_idx_header *h = &idx->files[0].header;
    struct sl_schema *schema = &idx->base.schema;
    struct sl_str name = h->rank == 1 ? SL_STR("value") : h->rank == 2 ? SL_STR("vector") : SL_STR("image");
    int status = sl_schema_add(schema, name, h->rank == 1 ? SL_NUMBER : SL_VECTOR, err);
    if (!status && h->rank > 1) {
        struct sl_field *field = &schema->fields[0];
        field->width = h->cells;
        field->bytes = h->type == SL_IDX_UBYTE;
        field->scale = 1;
        field->encoded = true;
        field->height = h->rank > 2 ? h->sizes[1] : 0;
        field->breadth = h->rank > 2 ? h->sizes[2] : 0;
        field->channels = h->rank > 3 ? h->sizes[3] : h->rank > 2;
    }
    if (!status && idx->labelled) {
        status = sl_schema_add(schema, SL_STR("label"), SL_NUMBER, err);
    }
    if (!status && idx->labelled) {
        schema->fields[1].target = true;
    }
    return status;
}

static void make_note(struct sl_idx *idx)
{
    static const char *const kinds[] = { "", "numbers", "vectors", "pictures", "pictures" };
    const struct sl_idx_header *h = &idx->files[0].header;
    char sizes[64] = "";
    for (int k = 1, n = 0; k < h->rank; k++) {
        n += snprintf(sizes + n, sizeof sizes - (size_t)n, "%s%" PRIu32, k > 1 ? "×" : ", ", h->sizes[k]);
    }
    snprintf(idx->base.note, sizeof idx->base.note, "idx, %s of %s%s%s", kinds[h->rank], sl_idx_type_name(h->type),
             sizes, idx->labelled ? ", labels" : "");
}

/* ---- Opening ---- */

static int check_numbers(size_t n, size_t n_labels, struct sl_error *err)
{
    if (n_labels == 0 || n_labels == n) {
        return SL_OK;
    }
    sl_fail(err, SL_EPARAM, "%zu files of labels were given for %zu files", n_labels, n);
    sl_fix(err, "give one file of labels for each file, in the same order: labels=A,B");
    if (err) {
        memcpy(err->param, "labels", sizeof "labels");
    }
    return SL_EPARAM;
}

static int begin(struct sl_idx *idx, const char *base, const char *const *paths, size_t n, size_t n_data,
                 struct sl_error *err)
{
    int status = sl_reader_init(&idx->base, &idx_class, base, paths, n, err);
    if (status) {
        return status;
    }
    idx->n_data = n_data;
    idx->labelled = n > n_data;
    idx->files = calloc(n, sizeof *idx->files);
    status = idx->files ? look_at_files(idx, err) : sl_fail_memory(err, "opening files");
    status = status ? status : refuse_nothing(idx, err);
    status = status ? status : make_schema(idx, err);
    if (status == SL_OK) {
        make_note(idx);
        idx->here = (struct sl_mark){ .line = 1, .byte = idx->files[0].header.start };
    }
    return status;
}

int sl_idx_open(struct sl_reader **out, const char *base, const char *const *paths, size_t n,
                const struct sl_idx_options *options, struct sl_error *err)
{
    size_t n_labels = options ? options->n_labels : 0;
    int status = check_numbers(n, n_labels, err);
    if (status) {
        return status;
    }
    struct sl_idx *idx = calloc(1, sizeof *idx);
    const char **all = calloc(n + n_labels, sizeof *all);
    if (!idx || !all) {
        free(idx);
        free(all);
        return sl_fail_memory(err, "opening files");
    }
    memcpy(all, paths, n * sizeof *all);
    for (size_t k = 0; k < n_labels; k++) {
        all[n + k] = options->labels[k];
    }
    status = begin(idx, base, all, n + n_labels, n, err);
    free(all);
    if (status) {
        close_idx(&idx->base);
        return status;
    }
    *out = &idx->base;
    return SL_OK;
}
