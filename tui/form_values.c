/* form_values.c: the values behind a form: text in, checked values, a statement out.
 *
 * Every check is the parameter table's own (sl_param_set). A value that does not pass stays as text with its error, and
 * the last valid one stays in the params. */
#include "form.h"

#include <stdlib.h>

static void *field(const struct form_values *values, size_t i)
{
    return (char *)values->params + values->class->params[i].offset;
}

static const struct sl_param *row_of(const struct form_values *values, size_t i)
{
    return &values->class->params[i];
}

/* A copy of params that owns its strings: through the statement's text and back. */
static int copy_params(struct form_values *values, const void *params, struct sl_error *err)
{
    const struct sl_stage_class *class = values->class;
    if (params) {
        struct sl_buf text = { 0 };
        struct sl_statement statement;
        sl_statement_format(class, params, &text);
        int status = text.failed
                         ? sl_fail_memory(err, "a form")
                         : sl_statement_parse((struct sl_str){ text.p, text.n }, NULL, &values->arena, &statement, err);
        sl_buf_release(&text);
        if (status == SL_OK) {
            values->params = statement.params;
            return SL_OK;
        }
        if (status == SL_ENOMEM) {
            return status;
        }
    }
    /* A new stage, or one that cannot be written down: begin with the defaults, whose strings live as long as the
     * program. */
    values->params = sl_arena_zero(&values->arena, 1, class->params_size ? class->params_size : 1);
    if (!values->params) {
        return sl_fail_memory(err, "a form");
    }
    if (class->defaults) {
        memcpy(values->params, class->defaults, class->params_size);
    }
    return SL_OK;
}

int form_values_init(struct form_values *values, const struct sl_stage_class *class, const void *params,
                     const struct sl_schema *schema, struct sl_error *err)
{
    *values = (struct form_values){ .class = class };
    sl_arena_init(&values->arena);
    while (class->params && class->params[values->n].kind != SL_PARAM_END) {
        values->n++;
    }
    values->rows = calloc(values->n + 1, sizeof *values->rows);
    int status = values->rows ? SL_OK : sl_fail_memory(err, "a form");
    if (status == SL_OK && schema) {
        status = sl_schema_copy(&values->schema, schema, err);
    }
    if (status == SL_OK) {
        status = copy_params(values, params, err);
    }
    if (status != SL_OK) {
        form_values_release(values);
    }
    return status;
}

void form_values_release(struct form_values *values)
{
    for (size_t i = 0; values->rows && i < values->n; i++) {
        sl_buf_release(&values->rows[i].text);
    }
    free(values->rows);
    sl_schema_release(&values->schema);
    sl_arena_release(&values->arena);
    *values = (struct form_values){ 0 };
}

static bool is_names(const struct sl_param *row)
{
    return row->kind == SL_PARAM_COLUMNS || row->kind == SL_PARAM_NAMES;
}

static bool is_string(const struct sl_param *row)
{
    return row->kind == SL_PARAM_STRING || row->kind == SL_PARAM_PATH || row->kind == SL_PARAM_REGEX ||
           row->kind == SL_PARAM_EXPR;
}

static void names_text(const struct sl_names *names, struct sl_buf *out)
{
    for (size_t i = 0; i < names->n; i++) {
        sl_buf_puts(out, i ? "," : "");
        for (const char *c = names->name[i]; *c; c++) {
            if (*c == ',' || *c == '\\') {
                sl_buf_putc(out, '\\');
            }
            sl_buf_putc(out, *c);
        }
    }
}

void form_text(const struct form_values *values, size_t i, struct sl_buf *out)
{
    const struct sl_param *row = row_of(values, i);
    if (values->rows[i].typed) {
        sl_buf_add(out, values->rows[i].text.p, values->rows[i].text.n);
    } else if (is_names(row)) {
        const struct sl_names *names = field(values, i);
        if (!names->n && row->none_ok) {
            sl_buf_puts(out, sl_param_none(row));
        }
        names_text(names, out);
    } else if (is_string(row)) {
        const char *z = *(char **)field(values, i);
        sl_buf_puts(out, z ? z : row->none_ok ? sl_param_none(row) : "");
    } else {
        sl_param_format(row, values->params, out);
    }
}

bool form_set(struct form_values *values, size_t i, struct sl_str text)
{
    const struct sl_param *row = row_of(values, i);
    struct form_row *state = &values->rows[i];
    state->error = (struct sl_error)SL_ERROR_INIT;
    state->text.n = 0;
    sl_buf_add(&state->text, text.p, text.n);
    state->typed = true;
    if (is_names(row) && text.n == 0) {
        *(struct sl_names *)field(values, i) = (struct sl_names){ 0 };
        return true;
    }
    return sl_param_set(row, values->params, text, &values->arena, &state->error) == SL_OK;
}

static size_t field_size(const struct sl_param *row)
{
    switch (row->kind) {
    case SL_PARAM_COLUMNS:
    case SL_PARAM_NAMES: return sizeof(struct sl_names);
    case SL_PARAM_BOOL: return sizeof(bool);
    case SL_PARAM_INT: return sizeof(int64_t);
    case SL_PARAM_REAL: return sizeof(double);
    case SL_PARAM_AMOUNT: return sizeof(struct sl_amount);
    case SL_PARAM_PAIR: return sizeof(struct sl_pair);
    case SL_PARAM_RANGE: return sizeof(struct sl_range);
    case SL_PARAM_CHOICE: return sizeof(int);
    case SL_PARAM_STRING:
    case SL_PARAM_PATH:
    case SL_PARAM_REGEX:
    case SL_PARAM_EXPR: return sizeof(char *);
    case SL_PARAM_END: break;
    }
    return 0;
}

void form_set_default(struct form_values *values, size_t i)
{
    const struct sl_param *row = row_of(values, i);
    const char *defaults = values->class->defaults;
    if (defaults) {
        memcpy(field(values, i), defaults + row->offset, field_size(row));
    } else {
        memset(field(values, i), 0, field_size(row));
    }
    values->rows[i].typed = false;
    values->rows[i].error.status = SL_OK;
}

bool form_is_default(const struct form_values *values, size_t i)
{
    return sl_param_is_default(row_of(values, i), values->params, values->class->defaults);
}

bool form_cycle(struct form_values *values, size_t i, bool forward)
{
    const struct sl_param *row = row_of(values, i);
    if (row->kind == SL_PARAM_BOOL) {
        bool *on = field(values, i);
        *on = !*on;
    } else if (row->kind == SL_PARAM_CHOICE) {
        int *choice = field(values, i), n = 0;
        while (row->choices[n]) {
            n++;
        }
        *choice = n ? (*choice + (forward ? 1 : n - 1)) % n : 0;
    } else {
        return false;
    }
    values->rows[i].typed = false;
    values->rows[i].error.status = SL_OK;
    return true;
}

bool form_column_picked(const struct form_values *values, size_t i, const char *name)
{
    const struct sl_names *names = field(values, i);
    for (size_t k = 0; k < names->n; k++) {
        if (strcmp(names->name[k], name) == 0) {
            return true;
        }
    }
    return false;
}

int form_column_toggle(struct form_values *values, size_t i, const char *name, struct sl_error *err)
{
    struct sl_names *names = field(values, i);
    char **more = sl_arena_array(&values->arena, names->n + 1, sizeof *more);
    char *copy = sl_arena_strndup(&values->arena, name, strlen(name));
    if (!more || !copy) {
        return sl_fail_memory(err, "picking a column");
    }
    size_t n = 0;
    bool there = false;
    for (size_t k = 0; k < names->n; k++) {
        bool same = strcmp(names->name[k], name) == 0;
        there |= same;
        if (!same) {
            more[n++] = names->name[k];
        }
    }
    if (!there) {
        more[n++] = copy;
    }
    *names = (struct sl_names){ more, n };
    values->rows[i].typed = false;
    values->rows[i].error.status = SL_OK;
    return SL_OK;
}

bool form_column_fits(const struct form_values *values, size_t i, size_t c)
{
    unsigned types = row_of(values, i)->types;
    return types == 0 || (types & values->schema.fields[c].type) != 0;
}

size_t form_wrong(const struct form_values *values)
{
    size_t i = 0;
    while (i < values->n && values->rows[i].error.status == SL_OK) {
        i++;
    }
    return i;
}

void form_statement(const struct form_values *values, struct sl_buf *out)
{
    sl_statement_format(values->class, values->params, out);
}
