/* view_train_steer.c: the Train view's part in steering: one iteration, a tuned parameter, and their marks on the
 * charts.
 *
 * Marks come from the run's events: `^` where a parameter was tuned, `|` where a checkpoint was kept, `!` where the
 * loss was no number. An event is marked once its point is there. */
#include "view_train.h"

#include <math.h>
#include <stdio.h>

static char mark_of(const char *kind)
{
    return strcmp(kind, "tuned") == 0 ? '^' : strcmp(kind, "checkpoint") == 0 ? '|' : '!';
}

static bool is_marked(const char *kind)
{
    return strcmp(kind, "tuned") == 0 || strcmp(kind, "checkpoint") == 0 || strcmp(kind, "nonfinite") == 0;
}

int train_mark(struct train_view *view, const struct sl_session *session, struct sl_error *err)
{
    const struct sl_event *events = NULL;
    size_t n = session ? sl_session_events(session, &events) : 0;
    int status = SL_OK;
    if (n < view->marked || view->data.n < view->marked_to) { /* a replay has gone back */
        view->data.n_marks = 0;
        view->marked = 0;
    }
    for (; view->marked < n && !status; view->marked++) {
        const struct sl_event *e = &events[view->marked];
        if (!is_marked(e->kind) || !e->step)
            continue;
        size_t at = chart_data_find(&view->data, CHART_STEP, (double)e->step);
        if (at == view->data.n) /* not yet */
            break;
        status = chart_data_mark(&view->data, at, mark_of(e->kind), err);
    }
    view->marked_to = view->data.n;
    return status;
}

static void asked(struct app *app, void *ctx, const char *line)
{
    (void)ctx;
    if (line && line[strspn(line, " ")] && app_command(app, "%s", line))
        app_message(app, STYLE_DIM, "done: %s; it counts from the next iteration on", line);
}

/* The command line with the parameter that is tuned most: the learning rate, or how far to go. */
void train_ask_tune(struct app *app)
{
    struct sl_session *session = app_session(app);
    const char *parameter = "learning_rate";
    double value = session ? sl_session_setting(session, parameter, UINT64_MAX) : (double)NAN;
    if (isnan(value)) {
        parameter = "max_iter";
        value = session ? sl_session_setting(session, parameter, UINT64_MAX) : (double)NAN;
    }
    struct sl_buf line = { 0 };
    sl_buf_puts(&line, "tune ");
    if (!isnan(value)) {
        sl_buf_printf(&line, "%s=", parameter);
        sl_buf_number(&line, value);
    }
    app_prompt(app, ":", line.failed ? "tune " : line.p, true, asked, NULL);
    sl_buf_release(&line);
}
