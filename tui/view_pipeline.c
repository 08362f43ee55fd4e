/* view_pipeline.c: the Pipeline view: the recipe's stages, and what the selected one does to the selected record.
 *
 * Every change is a command of the session; the list shows what came of it. */
#include "view_pipeline_private.h"

#include "overlay.h"
#include "view_pipeline_list.h"
#include "view_step.h"

#include <stdlib.h>

#define WIDE       120
#define LIST_WIDTH 68 /* room for every figure of a stage but the bar */
#define BUDGET_MS  10

static const struct key_row keys[] = {
    { "arrows j k", "stage", NULL, false },
    { "a", "add after", "insert N STATEMENT", true },
    { "e Enter", "edit", "edit N STATEMENT", true },
    { "d", "delete", "delete N", true },
    { "J K", "move down, up", "move N M", true },
    { "x", "off/on", "off N, on N", true },
    { "U R", "undo, redo", "undo, redo", true },
    { "[ ]", "previous, next record", "goto N", false },
    { "i", "step through it here", "goto STAGE@N", true },
    { "t", "train", "train", true },
    { "Tab", "scroll the record; back to stages", NULL, false },
    { 0 },
};

static size_t count(struct app *app)
{
    struct sl_session *session = app_session(app);
    return session ? sl_session_stages(session) : 0;
}

static const struct sl_stage_view *selected_stage(struct app *app, struct pipeline_view *view)
{
    size_t n = count(app);
    view->selected = n == 0 ? 0 : view->selected >= n ? n - 1 : view->selected;
    return n ? sl_session_stage(app_session(app), view->selected) : NULL;
}

static void forget(struct pipeline_view *view)
{
    sl_page_release(&view->page);
    view->loaded = view->more = view->ended = view->pane_valid = false;
    view->error.status = SL_OK;
    view->next = view->record;
}

static void changed(struct app *app, void *state)
{
    struct pipeline_view *view = state;
    uint64_t signature = stage_signature(app_session(app));
    if (signature != view->signature) {
        view->signature = signature;
        forget(view);
    }
}

static int open_view(struct app *app, void **state, struct sl_error *err)
{
    struct pipeline_view *view = calloc(1, sizeof *view);
    if (!view) {
        return sl_fail_memory(err, "the Pipeline view");
    }
    sl_arena_init(&view->pane.arena);
    view->signature = stage_signature(app_session(app));
    *state = view;
    return SL_OK;
}

static void close_view(void *state)
{
    struct pipeline_view *view = state;
    if (view) {
        sl_page_release(&view->page);
        record_pane_release(&view->pane);
    }
    free(view);
}

/* The record the user looks at, through the stages up to the selected one. */
static bool load(struct app *app, struct pipeline_view *view)
{
    struct sl_session *session = app_session(app);
    const struct sl_stage_view *stage = selected_stage(app, view);
    struct sl_browser *browser = session ? sl_session_browser(session) : NULL;
    if (view->record != app_record(app) || view->stage != view->selected) {
        view->record = app_record(app);
        view->stage = view->selected;
        forget(view);
        view->pane.top = 0;
    }
    if (view->loaded || view->ended || view->error.status || !browser || !stage || stage->bound < 0) {
        return false;
    }
    sl_page_release(&view->page);
    sl_browser_page(browser, view->next, 1, false, SL_SHOW_ALL, NULL, (size_t)stage->bound + 1, BUDGET_MS, &view->page,
                    &view->error);
    view->loaded = view->page.n > 0;
    view->more = !view->error.status && !view->loaded && view->page.more;
    view->ended = !view->loaded && !view->more;
    view->next = view->page.next;
    app_redraw(app);
    return view->more;
}

static bool tick(struct app *app, void *state)
{
    struct pipeline_view *view = state;
    return view->more && load(app, view);
}

/* What the selected stage was told, with what differs from the defaults in bold. */
static void draw_parameters(const struct sl_stage_view *stage, struct area area)
{
    int y = 0;
    for (const struct sl_param *row = stage->class->params; row && row->kind && y < area.h; row++, y++) {
        struct sl_buf value = { 0 };
        bool is_default = sl_param_is_default(row, stage->params, stage->class->defaults);
        sl_param_format(row, stage->params, &value);
        screen_text(area, y, 6, 20, STYLE_DIM, sl_str(row->name));
        overlay_text(area, y, 27, -1, is_default ? STYLE_DIM : STYLE_STRONG, (struct sl_str){ value.p, value.n });
        sl_buf_release(&value);
    }
}

static void draw_left(struct app *app, struct pipeline_view *view, struct area area)
{
    const struct sl_stage_view *stage = selected_stage(app, view);
    int list = stage_list_height(app, area.w) + 1;
    stage_list_draw(app, area, view->selected);
    if (stage && stage->class->params && stage->class->params->kind && area.h - list > 4) {
        screen_fill(area, list, 0, area.w - 1, STYLE_DIM, screen_glyph("─", "-"));
        draw_parameters(stage, (struct area){ area.y + list + 1, area.x, area.h - list - 1, area.w - 1 });
    }
}

static void draw(struct app *app, void *state, struct area area)
{
    struct pipeline_view *view = state;
    if (!app_session(app)) {
        screen_text(area, 1, 2, -1, STYLE_DIM, SL_STR("Nothing is open: type  :open FILE"));
        return;
    }
    selected_stage(app, view);
    load(app, view);
    if (area.w >= WIDE) {
        int left = area.w * 45 / 100 < LIST_WIDTH ? LIST_WIDTH : area.w * 45 / 100;
        draw_left(app, view, (struct area){ area.y, area.x, area.h, left - 1 });
        for (int y = 0; y < area.h; y++) {
            screen_text(area, y, left, 1, view->lower ? STYLE_KEY : STYLE_DIM,
                        sl_str(view->lower ? screen_glyph("┃", "#") : screen_glyph("│", "|")));
        }
        pipeline_record_draw(app, view, selected_stage(app, view),
                             (struct area){ area.y, area.x + left + 2, area.h, area.w - left - 3 });
        return;
    }
    int list = stage_list_height(app, area.w), most = area.h * 11 / 20;
    list = list > most ? most : list;
    stage_list_draw(app, (struct area){ area.y, area.x, list, area.w - 1 }, view->selected);
    screen_fill(area, list, 0, area.w, view->lower ? STYLE_KEY : STYLE_DIM,
                view->lower ? screen_glyph("━", "=") : screen_glyph("─", "-"));
    pipeline_record_draw(app, view, selected_stage(app, view),
                         (struct area){ area.y + list + 1, area.x + 1, area.h - list - 1, area.w - 2 });
}

static void statement_made(struct app *app, void *ctx, const char *statement)
{
    struct pipeline_view *view = ctx;
    if (statement && count(app) == 0) {
        app_command(app, "%s", statement);
    } else if (statement && app_command(app, "insert %zu %s", view->selected + 2, statement)) {
        view->selected++;
    }
}

static void statement_edited(struct app *app, void *ctx, const char *statement)
{
    struct pipeline_view *view = ctx;
    if (statement) {
        app_command(app, "edit %zu %s", view->selected + 1, statement);
    }
}

/* Columns that come into stage i, or as near to it as they are known. */
static const struct sl_schema *schema_at(struct app *app, size_t i)
{
    const struct sl_schema *schema = sl_session_schema(app_session(app), i);
    while (!schema && i > 0) {
        schema = sl_session_schema(app_session(app), --i);
    }
    return schema;
}

static void stage_chosen(struct app *app, void *ctx, long choice)
{
    struct pipeline_view *view = ctx;
    if (choice >= 0) {
        app_form(app, sl_stage_registry[choice], NULL, schema_at(app, view->selected + 1), statement_made, view);
    }
}

static void choose_stage(struct app *app, struct pipeline_view *view)
{
    const char *names[256], *notes[256];
    size_t n = 0;
    for (; sl_stage_registry[n] && n < 256; n++) {
        names[n] = sl_stage_registry[n]->name;
        notes[n] = sl_stage_registry[n]->summary;
    }
    app_choose(app, "add a stage", names, notes, n, stage_chosen, view);
}

static void move_stage(struct app *app, struct pipeline_view *view, bool down)
{
    size_t n = count(app), to = down ? view->selected + 1 : view->selected - 1;
    if ((down && view->selected + 1 >= n) || (!down && view->selected == 0)) {
        return;
    }
    if (app_command(app, "move %zu %zu", view->selected + 1, to + 1)) {
        view->selected = to;
    }
}

static void step_record(struct app *app, bool next)
{
    uint64_t record = app_record(app);
    if (next || record > 0) {
        app_set_record(app, next ? record + 1 : record - 1);
    }
}

static bool stage_key(struct app *app, struct pipeline_view *view, int pressed)
{
    const struct sl_stage_view *stage = selected_stage(app, view);
    size_t n = count(app);
    if (pressed == 'a') {
        choose_stage(app, view);
        return true;
    }
    if (!stage) {
        return false;
    }
    switch (pressed) {
    case 'j': pressed = K_DOWN; break;
    case 'k': pressed = K_UP; break;
    case 'd':
        if (app_command(app, "delete %zu", view->selected + 1)) {
            app_message(app, STYLE_NORMAL, "deleted; U brings it back");
        }
        return true;
    case 'e':
    case K_ENTER_KEY:
        app_form(app, stage->class, stage->params, schema_at(app, view->selected), statement_edited, view);
        return true;
    case 'J':
    case 'K': move_stage(app, view, pressed == 'J'); return true;
    case 'i': step_open(app, app_record(app), stage->bound < 0 ? SIZE_MAX : (size_t)stage->bound); return true;
    case 'x': app_command(app, "%s %zu", stage->off ? "on" : "off", view->selected + 1); return true;
    default: break;
    }
    return overlay_move(pressed, n, 10, &view->selected);
}

static bool key(struct app *app, void *state, int pressed)
{
    struct pipeline_view *view = state;
    if (!app_session(app)) {
        return false;
    }
    switch (pressed) {
    case '[':
    case ']': step_record(app, pressed == ']'); return true;
    case 't':
        if (app_command(app, "train")) {
            app_show(app, &view_train);
        }
        return true;
    case K_TAB: view->lower = !view->lower; return true;
    default: break;
    }
    return (view->lower && record_pane_key(&view->pane, pressed)) || stage_key(app, view, pressed);
}

const struct view view_pipeline = {
    .name = "Pipeline",
    .keys = keys,
    .open = open_view,
    .close = close_view,
    .draw = draw,
    .key = key,
    .changed = changed,
    .tick = tick,
};
