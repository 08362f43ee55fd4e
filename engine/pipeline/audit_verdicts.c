/* audit_verdicts.c: which records the stages that see all of them in order drop, without the rest of an audit. */
#include "step_private.h"

#include <stdlib.h>

struct finding {
    struct sl_pass pass;
    struct sl_verdicts *out;
    size_t capacity[SL_MAX_STAGES];
    pthread_mutex_t lock;
};

/* Records are few and the lock is taken once a chunk: the lists are shared. */
static int visit(void *ctx, const struct sl_pass_view *view, struct sl_error *err)
{
    struct finding *f = ctx;
    size_t s = view->stage, j = 0;
    int status = SL_OK;
    if (view->event != SL_PASS_STAGE || !f->pass.pipeline->stages[s].class->ordered || view->before == view->after)
        return SL_OK;
    pthread_mutex_lock(&f->lock);
    for (uint32_t i = 0; i < view->before->n && !status; i++) {
        uint64_t record = view->before->origin[i].record;
        if (j < view->after->n && view->after->origin[j].record == record) {
            j++;
            continue;
        }
        size_t n = f->out->stage[s].n;
        if (n == f->capacity[s]) {
            size_t capacity = n ? 2 * n : 1024;
            uint64_t *list = realloc(f->out->stage[s].record, capacity * sizeof *list);
            if (!list) {
                status = sl_fail_memory(err, "listing dropped records");
                break;
            }
            f->out->stage[s].record = list;
            f->capacity[s] = capacity;
        }
        f->out->stage[s].record[f->out->stage[s].n++] = record;
    }
    pthread_mutex_unlock(&f->lock);
    return status;
}

static int by_value(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return (x > y) - (x < y);
}

int sl_verdicts_find(struct sl_verdicts *out, struct sl_pipeline *pipeline, struct sl_pool *pool,
                     struct sl_step_progress *progress, struct sl_error *err)
{
    size_t last = 0;
    sl_verdicts_release(out);
    for (size_t s = 1; s < sl_pipeline_end(pipeline); s++)
        if (pipeline->stages[s].class->ordered)
            last = s + 1;
    if (!last)
        return SL_OK;
    struct finding f = { .out = out, .lock = PTHREAD_MUTEX_INITIALIZER };
    f.pass = (struct sl_pass){ .pipeline = pipeline,
                               .pool = pool,
                               .last = last,
                               .ordered = true,
                               .progress = progress,
                               .visit = visit,
                               .ctx = &f };
    int status = sl_pass_init(&f.pass, (size_t)(pool ? sl_pool_threads(pool) : 1), err);
    if (!status)
        status = sl_pass_run(&f.pass, err);
    sl_pass_release(&f.pass);
    for (size_t s = 1; s < last && !status; s++) {
        if (!pipeline->stages[s].class->ordered)
            continue;
        if (out->stage[s].n)
            qsort(out->stage[s].record, out->stage[s].n, sizeof(uint64_t), by_value);
        out->stage[s].known = true;
    }
    if (status)
        sl_verdicts_release(out);
    return status;
}

void sl_verdicts_release(struct sl_verdicts *verdicts)
{
    for (size_t s = 0; s < SL_MAX_STAGES; s++)
        free(verdicts->stage[s].record);
    *verdicts = (struct sl_verdicts){ 0 };
}
