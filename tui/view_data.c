/* view_data.c: the Data view: records raw and clean, what changed in them, and what is in the columns.
 *
 * Rows around the selected record are loaded in slices between keys. When the recipe changes, what is shown is dropped
 * at once (its schemas may be gone) and loaded anew around the same record. */
#include "view_data_private.h"

#include "app_private.h"
#include "view_pipeline_list.h"

#include <stdlib.h>

#define TICK_MS 8
#define MARGIN  12
#define WIDE    120

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
        data_sheet_release(&view->sheet);
        view->mode = view->mode == DATA_SHEET ? DATA_TABLE : view->mode;
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
        data_sheet_release(&view->sheet);
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
bool data_load(struct app *app, struct data_view *view, int budget_ms)
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
    if (view->mode == DATA_SHEET && data_sheet_load(app, view, TICK_MS)) {
        return true;
    }
    return (needs_load(view) && data_load(app, view, TICK_MS)) || searching;
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
        screen_text(area, 4, 2, -1, STYLE_NORMAL, SL_STR("or a saved session; 5 lists the sessions of this folder."));
    }
}

/* `on`: the keys go to the pane right of it. */
static void draw_rule(struct area area, int x, bool on)
{
    for (int y = 0; y < area.h; y++) {
        screen_text(area, y, x, 1, on ? STYLE_KEY : STYLE_DIM,
                    sl_str(on ? screen_glyph("┃", "#") : screen_glyph("│", "|")));
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
        data_load(app, view, DATA_FIRST_MS);
    }
    data_columns(view);
    struct area middle = area;
    view->wide = area.w >= WIDE && view->mode != DATA_RECORD && view->mode != DATA_SHEET;
    view->detail_focus &= view->wide;
    if (view->wide) {
        int side = area.w / 4;
        struct area left = { area.y, area.x, area.h, side - 2 };
        struct area right = { area.y, area.x + area.w - side + 1, area.h, side - 2 };
        middle.x += side;
        middle.w -= 2 * side;
        draw_left(app, view, left);
        data_record_draw(app, view, right);
        draw_rule(area, side - 1, false);
        draw_rule(area, area.w - side, view->detail_focus);
    }
    int preview = view->wide ? 0 : data_preview_width(view, area);
    if (preview) {
        middle.w -= preview + 1;
        data_preview_draw(view, (struct area){ area.y, area.x + area.w - preview, area.h, preview });
    }
    if (view->mode == DATA_SHEET) {
        data_sheet_draw(app, view, area);
    } else if (view->mode == DATA_RECORD) {
        data_record_draw(app, view, area);
    } else if (view->mode == DATA_PROFILE) {
        data_profile_draw(app, view, middle);
    } else {
        data_table_draw(app, view, middle);
    }
}

static const struct inner_keys *inner(size_t i)
{
    return i == 0 ? &data_sheet_keys : NULL;
}

static const struct inner_keys *inside(void *state)
{
    const struct data_view *view = state;
    return view->mode == DATA_SHEET ? &data_sheet_keys : NULL;
}

const struct view view_data = {
    .name = "Data",
    .keys = data_keys,
    .inner = inner,
    .inside = inside,
    .open = open_view,
    .close = close_view,
    .draw = draw,
    .key = data_key,
    .changed = changed,
    .tick = tick,
};
