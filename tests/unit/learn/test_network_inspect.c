/* test_network_inspect.c: what a network looks like inside is what it computed, and looking changes nothing. */
#include "network_data.h"

static struct sl_inspection *take(struct sl_learner *net)
{
    struct sl_inspection *in = NULL;
    struct sl_error err = SL_ERROR_INIT;
    if (net->class->take(net, &in, &err))
        fail_msg("%s", err.what);
    return in;
}

static void close_to(const char *what, double got, double wanted)
{
    if (fabs(got - wanted) > 1e-5 * fmax(1, fabs(wanted)))
        fail_msg("%s is %.9g, computed anew %.9g", what, got, wanted);
}

/* Spread of n numbers, by the definitions. */
static void assert_spread(const char *what, const struct sl_spread *got, const double *x, size_t n)
{
    double sum = 0, squares = 0, low = INFINITY, high = -INFINITY, zeros = 0, bins = 0;
    for (size_t i = 0; i < n; i++) {
        sum += x[i];
        low = fmin(low, x[i]);
        high = fmax(high, x[i]);
        zeros += x[i] == 0;
    }
    for (size_t i = 0; i < n; i++)
        squares += (x[i] - sum / (double)n) * (x[i] - sum / (double)n);
    close_to(what, got->mean, sum / (double)n);
    close_to(what, got->sd, sqrt(squares / (double)n));
    close_to(what, got->min, low);
    close_to(what, got->max, high);
    close_to(what, got->zeros, zeros / (double)n);
    assert_int_equal(got->nonfinite, 0);
    for (int k = 0; k < SL_HISTOGRAM_BINS; k++)
        bins += got->bins[k];
    assert_true(bins == (double)n);
}

/* y = x·w + b. Weights lie where the network's parameters say. */
static void dense(const double *x, size_t rows, size_t in, const float *w, const float *b, size_t out, double *y)
{
    for (size_t i = 0; i < rows; i++)
        for (size_t u = 0; u < out; u++) {
            double sum = (double)b[u];
            for (size_t j = 0; j < in; j++)
                sum += x[i * in + j] * (double)w[j * out + u];
            y[i * out + u] = sum;
        }
}

static const float *parameter(struct sl_learner *net, const float *w, const char *name)
{
    const struct sl_parameter *list;
    size_t n = sl_graph_parameters(network_of(net)->graph, &list);
    for (size_t i = 0; i < n; i++)
        if (strcmp(list[i].name, name) == 0)
            return w + list[i].first;
    fail_msg("there is no parameter %s", name);
    return NULL;
}

static void to_doubles(const float *x, size_t n, double *out)
{
    for (size_t i = 0; i < n; i++)
        out[i] = (double)x[i];
}

enum { UNITS = 16, B = 32 };

static void a_look_inside_shows_what_the_step_computed(void **state)
{
    struct cloud *c = cloud_new(320, 0, 0, false);
    struct recipe r = recipe_small();
    struct sl_learner *net = recipe_begin(&r, &c->data, NULL);
    size_t n;
    (void)state;
    steps(net, 3);
    float *w = weights_of(net, &n);
    assert_int_equal(net->class->inspect(net, true, NULL), SL_OK);
    struct sl_point point = steps(net, 1);
    struct sl_inspection *in = take(net);
    assert_int_equal(in->step, 4);
    assert_int_equal(in->n, B);
    assert_int_equal(in->width, CLOUD_WIDTH);
    assert_int_equal(in->height * in->breadth * in->channels, CLOUD_WIDTH);
    assert_int_equal(in->n_layers, 2);
    assert_string_equal(in->layers[0].name, "dense_1");
    assert_string_equal(in->layers[1].name, "dense_2");
    assert_int_equal(in->layers[0].units, UNITS);
    assert_int_equal(in->layers[0].parameters, (CLOUD_WIDTH + 1) * UNITS);
    double x[B * CLOUD_WIDTH], hidden[B * UNITS], out[B * CLOUD_CLASSES], loss = 0;
    to_doubles(in->x, B * CLOUD_WIDTH, x);
    dense(x, B, CLOUD_WIDTH, parameter(net, w, "dense_1.weight"), parameter(net, w, "dense_1.bias"), UNITS, hidden);
    for (size_t i = 0; i < B * UNITS; i++)
        hidden[i] = fmax(hidden[i], 0);
    dense(hidden, B, UNITS, parameter(net, w, "dense_2.weight"), parameter(net, w, "dense_2.bias"), CLOUD_CLASSES, out);
    assert_spread("dense_1", &in->layers[0].output, hidden, B * UNITS);
    for (size_t i = 0; i < B; i++) {
        double sum = 0;
        for (size_t k = 0; k < CLOUD_CLASSES; k++)
            sum += exp(out[i * CLOUD_CLASSES + k]);
        for (size_t k = 0; k < CLOUD_CLASSES; k++)
            close_to("a probability", (double)in->output[i * CLOUD_CLASSES + k], exp(out[i * CLOUD_CLASSES + k]) / sum);
        close_to("a record's loss", (double)in->row_loss[i], log(sum) - out[i * CLOUD_CLASSES + in->y[i]]);
        loss += (double)in->row_loss[i] / B;
        assert_int_equal(in->y[i], (uint32_t)(cloud_draw(4, in->record[i] / 10, 0) * CLOUD_CLASSES));
    }
    close_to("the loss", loss, point.loss);
    free(w);
    w = weights_of(net, &n);
    assert_int_equal(in->n_units, UNITS);
    const float *first = parameter(net, w, "dense_1.weight");
    for (size_t u = 0; u < UNITS; u++)
        for (size_t j = 0; j < CLOUD_WIDTH; j++)
            assert_true(in->first[u * CLOUD_WIDTH + j] == first[j * UNITS + u]);
    double now[CLOUD_WIDTH * UNITS];
    to_doubles(first, CLOUD_WIDTH * UNITS, now);
    assert_spread("dense_1.weight", &in->layers[0].weight, now, CLOUD_WIDTH * UNITS);
    sl_inspection_free(in);
    free(w);
    net->class->free(net);
    cloud_free(c);
}

static void gradients_seen_are_those_of_the_loss(void **state)
{
    struct cloud *c = cloud_new(320, 0, 0, false);
    struct recipe r = recipe_small();
    (void)state;
    r.mlp.hidden = (struct sl_names){ 0 };
    struct sl_learner *net = recipe_begin(&r, &c->data, NULL);
    assert_int_equal(net->class->inspect(net, true, NULL), SL_OK);
    struct sl_point point = steps(net, 1);
    struct sl_inspection *in = take(net);
    double g[CLOUD_WIDTH * CLOUD_CLASSES] = { 0 }, bias[CLOUD_CLASSES] = { 0 }, dy[B * CLOUD_CLASSES], sum = 0;
    for (size_t i = 0; i < B; i++)
        for (size_t k = 0; k < CLOUD_CLASSES; k++) {
            double d = ((double)in->output[i * CLOUD_CLASSES + k] - (in->y[i] == k)) / B;
            dy[i * CLOUD_CLASSES + k] = d;
            bias[k] += d;
            for (size_t j = 0; j < CLOUD_WIDTH; j++)
                g[j * CLOUD_CLASSES + k] += d * (double)in->x[i * CLOUD_WIDTH + j];
        }
    for (size_t i = 0; i < CLOUD_WIDTH * CLOUD_CLASSES; i++)
        sum += g[i] * g[i];
    for (size_t k = 0; k < CLOUD_CLASSES; k++)
        sum += bias[k] * bias[k];
    assert_int_equal(in->n_layers, 1);
    assert_spread("the weights' gradient", &in->layers[0].weight_gradient, g, CLOUD_WIDTH * CLOUD_CLASSES);
    assert_spread("the outputs' gradient", &in->layers[0].output_gradient, dy, B * CLOUD_CLASSES);
    close_to("the gradient's norm", point.gradient_norm, sqrt(sum));
    sl_inspection_free(in);
    net->class->free(net);
    cloud_free(c);
}

static void looking_changes_nothing(void **state)
{
    struct cloud *c = cloud_new(320, 40, 0, false);
    struct recipe r = recipe_small();
    (void)state;
    r.mlp.dropout = 0.3;
    r.mlp.layer_norm = true;
    struct sl_learner *plain = recipe_begin(&r, &c->data, NULL), *seen = recipe_begin(&r, &c->data, NULL);
    for (int i = 0; i < 14; i++) {
        bool wanted = i % 3 == 0;
        assert_int_equal(seen->class->inspect(seen, wanted, NULL), SL_OK);
        if (i == 6 || i == 0) /* before the step: the batch that comes next */
            sl_inspection_free(take(seen));
        assert_true(steps(plain, 1).loss == steps(seen, 1).loss);
        if (wanted) {
            struct sl_inspection *in = take(seen);
            assert_int_equal(in->n_layers, 5); /* dense, norm, activation, dropout, dense */
            assert_int_equal(in->step, i + 1);
            sl_inspection_free(in);
        }
    }
    assert_same_weights(plain, seen);
    plain->class->free(plain);
    seen->class->free(seen);
    cloud_free(c);
}

static void before_a_step_the_next_batch_is_shown_without_gradients(void **state)
{
    struct cloud *c = cloud_new(320, 0, 0, true);
    struct recipe r = recipe_small();
    struct sl_learner *net = recipe_begin(&r, &c->data, NULL);
    struct sl_inspection *none = NULL;
    (void)state;
    assert_int_equal(net->class->take(net, &none, NULL), SL_ESTATE);
    assert_int_equal(net->class->inspect(net, true, NULL), SL_OK);
    struct sl_inspection *in = take(net);
    uint64_t first = in->record[0];
    double loss = 0;
    assert_int_equal(in->step, 0);
    assert_null(in->y);
    assert_true(in->layers[0].weight_gradient.sd == 0 && in->layers[0].output.sd > 0);
    for (uint32_t i = 0; i < in->n; i++) {
        double d = (double)in->output[i] - (double)in->target[i];
        close_to("a record's loss", (double)in->row_loss[i], d * d);
        loss += (double)in->row_loss[i] / in->n;
    }
    sl_inspection_free(in);
    close_to("the loss", steps(net, 1).loss, loss);
    in = take(net);
    assert_int_equal(in->record[0], first);
    sl_inspection_free(in);
    sl_inspection_free(NULL);
    net->class->free(net);
    cloud_free(c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_look_inside_shows_what_the_step_computed),
        cmocka_unit_test(gradients_seen_are_those_of_the_loss),
        cmocka_unit_test(looking_changes_nothing),
        cmocka_unit_test(before_a_step_the_next_batch_is_shown_without_gradients),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
