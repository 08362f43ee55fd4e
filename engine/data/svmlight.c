/* svmlight.c: the reader of svmlight's and LIBSVM's format: a label and the features that are not 0, a record a line.
 *
 * How wide the features are must be known before the first record is handed out, and whether indices count from 0 or 1
 * is seen from whether there is a 0: so, unless n_features= and zero_based= say both, the files are read through once
 * when they are opened, which standard input and pipes do not allow.
 *
 * What it does not do: several labels a record; pairs with values that are not finite; names of features. */
#include "engine/data/svmlight_private.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

static void close_svmlight(struct sl_reader *reader)
{
    struct sl_svmlight *svm = (struct sl_svmlight *)reader;
    sl_line_release(&svm->lines);
    free(svm);
}

static const struct sl_reader_class svmlight_class = {
    .name = "svmlight",
    .next = sl_line_next,
    .parse = sl_svmlight_parse,
    .seek = sl_line_seek,
    .close = close_svmlight,
};

static int set_options(struct sl_svmlight *svm, const struct sl_svmlight_options *options, struct sl_error *err)
{
    if (options->n_features > SL_SVMLIGHT_INDEX_MAX) {
        sl_fail(err, SL_EPARAM, "n_features=%" PRIu64 " is not possible", options->n_features);
        return sl_fix(err, "give a number below %" PRIu32, SL_SVMLIGHT_INDEX_MAX), SL_EPARAM;
    }
    svm->lines.blank = sl_svmlight_blank;
    svm->lines.written = "svmlight files are plain text";
    svm->lines.max_record = options->max_record ? options->max_record : SL_SVMLIGHT_MAX_RECORD;
    svm->query_id = options->query_id;
    return SL_OK;
}

/* What has no size can be read once only. */
static int refuse_pipes(const struct sl_svmlight *svm, struct sl_error *err)
{
    if (svm->lines.base.size || svm->lines.base.n_paths == 0) {
        return SL_OK;
    }
    sl_fail(err, SL_EPARAM,
            "how many features there are cannot be found out from '%.160s', which can be read only once",
            svm->lines.base.paths[0]);
    return sl_fix(err, "give n_features= and zero_based=, or store the data in a file first"), SL_EPARAM;
}

/* Find out what the options leave open, then stand at the beginning again. */
static int settle(struct sl_svmlight *svm, const struct sl_svmlight_options *options, uint32_t *width,
                  struct sl_error *err)
{
    bool find_base = options->zero_based == SL_ZERO_BASED_AUTO;
    svm->zero_based = options->zero_based != SL_ZERO_BASED_FALSE;
    svm->max_index = SL_SVMLIGHT_INDEX_MAX;
    *width = (uint32_t)options->n_features;
    if (options->n_features) {
        svm->max_index = options->n_features - (options->zero_based == SL_ZERO_BASED_TRUE);
    }
    if (!find_base && options->n_features) {
        return SL_OK;
    }
    struct sl_svmlight_range range;
    const struct sl_mark start = { .line = 1 };
    int status = refuse_pipes(svm, err);
    status = status ? status : sl_svmlight_scan(svm, options->n_features > 0, &range, err);
    status = status ? status : sl_line_seek(&svm->lines.base, &start, err);
    if (status) {
        return status;
    }
    if (find_base) {
        svm->zero_based = range.lowest == 0;
    }
    if (!options->n_features) {
        uint32_t highest = range.lowest == UINT32_MAX ? !svm->zero_based : range.highest;
        *width = highest + svm->zero_based;
    }
    svm->max_index = *width - svm->zero_based;
    return SL_OK;
}

static int make_schema(struct sl_svmlight *svm, uint32_t width, struct sl_error *err)
{
    struct sl_schema *schema = &svm->lines.base.schema;
    int status = sl_schema_add(schema, SL_STR("label"), SL_NUMBER, err);
    status = status ? status : sl_schema_add(schema, SL_STR("features"), SL_SPARSE, err);
    if (!status && svm->query_id) {
        status = sl_schema_add(schema, SL_STR("qid"), SL_NUMBER, err);
    }
    if (status) {
        return status;
    }
    schema->fields[0].target = true;
    schema->fields[1].width = width;
    schema->fields[1].encoded = true;
    snprintf(svm->lines.base.note, sizeof svm->lines.base.note, "svmlight, %" PRIu32 " features, indices from %d",
             width, svm->zero_based ? 0 : 1);
    return SL_OK;
}

/* The first record of all must be there. */
static int refuse_nothing(struct sl_svmlight *svm, struct sl_error *err)
{
    int status = sl_line_fill(&svm->lines, 1, err);
    status = status || svm->lines.carry.n ? status : sl_line_broken(&svm->lines, err);
    if (status || svm->lines.carry.n || svm->lines.base.n_paths > 1) {
        return status;
    }
    sl_fail(err, SL_EDATA, "'%.200s' is empty", svm->lines.base.paths[0]);
    return sl_fix(err, "name a file with records"), SL_EDATA;
}

int sl_svmlight_open(struct sl_reader **out, const char *base, const char *const *paths, size_t n,
                     const struct sl_svmlight_options *options, struct sl_error *err)
{
    static const struct sl_svmlight_options none = { 0 };
    struct sl_svmlight *svm = calloc(1, sizeof *svm);
    if (!svm) {
        return sl_fail_memory(err, "opening files");
    }
    options = options ? options : &none;
    int status = sl_reader_init(&svm->lines.base, &svmlight_class, base, paths, n, err);
    if (status) {
        free(svm);
        return status;
    }
    uint32_t width = 0;
    status = set_options(svm, options, err);
    status = status ? status : sl_line_look(&svm->lines, err);
    status = status ? status : sl_line_open_file(&svm->lines, 0, err);
    status = status ? status : refuse_nothing(svm, err);
    status = status ? status : settle(svm, options, &width, err);
    status = status ? status : make_schema(svm, width, err);
    if (status) {
        close_svmlight(&svm->lines.base);
        return status;
    }
    *out = &svm->lines.base;
    return SL_OK;
}
