/* test_metrics.c: figures of a classifier against sklearn.metrics. */
#include "engine/learn/metrics_private.h"
#include "golden_rows.h"

#include "sluice/random.h"

static void near(const char *name, const char *what, double got, double wanted)
{
    bool same = isnan(wanted) ? isnan(got) : fabs(got - wanted) <= 1e-12 * fmax(1, fabs(wanted));
    if (!same)
        fail_msg("%s: %s is %.17g, the reference has %.17g", name, what, got, wanted);
}

struct example {
    char name[64];
    uint64_t n;
    uint32_t classes;
    uint32_t *y;
    double *p;    /* probabilities */
    double *hard; /* the predicted class as probability 1 */
    bool scored;  /* has probabilities */
};

static void begin_example(struct example *e, const struct golden *g)
{
    free(e->y);
    free(e->p);
    free(e->hard);
    *e = (struct example){ .n = (uint64_t)number_at(g->field[2], 0), .classes = (uint32_t)number_at(g->field[3], 0) };
    snprintf(e->name, sizeof e->name, "%.*s", (int)g->field[1].n, g->field[1].p);
    e->y = calloc(e->n + 1, sizeof *e->y);
    e->p = calloc(e->n * e->classes + 1, sizeof *e->p);
    e->hard = calloc(e->n * e->classes + 1, sizeof *e->hard);
    assert_true(e->y && e->p && e->hard);
}

static bool read_input(struct example *e, const struct golden *g)
{
    if (field_is(g, 0, "truth")) {
        for (uint64_t i = 0; i < e->n; i++)
            e->y[i] = (uint32_t)number_at(g->field[1], i);
    } else if (field_is(g, 0, "predicted")) {
        for (uint64_t i = 0; i < e->n; i++)
            e->hard[i * e->classes + (size_t)number_at(g->field[1], i)] = 1;
    } else if (field_is(g, 0, "proba")) {
        size_t row = (size_t)number_at(g->field[1], 0);
        for (uint32_t k = 0; k < e->classes; k++)
            e->p[row * e->classes + k] = number_at(g->field[2], k);
        e->scored = true;
    } else {
        return false;
    }
    return true;
}

static void check(const struct example *e, const struct sl_metrics *m, const struct sl_metrics *scores,
                  const struct golden *g)
{
    if (field_is(g, 0, "accuracy")) {
        near(e->name, "accuracy", m->accuracy, number_at(g->field[1], 0));
    } else if (field_is(g, 0, "per_class")) {
        size_t k = (size_t)number_at(g->field[1], 0);
        near(e->name, "precision", m->precision[k], number_at(g->field[2], 0));
        near(e->name, "recall", m->recall[k], number_at(g->field[3], 0));
        near(e->name, "f1", m->f1[k], number_at(g->field[4], 0));
    } else if (field_is(g, 0, "confusion")) {
        size_t k = (size_t)number_at(g->field[1], 0);
        for (uint32_t j = 0; j < e->classes; j++)
            assert_int_equal(m->confusion[k * e->classes + j], (uint64_t)number_at(g->field[2], j));
    } else if (field_is(g, 0, "log_loss") && e->scored) {
        near(e->name, "log loss", scores->log_loss, number_at(g->field[1], 0));
    } else if (field_is(g, 0, "roc_auc") && e->scored) {
        near(e->name, "ROC AUC", scores->roc_auc, number_at(g->field[1], 0));
    }
}

static void all_figures_agree_with_scikit_learn(void **state)
{
    (void)state;
    struct golden g = golden_open("tests/golden/metrics.tsv");
    struct example e = { 0 };
    struct sl_metrics m = { 0 }, scores = { 0 };
    unsigned checks = 0;
    while (golden_next(&g)) {
        if (field_is(&g, 0, "case")) {
            begin_example(&e, &g);
            sl_metrics_release(&m);
            sl_metrics_release(&scores);
        } else if (!read_input(&e, &g)) {
            if (!m.confusion) {
                assert_int_equal(sl_metrics_compute(&m, e.hard, e.y, e.n, e.classes, NULL), SL_OK);
                assert_int_equal(sl_metrics_compute(&scores, e.p, e.y, e.n, e.classes, NULL), SL_OK);
            }
            check(&e, &m, &scores, &g);
            checks++;
        }
    }
    assert_true(checks > 50);
    sl_metrics_release(&m);
    sl_metrics_release(&scores);
    free(e.y);
    free(e.p);
    free(e.hard);
    golden_close(&g);
}

static void rows_without_a_known_class_are_left_out(void **state)
{
    (void)state;
    const double p[] = { 0.9, 0.1, 0.2, 0.8, 0.5, 0.5 };
    const uint32_t y[] = { 0, UINT32_MAX, 1 };
    struct sl_metrics m;
    assert_int_equal(sl_metrics_compute(&m, p, y, 3, 2, NULL), SL_OK);
    assert_int_equal(m.n, 2);
    near("unknown", "accuracy", m.accuracy, 0.5); /* a tie predicts the lower class */
    sl_metrics_release(&m);
}

/* Every positive against every negative, as the area is defined. */
static double pairs(const struct sl_scored *rows, size_t n)
{
    double won = 0, all = 0;
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < n; j++)
            if (rows[i].positive && !rows[j].positive) {
                won += rows[i].score > rows[j].score ? 1 : rows[i].score < rows[j].score ? 0 : 0.5;
                all++;
            }
    return all > 0 ? won / all : NAN;
}

static void the_area_is_the_share_of_pairs_in_the_right_order(void **state)
{
    (void)state;
    static const double special[] = { 0, -0.0, 1, -1, 1e-300, -1e-300, 5e-324, INFINITY, -INFINITY, 0.5 };
    enum { MOST = 200 };
    struct sl_scored rows[MOST], spare[MOST], before[MOST];
    for (unsigned round = 0; round < 400; round++) {
        size_t n = round % MOST;
        for (size_t i = 0; i < n; i++) {
            uint32_t draw[4];
            sl_philox(7, 1, round, i, 0, draw);
            double score = round % 3 == 0   ? special[draw[0] % 10]
                           : round % 3 == 1 ? (double)(draw[0] % 20) / 7 - 1
                                            : (double)draw[0] / 4294967296.0;
            before[i] = rows[i] = (struct sl_scored){ score, draw[1] % 3 == 0 };
        }
        near("pairs", "area", sl_auc(rows, spare, n), pairs(before, n));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_figures_agree_with_scikit_learn),
        cmocka_unit_test(rows_without_a_known_class_are_left_out),
        cmocka_unit_test(the_area_is_the_share_of_pairs_in_the_right_order),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
