/* run_command.c: sluice run: a recipe from its first line to its figures.
 *
 * The stages, and the commands that change them, are taken in first. The other commands follow in order, each to its
 * end;
 * --set comes right before the first that makes something of the stages (train, resume, export), so that it has the
 * last word over the recipe. */
#include "run_command.h"

#include "sluice/pool.h"

#include <stdlib.h>
#include <unistd.h>

int runner_command(struct runner *r, const char *line, struct sl_error *err)
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
    if (!status) {
        status = runner_debug_wait(r, err);
    }
    return status ? status : runner_wait(r, err);
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
    int status = line.failed ? sl_fail_memory(err, "setting parameters")
                             : sl_session_command(r->session, line.p, NULL, err);
    sl_buf_release(&line);
    if (status && err) { /* the column is one of a line the user never wrote */
        err->line = err->column = 0;
        if (!err->file[0]) {
            sl_error_at(err, "--set", 0, 0, UINT64_MAX);
        }
    }
    return status;
}

/* An error that names a stage by its number: the line that made it, and the column of its parameter. */
static bool locate_stage(struct runner *r, struct sl_error *err)
{
    uint64_t stage = err->file[0] ? 0 : err->line;
    if (stage < 1 || stage > r->recipe.n_statements || r->recipe.n_statements != sl_session_stages(r->session)) {
        return false;
    }
    err->line = err->column = 0;
    sl_error_at(err, r->recipe.path, r->recipe.statements[stage - 1].line, 0, UINT64_MAX);
    recipe_file_refine(&r->recipe, err);
    return true;
}

/* The recipe must stand as a whole before anything is made of it. */
static int check_whole(struct runner *r, struct sl_error *err)
{
    const struct sl_error *problem = sl_session_problem(r->session);
    if (!problem) {
        return SL_OK;
    }
    *err = *problem;
    if (!locate_stage(r, err) && !err->file[0]) {
        err->line = err->column = 0;
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
    static const char *const edits[] = {
        "insert", "edit", "set", "move", "delete", "off", "on", "undo", "redo", "open"
    };
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
        status = runner_command(r, line, err);
        if (status && status != SL_ECANCEL && !(trains && err && err->stage[0] && locate_stage(r, err))) {
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
        status = runner_command(r, "train", err);
        if (status && err && err->stage[0]) {
            locate_stage(r, err);
        }
        return status;
    }
    return r->exported ? SL_OK : runner_count(r, err);
}

static int stop_at_breaks(struct runner *r, struct sl_error *err)
{
    if (!r->options->breaks.n && !r->options->watches.n) {
        return SL_OK;
    }
    int status = apply_sets(r, err);
    if (!status) {
        status = check_whole(r, err);
    }
    return status ? status : runner_break(r, err);
}

static int open_session(struct runner *r, struct sl_error *err)
{
    const struct options *o = r->options;
    struct sl_session_options options = {
        .path = o->session, .threads = o->threads, .memory = o->memory, .prefetch = (size_t)o->prefetch
    };
    if (o->session && access(o->session, F_OK) == 0) {
        sl_fail(err, SL_ESTATE, "\"%s\" is there already", o->session);
        if (sl_is_session(o->session)) {
            return sl_fix(err, "name another file; or go on with it: sluice shell %s", o->session);
        }
        return sl_fix(err, "name another file");
    }
    int status = o->like ? runner_like(r, &options, err) : sl_session_open(&r->session, &options, err);
    if (!status && !o->like) {
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

void runner_error(void *ctx, const struct sl_error *err)
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
        sl_fix(err, "the session is saved; go on with: sluice resume %s", o->session);
    } else {
        sl_fix(err, "the session is saved: %s", o->session);
    }
    runner_error(r, err);
    return EXIT_INTERRUPTED;
}

int runner_end(struct runner *r, int status, struct sl_error *err)
{
    if (!status) {
        progress_bar_clear(&r->bar);
        status = runner_report(r, err);
    }
    if (status == SL_ECANCEL) {
        return end_interrupted(r, err);
    }
    if (status) {
        runner_error(r, err);
    }
    return status ? EXIT_FAILED : EXIT_DONE;
}

int command_run(const struct options *options)
{
    struct runner r = { .options = options, .began = sl_now() };
    struct sl_error err = SL_ERROR_INIT;
    int exit_status = EXIT_FAILED;
    progress_bar_init(&r.bar);
    int status = batch_signals_open(&err);
    if (options->session) {
        batch_signals_survive();
    }
    if (!status && !options->like) {
        status = recipe_file_read(&r.recipe, options->operands.word[0], &err);
    }
    if (!status && !options->like && recipe_file_check(&r.recipe, runner_error, &r) > 0) {
        goto out;
    }
    if (!status) {
        status = open_session(&r, &err);
    }
    if (!status) {
        status = stop_at_breaks(&r, &err);
    }
    if (!status && !r.stopped) {
        status = carry_out_all(&r, &err);
    }
    exit_status = r.stopped && !status ? EXIT_STOPPED : runner_end(&r, status, &err);
out:
    sl_session_close(r.session);
    recipe_file_release(&r.recipe);
    sl_buf_release(&r.out);
    return exit_status;
}
