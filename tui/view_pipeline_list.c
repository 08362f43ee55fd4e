/* view_pipeline_list.c: number, switch, statement, records in, out and changed, and the share of time of each stage. */
#include "view_pipeline_list.h"

#include "human.h"
#include "overlay.h"

#include <stdio.h>

static uint64_t mix(uint64_t hash, const void *bytes, size_t n)
{
    const unsigned char *p = bytes;
    for (size_t i = 0; i < n; i++) {
        hash = (hash ^ p[i]) * 1099511628211u;
    }
    return hash;
}

uint64_t stage_signature(struct sl_session *session)
{
    uint64_t hash = 14695981039346656037u;
    const void *pointers[] = { session, session ? sl_session_browser(session) : NULL,
                               session ? sl_session_pipeline(session) : NULL };
    hash = mix(hash, pointers, sizeof pointers);
    for (size_t i = 0; session && i < sl_session_stages(session); i++) {
        const struct sl_stage_view *stage = sl_session_stage(session, i);
        unsigned char bits[] = { stage->off, stage->fitted, (unsigned char)stage->bound };
        hash = mix(hash, stage->text, strlen(stage->text) + 1);
        hash = mix(hash, bits, sizeof bits);
    }
    return hash;
}

/* The figures there is room for. */
struct figures {
    bool in_out, changed, time, bar;
    int width; /* of all */
    double seconds;
};

static struct figures choose_figures(struct sl_session *session, int width)
{
    struct figures f = { 0 };
    bool counted = false;
    for (size_t i = 0; i < sl_session_stages(session); i++) {
        const struct sl_stage_view *stage = sl_session_stage(session, i);
        counted |= stage->counted;
        f.seconds += stage->counted ? stage->seconds : 0;
    }
    f.in_out = counted && width >= 52;
    f.changed = counted && width >= 64;
    f.time = counted && width >= 66;
    f.bar = counted && width >= 78;
    f.width = (f.in_out ? 20 : 0) + (f.changed ? 10 : 0) + (f.time ? 6 : 0) + (f.bar ? 10 : 0);
    return f;
}

static void put_count(struct area area, int y, int x, int width, enum style style, uint64_t n)
{
    char text[32];
    human_count(n, text, sizeof text);
    screen_text(area, y, x + width - (int)strlen(text), -1, style, sl_str(text));
}

static void draw_figures(struct area area, int y, const struct figures *f, const struct sl_stage_view *stage)
{
    int x = area.w - f->width;
    if (!stage->counted) {
        return;
    }
    if (f->in_out) {
        put_count(area, y, x, 9, STYLE_NORMAL, stage->in);
        put_count(area, y, x + 10, 9, stage->out < stage->in ? STYLE_WARNING : STYLE_NORMAL, stage->out);
        x += 20;
    }
    if (f->changed) {
        put_count(area, y, x, 9, stage->changed ? STYLE_NORMAL : STYLE_DIM, stage->changed);
        x += 10;
    }
    if (f->time && f->seconds > 0) {
        double share = stage->seconds / f->seconds;
        screen_printf(area, y, x, STYLE_DIM, "%4.0f%%", share * 100);
        if (f->bar) {
            screen_bar(area, y, x + 6, 8, STYLE_SERIES_0, share);
        }
    }
}

static void draw_heads(struct area area, const struct figures *f)
{
    int x = area.w - f->width;
    screen_text(area, 0, 6, -1, STYLE_HEADER, SL_STR("stage"));
    if (f->in_out) {
        screen_text(area, 0, x + 7, -1, STYLE_HEADER, SL_STR("in"));
        screen_text(area, 0, x + 16, -1, STYLE_HEADER, SL_STR("out"));
        x += 20;
    }
    if (f->changed) {
        screen_text(area, 0, x + 2, -1, STYLE_HEADER, SL_STR("changed"));
        x += 10;
    }
    if (f->time) {
        screen_text(area, 0, x + 1, -1, STYLE_HEADER, SL_STR("time"));
    }
}

/* Behind a `cache`, where there is room: how many records came from it, or were kept in it. */
static void draw_cached(struct area area, int y, int x, int room, const struct sl_stage_view *stage)
{
    char count[32], text[64];
    if (!stage->hits && !stage->misses) {
        return;
    }
    human_count(stage->hits ? stage->hits : stage->misses, count, sizeof count);
    snprintf(text, sizeof text, "  %s %s", stage->hits ? "hits" : "misses", count);
    if (room >= screen_width(sl_str(text))) {
        screen_text(area, y, x, -1, stage->hits ? STYLE_GOOD : STYLE_DIM, sl_str(text));
    }
}

static void draw_stage(struct area area, int y, const struct figures *f, const struct sl_stage_view *stage,
                       size_t number, bool selected, bool wrong)
{
    char text[8];
    int room = area.w - 6 - f->width - (f->width ? 1 : 0);
    enum style style = stage->off ? STYLE_DIM : selected ? STYLE_STRONG : STYLE_NORMAL;
    snprintf(text, sizeof text, "%2zu", number % 1000);
    screen_text(area, y, 0, 2, STYLE_KEY, selected ? SL_STR("=>") : SL_STR("  "));
    screen_text(area, y, 2, 3, selected ? STYLE_STRONG : STYLE_DIM, sl_str(text));
    if (wrong) {
        screen_text(area, y, 5, 1, STYLE_ERROR, SL_STR("!"));
    }
    int x = 6;
    if (stage->off) {
        x += screen_text(area, y, x, -1, STYLE_WARNING, SL_STR("off "));
    }
    int left = room - (x - 6);
    int used = overlay_text(area, y, x, left, style, sl_str(stage->text));
    draw_cached(area, y, x + used, left - used, stage);
    draw_figures(area, y, f, stage);
}

struct problem_lines {
    struct area area;
    int y;
};

static void put_problem(void *ctx, size_t line, struct sl_str span)
{
    struct problem_lines *p = ctx;
    screen_text(p->area, p->y + (int)line, 6, -1, STYLE_ERROR, span);
}

static void problem_text(const struct sl_error *problem, char *out, size_t size)
{
    bool names_file = !problem->file[0] || strstr(problem->what, problem->file);
    snprintf(out, size, "%s%s%s%s%s%s", problem->what, problem->fix[0] ? "; " : "", problem->fix,
             names_file ? "" : " (", names_file ? "" : problem->file, names_file ? "" : ")");
}

static int problem_height(const struct sl_error *problem, int width)
{
    char text[900];
    if (!problem) {
        return 0;
    }
    problem_text(problem, text, sizeof text);
    return (int)overlay_wrap(sl_str(text), width - 7, NULL, NULL);
}

int stage_list_height(struct app *app, int width)
{
    struct sl_session *session = app_session(app);
    return session ? 1 + (int)sl_session_stages(session) + problem_height(sl_session_problem(session), width) : 2;
}

static int draw_problem(const struct sl_error *problem, struct area area, int y)
{
    char text[900];
    problem_text(problem, text, sizeof text);
    struct problem_lines p = { area, y };
    return (int)overlay_wrap(sl_str(text), area.w - 7, put_problem, &p);
}

void stage_list_draw(struct app *app, struct area area, size_t selected)
{
    struct sl_session *session = app_session(app);
    size_t n = session ? sl_session_stages(session) : 0;
    if (!session || area.h < 2) {
        return;
    }
    struct figures f = choose_figures(session, area.w);
    const struct sl_error *problem = sl_session_problem(session);
    size_t wrong = problem && problem->line >= 1 && problem->line <= n ? (size_t)problem->line - 1 : SIZE_MAX;
    int rows = area.h - 1 - problem_height(problem, area.w);
    rows = rows < 1 ? 1 : rows;
    size_t first = selected == SIZE_MAX ? 0 : overlay_scroll(0, selected, n, rows);
    int y = 1;
    draw_heads(area, &f);
    if (!n) {
        screen_text(area, y++, 6, -1, STYLE_DIM, SL_STR("no stages yet: a adds one"));
    }
    for (size_t i = first; i < n && i < first + (size_t)rows; i++) {
        draw_stage(area, y++, &f, sl_session_stage(session, i), i + 1, i == selected, i == wrong);
        if (i == wrong) {
            y += draw_problem(problem, area, y);
        }
    }
    if (problem && wrong == SIZE_MAX) {
        draw_problem(problem, area, y);
    }
}
