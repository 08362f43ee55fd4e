/* test_parity.c: whole networks against PyTorch and Keras (tests/golden/make_nn.py): loss, outputs and gradients of one
 * batch, and 100 steps of every optimizer from the same weights over the same batches, on every device there is.
 *
 * The references were computed in float64. Limits, with |reference| + floor as the measure:
 *   gradients, outputs  1e-5, floor 1e-2 of the greatest of the parameter: float32 sums of at most a few dozen terms
 *   losses of a run     5e-6 of the loss
 *   weights at its end  2e-5, floor 0.1: errors of 100 steps add up, and adam's √v makes small gradients loud */
#include "tests/unit/nn/net_try.h"

#include <math.h>

enum { PARAMETERS = 12, FLOATS = 1024, BATCH = 8, BATCHES = 5, STEPS = 100 };
static const double GRADIENT_LIMIT = 1e-5, LOSS_LIMIT = 5e-6, WEIGHT_LIMIT = 2e-5;

/* One problem of a golden file: what stands before its results. */
struct problem {
    struct net net;
    enum net_target target;
    uint32_t records;
    char name[160], stack[160];
    float *w; /* the graph's run */
    float x[FLOATS], t[FLOATS];
};

static float *parameter_at(struct problem *p, float *run, size_t i, size_t *n)
{
    const struct sl_parameter *list;
    size_t parameters = sl_graph_parameters(p->net.graph, &list);
    if (i >= parameters)
        fail_msg("%s: the network has %zu parameters, the reference more", p->name, parameters);
    *n = list[i].n;
    return run + list[i].first;
}

static void check_shape(struct problem *p, size_t i, struct sl_str field)
{
    const struct sl_parameter *list;
    sl_graph_parameters(p->net.graph, &list);
    float size[SL_RANK_MAX];
    numbers_of(field, list[i].shape.rank, size);
    for (uint32_t k = 0; k < list[i].shape.rank; k++)
        assert_int_equal((int)size[k], (int)list[i].shape.size[k]);
}

/* The rows w, x and t. */
static void read_problem(struct golden *golden, struct problem *p)
{
    size_t n, parameters = 0, outputs = p->target == NET_LABELS ? 1 : sl_graph_outputs(p->net.graph);
    const struct sl_parameter *list;
    p->w = calloc(sl_graph_weights(p->net.graph), sizeof *p->w);
    assert_non_null(p->w);
    while (golden_next(golden)) {
        if (sl_str_equal(golden->field[0], SL_STR("w"))) {
            float *to = parameter_at(p, p->w, parameters, &n);
            check_shape(p, parameters++, golden->field[1]);
            numbers_of(golden->field[2], n, to);
        } else if (sl_str_equal(golden->field[0], SL_STR("x"))) {
            numbers_of(golden->field[1], (size_t)p->records * p->net.inputs, p->x);
        } else {
            assert_true(sl_str_equal(golden->field[0], SL_STR("t")));
            numbers_of(golden->field[1], p->records * outputs, p->t);
            break;
        }
    }
    assert_int_equal(parameters, sl_graph_parameters(p->net.graph, &list));
    assert_int_equal(sl_graph_set(p->net.graph, p->w, NULL), SL_OK);
}

static void close_problem(struct problem *p)
{
    net_close(&p->net);
    free(p->w);
}

static void next(struct golden *golden, const char *row)
{
    if (!golden_next(golden) || !sl_str_equal(golden->field[0], sl_str(row)))
        fail_msg("a golden row \"%s\" is missing", row);
}

static double greatest(const float *x, size_t n)
{
    double most = 0;
    for (size_t i = 0; i < n; i++)
        most = fmax(most, fabs((double)x[i]));
    return most;
}

static void check(const struct problem *p, const char *what, size_t number, const float *got, const float *wanted,
                  size_t n, double floor, double limit)
{
    size_t at;
    double off = worst_difference(got, wanted, n, floor, &at);
    if (!(off <= limit))
        fail_msg("%s, %s: %s %zu, element %zu is %.9g, the reference says %.9g: %.3g > %.3g", p->net.device->name,
                 p->name, what, number, at, (double)got[at], (double)wanted[at], off, limit);
}

static void check_gradients(struct problem *p, struct golden *golden)
{
    size_t floats = sl_graph_weights(p->net.graph), n;
    const struct sl_parameter *list;
    size_t parameters = sl_graph_parameters(p->net.graph, &list);
    float *g = calloc(floats, sizeof *g), wanted[FLOATS];
    assert_non_null(g);
    p->net.device->kernels->download(p->net.device, g, sl_graph_g(p->net.graph), floats * sizeof *g, NULL);
    for (size_t i = 0; i < parameters; i++) {
        next(golden, "g");
        float *got = parameter_at(p, g, i, &n);
        assert_true(n <= FLOATS);
        numbers_of(golden->field[1], n, wanted);
        check(p, "gradient", i, got, wanted, n, 1e-2 * greatest(wanted, n) + 1e-6, GRADIENT_LIMIT);
    }
    free(g);
}

static void compare_gradients(void)
{
    struct golden golden = golden_open("tests/golden/nn_gradients.tsv");
    int cases = 0;
    while (golden_next(&golden)) {
        static struct problem p;
        char count[16];
        float smoothing, weights[8], wanted[FLOATS], got[FLOATS];
        p = (struct problem){ .target = target_of(golden.field[3]) };
        p.records = (uint32_t)strtoul(text_of(golden.field[4], count, sizeof count), NULL, 10);
        text_of(golden.field[1], p.name, sizeof p.name);
        text_of(golden.field[2], p.stack, sizeof p.stack);
        numbers_of(golden.field[5], 1, &smoothing);
        bool weighted = golden.field[6].n > 0;
        if (weighted)
            numbers_of(golden.field[6], 3, weights);
        p.net = net_open(p.stack, p.target, p.records + 2, (double)smoothing, weighted ? weights : NULL);
        read_problem(&golden, &p);
        net_fill(&p.net, 1, p.target, 0, p.records, p.x, p.t);
        assert_int_equal(sl_graph_step(p.net.graph, 1, p.records, &(struct sl_hyper){ 0 }, false, NULL), SL_OK);
        struct sl_figures figures;
        assert_int_equal(sl_graph_figures(p.net.graph, &figures, NULL), SL_OK);
        next(&golden, "loss");
        numbers_of(golden.field[1], 1, wanted);
        check(&p, "loss", 0, &(float){ (float)figures.loss }, wanted, 1, 0, 1e-6);
        next(&golden, "output");
        size_t outputs = p.records * sl_graph_outputs(p.net.graph);
        numbers_of(golden.field[1], outputs, wanted);
        assert_int_equal(sl_graph_output(p.net.graph, p.records, got, NULL), SL_OK);
        check(&p, "output", 0, got, wanted, outputs, 1e-2, GRADIENT_LIMIT);
        check_gradients(&p, &golden);
        close_problem(&p);
        cases++;
    }
    assert_int_equal(cases, 19);
    golden_close(&golden);
}

static void a_networks_loss_output_and_gradients_are_pytorchs(void **state)
{
    (void)state;
    do
        compare_gradients();
    while (net_next_device());
}

static void train(struct problem *p, const struct sl_optimizer_options *options, const float *losses)
{
    struct sl_optimizer_state *optimizer = NULL;
    assert_int_equal(sl_optimizer_new(&optimizer, p->net.graph, options, NULL), SL_OK);
    for (uint32_t step = 0; step < STEPS; step++) {
        int slot = step % 2;
        struct sl_figures figures;
        net_fill(&p->net, slot, p->target, step % BATCHES * BATCH, BATCH, p->x, p->t);
        assert_int_equal(sl_optimizer_step(optimizer, slot, BATCH, step, NULL), SL_OK);
        assert_int_equal(sl_graph_figures(p->net.graph, &figures, NULL), SL_OK);
        check(p, "loss of step", step, &(float){ (float)figures.loss }, losses + step, 1, 0, LOSS_LIMIT);
        assert_true(isfinite(figures.gradient_square) && figures.gradient_square > 0);
    }
    uint32_t k = options->accumulate ? options->accumulate : 1;
    assert_int_equal(sl_optimizer_steps(optimizer), STEPS / k);
    sl_optimizer_free(optimizer);
}

static void compare_trainings(void)
{
    struct golden golden = golden_open("tests/golden/nn_training.tsv");
    int trainings = 0;
    while (golden_next(&golden)) {
        static struct problem p;
        float losses[STEPS], wanted[FLOATS];
        const struct sl_parameter *list;
        p = (struct problem){ .target = target_of(golden.field[4]), .records = BATCH * BATCHES };
        text_of(golden.field[1], p.name, sizeof p.name);
        text_of(golden.field[3], p.stack, sizeof p.stack);
        p.net = net_open(p.stack, p.target, BATCH, 0, NULL);
        read_problem(&golden, &p);
        next(&golden, "losses");
        numbers_of(golden.field[1], STEPS, losses);
        struct sl_optimizer_options options = options_of(p.name);
        train(&p, &options, losses);
        assert_int_equal(sl_graph_get(p.net.graph, p.w, NULL), SL_OK);
        for (size_t i = 0, n; i < sl_graph_parameters(p.net.graph, &list); i++) {
            next(&golden, "end");
            float *got = parameter_at(&p, p.w, i, &n);
            numbers_of(golden.field[1], n, wanted);
            check(&p, "parameter", i, got, wanted, n, 0.1, WEIGHT_LIMIT);
        }
        close_problem(&p);
        trainings++;
    }
    assert_int_equal(trainings, 21);
    golden_close(&golden);
}

static void a_hundred_steps_of_each_optimizer_go_where_the_reference_goes(void **state)
{
    (void)state;
    do
        compare_trainings();
    while (net_next_device());
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_networks_loss_output_and_gradients_are_pytorchs),
        cmocka_unit_test(a_hundred_steps_of_each_optimizer_go_where_the_reference_goes),
    };
    return cmocka_run_group_tests_name("parity", tests, NULL, NULL);
}
