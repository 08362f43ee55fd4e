/* view_train_inside.c: the frame around what a network looks like inside: its pages and their keys.
 *
 * What is shown is taken by the training itself behind a step, twice a second, so looking costs next to nothing; behind
 * a single batch (`.`) it is that very batch. */
#include "view_train_inside.h"

#include "human.h"

#include <limits.h>

static const struct key_row rows[] = {
    { "Tab", "batch, layers, weights, wrong", NULL, true },
    { "arrows h j k l", "another record, layer, unit", NULL, false },
    { "Enter", "on a record: open it in the Step view", "goto N", true },
    { "r", "wrong ones: look for all of them again", "records wrong", false },
    { ".", "one batch, then hold", "once", true },
    { "Space", "pause, go on", "pause, resume", true },
    { "e", "tune: another learning rate, from here on", "tune PARAMETER=VALUE", false },
    { "t", "train", "train", false },
    { "i Esc q", "back to the curves", NULL, true },
    { 0 },
};
const struct inner_keys train_inside_keys = { "inside a network", rows };

static const char *const names[INSIDE_PAGES] = { "Batch", "Layers", "Weights", "Wrong" };

void train_inside_open(struct app *app, struct train_inside *inside)
{
    struct sl_error err = SL_ERROR_INIT;
    inside->open = true;
    if (!app_session(app) || sl_session_inspect(app_session(app), true, &err) != SL_OK) {
        inside->open = app_session(app) && sl_session_inspection(app_session(app));
        app_message(app, STYLE_HINT, "%s", err.what[0] ? err.what : "there is no network to look into");
    }
}

void train_inside_close(struct app *app, struct train_inside *inside)
{
    inside->open = false;
    if (app_session(app))
        sl_session_inspect(app_session(app), false, NULL);
}

void train_tile_room(struct area area, int *h, int *w)
{
    enum { ACROSS = 5, DOWN = 2, WIDTH = 20, HEIGHT = 12 };
    int across = area.w / WIDTH > ACROSS ? area.w / WIDTH : ACROSS,
        down = area.h / HEIGHT > DOWN ? area.h / HEIGHT : DOWN;
    *h = area.h / down - 1;
    *w = area.w / across - 1;
    *h = *h < 1 ? 1 : *h;
    *w = *w < 1 ? 1 : *w;
}

int train_tiles(struct train_inside *inside, struct area area, int w, int h, int n, int at)
{
    inside->across = area.w / w < 1 ? 1 : area.w / w;
    inside->down = area.h / h < 1 ? 1 : area.h / h;
    int shown = inside->across * inside->down;
    int first = at < shown ? 0 : (at / inside->across - inside->down + 1) * inside->across;
    return first < n ? first : 0;
}

/* How many there are on a page, for the cursor. */
static int count(struct app *app, const struct train_inside *inside, const struct sl_inspection *seen)
{
    const struct sl_record_list *wrong = inside->page == INSIDE_WRONG ? train_wrong_list(app) : NULL;
    if (inside->page == INSIDE_WRONG)
        return wrong ? (int)(wrong->n < INT_MAX ? wrong->n : INT_MAX) : 0;
    if (!seen)
        return 0;
    return inside->page == INSIDE_BATCH    ? (int)seen->n
           : inside->page == INSIDE_LAYERS ? (int)seen->n_layers
                                           : (int)seen->n_units;
}

void train_inside_draw(struct app *app, struct train_inside *inside, struct area area)
{
    const struct sl_inspection *seen = app_session(app) ? sl_session_inspection(app_session(app)) : NULL;
    int x = 0;
    for (int i = 0; i < INSIDE_PAGES; i++)
        x += screen_printf(area, 0, x, i == inside->page ? STYLE_SELECTED : STYLE_DIM, " %s ", names[i]) + 1;
    if (!seen && inside->page != INSIDE_WRONG) {
        screen_text(area, 2, 0, -1, STYLE_HINT,
                    SL_STR("nothing to see yet: it comes with the next batch (. steps one)"));
        return;
    }
    char step[32];
    if (inside->page != INSIDE_WRONG)
        screen_printf(area, 0, x + 2, STYLE_DIM, "as of step %s", human_count(seen->step, step, sizeof step));
    int n = count(app, inside, seen), *at = &inside->at[inside->page];
    *at = *at >= n ? n - 1 : *at;
    *at = *at < 0 ? 0 : *at;
    struct area page = { area.y + 2, area.x, area.h - 2, area.w };
    switch (inside->page) {
    case INSIDE_BATCH: train_batch_draw(inside, seen, page); break;
    case INSIDE_LAYERS: train_layers_draw(inside, seen, page); break;
    case INSIDE_WRONG: train_wrong_draw(app, inside, page); break;
    default: train_weights_draw(inside, seen, page); break;
    }
}

static void move(struct app *app, struct train_inside *inside, const struct sl_inspection *seen, int by)
{
    int to = inside->at[inside->page] + by, n = count(app, inside, seen);
    if (to >= 0 && to < n)
        inside->at[inside->page] = to;
}

static void open_record(struct app *app, struct train_inside *inside, const struct sl_inspection *seen)
{
    int at = inside->at[INSIDE_BATCH];
    if (inside->page == INSIDE_WRONG)
        train_wrong_open(app, inside);
    if (inside->page != INSIDE_BATCH || !seen || at >= (int)seen->n)
        return;
    app_set_record(app, seen->record[at]);
    app_show(app, &view_step);
}

static void turn(struct app *app, struct train_inside *inside, int by)
{
    inside->page = (inside->page + by) % INSIDE_PAGES;
    if (inside->page == INSIDE_WRONG)
        train_wrong_look(app, inside, false);
}

bool train_inside_key(struct app *app, struct train_inside *inside, int key)
{
    const struct sl_inspection *seen = app_session(app) ? sl_session_inspection(app_session(app)) : NULL;
    int across = inside->across > 0 ? inside->across : 1;
    switch (key) {
    case K_TAB: turn(app, inside, 1); break;
    case K_SHIFT_TAB: turn(app, inside, INSIDE_PAGES - 1); break;
    case 'r':
        if (inside->page != INSIDE_WRONG)
            return false;
        train_wrong_look(app, inside, true);
        break;
    case 'h':
    case K_LEFT: move(app, inside, seen, -1); break;
    case 'l':
    case K_RIGHT: move(app, inside, seen, 1); break;
    case 'k':
    case K_UP: move(app, inside, seen, -across); break;
    case 'j':
    case K_DOWN: move(app, inside, seen, across); break;
    case K_PAGE_UP: move(app, inside, seen, -across * inside->down); break;
    case K_PAGE_DOWN: move(app, inside, seen, across * inside->down); break;
    case K_ENTER_KEY: open_record(app, inside, seen); break;
    case 'i':
    case 'q':
    case K_ESC: train_inside_close(app, inside); break;
    default: return false;
    }
    return true;
}
