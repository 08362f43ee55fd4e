/* view_train_wrong.c: test records that the trained network takes for another class, most wrong first: pictures with
 * what they are and what they were taken for; records that are no pictures as lines.
 *
 * The list is the session's (`records wrong`, or a cell of the confusion matrix), so the Step view walks through the
 * same. Pictures are read as they come into sight, for a few milliseconds a frame, and kept. */
#include "human.h"
#include "picture.h"
#include "view_train_inside.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { CAPTION = 13, FRAME_MS = 25, READ_MS = 200, TEXT = 200, KEPT = 48 };

struct wrong_tile {
    bool known;
    uint64_t record;
    struct picture picture; /* a small copy, owned; pixels NULL: none */
    char text[TEXT];        /* else what else it says */
};

void train_wrong_release(struct train_inside *inside)
{
    for (int i = 0; inside->tiles && i < WRONG_TILES; i++)
        free((void *)inside->tiles[i].picture.pixels);
    free(inside->tiles);
    inside->tiles = NULL;
}

/* --- the list --- */

const struct sl_record_list *train_wrong_list(struct app *app)
{
    const struct sl_record_list *list = app_session(app) ? sl_debug_list(app_session(app)) : NULL;
    return list && list->judged ? list : NULL;
}

static bool is_running(struct app *app)
{
    struct sl_debug_state state;
    sl_debug_state(app_session(app), &state);
    return state.task != SL_DEBUG_IDLE;
}

static bool is_trained(struct app *app)
{
    struct sl_train_state state;
    sl_session_train_state(app_session(app), &state);
    return state.job == SL_JOB_DONE || state.job == SL_JOB_STOPPED;
}

/* The loss tells one training's result from another's. */
static double loss_now(struct app *app)
{
    const struct sl_result *result = sl_session_result(app_session(app));
    return result && result->have_test ? result->test.log_loss : (double)NAN;
}

void train_wrong_look(struct app *app, struct train_inside *inside, bool again)
{
    struct sl_error err = SL_ERROR_INIT;
    char text[512];
    bool old = inside->wrong_loss > 0 && fabs(inside->wrong_loss - loss_now(app)) > 0;
    bool fresh = train_wrong_list(app) && !old; /* a cell of the confusion matrix will do */
    if (!app_session(app) || is_running(app) || !is_trained(app) || (fresh && !again))
        return;
    inside->wrong_loss = loss_now(app);
    inside->at[INSIDE_WRONG] = 0;
    if (sl_debug_wrong(app_session(app), &err) != SL_OK)
        app_message(app, STYLE_ERROR, "%s", sl_error_format(&err, text, sizeof text));
}

/* --- the records --- */

static double now_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static void take_row(struct wrong_tile *tile, const struct sl_row *row, struct sl_arena *arena)
{
    struct sl_buf text = { 0 };
    const struct sl_chunk *chunk = row->raw_chunk;
    for (size_t c = 0; chunk && c < chunk->schema->n && !tile->picture.pixels; c++) {
        const struct picture *picture = picture_of_cell(chunk, c, row->raw, arena);
        if (picture)
            picture_shrink(picture, KEPT, KEPT, &tile->picture);
        if (text.n < TEXT) {
            sl_buf_puts(&text, text.n ? "  " : "");
            sl_cell_format(chunk, c, row->raw, &text);
        }
    }
    snprintf(tile->text, sizeof tile->text, "%.*s", (int)(text.n < TEXT ? text.n : TEXT - 1), text.n ? text.p : "");
    sl_buf_release(&text);
}

/* What is kept of a record, read if it must be and there is time left; NULL: not yet. */
static const struct wrong_tile *tile_of(struct app *app, struct train_inside *inside, int i, uint64_t record,
                                        double until)
{
    struct wrong_tile *tile = &inside->tiles[i % WRONG_TILES];
    struct sl_browser *browser = sl_session_browser(app_session(app));
    struct sl_page page = { 0 };
    if (tile->known && tile->record == record)
        return tile;
    if (!browser || now_ms() > until)
        return NULL;
    free((void *)tile->picture.pixels);
    *tile = (struct wrong_tile){ .record = record };
    if (sl_browser_page(browser, record, 1, false, SL_SHOW_ALL, NULL, 0, READ_MS, &page, NULL) == SL_OK && page.n &&
        page.rows[0].record == record && !page.rows[0].rejected)
        take_row(tile, &page.rows[0], &page.arena);
    tile->known = !page.more || page.n;
    sl_page_release(&page);
    return tile->known ? tile : NULL;
}

static void describe(struct app *app, const struct sl_listed *item, char *out, size_t size)
{
    const struct sl_result *result = sl_session_result(app_session(app));
    uint32_t n = result && result->classes ? result->test.n_classes : 0;
    if (item->truth < n && item->predicted < n)
        snprintf(out, size, "%.40s%s%.40s", result->classes[item->truth], screen_glyph("→", ">"),
                 result->classes[item->predicted]);
    else
        snprintf(out, size, "%u%s%u", item->truth, screen_glyph("→", ">"), item->predicted);
}

/* --- drawing --- */

static void draw_pictures(struct app *app, struct train_inside *inside, const struct sl_record_list *list,
                          const struct wrong_tile *like, double until, struct area area)
{
    int most_h, most_w, h, w;
    train_tile_room(area, &most_h, &most_w);
    picture_size(&like->picture, most_h, most_w, &h, &w);
    int width = w < CAPTION ? CAPTION : w, at = inside->at[INSIDE_WRONG], n = (int)list->n;
    int first = train_tiles(inside, area, width + 1, h + 1, n, at), shown = inside->across * inside->down;
    shown = shown > WRONG_TILES ? WRONG_TILES : shown;
    for (int i = first; i < n && i < first + shown; i++) {
        int y = (i - first) / inside->across * (h + 1), x = (i - first) % inside->across * (width + 1);
        const struct wrong_tile *tile = tile_of(app, inside, i, list->item[i].record, until);
        char text[120];
        describe(app, &list->item[i], text, sizeof text);
        screen_text(area, y + h, x, width, i == at ? STYLE_SELECTED : STYLE_WARNING, sl_str(text));
        if (!tile)
            app_redraw(app);
        if (tile && tile->picture.pixels)
            picture_fit(&tile->picture, (struct area){ area.y + y, area.x + x, h, w });
    }
}

static void draw_lines(struct app *app, struct train_inside *inside, const struct sl_record_list *list, double until,
                       struct area area)
{
    struct area rows = { area.y + 1, area.x, area.h - 1, area.w };
    int n = (int)list->n, at = inside->at[INSIDE_WRONG];
    int first = train_tiles(inside, rows, rows.w < 1 ? 1 : rows.w, 1, n, at);
    screen_printf(area, 0, 0, STYLE_HEADER, "%10s  %-20s %8s  %s", "record", "outcome", "loss", "as it was read");
    for (int i = first; i < n && i - first < rows.h && i - first < WRONG_TILES; i++) {
        const struct wrong_tile *tile = tile_of(app, inside, i, list->item[i].record, until);
        enum style style = i == at ? STYLE_SELECTED : STYLE_NORMAL;
        char text[120];
        describe(app, &list->item[i], text, sizeof text);
        screen_printf(rows, i - first, 0, style, "%10llu", (unsigned long long)list->item[i].record);
        screen_text(rows, i - first, 12, 20, style, sl_str(text));
        screen_printf(rows, i - first, 33, style, "%8.3g", list->item[i].score);
        if (tile)
            screen_text(rows, i - first, 43, -1, STYLE_DIM, sl_str(tile->text));
        else
            app_redraw(app);
    }
}

static void draw_chosen(struct app *app, const struct sl_record_list *list, int i, struct area area)
{
    char text[120], record[32], total[32];
    describe(app, &list->item[i], text, sizeof text);
    human_count(list->item[i].record, record, sizeof record);
    human_count(list->total, total, sizeof total);
    int x = screen_printf(area, area.h - 1, 0, STYLE_STRONG, "record %s", record) + 2;
    x += screen_text(area, area.h - 1, x, -1, STYLE_WARNING, sl_str(text)) + 2;
    x += screen_printf(area, area.h - 1, x, STYLE_DIM, "loss %.3g", list->item[i].score) + 2;
    screen_printf(area, area.h - 1, x, STYLE_DIM, "%d of %s %s", i + 1, total, list->title);
}

/* Nothing to show: why, and what to do. */
static void draw_nothing(struct app *app, const struct train_inside *inside, struct area area)
{
    struct sl_debug_state state;
    sl_debug_state(app_session(app), &state);
    if (state.task != SL_DEBUG_IDLE) {
        int x = screen_text(area, 0, 0, -1, STYLE_HINT, SL_STR("looking for the records that are taken wrong"));
        if (!isnan(state.fraction))
            screen_printf(area, 0, x + 2, STYLE_NORMAL, "%.0f%%", state.fraction * 100);
        app_redraw(app);
    } else if (!is_trained(app)) {
        screen_text(area, 0, 0, -1, STYLE_HINT,
                    SL_STR("the wrong ones are looked for when the training is over, or stopped (K)"));
    } else {
        screen_text(area, 0, 0, -1, STYLE_HINT,
                    inside->wrong_loss > 0 ? SL_STR("r looks for them again") : SL_STR("r looks for them"));
    }
}

void train_wrong_draw(struct app *app, struct train_inside *inside, struct area area)
{
    const struct sl_record_list *list = is_running(app) ? NULL : train_wrong_list(app);
    double until = now_ms() + FRAME_MS;
    if (!inside->tiles)
        inside->tiles = calloc(WRONG_TILES, sizeof *inside->tiles);
    if (!list || !inside->tiles) {
        draw_nothing(app, inside, area);
        return;
    }
    if (!list->n) {
        screen_printf(area, 0, 0, STYLE_GOOD, "%s: none", list->title);
        return;
    }
    int at = inside->at[INSIDE_WRONG];
    struct area body = { area.y, area.x, area.h - 1, area.w };
    const struct wrong_tile *like = tile_of(app, inside, at, list->item[at].record, until + READ_MS);
    if (!like)
        app_redraw(app);
    else if (like->picture.pixels)
        draw_pictures(app, inside, list, like, until, body);
    else
        draw_lines(app, inside, list, until, body);
    draw_chosen(app, list, at, area);
}

void train_wrong_open(struct app *app, struct train_inside *inside)
{
    const struct sl_record_list *list = train_wrong_list(app);
    size_t at = (size_t)inside->at[INSIDE_WRONG];
    struct sl_error err = SL_ERROR_INIT;
    if (!list || at >= list->n)
        return;
    app_set_record(app, list->item[at].record);
    if (sl_debug_list_goto(app_session(app), at, &err) != SL_OK)
        app_message(app, STYLE_ERROR, "%s", err.what);
    app_show(app, &view_step);
}
