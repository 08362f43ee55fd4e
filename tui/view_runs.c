/* view_runs.c: the sessions of the current folder, as a table to sort and to open from.
 *
 * The list is read when the view is opened, when the session's job changes, and on demand; sessions in use by other
 * processes are only looked at. */
#include "view_runs.h"
#include "view_compare.h"

#include <math.h>
#include <stdlib.h>

const struct key_row runs_keys[] = {
    { "Enter", "open", "open FILE", true },
    { "Up Down j k", "move", NULL, false },
    { "g G", "first, last", NULL, false },
    { "s S", "sort by the next, previous column", NULL, true },
    { "r", "turn the order round", NULL, true },
    { "L", "look at the folder again", NULL, true },
    { "p", "play what happened in it", "replay SESSION", true },
    { "Space", "mark for comparison", NULL, true },
    { "c", "compare the marked sessions", NULL, true },
    { 0 },
};

static double column_value(const struct sl_run_info *run, enum runs_column column)
{
    switch (column) {
    case RUNS_WHEN: return (double)run->modified;
    case RUNS_STATE: return (double)run->job;
    case RUNS_RECORDS: return (double)run->records;
    case RUNS_ACCURACY: return run->accuracy;
    case RUNS_LOSS: return run->log_loss;
    case RUNS_TIME: return run->seconds;
    default: return 0;
    }
}

/* High accuracy, new and small loss first; what has no value comes last whatever the order. */
static int compare(const void *a, const void *b, void *ctx)
{
    const struct runs_view *view = ctx;
    const struct sl_run_info *x = &view->runs[*(const size_t *)a], *y = &view->runs[*(const size_t *)b];
    int order = 0;
    if (view->sort == RUNS_NAME) {
        order = strcmp(x->path, y->path);
    } else {
        double u = x->error ? NAN : column_value(x, view->sort), v = y->error ? NAN : column_value(y, view->sort);
        if (isnan(u) || isnan(v))
            return isnan(u) - isnan(v) ? isnan(u) - isnan(v) : (*(const size_t *)a > *(const size_t *)b) ? 1 : -1;
        bool rising = view->sort == RUNS_LOSS || view->sort == RUNS_TIME || view->sort == RUNS_STATE;
        order = rising ? (u > v) - (u < v) : (u < v) - (u > v);
    }
    order = view->reversed ? -order : order;
    return order ? order : (*(const size_t *)a > *(const size_t *)b) - (*(const size_t *)a < *(const size_t *)b);
}

void runs_sort(struct runs_view *view)
{
    size_t chosen = view->n && view->chosen < view->n ? view->order[view->chosen] : 0;
    for (size_t i = 0; i < view->n; i++)
        view->order[i] = i;
    if (view->n > 1)
        qsort_r(view->order, view->n, sizeof *view->order, compare, view);
    for (size_t i = 0; i < view->n; i++)
        if (view->order[i] == chosen)
            view->chosen = i;
}

static void forget(struct runs_view *view)
{
    sl_runs_free(view->runs, view->n);
    free(view->order);
    view->runs = NULL;
    view->order = NULL;
    view->n = 0;
}

/* Read the folder again; the choice stays on the same file. */
static void load(struct runs_view *view)
{
    char *path = view->n ? strdup(view->runs[view->order[view->chosen]].path) : NULL;
    forget(view);
    view->error = (struct sl_error)SL_ERROR_INIT;
    if (sl_runs_list(".", &view->runs, &view->n, &view->error) != SL_OK)
        view->n = 0;
    view->order = view->n ? calloc(view->n, sizeof *view->order) : NULL;
    if (view->n && !view->order) {
        forget(view);
        sl_fail_memory(&view->error, "the list of sessions");
    }
    view->chosen = 0;
    for (size_t i = 0; i < view->n; i++)
        view->order[i] = i;
    for (size_t i = 0; path && i < view->n; i++)
        if (strcmp(view->runs[i].path, path) == 0)
            view->chosen = i;
    runs_sort(view);
    free(path);
}

static enum sl_job job_of(struct app *app)
{
    struct sl_train_state state = { .job = SL_JOB_NONE };
    if (app_session(app))
        sl_session_train_state(app_session(app), &state);
    return state.job;
}

static void changed(struct app *app, void *state)
{
    struct runs_view *view = state;
    enum sl_job job = job_of(app);
    if (job == view->job && app_session(app) == view->session)
        return;
    view->job = job;
    view->session = app_session(app);
    load(view);
}

static int open_runs(struct app *app, void **state, struct sl_error *err)
{
    struct runs_view *view = calloc(1, sizeof *view);
    if (!view)
        return sl_fail_memory(err, "the Runs view");
    view->job = job_of(app);
    view->session = app_session(app);
    view->sort = RUNS_WHEN;
    load(view);
    *state = view;
    return SL_OK;
}

static void close_runs(void *state)
{
    struct runs_view *view = state;
    if (!view)
        return;
    forget(view);
    runs_forget_marks(view);
    free(view);
}

static void open_chosen(struct app *app, struct runs_view *view)
{
    if (!view->n)
        return;
    const struct sl_run_info *run = &view->runs[view->order[view->chosen]];
    if (run->error) {
        app_message(app, STYLE_ERROR, "%s", run->error);
        return;
    }
    if (runs_current(app, run)) {
        app_message(app, STYLE_HINT, "this session is the open one");
        return;
    }
    char *path = strdup(run->path); /* opening may read the list again */
    if (path)
        app_open(app, path);
    free(path);
}

/* Playing may read the list again. */
static void play_chosen(struct app *app, struct runs_view *view)
{
    char *path = view->n ? strdup(view->runs[view->order[view->chosen]].path) : NULL;
    if (path)
        app_command(app, "replay %s", path);
    free(path);
}

static void move(struct runs_view *view, long by)
{
    long to = (long)view->chosen + by, last = (long)view->n - 1;
    view->chosen = to < 0 || last < 0 ? 0 : (size_t)(to > last ? last : to);
}

static void sort_by(struct app *app, struct runs_view *view, int by)
{
    view->sort = (enum runs_column)(((int)view->sort + by + RUNS_COLUMNS) % RUNS_COLUMNS);
    view->reversed = false;
    runs_sort(view);
    app_message(app, STYLE_HINT, "sorted by %s", runs_column_name(view->sort));
}

static bool key(struct app *app, void *state, int key_code)
{
    struct runs_view *view = state;
    if (view->compare)
        return runs_layer_key(app, view, key_code);
    switch (key_code) {
    case K_ENTER_KEY: open_chosen(app, view); break;
    case 'k':
    case K_UP: move(view, -1); break;
    case 'j':
    case K_DOWN: move(view, 1); break;
    case K_PAGE_UP: move(view, -(long)(view->page > 1 ? view->page - 1 : 1)); break;
    case K_PAGE_DOWN: move(view, view->page > 1 ? view->page - 1 : 1); break;
    case 'g':
    case K_HOME_KEY: view->chosen = 0; break;
    case 'G':
    case K_END_KEY: move(view, (long)view->n); break;
    case 's': sort_by(app, view, 1); break;
    case 'S': sort_by(app, view, -1); break;
    case 'r':
        view->reversed = !view->reversed;
        runs_sort(view);
        break;
    case 'L': load(view); break;
    case 'p': play_chosen(app, view); break;
    case ' ': runs_mark(app, view); break;
    case 'c': runs_compare(app, view); break;
    default: return false;
    }
    return true;
}

const struct view view_runs = {
    .name = "Runs",
    .keys = runs_keys,
    .inner = compare_view_keys,
    .inside = runs_inside,
    .open = open_runs,
    .close = close_runs,
    .draw = runs_draw,
    .key = key,
    .changed = changed,
};
