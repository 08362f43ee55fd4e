/* run_command.c: sluice run: a recipe from its first line to its figures.
 *
 * The stages, and the commands that change them, are taken in first. The other commands follow in order, each to its end;
 * --set comes right before the first that makes something of the stages (train, resume, export), so that it has the last
 * word over the recipe. */
#include "run_command.h"

#include "sluice/pool.h"

#include <math.h>
#include <poll.h>
#include <stdlib.h>
#include <unistd.h>

enum { TICK_MS = 100 };
#define EVENT_NS UINT64_C(100000000)

int runner_progress(struct runner *r, const struct sl_train_state *state, struct sl_error *err)
{
    if (!r->options->json) {
        const struct sl_point *points = NULL;
        size_t n = sl_session_points(r->session, &points);
        bool training = n > 0 && state->job != SL_JOB_PREPARING;
        struct progress_view view = {
            .phase = batch_phase(state),
            .fraction = state->fraction,
            .rate = state->rows_per_second,
            .eta = state->eta,
            .step = training ? state->step : 0,
            .loss = training ? points[n - 1].loss : (double)NAN,
            .train_accuracy = training ? points[n - 1].train_accuracy : (double)NAN,
            .test_accuracy = training ? points[n - 1].test_accuracy : (double)NAN,
        };
        progress_bar_draw(&r->bar, &view);
        return SL_OK;
    }
    uint64_t now = sl_now();
    if (now < r->progress_due) {
        return SL_OK;
    }
    r->progress_due = now + EVENT_NS;
    batch_json_progress(state, &r->out);
    return batch_flush(&r->out, err);
}

/* Points that were committed since. */
static int report_points(struct runner *r, struct sl_error *err)
{
    const struct sl_point *points = NULL;
    size_t n = sl_session_points(r->session, &points);
    r->points = n < r->points ? 0 : r->points;
    for (; r->options->json && r->points < n; r->points++) {
        batch_json_point(&points[r->points], &r->out);
    }
    return r->out.n ? batch_flush(&r->out, err) : SL_OK;
}

static int interrupted(struct runner *r, const struct sl_train_state *state, struct sl_error *err)
{
    r->step = state->step;
    return sl_fail(err, SL_ECANCEL, "interrupted");
}

/* Until no job runs. */
static int wait_job(struct runner *r, struct sl_error *err)
{
    struct sl_train_state state;
    for (;;) {
        sl_session_poll(r->session);
        sl_session_train_state(r->session, &state);
        int status = report_points(r, err);
        bool busy = state.job == SL_JOB_PREPARING || state.job == SL_JOB_TRAINING || state.job == SL_JOB_PAUSED;
        if (!status && busy) {
            status = runner_progress(r, &state, err);
        }
        if (!status && busy && batch_signal()) {
            status = interrupted(r, &state, err);
        }
        if (status) {
            return status;
        }
        if (!busy) {
            break;
        }
        struct pollfd fds[] = { { .fd = sl_session_fd(r->session), .events = POLLIN },
                                { .fd = batch_signal_fd(), .events = POLLIN } };
        poll(fds, 2, TICK_MS);
    }
    if (state.job == SL_JOB_FAILED) {
        *err = state.error;
        return state.error.status ? state.error.status : SL_EDATA;
    }
    return batch_signal() ? interrupted(r, &state, err) : SL_OK;
}

static int command(struct runner *r, const char *line, struct sl_error *err)
{
    struct sl_buf reply = { 0 };
    int status = sl_session_command(r->session, line, &reply, err);
    if (!status && reply.n && !r->options->json && !reply.failed) {
        size_t n = reply.n;
        while (n && reply.p[n - 1] == '\n') {
            n--;
        }
        progress_bar_clear(&r->bar);
        batch_note("%.*s", (int)n, reply.p);
    }
    sl_buf_release(&reply);
    return status ? status : wait_job(r, err);
}

static int apply_sets(struct runner *r, struct sl_error *err)
{
    const struct option_words *sets = &r->options->sets;
    struct sl_buf line = { 0 };
    if (r->set || sets->n == 0) {
        return SL_OK;
    }
    r->set = true;
    sl_buf_puts(&line, "set");
    for (size_t i = 0; i < sets->n; i++) {
        const char *equals = strchr(sets->word[i], '=');
        sl_buf_printf(&line, " %.*s=", (int)(equals - sets->word[i]), sets->word[i]);
        batch_quote(equals + 1, &line);
    }
    int status = line.failed ? sl_fail_memory(err, "setting parameters") : sl_session_command(r->session, line.p, NULL, err);
    sl_buf_release(&line);
    if (status && err) { /* the column is one of a line the user never wrote */
        err->line = err->column = 0;
        if (!err->file[0]) {
            sl_error_at(err, "--set", 0, 0, UINT64_MAX);
        }
    }
    return status;
}

/* The recipe must stand as a whole before anything is made of it. */
static int check_whole(struct runner *r, struct sl_error *err)
{
    const struct sl_error *problem = sl_session_problem(r->session);
    if (!problem) {
        return SL_OK;
    }
    *err = *problem;
    uint64_t stage = err->file[0] ? 0 : err->line; /* the number of a stage: which line made it? */
    if (!err->file[0]) {
        err->line = err->column = 0;
    }
    if (stage >= 1 && stage <= r->recipe.n_statements && r->recipe.n_statements == sl_session_stages(r->session)) {
        sl_error_at(err, r->recipe.path, r->recipe.statements[stage - 1].line, 0, UINT64_MAX);
        recipe_file_refine(&r->recipe, err);
    }
    return problem->status;
}

static bool begins(struct sl_str line, const char *word)
{
    size_t skip = 0, n = strlen(word);
    while (skip < line.n && (line.p[skip] == ' ' || line.p[skip] == '\t')) {
        skip++;
    }
    return line.n >= skip + n && memcmp(line.p + skip, word, n) == 0 &&
           (line.n == skip + n || strchr(" \t\r#", line.p[skip + n]));
}

/* Commands that change the recipe were taken in with its stages, in their order. */
static bool is_edit(struct sl_str line)
{
    static const char *const edits[] = { "insert", "edit", "set", "move", "delete", "off", "on", "undo", "redo", "open" };
    for (size_t i = 0; i < sizeof edits / sizeof *edits; i++) {
        if (begins(line, edits[i])) {
            return true;
        }
    }
    return false;
}

static int carry_out(struct runner *r, size_t i, struct sl_error *err)
{
    struct sl_str text = r->recipe.lines[i].text;
    bool trains = begins(text, "train") || begins(text, "resume"), exports = begins(text, "export");
    int status = SL_OK;
    if (trains || exports) {
        status = apply_sets(r, err);
        if (!status) {
            status = check_whole(r, err);
        }
    }
    char *line = status ? NULL : strndup(text.p, text.n);
    if (!status && !line) {
        status = sl_fail_memory(err, "carrying out the recipe");
    }
    if (!status) {
        status = command(r, line, err);
        if (status && status != SL_ECANCEL) {
            recipe_file_locate(&r->recipe, i, err);
        }
    }
    free(line);
    r->trained |= trains;
    r->exported |= exports;
    return status;
}

static int carry_out_all(struct runner *r, struct sl_error *err)
{
    int status = SL_OK;
    for (size_t i = 0; i < r->recipe.n && !status; i++) {
        if (!r->recipe.lines[i].stage && !is_edit(r->recipe.lines[i].text)) {
            status = carry_out(r, i, err);
        }
    }
    if (!status) {
        status = apply_sets(r, err);
    }
    if (!status) {
        status = check_whole(r, err);
    }
    if (status || r->trained) {
        return status;
    }
    struct sl_pipeline *pipeline = sl_session_pipeline(r->session);
    if (pipeline && sl_pipeline_find(pipeline, SL_LEARNER)) {
        r->trained = true;
        return command(r, "train", err);
    }
    return r->exported ? SL_OK : runner_count(r, err);
}

static int open_session(struct runner *r, struct sl_error *err)
{
    const struct options *o = r->options;
    struct sl_session_options options = { .path = o->session, .threads = o->threads, .memory = o->memory };
    if (o->session && access(o->session, F_OK) == 0) {
        sl_fail(err, SL_ESTATE, "\"%s\" is there already", o->session);
        if (sl_is_session(o->session)) {
            return sl_fix(err, "name another file; or go on with it: sluice shell %s", o->session);
        }
        return sl_fix(err, "name another file");
    }
    int status = sl_session_open(&r->session, &options, err);
    if (!status) {
        status = sl_session_recipe(r->session, r->recipe.path, false, err);
        if (status) {
            recipe_file_refine(&r->recipe, err);
        }
    }
    /* Asked for before the run, so that it hands over its quarantine. */
    if (!status) {
        sl_session_browser(r->session);
    }
    return status;
}

static void report_error(void *ctx, const struct sl_error *err)
{
    struct runner *r = ctx;
    progress_bar_clear(&r->bar);
    batch_error(err);
    if (r->options->json) {
        batch_json_error(err, &r->out);
        batch_flush(&r->out, NULL);
    }
}

/* The session is closed first: only then what it holds is saved. */
static int end_interrupted(struct runner *r, struct sl_error *err)
{
    const struct options *o = r->options;
    struct sl_train_state state;
    sl_session_train_state(r->session, &state);
    bool busy = state.job == SL_JOB_PREPARING || state.job == SL_JOB_TRAINING || state.job == SL_JOB_PAUSED;
    progress_bar_clear(&r->bar);
    sl_session_close(r->session);
    r->session = NULL;
    if (batch_pipe_broken()) {
        return EXIT_PIPE;
    }
    if (r->step) {
        sl_fail(err, SL_ECANCEL, "interrupted after step %llu", (unsigned long long)r->step);
    } else {
        sl_fail(err, SL_ECANCEL, busy ? "interrupted while the data were prepared" : "interrupted");
    }
    if (!o->session) {
        sl_fix(err, "nothing is kept; with --session FILE one can go on later");
    } else if (busy) {
        sl_fix(err, "the session is saved; go on with: echo resume | sluice shell %s", o->session);
    } else {
        sl_fix(err, "the session is saved: %s", o->session);
    }
    report_error(r, err);
    return EXIT_INTERRUPTED;
}

int command_run(const struct options *options)
{
    struct runner r = { .options = options, .began = sl_now() };
    struct sl_error err = SL_ERROR_INIT;
    int exit_status = EXIT_FAILED;
    progress_bar_init(&r.bar);
    int status = batch_signals_open(&err);
    if (!status) {
        status = recipe_file_read(&r.recipe, options->operands.word[0], &err);
    }
    if (!status && recipe_file_check(&r.recipe, report_error, &r) > 0) {
        goto out;
    }
    if (!status) {
        status = open_session(&r, &err);
    }
    if (!status) {
        status = carry_out_all(&r, &err);
    }
    if (!status) {
        progress_bar_clear(&r.bar);
        status = runner_report(&r, &err);
    }
    if (status == SL_ECANCEL) {
        exit_status = end_interrupted(&r, &err);
    } else if (status) {
        report_error(&r, &err);
    } else {
        exit_status = EXIT_DONE;
    }
out:
    sl_session_close(r.session);
    recipe_file_release(&r.recipe);
    sl_buf_release(&r.out);
    return exit_status;
}
