/* view.c: the recipe as the user sees it: stages with their figures, the columns between them, the data behind them. */
#include "live.h"

#include <stdlib.h>
#include <sys/eventfd.h>

static void count(struct sl_stage_view *view, const struct figure *figure)
{
    view->counted = true;
    view->in = figure->in;
    view->out = figure->out;
    view->changed = figure->changed;
    view->dropped = figure->dropped;
    view->missing = figure->missing;
    view->emptied = figure->emptied;
    view->bytes = figure->bytes;
    view->seconds = figure->seconds;
    view->hits = figure->hits;
    view->misses = figure->misses;
}

void session_views(struct sl_session *session)
{
    const struct recipe *now = history_now(&session->history);
    struct sl_pipeline *pipeline = session->binding.shown;
    struct sl_stage_view *views = calloc(now->n + 1, sizeof *views);
    size_t on = 0;    /* statements so far that are not off */
    bool same = true; /* as the counted run, up to here */
    if (!views)
        return;
    for (size_t i = 0; i < now->n; i++) {
        const struct sl_statement *s = &now->at[i];
        views[i] = (struct sl_stage_view){
            .text = s->text, .class = s->class, .params = s->params, .off = s->off, .bound = -1
        };
        if (s->off)
            continue;
        size_t bound = pipeline ? sl_pipeline_bound(pipeline, on) : SIZE_MAX;
        if (bound != SIZE_MAX) {
            const struct sl_stage *stage = sl_pipeline_stage(pipeline, bound);
            views[i].bound = (int)bound;
            views[i].fitted = stage->model != NULL || (s->class->kind == SL_LEARNER && session->fitted);
        }
        same = same && on < session->figures.n && strcmp(session->figures.at[on].text, s->text) == 0;
        if (same)
            count(&views[i], &session->figures.at[on]);
        on++;
    }
    session->live_same = session->job && record_same_recipe(session);
    free(session->views);
    session->views = views;
    session->n_views = now->n;
}

void figures_release(struct figures *figures)
{
    for (size_t i = 0; i < figures->n; i++)
        free(figures->at[i].text);
    free(figures->at);
    *figures = (struct figures){ 0 };
}

size_t sl_session_stages(const struct sl_session *session)
{
    return session->n_views;
}

/* Figures of the job under way are read as they grow. */
static void count_live(struct sl_session *session, struct sl_stage_view *view, size_t i)
{
    const struct sl_progress *progress = session->progress;
    if (!progress || view->bound < 0 || view->bound >= SL_MAX_STAGES || !session->live_same || i >= session->n_views)
        return;
    const struct sl_stage_stats *s = &progress->stages[view->bound];
    count(view, &(struct figure){ .in = s->in,
                                  .out = s->out,
                                  .changed = s->changed,
                                  .dropped = s->dropped,
                                  .missing = s->missing,
                                  .emptied = s->emptied,
                                  .bytes = s->bytes,
                                  .seconds = (double)s->busy_ns * 1e-9,
                                  .hits = s->hits,
                                  .misses = s->misses });
}

const struct sl_stage_view *sl_session_stage(const struct sl_session *session, size_t i)
{
    if (i >= session->n_views)
        return NULL;
    count_live((struct sl_session *)(uintptr_t)session, &session->views[i], i);
    return &session->views[i];
}

const struct sl_error *sl_session_problem(const struct sl_session *session)
{
    return session->binding.broken ? &session->binding.problem : NULL;
}

bool sl_session_can_undo(const struct sl_session *session)
{
    return session->history.at > 0;
}

bool sl_session_can_redo(const struct sl_session *session)
{
    return session->history.at + 1 < session->history.n;
}

const struct sl_schema *sl_session_schema(const struct sl_session *session, size_t i)
{
    struct sl_pipeline *pipeline = session->binding.shown;
    size_t before = 0;
    if (!pipeline || i > session->n_views)
        return NULL;
    for (size_t k = 0; k < i; k++)
        before += !session->views[k].off;
    size_t last = before ? sl_pipeline_bound(pipeline, before - 1) : SIZE_MAX;
    return last == SIZE_MAX ? NULL : &sl_pipeline_stage(pipeline, last)->out;
}

struct sl_pipeline *sl_session_pipeline(struct sl_session *session)
{
    return session->binding.whole ? session->binding.shown : NULL;
}

void session_wake(void *ctx)
{
    struct sl_session *session = ctx;
    eventfd_write(session->wake_fd, 1);
}

static void start_scan(struct sl_session *session)
{
    struct sl_error err = SL_ERROR_INIT;
    char text[900];
    if (!session->options.scan || !session->browser || training_running(session) || follow_busy(session))
        return;
    if (sl_browser_scan(session->browser, session->options.threads, session_wake, session, &err))
        sl_session_say(session, "%s", sl_error_format(&err, text, sizeof text));
}

struct sl_browser *sl_session_browser(struct sl_session *session)
{
    struct sl_error err = SL_ERROR_INIT;
    char text[900];
    struct sl_pipeline_options options = { .base = session->base };
    if (!session->binding.shown)
        return NULL;
    if (!session->browser) {
        if (sl_browser_new(&session->browser, session->binding.shown, &options, &err)) {
            session->browser = NULL;
            sl_session_say(session, "%s", sl_error_format(&err, text, sizeof text));
            return NULL;
        }
        start_scan(session);
    }
    return session->browser;
}

void session_scan(struct sl_session *session)
{
    struct sl_scan_state state;
    if (!session->browser)
        return;
    sl_browser_state(session->browser, &state);
    if (!state.complete && !state.running)
        start_scan(session);
}

char *recipe_sources(const struct recipe *recipe, const struct sl_pipeline *pipeline)
{
    struct sl_buf text = { 0 };
    size_t left = pipeline ? sl_pipeline_sources(pipeline) : 0;
    for (size_t i = 0; i < recipe->n && left; i++)
        if (recipe->at[i].class->kind == SL_SOURCE && !recipe->at[i].off && left--)
            sl_buf_printf(&text, "%s%s", text.n ? "\n" : "", recipe->at[i].text);
    if (text.failed)
        sl_buf_release(&text);
    return text.p;
}

void recipe_text(const struct recipe *recipe, bool all, struct sl_buf *out)
{
    for (size_t i = 0; i < recipe->n; i++) {
        if (recipe->at[i].off && !all)
            continue;
        sl_buf_puts(out, recipe->at[i].off ? "# off: " : "");
        sl_buf_puts(out, recipe->at[i].text);
        sl_buf_putc(out, '\n');
    }
}

void sl_session_recipe_text(const struct sl_session *session, struct sl_buf *out)
{
    recipe_text(history_now(&session->history), true, out);
}
