/* form.c: the form on the screen: one row a parameter, its help below, columns picked from a list.
 *
 * What is typed is checked at each key. Enter hands the statement over; when the command it becomes is refused, the
 * form stays, with the reason. */
#include "form_private.h"

#include "overlay.h"

#include <stdio.h>
#include <stdlib.h>

static const struct key_row form_keys[] = {
    { "arrows Tab", "field", NULL, true }, { "left right space", "choose; move in text", NULL, true },
    { "Enter", "accept", NULL, true },     { "^D", "default", NULL, true },
    { "Esc", "cancel", NULL, true },       { 0 },
};

static void current_text(const struct form *form, struct sl_buf *out)
{
    out->n = 0;
    form_text(&form->values, form->selected, out);
    if (!out->p) {
        sl_buf_puts(out, "");
    }
}

static void cursor_to_end(struct form *form)
{
    struct sl_buf text = { 0 };
    if (form->selected < form->values.n) {
        current_text(form, &text);
    }
    form->cursor = text.n;
    sl_buf_release(&text);
}

static void answer(struct app *app, struct form *form, bool accept)
{
    struct sl_buf statement = { 0 };
    size_t wrong = form_wrong(&form->values);
    if (accept && wrong < form->values.n) {
        form->selected = wrong;
        cursor_to_end(form);
        return;
    }
    if (accept) {
        form_statement(&form->values, &statement);
    }
    app->command_failed = false;
    form->done(app, form->ctx, accept && !statement.failed ? statement.p : NULL);
    sl_buf_release(&statement);
    if (accept && app->command_failed) {
        snprintf(form->refused, sizeof form->refused, "%s", app->message);
        app->message[0] = '\0';
    } else {
        app_pop(app, &form->layer);
    }
}

static size_t previous(const struct sl_buf *text, size_t at)
{
    at -= at > 0;
    while (at > 0 && ((unsigned char)text->p[at] & 0xc0) == 0x80) {
        at--;
    }
    return at;
}

static size_t following(const struct sl_buf *text, size_t at)
{
    at += at < text->n;
    while (at < text->n && ((unsigned char)text->p[at] & 0xc0) == 0x80) {
        at++;
    }
    return at;
}

/* Replace bytes from..to of the row's text. */
static void splice(struct form *form, const struct sl_buf *text, size_t from, size_t to, const char *with, size_t n)
{
    struct sl_buf now = { 0 };
    sl_buf_add(&now, text->p, from);
    sl_buf_add(&now, with, n);
    sl_buf_add(&now, text->p + to, text->n - to);
    if (!now.failed) {
        form_set(&form->values, form->selected, (struct sl_str){ now.p ? now.p : "", now.n });
        form->cursor = from + n;
    }
    sl_buf_release(&now);
}

static void edit_key(struct form *form, int key)
{
    struct sl_buf text = { 0 };
    char bytes[4];
    current_text(form, &text);
    size_t at = form->cursor > text.n ? text.n : form->cursor;
    if (key == K_LEFT) {
        form->cursor = previous(&text, at);
    } else if (key == K_RIGHT) {
        form->cursor = following(&text, at);
    } else if (key == K_HOME_KEY || key == K_CTRL('A')) {
        form->cursor = 0;
    } else if (key == K_END_KEY || key == K_CTRL('E')) {
        form->cursor = text.n;
    } else if (key == K_BACKSPACE && at > 0) {
        splice(form, &text, previous(&text, at), at, "", 0);
    } else if (key == K_DELETE && at < text.n) {
        splice(form, &text, at, following(&text, at), "", 0);
    } else if (key == K_CTRL('U')) {
        splice(form, &text, 0, at, "", 0);
    } else if (key == K_CTRL('K')) {
        splice(form, &text, at, text.n, "", 0);
    } else if (key == K_CTRL('W')) {
        size_t from = at;
        while (from > 0 && text.p[from - 1] == ' ') {
            from--;
        }
        while (from > 0 && text.p[from - 1] != ' ') {
            from--;
        }
        splice(form, &text, from, at, "", 0);
    } else if (key >= ' ' && key < 0x110000 && key != 0x7f) {
        splice(form, &text, at, at, bytes, sl_utf8_encode((uint32_t)key, bytes));
    }
    sl_buf_release(&text);
}

static void pick_key(struct app *app, struct form *form, int key)
{
    const struct sl_schema *schema = &form->values.schema;
    key = key == 'j' ? K_DOWN : key == 'k' ? K_UP : key;
    if (key == K_ESC || key == K_ENTER_KEY || key == 'q') {
        form->picking = false;
    } else if (key == ' ' && form_column_fits(&form->values, form->selected, form->pick)) {
        struct sl_error err = SL_ERROR_INIT;
        if (form_column_toggle(&form->values, form->selected, schema->fields[form->pick].name, &err) != SL_OK) {
            app_message(app, STYLE_ERROR, "%s", err.what);
        }
    } else {
        overlay_move(key, schema->n, form->rows, &form->pick);
    }
}

static void form_key(struct app *app, struct layer *layer, int key)
{
    struct form *form = (struct form *)layer;
    size_t n = form->values.n;
    if (form->picking) {
        pick_key(app, form, key);
        return;
    }
    form->refused[0] = '\0';
    if (key == K_ESC || key == K_ENTER_KEY) {
        answer(app, form, key == K_ENTER_KEY);
        return;
    }
    if (key == K_F1) {
        app_help(app);
        return;
    }
    if (!n) {
        return;
    }
    bool list = form_is_list(form, form->selected), choice = form_is_choice(form_param(form, form->selected));
    bool down = key == K_TAB || key == K_DOWN, up = key == K_SHIFT_TAB || key == K_UP;
    if (down || up) {
        form->selected = (form->selected + (down ? 1 : n - 1)) % n;
        cursor_to_end(form);
    } else if (key == K_CTRL('D')) {
        form_set_default(&form->values, form->selected);
        cursor_to_end(form);
    } else if (choice && (key == ' ' || key == K_LEFT || key == K_RIGHT)) {
        form_cycle(&form->values, form->selected, key != K_LEFT);
    } else if (list && (key == ' ' || key == K_RIGHT)) {
        form->picking = true;
        form->pick = form->pick_first = 0;
    } else if (!list && !choice) {
        edit_key(form, key);
    }
}

static void form_free(struct layer *layer)
{
    form_values_release(&((struct form *)layer)->values);
    free(layer);
}

static const struct layer_class form_class = {
    .keys = form_keys, .draw = form_draw, .key = form_key, .free = form_free
};

void app_form(struct app *app, const struct sl_stage_class *class, const void *params, const struct sl_schema *schema,
              void (*done)(struct app *app, void *ctx, const char *statement), void *ctx)
{
    struct sl_error err = SL_ERROR_INIT;
    struct form *form = calloc(1, sizeof *form);
    if (!form || form_values_init(&form->values, class, params, schema, &err) != SL_OK) {
        free(form);
        app_message(app, STYLE_ERROR, "the form cannot be opened: %s", err.status ? err.what : "out of memory");
        done(app, ctx, NULL);
        return;
    }
    form->layer.class = &form_class;
    form->done = done;
    form->ctx = ctx;
    cursor_to_end(form);
    app_push(app, &form->layer);
}
