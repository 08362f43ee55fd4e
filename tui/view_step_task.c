/* view_step_task.c: running to a breakpoint, auditing, making a list: progress, giving up, and how it ended. */
#include "view_step_private.h"

#include "app_private.h"
#include "human.h"

#include <math.h>
#include <stdio.h>

#define AT_ONCE_MS 25 /* what takes less is shown without progress */

bool step_task_runs(struct app *app)
{
    struct sl_debug_state state = { .task = SL_DEBUG_IDLE };
    if (app_session(app)) {
        sl_debug_state(app_session(app), &state);
    }
    return state.task != SL_DEBUG_IDLE;
}

bool step_busy(struct app *app)
{
    return step_task_runs(app);
}

bool step_cancel(struct app *app)
{
    bool runs = step_task_runs(app);
    if (runs) {
        sl_debug_cancel(app_session(app));
        app_message(app, STYLE_WARNING, "cancelled");
    }
    return runs;
}

static const char *task_name(enum sl_debug_task task)
{
    switch (task) {
    case SL_DEBUG_CONTINUE: return "running on to a breakpoint";
    case SL_DEBUG_AUDIT: return "looking at what every stage does to every record";
    case SL_DEBUG_LIST: return "making the list";
    case SL_DEBUG_IDLE: break;
    }
    return "";
}

void step_task_draw(struct app *app, struct area area)
{
    struct sl_debug_state state;
    char records[32], hits[32];
    sl_debug_state(app_session(app), &state);
    screen_text(area, 1, 2, -1, STYLE_STRONG, sl_str(task_name(state.task)));
    int width = area.w - 12 > 60 ? 60 : area.w - 12;
    if (!isnan(state.fraction)) {
        screen_bar(area, 3, 2, width, STYLE_SERIES_0, state.fraction);
        screen_printf(area, 3, 3 + width, STYLE_NORMAL, "%3.0f%%", state.fraction * 100);
    }
    int x = 2 +
            screen_printf(area, 4, 2, STYLE_NORMAL, "%s records", human_count(state.records, records, sizeof records));
    if (state.task == SL_DEBUG_CONTINUE) {
        screen_printf(area, 4, x, STYLE_NORMAL, ", %s hits", human_count(state.hits, hits, sizeof hits));
    }
    x = 2 + screen_text(area, 6, 2, -1, STYLE_KEY, SL_STR("Esc"));
    screen_text(area, 6, x + 1, -1, STYLE_HINT, SL_STR("cancels"));
}

void step_task_begun(struct app *app, struct step_view *view)
{
    view->waited = true;
    if (step_task_runs(app)) {
        sl_debug_wait(app_session(app), AT_ONCE_MS);
        app_listen(app);
    }
    app_changed(app);
}

void step_list_say(struct app *app)
{
    const struct sl_record_list *list = sl_debug_list(app_session(app));
    char total[32], n[32];
    if (list && !list->n) {
        app_message(app, STYLE_NORMAL, "%s: there is no such record", list->title);
    } else if (list && list->at == 0 && list->total > list->n) {
        app_message(app, STYLE_NORMAL, "%s: %s records, %s listed", list->title,
                    human_count(list->total, total, sizeof total), human_count(list->n, n, sizeof n));
    }
}

static void say_hit(struct app *app, const struct sl_debug_state *state)
{
    char record[32], name[80];
    if (state->stopped_by[0]) {
        app_message(app, STYLE_NORMAL, "stopped by %s at record %s, %s", state->stopped_by,
                    human_count(state->hit.place.record, record, sizeof record),
                    step_stage_name(app_session(app), state->hit.place.stage, name, sizeof name));
    }
}

void step_task_ended(struct app *app, struct step_view *view)
{
    struct sl_debug_state state;
    char text[512], records[32];
    if (!view->waited || !app_session(app)) {
        return;
    }
    sl_debug_state(app_session(app), &state);
    if (state.task != SL_DEBUG_IDLE) {
        return;
    }
    view->waited = false;
    if (state.error.status == SL_OK && view->after_audit[0]) {
        char line[sizeof view->after_audit];
        memcpy(line, view->after_audit, sizeof line);
        view->after_audit[0] = '\0';
        app_command(app, "%s", line);
        return;
    }
    view->after_audit[0] = '\0';
    switch (state.error.status) {
    case SL_OK:
        say_hit(app, &state);
        step_list_say(app);
        break;
    case SL_EEND:
        app_message(app, STYLE_NORMAL, "no hit: %s records looked at; still at the same place",
                    human_count(state.records, records, sizeof records));
        break;
    case SL_ECANCEL: app_message(app, STYLE_WARNING, "cancelled; still at the same place"); break;
    default: app_message(app, STYLE_ERROR, "%s", sl_error_format(&state.error, text, sizeof text)); break;
    }
}
