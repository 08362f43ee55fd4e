/* debug_cell.c: the test records of one cell of the confusion matrix, or of all that are wrong, most wrong first; and
 * which records are for training and which for testing, where no run of this opening has told.
 *
 * A session does not keep what its model said of each test record, nor the split: the pipeline is run again, on one of
 * its own, with the weights as they were saved. */
#include "debugger.h"
#include "remake.h"

#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

int cell_gather(struct debugger *d, bool weights, struct sl_error *err)
{
    struct sl_session *session = d->session;
    struct debug_task *t = &d->task;
    struct sl_buf text = { 0 };
    struct remaking r = { .label = session->book->path ? session->book->path : "the session" };
    recipe_text(history_now(&session->history), false, &text);
    t->recipe = text.p;
    t->base = session->base ? strdup(session->base) : NULL;
    t->expects = session->run.has_fingerprint;
    t->fingerprint = session->run.fingerprint;
    int status = text.failed || !text.p || (session->base && !t->base) ? sl_fail_memory(err, "looking at the records")
                                                                       : SL_OK;
    if (!status && weights)
        status = remake_weights(&r, session->book, session->run.id, err);
    t->weights = r.weights;
    if (status)
        task_release(t);
    return status;
}

/* --- roles --- */

/* A split needs no features and no model. */
static void leave_out_learned(struct sl_statement *statements, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (statements[i].class->kind >= SL_ENCODER)
            statements[i].off = true;
}

int cell_roles(struct debugger *d, struct sl_pool *pool, struct sl_error *err)
{
    struct debug_task *t = &d->task;
    const struct sl_pipeline_options where = { .base = t->base };
    const struct sl_run_options how = { .pool = pool, .memory = d->session->options.memory, .progress = t->run };
    struct sl_statement *statements = NULL;
    struct sl_pipeline *pipeline = NULL;
    struct sl_run *run = NULL;
    struct sl_arena arena;
    size_t n = 0;
    sl_arena_init(&arena);
    int status = remake_statements(t->recipe, t->base, &arena, &statements, &n, err);
    if (!status) {
        leave_out_learned(statements, n);
        status = sl_pipeline_new(&pipeline, statements, n, &where, err);
    }
    if (!status)
        status = sl_pipeline_run(&run, pipeline, &how, err);
    if (!status && sl_run_result(run)->n_train && !(t->found = known_copy(sl_run_result(run), t->recipe)))
        status = sl_fail_memory(err, "the split");
    sl_run_free(run);
    sl_pipeline_free(pipeline);
    sl_arena_release(&arena);
    return status;
}

/* --- the cell --- */

static int by_loss(const void *a, const void *b)
{
    const struct sl_listed *x = a, *y = b;
    if (x->score != y->score)
        return x->score < y->score ? 1 : -1;
    return (x->record > y->record) - (x->record < y->record);
}

static uint32_t best_of(const double *p, uint32_t n)
{
    uint32_t best = 0;
    for (uint32_t k = 1; k < n; k++)
        best = p[k] > p[best] ? k : best;
    return best;
}

/* Test records; those for validation when there are no others. */
static const struct sl_matrix *held_out(const struct sl_dataset *data)
{
    return data->test.n || !data->validation.n ? &data->test : &data->validation;
}

static bool is_wanted(const struct debug_task *t, uint32_t truth, uint32_t predicted)
{
    if (t->truth == ALL_WRONG)
        return truth != UINT32_MAX && truth != predicted;
    return truth == t->truth && predicted == t->predicted;
}

static int collect(struct debug_task *t, const struct sl_dataset *data, const double *probability, const uint32_t *y,
                   struct sl_error *err)
{
    const struct sl_matrix *test = held_out(data);
    uint32_t classes = data->n_classes;
    t->item = calloc((size_t)test->n + 1, sizeof *t->item);
    if (!t->item)
        return sl_fail_memory(err, "a list of records");
    for (size_t b = 0, row = 0; b < test->n_blocks; b++)
        for (uint32_t i = 0; i < test->blocks[b].n; i++, row++) {
            const double *p = probability + row * classes;
            uint32_t truth = y[row], predicted = best_of(p, classes);
            if (is_wanted(t, truth, predicted))
                t->item[t->n++] = (struct sl_listed){ .record = test->blocks[b].record[i],
                                                      .other = UINT64_MAX,
                                                      .score = look_loss(p[truth]),
                                                      .truth = truth,
                                                      .predicted = predicted };
        }
    qsort(t->item, t->n, sizeof *t->item, by_loss);
    if (t->truth == ALL_WRONG)
        snprintf(t->title, sizeof t->title, "records taken for another class");
    else
        snprintf(t->title, sizeof t->title,
                 t->truth == t->predicted ? "%.60s predicted as such" : "%.60s taken for %.60s",
                 data->classes[t->truth], data->classes[t->predicted]);
    return SL_OK;
}

static int judge(struct debug_task *t, struct remaking *r, struct sl_pool *pool, struct sl_error *err)
{
    uint64_t fingerprint = sl_run_result(r->found)->fingerprint;
    uint32_t *y = NULL;
    double *probability = NULL;
    if (t->expects && fingerprint != t->fingerprint) {
        sl_fail(err, SL_ESTATE, "the data have changed since the training");
        return sl_fix(err, "train again with: train"), SL_ESTATE;
    }
    bool named = t->truth < r->data->n_classes && t->predicted < r->data->n_classes;
    if (!named && t->truth != ALL_WRONG)
        return sl_fail(err, SL_EPARAM, "the model has %u classes only", r->data->n_classes);
    int status = sl_learner_evaluate(r->learner, held_out(r->data), r->data->n_classes, pool, &probability, &y, err);
    if (!status)
        status = collect(t, r->data, probability, y, err);
    free(probability);
    free(y);
    t->found = known_copy(sl_run_result(r->found), t->recipe); /* the roles are an extra */
    return status;
}

int cell_run(struct debugger *d, struct sl_pool *pool, struct sl_error *err)
{
    struct debug_task *t = &d->task;
    const struct sl_run_options how = {
        .pool = pool, .memory = d->session->options.memory, .progress = t->run, .cache = d->session->cache
    };
    struct remaking r = { .recipe = t->recipe, .base = t->base, .label = "the session", .weights = t->weights };
    sl_arena_init(&r.arena);
    t->weights = (struct sl_buf){ 0 };
    int status = remake(&r, &how, err);
    if (!status)
        status = judge(t, &r, pool, err);
    remaking_release(&r);
    sl_memory_trim();
    return status;
}

int sl_debug_wrong(struct sl_session *session, struct sl_error *err)
{
    if (session->result && session->result->regression)
        return sl_fail(err, SL_ESTATE, "the model predicts a number, which is never simply right or wrong");
    return sl_debug_cell(session, ALL_WRONG, ALL_WRONG, err);
}

int sl_debug_cell(struct sl_session *session, uint32_t truth, uint32_t predicted, struct sl_error *err)
{
    struct debugger *d = NULL;
    int status = debugger_ready(session, &d, err);
    if (status)
        return status;
    if (!session->fitted) {
        sl_fail(err, SL_ESTATE, "there is no model of this recipe");
        return sl_fix(err, "train one with: train"), SL_ESTATE;
    }
    status = cell_gather(d, true, err);
    if (status)
        return status;
    d->task.truth = truth;
    d->task.predicted = predicted;
    return task_start(d, SL_DEBUG_LIST, err);
}
