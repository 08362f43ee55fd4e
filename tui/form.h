/* form.h: a stage's parameters in a form, made from its parameter table alone. Opened by app_form() of view.h. */
#ifndef SL_TUI_FORM_H
#define SL_TUI_FORM_H

#include "sluice/recipe.h"

/* What the form edits: values in an arena of its own, so that what they came from may go. No terminal is needed. */
struct form_values {
    const struct sl_stage_class *class;
    void *params;
    struct sl_schema schema; /* columns to pick from */
    struct sl_arena arena;
    size_t n; /* rows of the table */
    struct form_row {
        struct sl_buf text; /* as typed, while it is no valid value, or is being typed */
        bool typed;         /* text holds it */
        struct sl_error error;
    } * rows;
};

/* Begin with params (NULL: the defaults). */
int form_values_init(struct form_values *values, const struct sl_stage_class *class, const void *params,
                     const struct sl_schema *schema, struct sl_error *err);
void form_values_release(struct form_values *values);

/* Value of row i as one edits it: no quotes, names with commas between. */
void form_text(const struct form_values *values, size_t i, struct sl_buf *out);
/* Take what was typed: checked, and stored when it is valid; else rows[i].error says why. True: valid. */
bool form_set(struct form_values *values, size_t i, struct sl_str text);
void form_set_default(struct form_values *values, size_t i);
bool form_is_default(const struct form_values *values, size_t i);
/* Next or previous choice; a switch turned over. False: not such a row. */
bool form_cycle(struct form_values *values, size_t i, bool forward);
/* Columns: is this one picked, and picking it or not. */
bool form_column_picked(const struct form_values *values, size_t i, const char *name);
int form_column_toggle(struct form_values *values, size_t i, const char *name, struct sl_error *err);
/* May column c be picked in row i? */
bool form_column_fits(const struct form_values *values, size_t i, size_t c);
/* First row with an error, or n. */
size_t form_wrong(const struct form_values *values);
void form_statement(const struct form_values *values, struct sl_buf *out);

#endif
