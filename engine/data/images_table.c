/* images_table.c: a CSV of paths and labels as a list of pictures.
 *
 * The CSV reader does the reading, a block at a time, as more pictures are asked for. The path is in the column path,
 * filename or file, else in the first that is not the label. A row that is none (quarantined by the CSV reader), or
 * that names no picture, stays in the list with the reason, so that no record is lost. */
#include "engine/data/images_private.h"

#include <stdio.h>
#include <stdlib.h>
#include <strings.h>

struct sl_images_table {
    struct sl_reader *csv;
    struct sl_block block;
    struct sl_arena arena;
    size_t path;
    long label; /* -1: none */
};

void sl_images_table_close(struct sl_images_table *table)
{
    if (table) {
        sl_reader_close(table->csv);
        sl_block_release(&table->block);
        sl_arena_release(&table->arena);
        free(table);
    }
}

static int no_label(const struct sl_images_table *table, const char *path, const char *label, struct sl_error *err)
{
    const char *near = sl_schema_nearest(&table->csv->schema, sl_str(label));
    sl_fail(err, SL_EPARAM, "'%.160s' has no column \"%.60s\" for the labels", path, label);
    sl_fix(err, near ? "it has \"%s\"" : "name one of its columns in labels=; the first is \"%s\"",
           near ? near : table->csv->schema.fields[0].name);
    if (err) {
        memcpy(err->param, "labels", sizeof "labels");
    }
    return SL_EPARAM;
}

static int find_columns(struct sl_images_table *table, const char *path, const char *label, bool optional,
                        struct sl_error *err)
{
    static const char *const usual[] = { "path", "filename", "file" };
    const struct sl_schema *schema = &table->csv->schema;
    table->label = sl_schema_find(schema, label ? sl_str(label) : SL_STR("label"));
    if (table->label < 0 && label && !optional) {
        return no_label(table, path, label, err);
    }
    table->path = table->label == 0;
    for (size_t k = sizeof usual / sizeof *usual; k-- > 0;) {
        for (size_t c = 0; c < schema->n; c++) {
            if ((long)c != table->label && strcasecmp(schema->fields[c].name, usual[k]) == 0) {
                table->path = c;
            }
        }
    }
    if (table->path < schema->n) {
        return SL_OK;
    }
    sl_fail(err, SL_ESCHEMA, "'%.200s' has no column of paths", path);
    return sl_fix(err, "give it one: path,label"), SL_ESCHEMA;
}

int sl_images_table_open(struct sl_images_table **out, const char *path, const char *label, bool optional,
                         bool *labelled, bool *number, struct sl_error *err)
{
    const struct sl_csv_options options = { .header = -1, .ragged = false };
    struct sl_images_table *table = calloc(1, sizeof *table);
    if (!table) {
        return sl_fail_memory(err, "opening files");
    }
    sl_arena_init(&table->arena);
    int status = sl_csv_open(&table->csv, NULL, &path, 1, &options, err);
    status = status ? status : find_columns(table, path, label, optional, err);
    if (status) {
        sl_images_table_close(table);
        return status;
    }
    table->csv->schema.fields[table->path].type = SL_TEXT;
    *labelled = table->label >= 0;
    *number = *labelled && table->csv->schema.fields[table->label].type == SL_NUMBER;
    *out = table;
    return SL_OK;
}

static int add_row(const struct sl_images_table *table, const struct sl_chunk *chunk, uint32_t i,
                   struct sl_images_list *list, struct sl_error *err)
{
    struct sl_str name = chunk->columns[table->path].text[i];
    if (!sl_valid(&chunk->columns[table->path], i) || name.n == 0) {
        return sl_images_add_row(list, SL_STR(""), '!', SL_STR("the row names no picture"), err);
    }
    if (memchr(name.p, 0, name.n)) {
        return sl_images_add_row(list, SL_STR(""), '!', SL_STR("the path in this row holds a byte 0"), err);
    }
    struct sl_buf label = { 0 };
    if (table->label >= 0) {
        sl_cell_format(chunk, (size_t)table->label, i, &label);
    }
    bool there = table->label >= 0 && (label.n || sl_valid(&chunk->columns[table->label], i));
    struct sl_str text = { label.p ? label.p : "", label.n ? strlen(label.p) : 0 };
    int status = label.failed ? sl_fail_memory(err, "listing pictures")
                              : sl_images_add_row(list, name, there ? '=' : '-', text, err);
    sl_buf_release(&label);
    return status;
}

static int add_reject(const struct sl_reject *reject, struct sl_images_list *list, struct sl_error *err)
{
    struct sl_str reason = { reject->reason, strnlen(reject->reason, sizeof reject->reason) };
    struct sl_str excerpt = { reject->excerpt, strnlen(reject->excerpt, sizeof reject->excerpt) };
    return sl_images_add_row(list, excerpt, '!', reason, err);
}

/* Good rows and rejected ones, in the order they have in the file. */
static int add_rows(const struct sl_images_table *table, const struct sl_chunk *chunk,
                    const struct sl_quarantine *rejects, struct sl_images_list *list, struct sl_error *err)
{
    int status = SL_OK;
    uint32_t i = 0;
    size_t k = 0;
    while (!status && (i < chunk->n || k < rejects->n)) {
        bool good = i < chunk->n && (k == rejects->n || chunk->origin[i].record < rejects->entries[k].origin.record);
        status = good ? add_row(table, chunk, i, list, err) : add_reject(&rejects->entries[k], list, err);
        i += good;
        k += !good;
    }
    return status;
}

int sl_images_table_more(struct sl_images_table *table, bool number, struct sl_images_list *list, struct sl_error *err)
{
    struct sl_quarantine rejects = { 0 };
    struct sl_chunk chunk;
    if (table->label >= 0) {
        table->csv->schema.fields[table->label].type = number ? SL_NUMBER : SL_TEXT;
    }
    sl_arena_reset(&table->arena, 1 << 20);
    int status = sl_reader_next(table->csv, &table->block, err);
    status = status ? status : sl_reader_parse(table->csv, &table->block, &table->arena, &chunk, &rejects, err);
    if (!status) {
        sl_quarantine_sort(&rejects);
        status = add_rows(table, &chunk, &rejects, list, err);
    }
    sl_quarantine_release(&rejects);
    return status;
}
