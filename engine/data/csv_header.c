/* csv_header.c: is there a header, what are the columns called, and which of them hold numbers?
 *
 * Asked of the beginning of a file. The first row is a header when it holds no number and some column below it nothing
 * but numbers; in files of text alone, when its fields look like names, differ, and do not come again below. A column
 * is numbers when every value of the sample is one that a double can stand for: identifiers of 17 digits stay text, and
 * 007. Columns without any value are text. */
#include "engine/data/csv.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

enum { NAME_MAX_BYTES = 64, NAME_MAX_WORDS = 6, ROWS_SURE = 3 };

/* What the sample says about one column. */
struct evidence {
    struct sl_str first; /* its field in the first row */
    bool any, number;    /* below the first row: a value; nothing but numbers */
    bool again;          /* the first row's field comes again */
};

struct survey {
    struct sl_csv *csv;
    const struct sl_csv_sample *sample;
    struct sl_arena arena;
    struct sl_csv_field *fields;
    struct evidence *columns;
    size_t room;     /* columns looked at */
    size_t first;    /* fields of the first row */
    bool first_good; /* it can be read */
    size_t rows;     /* below the first */
    size_t longer;   /* of them, with one field more than it */
};

static bool is_good(const struct sl_csv_sample *sample, const struct sl_csv_record *record)
{
    size_t n = record->end - record->start;
    const char *p = sample->p + record->start;
    return record->open == SIZE_MAX && record->after == SIZE_MAX && sl_utf8_invalid(p, n) == n && !memchr(p, 0, n);
}

static int note_row(struct survey *survey, size_t n, struct sl_error *err)
{
    for (size_t c = 0; c < n && c < survey->room; c++) {
        struct evidence *column = &survey->columns[c];
        struct sl_str cell;
        if (!sl_csv_text(&survey->fields[c], survey->csv->dialect.quote, &survey->arena, &cell)) {
            return sl_fail_memory(err, "looking at the columns");
        }
        if (sl_csv_is_na(&survey->csv->na, cell.p, cell.n)) {
            continue;
        }
        column->again |= column->first.n && sl_str_equal(cell, column->first);
        if (sl_csv_all_blank(cell.p, cell.n)) {
            continue; /* missing if the rest are numbers */
        }
        column->number = (column->number || !column->any) && sl_csv_number_fits(cell.p, cell.n);
        column->any = true;
    }
    return SL_OK;
}

static int note_first(struct survey *survey, size_t n, struct sl_error *err)
{
    survey->first = n < survey->room ? n : survey->room;
    for (size_t c = 0; c < survey->first; c++) {
        if (!sl_csv_text(&survey->fields[c], survey->csv->dialect.quote, &survey->arena, &survey->columns[c].first)) {
            return sl_fail_memory(err, "looking at the columns");
        }
    }
    return SL_OK;
}

/* Go through the sample. Rows of another length than most would be refused later; they say nothing. */
static int look_at_rows(struct survey *survey, size_t usual, struct sl_error *err)
{
    const struct sl_csv_dialect *dialect = &survey->csv->dialect;
    struct sl_csv_scan scan;
    struct sl_csv_record record;
    size_t at = 0, n = 0;
    sl_csv_scan_init(&scan, dialect, survey->sample->p, survey->sample->n, 0, 0);
    while (sl_csv_sample_record(survey->sample, dialect, &scan, &at, survey->fields, survey->room, &record)) {
        bool good = is_good(survey->sample, &record);
        int status = SL_OK;
        if (n++ == 0) {
            survey->first_good = good;
            status = note_first(survey, record.n, err);
        } else if (good) {
            survey->rows++;
            survey->longer += record.n == survey->first + 1;
            if (record.n == usual || survey->csv->ragged) {
                status = note_row(survey, record.n, err);
            }
        }
        if (status) {
            return status;
        }
    }
    return SL_OK;
}

/* Could it be a column's name? */
static bool like_name(struct sl_str s)
{
    size_t words = 1;
    bool letter = false;
    if (s.n > NAME_MAX_BYTES || memchr(".!,", s.p[s.n - 1], 3)) {
        return false;
    }
    for (size_t i = 0; i < s.n; i++) {
        unsigned char c = (unsigned char)s.p[i];
        bool is_letter = c >= 0x80 || isalpha(c);
        if (!is_letter && !isdigit(c) && !memchr(" _-.:/()[]#%&+'?$*<>", c, 20)) {
            return false;
        }
        letter |= is_letter;
        words += c == ' ';
    }
    return letter && words <= NAME_MAX_WORDS;
}

static int by_bytes(const void *a, const void *b)
{
    return sl_str_compare(*(const struct sl_str *)a, *(const struct sl_str *)b);
}

/* Do two of the first row's fields agree? */
static bool first_repeats(struct survey *survey)
{
    size_t n = 0;
    struct sl_str *sorted = sl_arena_array(&survey->arena, survey->first, sizeof *sorted);
    if (!sorted) {
        return true;
    }
    for (size_t c = 0; c < survey->first; c++) {
        if (survey->columns[c].first.n) {
            sorted[n++] = survey->columns[c].first;
        }
    }
    qsort(sorted, n, sizeof *sorted, by_bytes);
    for (size_t i = 1; i < n; i++) {
        if (sl_str_equal(sorted[i - 1], sorted[i])) {
            return true;
        }
    }
    return false;
}

static bool guess_header(struct survey *survey, size_t usual)
{
    bool names = true, over_numbers = false;
    size_t filled = 0;
    for (size_t c = 0; c < survey->first; c++) {
        const struct evidence *column = &survey->columns[c];
        double x;
        if (sl_csv_all_blank(column->first.p, column->first.n)) {
            continue;
        }
        if (sl_csv_number(column->first.p, column->first.n, &x)) {
            return false;
        }
        filled++;
        names = names && like_name(column->first) && !column->again;
        over_numbers |= column->any && column->number &&
                        !sl_csv_is_na(&survey->csv->na, column->first.p, column->first.n);
    }
    if (!survey->first_good || filled == 0 || (survey->first < usual && survey->longer < survey->rows)) {
        return false; /* the last: a title above rows that have more fields */
    }
    return over_numbers || (names && !first_repeats(survey));
}

static bool is_listed(const char *const *list, struct sl_str name)
{
    for (; list && *list; list++) {
        if (sl_str_equal(sl_str(*list), name)) {
            return true;
        }
    }
    return false;
}

/* Columns read as text must exist. */
static int check_text(const struct sl_schema *schema, const char *const *text, struct sl_error *err)
{
    for (; text && *text; text++) {
        if (sl_schema_find(schema, sl_str(*text)) < 0) {
            const char *near = sl_schema_nearest(schema, sl_str(*text));
            sl_fail(err, SL_EPARAM, "text=\"%.80s\" names no column of the file", *text);
            return near ? sl_fix(err, "did you mean \"%.80s\"?", near) : sl_fix(err, "see the file's header");
        }
    }
    return SL_OK;
}

/* Names and types into the schema; the header's own names into csv->header. */
static int make_schema(struct survey *survey, const struct sl_csv_options *options, struct sl_csv_names *names,
                       size_t columns, size_t shift, struct sl_error *err)
{
    struct sl_csv *csv = survey->csv;
    for (size_t c = 0; c < columns; c++) {
        struct sl_str name = { NULL, 0 };
        const struct evidence *below = &survey->columns[c];
        if (options->names) {
            name = sl_str(options->names[c]);
        } else if (csv->has_header && c >= shift && c - shift < survey->first) {
            name = csv->header[c - shift];
        }
        bool number = below->any && below->number;
        double x;
        if (!csv->has_header && c < survey->first && !sl_csv_all_blank(below->first.p, below->first.n) &&
            !sl_csv_is_na(&csv->na, below->first.p, below->first.n)) {
            number = sl_csv_number(below->first.p, below->first.n, &x) &&
                     sl_csv_number_fits(below->first.p, below->first.n) && (number || !below->any);
        }
        struct sl_str named;
        int status = sl_csv_name(names, c, name, &named, err);
        if (status == SL_OK) {
            number = number && !is_listed(options->text, named);
            status = sl_schema_add(&csv->base.schema, named, number ? SL_NUMBER : SL_TEXT, err);
        }
        if (status) {
            return status;
        }
    }
    return check_text(&csv->base.schema, options->text, err);
}

static int keep_header(struct survey *survey, struct sl_error *err)
{
    struct sl_csv *csv = survey->csv;
    csv->header = sl_arena_array(&csv->arena, survey->first, sizeof *csv->header);
    if (!csv->header) {
        return sl_fail_memory(err, "reading a header");
    }
    csv->n_header = survey->first;
    for (size_t c = 0; c < survey->first; c++) {
        int status = sl_csv_clean_name(survey->columns[c].first, &csv->arena, &csv->header[c], err);
        if (status) {
            return status;
        }
    }
    return SL_OK;
}

static int check_count(const struct sl_csv *csv, const struct sl_csv_options *options, size_t columns,
                       struct sl_error *err)
{
    const char *path = csv->base.paths[0];
    size_t n = 0;
    if (columns > csv->max_columns) {
        sl_fail(err, SL_ELIMIT, "\"%.200s\" has %zu columns; at most %" PRIu64 " are read", path, columns,
                csv->max_columns);
        return sl_fix(err, "raise max_columns, or give the delimiter if that was guessed wrong");
    }
    while (options->names && options->names[n]) {
        n++;
    }
    if (options->names && n != columns) {
        sl_fail(err, SL_EPARAM, "names gives %zu name%s, but \"%.160s\" has %zu column%s", n, n == 1 ? "" : "s", path,
                columns, columns == 1 ? "" : "s");
        return sl_fix(err, "give one name for each column");
    }
    return SL_OK;
}

static int settle_columns(struct survey *survey, const struct sl_csv_options *options, size_t usual,
                          struct sl_error *err)
{
    struct sl_csv *csv = survey->csv;
    size_t columns = usual ? usual : survey->first, shift = 0;
    csv->has_header = options->header < 0 ? guess_header(survey, usual) : options->header > 0;
    if (csv->has_header && !survey->first_good) {
        sl_fail(err, SL_EDATA, "the header of \"%.200s\" cannot be read", csv->base.paths[0]);
        return sl_fix(err, "mend its first line, pass over it with skip=1, or read without it with header=false");
    }
    if (csv->has_header) {
        columns = survey->first;
        if (survey->rows >= ROWS_SURE && survey->longer == survey->rows) {
            /* rows have one more: a delimiter at their end, or row names before the first column */
            shift = survey->columns[columns].any ? 1 : 0;
            columns++;
        }
    }
    int status = check_count(csv, options, columns, err);
    if (status == SL_OK && csv->has_header) {
        status = keep_header(survey, err);
    }
    struct sl_csv_names names = { 0 };
    if (status == SL_OK) {
        status = sl_csv_names_init(&names, columns, &survey->arena, err);
    }
    if (status == SL_OK) {
        status = make_schema(survey, options, &names, columns, shift, err);
    }
    return status;
}

int sl_csv_columns(struct sl_csv *csv, const struct sl_csv_options *options, const struct sl_csv_sample *sample,
                   size_t usual, struct sl_error *err)
{
    struct survey survey = { .csv = csv, .sample = sample };
    struct sl_csv_scan scan;
    struct sl_csv_record first = { 0 };
    sl_csv_scan_init(&scan, &csv->dialect, sample->p, sample->n, 0, 0);
    sl_csv_split(&scan, &csv->dialect, 0, NULL, 0, &first);
    survey.room = (first.n > usual ? first.n : usual) + 1;
    sl_arena_init(&survey.arena);
    survey.fields = sl_arena_array(&survey.arena, survey.room, sizeof *survey.fields);
    survey.columns = sl_arena_zero(&survey.arena, survey.room, sizeof *survey.columns);
    int status = survey.fields && survey.columns ? SL_OK : sl_fail_memory(err, "looking at the columns");
    if (status == SL_OK) {
        status = look_at_rows(&survey, usual, err);
    }
    if (status == SL_OK) {
        status = settle_columns(&survey, options, usual ? usual : first.n, err);
    }
    sl_arena_release(&survey.arena);
    return status;
}
