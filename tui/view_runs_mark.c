/* view_runs_mark.c: sessions marked in the Runs view, and their comparison as a layer over it. Marks are kept by path:
 * the list may be read again at any time. */
#include "view_compare.h"
#include "view_runs.h"

#include <stdlib.h>

bool runs_marked(const struct runs_view *view, const char *path)
{
    for (size_t i = 0; i < view->n_marked; i++)
        if (strcmp(view->marked[i], path) == 0)
            return true;
    return false;
}

static void unmark(struct runs_view *view, const char *path)
{
    size_t kept = 0;
    for (size_t i = 0; i < view->n_marked; i++) {
        if (strcmp(view->marked[i], path) == 0)
            free(view->marked[i]);
        else
            view->marked[kept++] = view->marked[i];
    }
    view->n_marked = kept;
}

void runs_mark(struct app *app, struct runs_view *view)
{
    if (!view->n)
        return;
    const struct sl_run_info *run = &view->runs[view->order[view->chosen]];
    if (runs_marked(view, run->path)) {
        unmark(view, run->path);
    } else {
        char **more = realloc(view->marked, (view->n_marked + 1) * sizeof *more);
        char *path = more ? strdup(run->path) : NULL;
        view->marked = more ? more : view->marked;
        if (!path) {
            app_message(app, STYLE_ERROR, "out of memory while marking a session");
            return;
        }
        view->marked[view->n_marked++] = path;
    }
    view->chosen += view->chosen + 1 < view->n;
}

/* The marked ones, or every training of the chosen one. */
void runs_compare(struct app *app, struct runs_view *view)
{
    struct sl_error err = SL_ERROR_INIT;
    if (!view->n)
        return;
    const char *chosen = view->runs[view->order[view->chosen]].path;
    const char *const *paths = view->n_marked ? (const char *const *)view->marked : &chosen;
    size_t n = view->n_marked ? view->n_marked : 1;
    if (compare_view_open(&view->compare, paths, n, &err)) {
        char text[900];
        app_message(app, STYLE_ERROR, "%s", sl_error_format(&err, text, sizeof text));
    } else if (n == 1) {
        app_message(app, STYLE_HINT, "every training of this session; mark others with Space to compare sessions");
    }
}

void runs_forget_marks(struct runs_view *view)
{
    compare_view_close(view->compare);
    for (size_t i = 0; i < view->n_marked; i++)
        free(view->marked[i]);
    free(view->marked);
}

const struct inner_keys *runs_inside(void *state)
{
    const struct runs_view *view = state;
    return view->compare ? compare_view_inside(view->compare) : NULL;
}

bool runs_layer_key(struct app *app, struct runs_view *view, int key)
{
    bool closed = false;
    if (!compare_view_key(app, view->compare, key, &closed))
        return false;
    if (closed) {
        compare_view_close(view->compare);
        view->compare = NULL;
    }
    return true;
}
