/* app_draw.c: the frame: header, tabs, the view's pane, hints; and less and less of it on small screens. */
#include "app_private.h"

#include "human.h"
#include "overlay.h"
#include "prompt.h"
#include "replay.h"

#include <math.h>
#include <stdio.h>

#define FULL_ROWS      12
#define FULL_COLUMNS   40
#define STATUS_ROWS    5
#define STATUS_COLUMNS 20

/* What the job does, for the right end of the header. */
static void job_text(struct app *app, char *out, size_t size, enum style *style)
{
    struct sl_train_state state;
    char eta[32];
    sl_session_train_state(app->session, &state);
    *style = state.job == SL_JOB_FAILED ? STYLE_ERROR : state.job == SL_JOB_DONE ? STYLE_GOOD : STYLE_NORMAL;
    out[0] = '\0';
    if (state.job == SL_JOB_NONE) {
        return;
    }
    const char *mark = state.job == SL_JOB_FAILED                                      ? "!"
                       : state.job == SL_JOB_PAUSED                                    ? screen_glyph("‖", "=")
                       : state.job == SL_JOB_DONE                                      ? screen_glyph("✓", "+")
                       : state.job == SL_JOB_TRAINING || state.job == SL_JOB_PREPARING ? screen_glyph("●", "*")
                                                                                       : screen_glyph("○", "o");
    int n = snprintf(out, size, "%s %s", mark, sl_job_name(state.job));
    bool runs = state.job == SL_JOB_PREPARING || state.job == SL_JOB_TRAINING || state.job == SL_JOB_PAUSED;
    if (runs && n > 0 && (size_t)n < size && state.fraction >= 0 && state.fraction <= 1) {
        n += snprintf(out + n, size - (size_t)n, " %.0f%%", state.fraction * 100);
        if (!isnan(state.eta) && n > 0 && (size_t)n < size) {
            n += snprintf(out + n, size - (size_t)n, "  ETA %s", human_time(state.eta, eta, sizeof eta));
        }
    }
    if (state.job == SL_JOB_TRAINING && n > 0 && (size_t)n < size && !isnan(state.wait_share)) {
        snprintf(out + n, size - (size_t)n, "  wait %.0f%%", state.wait_share * 100);
    }
}

/* "50,000 rec · 3 quarantined · scanning 43%" */
static void data_text(struct app *app, char *out, size_t size)
{
    struct sl_browser *browser = sl_session_browser(app->session);
    struct sl_scan_state scan;
    char records[32], bad[32];
    out[0] = '\0';
    if (!browser) {
        return;
    }
    sl_browser_state(browser, &scan);
    const char *dot = screen_glyph("·", "-");
    int n = snprintf(out, size, "%s%s rec %s %s quarantined", human_count(scan.records, records, sizeof records),
                     scan.complete ? "" : "+", dot, human_count(scan.quarantined, bad, sizeof bad));
    if (scan.running && n > 0 && (size_t)n < size) {
        if (isnan(scan.fraction)) {
            snprintf(out + n, size - (size_t)n, " %s scanning", dot);
        } else {
            snprintf(out + n, size - (size_t)n, " %s scanning %.0f%%", dot, scan.fraction * 100);
        }
    } else if (scan.error.status && n > 0 && (size_t)n < size) {
        snprintf(out + n, size - (size_t)n, " %s scan ended: ! for why", dot);
    }
}

static void draw_header(struct app *app, struct area area)
{
    char data[160] = "", job[160] = "";
    enum style style = STYLE_NORMAL;
    if (app->session) {
        data_text(app, data, sizeof data);
        job_text(app, job, sizeof job, &style);
    }
    screen_erase(area);
    int job_width = screen_width(sl_str(job));
    int room = area.w - (job_width ? job_width + 2 : 0);
    int x = 1 + screen_text(area, 0, 1, room - 1, STYLE_TITLE, SL_STR("sluice"));
    if (app->name) {
        int name = screen_width(sl_str(app->name)), most = room - x - 2 - screen_width(sl_str(data)) - 2;
        most = most < 12 ? 12 : most;
        x += 2;
        x += overlay_text(area, 0, x, name > most ? most : room - x, STYLE_STRONG, sl_str(app->name));
    } else if (app->options->n_files) {
        screen_text(area, 0, x + 2, room - x - 2, STYLE_DIM, sl_str("opening ..."));
    }
    if (data[0] && x + 2 < room) {
        overlay_text(area, 0, x + 2, room - x - 2, STYLE_DIM, sl_str(data));
    }
    screen_text(area, 0, area.w - job_width - 1, -1, style, sl_str(job));
}

static void draw_tabs(struct app *app, struct area area)
{
    int x = 1;
    screen_erase(area);
    for (size_t i = 0; i < APP_VIEWS && x < area.w; i++) {
        bool on = i == app->current;
        char tab[40];
        snprintf(tab, sizeof tab, "%zu %s", i + 1, app_views[i]->name);
        if (on) {
            screen_fill(area, 0, x - 1, 1, STYLE_SELECTED, " ");
            x += screen_text(area, 0, x, -1, STYLE_SELECTED, sl_str(tab));
            screen_fill(area, 0, x, 1, STYLE_SELECTED, " ");
        } else {
            screen_text(area, 0, x, 1, STYLE_KEY, sl_str(tab));
            x += 1 + screen_text(area, 0, x + 1, -1, STYLE_NORMAL, sl_str(tab + 1));
        }
        x += 2;
    }
    static const char *const shown[] = { "", " changed only ", " dropped only ", " quarantined only ", "" };
    int width = (int)strlen(shown[app->filter]);
    char attached[160];
    app_attach_text(app, area.w - x - 1, attached, sizeof attached);
    if (attached[0]) {
        int length = screen_width(sl_str(attached));
        screen_text(area, 0, area.w - length - 1, -1, STYLE_SELECTED, sl_str(attached));
    } else if (app->current == 0 && width && x + width < area.w) {
        screen_text(area, 0, area.w - width - 1, -1, STYLE_SELECTED, sl_str(shown[app->filter]));
    }
}

static int draw_hints(const struct key_row *keys, struct area area, int x, int end)
{
    for (; keys && keys->keys; keys++) {
        int width = screen_width(sl_str(keys->keys)) + 1 + screen_width(sl_str(keys->help)) + 2;
        if (!keys->hint || x + width > end) {
            continue;
        }
        x += screen_text(area, 0, x, -1, STYLE_KEY, sl_str(keys->keys)) + 1;
        x += screen_text(area, 0, x, -1, STYLE_HINT, sl_str(keys->help)) + 2;
    }
    return x;
}

/* Bytes of text, up to a blank, that fit in `room` columns. */
static size_t fitting(struct sl_str text, int room)
{
    size_t best = 0;
    for (size_t n = 1; n <= text.n; n++) {
        if (n < text.n && text.p[n] != ' ') {
            continue;
        }
        if (screen_width((struct sl_str){ text.p, n }) > room) {
            break;
        }
        best = n;
    }
    return best ? best : text.n;
}

/* A message too long for its line begins on the lines above, so that the fix at its end is seen. Returns what is left
 * for the last line. */
static struct sl_str draw_upper_lines(struct app *app, struct area bottom, int room)
{
    enum { LINES_AT_MOST = 4 };
    struct sl_str rest = sl_str(app->message), part[LINES_AT_MOST];
    int n = 0, space = bottom.y < 12 ? 0 : LINES_AT_MOST - 1;
    while (n < space && screen_width(rest) > room) {
        size_t bytes = fitting(rest, room);
        part[n++] = (struct sl_str){ rest.p, bytes };
        rest.p += bytes;
        rest.n -= bytes;
        for (; rest.n && *rest.p == ' '; rest.n--) {
            rest.p++;
        }
    }
    for (int i = 0; i < n; i++) {
        struct area line = { bottom.y - n + i, bottom.x, 1, bottom.w };
        screen_erase(line);
        overlay_text(line, 0, 1, room, app->message_style, part[i]);
    }
    return rest;
}

void app_draw_message(struct app *app, struct area bottom)
{
    static const char help[] = "? help";
    int end = bottom.w - (int)sizeof help;
    bool tight = false;
    screen_erase(bottom);
    if (app->player && !app->message[0] && !app->top) {
        replay_draw(app, bottom);
        return;
    }
    if (app->message[0]) {
        /* A long message may take the whole line, but never the "?". */
        struct sl_str rest = draw_upper_lines(app, bottom, bottom.w - 4);
        tight = screen_width(rest) + 1 > end - 1;
        overlay_text(bottom, 0, 1, tight ? bottom.w - 4 : end - 1, app->message_style, rest);
    } else {
        const struct inner_keys *inside = view_inside(app_views[app->current], app->states[app->current]);
        const struct key_row *keys = app->top ? app->top->class->keys
                                     : inside ? inside->keys
                                              : app_views[app->current]->keys;
        draw_hints(keys, bottom, 1, end);
    }
    int at = tight || end < 1 ? bottom.w - 2 : end;
    at = at < 0 ? 0 : at;
    screen_text(bottom, 0, at, 1, STYLE_KEY, SL_STR("?"));
    if (!tight) {
        screen_text(bottom, 0, at + 1, -1, STYLE_HINT, sl_str(help + 1));
    }
}

static bool last_point(struct app *app, struct sl_point *point)
{
    const struct sl_point *points;
    size_t n = app->session ? sl_session_points(app->session, &points) : 0;
    if (n) {
        *point = points[n - 1];
    }
    return n > 0;
}

static void draw_last_loss(struct app *app, struct area area)
{
    struct sl_point point;
    if (last_point(app, &point)) {
        screen_printf(area, 0, 0, STYLE_NORMAL, area.w < 11 ? "%.4f" : "loss %.4f", point.loss);
    } else {
        screen_text(area, 0, 0, -1, STYLE_DIM, SL_STR("no loss yet"));
    }
}

static void draw_status(struct app *app, struct area area)
{
    char text[160] = "";
    enum style style = STYLE_NORMAL;
    struct sl_point point;
    int y = 0;
    screen_text(area, y++, 0, -1, STYLE_STRONG, sl_str(app->name ? app->name : "sluice"));
    if (app->session) {
        data_text(app, text, sizeof text);
        screen_text(area, y++, 0, -1, STYLE_NORMAL, sl_str(text));
        job_text(app, text, sizeof text, &style);
        screen_text(area, y++, 0, -1, style, sl_str(text[0] ? text : "not trained"));
    }
    if (last_point(app, &point)) {
        screen_printf(area, y++, 0, STYLE_NORMAL, "loss %.4f", point.loss);
        if (!isnan(point.test_accuracy)) {
            screen_printf(area, y++, 0, STYLE_NORMAL, "accuracy %.4f", point.test_accuracy);
        }
    }
}

static void draw_full(struct app *app, struct area main_area, struct area bottom)
{
    draw_header(app, (struct area){ 0, 0, 1, bottom.w });
    draw_tabs(app, (struct area){ 1, 0, 1, bottom.w });
    screen_erase(main_area);
    if (app->opened[app->current]) {
        app_views[app->current]->draw(app, app->states[app->current], main_area);
    }
    /* Lower layers are seen around the ones above them. */
    struct layer *layers[8];
    size_t n = 0;
    for (struct layer *layer = app->top; layer && n < 8; layer = layer->below) {
        layers[n++] = layer;
    }
    app_draw_message(app, bottom);
    while (n > 0) {
        struct layer *layer = layers[--n];
        layer->class->draw(app, layer, layer->class->bottom ? bottom : main_area);
    }
}

void app_draw(struct app *app)
{
    int rows, columns;
    screen_size(&rows, &columns);
    screen_frame();
    screen_cursor(-1, -1);
    struct area all = { 0, 0, rows, columns }, bottom = { rows - 1, 0, 1, columns };
    struct area main_area = { 2, 0, rows - 3, columns };
    if (rows >= FULL_ROWS && columns >= FULL_COLUMNS) {
        draw_full(app, main_area, bottom);
    } else {
        screen_erase(all);
        if (rows < STATUS_ROWS || columns < STATUS_COLUMNS) {
            draw_last_loss(app, all);
        } else {
            draw_status(app, all);
            app_draw_message(app, bottom);
        }
        if (app->top && app->top->class->bottom) {
            app->top->class->draw(app, app->top, bottom);
        }
    }
    if (prompt_active()) {
        prompt_draw(app, main_area, bottom);
    }
}
