/* overlay_text.c: layers that show text: help made from the key tables, the log, answers to commands; and the question.
 */
#include "app_private.h"
#include "log.h"
#include "overlay.h"
#include "replay.h"

#include <stdio.h>
#include <stdlib.h>

struct text_layer {
    struct layer layer;
    char *title;
    struct sl_buf text;
    size_t top;      /* first line shown */
    bool end;        /* begin at the end */
    int rows, width; /* as last drawn */
};

static const struct key_row text_keys[] = {
    { "arrows j k", "scroll", NULL, true },
    { "PgUp PgDn space", "a page", NULL, false },
    { "g G", "first, last line", NULL, false },
    { "Esc q", "close", NULL, true },
    { 0 },
};

struct drawing {
    struct area area;
    size_t first;
};

static void put_line(void *ctx, size_t line, struct sl_str span)
{
    struct drawing *d = ctx;
    if (line >= d->first && line - d->first < (size_t)d->area.h) {
        screen_text(d->area, (int)(line - d->first), 0, -1, STYLE_NORMAL, span);
    }
}

static size_t last_top(const struct text_layer *t)
{
    size_t n = overlay_wrap((struct sl_str){ t->text.p, t->text.n }, t->width, NULL, NULL);
    return n > (size_t)t->rows ? n - (size_t)t->rows : 0;
}

static void text_draw(struct app *app, struct layer *layer, struct area area)
{
    (void)app;
    struct text_layer *t = (struct text_layer *)layer;
    int width = area.w - 8 < 96 ? area.w - 8 : 96;
    width = width < 1 ? 1 : width;
    size_t lines = overlay_wrap((struct sl_str){ t->text.p, t->text.n }, width, NULL, NULL);
    struct area box = overlay_box(area, lines < 1000 ? (int)lines : 1000, width, t->title);
    t->rows = box.h > 0 ? box.h : 1;
    t->width = box.w;
    size_t most = last_top(t);
    t->top = t->end || t->top > most ? most : t->top;
    struct drawing d = { box, t->top };
    overlay_wrap((struct sl_str){ t->text.p, t->text.n }, box.w, put_line, &d);
    if (t->top < most) {
        screen_text((struct area){ box.y + box.h, box.x, 1, box.w }, 0, box.w - 6, -1, STYLE_DIM,
                    sl_str(screen_glyph(" more ↓", " more v")));
    }
}

static void text_key(struct app *app, struct layer *layer, int key)
{
    struct text_layer *t = (struct text_layer *)layer;
    size_t last = last_top(t);
    t->end = false;
    key = key == 'j' || key == K_ENTER_KEY ? K_DOWN : key == 'k' ? K_UP : key == ' ' ? K_PAGE_DOWN : key;
    key = key == 'g' ? K_HOME_KEY : key == 'G' ? K_END_KEY : key;
    if (key == K_ESC || key == 'q' || key == '?' || key == K_F1) {
        app_pop(app, layer);
    } else {
        overlay_move(key, last + 1, t->rows, &t->top);
    }
}

static void text_free(struct layer *layer)
{
    struct text_layer *t = (struct text_layer *)layer;
    free(t->title);
    sl_buf_release(&t->text);
    free(t);
}

static const struct layer_class text_class = {
    .keys = text_keys, .draw = text_draw, .key = text_key, .free = text_free
};

static void push_text(struct app *app, const char *title, struct sl_buf *text, bool end)
{
    struct text_layer *t = calloc(1, sizeof *t);
    if (!t || text->failed) {
        free(t);
        sl_buf_release(text);
        app_message(app, STYLE_ERROR, "out of memory");
        return;
    }
    *t = (struct text_layer){
        .layer.class = &text_class, .title = strdup(title), .text = *text, .end = end, .rows = 1, .width = 1
    };
    app_push(app, &t->layer);
}

void app_show_text(struct app *app, const char *title, struct sl_str text)
{
    struct sl_buf copy = { 0 };
    sl_buf_add(&copy, text.p, text.n);
    push_text(app, title, &copy, false);
}

void app_show_log(struct app *app)
{
    struct sl_buf text = { 0 };
    for (size_t i = 0; i < log_lines(); i++) {
        struct sl_str line = log_line(i);
        sl_buf_puts(&text, i ? "\n" : "");
        sl_buf_add(&text, line.p, line.n);
    }
    if (!log_lines()) {
        sl_buf_puts(&text, "nothing was said yet");
    }
    push_text(app, "messages", &text, true);
}

static void help_table(struct sl_buf *out, const char *title, const struct key_row *keys)
{
    sl_buf_printf(out, "%s%s\n", out->n ? "\n" : "", title);
    for (; keys && keys->keys; keys++) {
        int pad = 18 - screen_width(sl_str(keys->keys));
        sl_buf_printf(out, "  %s%*s %s", keys->keys, pad > 0 ? pad : 0, "", keys->help);
        if (keys->command) {
            sl_buf_printf(out, "   :%s", keys->command);
        }
        sl_buf_putc(out, '\n');
    }
}

void app_help(struct app *app)
{
    struct sl_buf text = { 0 };
    if (app->top) {
        help_table(&text, "Here", app->top->class->keys);
    }
    if (app->player) {
        help_table(&text, "Replay: these keys come first", replay_keys);
    }
    const struct inner_keys *inside = view_inside(app_views[app->current], app->states[app->current]);
    if (inside)
        help_table(&text, inside->name, inside->keys);
    help_table(&text, app_views[app->current]->name, app_views[app->current]->keys);
    help_table(&text, "Everywhere", app_keys);
    sl_buf_puts(
        &text, "\nWhat follows a colon is the command the key stands for; \":help NAME\" explains a stage or command.");
    push_text(app, "help", &text, false);
}

void app_push(struct app *app, struct layer *layer)
{
    layer->below = app->top;
    app->top = layer;
    app->dirty = true;
}

void app_pop(struct app *app, struct layer *layer)
{
    for (struct layer **at = &app->top; *at; at = &(*at)->below) {
        if (*at == layer) {
            *at = layer->below;
            layer->class->free(layer);
            break;
        }
    }
    app->dirty = true;
}

struct question {
    struct layer layer;
    char *text;
    void (*done)(struct app *app, void *ctx, bool yes);
    void *ctx;
};

static const struct key_row question_keys[] = {
    { "y Enter", "yes", NULL, true },
    { "n Esc", "no", NULL, true },
    { 0 },
};

static void question_draw(struct app *app, struct layer *layer, struct area area)
{
    (void)app;
    struct question *q = (struct question *)layer;
    screen_erase(area);
    int x = 1 + screen_text(area, 0, 1, area.w - 8, STYLE_WARNING, sl_str(q->text));
    screen_text(area, 0, x + 1, -1, STYLE_KEY, SL_STR("y / n"));
}

static void question_key(struct app *app, struct layer *layer, int key)
{
    struct question *q = (struct question *)layer;
    bool yes = key == 'y' || key == 'Y' || key == K_ENTER_KEY,
         no = key == 'n' || key == 'N' || key == K_ESC || key == 'q';
    if (yes || no) {
        struct question answered = *q;
        app_pop(app, layer);
        answered.done(app, answered.ctx, yes);
    }
}

static void question_free(struct layer *layer)
{
    free(((struct question *)layer)->text);
    free(layer);
}

static const struct layer_class question_class = {
    .keys = question_keys, .bottom = true, .draw = question_draw, .key = question_key, .free = question_free
};

void app_confirm(struct app *app, const char *question, void (*done)(struct app *app, void *ctx, bool yes), void *ctx)
{
    struct question *q = calloc(1, sizeof *q);
    if (q) {
        *q = (struct question){ .layer.class = &question_class, .text = strdup(question), .done = done, .ctx = ctx };
    }
    if (!q || !q->text) {
        free(q);
        app_message(app, STYLE_ERROR, "out of memory");
        return;
    }
    app_push(app, &q->layer);
}
