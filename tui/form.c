/* form.c: the form on the screen: one row a parameter, its help below, columns picked from a list.
 *
 * What is typed is checked at each key. Enter hands the statement over; when the command it becomes is refused, the
 * form stays, with the reason. */
#include "form.h"

#include "app_private.h"
#include "overlay.h"

#include <stdio.h>
#include <stdlib.h>

#define HELP_ROWS 4

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

static const struct key_row form_keys[] = {
    { "arrows Tab", "field", NULL, true }, { "left right space", "choose; move in text", NULL, true },
    { "Enter", "accept", NULL, true },     { "^D", "default", NULL, true },
    { "Esc", "cancel", NULL, true },       { 0 },
};

static const struct sl_param *row_of(const struct form *form, size_t i)
{
    return &form->values.class->params[i];
}

static bool is_choice(const struct sl_param *row)
{
    return row->kind == SL_PARAM_BOOL || row->kind == SL_PARAM_CHOICE;
}

static bool is_list(const struct form *form, size_t i)
{
    return row_of(form, i)->kind == SL_PARAM_COLUMNS && form->values.schema.n > 0;
}

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

/* The selected row's value, with the cursor when it is text. */
static void draw_value(struct form *form, struct area box, int y, int x, int width, size_t i)
{
    struct sl_buf text = { 0 };
    bool on = i == form->selected;
    const struct sl_param *row = row_of(form, i);
    enum style style = form->values.rows[i].error.status ? STYLE_ERROR : on ? STYLE_STRONG : STYLE_NORMAL;
    form_text(&form->values, i, &text);
    struct sl_str shown = { text.p, text.n };
    if (is_choice(row)) {
        x += on ? screen_text(box, y, x, 2, STYLE_KEY, SL_STR("< ")) : 2;
        x += screen_text(box, y, x, width - 4, style, shown);
        if (on) {
            screen_text(box, y, x, 2, STYLE_KEY, SL_STR(" >"));
        }
    } else if (!shown.n && row->kind == SL_PARAM_COLUMNS) {
        screen_text(box, y, x + 2, width - 2, STYLE_DIM,
                    row->required ? SL_STR("(none yet)") : SL_STR("(all it can take)"));
    } else {
        size_t from = 0;
        if (on) { /* keep the cursor in sight */
            while (screen_width((struct sl_str){ shown.p + from, form->cursor - from }) > width - 4 &&
                   from < form->cursor) {
                from++;
                while (from < form->cursor && ((unsigned char)shown.p[from] & 0xc0) == 0x80) {
                    from++;
                }
            }
        }
        screen_text(box, y, x + 2, width - 2, style, (struct sl_str){ shown.p + from, shown.n - from });
        if (on && !is_list(form, i)) {
            int before = screen_width((struct sl_str){ shown.p + from, form->cursor - from });
            screen_cursor(box.y + y, box.x + x + 2 + before);
        }
    }
    sl_buf_release(&text);
}

static void put_help(void *ctx, size_t line, struct sl_str span)
{
    const struct area *area = ctx;
    screen_text(*area, (int)line, 0, -1, STYLE_DIM, span);
}

static void put_error(void *ctx, size_t line, struct sl_str span)
{
    const struct area *area = ctx;
    screen_text(*area, (int)line, 0, -1, STYLE_ERROR, span);
}

static void draw_help(struct form *form, struct area area)
{
    struct sl_buf text = { 0 };
    if (form->selected >= form->values.n) {
        return;
    }
    const struct sl_param *row = row_of(form, form->selected);
    const struct sl_error *error = &form->values.rows[form->selected].error;
    if (error->status || form->refused[0]) {
        sl_buf_printf(&text, "! %s%s%s", error->status ? error->what : form->refused,
                      error->status && error->fix[0] ? "; " : "", error->status ? error->fix : "");
        overlay_wrap((struct sl_str){ text.p, text.n }, area.w, put_error, &area);
    } else {
        sl_buf_printf(&text, "%s%s%s%s (", row->help ? row->help : "", row->unit ? " [" : "",
                      row->unit ? row->unit : "", row->unit ? "]" : "");
        sl_param_describe(row, &text);
        sl_buf_puts(&text, row->required ? "; required" : "");
        if (!row->required && form->values.class->defaults && row->kind != SL_PARAM_COLUMNS) {
            sl_buf_puts(&text, "; default ");
            sl_param_format(row, form->values.class->defaults, &text);
        }
        sl_buf_puts(&text, is_list(form, form->selected) ? ") space picks from a list" : ")");
        overlay_wrap((struct sl_str){ text.p, text.n }, area.w, put_help, &area);
    }
    sl_buf_release(&text);
}

static int name_width(const struct form *form)
{
    int width = 8;
    for (size_t i = 0; i < form->values.n; i++) {
        int w = screen_width(sl_str(row_of(form, i)->name));
        width = w > width ? w : width;
    }
    return width > 22 ? 22 : width;
}

static void draw_fields(struct form *form, struct area box)
{
    int names = name_width(form);
    form->rows = box.h - HELP_ROWS > 1 ? box.h - HELP_ROWS : box.h;
    form->first = overlay_scroll(form->first, form->selected, form->values.n, form->rows);
    for (int y = 0; y < form->rows && form->first + (size_t)y < form->values.n; y++) {
        size_t i = form->first + (size_t)y;
        bool on = i == form->selected, is_default = form_is_default(&form->values, i);
        const char *mark = form->values.rows[i].error.status ? "!" : is_default ? " " : "*";
        screen_text(box, y, 0, 2, STYLE_KEY, on ? SL_STR("=>") : SL_STR("  "));
        screen_text(box, y, 3, names, on ? STYLE_STRONG : STYLE_NORMAL, sl_str(row_of(form, i)->name));
        screen_text(box, y, names + 4, 1, STYLE_WARNING, sl_str(mark));
        draw_value(form, box, y, names + 5, box.w - names - 5, i);
    }
    if (!form->values.n) {
        screen_text(box, 0, 3, -1, STYLE_DIM, SL_STR("nothing to set: Enter adds it"));
    }
    if (box.h > HELP_ROWS + 1) {
        struct area help = { box.y + form->rows + 1, box.x + 3, box.h - form->rows - 1, box.w - 3 };
        draw_help(form, help);
    }
}

static void draw_columns(struct form *form, struct area box)
{
    const struct sl_schema *schema = &form->values.schema;
    screen_text(box, 0, 0, -1, STYLE_DIM, SL_STR("space picks, Enter goes back"));
    form->rows = box.h - 1;
    form->pick_first = overlay_scroll(form->pick_first, form->pick, schema->n, form->rows);
    for (int y = 0; y < form->rows && form->pick_first + (size_t)y < schema->n; y++) {
        size_t i = form->pick_first + (size_t)y;
        bool fits = form_column_fits(&form->values, form->selected, i), on = i == form->pick;
        bool picked = form_column_picked(&form->values, form->selected, schema->fields[i].name);
        enum style style = !fits ? STYLE_DIM : on ? STYLE_STRONG : STYLE_NORMAL;
        screen_text(box, y + 1, 0, 2, STYLE_KEY, on ? SL_STR("=>") : SL_STR("  "));
        screen_text(box, y + 1, 3, 3, style, picked ? SL_STR("[x]") : fits ? SL_STR("[ ]") : SL_STR(" - "));
        int n = screen_text(box, y + 1, 7, box.w / 2, style, sl_str(schema->fields[i].name));
        screen_text(box, y + 1, 9 + n, -1, STYLE_DIM, sl_str(sl_type_name(schema->fields[i].type)));
    }
}

static void form_draw(struct app *app, struct layer *layer, struct area area)
{
    (void)app;
    struct form *form = (struct form *)layer;
    size_t lines = form->picking ? form->values.schema.n + 1 : form->values.n + HELP_ROWS + 1;
    struct area box = overlay_box(area, lines < 1000 ? (int)lines : 1000, 78, form->values.class->name);
    if (form->picking) {
        draw_columns(form, box);
    } else {
        draw_fields(form, box);
    }
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
    bool list = is_list(form, form->selected), choice = is_choice(row_of(form, form->selected));
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
