/* graph_try.c: see graph_try.h. */
#include "graph_try.h"

#include "plain_device.h"
#include "sluice/random.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

struct try_device try_device_new(const char *kind, int threads)
{
    struct try_device it = { .plain = kind && (strcmp(kind, "plain") == 0 || strcmp(kind, "far") == 0) };
    if (it.plain) {
        it.device = plain_device_new(strcmp(kind, "plain") == 0);
        assert_non_null(it.device);
        return it;
    }
    if (threads) {
        TRY(sl_pool_new(&it.pool, threads, err));
    }
    TRY(sl_device_cpu(&it.device, kind, it.pool, err));
    return it;
}

void try_device_free(struct try_device *it)
{
    if (it->plain) {
        plain_device_free(it->device);
    } else {
        sl_device_close(it->device);
    }
    sl_pool_free(it->pool);
}

struct sl_graph *try_graph(struct sl_device *device, uint32_t batch)
{
    struct sl_graph *graph = NULL;
    TRY(sl_graph_new(&graph, device, batch, err));
    return graph;
}

void try_ok(int status, const struct sl_error *err)
{
    if (status != SL_OK) {
        char text[800];
        fail_msg("%d: %s", status, sl_error_format(err, text, sizeof text));
    }
}

float try_number(uint64_t seed, uint64_t i)
{
    return (float)(2 * sl_philox_real(seed, SL_RANDOM_SAMPLE, 0, i, 0) - 1);
}

static size_t input_count(const struct sl_graph *graph, const char *kind)
{
    for (size_t i = 0; i < sl_graph_nodes(graph); i++) {
        struct sl_node_info info;
        sl_graph_node(graph, (int)i, &info);
        if (strcmp(info.kind, kind) == 0) {
            return sl_shape_count(&info.shape);
        }
    }
    return 0;
}

void try_fill(struct sl_graph *graph, int slot, uint32_t n, uint32_t vocabulary, uint64_t seed)
{
    size_t outputs = sl_graph_outputs(graph), x_count = n * input_count(graph, "input");
    size_t ids_count = n * input_count(graph, "ids");
    float *x = sl_graph_x(graph, slot), *target = sl_graph_target(graph, slot);
    uint32_t *ids = sl_graph_x_ids(graph, slot), *labels = sl_graph_labels(graph, slot);
    for (size_t i = 0; i < x_count; i++) {
        x[i] = 1.5F * try_number(seed, i);
    }
    for (size_t i = 0; i < ids_count; i++) {
        ids[i] = (uint32_t)((try_number(seed + 1, i) + 1) / 2 * ((float)vocabulary + 1));
    }
    for (size_t i = 0; labels && i < n; i++) {
        labels[i] = (uint32_t)((try_number(seed + 2, i) + 1) / 2 * (float)outputs);
        labels[i] = labels[i] < outputs ? labels[i] : 0;
    }
    for (size_t i = 0; target && i < n; i++) { /* rows that add up to 1 */
        float sum = 0;
        for (size_t j = 0; j < outputs; j++) {
            target[i * outputs + j] = 1.05F + try_number(seed + 3, i * outputs + j);
            sum += target[i * outputs + j];
        }
        for (size_t j = 0; j < outputs; j++) {
            target[i * outputs + j] /= sum;
        }
    }
    sl_graph_upload(graph, slot, n);
}

void try_weights(struct sl_graph *graph, float size, uint64_t seed)
{
    const struct sl_parameter *list;
    size_t n = sl_graph_parameters(graph, &list);
    float *w = calloc(sl_graph_weights(graph), sizeof *w);
    assert_non_null(w);
    for (size_t i = 0; i < n; i++) {
        bool gain = list[i].shape.rank == 1 && (strstr(list[i].name, ".weight") || strstr(list[i].name, "_var"));
        for (size_t j = 0; j < list[i].n; j++) {
            w[list[i].first + j] = (gain ? 1.0F : 0.0F) + size * try_number(seed + 10 + i, j);
        }
    }
    TRY(sl_graph_set(graph, w, err));
    free(w);
}

double try_loss(struct sl_graph *graph, int slot, uint32_t n)
{
    float rows[256];
    double sum = 0;
    assert_true(n <= 256);
    TRY(sl_graph_forward(graph, slot, n, true, err));
    TRY(sl_graph_row_loss(graph, n, rows, err));
    for (uint32_t i = 0; i < n; i++) {
        sum += (double)rows[i];
    }
    return sum / n;
}

bool try_has(const struct sl_graph *graph, const char *word)
{
    bool has = false;
    for (size_t i = 0; i < sl_graph_nodes(graph); i++) {
        struct sl_node_info info;
        sl_graph_node(graph, (int)i, &info);
        has = has || strstr(info.kind, word);
    }
    return has;
}

/* --- differences --- */

struct check {
    struct sl_graph *graph;
    int slot;
    uint32_t n;
    const float *w, *g; /* weights and gradients as they were */
    float *moved;
    bool kinks; /* it has a relu */
    unsigned looked, passed_over;
};

/* (loss(w + h·d) − loss(w − h·d))/2h, d on the parameter alone; by what was really moved, as weights are float32. */
static double difference(struct check *check, const struct sl_parameter *p, const float *d, float h)
{
    double loss[2];
    for (int side = 0; side < 2; side++) {
        for (size_t j = 0; j < p->n; j++) {
            check->moved[p->first + j] = check->w[p->first + j] + (side ? -h : h) * d[j];
        }
        TRY(sl_graph_set(check->graph, check->moved, err));
        loss[side] = try_loss(check->graph, check->slot, check->n);
    }
    memcpy(check->moved + p->first, check->w + p->first, p->n * sizeof(float));
    return (loss[0] - loss[1]) / (2 * (double)h);
}

static bool agrees(struct check *check, const struct sl_parameter *p, const float *d, double told, double h,
                   double limit, char *text, size_t size)
{
    double wide = difference(check, p, d, (float)h), close = difference(check, p, d, (float)h / 2);
    double expected = (4 * close - wide) / 3;
    snprintf(text, size, "\"%s\": gradient %.8g, by differences %.8g (%.8g, %.8g), limit %.2g", p->name, told, expected,
             wide, close, limit);
    return fabs(told - expected) <= limit;
}

static void check_direction(struct check *check, const struct sl_parameter *p, const float *d, double size)
{
    char text[256];
    double told = 0, limit = 1e-3 * size + 2e-4;
    for (size_t j = 0; j < p->n; j++) {
        told += (double)d[j] * (double)check->g[p->first + j];
    }
    check->looked++;
    if (agrees(check, p, d, told, 1.0 / 64, limit, text, sizeof text) ||
        agrees(check, p, d, told, 1.0 / 1024, 2 * limit, text, sizeof text)) {
        return;
    }
    if (!check->kinks) {
        fail_msg("%s", text);
    }
    check->passed_over++;
}

static void check_parameter(struct check *check, const struct sl_parameter *p, uint64_t seed)
{
    float *d = calloc(p->n, sizeof *d);
    assert_non_null(d);
    double size = 0, square = 0;
    for (size_t j = 0; j < p->n; j++) {
        size = fmax(size, fabs((double)check->g[p->first + j]));
    }
    for (unsigned k = 0; k < 3; k++) {
        size_t j = (size_t)((try_number(seed, k) + 1) / 2 * (float)p->n) % p->n;
        d[j] = 1;
        check_direction(check, p, d, size);
        d[j] = 0;
    }
    for (size_t j = 0; j < p->n; j++) {
        d[j] = try_number(seed + 1, j);
        square += (double)d[j] * (double)d[j];
    }
    for (size_t j = 0; j < p->n; j++) {
        d[j] = (float)((double)d[j] / sqrt(square));
    }
    check_direction(check, p, d, size);
    free(d);
}

void try_gradients(struct sl_graph *graph, int slot, uint32_t n, uint32_t step)
{
    const struct sl_parameter *list;
    size_t parameters = sl_graph_parameters(graph, &list), floats = sl_graph_weights(graph);
    float *w = malloc(3 * floats * sizeof *w);
    assert_non_null(w);
    struct check check = { .graph = graph, .slot = slot, .n = n, .w = w, .g = w + floats, .moved = w + 2 * floats };
    check.kinks = try_has(graph, "relu") || try_has(graph, "max pool");
    struct sl_hyper hyper = { .learning_rate = 1, .correct1 = 1, .correct2 = 1, .step = step };
    struct sl_figures figures;
    TRY(sl_graph_get(graph, w, err));
    memcpy(check.moved, w, floats * sizeof *w);
    TRY(sl_graph_step(graph, slot, n, &hyper, false, err));
    TRY(sl_graph_figures(graph, &figures, err));
    memcpy(w + floats, sl_graph_g(graph), floats * sizeof *w);
    double loss = try_loss(graph, slot, n);
    if (fabs(loss - figures.loss) > 1e-5 * (1 + fabs(loss))) {
        fail_msg("mean loss %.9g, of the rows %.9g", figures.loss, loss);
    }
    for (size_t i = 0; i < parameters; i++) {
        check_parameter(&check, &list[i], 1000 + i);
    }
    TRY(sl_graph_set(graph, w, err));
    free(w);
    if (10 * check.passed_over > check.looked) {
        fail_msg("%u of %u differences lie across kinks", check.passed_over, check.looked);
    }
}
