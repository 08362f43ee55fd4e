/* compare_predictions.c: two models judged on the same test records.
 *
 * Both trainings are made again (remake.h) and each test record is predicted. Records that exactly one of the two gets
 * right decide: McNemar's test, exact (binomial). */
#include "compare_inner.h"
#include "remake.h"
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
    const struct sl_run_options how = { .pool = pool, .memory = memory, .progress = progress };
    struct remaking r = { .recipe = run->recipe, .base = run->base, .label = run->label };
    struct book *book = NULL;
    sl_arena_init(&r.arena);
    int status = book_open(&book, run->path, true, err);
    if (!status)
        status = remake_weights(&r, book, run->run, err);
    book_close(book);
    if (!status)
        status = remake(&r, &how, err);
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
    if (first->result->regression || second->result->regression) {
        cannot(out, "they predict numbers, which are not right or wrong; see r2 and mean_absolute_error");
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
