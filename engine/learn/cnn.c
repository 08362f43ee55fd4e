/* cnn.c: the statement `cnn`: a convolutional network written as a list of layers in one line.
 *
 * The words are sl_layer_parse's; here they are checked one by one, so that an error names the word and its place, and
 * then, on a graph that is only looked at, whether they fit together on the pictures there are. */
#include "network.h"

#include "network_word.h"

static const char *const paddings[] = { "same", "valid", NULL };

static char w1[] = "conv32", w2[] = "pool", w3[] = "conv64", w4[] = "pool", w5[] = "flatten", w6[] = "dense128";
static char *default_layers[] = { w1, w2, w3, w4, w5, w6 };

static const struct cnn_params defaults = { .layers = { default_layers, 6 } };

static const struct sl_param params[] = {
    SL_COLUMNS(struct cnn_params, columns, .types = SL_VECTOR,
               .help = "the column of pictures to learn from; the only one when none is named"),
    SL_NAMES(struct cnn_params, layers, .unit = "layers",
             .help = "convN[xK][sS], bn, pool[K][sS], meanpool[K][sS], gap, flatten, denseN, dropoutR; see below"),
    SL_CHOICE(struct cnn_params, activation, .choices = network_activations, .help = "behind each conv and dense"),
    SL_CHOICE(struct cnn_params, padding, .choices = paddings,
              .help = "same: zeros around, so that stride 1 keeps the size; valid: none"),
    SL_CHOICE(struct cnn_params, initializer, .choices = network_initializers,
              .help = "how the weights are drawn; biases begin as 0"),
    SL_PATH(struct cnn_params, weights, .none_ok = true, .help = "begin with the weights of a safetensors file"),
    { 0 },
};

static int read_layers(const struct cnn_params *p, struct sl_cnn *out, struct sl_error *err)
{
    if (p->layers.n > SL_LAYERS_MAX) {
        sl_fail(err, SL_EPARAM, "'layers' has %zu layers", p->layers.n);
        word_blame(err, "layers");
        return sl_fix(err, "give at most %d", SL_LAYERS_MAX);
    }
    for (size_t i = 0; i < p->layers.n; i++) {
        if (!sl_layer_parse(p->layers.name[i], &out->layers[i])) {
            sl_fail(err, SL_EPARAM, "'layers' cannot have '%.60s' (layer %zu of %zu): it is no layer",
                    p->layers.name[i], i + 1, p->layers.n);
            word_blame(err, "layers");
            return sl_fix(err, "a layer is one of conv32, conv32x5, conv32x5s2, bn, pool, pool3s2, meanpool, gap, "
                               "flatten, dense128, dropout0.25");
        }
    }
    out->n_layers = (uint32_t)p->layers.n;
    return SL_OK;
}

static int build(const void *params_of, struct sl_shape input, const struct sl_ending *end, struct sl_graph *graph,
                 struct sl_error *err)
{
    const struct cnn_params *p = params_of;
    struct sl_cnn cnn = { .activation = network_activation(p->activation),
                          .same = p->padding == 0,
                          .init = network_initializer(p->initializer),
                          .end = *end };
    int status = read_layers(p, &cnn, err);
    if (!status)
        sl_cnn_build(graph, input, &cnn);
    return status;
}

static const char *weights(const void *params_of)
{
    return ((const struct cnn_params *)params_of)->weights;
}

const struct network_kind network_cnn = {
    .stage = &sl_stage_cnn, .pictures = true, .build = build, .weights = weights
};

static int bind(struct sl_stage *stage, const struct sl_schema *in, struct sl_schema *out, struct sl_error *err)
{
    const struct cnn_params *p = stage->params;
    struct sl_cnn cnn = { 0 };
    (void)out;
    int status = read_layers(p, &cnn, err);
    return status ? status : network_bind_pictures(stage, &p->columns, in, err);
}

const struct sl_stage_class sl_stage_cnn = {
    .name = "cnn",
    .summary = "convolutional network from a list of layers: classes or a number from pictures",
    .details =
        "layers= lists them from the picture on, in one line, as in conv32,conv32,pool,dropout0.25,flatten,dense128:\n\n"
        "conv32: 32 filters of 3 × 3 (conv32x5: 5 × 5; conv32x5s2: every second place), then the activation. "
        "bn: batch norm; behind conv or dense it comes before their activation. pool, meanpool: the greatest, or the "
        "mean, of each 2 × 2 (pool3: 3 × 3; pool3s2: every second place). gap: the mean of each channel. flatten: all "
        "numbers in one row; a dense layer does it by itself. dense128: 128 units, then the activation. dropout0.25: a "
        "quarter of the numbers is left out at random while it trains.\n\n"
        "A last dense layer gives class probabilities (softmax), or a number when the label's task is regression; it is "
        "not written. Weights are drawn as Keras draws them, from the seed of `train`. Pictures are all of one size: "
        "resize them before. In safetensors files layers are called conv_1, bn_1, dense_1 and so on; a dense layer "
        "behind flatten sees height, width, channels, in this order.",
    .kind = SL_LEARNER,
    .network = true,
    .regresses = true,
    .version = 1,
    .params = params,
    .params_size = sizeof(struct cnn_params),
    .defaults = &defaults,
    .bind = bind,
};
