/* resume_command.c: sluice resume: go on with the last training of a session, to its end.
 *
 * What is printed is what run prints. Only the training goes on: commands that stood behind `train` in a recipe (export
 * …) are not carried out. */
#include "run_command.h"

#include "sluice/pool.h"

#include <unistd.h>

/* Errors of the session speak of its commands; here the same is said with a command of the program. */
static void put_right(const char *path, struct sl_error *err)
{
    long owner = err->status == SL_ESTATE ? sl_session_owner(path) : 0;
    if (owner && owner != (long)getpid()) {
        sl_fix(err, "watch it with: sluice attach %s", path);
    } else if (strstr(err->fix, "resume force=true")) {
        sl_fix(err, "put the data back as they were, or go on all the same with: sluice resume --force %s", path);
    } else if (strstr(err->fix, "undo")) {
        sl_fix(err, "take the changes back, or train anew: sluice shell %s", path);
    }
}

static int check_file(const char *path, struct sl_error *err)
{
    if (access(path, F_OK) != 0) {
        return sl_fail_errno(err, "open", path);
    }
    if (!sl_is_session(path)) {
        sl_fail(err, SL_EFORMAT, "\"%s\" is not a session", path);
        return sl_fix(err, "give a file that sluice has saved (*.session)");
    }
    return SL_OK;
}

static int check_state(const char *path, struct sl_session *session, struct sl_error *err)
{
    struct sl_train_state state;
    sl_session_train_state(session, &state);
    if (state.job == SL_JOB_NONE) {
        sl_fail(err, SL_ESTATE, "nothing in \"%s\" was trained yet, so there is nothing to go on with", path);
        return sl_fix(err, "train with: echo train | sluice shell %s", path);
    }
    if (state.job == SL_JOB_DONE) {
        sl_fail(err, SL_ESTATE, "the training in \"%s\" is done: it came to its end at step %llu", path,
                (unsigned long long)state.step);
        return sl_fix(err, "see it with: sluice %s", path);
    }
    return SL_OK;
}

static int go_on(struct runner *r, const char *path, struct sl_error *err)
{
    const struct options *o = r->options;
    const struct sl_session_options wanted = { .path = path, .threads = o->threads, .memory = o->memory };
    const struct sl_point *points;
    int status = check_file(path, err);
    if (!status) {
        status = sl_session_open(&r->session, &wanted, err);
    }
    if (!status) {
        status = check_state(path, r->session, err);
    }
    if (!status) {
        sl_session_browser(r->session);                     /* before the run, so that it hands over its quarantine */
        r->points = sl_session_points(r->session, &points); /* told when they were made */
        r->trained = true;
        status = runner_command(r, o->force ? "resume force=true" : "resume", err);
    }
    return status;
}

int command_resume(const struct options *options)
{
    const char *path = options->operands.word[0];
    struct options kept = *options;
    struct runner r = { .options = &kept, .began = sl_now() };
    struct sl_error err = SL_ERROR_INIT;
    kept.session = path;
    progress_bar_init(&r.bar);
    int status = batch_signals_open(&err);
    batch_signals_survive();
    if (!status) {
        status = go_on(&r, path, &err);
    }
    if (status && status != SL_ECANCEL) {
        put_right(path, &err);
    }
    int exit_status = runner_end(&r, status, &err);
    sl_session_close(r.session);
    sl_buf_release(&r.out);
    return exit_status;
}
