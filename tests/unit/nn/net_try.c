/* net_try.c: small networks from words. */
#include "tests/unit/nn/net_try.h"

#include "tests/emulation/emulation.h"
#include "tests/unit/device/gpu.h"

#include <math.h>

enum { WORDS = 5 };

/* The emulation works through every thread of a kernel in turn: ThreadSanitizer makes that slow and finds nothing. */
#if defined(__SANITIZE_THREAD__)
#define TRY_GPU 0
#else
#define TRY_GPU 1
#endif

const char *net_on;
static int gpus; /* open now */

static bool is_gpu(const char *where)
{
    return where && strcmp(where, "gpu") == 0;
}

bool net_next_device(void)
{
    static const char *const places[] = { NULL, "portable", "avx2", "avx512", "gpu" };
    static size_t at;
    while (++at < sizeof places / sizeof *places) {
        struct sl_device *device = NULL;
        bool there = is_gpu(places[at]) ? TRY_GPU : sl_device_cpu(&device, places[at], NULL, NULL) == SL_OK;
        if (device)
            sl_device_close(device);
        if (there) {
            net_on = places[at];
            return true;
        }
    }
    at = 0;
    net_on = NULL;
    return false;
}

static enum sl_activation activation_of(const char *word)
{
    static const char *const names[] = { "linear", "relu", "gelu", "tanh", "sigmoid" };
    for (int i = 0; i < 5; i++) {
        if (strcmp(word, names[i]) == 0) {
            return (enum sl_activation)i;
        }
    }
    fail_msg("\"%s\" is no activation", word);
    return SL_LINEAR;
}

static uint32_t whole(const char *word)
{
    char *end;
    unsigned long x = strtoul(word, &end, 10);
    if (end == word || *end)
        fail_msg("\"%s\" is no number", word);
    return (uint32_t)x;
}

/* One layer, in words; returns the node. */
static int add_layer(struct net *net, int x, int *marked, char *const *word)
{
    struct sl_graph *graph = net->graph;
    const char *kind = word[0];
    if (strcmp(kind, "input") == 0 || strcmp(kind, "ids") == 0) {
        net->inputs = whole(word[1]);
        net->ids = kind[1] == 'd';
        struct sl_shape shape = { 1, { net->inputs } };
        return net->ids ? sl_graph_ids(graph, shape) : sl_graph_input(graph, shape);
    }
    if (strcmp(kind, "dense") == 0)
        return sl_graph_dense(graph, x, whole(word[1]), activation_of(word[2]), SL_INIT_GLOROT_UNIFORM, true);
    if (strcmp(kind, "activation") == 0)
        return sl_graph_activation(graph, x, activation_of(word[1]));
    if (strcmp(kind, "dropout") == 0)
        return sl_graph_dropout(graph, x, strtod(word[1], NULL));
    if (strcmp(kind, "norm") == 0)
        return sl_graph_layer_norm(graph, x, 1e-3);
    if (strcmp(kind, "embedding") == 0)
        return sl_graph_embedding(graph, x, whole(word[1]), whole(word[2]));
    if (strcmp(kind, "reduce") == 0)
        return sl_graph_reduce(graph, x, whole(word[1]), strcmp(word[2], "mean") == 0);
    if (strcmp(kind, "reshape") == 0)
        return sl_graph_reshape(graph, x, (struct sl_shape){ 2, { whole(word[1]), whole(word[2]) } });
    if (strcmp(kind, "add") == 0)
        return sl_graph_add(graph, x, *marked);
    if (strcmp(kind, "mark") != 0)
        fail_msg("\"%s\" is no layer", kind);
    *marked = x;
    return x;
}

static int add_layers(struct net *net, const char *stack)
{
    char text[256], *rest = text, *layer;
    int x = -1, marked = -1, number = 0;
    assert_true(strlen(stack) < sizeof text);
    memcpy(text, stack, strlen(stack) + 1);
    while ((layer = strsep(&rest, "|"))) {
        char *word[WORDS] = { NULL }, *next;
        int n = 0;
        while ((next = strsep(&layer, " "))) {
            if (*next && n < WORDS)
                word[n++] = next;
        }
        char name[32];
        snprintf(name, sizeof name, "%s_%d", word[0], ++number);
        sl_graph_name(net->graph, name);
        x = add_layer(net, x, &marked, word);
    }
    return x;
}

struct net net_open(const char *stack, enum net_target target, uint32_t batch, double smoothing, const float *weights)
{
    struct net net = { .gpu = is_gpu(net_on) };
    struct sl_error err = SL_ERROR_INIT;
    if (net.gpu) {
        if (!gpus++ && !gpu_is_real())
            emulation_reset();
        net.device = gpu_open();
    } else if (sl_device_cpu(&net.device, net_on, NULL, &err)) {
        fail_msg("%s", err.what);
    }
    if (sl_graph_new(&net.graph, net.device, batch, &err))
        fail_msg("%s", err.what);
    int x = add_layers(&net, stack);
    if (target == NET_VALUES)
        sl_graph_squared_error(net.graph, x);
    else
        sl_graph_cross_entropy(net.graph, x, target == NET_SOFT, smoothing, weights);
    if (sl_graph_plan(net.graph, 42, &err))
        fail_msg("%s: %s", stack, err.what);
    return net;
}

void net_close(struct net *net)
{
    sl_graph_free(net->graph);
    if (net->gpu) {
        gpu_close(net->device);
        gpus--;
    } else {
        sl_device_close(net->device);
    }
    *net = (struct net){ 0 };
}

static enum sl_optimizer rule_of(const char *word)
{
    static const char *const names[] = { "sgd", "adam", "adamw", "rmsprop" };
    for (int i = 0; i < 4; i++) {
        if (strcmp(word, names[i]) == 0)
            return (enum sl_optimizer)i;
    }
    fail_msg("\"%s\" is no optimizer", word);
    return SL_SGD;
}

static void set(struct sl_optimizer_options *options, const char *key, const char *value)
{
    double x = strtod(value, NULL);
    struct sl_update *update = &options->update;
    const struct {
        const char *name;
        float *to;
    } floats[] = { { "momentum", &update->momentum },   { "beta1", &update->beta1 },
                   { "beta2", &update->beta2 },         { "rho", &update->rho },
                   { "epsilon", &update->epsilon },     { "weight_decay", &update->weight_decay },
                   { "clip_norm", &update->clip_norm }, { "clip_value", &update->clip_value } };
    for (size_t i = 0; i < sizeof floats / sizeof *floats; i++) {
        if (strcmp(key, floats[i].name) == 0) {
            *floats[i].to = (float)x;
            return;
        }
    }
    if (strcmp(key, "learning_rate") == 0)
        options->learning_rate = x;
    else if (strcmp(key, "nesterov") == 0)
        update->nesterov = x != 0;
    else if (strcmp(key, "accumulate") == 0)
        options->accumulate = (uint32_t)x;
    else if (strcmp(key, "decay_steps") == 0)
        options->decay_steps = (uint64_t)x;
    else if (strcmp(key, "warmup_steps") == 0)
        options->warmup_steps = (uint64_t)x;
    else if (strcmp(key, "total_steps") == 0)
        options->total_steps = (uint64_t)x;
    else if (strcmp(key, "decay_rate") == 0)
        options->decay_rate = x;
    else if (strcmp(key, "alpha") == 0)
        options->alpha = x;
    else if (strcmp(key, "schedule") == 0)
        options->schedule = strcmp(value, "step") == 0 ? SL_STEP_DECAY : SL_COSINE_DECAY;
    else
        fail_msg("\"%s\" is no setting", key);
}

struct sl_optimizer_options options_of(const char *text)
{
    char copy[256], *rest = copy, *word;
    struct sl_optimizer_options options;
    sl_optimizer_defaults(SL_SGD, &options);
    assert_true(strlen(text) < sizeof copy);
    memcpy(copy, text, strlen(text) + 1);
    while ((word = strsep(&rest, " "))) {
        char *equals = strchr(word, '=');
        if (equals) {
            *equals = '\0';
            set(&options, word, equals + 1);
        } else {
            sl_optimizer_defaults(rule_of(word), &options);
        }
    }
    return options;
}

void numbers_of(struct sl_str field, size_t n, float *out)
{
    const char *p = field.p, *last = field.p + field.n;
    for (size_t i = 0; i < n; i++) {
        char *end = NULL;
        if (p < last)
            out[i] = strtof(p, &end);
        if (p >= last || end == p || end > last)
            fail_msg("a golden field has %zu numbers, not %zu", i, n);
        p = end;
    }
    if (p != last)
        fail_msg("a golden field has more than %zu numbers", n);
}

char *text_of(struct sl_str field, char *out, size_t size)
{
    assert_true(field.n < size);
    memcpy(out, field.p, field.n);
    out[field.n] = '\0';
    return out;
}

enum net_target target_of(struct sl_str field)
{
    return sl_str_equal(field, SL_STR("labels")) ? NET_LABELS
           : sl_str_equal(field, SL_STR("soft")) ? NET_SOFT
                                                 : NET_VALUES;
}

void net_fill(struct net *net, int slot, enum net_target target, uint32_t first, uint32_t n, const float *x,
              const float *t)
{
    size_t outputs = target == NET_LABELS ? 1 : sl_graph_outputs(net->graph);
    sl_graph_uploaded(net->graph, slot);
    for (size_t i = 0; i < (size_t)n * net->inputs; i++) {
        float value = x[(size_t)first * net->inputs + i];
        if (net->ids)
            sl_graph_x_ids(net->graph, slot)[i] = (uint32_t)value;
        else
            sl_graph_x(net->graph, slot)[i] = value;
    }
    for (size_t i = 0; i < n * outputs; i++) {
        float value = t[first * outputs + i];
        if (target == NET_LABELS)
            sl_graph_labels(net->graph, slot)[i] = (uint32_t)value;
        else
            sl_graph_target(net->graph, slot)[i] = value;
    }
    sl_graph_upload(net->graph, slot, n);
}

void net_fill_random(struct net *net, enum net_target target, uint32_t n, uint64_t *random)
{
    float x[1024], t[1024];
    size_t outputs = sl_graph_outputs(net->graph);
    assert_true(n * net->inputs <= 1024 && n * outputs <= 1024 && target != NET_SOFT);
    for (size_t i = 0; i < n * net->inputs; i++)
        x[i] = (float)golden_random(random, 2001) / 1000 - 1;
    for (size_t i = 0; i < n * outputs; i++)
        t[i] = target == NET_LABELS ? (float)golden_random(random, (uint32_t)outputs)
                                    : (float)golden_random(random, 2001) / 1000 - 1;
    net_fill(net, 0, target, 0, n, x, t);
}

double worst_difference(const float *a, const float *b, size_t n, double floor, size_t *at)
{
    double worst = 0;
    *at = 0;
    for (size_t i = 0; i < n; i++) {
        double off = fabs((double)a[i] - (double)b[i]) / (fabs((double)b[i]) + floor);
        if (!(off <= worst)) { /* a NaN is the worst of all */
            worst = isnan(off) ? INFINITY : off;
            *at = i;
        }
    }
    return worst;
}
