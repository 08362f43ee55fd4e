/* training.c: the commands that start and steer a training, and what it has done taken over into the session. */
#include "columns.h"
#include "job.h"

#include <math.h>
#include <stdlib.h>
#include <sys/stat.h>

bool training_running(const struct sl_session *session)
{
    return session->job != NULL;
}

static int not_now(struct sl_error *err, const char *what, const char *fix)
{
    sl_fail(err, SL_ESTATE, "%s", what);
    return sl_fix(err, "%s", fix), SL_ESTATE;
}

/* --- checks before a start --- */

int training_fits(const struct binding *binding, struct sl_error *err)
{
    if (binding->broken) {
        if (err)
            *err = binding->problem;
        return binding->problem.status;
    }
    const struct sl_stage *learner = sl_pipeline_find(binding->shown, SL_LEARNER);
    if (!learner) {
        sl_fail(err, SL_ESCHEMA, "the recipe has no learner, so there is nothing to train");
        return sl_fix(err, "add one, for instance: logistic"), SL_ESCHEMA;
    }
    if (!sl_learner_find(learner))
        return sl_fail(err, SL_ESTATE, "\"%s\" cannot be trained yet", learner->class->name);
    return SL_OK;
}

static int check_whole(struct sl_session *session, struct sl_error *err)
{
    if (session->book->read_only)
        return not_now(err, "the session was opened to look at only", "open it for writing");
    return training_fits(&session->binding, err);
}

int training_refuse_two(const struct sl_session *session, struct sl_error *err)
{
    return training_running(session) ? not_now(err, "a training is under way", "stop it first with: stop") : SL_OK;
}

/* Sizes are compared at once; the content when it has been read. */
static int check_sources(struct sl_session *session, struct sl_error *err)
{
    sqlite3_stmt *query = NULL;
    struct book *book = session->book;
    book_hold(book);
    int status = book_query(book, &query, err, "SELECT path, size FROM source WHERE run = ?", "i", session->run.id);
    while (!status && !(status = book_row(book, query, err))) {
        char *path = path_join(session->base, book_text(query, 0));
        struct stat st;
        if (path && stat(path, &st) == 0 && sqlite3_column_type(query, 1) != SQLITE_NULL &&
            st.st_size != sqlite3_column_int64(query, 1)) {
            sl_fail(err, SL_ESTATE, "\"%s\" has changed since this training began: %lld bytes then, %lld now",
                    book_text(query, 0), (long long)sqlite3_column_int64(query, 1), (long long)st.st_size);
            sl_fix(err, "begin anew with: train, or go on all the same with: resume force=true");
            status = SL_ESTATE;
        }
        free(path);
    }
    sqlite3_finalize(query);
    book_release(book);
    return status == SL_EEND ? SL_OK : status;
}

static int check_resume(struct sl_session *session, bool force, struct sl_error *err)
{
    if (!session->run.id || session->run.state == SL_JOB_DONE)
        return not_now(err, "there is no training to go on with", "begin one with: train");
    if (!record_same_recipe(session))
        return not_now(err, "the recipe has changed since this training began",
                       "take the changes back (undo), or: train");
    return force ? SL_OK : check_sources(session, err);
}

/* --- the run's row --- */

static int note_sources(struct sl_session *session, int64_t run, struct sl_error *err)
{
    const struct recipe *now = history_now(&session->history);
    int status = SL_OK;
    for (size_t i = 0; i < now->n && !status; i++) {
        const struct sl_names *files =
            now->at[i].class->kind == SL_SOURCE && !now->at[i].off ? source_files(&now->at[i]) : NULL;
        for (size_t k = 0; files && k < files->n && !status; k++) {
            char *path = path_join(session->base, files->name[k]);
            struct stat st;
            if (path && stat(path, &st) == 0)
                status = book_run(session->book, err, "INSERT OR REPLACE INTO source VALUES(?,?,?,?)", "itid", run,
                                  files->name[k], (int64_t)st.st_size,
                                  (double)st.st_mtim.tv_sec + (double)st.st_mtim.tv_nsec * 1e-9);
            free(path);
        }
    }
    return status;
}

static int note_start(struct sl_session *session, bool resume, struct sl_buf *recipe, int64_t *row,
                      struct sl_error *err)
{
    struct book *book = session->book;
    int64_t run = session->run.id + 1;
    int status = book_begin(book, err);
    if (status)
        return status;
    if (resume) {
        run = session->run.id;
        status = book_run(book, err, "UPDATE run SET state = 'preparing', error = NULL, ended = NULL WHERE id = ?", "i",
                          run);
    } else {
        status = book_run(book, err, "INSERT INTO run(id, started, state, recipe) VALUES(?,?,'preparing',?)", "idt",
                          run, book_time(), recipe->p);
        if (!status)
            status = columns_write(book, run, &sl_pipeline_stage(session->binding.shown, 0)->out, err);
    }
    if (!status)
        status = note_sources(session, run, err);
    if (!status) /* the step is filled in when iterating begins */
        status = book_run(book, err, "INSERT INTO journal(time, line, run) VALUES(?,?,?)", "dti", book_time(),
                          resume ? "resume" : "train", run);
    *row = sqlite3_last_insert_rowid(book->db);
    status = book_end(book, status, err);
    if (!status && !resume) {
        run_row_release(&session->run);
        session->run.id = run;
        session->run.recipe = strdup(recipe->p);
        session->n_points = 0;
        event_list_clear(&session->events);
        training_blame(session);
        if (!session->run.recipe)
            return sl_fail_memory(err, "the training");
    }
    return status;
}

/* Points that the last checkpoint does not know of are made again, unless other data would make other ones. */
static int forget_later_points(struct sl_session *session, struct sl_error *err)
{
    struct book *book = session->book;
    int status = book_begin(book, err);
    if (status)
        return status;
    status = book_run(book, err,
                      "DELETE FROM point WHERE run = ?1 AND step > (SELECT "
                      "coalesce(max(step), 0) FROM checkpoint WHERE run = ?1)",
                      "i", session->run.id);
    sqlite3_stmt *query = NULL;
    uint64_t last = 0;
    if (!status)
        status = book_query(book, &query, err, "SELECT coalesce(max(step), 0) FROM checkpoint WHERE run = ?", "i",
                            session->run.id);
    if (!status && book_row(book, query, NULL) == SL_OK)
        last = (uint64_t)sqlite3_column_int64(query, 0);
    sqlite3_finalize(query);
    status = book_end(book, status, err);
    while (!status && session->n_points && session->points[session->n_points - 1].step > last)
        session->n_points--;
    return status;
}

/* --- starting --- */

static int make_job(struct sl_session *session, struct job **out, bool resume, bool force, struct sl_error *err)
{
    const struct recipe *now = history_now(&session->history);
    struct sl_pipeline_options options = { .base = session->base };
    struct job *job = calloc(1, sizeof *job);
    if (!job)
        return sl_fail_memory(err, "the training");
    job->book = session->book;
    job->threads = session->options.threads;
    job->memory = session->options.memory;
    job->prefetch = session->options.prefetch;
    job->cache = session->cache;
    job->wake_fd = session->wake_fd;
    job->want_run = session->browser || session->debugger;
    job->inspect = session->inspecting;
    job->resume = resume;
    job->expects = resume && session->run.has_fingerprint && !force;
    job->expected = session->run.fingerprint;
    recipe_text(now, false, &job->recipe);
    int status = job->recipe.failed ? sl_fail_memory(err, "the training")
                                    : sl_pipeline_new(&job->pipeline, now->at, now->n, &options, err);
    if (status)
        job_free(job);
    else
        *out = job;
    return status;
}

/* Nobody else looks at the job yet. */
static int start_once(struct sl_session *session, struct job *job, struct sl_error *err)
{
    job->once = true;
    job->once_until = job->shown + 1;
    job->wish = JOB_PAUSE;
    return journal_ask(session, "once", &job->once_journal, err);
}

int training_start(struct sl_session *session, bool resume, bool force, struct sl_error *err)
{
    struct job *job = NULL;
    int status = training_refuse_two(session, err);
    if (!status && resume)
        status = check_resume(session, force, err);
    if (!status)
        status = check_whole(session, err);
    if (!status)
        status = make_job(session, &job, resume, force, err);
    if (!status)
        status = note_start(session, resume, &job->recipe, &job->journal, err);
    if (!status && resume && force)
        status = forget_later_points(session, err);
    if (status) {
        job_free(job);
        return status;
    }
    if (session->browser)
        sl_browser_cancel(session->browser);
    job->run = session->run.id;
    job->shown = resume && session->n_points ? session->points[session->n_points - 1].step : 0;
    if (session->start_once)
        status = start_once(session, job, err);
    if (!status)
        status = job_start(job, err);
    if (status) {
        job_free(job);
        session->run.state = SL_JOB_INTERRUPTED;
        return status;
    }
    session->job = job;
    session->progress = &job->progress;
    session->run.state = SL_JOB_PREPARING;
    session->changed = true;
    session_views(session);
    return SL_OK;
}

/* --- steering --- */

int training_pause(struct sl_session *session, struct sl_error *err)
{
    int64_t row = 0;
    if (!session->job)
        return not_now(err, "no training is under way", "begin one with: train");
    if (job_wished(session->job) == JOB_PAUSE)
        return not_now(err, "the training is held already", "go on with: resume");
    int status = journal_ask(session, "pause", &row, err);
    return status ? status : job_ask(session->job, ASK_PAUSE, row, NULL, NULL, err);
}

int training_resume(struct sl_session *session, bool force, struct sl_error *err)
{
    int64_t row = 0;
    if (!session->job)
        return training_start(session, true, force, err);
    if (job_wished(session->job) != JOB_PAUSE)
        return not_now(err, "the training is under way already", "hold it with: pause");
    int status = journal_ask(session, "resume", &row, err);
    return status ? status : job_ask(session->job, ASK_RESUME, row, NULL, NULL, err);
}

int training_stop(struct sl_session *session, struct sl_error *err)
{
    int64_t row = 0;
    if (!session->job)
        return not_now(err, "no training is under way", "begin one with: train");
    int status = journal_ask(session, "stop", &row, err);
    return status ? status : job_ask(session->job, ASK_STOP, row, NULL, NULL, err);
}
