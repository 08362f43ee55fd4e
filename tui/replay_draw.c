/* replay_draw.c: the player's one line: playing or not, speed, where it is, and what happened there.
 *
 *   ▶ 1×  ━━━━|━━v━●──=───|───  1,234/5,678  0:42/3:10  paused at step 120      Tab view  ? help
 *
 * The line is cut from the middle: the bar shrinks, then the times go, but never what happened, nor the "?". */
#include "replay.h"

#include "human.h"
#include "overlay.h"

#include <stdio.h>

#define LEAST_BAR 8
#define MOST_BAR  48

/* Where the marks fall on a bar of so many cells; the most telling one of a cell wins. */
static void place_marks(const struct player *p, size_t n, int width, char *cells)
{
    static const char order[] = "|=^v!";
    memset(cells, 0, (size_t)width);
    for (size_t i = 0; i < p->n_marks; i++) {
        size_t cell = n > 1 ? p->marks[i].moment * (size_t)(width - 1) / (n - 1) : 0;
        const char *now = cells[cell] ? strchr(order, cells[cell]) : NULL;
        if (!now || strchr(order, p->marks[i].kind) > now)
            cells[cell] = p->marks[i].kind;
    }
}

static void draw_bar(struct app *app, struct area area, int x, int width)
{
    char marks[MOST_BAR];
    const struct player *p = app->player;
    size_t n = sl_replay_moments(app->session), at = sl_replay_at(app->session);
    int head = n > 1 ? (int)(at * (size_t)(width - 1) / (n - 1)) : 0;
    place_marks(p, n, width, marks);
    for (int i = 0; i < width; i++) {
        const char mark[2] = { marks[i], '\0' };
        const char *glyph = i == head         ? screen_glyph("●", "#")
                            : marks[i] == '=' ? screen_glyph("‖", "=")
                            : marks[i]        ? mark
                            : i < head        ? screen_glyph("━", "=")
                                              : screen_glyph("─", "-");
        enum style style = i == head ? STYLE_KEY : marks[i] == '!' ? STYLE_ERROR : i < head ? STYLE_NORMAL : STYLE_DIM;
        screen_text(area, 0, x + i, 1, style, sl_str(glyph));
    }
}

static void say_speed(const struct player *p, char *out, size_t size)
{
    if (p->fast)
        snprintf(out, size, "max");
    else
        snprintf(out, size, "%g%s", replay_speeds[p->speed], screen_glyph("×", "x"));
}

static void say_place(struct app *app, char *out, size_t size)
{
    char at[32], all[32];
    snprintf(out, size, "%s/%s", human_count(sl_replay_at(app->session) + 1, at, sizeof at),
             human_count(sl_replay_moments(app->session), all, sizeof all));
}

static void say_time(struct app *app, char *out, size_t size)
{
    char at[32], all[32];
    snprintf(out, size, "%s/%s", human_time(app->player->at, at, sizeof at),
             human_time(sl_replay_length(app->session), all, sizeof all));
}

/* Keys at the right end, as many as there is room for beside the rest. Returns where they begin. */
static int draw_keys(struct area area, int room)
{
    static const char *const keys[][2] = { { "Tab", "view" },    { "b", "branch" },    { "q", "end" },
                                           { "] [", "markers" }, { ". ,", "moments" }, { "Space", "play" } };
    int x = area.w - 1 - screen_text(area, 0, area.w - 7, 1, STYLE_KEY, SL_STR("?")) - 5;
    screen_text(area, 0, area.w - 6, -1, STYLE_HINT, SL_STR(" help"));
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
        int width = (int)strlen(keys[i][0]) + 1 + (int)strlen(keys[i][1]) + 2;
        if (x - width < room)
            break;
        x -= width;
        screen_text(area, 0, x, -1, STYLE_KEY, sl_str(keys[i][0]));
        screen_text(area, 0, x + (int)strlen(keys[i][0]) + 1, -1, STYLE_HINT, sl_str(keys[i][1]));
    }
    return x;
}

void replay_draw(struct app *app, struct area area)
{
    const struct player *p = app->player;
    struct sl_buf what = { 0 };
    char speed[24], place[72], time[72];
    sl_replay_describe(app->session, sl_replay_at(app->session), &what);
    say_speed(p, speed, sizeof speed);
    say_place(app, place, sizeof place);
    say_time(app, time, sizeof time);
    screen_erase(area);
    /* Room by the longest there can be, so that nothing jumps while it plays. */
    int text = area.w * 3 / 10 < 24 ? 24 : area.w * 3 / 10 > 48 ? 48 : area.w * 3 / 10;
    char all[32];
    int wide = 2 * (int)strlen(human_count(sl_replay_moments(app->session), all, sizeof all)) + 1;
    int end = draw_keys(area, 8 + wide + 2 + (area.w >= 100 ? 24 : LEAST_BAR) + text + 4);
    int x = 1 + screen_text(area, 0, 1, -1, STYLE_KEY,
                            sl_str(p->playing ? screen_glyph("▶", ">") : screen_glyph("‖", "=")));
    screen_text(area, 0, x + 1, -1, STYLE_STRONG, sl_str(speed));
    x = 8;
    int bar = end - x - wide - 2 - text - 4;
    bool timed = bar - (int)strlen(time) - 2 >= LEAST_BAR;
    bar -= timed ? (int)strlen(time) + 2 : 0;
    bar = bar > MOST_BAR ? MOST_BAR : bar;
    if (bar >= LEAST_BAR) {
        draw_bar(app, area, x, bar);
        x += bar + 2;
    }
    screen_text(area, 0, x + wide - (int)strlen(place), -1, STYLE_NORMAL, sl_str(place));
    x += wide + 2;
    if (timed)
        x += screen_text(area, 0, x, -1, STYLE_DIM, sl_str(time)) + 2;
    if (end - x - 2 > 0)
        overlay_text(area, 0, x, end - x - 2, STYLE_STRONG, (struct sl_str){ what.p, what.n });
    sl_buf_release(&what);
}
