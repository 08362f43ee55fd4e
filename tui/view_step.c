/* view_step.c: the Step view: one record walked through the recipe, as a debugger walks a program.
 *
 * The place is the session's (debug.h); what is drawn is made of it anew when the session changed, and only then. Under
 * 120 columns the stages lie above the record, else beside it, with what the stage was told and has learned at the
 * right. A new place is shown with its first difference in sight. */
#include "view_step_private.h"

#include "app_private.h"

#include <stdlib.h>

#define WIDE 120

static int open_view(struct app *app, void **state, struct sl_error *err)
{
    struct step_view *view = calloc(1, sizeof *view);
    if (!view) {
        return sl_fail_memory(err, "the Step view");
    }
    sl_arena_init(&view->body.arena);
    sl_arena_init(&view->detail.arena);
    view->epoch = 1;
    view->cursor = SIZE_MAX;
    *state = view;
    /* The first time it is shown it takes up the record that was looked at. */
    struct sl_debug_place place;
    if (app_record(app) && step_place(app, &place, NULL) == SL_OK && !place.step->place.record &&
        !place.step->place.stage && !place.at_model) {
        sl_debug_goto_place(app_session(app), app_record(app), 0, NULL);
    }
    return SL_OK;
}

static void close_view(void *state)
{
    struct step_view *view = state;
    if (view) {
        step_lines_release(&view->body);
        step_lines_release(&view->detail);
    }
    free(view);
}

int step_place(struct app *app, struct sl_debug_place *out, struct sl_error *err)
{
    struct sl_session *session = app_session(app);
    if (!session) {
        return sl_fail(err, SL_ESTATE, "nothing is open");
    }
    return sl_debug_place(session, out, err);
}

/* What every stage does to this record. The stepper is led through them and back. */
static void look_around(struct app *app, struct step_view *view, const struct sl_step *step)
{
    struct step_overview *o = &view->overview;
    struct sl_stepper *stepper = NULL;
    struct sl_place home = step->place;
    size_t stages = step->stages < SL_MAX_STAGES ? step->stages : SL_MAX_STAGES;
    memset(o, 0, sizeof *o);
    if (sl_debug_stepper(app_session(app), &stepper, NULL) != SL_OK) {
        return;
    }
    for (size_t s = 0; s < stages; s++) {
        struct sl_place to = { home.record, (uint32_t)s, 0 };
        if (sl_stepper_goto(stepper, &to, NULL) != SL_OK || sl_stepper_here(stepper)->place.stage != s) {
            break;
        }
        o->marks[s] = step_shown_marks(sl_stepper_here(stepper));
        o->reached = s + 1;
    }
    sl_stepper_goto(stepper, &home, NULL);
}

static size_t row_of(struct app *app, const struct sl_debug_place *place)
{
    struct step_row rows[STEP_ROWS];
    size_t n = step_rows(app_session(app), rows, STEP_ROWS);
    for (size_t i = 0; i < n; i++) {
        if (place->at_model ? rows[i].is_model : rows[i].stage == place->step->place.stage) {
            return i;
        }
    }
    return 0;
}

/* Is this another place than the one drawn last? Then it begins at its first difference. */
static void arrive(struct app *app, struct step_view *view, const struct sl_debug_place *place)
{
    const struct sl_place *now = &place->step->place, *was = &view->place;
    bool same = view->stood && place->at_model == view->at_model && now->record == was->record &&
                now->stage == was->stage && now->substep == was->substep;
    if (!same) {
        view->body.top = SIZE_MAX;
        view->detail.top = 0;
        view->cursor = row_of(app, place);
    }
    view->place = *now;
    view->at_model = place->at_model;
    view->stood = true;
}

static void build(struct app *app, struct step_view *view, struct sl_debug_place *place, int body, int detail)
{
    struct sl_error err = SL_ERROR_INIT;
    look_around(app, view, place->step);
    if (step_place(app, place, &err) != SL_OK) {
        view->stood = false;
        return;
    }
    arrive(app, view, place);
    step_lines_begin(&view->body, body);
    step_lines_begin(&view->detail, detail > 0 ? detail : body);
    step_pair_lines(app, &view->body, place);
    if (place->at_model && place->look) {
        step_model_lines(&view->body, place->look);
    } else {
        step_draw_lines(&view->body, place, view->draw);
        step_record_lines(&view->body, place);
    }
    if (detail > 0) {
        step_where_lines(app, &view->detail, place);
        step_learned_lines(&view->detail, place);
    } else {
        size_t at = view->body.n;
        step_line_add(&view->body);
        step_learned_lines(&view->body, place);
        view->body.n = view->body.n == at + 1 ? at : view->body.n;
    }
    view->built = view->epoch;
    view->body_width = body;
    view->detail_width = detail;
}

static void refresh(struct app *app, struct step_view *view, struct sl_debug_place *place, int body, int detail,
                    int rows)
{
    view->body.rows = rows;
    if (view->built != view->epoch || view->body_width != body || view->detail_width != detail ||
        view->body_rows != rows) {
        view->body_rows = rows;
        build(app, view, place, body, detail);
    }
}

static void draw_rule(const struct step_view *view, const struct sl_debug_place *place, struct area area)
{
    char marks[120];
    const struct sl_step *step = place->step;
    screen_fill(area, 0, 0, area.w, view->focus == STEP_ON_RECORD ? STYLE_KEY : STYLE_DIM,
                view->focus == STEP_ON_RECORD ? screen_glyph("━", "=") : screen_glyph("─", "-"));
    int x = 2;
    if (place->at_model) {
        screen_text(area, 0, x, -1, STYLE_STRONG, SL_STR(" in the model "));
        return;
    }
    x += screen_printf(area, 0, x, STYLE_STRONG, " %s ", step->stage->class->name);
    step_marks_text(step_shown_marks(step), step->place.stage == 0, marks, sizeof marks);
    if (marks[0]) {
        bool changed = step->marks & SL_MARK_CHANGED && step->place.stage;
        x += screen_printf(area, 0, x, changed ? STYLE_WARNING : STYLE_DIM, "%s%s ", changed ? "~ " : "", marks);
    }
    if (step->substeps && !step->sub && x + 24 < area.w) {
        screen_printf(area, 0, x, STYLE_HINT, "%s s steps into %u ", screen_glyph("·", "-"), step->substeps);
    }
}

static void draw_narrow(struct app *app, struct step_view *view, struct sl_debug_place *place, struct area area)
{
    int watches = step_watch_rows(app), list = step_list_height(app, place), room = area.h - 2 - watches;
    int most = room * 9 / 20 > 3 ? room * 9 / 20 : 3;
    list = list > most ? most : list;
    refresh(app, view, place, area.w - 2, 0, room - list);
    if (!view->stood) {
        return;
    }
    step_title_draw(app, place, (struct area){ area.y, area.x, 1, area.w });
    step_list_draw(app, view, place, (struct area){ area.y + 1, area.x, list, area.w });
    draw_rule(view, place, (struct area){ area.y + 1 + list, area.x, 1, area.w });
    step_lines_draw(&view->body, (struct area){ area.y + 2 + list, area.x + 1, room - list, area.w - 2 });
    step_watch_draw(app, place, (struct area){ area.y + area.h - watches, area.x + 1, watches, area.w - 2 });
}

static void draw_line(struct area area, int x, bool on)
{
    for (int y = 0; y < area.h; y++) {
        screen_text(area, y, x, 1, on ? STYLE_KEY : STYLE_DIM,
                    sl_str(on ? screen_glyph("┃", "#") : screen_glyph("│", "|")));
    }
}

static void draw_wide(struct app *app, struct step_view *view, struct sl_debug_place *place, struct area area)
{
    int side = area.w / 4, watches = step_watch_rows(app), rows = area.h - watches;
    struct area left = { area.y, area.x, rows, side - 2 };
    struct area middle = { area.y, area.x + side, rows, area.w - 2 * side };
    struct area right = { area.y, area.x + area.w - side + 2, rows, side - 3 };
    refresh(app, view, place, middle.w - 2, right.w, rows - 1);
    if (!view->stood) {
        return;
    }
    step_list_draw(app, view, place, left);
    draw_rule(view, place, (struct area){ middle.y, middle.x, 1, middle.w - 1 });
    step_lines_draw(&view->body, (struct area){ middle.y + 1, middle.x, rows - 1, middle.w - 2 });
    step_lines_draw(&view->detail, right);
    draw_line((struct area){ area.y, area.x, rows, area.w }, side - 2, view->focus == STEP_ON_RECORD);
    draw_line((struct area){ area.y, area.x, rows, area.w }, area.w - side, view->focus == STEP_ON_DETAIL);
    step_watch_draw(app, place, (struct area){ area.y + rows, area.x + 1, watches, area.w - 2 });
}

static void draw_problem(struct app *app, const struct sl_error *err, struct area area)
{
    if (!app_session(app)) {
        screen_text(area, 1, 2, -1, STYLE_DIM, SL_STR("Nothing is open: type  :open FILE"));
        return;
    }
    screen_text(area, 1, 2, -1, STYLE_ERROR, SL_STR("! no record can be stepped through"));
    struct step_lines text = { 0 };
    sl_arena_init(&text.arena);
    step_lines_begin(&text, area.w - 4);
    step_lines_printf(&text, 0, STYLE_NORMAL, "%s%s%s", err->what, err->fix[0] ? "; " : "", err->fix);
    step_lines_draw(&text, (struct area){ area.y + 3, area.x + 2, area.h - 3, area.w - 4 });
    step_lines_release(&text);
}

static void draw(struct app *app, void *state, struct area area)
{
    struct step_view *view = state;
    struct sl_debug_place place;
    struct sl_error err = SL_ERROR_INIT;
    if (area.h < 1 || area.w < 1) {
        return;
    }
    if (step_task_runs(app)) {
        step_task_draw(app, area);
    } else if (step_place(app, &place, &err) != SL_OK) {
        view->stood = false;
        draw_problem(app, &err, area);
    } else if (area.w >= WIDE) {
        draw_wide(app, view, &place, area);
    } else {
        draw_narrow(app, view, &place, area);
    }
}

static void changed(struct app *app, void *state)
{
    struct step_view *view = state;
    struct sl_debug_place place;
    view->epoch++;
    step_task_ended(app, view);
    bool shown = app_views[app->current] == &view_step;
    if (shown && !step_task_runs(app) && step_place(app, &place, NULL) == SL_OK) {
        app_set_record(app, place.step->place.record);
    }
}

const struct view view_step = {
    .name = "Step",
    .keys = step_keys,
    .open = open_view,
    .close = close_view,
    .draw = draw,
    .key = step_key,
    .changed = changed,
};
