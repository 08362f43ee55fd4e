/* stage_try.c: run one stage on a small CSV text: see stage_try.h. */
#include "stage_try.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

enum { COLUMNS_MOST = 16, RECORDS_MOST = 64 };

/* ---- CSV in and out ---- */

struct table {
    struct sl_str cell[RECORDS_MOST + 1][COLUMNS_MOST]; /* record 0 is the header */
    size_t columns, records;
};

/* One field from *p; *last when a line end follows it. The text without quotes is written over the old. */
static struct sl_str take_field(char **p, bool *last)
{
    char *at = *p, *to = *p;
    bool quoted = *at == '"';
    at += quoted;
    while (*at && (quoted || (*at != ',' && *at != '\n'))) {
        if (quoted && *at == '"' && at[1] != '"') {
            at++;
            break;
        }
        at += quoted && *at == '"';
        *to++ = *at++;
    }
    struct sl_str field = { *p, (size_t)(to - *p) };
    *last = *at != ',';
    *p = *at ? at + 1 : at;
    return field;
}

static int read_table(char *text, struct table *table, struct sl_error *err)
{
    size_t row = 0;
    for (char *p = text; *p; row++) {
        bool last = false;
        size_t column = 0;
        for (; !last && column < COLUMNS_MOST && row <= RECORDS_MOST; column++) {
            table->cell[row][column] = take_field(&p, &last);
        }
        table->columns = row ? table->columns : column;
        if (!last || column != table->columns) {
            return sl_fail(err, SL_EDATA, "line %zu of the example has %zu fields, not %zu", row + 1, column,
                           table->columns);
        }
    }
    table->records = row ? row - 1 : 0;
    return SL_OK;
}

static bool is_missing(struct sl_str cell)
{
    return cell.n == 0 || sl_str_equal(cell, SL_STR("NA"));
}

static bool as_number(struct sl_str cell, double *out)
{
    char text[64], *end;
    if (!cell.n || cell.n >= sizeof text || !memchr("0123456789+-.", cell.p[0], 13)) {
        return false;
    }
    memcpy(text, cell.p, cell.n);
    text[cell.n] = '\0';
    *out = strtod(text, &end);
    return end == text + cell.n;
}

static enum sl_type column_type(const struct table *table, size_t column)
{
    bool any = false;
    for (size_t i = 1; i <= table->records; i++) {
        struct sl_str cell = table->cell[i][column];
        double x;
        if (!is_missing(cell) && !as_number(cell, &x)) {
            return SL_TEXT;
        }
        any |= !is_missing(cell);
    }
    return any ? SL_NUMBER : SL_TEXT;
}

static int fill(struct sl_chunk *chunk, const struct table *table, struct sl_error *err)
{
    int status = SL_OK;
    for (size_t c = 0; c < table->columns; c++) {
        for (uint32_t i = 0; i < table->records && status == SL_OK; i++) {
            struct sl_str cell = table->cell[i + 1][c];
            chunk->origin[i] = (struct sl_origin){ .record = i, .line = i + 2 };
            if (is_missing(cell)) {
                status = sl_chunk_set_missing(chunk, c, i, err);
            } else if (chunk->schema->fields[c].type == SL_NUMBER) {
                as_number(cell, &chunk->columns[c].number[i]);
            } else {
                chunk->columns[c].text[i] = cell;
            }
        }
    }
    return status;
}

int try_parse_csv(const char *csv, struct sl_arena *arena, struct sl_schema *schema, struct sl_chunk *chunk,
                  struct sl_error *err)
{
    struct table *table = sl_arena_zero(arena, 1, sizeof *table);
    char *text = sl_arena_strndup(arena, csv, strlen(csv));
    if (!table || !text) {
        return sl_fail_memory(err, "reading an example");
    }
    int status = read_table(text, table, err);
    for (size_t c = 0; c < table->columns && status == SL_OK; c++) {
        status = sl_schema_add(schema, table->cell[0][c], column_type(table, c), err);
    }
    status = status ? status : sl_chunk_init(chunk, schema, (uint32_t)table->records, arena, err);
    return status ? status : fill(chunk, table, err);
}

static void print_header(const struct sl_schema *schema, struct sl_buf *out)
{
    for (size_t c = 0; c < schema->n; c++) {
        sl_buf_puts(out, c ? "," : "");
        sl_buf_csv(out, sl_str(schema->fields[c].name));
    }
    sl_buf_putc(out, '\n');
}

static void print_records(const struct sl_chunk *chunk, struct sl_buf *out)
{
    struct sl_buf cell = { 0 };
    for (uint32_t i = 0; i < chunk->n; i++) {
        for (size_t c = 0; c < chunk->schema->n; c++) {
            cell.n = 0;
            sl_cell_format(chunk, c, i, &cell);
            sl_buf_puts(out, c ? "," : "");
            sl_buf_csv(out, (struct sl_str){ cell.p, cell.n });
        }
        sl_buf_putc(out, '\n');
    }
    out->failed |= cell.failed;
    sl_buf_release(&cell);
}

void try_print_csv(const struct sl_chunk *chunk, struct sl_buf *out)
{
    print_header(chunk->schema, out);
    print_records(chunk, out);
}

/* ---- Running ---- */

struct trial {
    struct sl_arena arena;
    struct sl_schema in;
    struct sl_chunk chunk;
    struct sl_stage stage;
    struct sl_statement statement;
    const struct try_options *options;
    void *scratch;
    struct sl_buf *out;
    struct sl_error *err;
};

static int run_ordered(struct trial *t)
{
    const struct sl_stage_class *class = t->stage.class;
    uint32_t most = t->options->chunk_records ? t->options->chunk_records : t->chunk.n;
    void *run = NULL;
    int status = class->run_begin(&t->stage, &run, t->err);
    for (uint32_t first = 0; status == SL_OK && first < t->chunk.n; first += most) {
        struct sl_chunk part;
        uint32_t n = t->chunk.n - first < most ? t->chunk.n - first : most;
        status = sl_chunk_slice(&part, &t->chunk, first, n, t->err);
        status = status ? status : class->ordered(&t->stage, run, &part, t->err);
        if (status == SL_OK) {
            part.schema = &t->stage.out;
            print_records(&part, t->out);
        }
    }
    class->run_end(&t->stage, run);
    return status;
}

static int run_apply(struct trial *t)
{
    uint32_t most = t->options->chunk_records ? t->options->chunk_records : t->chunk.n;
    int status = SL_OK;
    for (uint32_t first = 0; status == SL_OK && first < t->chunk.n; first += most) {
        struct sl_chunk part;
        uint32_t n = t->chunk.n - first < most ? t->chunk.n - first : most;
        status = sl_chunk_slice(&part, &t->chunk, first, n, t->err);
        if (status == SL_OK && t->stage.class->augment) {
            const struct sl_draw first_draw = { 0, 0 };
            status = t->stage.class->augment(&t->stage, t->scratch, &first_draw, &part, t->err);
        } else if (status == SL_OK && t->stage.class->apply) {
            status = t->stage.class->apply(&t->stage, t->scratch, &part, t->err);
        }
        if (status == SL_OK) {
            part.schema = &t->stage.out;
            print_records(&part, t->out);
        }
    }
    return status;
}

/* Learn from the records (or their first half), in one go. */
static int run_fit(struct trial *t)
{
    const struct sl_fit *fit = &t->stage.class->fit;
    if (!fit->begin || (t->stage.class->needs_fit && !t->stage.class->needs_fit(t->stage.params))) {
        return SL_OK;
    }
    uint64_t rows = 0;
    for (uint32_t i = 0; i < t->chunk.n / 2; i++) {
        rows |= UINT64_C(1) << i;
    }
    void *partial = NULL;
    int status = fit->begin(&t->stage, &partial, t->err);
    status = status ? status : fit->chunk(&t->stage, partial, &t->chunk, t->options->fit_half ? &rows : NULL, t->err);
    status = status ? status : fit->end(&t->stage, partial, t->err);
    if (partial) {
        fit->drop(&t->stage, partial);
    }
    return status;
}

static int run_bound(struct trial *t)
{
    const struct sl_stage_class *class = t->stage.class;
    int status = class->scratch_new ? class->scratch_new(&t->stage, &t->scratch, t->err) : SL_OK;
    if (status == SL_OK && class->digest) {
        status = class->digest(&t->stage, t->scratch, &t->chunk, t->err);
    }
    if (status == SL_OK && class->gather) {
        status = class->gather(&t->stage, &t->scratch, 1, t->err);
    }
    status = status ? status : run_fit(t);
    print_header(&t->stage.out, t->out);
    status = status ? status : class->ordered ? run_ordered(t) : run_apply(t);
    if (class->scratch_free) {
        class->scratch_free(&t->stage, t->scratch);
    }
    return status;
}

/* "hex:" and the bytes of an IDX file of pictures: u16 0, type 08, rank 3 or 4, sizes, then pixels. */
static int parse_pictures(struct trial *t, const char *hex)
{
    uint8_t bytes[4096];
    size_t n = 0;
    for (const char *p = hex + 4; *p && n < sizeof bytes; p += *p ? 1 : 0) {
        char digits[3] = { p[0], p[1], '\0' };
        if (*p != ' ' && *p != '\n') {
            bytes[n++] = (uint8_t)strtol(digits, NULL, 16);
            p++;
        }
    }
    uint32_t sizes[4] = { 0, 0, 0, 1 }, rank = bytes[3];
    for (uint32_t k = 0; k < rank && k < 4; k++) {
        sizes[k] = bytes[4 + 4 * k + 3];
    }
    int status = sl_schema_add(&t->in, SL_STR("image"), SL_VECTOR, t->err);
    status = status ? status : sl_chunk_init(&t->chunk, &t->in, sizes[0], &t->arena, t->err);
    if (status) {
        return status;
    }
    struct sl_field *field = t->in.fields;
    field->width = sizes[1] * sizes[2] * sizes[3];
    field->bytes = true;
    field->scale = 1;
    field->height = sizes[1];
    field->breadth = sizes[2];
    field->channels = sizes[3];
    size_t pixels = n - 4 - 4 * (size_t)rank;
    if (pixels != (size_t)sizes[0] * field->width) {
        return sl_fail(t->err, SL_EDATA, "the example holds %zu pixels, not %u", pixels, sizes[0] * field->width);
    }
    t->chunk.columns[0].bytes = sl_arena_array(&t->arena, pixels, 1);
    memcpy(t->chunk.columns[0].bytes, bytes + n - pixels, pixels);
    for (uint32_t i = 0; i < sizes[0]; i++) {
        t->chunk.origin[i] = (struct sl_origin){ .record = i };
    }
    return SL_OK;
}

static int run_stage(struct trial *t, const char *csv)
{
    int status = strncmp(csv, "hex:", 4) == 0 ? parse_pictures(t, csv)
                                              : try_parse_csv(csv, &t->arena, &t->in, &t->chunk, t->err);
    if (status) {
        return status;
    }
    t->stage.in = &t->in;
    status = sl_schema_copy(&t->stage.out, &t->in, t->err);
    if (status == SL_OK && t->stage.class->bind) {
        status = t->stage.class->bind(&t->stage, &t->in, &t->stage.out, t->err);
    }
    status = status ? status : run_bound(t);
    if (t->stage.class->unbind) {
        t->stage.class->unbind(&t->stage);
    }
    return status;
}

/* The file that a source's statement names: its first positional parameter. */
static const char *source_file(const struct sl_stage_class *class, const void *params)
{
    const void *field = (const char *)params + class->params->offset;
    const struct sl_names *names = field;
    bool list = class->params->kind == SL_PARAM_NAMES;
    return !list ? *(char *const *)field : names->n ? names->name[0] : NULL;
}

static int read_all(struct trial *t, struct sl_reader *reader)
{
    struct sl_block block = { 0 };
    struct sl_quarantine rejects = { 0 };
    print_header(&reader->schema, t->out);
    int status;
    while ((status = sl_reader_next(reader, &block, t->err)) == SL_OK) {
        struct sl_chunk chunk;
        status = sl_reader_parse(reader, &block, &t->arena, &chunk, &rejects, t->err);
        if (status) {
            break;
        }
        print_records(&chunk, t->out);
    }
    sl_block_release(&block);
    sl_quarantine_release(&rejects);
    return status == SL_EEND ? SL_OK : status;
}

/* Text as it is; behind "hex:" bytes as two digits each. */
static bool write_content(FILE *file, const char *content)
{
    if (strncmp(content, "hex:", 4) != 0) {
        return fputs(content, file) >= 0;
    }
    bool ok = true;
    for (const char *p = content + 4; *p && ok; p++) {
        char digits[3] = { p[0], p[1], '\0' }, *end;
        if (*p != ' ' && *p != '\n') {
            ok = fputc((int)strtol(digits, &end, 16), file) != EOF && end == digits + 2;
            p++;
        }
    }
    return ok;
}

/* A source: what the example gives as input is the bytes of the file it names. */
static int run_source(struct trial *t, const char *content)
{
    char folder[] = "/tmp/sluice-example-XXXXXX", path[256];
    const char *name = source_file(t->stage.class, t->stage.params);
    if (!name || strchr(name, '/') || !mkdtemp(folder)) {
        return sl_fail(t->err, SL_EIO, "cannot make the file of an example");
    }
    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *file = fopen(path, "wb");
    int status = file && write_content(file, content) ? SL_OK : sl_fail(t->err, SL_EIO, "cannot write an example");
    status |= file && fclose(file) == 0 ? SL_OK : SL_EIO;
    struct sl_reader *reader = NULL;
    status = status ? status : t->stage.class->open(&t->stage, folder, &reader, t->err);
    status = status ? status : read_all(t, reader);
    if (reader) {
        sl_reader_close(reader);
    }
    unlink(path);
    rmdir(folder);
    return status;
}

int try_stage(const char *statement, const char *csv, const struct try_options *options, struct sl_buf *out,
              struct sl_error *err)
{
    static const struct try_options plain;
    struct trial t = { .options = options ? options : &plain, .out = out, .err = err };
    sl_arena_init(&t.arena);
    /* No folder of a recipe: a source's file need not be there to parse its statement. */
    int status = sl_statement_parse(sl_str(statement), NULL, &t.arena, &t.statement, err);
    if (status == SL_EEND) {
        status = sl_fail(err, SL_ESYNTAX, "'%s' is no stage", statement);
    }
    t.stage.class = t.statement.class;
    t.stage.params = t.statement.params;
    t.stage.target = t.options->target;
    t.stage.predicting = t.options->predicting;
    if (status == SL_OK) {
        status = t.stage.class->kind == SL_SOURCE ? run_source(&t, csv) : run_stage(&t, csv);
    }
    sl_schema_release(&t.stage.out);
    sl_schema_release(&t.in);
    sl_arena_release(&t.arena);
    return status == SL_OK && out->failed ? sl_fail_memory(err, "printing") : status;
}

/* ---- Assertions ---- */

void assert_stage_with(const char *statement, const char *csv, const struct try_options *options, const char *expected)
{
    struct sl_buf out = { 0 };
    struct sl_error err = SL_ERROR_INIT;
    int status = try_stage(statement, csv, options, &out, &err);
    char message[1024];
    sl_error_format(&err, message, sizeof message);
    if (status != SL_OK) {
        print_error("%s\n  failed: %s\n", statement, message);
    } else if (strcmp(out.p, expected) != 0) {
        print_error("%s\n  of:\n%s\n  made:\n%s\n  not:\n%s\n", statement, csv, out.p, expected);
    }
    bool same = status == SL_OK && strcmp(out.p, expected) == 0;
    sl_buf_release(&out);
    assert_true(same);
}

void assert_stage(const char *statement, const char *csv, const char *expected)
{
    assert_stage_with(statement, csv, NULL, expected);
}

void assert_refused(const char *statement, const char *csv, const struct try_options *options, int status,
                    const char *words)
{
    struct sl_buf out = { 0 };
    struct sl_error err = SL_ERROR_INIT;
    int got = try_stage(statement, csv, options, &out, &err);
    char message[1024];
    sl_error_format(&err, message, sizeof message);
    bool right = got == status && strstr(message, words) && err.fix[0];
    if (!right) {
        print_error("%s\n  status %d, not %d: %s\n  should say: %s\n", statement, got, status, message, words);
    }
    sl_buf_release(&out);
    assert_true(right);
}
