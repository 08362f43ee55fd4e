/* form_private.h: a form on the screen. */
#ifndef SL_TUI_FORM_PRIVATE_H
#define SL_TUI_FORM_PRIVATE_H

#include "app_private.h"
#include "form.h"

struct form {
    struct layer layer;
    struct form_values values;
    size_t selected, first, cursor; /* byte in the selected row's text */
    bool picking;
    size_t pick, pick_first; /* in the list of columns */
    int rows;
    char refused[512];
    void (*done)(struct app *app, void *ctx, const char *statement);
    void *ctx;
};

const struct sl_param *form_param(const struct form *form, size_t i);
/* A row whose values are gone through, and one whose names are picked from a list. */
bool form_is_choice(const struct sl_param *row);
bool form_is_list(const struct form *form, size_t i);
void form_draw(struct app *app, struct layer *layer, struct area area);

#endif
