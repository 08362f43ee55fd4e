/* view_data_keys.c: the Data view's keys. */
#include "view_data_private.h"

#include "app_private.h"
#include "view_step.h"

#include <ctype.h>

const struct key_row data_keys[] = {
    { "arrows h j k l", "record; column", NULL, false },
    { "Enter", "whole record", NULL, true },
    { "f", "filter", "show WHICH", true },
    { "i", "step through it", "goto N", true },
    { "/ n N", "search", NULL, true },
    { "p", "profile", NULL, true },
    { "v", "contact sheet of its class", NULL, true },
    { "gg G", "first, last record", NULL, false },
    { "g N", "go to record N", "goto N", true },
    { "PgUp PgDn", "a page", NULL, false },
    { "H L", "scroll texts; 0 back", NULL, false },
    { "|", "raw and clean side by side", NULL, false },
    { "Tab", "scroll the record beside; back", NULL, false },
    { "y Y", "copy cell; record to clipboard", NULL, false },
    { 0 },
};

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
    data_load(app, view, DATA_FIRST_MS);
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
    case K_ESC: view->search.text[0] = '\0'; break; /* what was found is not marked any more */
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
    case 'v': data_sheet_open(app, view); return true;
    case 'g': view->g = true; return true;
    case 'i': step_open(app, app_record(app), SIZE_MAX); return true;
    case 'G': go_to_end(app, view); return true;
    case '/': data_search_ask(app, view, false); return true;
    case 'n':
    case 'N': data_search_again(app, view, key == 'N'); return true;
    case 'y':
    case 'Y': app_copy(app, data_cell(view, key == 'Y'), key == 'Y'); return true;
    case K_TAB: view->detail_focus = view->wide && !view->detail_focus; return true;
    default: return false;
    }
}

bool data_key(struct app *app, void *state, int pressed)
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
    if (view->mode == DATA_SHEET && data_sheet_key(app, view, pressed)) {
        return true;
    }
    if (view->g) {
        return key_after_g(app, view, pressed);
    }
    if (view->mode == DATA_RECORD && record_key(app, view, pressed)) {
        return true;
    }
    if (view->mode != DATA_RECORD && view->detail_focus && record_pane_key(&view->pane, pressed)) {
        return true;
    }
    if (view->mode == DATA_PROFILE && profile_key(app, view, pressed)) {
        return true;
    }
    return (view->mode == DATA_TABLE && table_key(app, view, pressed)) || common_key(app, view, pressed);
}
