/* columns.c: from the column names a statement gives to their places in a schema.
 *
 * A refusal says which column, what it holds, and what to do: the nearest name, or the stage that would convert it. */
#include "sluice/stage.h"

#include <stdlib.h>

enum { LIST_SHOWN = 120 };

/* "a, b, c, …" for messages. */
static void list_columns(const struct sl_schema *schema, char *out, size_t size)
{
    size_t n = 0;
    out[0] = '\0';
    for (size_t i = 0; i < schema->n; i++) {
        const char *name = schema->fields[i].name;
        size_t length = strlen(name), need = length + (i ? 2 : 0) + sizeof ", ...";
        if (n + need > size) {
            memcpy(out + n, i ? ", ..." : "...", i ? 6 : 4);
            return;
        }
        if (i) {
            memcpy(out + n, ", ", 2);
            n += 2;
        }
        memcpy(out + n, name, length + 1);
        n += length;
    }
}

static int unknown_column(const char *name, const struct sl_schema *schema, struct sl_error *err)
{
    sl_fail(err, SL_ESCHEMA, "there is no column '%.80s' here", name);
    char list[LIST_SHOWN];
    list_columns(schema, list, sizeof list);
    const char *near = sl_schema_nearest(schema, sl_str(name));
    if (near) {
        sl_fix(err, "did you mean '%.60s'? the columns are: %s", near, list);
    } else if (schema->n) {
        sl_fix(err, "the columns are: %s", list);
    } else {
        sl_fix(err, "no column is left; look at the stages before");
    }
    return SL_ESCHEMA;
}

/* What to do about a column that holds `has` where one of `types` is wanted. */
static const char *conversion(enum sl_type has, unsigned types)
{
    if (has == SL_NUMBER && (types & SL_TEXT)) {
        return "name it in the read stage's text= to have it read as text";
    }
    if (has == SL_IMAGE && (types & SL_VECTOR)) {
        return "give the pictures one size first: 'resize width=… height=…'";
    }
    if (has == SL_TEXT && (types & SL_NUMBER)) {
        return "if it holds numbers, clean it with 'replace', or name its odd spellings in the read stage's na=; "
               "else encode it with 'onehot'";
    }
    if (has == SL_TEXT) {
        return "encode it first, with 'tfidf', 'count', 'hashing' or 'onehot'";
    }
    if (has == SL_NUMBER) {
        return "scale it first, with 'standardize' or 'minmax'";
    }
    return "put this stage before the one that encodes it";
}

/* "text or number" */
static void type_list(unsigned types, char *out, size_t size)
{
    size_t n = 0;
    out[0] = '\0';
    for (unsigned type = SL_TEXT; type <= SL_IMAGE; type <<= 1) {
        const char *name = types & type ? sl_type_name((enum sl_type)type) : NULL;
        size_t length = name ? strlen(name) : 0, gap = n ? 4 : 0;
        if (!name || n + gap + length + 1 > size) {
            continue;
        }
        memcpy(out + n, " or ", gap);
        memcpy(out + n + gap, name, length + 1);
        n += gap + length;
    }
}

static int wrong_type(const struct sl_stage *stage, const struct sl_field *field, unsigned types, struct sl_error *err)
{
    char wanted[64];
    type_list(types, wanted, sizeof wanted);
    sl_fail(err, SL_ESCHEMA, "column '%.80s' is of type %s, '%s' works on %s", field->name, sl_type_name(field->type),
            stage->class ? stage->class->name : "this stage", wanted);
    return sl_fix(err, "%s", conversion(field->type, types)), SL_ESCHEMA;
}

static bool is_target(const struct sl_stage *stage, const struct sl_field *field)
{
    return field->target || (stage->target && strcmp(stage->target, field->name) == 0);
}

static int take_all(const struct sl_stage *stage, unsigned types, const struct sl_schema *schema, size_t *columns,
                    size_t *n, struct sl_error *err)
{
    *n = 0;
    for (size_t i = 0; i < schema->n; i++) {
        if ((!types || (schema->fields[i].type & types)) && !is_target(stage, &schema->fields[i])) {
            columns[(*n)++] = i;
        }
    }
    if (*n) {
        return SL_OK;
    }
    char wanted[64], list[LIST_SHOWN];
    type_list(types, wanted, sizeof wanted);
    list_columns(schema, list, sizeof list);
    sl_fail(err, SL_ESCHEMA, "there is no %s column for '%s' to work on", types ? wanted : "other",
            stage->class ? stage->class->name : "this stage");
    return sl_fix(err, "take the stage out, or name a column; there are: %s", list), SL_ESCHEMA;
}

static int take_named(const struct sl_stage *stage, const struct sl_names *names, unsigned types,
                      const struct sl_schema *schema, size_t *columns, struct sl_error *err)
{
    for (size_t i = 0; i < names->n; i++) {
        long at = sl_schema_find(schema, sl_str(names->name[i]));
        if (at < 0) {
            return unknown_column(names->name[i], schema, err);
        }
        const struct sl_field *field = &schema->fields[at];
        if (types && !(field->type & types)) {
            return wrong_type(stage, field, types, err);
        }
        for (size_t k = 0; k < i; k++) {
            if (columns[k] == (size_t)at) {
                sl_fail(err, SL_ESCHEMA, "column '%.80s' is named twice", field->name);
                return sl_fix(err, "name it once"), SL_ESCHEMA;
            }
        }
        columns[i] = (size_t)at;
    }
    return SL_OK;
}

int sl_stage_columns(const struct sl_stage *stage, const struct sl_names *names, unsigned types,
                     const struct sl_schema *schema, size_t **columns, size_t *n, struct sl_error *err)
{
    size_t count = names->n ? names->n : schema->n;
    size_t *found = calloc(count ? count : 1, sizeof *found);
    if (!found) {
        return sl_fail_memory(err, "looking up columns");
    }
    int status = names->n ? take_named(stage, names, types, schema, found, err)
                          : take_all(stage, types, schema, found, &count, err);
    if (status != SL_OK) {
        free(found);
        if (err && !err->param[0]) {
            memcpy(err->param, "columns", sizeof "columns");
        }
        return status;
    }
    *columns = found;
    *n = count;
    return SL_OK;
}
