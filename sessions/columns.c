/* columns.c: columns of the source as a run read them: rows of table source_column.
 *
 * Predicting reads new data into the very columns the model was trained on: of vectors and pictures that takes their
 * shape, and what a byte stands for. Files of earlier formats have neither; they knew texts and numbers. */
#include "columns.h"

#include <math.h>

static enum sl_type type_of(const char *name)
{
    for (int type = SL_TEXT; type <= SL_IMAGE; type *= 2)
        if (strcmp(name, sl_type_name((enum sl_type)type)) == 0)
            return (enum sl_type)type;
    return SL_TEXT;
}

static uint32_t size_at(sqlite3_stmt *query, int column)
{
    int64_t n = sqlite3_column_int64(query, column);
    return n > 0 && n <= UINT32_MAX ? (uint32_t)n : 0;
}

/* A vector's shape, or a picture's channels, where it makes sense. */
static void read_shape(sqlite3_stmt *query, struct sl_field *field)
{
    if (field->type == SL_IMAGE)
        field->channels = size_at(query, 5);
    if (field->type != SL_VECTOR && field->type != SL_SPARSE)
        return;
    field->width = size_at(query, 2);
    field->height = size_at(query, 3);
    field->breadth = size_at(query, 4);
    field->channels = size_at(query, 5);
    if ((uint64_t)field->height * field->breadth > field->width ||
        (uint64_t)field->height * field->breadth * field->channels != field->width)
        field->height = field->breadth = field->channels = 0;
    field->bytes = field->type == SL_VECTOR && sqlite3_column_type(query, 6) != SQLITE_NULL;
    field->scale = field->bytes ? (float)sqlite3_column_double(query, 6) : 0;
    field->offset = field->bytes ? (float)sqlite3_column_double(query, 7) : 0;
}

int columns_read(struct book *book, int64_t run, struct sl_schema *schema, struct sl_error *err)
{
    static const char now[] = "SELECT name, type, width, height, breadth, channels, scale, \"offset\", target"
                              " FROM source_column WHERE run = ? ORDER BY position";
    static const char before[] = "SELECT name, type, 0, 0, 0, 0, NULL, NULL, 0 FROM source_column WHERE run = ?"
                                 " ORDER BY position";
    sqlite3_stmt *query = NULL;
    int status = book_query(book, &query, err, book->version >= 3 ? now : before, "i", run);
    while (!status && !(status = book_row(book, query, err))) {
        status = sl_schema_add(schema, sl_str(book_text(query, 0)), type_of(book_text(query, 1)), err);
        if (!status) {
            schema->fields[schema->n - 1].target = sqlite3_column_int64(query, 8) == 1;
            read_shape(query, &schema->fields[schema->n - 1]);
        }
    }
    sqlite3_finalize(query);
    return status == SL_EEND ? SL_OK : status;
}

int columns_write(struct book *book, int64_t run, const struct sl_schema *schema, struct sl_error *err)
{
    int status = SL_OK;
    for (size_t c = 0; c < schema->n && !status; c++) {
        const struct sl_field *f = &schema->fields[c];
        double scale = f->bytes ? (double)f->scale : (double)NAN, offset = f->bytes ? (double)f->offset : (double)NAN;
        status = book_run(book, err,
                          "INSERT OR REPLACE INTO source_column VALUES(?,?,?,?,nullif(?,0),nullif(?,0),nullif(?,0),"
                          "nullif(?,0),?,?,nullif(?,0))",
                          "iittiiiiddi", run, (int64_t)c, f->name, sl_type_name(f->type), (int64_t)f->width,
                          (int64_t)f->height, (int64_t)f->breadth, (int64_t)f->channels, scale, offset,
                          (int64_t)f->target);
    }
    return status;
}
