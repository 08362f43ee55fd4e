/* records.c: what earlier runs left in the book, brought back: state, curves, figures, result, fitted stages. */
#include "debugger.h"
#include "live.h"
#include "points.h"
#include "replay.h"

#include <stdlib.h>

static const char *const state_names[] = { "none", "preparing", "training",    "paused",
                                           "done", "stopped",   "interrupted", "failed" };

const char *sl_job_name(enum sl_job job)
{
    return (size_t)job < sizeof state_names / sizeof *state_names ? state_names[job] : "none";
}

const char *record_state(enum sl_job state)
{
    return sl_job_name(state);
}

enum sl_job record_state_written(const char *name)
{
    enum sl_job state = SL_JOB_NONE;
    for (size_t i = 0; i < sizeof state_names / sizeof *state_names; i++)
        if (strcmp(name, state_names[i]) == 0)
            state = (enum sl_job)i;
    return state;
}

/* A training that nobody carries on is interrupted, whatever it was doing. */
enum sl_job record_state_read(const char *name)
{
    enum sl_job state = record_state_written(name);
    return state == SL_JOB_PREPARING || state == SL_JOB_TRAINING || state == SL_JOB_PAUSED ? SL_JOB_INTERRUPTED : state;
}

void run_row_release(struct run_row *run)
{
    free(run->recipe);
    *run = (struct run_row){ 0 };
}

int record_load_row(struct book *book, struct run_row *run, struct sl_error *err)
{
    sqlite3_stmt *query = NULL;
    int status = book_query(book, &query, err,
                            "SELECT id, state, recipe, fingerprint, step, error "
                            "FROM run ORDER BY id DESC LIMIT 1",
                            "");
    if (!status)
        status = book_row(book, query, err);
    if (!status) {
        run->id = sqlite3_column_int64(query, 0);
        run->state = record_state_read(book_text(query, 1));
        run->written = record_state_written(book_text(query, 1));
        run->recipe = strdup(book_text(query, 2));
        run->has_fingerprint = sqlite3_column_type(query, 3) != SQLITE_NULL;
        run->fingerprint = strtoull(book_text(query, 3), NULL, 16);
        run->step = (uint64_t)sqlite3_column_int64(query, 4);
        if (run->state == SL_JOB_FAILED)
            sl_fail(&run->error, SL_EDATA, "%s", book_text(query, 5));
        if (!run->recipe)
            status = sl_fail_memory(err, "the session");
    }
    sqlite3_finalize(query);
    return status == SL_EEND ? SL_OK : status;
}

int record_load_points(struct sl_session *session, uint64_t after, struct sl_error *err)
{
    sqlite3_stmt *query = NULL;
    char sql[POINT_SQL];
    point_select(session->book, "WHERE run = ? AND step > ? ORDER BY step", sql);
    int status = book_query(session->book, &query, err, sql, "ii", session->run.id, (int64_t)after);
    while (!status && !(status = book_row(session->book, query, err))) {
        struct sl_point point = point_read(query);
        status = points_add(session, &point, 1, err);
    }
    sqlite3_finalize(query);
    return status == SL_EEND ? SL_OK : status;
}

int points_add(struct sl_session *session, const struct sl_point *points, size_t n, struct sl_error *err)
{
    if (session->n_points + n > session->points_capacity) {
        size_t capacity = (session->n_points + n) * 2 + 64;
        struct sl_point *p = realloc(session->points, capacity * sizeof *p);
        if (!p)
            return sl_fail_memory(err, "the curves");
        session->points = p;
        session->points_capacity = capacity;
    }
    memcpy(session->points + session->n_points, points, n * sizeof *points);
    session->n_points += n;
    return SL_OK;
}

int record_load_figures(struct sl_session *session, struct sl_error *err)
{
    sqlite3_stmt *query = NULL;
    struct figures *figures = &session->figures;
    figures_release(figures);
    figures->at = calloc(SL_MAX_STAGES, sizeof *figures->at);
    if (!figures->at)
        return sl_fail_memory(err, "the session");
    int status = book_query(session->book, &query, err,
                            "SELECT text, records_in, records_out, changed, "
                            "dropped, missing, emptied, bytes, seconds"
                            " FROM stage WHERE run = ? ORDER BY position LIMIT ?",
                            "ii", session->run.id, (int64_t)SL_MAX_STAGES);
    while (!status && !(status = book_row(session->book, query, err)) && figures->n < SL_MAX_STAGES) {
        uint64_t n[7];
        for (int i = 0; i < 7; i++)
            n[i] = (uint64_t)sqlite3_column_int64(query, i + 1);
        char *text = strdup(book_text(query, 0));
        if (!text) {
            status = sl_fail_memory(err, "the session");
            break;
        }
        figures->at[figures->n++] = (struct figure){ .text = text,
                                                     .in = n[0],
                                                     .out = n[1],
                                                     .changed = n[2],
                                                     .dropped = n[3],
                                                     .missing = n[4],
                                                     .emptied = n[5],
                                                     .bytes = n[6],
                                                     .seconds = sqlite3_column_double(query, 8) };
    }
    sqlite3_finalize(query);
    return status == SL_EEND ? SL_OK : status;
}

/* Of the last run that has one. */
int record_load_result(struct sl_session *session, struct sl_error *err)
{
    struct sl_result *found = NULL;
    sqlite3_stmt *query = NULL;
    int status = book_query(session->book, &query, err, "SELECT exact FROM result ORDER BY run DESC LIMIT 1", "");
    if (!status)
        status = book_row(session->book, query, err);
    if (!status)
        status = result_load(&found, book_blob(query, 0), err);
    if (!status) {
        result_free(session->result);
        session->result = found;
    }
    sqlite3_finalize(query);
    return status == SL_EEND ? SL_OK : status;
}

int record_load_run(struct sl_session *session, struct sl_error *err)
{
    book_hold(session->book);
    int status = record_load_row(session->book, &session->run, err);
    if (!status && session->run.id)
        status = record_load_points(session, 0, err);
    if (!status && session->run.id)
        status = record_load_figures(session, err);
    if (!status && session->run.id)
        status = event_list_load(&session->events, session->book, session->run.id, 0, err);
    if (!status)
        status = record_load_result(session, err);
    book_release(session->book);
    training_blame(session);
    return status;
}

bool record_same_recipe(const struct sl_session *session)
{
    struct sl_buf text = { 0 };
    recipe_text(history_now(&session->history), false, &text);
    bool same = session->run.recipe && !text.failed && strcmp(session->run.recipe, text.p ? text.p : "") == 0;
    sl_buf_release(&text);
    return same;
}

int record_read_stages(struct sl_session *session, int64_t run, struct sl_error *err)
{
    sqlite3_stmt *query = NULL;
    struct book *book = session->book;
    book_hold(book);
    int status = book_query(book, &query, err, "SELECT stages FROM fitted WHERE run = ?", "i", run);
    if (!status)
        status = book_row(book, query, err);
    if (!status)
        status = sl_pipeline_load(session->binding.shown, book_blob(query, 0), err);
    session->fitted = !status;
    sqlite3_finalize(query);
    book_release(book);
    return status == SL_EEND ? SL_OK : status;
}

int record_load_fitted(struct sl_session *session, struct sl_error *err)
{
    if (session->replay)
        return replay_load_fitted(session, err);
    session->fitted = false;
    if (!session->run.id || !session->binding.whole || training_running(session) || !record_same_recipe(session))
        return SL_OK;
    debugger_forget(session);
    return record_read_stages(session, session->run.id, err);
}
