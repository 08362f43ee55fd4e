/* replay_branch.c: a new session that stands where the moment shown stands.
 *
 * It is made as any session is, then filled in one transaction from the file it comes from: the journal up to the
 * moment, the trainings before, and of the last one the row, the points and the events so far. A training that was
 * under way is interrupted in it, so that `resume` carries it on: from the newest checkpoint at or before the moment if
 * one is kept, else from the start, where the points that are there already are made again but not shown twice. */
#include "replay.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

struct branch {
    struct book *book;
    const struct book *from;
    const struct stand *stand;
    double time;
    int64_t run;  /* id; 0: none */
    int64_t step; /* of its last point */
    bool over;    /* it had come to its last end */
    bool prepared;
};

static int refuse(struct sl_error *err, const char *path)
{
    sl_fail(err, SL_ESTATE, "\"%s\" is there already", path);
    return sl_fix(err, "give another name, or none"), SL_ESTATE;
}

/* The file it comes from may be of an earlier format. */
static bool has_table(const struct branch *b, const char *table)
{
    int since = strcmp(table, "digest") == 0 ? 2 : strcmp(table, "best") == 0 ? 3 : 1;
    return b->from->version >= since;
}

static const char *added_columns(const struct branch *b, const char *table)
{
    bool one = strcmp(table, "point") == 0 || strcmp(table, "checkpoint") == 0;
    bool seven = strcmp(table, "source_column") == 0;
    return b->from->version >= 3 ? "" : one ? ", NULL" : seven ? ", NULL, NULL, NULL, NULL, NULL, NULL, NULL" : "";
}

/* What happened before the last training began, and outside of it. */
static int copy_past(const struct branch *b, struct sl_error *err)
{
    static const char *const tables[] = { "run",   "source_column", "source", "stage",  "event",
                                          "point", "fitted",        "result", "digest", "best" };
    int status = book_run(b->book, err,
                          "UPDATE environment SET id = id + (SELECT coalesce(max(id), 0) FROM old.environment)", "");
    if (!status)
        status = book_run(b->book, err, "INSERT INTO environment SELECT * FROM old.environment WHERE time <= ?", "d",
                          b->time);
    if (!status)
        status =
            book_run(b->book, err, "INSERT INTO journal SELECT * FROM old.journal WHERE id <= ?", "i", b->stand->lines);
    for (size_t i = 0; i < sizeof tables / sizeof *tables && !status; i++) {
        char sql[160];
        if (!has_table(b, tables[i]))
            continue;
        snprintf(sql, sizeof sql, "INSERT INTO %s SELECT *%s FROM old.%s WHERE %s < ?", tables[i],
                 added_columns(b, tables[i]), tables[i], i == 0 ? "id" : "run");
        status = book_run(b->book, err, sql, "i", b->run);
    }
    return status;
}

/* The last training's row: as it is when it was over by then, else as one that was interrupted. */
static int copy_row(const struct branch *b, struct sl_error *err)
{
    enum sl_job state = (enum sl_job)b->stand->job;
    if (b->over) {
        int copied = book_run(b->book, err, "INSERT INTO run SELECT * FROM old.run WHERE id = ?", "i", b->run);
        return copied ? copied
                      : book_run(b->book, err, "UPDATE run SET state = ?, step = ? WHERE id = ?", "tii",
                                 sl_job_name(state), b->step, b->run);
    }
    if (state == SL_JOB_PREPARING || state == SL_JOB_TRAINING || state == SL_JOB_PAUSED)
        state = SL_JOB_INTERRUPTED;
    int status = book_run(b->book, err,
                          "INSERT INTO run(id, started, state, recipe, step)"
                          " SELECT id, started, ?, recipe, ? FROM old.run WHERE id = ?",
                          "tii", sl_job_name(state), b->step, b->run);
    if (!status && b->prepared)
        status = book_run(b->book, err,
                          "UPDATE run SET (fingerprint, records, quarantined, dropped) ="
                          " (SELECT fingerprint, records, quarantined, dropped FROM old.run WHERE id = ?1)"
                          " WHERE id = ?1",
                          "i", b->run);
    return status;
}

static int copy_table(const struct branch *b, const char *table, const char *where, int64_t value, struct sl_error *err)
{
    char sql[200];
    if (!has_table(b, table))
        return SL_OK;
    snprintf(sql, sizeof sql, "INSERT INTO %s SELECT *%s FROM old.%s WHERE run = ? AND %s", table,
             added_columns(b, table), table, where);
    return book_run(b->book, err, sql, "ii", b->run, value);
}

static int copy_run(const struct branch *b, struct sl_error *err)
{
    int status = copy_row(b, err);
    if (!status)
        status = copy_table(b, "source_column", "1 >= ?", 1, err);
    if (!status)
        status = copy_table(b, "source", "1 >= ?", 1, err);
    if (!status)
        status = copy_table(b, "stage", "1 <= ?", b->prepared, err);
    if (!status)
        status = copy_table(b, "event", "seq <= ?", b->stand->seq, err);
    if (!status)
        status = copy_table(b, "point", "step <= ?", b->step, err);
    if (!status)
        status = copy_table(b, "checkpoint", "step <= ?", b->step, err);
    if (!status)
        status = copy_table(b, "fitted", "1 <= ?", b->over, err);
    if (!status)
        status = copy_table(b, "result", "1 <= ?", b->over, err);
    if (!status)
        status = copy_table(b, "best", "step <= ?", b->step, err);
    if (!status)
        status = copy_table(b, "digest", "1 <= ?", b->over, err);
    bool cut = b->stand->job == SL_JOB_PREPARING || b->stand->job == SL_JOB_TRAINING || b->stand->job == SL_JOB_PAUSED;
    if (status || !cut)
        return status;
    char json[48];
    snprintf(json, sizeof json, "{\"step\":%lld}", (long long)b->step);
    return book_run(b->book, err,
                    "INSERT INTO event SELECT ?1, coalesce(max(seq), 0) + 1, ?2, 'interrupted', ?3 FROM event"
                    " WHERE run = ?1",
                    "idt", b->run, book_time(), json);
}

static int copy_all(struct sl_session *session, const struct branch *b, struct sl_error *err)
{
    struct sl_buf note = { 0 };
    const char *slash = strrchr(session->book->path, '/');
    sl_buf_printf(&note, "note branched from %s behind: ", slash ? slash + 1 : session->book->path);
    sl_replay_describe(session, session->replay->at, &note);
    int status = note.failed ? sl_fail_memory(err, "the branch") : book_begin(b->book, err);
    if (!status) {
        status = copy_past(b, err);
        if (!status && b->run)
            status = copy_run(b, err);
        if (!status)
            status = book_run(b->book, err, "INSERT INTO journal(time, line) VALUES(?,?)", "dt", book_time(), note.p);
        status = book_end(b->book, status, err);
    }
    sl_buf_release(&note);
    return status;
}

/* The file it comes from is read as SQLite's other database of the connection. */
static int fill(struct sl_session *session, struct book *book, struct sl_error *err)
{
    const struct replay *r = session->replay;
    const struct stand *stand = replay_now(session);
    size_t points = r->n_moments ? replay_points(r, r->at) : 0;
    const struct past_run *run = stand->run ? &r->runs[stand->run - 1] : NULL;
    bool ended = stand->job == SL_JOB_DONE || stand->job == SL_JOB_STOPPED || stand->job == SL_JOB_FAILED;
    struct branch b = { .book = book,
                        .from = session->book,
                        .stand = stand,
                        .time = r->n_moments ? r->moments[r->at].time : 0,
                        .run = run ? run->row.id : 0,
                        .step = run && points ? (int64_t)r->points[run->first + points - 1].step : 0,
                        .over = run && ended && stand->seq == run->last_end,
                        .prepared = stand->prepared };
    int status = book_run(book, err, "ATTACH ? AS old", "t", session->book->path);
    if (!status)
        status = copy_all(session, &b, err);
    sqlite3_exec(book->db, "DETACH old", NULL, NULL, NULL);
    return status;
}

static int make(struct sl_session *session, const char *path, struct sl_error *err)
{
    struct sl_session *made = NULL;
    struct sl_session_options options = {
        .path = path, .base = session->base, .threads = session->options.threads, .memory = session->options.memory
    };
    int status = sl_session_open(&made, &options, err);
    if (!status)
        status = fill(session, made->book, err);
    sl_session_close(made);
    if (status)
        unlink(path);
    return status;
}

int sl_replay_branch(struct sl_session *session, const char *path, char **made, struct sl_error *err)
{
    if (!session->replay)
        return sl_fail(err, SL_ESTATE, "the session was not opened for replay");
    const char *own = session->book->path, *slash = strrchr(own, '/');
    char *folder = slash ? strndup(own, slash == own ? 1 : (size_t)(slash - own)) : NULL;
    char *name = path ? strdup(path) : sl_session_new_path(folder, own);
    free(folder);
    if (!name)
        return sl_fail_memory(err, "the branch");
    int status = access(name, F_OK) == 0 ? refuse(err, name) : make(session, name, err);
    if (status || !made)
        free(name);
    else
        *made = name;
    return status;
}
