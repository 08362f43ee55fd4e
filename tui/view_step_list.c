/* view_step_list.c: the recipe as the lines of a program: where the record is, where it will stop, what changed it.
 *
 *   => 3 *~ strip_html review_text     changed */
#include "view_step_private.h"

#include "overlay.h"

#include <stdio.h>

#define STATEMENT 9 /* column of the statement */

size_t step_rows(struct sl_session *session, struct step_row *rows, size_t most)
{
    size_t n = 0;
    bool model = false;
    for (size_t i = 0; i < sl_session_stages(session) && n + 1 < most; i++) {
        const struct sl_stage_view *stage = sl_session_stage(session, i);
        bool is_model = stage->class->kind == SL_LEARNER && !stage->off;
        model |= is_model;
        rows[n++] = (struct step_row){ i, stage->bound < 0 || is_model ? SL_NO_STAGE : (size_t)stage->bound, is_model };
    }
    if (!model && n < most) {
        rows[n++] = (struct step_row){ SIZE_MAX, SL_NO_STAGE, true };
    }
    return n;
}

const char *step_stage_name(struct sl_session *session, size_t stage, char *out, size_t size)
{
    struct step_row rows[STEP_ROWS];
    size_t n = step_rows(session, rows, STEP_ROWS), same = 0, which = 0;
    const char *name = "model";
    for (size_t i = 0; i < n; i++) {
        if (rows[i].stage == stage && stage != SL_NO_STAGE) {
            name = sl_session_stage(session, rows[i].shown)->class->name;
        }
    }
    for (size_t i = 0; i < n; i++) {
        if (rows[i].stage != SL_NO_STAGE && strcmp(sl_session_stage(session, rows[i].shown)->class->name, name) == 0) {
            same++;
            which = rows[i].stage == stage ? same : which;
        }
    }
    if (which > 1) {
        snprintf(out, size, "%s#%zu", name, which);
    } else {
        snprintf(out, size, "%s", name);
    }
    return out;
}

static size_t current_row(const struct sl_debug_place *place, const struct step_row *rows, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (place->at_model ? rows[i].is_model : rows[i].stage == place->step->place.stage) {
            return i;
        }
    }
    return 0;
}

static bool inside(const struct sl_debug_place *place)
{
    return !place->at_model && place->step->place.substep > 0;
}

int step_list_height(struct app *app, const struct sl_debug_place *place)
{
    struct step_row rows[STEP_ROWS];
    return (int)step_rows(app_session(app), rows, STEP_ROWS) + inside(place);
}

static bool has_break(struct sl_session *session, size_t stage, bool *on)
{
    bool any = false;
    *on = false;
    for (size_t i = 0; i < sl_debug_breaks(session); i++) {
        const struct sl_debug_break *b = sl_debug_break(session, i);
        if (b->stage == stage && !b->problem && stage != SL_NO_STAGE) {
            any = true;
            *on |= b->on;
        }
    }
    return any;
}

/* Of several the one that matters most. */
static const char *mark_glyph(unsigned marks, bool source, enum style *style)
{
    *style = STYLE_WARNING;
    if (marks & (SL_MARK_ERROR | SL_MARK_NONFINITE)) {
        *style = STYLE_ERROR;
        return "!";
    }
    if (marks & SL_MARK_DROPPED) {
        return "x";
    }
    if (marks & SL_MARK_CHANGED && !source) {
        return "~";
    }
    *style = STYLE_DIM;
    return marks & SL_MARK_UNDECIDED ? "?" : " ";
}

struct drawing {
    struct sl_session *session;
    const struct step_view *view;
    const struct sl_debug_place *place;
    struct area area;
};

static void draw_words(const struct drawing *d, int y, int x, const struct step_row *row, bool current)
{
    const struct step_overview *o = &d->view->overview;
    char text[120] = "";
    bool past = row->stage != SL_NO_STAGE && row->stage >= o->reached;
    if (row->stage != SL_NO_STAGE && !past) {
        step_marks_text(o->marks[row->stage], row->stage == 0, text, sizeof text);
    }
    if (current && !d->place->at_model && d->place->step->substeps && d->area.w >= 60) {
        size_t n = strlen(text);
        snprintf(text + n, sizeof text - n, "%s%u inside", n ? "  " : "", d->place->step->substeps);
    }
    int width = screen_width(sl_str(text));
    if (text[0] && x + 2 + width < d->area.w) {
        screen_text(d->area, y, d->area.w - width - 1, -1, STYLE_DIM, sl_str(text));
    }
}

static void draw_row(const struct drawing *d, int y, const struct step_row *row, bool current, bool selected)
{
    const struct sl_stage_view *stage = row->shown == SIZE_MAX ? NULL : sl_session_stage(d->session, row->shown);
    const struct step_overview *o = &d->view->overview;
    bool past = row->stage != SL_NO_STAGE && row->stage >= o->reached, on;
    enum style style = STYLE_NORMAL, mark_style;
    char number[16];
    style = (stage && stage->off) || past || !stage ? STYLE_DIM : current ? STYLE_STRONG : STYLE_NORMAL;
    screen_text(d->area, y, 0, 2, STYLE_KEY, current ? SL_STR("=>") : selected ? SL_STR(" >") : SL_STR("  "));
    if (stage) {
        snprintf(number, sizeof number, "%2zu", (row->shown + 1) % 1000);
        screen_text(d->area, y, 2, 3, current ? STYLE_STRONG : STYLE_DIM, sl_str(number));
    }
    if (has_break(d->session, row->stage, &on)) {
        screen_text(d->area, y, 6, 1, on ? STYLE_ERROR : STYLE_DIM, on ? SL_STR("*") : SL_STR("o"));
    }
    if (row->stage != SL_NO_STAGE && !past) {
        const char *glyph = mark_glyph(o->marks[row->stage], row->stage == 0, &mark_style);
        screen_text(d->area, y, 7, 1, mark_style, sl_str(glyph));
    }
    int x = STATEMENT;
    if (row->is_model) {
        x += screen_text(d->area, y, x, -1, style, SL_STR("model  "));
    } else if (stage && stage->off) {
        x += screen_text(d->area, y, x, -1, STYLE_WARNING, SL_STR("off "));
    }
    x += overlay_text(d->area, y, x, d->area.w - x - 1, selected && !current ? STYLE_SELECTED : style,
                      sl_str(stage ? stage->text : "none in the recipe"));
    draw_words(d, y, x, row, current);
}

static void draw_inside(const struct drawing *d, int y)
{
    const struct sl_step *step = d->place->step;
    int x = STATEMENT + 2;
    x += screen_printf(d->area, y, x, STYLE_KEY, "%s ", screen_glyph("└", "\\"));
    x += screen_printf(d->area, y, x, STYLE_STRONG, "%u of %u  ", step->place.substep, step->substeps);
    if (step->sub) {
        overlay_text(d->area, y, x, d->area.w - x - 1, STYLE_NORMAL, step->sub->what);
    }
}

void step_list_draw(struct app *app, struct step_view *view, const struct sl_debug_place *place, struct area area)
{
    struct step_row rows[STEP_ROWS];
    struct drawing d = { app_session(app), view, place, area };
    size_t n = step_rows(d.session, rows, STEP_ROWS), now = current_row(place, rows, n);
    int lines = area.h - inside(place);
    view->cursor = view->cursor >= n ? now : view->cursor;
    view->first = overlay_scroll(view->first, now, n, lines);
    view->first = overlay_scroll(view->first, view->cursor, n, lines);
    view->list_y = area.y;
    view->list_rows = 0;
    for (size_t i = view->first, y = 0; i < n && (int)y < area.h; i++, y++) {
        draw_row(&d, (int)y, &rows[i], i == now, i == view->cursor);
        view->list_rows++;
        if (i == now && inside(place) && (int)y + 1 < area.h) {
            draw_inside(&d, (int)++y);
        }
    }
}
