/* export_weights.c: `export FILE what=weights [checkpoint=best|last|STEP]`: a network's weights as a safetensors file.
 *
 * The file is written under another name and put in its place whole. Without `checkpoint` the weights are those the
 * training ended with; best: of its best epoch; last, or a step: of a checkpoint that is kept. */
#include "live.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static void put_kept(struct sl_session *session, int64_t run, struct sl_buf *out)
{
    sqlite3_stmt *query = NULL;
    if (session->book->version < 3)
        return;
    int status = book_query(session->book, &query, NULL,
                            "SELECT DISTINCT step FROM (SELECT step FROM checkpoint WHERE run = ?1 UNION ALL"
                            " SELECT step FROM best WHERE run = ?1) ORDER BY step",
                            "i", run);
    while (!status && book_row(session->book, query, NULL) == SL_OK)
        sl_buf_printf(out, "%s%lld", out->n ? ", " : "", (long long)sqlite3_column_int64(query, 0));
    sqlite3_finalize(query);
}

static int not_kept(struct sl_session *session, int64_t run, const char *which, struct sl_error *err)
{
    struct sl_buf kept = { 0 };
    put_kept(session, run, &kept);
    sl_fail(err, SL_EPARAM, "there is no checkpoint \"%.60s\" of this training", which);
    if (kept.n)
        sl_fix(err, "give best, last, or one of these steps: %.*s", (int)(kept.n < 160 ? kept.n : 160), kept.p);
    else
        sl_fix(err, "leave checkpoint= out: the weights it ended with are kept");
    sl_buf_release(&kept);
    return SL_EPARAM;
}

/* The learner's state of a checkpoint; the book is held. */
static int read_state(struct sl_session *session, int64_t run, const char *which, struct sl_buf *out,
                      struct sl_error *err)
{
    sqlite3_stmt *query = NULL;
    char *end = NULL;
    bool best = strcmp(which, "best") == 0, last = strcmp(which, "last") == 0;
    errno = 0;
    unsigned long long step = strtoull(which, &end, 10);
    if ((!best && !last && (errno || !*which || *end || which[0] == '-')) || (best && session->book->version < 3))
        return not_kept(session, run, which, err);
    const char *sql = best   ? "SELECT state FROM best WHERE run = ?1 AND ?2 = ?2"
                      : last ? "SELECT state FROM checkpoint WHERE run = ?1 AND ?2 = ?2 ORDER BY step DESC LIMIT 1"
                             : "SELECT state FROM checkpoint WHERE run = ?1 AND step = ?2";
    int status = book_query(session->book, &query, err, sql, "ii", run, (int64_t)step);
    if (!status)
        status = book_row(session->book, query, err);
    if (!status) {
        struct sl_str state = book_blob(query, 0);
        sl_buf_add(out, state.p, state.n);
        status = out->failed ? sl_fail_memory(err, "a checkpoint") : SL_OK;
    }
    sqlite3_finalize(query);
    return status == SL_EEND ? not_kept(session, run, which, err) : status;
}

static int take_state(struct sl_session *session, struct trained *t, const char *which, struct sl_error *err)
{
    struct sl_buf state = { 0 };
    if (!which || !which[0])
        return SL_OK;
    book_hold(session->book);
    int status = read_state(session, t->run, which, &state, err);
    book_release(session->book);
    if (!status)
        status = t->learner->class->load(t->learner, (struct sl_str){ state.p, state.n }, err);
    sl_buf_release(&state);
    return status;
}

static int write_whole(struct sl_learner *learner, const char *path, struct sl_error *err)
{
    char *part = NULL;
    if (asprintf(&part, "%s.part", path) < 0)
        return sl_fail_memory(err, "an export");
    int status = learner->class->export_weights(learner, part, err);
    if (!status && rename(part, path) != 0)
        status = sl_fail_errno(err, "write", path);
    if (status)
        unlink(part);
    free(part);
    return status;
}

int export_weights(struct sl_session *session, const char *path, const char *checkpoint, struct sl_buf *reply,
                   struct sl_error *err)
{
    const struct sl_pipeline_options options = { .base = session->base, .predicting = true };
    struct trained t = { 0 };
    if (training_running(session)) {
        sl_fail(err, SL_ESTATE, "the network is still in training");
        return sl_fix(err, "wait for it, or end it with: stop"), SL_ESTATE;
    }
    int status = trained_load(&t, session->book, &options, err);
    if (!status && !t.learner->class->export_weights) {
        sl_fail(err, SL_ESTATE, "\"%s\" has no file of weights; it is no network", t.learner->class->stage->name);
        status = sl_fix(err, "write its figures with: export FILE what=metrics");
    }
    if (!status)
        status = take_state(session, &t, checkpoint, err);
    if (!status)
        status = write_whole(t.learner, path, err);
    if (!status)
        sl_buf_printf(reply, "written to %s\n", path);
    trained_release(&t);
    return status;
}
