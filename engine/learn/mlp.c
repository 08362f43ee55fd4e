/* mlp.c: the statement `mlp`: a network of dense layers.
 *
 * Defaults are Keras's for its Dense layer (Glorot uniform weights, zero biases); the last layer has as many units as
 * there are classes, or one in regression. */
#include "network.h"

#include "network_word.h"

#include <stdlib.h>

enum { UNITS_MAX = 1 << 20 };

const char *const network_activations[] = { "relu", "gelu", "tanh", "sigmoid", "linear", NULL };
const char *const network_initializers[] = { "glorot_uniform", "he_normal", NULL };

static char one_layer[] = "128";
static char *default_hidden[] = { one_layer };

static const struct mlp_params defaults = { .hidden = { default_hidden, 1 } };

static const struct sl_param params[] = {
    SL_COLUMNS(struct mlp_params, columns, .types = SL_NUMBER | SL_VECTOR | SL_SPARSE,
               .help = "columns to learn from; all encoded columns when none is named, else all numbers and vectors"),
    SL_NAMES(struct mlp_params, hidden, .none_ok = true, .unit = "units",
             .help = "units of each hidden layer, as 128,64; none: the last layer alone"),
    SL_CHOICE(struct mlp_params, activation, .choices = network_activations, .help = "of the hidden layers"),
    SL_REAL(struct mlp_params, dropout, .min = 0, .max = 0.999,
            .help = "share of each hidden layer's outputs that is left out at random while it trains"),
    SL_BOOL(struct mlp_params, layer_norm, .help = "normalise each hidden layer's outputs by record"),
    SL_CHOICE(struct mlp_params, initializer, .choices = network_initializers,
              .help = "how the weights are drawn; biases begin as 0"),
    SL_PATH(struct mlp_params, weights, .none_ok = true, .help = "begin with the weights of a safetensors file"),
    { 0 },
};

/* Numbers of units; errors name the parameter, the word and its place. */
static int read_hidden(const struct mlp_params *p, uint32_t units[SL_HIDDEN_MAX], size_t *n, struct sl_error *err)
{
    *n = 0;
    if (p->hidden.n > SL_HIDDEN_MAX) {
        sl_fail(err, SL_EPARAM, "'hidden' has %zu layers", p->hidden.n);
        word_blame(err, "hidden");
        return sl_fix(err, "give at most %d", SL_HIDDEN_MAX);
    }
    for (size_t i = 0; i < p->hidden.n; i++) {
        double x = 0;
        if (!word_number(p->hidden.name[i], &x) || x < 1 || x > UNITS_MAX || x != (double)(uint32_t)x) {
            sl_fail(err, SL_EPARAM, "'hidden' cannot have '%.60s' (layer %zu of %zu): it is no number of units",
                    p->hidden.name[i], i + 1, p->hidden.n);
            word_blame(err, "hidden");
            return sl_fix(err, "give integers 1..%d with commas between, as in: hidden=128,64", UNITS_MAX);
        }
        units[(*n)++] = (uint32_t)x;
    }
    return SL_OK;
}

enum sl_activation network_activation(int choice)
{
    static const enum sl_activation of[] = { SL_RELU, SL_GELU, SL_TANH, SL_SIGMOID, SL_LINEAR };
    return of[choice];
}

enum sl_initializer network_initializer(int choice)
{
    return choice ? SL_INIT_HE_NORMAL : SL_INIT_GLOROT_UNIFORM;
}

static int bind(struct sl_stage *stage, const struct sl_schema *in, struct sl_schema *out, struct sl_error *err)
{
    const struct mlp_params *p = stage->params;
    uint32_t units[SL_HIDDEN_MAX];
    size_t n = 0;
    (void)out;
    int status = read_hidden(p, units, &n, err);
    if (status)
        return status;
    if (p->columns.n) {
        size_t *columns = NULL;
        status = sl_stage_columns(stage, &p->columns, SL_NUMBER | SL_VECTOR | SL_SPARSE, in, &columns, &n, err);
        free(columns);
        return status;
    }
    for (size_t c = 0; c < in->n; c++)
        if ((in->fields[c].type & (SL_NUMBER | SL_VECTOR | SL_SPARSE)) && !in->fields[c].target)
            return SL_OK;
    sl_fail(err, SL_ESCHEMA, "\"mlp\" finds no column of numbers, vectors or features to learn from");
    return sl_fix(err, "encode a text column before it, with tfidf, count, hashing or onehot");
}

const struct sl_stage_class sl_stage_mlp = {
    .name = "mlp",
    .summary = "neural network of dense layers: classes or a number from features",
    .details = "Each hidden layer multiplies by a matrix, adds a bias and applies the activation; the last one gives "
               "class probabilities (softmax), or a number when the label's task is regression. Weights are drawn as "
               "Keras draws them, from the seed of `train`. How it learns is said by `train optimizer=…`, how records "
               "come to it by `batch`; both have defaults. Every batch is a point of the curves.",
    .kind = SL_LEARNER,
    .network = true,
    .regresses = true,
    .version = 1,
    .params = params,
    .params_size = sizeof(struct mlp_params),
    .defaults = &defaults,
    .bind = bind,
};

static int build(const void *params_of, struct sl_shape input, const struct sl_ending *end, struct sl_graph *graph,
                 struct sl_error *err)
{
    const struct mlp_params *p = params_of;
    struct sl_mlp mlp = { .activation = network_activation(p->activation),
                          .dropout = p->dropout,
                          .layer_norm = p->layer_norm,
                          .init = network_initializer(p->initializer),
                          .outputs = end->outputs,
                          .loss = end->loss,
                          .label_smoothing = end->label_smoothing,
                          .class_weights = end->class_weights,
                          .soft = end->soft };
    size_t n = 0;
    int status = read_hidden(p, mlp.hidden, &n, err);
    mlp.n_hidden = (uint32_t)n;
    if (!status)
        sl_mlp_build(graph, input, &mlp);
    return status;
}

static const char *weights(const void *params_of)
{
    return ((const struct mlp_params *)params_of)->weights;
}

const struct network_kind network_mlp = { .stage = &sl_stage_mlp, .build = build, .weights = weights };
