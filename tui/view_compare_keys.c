/* view_compare_keys.c: the keys of the comparison. Only the test of two single trainings reads their data. */
#include "view_compare.h"

#include "sluice/pool.h"

#include <stdio.h>
#include <stdlib.h>

static const struct key_row table_keys[] = {
    { "m", "next metric", NULL, true },
    { "b", "means over seeds", NULL, true },
    { "t", "test whether it is better than the first", NULL, true },
    { "d", "what differs from the first", NULL, true },
    { "s", "sort by the next figure", NULL, true },
    { "/", "show only some", NULL, true },
    { "l", "logarithmic scale", NULL, false },
    { "Up Down j k", "choose; its curve is drawn over the others", NULL, false },
    { "g G", "first, last", NULL, false },
    { "Esc q", "back to the list", NULL, true },
    { 0 },
};
static const struct key_row difference_keys[] = {
    { "Up Down j k", "scroll", NULL, true },
    { "PgUp PgDn", "a page", NULL, false },
    { "g", "to the top", NULL, false },
    { "Esc q d", "back to the curves", NULL, true },
    { 0 },
};
static const struct inner_keys tables[] = {
    { "Runs, comparing", table_keys },
    { "Runs, what differs", difference_keys },
};

const struct inner_keys *compare_view_keys(size_t i)
{
    return i < sizeof tables / sizeof *tables ? &tables[i] : NULL;
}

const struct inner_keys *compare_view_inside(const struct compare_view *view)
{
    return &tables[view->diff];
}

static void note(struct app *app, int status, const struct sl_error *err)
{
    char text[900];
    if (status)
        app_message(app, STYLE_ERROR, "%s", sl_error_format(err, text, sizeof text));
}

static void again(struct app *app, struct compare_view *view)
{
    struct sl_error err = SL_ERROR_INIT;
    note(app, compare_view_refresh(view, &err), &err);
}

/* The chosen training against the first row; the first against the second. */
static void show_difference(struct app *app, struct compare_view *view)
{
    struct sl_error err = SL_ERROR_INIT;
    struct sl_differences d;
    if (view->n < 2) {
        app_message(app, STYLE_HINT, "there is nothing beside it to differ from");
        return;
    }
    const struct sl_compared *a = &view->comparison.runs[view->order[0]];
    const struct sl_compared *b = &view->comparison.runs[view->order[view->chosen ? view->chosen : 1]];
    int status = sl_compare_differences(a, b, &d, &err);
    note(app, status, &err);
    if (status)
        return;
    view->text.n = 0;
    sl_buf_printf(&view->text, "%s  ->  %s\n", a->label, b->label);
    compare_report_differences(&d, false, &view->text);
    sl_differences_release(&d);
    view->diff = !view->text.failed;
    view->scroll = 0;
}

struct judging {
    const struct sl_compared *first, *second;
    struct sl_progress *progress;
    struct sl_judgement judgement;
};

static int ask_models(void *ctx, struct sl_error *err)
{
    struct judging *j = ctx;
    return sl_compare_predictions(j->first, j->second, 0, sl_memory_total() / 4, j->progress, &j->judgement, err);
}

/* The chosen training against the first row (the first against the second) by what their models say of the same test
 * records, for which the data are read again. */
static void judge_two(struct app *app, struct compare_view *view)
{
    struct sl_error err = SL_ERROR_INIT;
    if (view->n < 2) {
        app_message(app, STYLE_HINT, "there is nothing beside it to be better than");
        return;
    }
    struct judging j = { .first = &view->comparison.runs[view->order[0]],
                         .second = &view->comparison.runs[view->order[view->chosen ? view->chosen : 1]],
                         .progress = calloc(1, sizeof *j.progress) };
    int status = j.progress ? app_aside(app, j.progress, ask_models, &j, &err) : sl_fail_memory(&err, "a judgement");
    note(app, status, &err);
    if (!status) {
        view->judgement.n = 0;
        compare_sentence(&j.judgement, j.first->label, j.second->label, &view->judgement);
    }
    free(j.progress);
}

static void filter_done(struct app *app, void *ctx, const char *line)
{
    struct compare_view *view = ctx;
    if (!line)
        return;
    snprintf(view->filter, sizeof view->filter, "%s", line);
    again(app, view);
    app_redraw(app);
}

static bool diff_key(struct compare_view *view, int key)
{
    switch (key) {
    case 'd':
    case 'q':
    case K_ESC: view->diff = false; return true;
    case 'k':
    case K_UP: view->scroll -= view->scroll > 0; return true;
    case 'j':
    case K_DOWN: view->scroll++; return true; /* kept within the text when drawn */
    case 'g':
    case K_HOME_KEY: view->scroll = 0; return true;
    case K_PAGE_DOWN: view->scroll += view->page > 1 ? (size_t)view->page - 1 : 1; return true;
    case K_PAGE_UP:
        view->scroll -= view->scroll < (size_t)view->page ? view->scroll : (size_t)view->page - 1;
        return true;
    default: return false;
    }
}

bool compare_view_key(struct app *app, struct compare_view *view, int key, bool *closed)
{
    if (view->diff)
        return diff_key(view, key);
    switch (key) {
    case 'q':
    case K_ESC: *closed = true; break;
    case 'k':
    case K_UP: view->chosen -= view->chosen > 0; break;
    case 'j':
    case K_DOWN: view->chosen += view->chosen + 1 < view->n; break;
    case 'g':
    case K_HOME_KEY: view->chosen = 0; break;
    case 'G':
    case K_END_KEY: view->chosen = view->n ? view->n - 1 : 0; break;
    case 'm':
        view->metric = (enum sl_metric)((view->metric + 1) % SL_METRICS);
        again(app, view);
        break;
    case 's':
        view->sort = (enum compare_sort)((view->sort + 1) % COMPARE_SORTS);
        again(app, view);
        app_message(app, STYLE_HINT, "sorted by %s", compare_sort_names[view->sort]);
        break;
    case 'b':
        view->bands = !view->bands;
        again(app, view);
        break;
    case '/': app_prompt(app, "show only: ", view->filter, false, filter_done, view); break;
    case 'd': show_difference(app, view); break;
    case 't': judge_two(app, view); break;
    case 'l': view->chart.log_y = !view->chart.log_y; break;
    default: return false;
    }
    return true;
}
