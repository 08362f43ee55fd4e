/* shell_command.c: a line carried out, its reply; and news of the job as lines, not as a moving bar.
 *
 * News come when something changed by a tenth, so that a listener is told what matters and can work meanwhile. */
#include "shell.h"

#include "human.h"

#include <math.h>
#include <stdlib.h>
#include <unistd.h>

static int run_show(struct shell *shell, const struct sl_line *line, struct sl_arena *arena, struct sl_error *err)
{
    return plain_show(shell->session, line, arena, &shell->out, err);
}

static int run_wait(struct shell *shell, const struct sl_line *line, struct sl_arena *arena, struct sl_error *err)
{
    (void)line, (void)arena, (void)err;
    shell->waiting = shell_busy(shell);
    return SL_OK;
}

static int run_quit(struct shell *shell, const struct sl_line *line, struct sl_arena *arena, struct sl_error *err)
{
    (void)line, (void)arena, (void)err;
    shell->quit = true;
    return SL_OK;
}

const struct shell_command shell_commands[] = {
    { "show", "show [WHAT …]", "tell about data, pipeline, train, runs, quarantine, profile …", false, run_show },
    { "wait", "wait", "go on when the job is done", false, run_wait },
    { "quit", "quit", "leave; what was done is kept", true, run_quit },
    { 0 },
};

void shell_flush(struct shell *shell)
{
    struct sl_error err = SL_ERROR_INIT;
    if (!shell->out.n && !shell->out.failed) {
        return;
    }
    if (shell->editing) {
        shell_edit_hide();
    }
    if (batch_flush(&shell->out, &err)) {
        shell->exit_status = batch_failed(&err);
        shell->quit = true;
    }
    if (shell->editing && !shell->quit) {
        shell_edit_show();
    }
}

static void failed(struct shell *shell, struct sl_error *err)
{
    if (shell->script) {
        if (!err->file[0]) { /* a line it has now is the number of a stage */
            uint64_t column = err->column;
            err->line = err->column = 0;
            sl_error_at(err, "standard input", shell->line, column, UINT64_MAX);
        }
        shell->exit_status = EXIT_FAILED;
        shell->quit = true;
    } else if (!err->file[0]) {
        err->line = 0;
    }
    shell_flush(shell);
    if (shell->editing) {
        shell_edit_hide();
    }
    batch_error(err);
    if (shell->editing) {
        shell_edit_show();
    }
}

static const struct shell_command *find_own(const struct sl_line *line)
{
    for (const struct shell_command *c = shell_commands; c->name && line->n && !line->words[0].key.n; c++) {
        if (sl_str_equal(line->words[0].value, sl_str(c->name))) {
            return c;
        }
    }
    return line->n && sl_str_equal(line->words[0].value, SL_STR("exit"))
               ? find_own(&(struct sl_line){ .words = &(struct sl_word){ .value = SL_STR("quit") }, .n = 1 })
               : NULL;
}

/* `help` alone lists the commands of this face too. */
static void add_help(struct shell *shell, const struct sl_line *line)
{
    if (line->n != 1 || !sl_str_equal(line->words[0].value, SL_STR("help"))) {
        return;
    }
    sl_buf_puts(&shell->out, "here\n");
    for (const struct shell_command *c = shell_commands; c->name; c++) {
        sl_buf_printf(&shell->out, "  %-18s %s\n", c->name, c->summary);
    }
    for (const struct plain_show *show = plain_shows; show->name; show++) {
        sl_buf_printf(&shell->out, "  show %-13s %s\n", show->name, show->summary);
    }
}

static int session_line(struct shell *shell, const char *text, const struct sl_line *line, struct sl_error *err)
{
    struct sl_buf reply = { 0 };
    int status = sl_session_command(shell->session, text, &reply, err);
    if (!status && reply.n) {
        sl_buf_add(&shell->out, reply.p, reply.n);
        if (reply.p[reply.n - 1] != '\n') {
            sl_buf_putc(&shell->out, '\n');
        }
        shell->said = sl_session_log_lines(shell->session); /* the log has it too */
    }
    sl_buf_release(&reply);
    if (!status) {
        add_help(shell, line);
    }
    return status;
}

void shell_execute(struct shell *shell, const char *text)
{
    struct sl_arena arena;
    struct sl_line line = { 0 };
    struct sl_error err = SL_ERROR_INIT;
    sl_arena_init(&arena);
    int status = sl_line_split(sl_str(text), &arena, &line, &err);
    if (!status && line.n) {
        const struct shell_command *own = find_own(&line);
        status = own ? own->run(shell, &line, &arena, &err) : session_line(shell, text, &line, &err);
    }
    if (status) {
        failed(shell, &err);
    } else if (line.n) {
        shell_listen(shell);
    }
    shell_flush(shell);
    sl_arena_release(&arena);
}

/* --- news --- */

static void tell_result(struct shell *shell)
{
    const struct sl_result *result = sl_session_result(shell->session);
    if (result && result->regression) {
        const struct sl_fit_figures *fit = result->have_test ? &result->fit_test : &result->fit_train;
        sl_buf_printf(&shell->out, ": %s R2 %.4f, mean absolute error %.6g, ", result->have_test ? "test" : "train",
                      fit->r2, fit->mae);
        batch_duration(&shell->out, result->total_seconds);
    } else if (result && result->train.n_classes) {
        sl_buf_printf(&shell->out, ": train accuracy %.4f", result->train.accuracy);
        if (result->have_test) {
            sl_buf_printf(&shell->out, ", test accuracy %.4f, log loss %.4f", result->test.accuracy,
                          result->test.log_loss);
        }
        sl_buf_puts(&shell->out, ", ");
        batch_duration(&shell->out, result->total_seconds);
    }
}

static void tell_progress(struct shell *shell, const struct sl_train_state *state)
{
    char text[32];
    const struct sl_point *points = NULL;
    size_t n = sl_session_points(shell->session, &points);
    sl_buf_printf(&shell->out, "%s, %d %%", batch_phase(state), (int)(state->fraction * 100));
    if (state->job == SL_JOB_TRAINING && n) {
        const struct sl_point *p = &points[n - 1];
        sl_buf_printf(&shell->out, ", step %llu, loss %.4f", (unsigned long long)p->step, p->loss);
        if (isfinite(p->train_accuracy)) {
            sl_buf_printf(&shell->out, ", train accuracy %.4f", p->train_accuracy);
        }
        if (isfinite(p->test_accuracy)) {
            sl_buf_printf(&shell->out, ", test accuracy %.4f", p->test_accuracy);
        }
    } else if (state->rows_per_second > 0) {
        sl_buf_printf(&shell->out, ", %s records a second", human_short(state->rows_per_second, text, sizeof text));
    }
    sl_buf_putc(&shell->out, '\n');
}

void shell_listen(struct shell *shell)
{
    struct sl_train_state state;
    const char *line;
    size_t lines = sl_session_log_lines(shell->session);
    shell->said = shell->said > lines ? lines : shell->said;
    for (; (line = sl_session_log(shell->session, shell->said)); shell->said++) {
        sl_buf_printf(&shell->out, "%s\n", line);
    }
    sl_session_train_state(shell->session, &state);
    bool runs = state.job == SL_JOB_PREPARING || state.job == SL_JOB_TRAINING;
    if (runs && isfinite(state.fraction) && !(fabs(state.fraction - shell->fraction) < 0.1)) {
        shell->fraction = state.fraction;
        tell_progress(shell, &state);
    }
    if (state.job != shell->job && !runs) {
        sl_buf_puts(&shell->out, sl_job_name(state.job));
        if (state.job == SL_JOB_DONE || state.job == SL_JOB_STOPPED) {
            tell_result(shell);
        }
        sl_buf_putc(&shell->out, '\n');
        shell->fraction = (double)NAN;
    }
    bool ended = state.job != shell->job; /* not one that had failed before */
    shell->job = state.job;
    if (ended && state.job == SL_JOB_FAILED && shell->script && shell->exit_status == EXIT_DONE) {
        shell->exit_status = EXIT_FAILED; /* the log has said why */
        shell->quit = true;
    }
    shell_flush(shell);
}

/* --- the commands of the program --- */

static int run(const struct options *options, struct sl_session *session, bool editing)
{
    struct shell shell = { .session = session, .options = options };
    shell.script = !isatty(STDIN_FILENO);
    shell.editing = editing && !shell.script && isatty(STDOUT_FILENO);
    const char *term = getenv("TERM");
    shell.editing = shell.editing && term && *term && strcmp(term, "dumb") != 0;
    const char *line;
    for (; (line = sl_session_log(session, shell.said)); shell.said++) {
        sl_buf_printf(&shell.out, "%s\n", line);
    }
    shell_flush(&shell);
    if (options->train) {
        shell_execute(&shell, "train");
    }
    int exit_status = shell_run(&shell);
    struct sl_train_state state;
    sl_session_train_state(session, &state);
    bool busy = state.job == SL_JOB_PREPARING || state.job == SL_JOB_TRAINING || state.job == SL_JOB_PAUSED;
    const char *path = sl_session_path(session);
    char *kept = path ? strdup(path) : NULL;
    sl_session_close(session);
    if (busy && kept && !batch_pipe_broken()) {
        batch_note("the training is interrupted and saved; go on with: sluice resume %s", kept);
    }
    free(kept);
    return exit_status;
}

int command_shell(const struct options *options)
{
    struct sl_error err = SL_ERROR_INIT;
    struct sl_session *session = NULL;
    int status = batch_signals_open(&err);
    if (!status) {
        status = batch_open(&session, options, options->operands.word, options->operands.n, true, &err);
    }
    return status ? batch_failed(&err) : run(options, session, true);
}

int command_plain(const struct options *options)
{
    struct sl_error err = SL_ERROR_INIT;
    struct sl_session *session = NULL;
    struct options kept = *options;
    const struct option_words *words = &options->operands;
    char *path = NULL;
    int status = batch_signals_open(&err);
    /* As the workbench does it: a session of its own beside nothing else, when the folder takes one. */
    bool saved = words->n == 0 || (words->n == 1 && sl_is_session(words->word[0]));
    if (!status && !saved && !options->session && access(".", W_OK) == 0 && access(words->word[0], F_OK) == 0) {
        path = sl_session_new_path(".", words->word[0]);
        kept.session = path;
    }
    if (!status) {
        status = batch_open(&session, &kept, words->word, words->n, false, &err);
    }
    if (!status && path) {
        batch_note("the session is kept in %s", path);
    }
    free(path);
    return status ? batch_failed(&err) : run(options, session, false);
}
