/* view_step_open.c: ways into the Step view from elsewhere: a record, a cell of the confusion matrix, a failed
 * training, and the debugger's commands typed at the prompt. */
#include "view_step_private.h"

#include "app_private.h"

#include <stdio.h>

static struct step_view *own(struct app *app)
{
    for (size_t i = 0; i < APP_VIEWS; i++) {
        if (app_views[i] == &view_step && app->opened[i]) {
            return app->states[i];
        }
    }
    return NULL;
}

static bool is_word(const char *line, const char *word)
{
    size_t n = strcspn(line, " \t");
    return strlen(word) == n && strncmp(line, word, n) == 0;
}

/* Breakpoints and watches are seen where they are: no list of them is put over the view. */
static bool kept_answers(struct app *app, const char *line)
{
    static const char *const names[] = { "break", "unbreak", "switch", "watch", "unwatch" };
    bool ours = false, alone = !line[strcspn(line, " \t")];
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        ours |= is_word(line, names[i]);
    }
    if (ours && alone && is_word(line, "break")) {
        step_breaks_show(app);
    } else if (ours && !alone && is_word(line, "break")) {
        app_message(app, STYLE_DIM, "breakpoint set; B in the Step view lists them");
    }
    return ours && (!alone || is_word(line, "break"));
}

bool step_answers(struct app *app, const char *line)
{
    static const char *const names[] = { "step", "goto", "audit", "records" };
    bool ours = false;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        ours |= is_word(line, names[i]);
    }
    if (!ours) {
        return kept_answers(app, line);
    }
    app_show(app, &view_step);
    struct step_view *view = own(app);
    if (!view) {
        return true;
    }
    bool audit = is_word(line, "audit"), quiet = view->quiet_audit;
    view->quiet_audit = false;
    if (audit && !quiet) {
        step_audit_push(app, view);
    }
    if (step_task_runs(app)) {
        step_task_begun(app, view);
    } else if (is_word(line, "records")) {
        step_list_say(app);
    }
    return true;
}

void step_open(struct app *app, uint64_t record, size_t stage)
{
    char name[80];
    if (!app_session(app)) {
        return;
    }
    app_show(app, &view_step);
    if (stage == SIZE_MAX) {
        app_command(app, "goto %llu", (unsigned long long)record);
    } else {
        app_command(app, "goto %s@%llu", step_stage_name(app_session(app), stage, name, sizeof name),
                    (unsigned long long)record);
    }
}

/* A class's name as one word of the language. */
static void quote(const char *name, char *out, size_t size)
{
    size_t n = 0;
    out[n++] = '"';
    for (; *name && n + 4 < size; name++) {
        if (*name == '"' || *name == '\\') {
            out[n++] = '\\';
        }
        out[n++] = *name;
    }
    out[n++] = '"';
    out[n] = '\0';
}

void step_open_cell(struct app *app, uint32_t truth, uint32_t predicted)
{
    const struct sl_result *result = app_session(app) ? sl_session_result(app_session(app)) : NULL;
    char is[300], said[300];
    if (!result || truth >= result->test.n_classes || predicted >= result->test.n_classes) {
        return;
    }
    quote(result->classes[truth], is, sizeof is);
    quote(result->classes[predicted], said, sizeof said);
    app_command(app, "records cell %s %s", is, said);
}

static void open_guilty(struct app *app)
{
    struct sl_error err = SL_ERROR_INIT;
    char n[40];
    if (sl_session_command(app->session, "records guilty", NULL, &err) != SL_OK) {
        return; /* it failed for another reason, which the Train view tells */
    }
    app_listen(app);
    const struct sl_record_list *list = sl_debug_list(app->session);
    snprintf(n, sizeof n, "%llu", (unsigned long long)(list ? list->total : 0));
    app_show(app, &view_step);
    app_changed(app);
    app_message(
        app, STYLE_ERROR,
        "! the loss was not finite: the update was not made, the weights are kept; these %s records were in the "
        "batch: ] and [ walk through them",
        n);
}

void step_watch_training(struct app *app)
{
    struct sl_train_state state = { .job = SL_JOB_NONE };
    if (app->session && !app->player) {
        sl_session_train_state(app->session, &state);
    }
    bool ran = app->job == SL_JOB_PREPARING || app->job == SL_JOB_TRAINING || app->job == SL_JOB_PAUSED;
    app->job = state.job;
    if (ran && state.job == SL_JOB_FAILED) {
        open_guilty(app);
    }
}
