/* compare_command.c: sluice compare SESSION SESSION…: a table, the judgement, and what differs between two. */
#include "batch_work.h"
#include "compare_report.h"
#include "progress_bar.h"

#include "sluice/pool.h"

#include <math.h>
#include <stdlib.h>
#include <unistd.h>

struct comparing {
    const struct options *options;
    enum sl_metric metric;
    struct sl_comparison comparison;
    struct sl_group *groups;
    size_t n_groups;
    struct sl_progress *progress;
    struct progress_bar bar;
    uint64_t began;
    struct sl_judgement judgement;
    struct sl_buf out;
    bool utf8, colour;
};

static int predictions(void *ctx, struct sl_error *err)
{
    struct comparing *c = ctx;
    return sl_compare_predictions(&c->comparison.runs[0], &c->comparison.runs[1], c->options->threads,
                                  c->options->memory, c->progress, &c->judgement, err);
}

static bool tick(void *ctx)
{
    struct comparing *c = ctx;
    batch_progress_draw(&c->bar, c->progress, c->began, NULL);
    return true;
}

/* Two trainings alone, by accuracy: their models can be asked about the same records. */
static int judge_two(struct comparing *c, struct sl_error *err)
{
    c->progress = calloc(1, sizeof *c->progress);
    if (!c->progress) {
        return sl_fail_memory(err, "a judgement");
    }
    const struct batch_work work = { .work = predictions, .ctx = c, .progress = c->progress, .tick = tick };
    progress_bar_init(&c->bar);
    c->began = sl_now();
    int status = batch_work(&work, err);
    progress_bar_clear(&c->bar);
    free(c->progress);
    return status;
}

/* Every other group against the first. */
static int judge(struct comparing *c, size_t other, struct sl_error *err)
{
    const struct sl_group *first = &c->groups[0], *second = &c->groups[other];
    struct sl_buf names[2] = { 0 };
    int status = sl_compare_groups(&c->comparison, first, second, c->metric, &c->judgement, err);
    if (!status && c->comparison.n == 2 && c->metric == SL_METRIC_TEST_ACCURACY) {
        status = judge_two(c, err);
    }
    if (status) {
        return status;
    }
    compare_group_name(&c->comparison, first, c->utf8, &names[0]);
    compare_group_name(&c->comparison, second, c->utf8, &names[1]);
    if (names[0].failed || names[1].failed) {
        status = sl_fail_memory(err, "a judgement");
    } else if (c->options->json) {
        compare_json_judgement(&c->judgement, names[0].p, names[1].p, &c->out);
    } else {
        compare_sentence(&c->judgement, names[0].p, names[1].p, &c->out);
    }
    sl_buf_release(&names[0]);
    sl_buf_release(&names[1]);
    return status;
}

static int report(struct comparing *c, struct sl_error *err)
{
    const struct options *o = c->options;
    size_t *order = calloc(c->comparison.n + 1, sizeof *order);
    if (!order) {
        return sl_fail_memory(err, "the comparison");
    }
    compare_order(&c->comparison, c->metric, (enum compare_sort)o->sort, order);
    int status = SL_OK;
    if (o->json) {
        compare_json_runs(&c->comparison, c->metric, order, &c->out);
        status = compare_json_groups(&c->comparison, c->groups, c->n_groups, c->metric, &c->out, err);
    } else {
        compare_report_runs(&c->comparison, c->metric, order, c->utf8, c->colour, &c->out);
        compare_report_groups(&c->comparison, c->groups, c->n_groups, c->metric, c->utf8, &c->out);
    }
    free(order);
    if (!status && c->n_groups > 1 && !o->json) {
        sl_buf_putc(&c->out, '\n');
    }
    for (size_t g = 1; g < c->n_groups && !status; g++) {
        status = judge(c, g, err);
    }
    return status;
}

static int differences(struct comparing *c, struct sl_error *err)
{
    struct sl_differences d;
    int status = sl_compare_differences(&c->comparison.runs[0], &c->comparison.runs[1], &d, err);
    if (status) {
        return status;
    }
    if (c->options->json) {
        compare_json_differences(&d, &c->out);
    } else {
        compare_report_differences(&d, c->colour, &c->out);
    }
    sl_differences_release(&d);
    return SL_OK;
}

int command_compare(const struct options *options)
{
    struct comparing c = { .options = options,
                           .metric = (enum sl_metric)options->metric,
                           .utf8 = batch_utf8(),
                           .colour = batch_colour(options, STDOUT_FILENO) };
    struct sl_error err = SL_ERROR_INIT;
    int status = batch_signals_open(&err);
    if (!status) {
        status = sl_comparison_load(&c.comparison, options->operands.word, options->operands.n, options->every, &err);
    }
    if (!status) {
        status = sl_comparison_groups(&c.comparison, &c.groups, &c.n_groups, &err);
    }
    if (!status) {
        status = report(&c, &err);
    }
    if (!status && c.comparison.n == 2) {
        status = differences(&c, &err);
    }
    sl_groups_free(c.groups, c.n_groups);
    sl_comparison_release(&c.comparison);
    if (status) {
        sl_buf_release(&c.out);
        return batch_failed(&err);
    }
    return batch_finish(&c.out);
}
