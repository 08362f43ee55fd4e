/* training_inspect.c: the network looked into: while it trains by its own thread, afterwards by running the first
 * records through what was learned. */
#include "job.h"
#include "points.h"

#include <stdlib.h>

void training_forget_inspection(struct sl_session *session)
{
    sl_inspection_free(session->inspection);
    session->inspection = NULL;
}

bool training_take_inspection(struct sl_session *session)
{
    struct job *job = session->job;
    pthread_mutex_lock(&job->lock);
    struct sl_inspection *taken = job->inspection;
    job->inspection = NULL;
    pthread_mutex_unlock(&job->lock);
    if (!taken)
        return false;
    training_forget_inspection(session);
    session->inspection = taken;
    session->inspected = session->run.id;
    return true;
}

const struct sl_inspection *sl_session_inspection(const struct sl_session *session)
{
    return session->inspected == session->run.id ? session->inspection : NULL;
}

static int no_network(struct sl_error *err)
{
    sl_fail(err, SL_ESTATE, "there is no network that could be looked into");
    return sl_fix(err, "train one first, for instance: mlp hidden=128"), SL_ESTATE;
}

/* --- of a training that is over --- */

/* The first records of the source, as the network takes them. */
struct first {
    struct sl_block block;
    struct sl_arena arena;
    struct sl_scratch *scratch;
    struct sl_quarantine rejects;
    struct sl_chunk chunk;
    struct sl_rows rows;
};

static void first_release(struct first *f)
{
    sl_block_release(&f->block);
    sl_scratch_free(f->scratch);
    sl_quarantine_release(&f->rejects);
    sl_arena_release(&f->arena);
}

static int first_read(struct first *f, struct trained *t, struct sl_error *err)
{
    struct sl_reader *reader = sl_pipeline_reader(t->pipeline);
    struct sl_chunk encoded;
    int status = sl_scratch_new(&f->scratch, t->pipeline, err);
    if (!status)
        status = sl_reader_next(reader, &f->block, err);
    if (status == SL_EEND)
        return sl_fail(err, SL_ESTATE, "there are no records to look at");
    if (!status)
        status = sl_reader_parse(reader, &f->block, &f->arena, &f->chunk, &f->rejects, err);
    if (!status)
        status =
            sl_pipeline_apply(t->pipeline, 0, sl_pipeline_stages(t->pipeline), f->scratch, &f->chunk, &encoded, err);
    return status ? status
                  : sl_dataset_rows(t->shape, sl_pipeline_find(t->pipeline, SL_TARGET), &encoded, &f->rows, err);
}

/* As many of them as make a batch. */
static uint32_t batch_of(struct trained *t, uint32_t n)
{
    const struct sl_stage_class *class = NULL;
    const char *params = sl_pipeline_settings(t->pipeline, SL_BATCH, &class);
    const struct sl_param *row = params && class ? sl_param_find(class->params, SL_STR("size")) : NULL;
    int64_t size = row && row->kind == SL_PARAM_INT ? *(const int64_t *)(const void *)(params + row->offset) : 0;
    uint32_t most = size > SL_INSPECT_ROWS ? size < UINT32_MAX ? (uint32_t)size : UINT32_MAX : SL_INSPECT_ROWS;
    return n < most ? n : most;
}

static int read_state(struct sl_session *session, int64_t run, struct sl_buf *state, struct sl_error *err)
{
    sqlite3_stmt *query = NULL;
    book_hold(session->book);
    int status = book_query(session->book, &query, err, "SELECT learner FROM fitted WHERE run = ?", "i", run);
    if (!status)
        status = book_row(session->book, query, err);
    if (!status) {
        struct sl_str blob = book_blob(query, 0);
        sl_buf_add(state, blob.p, blob.n);
    }
    sqlite3_finalize(query);
    book_release(session->book);
    if (!status && state->failed)
        status = sl_fail_memory(err, "looking into a network");
    return status == SL_EEND ? no_network(err) : status;
}

/* A learner on these records alone, with the state that was kept. */
static int look(struct sl_session *session, struct trained *t, struct first *f, struct sl_inspection **out,
                struct sl_error *err)
{
    struct sl_stage *stage = sl_pipeline_find(t->pipeline, SL_LEARNER);
    const struct sl_learner_class *class = t->learner->class;
    struct sl_dataset few = *t->shape;
    struct sl_learner *learner = NULL;
    struct sl_buf state = { 0 };
    f->rows.n = batch_of(t, f->rows.n);
    few.train.blocks = &f->rows;
    few.train.n_blocks = 1;
    few.train.n = f->rows.n;
    int status = few.train.n ? SL_OK : sl_fail(err, SL_ESTATE, "there are no records to look at");
    if (!status)
        status = read_state(session, t->run, &state, err);
    if (!status)
        status = class->begin(&learner, t->pipeline, stage, &few, NULL, 0, err);
    if (!status)
        status = class->load(learner, (struct sl_str){ state.p, state.n }, err);
    if (!status)
        status = class->inspect(learner, true, err);
    if (!status)
        status = class->take(learner, out, err);
    if (learner)
        class->free(learner);
    sl_buf_release(&state);
    return status;
}

static int look_at_trained(struct sl_session *session, struct sl_error *err)
{
    struct sl_pipeline_options options = { .base = session->base, .predicting = true };
    struct sl_inspection *taken = NULL;
    struct trained t = { 0 };
    struct first f = { 0 };
    sl_arena_init(&f.arena);
    int status = trained_load(&t, session->book, &options, err);
    if (!status && !t.learner->class->take)
        status = no_network(err);
    if (!status && t.run != session->run.id)
        status = no_network(err);
    if (!status)
        status = first_read(&f, &t, err);
    if (!status)
        status = look(session, &t, &f, &taken, err);
    first_release(&f);
    trained_release(&t);
    if (status)
        return status;
    training_forget_inspection(session);
    session->inspection = taken;
    session->inspected = session->run.id;
    session->changed = true;
    return SL_OK;
}

static bool can_look(const struct job *job)
{
    const struct sl_learner_class *class = sl_learner_find(sl_pipeline_find(job->pipeline, SL_LEARNER));
    return class && class->inspect;
}

int sl_session_inspect(struct sl_session *session, bool wanted, struct sl_error *err)
{
    if (wanted && session->follow) {
        sl_fail(err, SL_ESTATE, "only the process that trains a network can look into it");
        return sl_fix(err, "look into it there, or when it is done: sluice %s", session->book->path), SL_ESTATE;
    }
    if (wanted && session->job && !can_look(session->job))
        return no_network(err);
    if (wanted && !session->job && !sl_session_inspection(session)) {
        int status = look_at_trained(session, err);
        if (status)
            return status;
    }
    session->inspecting = wanted;
    if (session->job)
        session->job->inspect = wanted;
    return SL_OK;
}
