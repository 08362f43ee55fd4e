/* job_record.c: what the training thread writes into the session's file beside the points: facts, events, the end. */
#include "job.h"

#include <stdio.h>
#include <stdlib.h>

int job_note_event(struct job *job, double time, const char *kind, const char *json, struct sl_error *err)
{
    int status = book_run(job->book, err,
                          "INSERT INTO event SELECT ?1, coalesce(max(seq), 0) + "
                          "1, ?2, ?3, ?4 FROM event WHERE run = ?1",
                          "idtt", job->run, time, kind, json);
    return status ? status : event_list_add(&job->noted, time, kind, json, err);
}

bool job_has_event(struct job *job, const char *kind)
{
    sqlite3_stmt *query = NULL;
    book_hold(job->book);
    bool has = book_query(job->book, &query, NULL, "SELECT 1 FROM event WHERE run = ? AND kind = ? LIMIT 1", "it",
                          job->run, kind) == SL_OK &&
               book_row(job->book, query, NULL) == SL_OK;
    sqlite3_finalize(query);
    book_release(job->book);
    return has;
}

/* What was noted in a transaction is shown after it, or never. */
int job_end_noting(struct job *job, int status, struct sl_error *err)
{
    status = book_end(job->book, status, err);
    if (status) {
        event_list_clear(&job->noted);
        return status;
    }
    pthread_mutex_lock(&job->lock);
    status = event_list_move(&job->events, &job->noted, err);
    pthread_mutex_unlock(&job->lock);
    return status;
}

/* The step at which a command took effect. */
int job_stamp_journal(struct job *job, int64_t row, uint64_t step, struct sl_error *err)
{
    return row ? book_run(job->book, err, "UPDATE journal SET step = ? WHERE id = ?", "ii", (int64_t)step, row) : SL_OK;
}

int job_note_step(struct job *job, const char *kind, uint64_t step, struct sl_error *err)
{
    char json[64];
    snprintf(json, sizeof json, "{\"step\":%llu}", (unsigned long long)step);
    return job_note_event(job, book_time(), kind, json, err);
}

int job_read_checkpoint(struct job *job, struct sl_buf *state, struct sl_error *err)
{
    sqlite3_stmt *query = NULL;
    book_hold(job->book);
    int status = book_query(job->book, &query, err,
                            "SELECT state, step FROM checkpoint WHERE run = ? ORDER BY step DESC LIMIT 1", "i",
                            job->run);
    if (!status)
        status = book_row(job->book, query, err);
    if (!status) {
        struct sl_str blob = book_blob(query, 0);
        sl_buf_add(state, blob.p, blob.n);
        job->last.step = (uint64_t)sqlite3_column_int64(query, 1);
    }
    sqlite3_finalize(query);
    book_release(job->book);
    if (state->failed)
        return sl_fail_memory(err, "a checkpoint");
    return status == SL_EEND ? SL_OK : status;
}

int job_note_stages(struct job *job, struct sl_error *err)
{
    const char *text = job->recipe.p, *end = text ? text + job->recipe.n : text;
    int status = SL_OK;
    for (size_t i = 0; text < end && i < SL_MAX_STAGES && !status; i++) {
        const char *newline = memchr(text, '\n', (size_t)(end - text));
        size_t n = newline ? (size_t)(newline - text) : (size_t)(end - text);
        char *line = strndup(text, n);
        size_t bound = sl_pipeline_bound(job->pipeline, i);
        const struct sl_stage_stats *s = &job->progress.stages[bound < SL_MAX_STAGES ? bound : i];
        if (!line)
            return sl_fail_memory(err, "the stages' figures");
        status = book_run(job->book, err, "INSERT OR REPLACE INTO stage VALUES(?,?,?,?,?,?,?,?,?,?,?)", "iitiiiiiiid",
                          job->run, (int64_t)i + 1, line, (int64_t)s->in, (int64_t)s->out, (int64_t)s->changed,
                          (int64_t)s->dropped, (int64_t)s->missing, (int64_t)s->emptied, (int64_t)s->bytes,
                          (double)s->busy_ns * 1e-9);
        free(line);
        text += n + 1;
    }
    return status;
}

/* Iterations done before this life. */
static uint64_t checkpoint_step(struct job *job)
{
    sqlite3_stmt *query = NULL;
    uint64_t step = 0;
    book_hold(job->book);
    if (job->resume &&
        book_query(job->book, &query, NULL, "SELECT coalesce(max(step), 0) FROM checkpoint WHERE run = ?", "i",
                   job->run) == SL_OK &&
        book_row(job->book, query, NULL) == SL_OK)
        step = (uint64_t)sqlite3_column_int64(query, 0);
    sqlite3_finalize(query);
    book_release(job->book);
    return step;
}

int job_note_prepared(struct job *job, struct sl_error *err)
{
    const struct sl_result *c = job->counts;
    char hex[32], json[400];
    double seconds = (double)(sl_now() - job->began) * 1e-9;
    snprintf(hex, sizeof hex, "%016llx", (unsigned long long)c->fingerprint);
    snprintf(json, sizeof json,
             "{\"step\":%llu,\"records\":%llu,\"quarantined\":%llu,\"dropped\":%"
             "llu,\"n_train\":%llu,\"n_test\":%llu,\"features\":%u,\"seconds\":%.6f}",
             (unsigned long long)checkpoint_step(job), (unsigned long long)c->records,
             (unsigned long long)c->quarantined, (unsigned long long)c->dropped, (unsigned long long)c->n_train,
             (unsigned long long)c->n_test, c->n_features, seconds);
    int status = book_begin(job->book, err);
    if (status)
        return status;
    status = book_run(job->book, err,
                      "UPDATE run SET fingerprint = ?, records = ?, quarantined = ?, dropped = ? WHERE id = ?", "tiiii",
                      hex, (int64_t)c->records, (int64_t)c->quarantined, (int64_t)c->dropped, job->run);
    if (!status)
        status = job_note_stages(job, err);
    if (!status)
        status = job_note_digests(job, err);
    if (!status)
        status = job_note_event(job, book_time(), "prepared", json, err);
    status = job_end_noting(job, status, err);
    pthread_mutex_lock(&job->lock);
    job->prepared = !status;
    job->fingerprint = c->fingerprint;
    pthread_mutex_unlock(&job->lock);
    return status;
}

static int note_result(struct job *job, struct sl_error *err)
{
    struct sl_buf json = { 0 }, exact = { 0 };
    sl_result_json(job->counts, &json);
    int status = result_save(job->counts, &exact) || json.failed ? sl_fail_memory(err, "the result") : SL_OK;
    if (!status)
        status = book_run(job->book, err, "INSERT OR REPLACE INTO result VALUES(?,?,?)", "itb", job->run, json.p,
                          exact.p, exact.n);
    sl_buf_release(&json);
    sl_buf_release(&exact);
    return status;
}

int job_note_end(struct job *job, enum sl_job state, struct sl_error *err)
{
    char text[900];
    bool failed = state == SL_JOB_FAILED;
    bool judged = (state == SL_JOB_DONE || state == SL_JOB_STOPPED) && job_stepped(job);
    /* With other data in place the training itself is as it was: it may still go on when they are back. */
    enum sl_job kept = job->other_data ? SL_JOB_INTERRUPTED : state;
    if (failed)
        sl_error_format(&job->error, text, sizeof text);
    int status = book_begin(job->book, err);
    if (status)
        return status;
    status = book_run(job->book, err,
                      "UPDATE run SET state = ?, ended = ?, seconds = coalesce(seconds, 0) + ?, error = ? WHERE id = ?",
                      "tddti", record_state(kept), book_time(), (double)(sl_now() - job->began) * 1e-9,
                      failed ? text : NULL, job->run);
    if (!status && job->weights.n)
        status = book_run(job->book, err, "INSERT OR REPLACE INTO fitted VALUES(?,?,?)", "ibb", job->run, job->stages.p,
                          job->stages.n, job->weights.p, job->weights.n);
    if (!status)
        status = job_note_learnt(job, err);
    if (!status && judged)
        status = note_result(job, err);
    if (!status && state == SL_JOB_DONE)
        status = book_run(job->book, err, "DELETE FROM checkpoint WHERE run = ? AND epoch IS NULL", "i", job->run);
    if (!status && job->counts && job->counts->records)
        status = job_note_stages(job, err);
    if (!status)
        status = job_note_step(job, record_state(kept), job->last.step, err);
    if (!status)
        status = job_stamp_journal(job, job->stopping, job->last.step, err);
    return job_end_noting(job, status, err);
}
