/* view_data.c: the Data view: records raw and clean, what changed in them, and what is in the columns.
 *
 * Rows around the selected record are loaded in slices between keys. When the recipe changes, what is shown is dropped
 * at once (its schemas may be gone) and loaded anew around the same record. */
#include "view_data_private.h"

#include "app_private.h"
#include "view_pipeline_list.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>

#define TICK_MS  8
#define FIRST_MS 15
#define MARGIN   12
#define WIDE     120

static const struct key_row keys[] = {
    { "arrows h j k l", "record; column", NULL, false },
    { "Enter", "whole record", NULL, true },
    { "f", "filter", "show WHICH", true },
    { "/ n N", "search", NULL, true },
    { "p", "profile", NULL, true },
    { "gg G", "first, last record", NULL, false },
    { "g N", "go to record N", "goto N", true },
    { "PgUp PgDn", "a page", NULL, false },
    { "H L", "scroll texts; 0 back", NULL, false },
    { "|", "raw and clean side by side", NULL, false },
    { "Tab", "other pane", NULL, false },
    { "y Y", "copy cell; record to clipboard", NULL, false },
    { 0 },
};

/* Bound stages up to the last that cleans; what comes after makes features. */
static size_t clean_stages(struct sl_session *session)
{
    size_t stages = 1;
    for (size_t i = 0; session && i < sl_session_stages(session); i++) {
        const struct sl_stage_view *stage = sl_session_stage(session, i);
        if (stage->class && stage->class->kind == SL_RECORD && stage->bound >= 0) {
            stages = (size_t)stage->bound + 1;
        }
    }
    return stages;
}

void data_anchor(struct app *app, struct data_view *view, uint64_t record, long above)
{
    rows_reset(&view->rows, record, app_filter(app), view->stages);
    view->pane_valid = false;
    view->columns = NULL;
    view->n_columns = 0;
    view->selected = 0;
    view->above = above < 0 ? 0 : above;
    view->top = -view->above;
    app_redraw(app);
}

static void changed(struct app *app, void *state)
{
    struct data_view *view = state;
    struct sl_session *session = app_session(app);
    uint64_t signature = stage_signature(session);
    if (signature != view->signature) {
        view->signature = signature;
        view->stages = clean_stages(session);
        data_anchor(app, view, app_record(app), view->selected - view->top);
        return;
    }
    const struct sl_row *row = data_selected(view);
    if (view->rows.filter != app_filter(app) || (row && row->record != app_record(app))) {
        data_anchor(app, view, app_record(app), view->selected - view->top);
    }
}

static int open_view(struct app *app, void **state, struct sl_error *err)
{
    struct data_view *view = calloc(1, sizeof *view);
    if (!view) {
        return sl_fail_memory(err, "the Data view");
    }
    view->shift = -1;
    view->beside = -1;
    sl_arena_init(&view->arena);
    sl_arena_init(&view->pane.arena);
    *state = view;
    changed(app, view);
    return SL_OK;
}

static void close_view(void *state)
{
    struct data_view *view = state;
    if (view) {
        rows_release(&view->rows);
        record_pane_release(&view->pane);
        sl_arena_release(&view->arena);
    }
    free(view);
}

const struct sl_row *data_selected(const struct data_view *view)
{
    return rows_at(&view->rows, view->selected);
}

/* Load what the screen may need; true: there is more to do. */
static bool load(struct app *app, struct data_view *view, int budget_ms)
{
    struct sl_session *session = app_session(app);
    struct sl_browser *browser = session ? sl_session_browser(session) : NULL;
    if (!browser) {
        return false;
    }
    long last = view->top + (view->lines > 0 ? view->lines : 40) + MARGIN;
    long first = view->top - MARGIN;
    size_t had = view->rows.after.n + view->rows.before.n;
    bool more = rows_load(&view->rows, browser, first, last, budget_ms);
    if (view->rows.after.n + view->rows.before.n != had || !more) {
        app_redraw(app);
    }
    /* Past the last record: stand on it. */
    if (view->selected >= 0 && !rows_at(&view->rows, view->selected) && view->rows.after.end) {
        long end = (long)view->rows.after.n - 1;
        view->selected = end >= 0 || rows_at(&view->rows, -1) ? end : 0;
    }
    const struct sl_row *row = data_selected(view);
    if (row && !more) {
        app_set_record(app, row->record);
    }
    return more;
}

static bool needs_load(const struct data_view *view)
{
    const struct rows *rows = &view->rows;
    long last = view->top + (view->lines > 0 ? view->lines : 40) + MARGIN, first = view->top - MARGIN;
    return rows->error.status == SL_OK &&
           ((last >= (long)rows->after.n && !rows->after.end) || (first < -(long)rows->before.n && !rows->before.end));
}

static bool tick(struct app *app, void *state)
{
    struct data_view *view = state;
    struct sl_session *session = app_session(app);
    if (!session || !sl_session_browser(session)) {
        return false;
    }
    bool searching = data_search_tick(app, view);
    return (needs_load(view) && load(app, view, TICK_MS)) || searching;
}

void data_select(struct app *app, struct data_view *view, long row)
{
    long first = -(long)view->rows.before.n, last = (long)view->rows.after.n - 1;
    row = row < first ? first : row > last ? last : row;
    if (!rows_at(&view->rows, row)) {
        return;
    }
    view->selected = row;
    app_set_record(app, rows_at(&view->rows, row)->record);
    if (rows_heavy(&view->rows)) {
        data_anchor(app, view, app_record(app), view->selected - view->top);
    }
    app_redraw(app);
}

static void draw_nothing(struct app *app, struct area area)
{
    struct sl_session *session = app_session(app);
    const struct sl_error *problem = session ? sl_session_problem(session) : NULL;
    char text[700];
    if (problem) {
        sl_error_format(problem, text, sizeof text);
        screen_text(area, 1, 2, -1, STYLE_ERROR, SL_STR("! the data cannot be shown"));
        screen_text(area, 2, 4, area.w - 6, STYLE_NORMAL, sl_str(text));
    } else {
        screen_text(area, 1, 2, -1, STYLE_STRONG, SL_STR("No data yet"));
        screen_text(area, 3, 2, -1, STYLE_NORMAL,
                    SL_STR("Type  :open FILE  to open a CSV, TSV or JSONL file, a recipe,"));
        screen_text(area, 4, 2, -1, STYLE_NORMAL, SL_STR("or a saved session; 4 lists the sessions of this folder."));
    }
}

static void draw_rule(struct area area, int x)
{
    for (int y = 0; y < area.h; y++) {
        screen_text(area, y, x, 1, STYLE_DIM, sl_str(screen_glyph("│", "|")));
    }
}

/* The recipe, and below it what is in the selected column. */
static void draw_left(struct app *app, struct data_view *view, struct area area)
{
    int list = stage_list_height(app, area.w) + 1;
    stage_list_draw(app, area, SIZE_MAX);
    if (area.h - list >= 14 && view->mode == DATA_TABLE) {
        screen_fill(area, list, 0, area.w, STYLE_DIM, screen_glyph("─", "-"));
        data_profile_column_draw(app, view, (struct area){ area.y + list + 1, area.x, area.h - list - 1, area.w });
    }
}

static void draw(struct app *app, void *state, struct area area)
{
    struct data_view *view = state;
    struct sl_session *session = app_session(app);
    if (!session || !sl_session_browser(session)) {
        draw_nothing(app, area);
        return;
    }
    sl_arena_reset(&view->arena, (size_t)1 << 20);
    view->columns = NULL;
    view->lines = area.h - 1;
    if (!rows_at(&view->rows, view->selected)) {
        load(app, view, FIRST_MS);
    }
    data_columns(view);
    struct area middle = area;
    if (area.w >= WIDE && view->mode != DATA_RECORD) {
        int side = area.w / 4;
        struct area left = { area.y, area.x, area.h, side - 2 };
        struct area right = { area.y, area.x + area.w - side + 1, area.h, side - 2 };
        middle.x += side;
        middle.w -= 2 * side;
        draw_left(app, view, left);
        data_record_draw(app, view, right);
        draw_rule(area, side - 1);
        draw_rule(area, area.w - side);
    }
    if (view->mode == DATA_RECORD) {
        data_record_draw(app, view, area);
    } else if (view->mode == DATA_PROFILE) {
        data_profile_draw(app, view, middle);
    } else {
        data_table_draw(app, view, middle);
    }
}

static void cycle_filter(struct app *app)
{
    static const char *const names[] = { "all records", "changed records", "dropped records", "quarantined records" };
    enum sl_filter next = (app_filter(app) + 1) % SL_SHOW_MATCHING;
    app_set_filter(app, next);
    app_message(app, STYLE_NORMAL, "showing %s", names[next]);
}

static void go_to_end(struct app *app, struct data_view *view)
{
    struct sl_scan_state scan;
    sl_browser_state(sl_session_browser(app_session(app)), &scan);
    data_anchor(app, view, scan.records, view->lines);
    view->selected = -1;
    load(app, view, FIRST_MS);
    const struct sl_row *row = data_selected(view);
    if (row) {
        app_set_record(app, row->record);
    }
    if (!scan.complete) {
        app_message(app, STYLE_DIM, "the last record known so far");
    }
}

static void record_asked(struct app *app, void *ctx, const char *line)
{
    (void)ctx;
    if (line && line[0]) {
        app_command(app, "goto %s", line);
    }
}

static bool key_after_g(struct app *app, struct data_view *view, int key)
{
    view->g = false;
    if (key == 'g') {
        app_set_record(app, 0);
        data_anchor(app, view, 0, 0);
    } else if (key < 128 && isdigit(key)) {
        app_prompt(app, "go to record ", (char[2]){ (char)key, '\0' }, false, record_asked, NULL);
    } else {
        return false;
    }
    return true;
}

static bool table_key(struct app *app, struct data_view *view, int key)
{
    long page = view->lines / 2 > 1 ? view->lines / 2 - 1 : 1;
    switch (key) {
    case 'j':
    case K_DOWN: data_select(app, view, view->selected + 1); break;
    case 'k':
    case K_UP: data_select(app, view, view->selected - 1); break;
    case ' ':
    case K_PAGE_DOWN: data_select(app, view, view->selected + page); break;
    case K_PAGE_UP: data_select(app, view, view->selected - page); break;
    case 'h':
    case K_LEFT: view->column -= view->column > 0; break;
    case 'l':
    case K_RIGHT: view->column += view->column + 1 < view->n_columns; break;
    case K_HOME_KEY: view->column = 0; break;
    case K_END_KEY: view->column = view->n_columns ? view->n_columns - 1 : 0; break;
    case 'L': view->shift = (view->shift < 0 ? 0 : view->shift) + 20; break;
    case 'H': view->shift = view->shift > 20 ? view->shift - 20 : view->shift < 0 ? -1 : 0; break;
    case '0': view->shift = -1; break;
    case '|': view->beside = view->beside == 1 ? 0 : 1; break;
    case K_ENTER_KEY:
        view->mode = DATA_RECORD;
        view->pane.top = 0;
        break;
    default: return false;
    }
    return true;
}

static bool record_key(struct app *app, struct data_view *view, int key)
{
    if (key == K_ESC || key == 'q' || key == K_ENTER_KEY) {
        view->mode = DATA_TABLE;
    } else if (key == ']' || key == '[') {
        data_select(app, view, view->selected + (key == ']' ? 1 : -1));
        view->pane.top = 0;
    } else {
        return record_pane_key(&view->pane, key);
    }
    return true;
}

static bool profile_key(struct app *app, struct data_view *view, int key)
{
    (void)app;
    switch (key) {
    case 'j':
    case 'l':
    case K_RIGHT:
    case K_DOWN: view->column += view->column + 1 < view->n_columns; return true;
    case 'k':
    case 'h':
    case K_LEFT:
    case K_UP: view->column -= view->column > 0; return true;
    case K_ESC:
    case 'q': view->mode = DATA_TABLE; return true;
    default: return false;
    }
}

static bool common_key(struct app *app, struct data_view *view, int key)
{
    switch (key) {
    case 'f': cycle_filter(app); return true;
    case 'p': view->mode = view->mode == DATA_PROFILE ? DATA_TABLE : DATA_PROFILE; return true;
    case 'g': view->g = true; return true;
    case 'G': go_to_end(app, view); return true;
    case '/': data_search_ask(app, view, false); return true;
    case 'n':
    case 'N': data_search_again(app, view, key == 'N'); return true;
    case 'y':
    case 'Y': app_copy(app, data_cell(view, key == 'Y'), key == 'Y'); return true;
    case K_TAB: view->detail_focus = !view->detail_focus; return true;
    default: return false;
    }
}

static bool key(struct app *app, void *state, int pressed)
{
    struct data_view *view = state;
    struct sl_session *session = app_session(app);
    if (!session || !sl_session_browser(session)) {
        return false;
    }
    if (view->search.running && pressed == K_ESC) {
        view->search.running = false;
        app_message(app, STYLE_DIM, "search given up");
        return true;
    }
    if (view->g) {
        return key_after_g(app, view, pressed);
    }
    if (view->mode == DATA_RECORD && record_key(app, view, pressed)) {
        return true;
    }
    if (view->mode == DATA_PROFILE && profile_key(app, view, pressed)) {
        return true;
    }
    if (view->mode == DATA_TABLE && view->detail_focus && record_pane_key(&view->pane, pressed)) {
        return true;
    }
    return (view->mode == DATA_TABLE && table_key(app, view, pressed)) || common_key(app, view, pressed);
}

const struct view view_data = {
    .name = "Data",
    .keys = keys,
    .open = open_view,
    .close = close_view,
    .draw = draw,
    .key = key,
    .changed = changed,
    .tick = tick,
};
