/* form_draw.c: a form's rows, the help for the selected one, and the list of columns. */
#include "form_private.h"

#include "overlay.h"

#include <stdio.h>

#define HELP_ROWS 4

const struct sl_param *form_param(const struct form *form, size_t i)
{
    return &form->values.class->params[i];
}

bool form_is_choice(const struct sl_param *row)
{
    return row->kind == SL_PARAM_BOOL || row->kind == SL_PARAM_CHOICE;
}

bool form_is_list(const struct form *form, size_t i)
{
    return form_param(form, i)->kind == SL_PARAM_COLUMNS && form->values.schema.n > 0;
}

/* The selected row's value, with the cursor when it is text. */
static void draw_value(struct form *form, struct area box, int y, int x, int width, size_t i)
{
    struct sl_buf text = { 0 };
    bool on = i == form->selected;
    const struct sl_param *row = form_param(form, i);
    enum style style = form->values.rows[i].error.status ? STYLE_ERROR : on ? STYLE_STRONG : STYLE_NORMAL;
    form_text(&form->values, i, &text);
    struct sl_str shown = { text.p, text.n };
    if (form_is_choice(row)) {
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
        if (on && !form_is_list(form, i)) {
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
    const struct sl_param *row = form_param(form, form->selected);
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
        sl_buf_puts(&text, form_is_list(form, form->selected) ? ") space picks from a list" : ")");
        overlay_wrap((struct sl_str){ text.p, text.n }, area.w, put_help, &area);
    }
    sl_buf_release(&text);
}

static int name_width(const struct form *form)
{
    int width = 8;
    for (size_t i = 0; i < form->values.n; i++) {
        int w = screen_width(sl_str(form_param(form, i)->name));
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
        screen_text(box, y, 3, names, on ? STYLE_STRONG : STYLE_NORMAL, sl_str(form_param(form, i)->name));
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

void form_draw(struct app *app, struct layer *layer, struct area area)
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
