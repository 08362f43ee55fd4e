/* view_step_keys.c: the Step view's keys. Each is a command of the session. */
#include "view_step_private.h"

#include "app_private.h"
#include "overlay.h"
#include "textdiff_record.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

const struct key_row step_keys[] = {
    { "n N", "next stage, back", "step next, step back-next", true },
    { "s S", "into it, back", "step into, step back-into", true },
    { "f F", "out of it, to the last stage; to the source", "step finish, step back-finish", false },
    { "c C", "run to a break", "step continue, step back-continue", true },
    { "[ ]", "previous, next record", "step previous-record, step next-record", true },
    { "b", "breakpoint", "break STAGE: CONDITION", true },
    { "B", "list of breakpoints", "switch N, unbreak N", false },
    { "arrows j k", "choose a stage", NULL, false },
    { "t Enter", "run to the stage chosen", "goto STAGE@RECORD", false },
    { "w W", "watch, remove one", "watch EXPRESSION, unwatch N", true },
    { "g", "go to a record, FILE:LINE", "goto WHERE", true },
    { "L", "lists of records", "records WHICH", true },
    { "A", "audit all records", "audit", true },
    { "d D", "random changes of other epochs, back", NULL, false },
    { "PgUp PgDn Space", "scroll the record", NULL, false },
    { "Tab", "arrows scroll the record, what it learned; back", NULL, false },
    { "y Y", "copy the text; to the clipboard", NULL, false },
    { "Esc", "cancel what runs", NULL, false },
    { 0 },
};

/* A command line begun for the user. */
static void asked(struct app *app, void *ctx, const char *line)
{
    (void)ctx;
    if (line && line[strspn(line, " ")]) {
        app_command(app, "%s", line);
    }
}

/* The stage the cursor is on; SL_NO_STAGE: it is off, or the model. */
static size_t chosen(struct app *app, const struct step_view *view, bool *model)
{
    struct step_row rows[STEP_ROWS];
    size_t n = step_rows(app_session(app), rows, STEP_ROWS);
    *model = view->cursor < n && rows[view->cursor].is_model;
    return view->cursor < n ? rows[view->cursor].stage : SL_NO_STAGE;
}

static void ask_break(struct app *app, struct step_view *view)
{
    char name[80], text[96] = "break ";
    bool model;
    size_t stage = chosen(app, view, &model);
    if (stage != SL_NO_STAGE) {
        snprintf(text, sizeof text, "break %s: ", step_stage_name(app_session(app), stage, name, sizeof name));
    }
    app_prompt(app, ":", text, true, asked, view);
}

static void unwatch_chosen(struct app *app, void *ctx, long choice)
{
    (void)ctx;
    if (choice >= 0) {
        app_command(app, "unwatch %ld", choice + 1);
    }
}

static void ask_unwatch(struct app *app, struct step_view *view)
{
    const char *items[64], *problem;
    long index;
    size_t n = sl_debug_watches(app_session(app));
    n = n > 64 ? 64 : n;
    for (size_t i = 0; i < n; i++) {
        items[i] = sl_debug_watch(app_session(app), i, &index, &problem);
    }
    if (n == 0) {
        app_message(app, STYLE_HINT, "there is no watch; w adds one");
    } else if (n == 1) {
        unwatch_chosen(app, view, 0);
    } else {
        app_choose(app, "watch no longer", items, NULL, n, unwatch_chosen, view);
    }
}

static void run_to(struct app *app, struct step_view *view)
{
    char name[80];
    bool model;
    size_t stage = chosen(app, view, &model);
    if (stage == SL_NO_STAGE && !model) {
        app_message(app, STYLE_HINT, "that stage is switched off");
    } else {
        app_command(app, "goto %s@%llu", model ? "model" : step_stage_name(app_session(app), stage, name, sizeof name),
                    (unsigned long long)view->place.record);
    }
}

/* The text that changed here, or the record's first text. */
static struct sl_str text_here(struct app *app, struct sl_arena *arena)
{
    struct sl_debug_place place;
    struct sl_str none = { 0 };
    if (step_place(app, &place, NULL) != SL_OK) {
        return none;
    }
    const struct sl_step *step = place.step;
    const struct sl_chunk *chunk = step->after ? step->after : step->before;
    if (step->sub && !step->sub->list) {
        return step->sub->text;
    }
    long column = 0;
    bool missing;
    for (size_t i = 0; i < step->n_changes; i++) {
        if (chunk == step->after && step->changes[i].after >= 0) {
            column = step->changes[i].after;
            break;
        }
    }
    return chunk && (size_t)column < chunk->schema->n ? record_cell(chunk, (size_t)column, 0, arena, &missing) : none;
}

static void copy(struct app *app, bool system)
{
    struct sl_arena arena;
    sl_arena_init(&arena);
    struct sl_str text = text_here(app, &arena);
    if (text.n) {
        app_copy(app, text, system);
    } else {
        app_message(app, STYLE_HINT, "there is nothing to copy here");
    }
    sl_arena_release(&arena);
}

static bool walk_key(struct app *app, int key)
{
    static const struct {
        char key;
        const char *way;
    } ways[] = {
        { 'n', "next" },        { 'N', "back-next" },       { 's', "into" },     { 'S', "back-into" },
        { 'f', "finish" },      { 'F', "back-finish" },     { 'c', "continue" }, { 'C', "back-continue" },
        { ']', "next-record" }, { '[', "previous-record" },
    };
    for (size_t i = 0; i < sizeof ways / sizeof *ways; i++) {
        if (ways[i].key == key) {
            app_command(app, "step %s", ways[i].way);
            return true;
        }
    }
    return false;
}

/* The random changes of the epochs behind, or before. */
static bool draw_key(struct app *app, struct step_view *view, int key)
{
    uint32_t by = (uint32_t)step_draws_shown(&view->body);
    if (key != 'd' && key != 'D') {
        return false;
    }
    view->draw = key == 'd' ? view->draw + by : view->draw > by ? view->draw - by : 0;
    view->built = 0;
    app_redraw(app);
    return true;
}

static bool ask_key(struct app *app, struct step_view *view, int key)
{
    switch (key) {
    case 'b': ask_break(app, view); return true;
    case 'B': step_breaks_show(app); return true;
    case 'w': app_prompt(app, ":", "watch ", true, asked, view); return true;
    case 'W': ask_unwatch(app, view); return true;
    case 'g': app_prompt(app, ":", "goto ", true, asked, view); return true;
    case 'L': step_lists_choose(app, view); return true;
    case 'A': step_audit_show(app, view); return true;
    case 't':
    case K_ENTER_KEY: run_to(app, view); return true;
    case 'y':
    case 'Y': copy(app, key == 'Y'); return true;
    default: return false;
    }
}

/* A click on a stage chooses it, another one runs to it. */
static bool click(struct app *app, struct step_view *view)
{
    int y, x, button;
    screen_mouse(&y, &x, &button);
    if (button != 1 || y < view->list_y || y >= view->list_y + view->list_rows) {
        return false;
    }
    size_t row = view->first + (size_t)(y - view->list_y);
    if (row == view->cursor) {
        run_to(app, view);
    }
    view->cursor = row;
    return true;
}

static bool scroll_key(struct app *app, struct step_view *view, int key)
{
    struct step_row rows[STEP_ROWS];
    key = key == 'j' ? K_DOWN : key == 'k' ? K_UP : key == ' ' ? K_PAGE_DOWN : key;
    bool page = key == K_PAGE_DOWN || key == K_PAGE_UP;
    if (view->focus == STEP_ON_DETAIL && view->detail_width > 0) {
        return step_lines_key(&view->detail, key);
    }
    if (view->focus == STEP_ON_RECORD || page) {
        return step_lines_key(&view->body, key);
    }
    return overlay_move(key, step_rows(app_session(app), rows, STEP_ROWS), 10, &view->cursor);
}

bool step_key(struct app *app, void *state, int key)
{
    struct step_view *view = state;
    if (!app_session(app)) {
        return false;
    }
    if (step_task_runs(app)) {
        if (key == K_ESC || key == 'q') {
            return step_cancel(app);
        }
        bool ours = key == 'n' || key == 'N' || key == K_ENTER_KEY ||
                    (key < 128 && key > ' ' && strchr("sSfFcC[]bBwWtgLA", key));
        if (ours) {
            app_message(app, STYLE_HINT, "that must wait; Esc cancels what runs");
        }
        return ours;
    }
    if (key == K_TAB) {
        view->focus = (view->focus + 1) % (view->detail_width > 0 ? 3 : 2);
        return true;
    }
    if (key == K_MOUSE_EVENT) {
        return click(app, view);
    }
    return walk_key(app, key) || draw_key(app, view, key) || ask_key(app, view, key) || scroll_key(app, view, key);
}
