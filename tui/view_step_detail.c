/* view_step_detail.c: where the record is from, what the stage was told and what it has learned, and the watches. */
#include "view_step_private.h"

#include "human.h"
#include "overlay.h"

#include <math.h>
#include <stdio.h>

#define WATCHES_MOST 4 /* rows of the strip */

unsigned step_shown_marks(const struct sl_step *step)
{
    return step->stage->class->kind == SL_SPLIT ? step->marks & ~(unsigned)SL_MARK_SKIPPED : step->marks;
}

const char *step_marks_text(unsigned marks, bool source, char *out, size_t size)
{
    static const struct {
        unsigned mark;
        const char *text, *at_source;
    } names[] = {
        { SL_MARK_ERROR, "failed", "cannot be read" },
        { SL_MARK_DROPPED, "dropped", "dropped" },
        { SL_MARK_CHANGED, "changed", "" },
        { SL_MARK_NONFINITE, "not finite", "not finite" },
        { SL_MARK_MISSING, "missing", "missing" },
        { SL_MARK_EMPTY, "empty", "empty" },
        { SL_MARK_SKIPPED, "not run", "" },
        { SL_MARK_UNDECIDED, "undecided", "" },
    };
    size_t n = 0;
    out[0] = '\0';
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        const char *text = source ? names[i].at_source : names[i].text;
        if ((marks & names[i].mark) && text[0] && n + strlen(text) + 3 < size) {
            n += (size_t)snprintf(out + n, size - n, "%s%s", n ? ", " : "", text);
        }
    }
    return out;
}

static const char *file_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

static const char *role_name(int role)
{
    return role == SL_TRAIN ? "train" : role == SL_TEST ? "test" : role == SL_VALIDATION ? "validation" : "";
}

/* "3 of 25: changed by strip_html" */
static void list_text(struct app *app, char *out, size_t size)
{
    const struct sl_record_list *list = sl_debug_list(app_session(app));
    char at[32], n[32];
    out[0] = '\0';
    if (list && list->n) {
        snprintf(out, size, "%s of %s  %s", human_count(list->at + 1, at, sizeof at), human_count(list->n, n, sizeof n),
                 list->title);
    }
}

void step_title_draw(struct app *app, const struct sl_debug_place *place, struct area area)
{
    const struct sl_step *step = place->step;
    char record[32], line[32], list[220];
    const char *dot = screen_glyph("·", "-"), *role = role_name(step->role);
    int x = 1 + screen_printf(area, 0, 1, STYLE_STRONG, "record %s",
                              human_count(step->place.record, record, sizeof record));
    x += screen_printf(area, 0, x, STYLE_NORMAL, " %s %s:%s", dot, file_name(step->file ? step->file : ""),
                       human_count(step->origin.line, line, sizeof line));
    if (role[0]) {
        x += screen_printf(area, 0, x, STYLE_NORMAL, " %s %s", dot, role);
    }
    list_text(app, list, sizeof list);
    int width = screen_width(sl_str(list)), room = area.w - x - 4;
    if (list[0] && room > 8) {
        width = width < room ? width : room;
        overlay_text(area, 0, area.w - width - 1, width, STYLE_TITLE, sl_str(list));
    }
}

void step_where_lines(struct app *app, struct step_lines *lines, const struct sl_debug_place *place)
{
    const struct sl_step *step = place->step;
    char number[32], text[220];
    const char *role = role_name(step->role);
    step_lines_printf(lines, 0, STYLE_STRONG, "record %s", human_count(step->place.record, number, sizeof number));
    step_lines_printf(lines, 0, STYLE_NORMAL, "%s:%s", file_name(step->file ? step->file : ""),
                      human_count(step->origin.line, number, sizeof number));
    step_lines_printf(lines, 0, STYLE_DIM, "byte %s", human_count(step->origin.byte, number, sizeof number));
    if (role[0]) {
        step_lines_printf(lines, 0, STYLE_NORMAL, "%s record", role);
    }
    list_text(app, text, sizeof text);
    if (text[0]) {
        step_lines_printf(lines, 0, STYLE_TITLE, "%s", text);
    }
    step_line_add(lines);
}

static void put_parameters(struct step_lines *lines, const struct sl_stage *stage)
{
    const struct sl_param *row = stage->class->params;
    int names = lines->width < 36 ? 13 : 18;
    if (!row || !row->kind) {
        return;
    }
    step_lines_printf(lines, 0, STYLE_STRONG, "%s", stage->class->name);
    for (; row->kind; row++) {
        struct sl_buf value = { 0 };
        bool is_default = sl_param_is_default(row, stage->params, stage->class->defaults);
        sl_param_format(row, stage->params, &value);
        const char *kept = value.failed ? NULL : step_lines_keep(lines, (struct sl_str){ value.p, value.n });
        sl_buf_release(&value);
        size_t at = lines->n;
        int x = (int)strlen(row->name) + 2;
        step_lines_fold(lines, x < names ? names : x, is_default ? STYLE_DIM : STYLE_STRONG, NULL,
                        sl_str(kept ? kept : ""), 2);
        if (at < lines->n) {
            step_line_text(&lines->lines[at], 0, STYLE_DIM, sl_str(row->name));
        }
    }
}

void step_learned_lines(struct step_lines *lines, const struct sl_debug_place *place)
{
    const struct sl_step *step = place->step;
    if (step->explain.n && !place->at_model) {
        step_lines_printf(lines, 0, STYLE_STRONG, "learned");
        struct sl_str text = step->explain;
        while (text.n && text.p[text.n - 1] == '\n') {
            text.n--;
        }
        step_lines_fold(lines, 0, STYLE_NORMAL, NULL, text, 0);
        step_line_add(lines);
    }
    if (!place->at_model) {
        put_parameters(lines, step->stage);
    }
}

int step_watch_rows(struct app *app)
{
    size_t n = sl_debug_watches(app_session(app));
    return n > WATCHES_MOST ? WATCHES_MOST : (int)n;
}

static void value_text(const struct sl_value *value, char *out, size_t size)
{
    switch (value->kind) {
    case SL_MISSING: snprintf(out, size, "missing"); break;
    case SL_BOOLEAN: snprintf(out, size, "%s", value->number > 0 ? "true" : "false"); break;
    case SL_REALVALUE: human_number(value->number, 9, out, size); break;
    case SL_TEXTVALUE:
        snprintf(out, size, "\"%.*s\"", (int)(value->text.n < size - 3 ? value->text.n : size - 3), value->text.p);
        break;
    }
}

/* What it was before and became later, in a few words. */
static void put_trail(struct area area, int x, struct sl_stepper *stepper, size_t index, const struct sl_step *step)
{
    for (size_t s = 0; s < step->stages && x < area.w - 4; s++) {
        struct sl_watch_value at;
        char text[60];
        if (sl_stepper_watch_value(stepper, index, s, &at, NULL) != SL_OK || !at.there || !(at.changed || s == 0)) {
            continue;
        }
        value_text(&at.value, text, sizeof text);
        x += 2 + screen_printf(area, 0, x, STYLE_DIM, "%zu:%s%s", s + 1, at.changed ? "~" : "", text);
    }
}

static void draw_watch(struct app *app, const struct sl_debug_place *place, size_t i, struct area area, int names)
{
    struct sl_session *session = app_session(app);
    struct sl_stepper *stepper = NULL;
    struct sl_watch_value value = { 0 };
    const char *problem = NULL, *expression;
    long index = -1;
    char text[200];
    expression = sl_debug_watch(session, i, &index, &problem);
    screen_text(area, 0, 0, 5, STYLE_DIM, SL_STR("watch"));
    overlay_text(area, 0, 6, names, STYLE_NORMAL, sl_str(expression ? expression : ""));
    int x = 6 + names + 1;
    if (index < 0 || problem) {
        overlay_text(area, 0, x, -1, STYLE_ERROR, sl_str(problem ? problem : "it does not fit the recipe"));
        return;
    }
    if (sl_debug_stepper(session, &stepper, NULL) != SL_OK ||
        sl_stepper_watch_value(stepper, (size_t)index, place->step->place.stage, &value, NULL) != SL_OK) {
        return;
    }
    if (!value.there) {
        screen_text(area, 0, x + 2, -1, STYLE_DIM, sl_str(screen_glyph("—", "-")));
        return;
    }
    value_text(&value.value, text, sizeof text);
    screen_text(area, 0, x, 1, STYLE_WARNING, value.changed ? SL_STR("~") : SL_STR(" "));
    x += 2;
    x += overlay_text(area, 0, x, area.w - x > 40 ? area.w - x - 20 : -1, value.changed ? STYLE_STRONG : STYLE_NORMAL,
                      sl_str(text));
    put_trail(area, x + 3, stepper, (size_t)index, place->step);
}

void step_watch_draw(struct app *app, const struct sl_debug_place *place, struct area area)
{
    size_t n = sl_debug_watches(app_session(app));
    int names = 8;
    for (size_t i = 0; i < n; i++) {
        const char *problem, *text;
        long index;
        text = sl_debug_watch(app_session(app), i, &index, &problem);
        int w = screen_width(sl_str(text ? text : ""));
        names = w > names ? w : names;
    }
    names = names > area.w / 2 - 8 ? area.w / 2 - 8 : names;
    for (int y = 0; y < area.h && (size_t)y < n; y++) {
        struct area row = { area.y + y, area.x, 1, area.w };
        char more[32];
        if (y == area.h - 1 && (size_t)y + 1 < n) {
            screen_printf(row, 0, 0, STYLE_DIM, "and %s more watches", human_count(n - (size_t)y, more, sizeof more));
        } else {
            draw_watch(app, place, (size_t)y, row, names < 8 ? 8 : names);
        }
    }
}
