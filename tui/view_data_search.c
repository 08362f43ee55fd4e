/* view_data_search.c: finding the next record whose text, raw or clean, holds some words.
 *
 * It goes through the input in slices between keys, around its end once, and can be given up at any time. */
#include "view_data_private.h"

#include "human.h"

#include <stdio.h>
#include <strings.h>

#define SLICE_MS 10

static void start(struct app *app, struct data_view *view, bool backward)
{
    struct data_search *search = &view->search;
    uint64_t record = app_record(app);
    search->running = true;
    search->backward = backward;
    search->wrapped = false;
    search->from = record;
    search->next = backward ? record : record + 1;
    app_message(app, STYLE_DIM, "searching ... Esc gives up");
}

static void words_asked(struct app *app, void *ctx, const char *line)
{
    struct data_view *view = ctx;
    if (line && line[0]) {
        snprintf(view->search.text, sizeof view->search.text, "%s", line);
        start(app, view, view->search.backward);
    }
}

void data_search_ask(struct app *app, struct data_view *view, bool backward)
{
    view->search.backward = backward;
    app_prompt(app, "/", "", false, words_asked, view);
}

void data_search_again(struct app *app, struct data_view *view, bool backward)
{
    if (!view->search.text[0]) {
        app_message(app, STYLE_DIM, "nothing was searched for yet: press /");
        return;
    }
    start(app, view, backward);
}

/* The column that holds the words, so that it is shown. */
static void show_column(struct data_view *view, const struct sl_row *row)
{
    const struct sl_chunk *chunk = row->raw_chunk;
    for (size_t i = 0; chunk && !row->rejected && i < chunk->schema->n; i++) {
        bool missing;
        size_t at;
        if (data_search_find(view, record_cell(chunk, i, 0, &view->arena, &missing), &at)) {
            view->column = i;
            return;
        }
    }
}

static void found(struct app *app, struct data_view *view, uint64_t record)
{
    view->search.running = false;
    app_message(app, STYLE_NORMAL, view->search.wrapped ? "\"%s\" (around the end)" : "\"%s\"", view->search.text);
    if (app_record(app) == record) {
        return;
    }
    /* A row that is loaded already keeps its place on the screen. */
    for (long i = view->top; i < view->top + view->lines; i++) {
        const struct sl_row *row = rows_at(&view->rows, i);
        if (row && row->record == record) {
            data_select(app, view, i);
            return;
        }
    }
    app_command(app, "goto %llu", (unsigned long long)record);
}

static void ended(struct app *app, struct data_view *view)
{
    struct data_search *search = &view->search;
    struct sl_scan_state scan;
    sl_browser_state(sl_session_browser(app_session(app)), &scan);
    if (search->wrapped) {
        search->running = false;
        app_message(app, STYLE_WARNING, "no record holds \"%s\"", search->text);
        return;
    }
    search->wrapped = true;
    search->next = search->backward ? scan.records : 0;
}

bool data_search_tick(struct app *app, struct data_view *view)
{
    struct data_search *search = &view->search;
    struct sl_page page = { 0 };
    struct sl_error err = SL_ERROR_INIT;
    if (!search->running) {
        return false;
    }
    int status = sl_browser_page(sl_session_browser(app_session(app)), search->next, 1, search->backward,
                                 SL_SHOW_MATCHING, search->text, view->stages, SLICE_MS, &page, &err);
    if (status != SL_OK) {
        search->running = false;
        app_message(app, STYLE_ERROR, "searching: %s", err.what);
        return false;
    }
    if (page.n) {
        show_column(view, &page.rows[0]);
        found(app, view, page.rows[0].record);
    } else if (page.end) {
        ended(app, view);
    } else {
        char at[32];
        search->next = page.next + search->backward;
        if (search->wrapped && (search->backward ? search->next <= search->from : search->next > search->from)) {
            ended(app, view);
        } else {
            app_message(app, STYLE_DIM, "searching ... record %s; Esc gives up", human_count(page.next, at, sizeof at));
        }
    }
    sl_page_release(&page);
    return search->running;
}

bool data_search_find(const struct data_view *view, struct sl_str text, size_t *at)
{
    size_t n = strlen(view->search.text);
    for (size_t i = 0; n && i + n <= text.n; i++) {
        if (strncasecmp(text.p + i, view->search.text, n) == 0) {
            *at = i;
            return true;
        }
    }
    return false;
}
