/* csv.c: the CSV reader as a whole: open, seek, close.
 *
 * The reader stands on the rules of csv.h. What is not given is detected from the first 256 KB of the first file, once;
 * all files are then read the same way, except that each has an encoding of its own. */
#include "engine/data/csv.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#define MAX_RECORD  ((uint64_t)16 << 20)
#define MOST_RECORD ((uint64_t)1 << 40)
enum { MAX_COLUMNS = 16384 };

static void csv_close(struct sl_reader *reader)
{
    struct sl_csv *csv = (struct sl_csv *)reader;
    sl_csv_source_close(&csv->source);
    sl_csv_na_release(&csv->na);
    sl_arena_release(&csv->arena);
    free(csv->sizes);
    free(csv->encodings);
    sl_reader_release(reader);
    free(csv);
}

static int csv_seek(struct sl_reader *reader, const struct sl_mark *mark, struct sl_error *err)
{
    struct sl_csv *csv = (struct sl_csv *)reader;
    if (mark->file != csv->at.file || !csv->source.input || csv->encodings[mark->file] == SL_ENCODING_AUTO) {
        int status = sl_csv_open_file(csv, mark->file, err);
        if (status) {
            return status;
        }
    }
    int status = sl_input_seek(csv->source.input, mark->byte, err);
    if (status) {
        return status;
    }
    csv->source.raw.n = 0;
    csv->source.ahead.n = 0;
    csv->source.ahead_from = 0;
    csv->source.ended = false;
    csv->at = *mark;
    csv->expect = SIZE_MAX;
    csv->ended = false;
    return SL_OK;
}

static const struct sl_reader_class csv_class = {
    .name = "csv",
    .next = sl_csv_next,
    .parse = sl_csv_parse,
    .seek = csv_seek,
    .close = csv_close,
};

static int check_byte(int byte, const char *name, struct sl_error *err)
{
    if (byte < 0 || byte >= 0x80 || byte == '\n' || byte == '\r') {
        sl_fail(err, SL_EPARAM, "%s cannot be the byte 0x%02x", name, (unsigned)byte);
        return sl_fix(err, "give one ASCII character that ends no line");
    }
    return SL_OK;
}

static int check_options(const struct sl_csv_options *options, struct sl_error *err)
{
    int status = options->delimiter == -1 ? SL_OK : check_byte(options->delimiter, "delimiter", err);
    if (status == SL_OK && options->quote != -1) {
        status = check_byte(options->quote, "quote", err);
    }
    if (status) {
        return status;
    }
    if (options->quote > 0 && options->quote == options->delimiter) {
        sl_fail(err, SL_EPARAM, "delimiter and quote are both '%c'", options->quote);
        return sl_fix(err, "give two different characters");
    }
    if (options->delimiter == '"' && options->quote == 0) {
        sl_fail(err, SL_EPARAM, "delimiter '\"' is also the quote");
        return sl_fix(err, "give another quote, or quote=none");
    }
    if (options->comment && (strchr(options->comment, '\n') || strchr(options->comment, '\r'))) {
        sl_fail(err, SL_EPARAM, "comment holds a line end");
        return sl_fix(err, "give what lines to skip begin with, for example comment=#");
    }
    if (options->skip < 0) {
        sl_fail(err, SL_EPARAM, "skip=%" PRId64 " is negative", options->skip);
        return sl_fix(err, "give the number of lines to skip at the top");
    }
    return SL_OK;
}

static int take_options(struct sl_csv *csv, const struct sl_csv_options *options, struct sl_error *err)
{
    int status = check_options(options, err);
    if (status) {
        return status;
    }
    uint64_t most = options->max_record ? options->max_record : MAX_RECORD;
    csv->dialect = (struct sl_csv_dialect){
        .delimiter = options->delimiter,
        .quote = options->quote,
        .max_record = most < MOST_RECORD ? most : MOST_RECORD,
    };
    csv->max_columns = options->max_columns ? options->max_columns : MAX_COLUMNS;
    csv->ragged = options->ragged;
    csv->skip = options->skip;
    csv->encoding = options->encoding;
    if (options->comment && options->comment[0]) {
        char *copy = sl_arena_strndup(&csv->arena, options->comment, strlen(options->comment));
        if (!copy) {
            return sl_fail_memory(err, "opening a file");
        }
        csv->dialect.comment = sl_str(copy);
    }
    csv->sizes = calloc(csv->base.n_paths, sizeof *csv->sizes);
    csv->encodings = calloc(csv->base.n_paths, sizeof *csv->encodings);
    if (!csv->sizes || !csv->encodings) {
        return sl_fail_memory(err, "opening a file");
    }
    return sl_csv_na_init(&csv->na, options->na ? options->na : sl_csv_na_default, err);
}

/* Nothing but what the reader passes over? */
static bool is_empty(const struct sl_csv *csv, const struct sl_csv_sample *sample)
{
    struct sl_csv_dialect plain = csv->dialect;
    struct sl_csv_scan scan;
    struct sl_csv_record record;
    plain.quote = -1;
    plain.delimiter = -1;
    sl_csv_scan_init(&scan, &plain, sample->p, sample->n, 0, 0);
    return !sl_csv_split(&scan, &plain, 0, NULL, 0, &record);
}

/* Is there a whole record to look at? */
static bool has_record(const struct sl_csv *csv, const struct sl_csv_sample *sample)
{
    struct sl_csv_dialect dialect = csv->dialect;
    struct sl_csv_scan scan;
    struct sl_csv_record record;
    size_t at = 0;
    dialect.quote = dialect.quote ? dialect.quote : '"';
    dialect.delimiter = dialect.delimiter ? dialect.delimiter : -1;
    sl_csv_scan_init(&scan, &dialect, sample->p, sample->n, 0, 0);
    return sl_csv_sample_record(sample, &dialect, &scan, &at, NULL, 0, &record);
}

static int look_at_sample(struct sl_csv *csv, const struct sl_csv_options *options, const struct sl_csv_sample *sample,
                          struct sl_error *err)
{
    size_t usual = 0;
    if (is_empty(csv, sample)) {
        sl_fail(err, SL_EDATA, "\"%.200s\" holds no records", csv->base.paths[0]);
        return sl_fix(err, "%s",
                      csv->skip || csv->dialect.comment.n ? "see what skip and comment leave of it"
                                                          : "give a file with a header or a record");
    }
    int status = sl_csv_detect(sample, csv->base.paths[0], &csv->dialect, &usual, err);
    return status ? status : sl_csv_columns(csv, options, sample, usual, err);
}

/* Detect what was not given, from as much of the first file as holds a record. */
static int detect(struct sl_csv *csv, const struct sl_csv_options *options, struct sl_error *err)
{
    struct sl_buf buf = { 0 };
    struct sl_csv_sample sample = { 0 };
    size_t fresh = 0, want = SL_CSV_SAMPLE;
    int status;
    do {
        status = sl_csv_fill(&csv->source, &buf, want, &fresh, &sample.whole, err);
        sample.p = buf.p ? buf.p : "";
        sample.n = buf.n;
        want = 4 * buf.n;
    } while (status == SL_OK && !sample.whole && !has_record(csv, &sample) && buf.n <= csv->dialect.max_record);
    if (status == SL_OK) {
        status = look_at_sample(csv, options, &sample, err);
    }
    if (status == SL_OK && buf.n) {
        status = sl_csv_unread(&csv->source, &buf, 0, fresh, err);
    }
    sl_buf_release(&buf);
    return status;
}

static void describe(struct sl_csv *csv)
{
    const struct sl_csv_dialect *dialect = &csv->dialect;
    char delimiter[24], quote[24] = "";
    switch (dialect->delimiter) {
    case -1: snprintf(delimiter, sizeof delimiter, "one column"); break;
    case ',': snprintf(delimiter, sizeof delimiter, "comma"); break;
    case '\t': snprintf(delimiter, sizeof delimiter, "tab"); break;
    case ';': snprintf(delimiter, sizeof delimiter, "semicolon"); break;
    case '|': snprintf(delimiter, sizeof delimiter, "bar"); break;
    case ' ': snprintf(delimiter, sizeof delimiter, "blank"); break;
    default: snprintf(delimiter, sizeof delimiter, "delimiter %c", dialect->delimiter);
    }
    if (dialect->quote < 0) {
        snprintf(quote, sizeof quote, ", no quotes");
    } else if (dialect->quote != '"') {
        snprintf(quote, sizeof quote, ", quote %c", dialect->quote);
    }
    snprintf(csv->base.note, sizeof csv->base.note, "%s, %s%s, %s", sl_encoding_name(csv->source.encoding), delimiter,
             quote, csv->has_header ? "header" : "no header");
}

/* See that the later files can be opened and have the same header. What is no regular file cannot be read twice and is
 * checked when its turn comes. */
static int check_files(struct sl_csv *csv, struct sl_error *err)
{
    struct sl_csv_source first = csv->source;
    struct sl_mark at = csv->at;
    struct stat info;
    int status = SL_OK;
    csv->source = (struct sl_csv_source){ 0 };
    for (uint32_t i = 1; i < csv->base.n_paths && status == SL_OK; i++) {
        if (stat(csv->base.paths[i], &info) != 0 || S_ISREG(info.st_mode)) {
            status = sl_csv_start_file(csv, i, err);
        }
    }
    sl_csv_source_close(&csv->source);
    csv->source = first;
    csv->at = at;
    return status;
}

static void add_sizes(struct sl_csv *csv)
{
    csv->base.size = 0;
    for (size_t i = 0; i < csv->base.n_paths; i++) {
        csv->base.size += csv->sizes[i];
    }
    for (size_t i = 0; i < csv->base.n_paths; i++) {
        struct stat info;
        if (csv->sizes[i] == 0 && (stat(csv->base.paths[i], &info) != 0 || !S_ISREG(info.st_mode))) {
            csv->base.size = 0;
        }
    }
}

int sl_csv_open(struct sl_reader **out, const char *base, const char *const *paths, size_t n,
                const struct sl_csv_options *options, struct sl_error *err)
{
    if (n == 0 || n > UINT32_MAX) {
        sl_fail(err, SL_EPARAM, "no file is named");
        return sl_fix(err, "name at least one file to read");
    }
    struct sl_csv *csv = calloc(1, sizeof *csv);
    if (!csv) {
        return sl_fail_memory(err, "opening a file");
    }
    int status = sl_reader_init(&csv->base, &csv_class, base, paths, n, err);
    if (status) {
        free(csv);
        return status;
    }
    sl_arena_init(&csv->arena);
    status = take_options(csv, options, err);
    if (status == SL_OK) {
        status = sl_csv_open_file(csv, 0, err);
    }
    if (status == SL_OK) {
        status = detect(csv, options, err);
    }
    if (status == SL_OK && csv->has_header) {
        status = sl_csv_pass_header(csv, err);
    }
    if (status == SL_OK) {
        status = check_files(csv, err);
    }
    if (status) {
        csv_close(&csv->base);
        return status;
    }
    add_sizes(csv);
    describe(csv);
    *out = &csv->base;
    return SL_OK;
}
