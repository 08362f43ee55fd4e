/* chain_fit.c: do the columns of several sources make one table?
 *
 * All links have the columns of the first, by name. Text and numbers are read as the first has them, whatever a later
 * one would have found out by itself; vectors must agree, and of sparse columns the widest counts. What a later source
 * has in addition is passed over; what it lacks is refused. */
#include "engine/data/chain_private.h"

#include <stdlib.h>

static bool either(const struct sl_field *field)
{
    return field->type == SL_TEXT || field->type == SL_NUMBER;
}

/* Does a column of a later source fit the first's, and if not, what is in the way? */
static int fit_field(struct sl_field *field, const struct sl_field *other, const char *path, struct sl_error *err)
{
    if (either(field) && either(other))
        return SL_OK;
    if (field->type == other->type && field->type == SL_SPARSE) {
        field->width = field->width > other->width ? field->width : other->width;
        return SL_OK;
    }
    if (field->type != other->type) {
        sl_fail(err, SL_ESCHEMA, "column \"%s\" of \"%s\" is %s, that of the first source is %s", field->name, path,
                sl_type_name(other->type), sl_type_name(field->type));
        return sl_fix(err, "read files of one kind"), SL_ESCHEMA;
    }
    if (field->type == SL_IMAGE && field->channels != other->channels) {
        sl_fail(err, SL_ESCHEMA, "column \"%s\" of \"%s\" is pictures of %u channels, that of the first source of %u",
                field->name, path, other->channels, field->channels);
        return sl_fix(err, "give both the same color_mode="), SL_ESCHEMA;
    }
    if (field->width == other->width && field->bytes == other->bytes)
        return SL_OK;
    sl_fail(err, SL_ESCHEMA, "column \"%s\" of \"%s\" has %u %s a record, that of the first source %u %s", field->name,
            path, other->width, other->bytes ? "bytes" : "numbers", field->width, field->bytes ? "bytes" : "numbers");
    return sl_fix(err, "read files with vectors of one size"), SL_ESCHEMA;
}

int sl_chain_fit(struct sl_schema *schema, struct link *link, struct sl_error *err)
{
    const struct sl_schema *other = &link->reader->schema;
    const char *path = link->reader->paths[0];
    link->from = calloc(schema->n + 1, sizeof *link->from);
    if (!link->from)
        return sl_fail_memory(err, "joining sources");
    for (size_t c = 0; c < schema->n; c++) {
        long at = sl_schema_find(other, sl_str(schema->fields[c].name));
        if (at < 0) {
            const char *near = sl_schema_nearest(other, sl_str(schema->fields[c].name));
            sl_fail(err, SL_ESCHEMA, "\"%s\" has no column \"%s\", which the first source has", path,
                    schema->fields[c].name);
            return near ? sl_fix(err, "it has \"%s\"; all sources need the same columns", near)
                        : sl_fix(err, "all sources need the same columns"),
                   SL_ESCHEMA;
        }
        int status = fit_field(&schema->fields[c], &other->fields[at], path, err);
        if (status)
            return status;
        link->from[c] = (size_t)at;
    }
    return SL_OK;
}
