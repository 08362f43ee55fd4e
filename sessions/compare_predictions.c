/* compare_predictions.c: two models judged on the same test records.
 *
 * A session does not keep what its model said of each test record; but data, recipe and weights say it again to the
 * bit. The pipeline is run as in training, the weights are loaded, and each test record is predicted. Records that
 * exactly one of the two gets right decide: McNemar's test, exact (binomial). */
#include "compare_inner.h"
#include "live.h"
#include "statistics.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

struct verdicts {
    struct hit {
        uint64_t record;
        bool right;
    } * at; /* by record */
    size_t n;
    uint64_t fingerprint;
};

struct remaking {
    const struct sl_compared *run;
    struct sl_arena arena;
    struct sl_pipeline *pipeline;
    struct sl_dataset *data;
    struct sl_run *found;
    struct sl_learner *learner;
    struct sl_buf weights;
};

static void remaking_release(struct remaking *r)
{
    if (r->learner)
        r->learner->class->free(r->learner);
    sl_dataset_free(r->data);
    sl_run_free(r->found);
    sl_pipeline_free(r->pipeline);
    sl_arena_release(&r->arena);
    sl_buf_release(&r->weights);
}

static int read_weights(struct remaking *r, struct sl_error *err)
{
    struct book *book = NULL;
    sqlite3_stmt *query = NULL;
    int status = book_open(&book, r->run->path, true, err);
    if (!status)
        status = book_query(book, &query, err, "SELECT learner FROM fitted WHERE run = ?", "i", r->run->run);
    if (!status)
        status = book_row(book, query, err);
    if (!status) {
        struct sl_str state = book_blob(query, 0);
        sl_buf_add(&r->weights, state.p, state.n);
        status = r->weights.failed ? sl_fail_memory(err, "a model") : SL_OK;
    } else if (status == SL_EEND) {
        status = sl_fail(err, SL_ESTATE, "\"%s\" holds no trained model", r->run->label);
    }
    sqlite3_finalize(query);
    book_close(book);
    return status;
}

int compare_statements(const char *recipe, const char *base, struct sl_arena *arena, struct sl_statement **out,
                       size_t *n, struct sl_error *err)
{
    struct sl_statement *statements = sl_arena_zero(arena, SL_MAX_STAGES, sizeof *statements);
    int status = statements ? SL_OK : sl_fail_memory(err, "a recipe");
    for (*n = 0; !status && *recipe && *n < SL_MAX_STAGES;) {
        size_t length = strcspn(recipe, "\n");
        char *line = sl_arena_strndup(arena, recipe, length);
        status = line ? sl_statement_parse(sl_str(line), base, arena, &statements[*n], err)
                      : sl_fail_memory(err, "a recipe");
        if (status == SL_EEND)
            status = sl_fail(err, SL_EFORMAT, "\"%.80s\" is no stage", line);
        if (!status) {
            statements[*n].line = (uint32_t)*n + 1;
            ++*n;
        }
        recipe += length + (recipe[length] == '\n');
    }
    *out = statements;
    return status;
}

static int remake(struct remaking *r, struct sl_pool *pool, uint64_t memory, struct sl_progress *progress,
                  struct sl_error *err)
{
    const struct sl_pipeline_options options = { .base = r->run->base };
    const struct sl_run_options run = { .pool = pool, .memory = memory, .progress = progress };
    struct sl_statement *statements = NULL;
    size_t n = 0;
    int status = read_weights(r, err);
    if (!status)
        status = compare_statements(r->run->recipe, r->run->base, &r->arena, &statements, &n, err);
    if (!status)
        status = sl_pipeline_new(&r->pipeline, statements, n, &options, err);
    struct sl_stage *stage = status ? NULL : sl_pipeline_find(r->pipeline, SL_LEARNER);
    const struct sl_learner_class *class = stage ? sl_learner_find(stage) : NULL;
    if (!status && !class)
        status = sl_fail(err, SL_EFORMAT, "the recipe of \"%s\" has no learner", r->run->label);
    if (!status)
        status = sl_dataset_new(&r->data, &r->found, r->pipeline, &run, err);
    if (!status)
        status = class->begin(&r->learner, stage, r->data, pool, err);
    if (!status)
        status = class->load(r->learner, (struct sl_str){ r->weights.p, r->weights.n }, err);
    return status;
}

static int by_record(const void *a, const void *b)
{
    uint64_t x = ((const struct hit *)a)->record, y = ((const struct hit *)b)->record;
    return (x > y) - (x < y);
}

static int judge_records(struct remaking *r, struct sl_pool *pool, struct verdicts *out, struct sl_error *err)
{
    const struct sl_matrix *test = &r->data->test;
    uint32_t classes = r->data->n_classes, *y = NULL;
    double *probability = NULL;
    int status = sl_learner_evaluate(r->learner, test, classes, pool, &probability, &y, err);
    out->at = status ? NULL : calloc((size_t)test->n + 1, sizeof *out->at);
    if (!status && !out->at)
        status = sl_fail_memory(err, "predictions");
    for (size_t b = 0, row = 0; !status && b < test->n_blocks; b++) {
        for (uint32_t i = 0; i < test->blocks[b].n; i++, row++) {
            const double *p = probability + row * classes;
            uint32_t best = 0;
            for (uint32_t k = 1; k < classes; k++)
                best = p[k] > p[best] ? k : best;
            if (y[row] != UINT32_MAX)
                out->at[out->n++] = (struct hit){ test->blocks[b].record[i], y[row] == best };
        }
    }
    if (!status && out->n)
        qsort(out->at, out->n, sizeof *out->at, by_record);
    out->fingerprint = status ? 0 : sl_run_result(r->found)->fingerprint;
    free(probability);
    free(y);
    return status;
}

static int predict_again(const struct sl_compared *run, struct sl_pool *pool, uint64_t memory,
                         struct sl_progress *progress, struct verdicts *out, struct sl_error *err)
{
    struct remaking r = { .run = run };
    sl_arena_init(&r.arena);
    int status = remake(&r, pool, memory, progress, err);
    if (!status)
        status = judge_records(&r, pool, out, err);
    remaking_release(&r);
    return status;
}

static void cannot(struct sl_judgement *out, const char *why)
{
    snprintf(out->reason, sizeof out->reason, "%s", why);
}

static void mcnemar(const struct verdicts *a, const struct verdicts *b, struct sl_judgement *out)
{
    uint64_t only_a = 0, only_b = 0;
    bool same = a->n == b->n;
    for (size_t i = 0; same && i < a->n; i++) {
        same = a->at[i].record == b->at[i].record;
        only_a += a->at[i].right && !b->at[i].right;
        only_b += !a->at[i].right && b->at[i].right;
    }
    if (!same || !a->n) {
        cannot(out, "they were tested on different records");
        return;
    }
    out->p = mcnemar_p(only_a, only_b);
    out->pairs = (size_t)(only_a + only_b);
    out->difference = ((double)only_b - (double)only_a) / (double)a->n;
    snprintf(out->test, sizeof out->test, "McNemar's exact test");
    snprintf(out->reason, sizeof out->reason,
             "of %zu test records %llu are right only in the first, %llu only in the second", a->n,
             (unsigned long long)only_a, (unsigned long long)only_b);
    if (out->p < SL_SIGNIFICANT)
        out->verdict = only_b > only_a ? SL_SECOND_BETTER : SL_FIRST_BETTER;
}

int sl_compare_predictions(const struct sl_compared *first, const struct sl_compared *second, int threads,
                           uint64_t memory, struct sl_progress *progress, struct sl_judgement *out,
                           struct sl_error *err)
{
    const struct sl_compared *run[2] = { first, second };
    struct verdicts found[2] = { 0 };
    struct sl_pool *pool = NULL;
    *out = (struct sl_judgement){ .p = (double)NAN, .difference = (double)NAN };
    if (!first->result || !second->result || !first->result->have_test || !second->result->have_test) {
        cannot(out, "both must have been trained to the end, with a test set");
        return SL_OK;
    }
    if (first->fingerprint != second->fingerprint) {
        cannot(out, "they were trained on different data");
        return SL_OK;
    }
    int status = sl_pool_new(&pool, threads, err);
    for (int i = 0; i < 2 && !status; i++) {
        struct sl_error own = SL_ERROR_INIT;
        status = predict_again(run[i], pool, memory ? memory : sl_memory_total() / 4, progress, &found[i], &own);
        if (status && status != SL_ENOMEM && status != SL_ECANCEL) {
            snprintf(out->reason, sizeof out->reason, "\"%s\" cannot be predicted again: %.150s", run[i]->label,
                     own.what);
            break;
        }
        if (status && err)
            *err = own;
        if (!status && found[i].fingerprint != run[i]->fingerprint) {
            snprintf(out->reason, sizeof out->reason, "the data of \"%s\" have changed since", run[i]->label);
            break;
        }
    }
    if (!status && !out->reason[0])
        mcnemar(&found[0], &found[1], out);
    free(found[0].at);
    free(found[1].at);
    sl_pool_free(pool);
    return out->reason[0] ? SL_OK : status;
}
