/* view_step_breaks.c: the list of breakpoints: on or off, how often each was hit, and why one does not fit. */
#include "view_step_private.h"

#include "app_private.h"
#include "human.h"
#include "overlay.h"

#include <stdio.h>
#include <stdlib.h>

struct breaks_layer {
    struct layer layer;
    size_t selected, first;
    int rows;
};

static const struct key_row breaks_keys[] = {
    { "arrows j k", "move", NULL, false }, { "Space", "on, off", "switch N", true },
    { "x", "delete", "unbreak N", true },  { "b", "add", "break STAGE: CONDITION", true },
    { "Esc q", "close", NULL, true },      { 0 },
};

static void draw_row(struct area box, int y, const struct sl_debug_break *b, size_t number, bool selected)
{
    char hits[32], text[48];
    enum style style = selected ? STYLE_SELECTED : b->on && !b->problem ? STYLE_NORMAL : STYLE_DIM;
    if (selected) {
        screen_fill(box, y, 0, box.w, STYLE_SELECTED, " ");
    }
    screen_printf(box, y, 0, style, "%s%2zu %s", selected ? ">" : " ", number, b->on ? "* on " : "o off");
    snprintf(text, sizeof text, b->hits == 1 ? "%s hit" : "%s hits", human_count(b->hits, hits, sizeof hits));
    int width = (int)strlen(text);
    overlay_text(box, y, 11, box.w - 12 - width, style, sl_str(b->text));
    screen_text(box, y, box.w - width, -1, style, sl_str(text));
}

static void breaks_draw(struct app *app, struct layer *layer, struct area area)
{
    struct breaks_layer *l = (struct breaks_layer *)layer;
    struct sl_session *session = app_session(app);
    size_t n = session ? sl_debug_breaks(session) : 0;
    int width = area.w - 8 < 90 ? area.w - 8 : 90;
    struct area box = overlay_box(area, n ? (int)n + 2 : 3, width, "breakpoints");
    if (!n) {
        screen_text(box, 0, 0, -1, STYLE_NORMAL, SL_STR("There is none yet. b adds one: STAGE: CONDITION, as in"));
        screen_text(box, 1, 2, -1, STYLE_STRONG, SL_STR("any: len(text) < 10    trim: changed    any: sample 1%"));
        return;
    }
    l->selected = l->selected >= n ? n - 1 : l->selected;
    l->rows = box.h - 2;
    l->first = overlay_scroll(l->first, l->selected, n, l->rows);
    for (int y = 0; y < l->rows && l->first + (size_t)y < n; y++) {
        size_t at = l->first + (size_t)y;
        draw_row(box, y, sl_debug_break(session, at), at + 1, at == l->selected);
    }
    const struct sl_debug_break *chosen = sl_debug_break(session, l->selected);
    if (chosen->problem) {
        overlay_text(box, box.h - 1, 0, -1, STYLE_ERROR, sl_str(chosen->problem));
    }
}

static void added(struct app *app, void *ctx, const char *line)
{
    (void)ctx;
    if (line && line[strspn(line, " ")]) {
        app_command(app, "break %s", line);
    }
}

static void breaks_key(struct app *app, struct layer *layer, int key)
{
    struct breaks_layer *l = (struct breaks_layer *)layer;
    size_t n = app_session(app) ? sl_debug_breaks(app_session(app)) : 0;
    key = key == 'j' ? K_DOWN : key == 'k' ? K_UP : key;
    if (key == K_ESC || key == 'q' || key == 'B') {
        app_pop(app, layer);
    } else if (key == 'b') {
        app_prompt(app, "break ", "", false, added, NULL);
    } else if (n && key == ' ') {
        app_command(app, "switch %zu", l->selected + 1);
    } else if (n && (key == 'x' || key == 'd' || key == K_DELETE)) {
        app_command(app, "unbreak %zu", l->selected + 1);
    } else if (n) {
        overlay_move(key, n, l->rows, &l->selected);
    }
}

static void breaks_free(struct layer *layer)
{
    free(layer);
}

static const struct layer_class breaks_class = {
    .keys = breaks_keys, .draw = breaks_draw, .key = breaks_key, .free = breaks_free
};

void step_breaks_show(struct app *app)
{
    struct breaks_layer *l = calloc(1, sizeof *l);
    if (!l) {
        app_message(app, STYLE_ERROR, "out of memory");
        return;
    }
    *l = (struct breaks_layer){ .layer.class = &breaks_class, .rows = 1 };
    app_push(app, &l->layer);
}
