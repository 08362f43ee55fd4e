/* resnet.c: the statement `resnet`: residual networks of fixed shapes, and public weights to begin with.
 *
 * The network is torchvision's; so are names and shapes in weights files. */
#include "network.h"

#include <stdlib.h>

static const char *const depths[] = { "18", "34", "50", "101", NULL };
static const char *const stems[] = { "auto", "small", "large", NULL };
static const char *const parts[] = { "none", "stem", "layer1", "layer2", "layer3", "all", NULL };
enum { STEM_AUTO, STEM_SMALL };

static const struct resnet_params defaults = { .depth = 2, .recompute = true };

static const struct sl_param params[] = {
    SL_COLUMNS(struct resnet_params, columns, .types = SL_VECTOR,
               .help = "the column of pictures to learn from; the only one when none is named"),
    SL_CHOICE(struct resnet_params, depth, .choices = depths, .cheaper = "18", .help = "layers with weights"),
    SL_CHOICE(struct resnet_params, stem, .choices = stems,
              .help = "large: 7 × 7 with stride 2, then a pool; small: 3 × 3; auto: small for pictures up to 64 × 64"),
    SL_PATH(struct resnet_params, weights, .none_ok = true,
            .help = "begin with the weights of a safetensors file, named as torchvision names them"),
    SL_CHOICE(struct resnet_params, freeze, .choices = parts,
              .help = "the part up to which, it included, weights stay as they are; all: only fc learns"),
    SL_BOOL(struct resnet_params, recompute,
            .help = "compute again in the backward pass what batch norms gave, instead of keeping it: the same weights "
                    "with a quarter less memory, a few per cent slower"),
    { 0 },
};

static uint32_t greater(uint32_t a, uint32_t b)
{
    return a > b ? a : b;
}

static int build(const void *params_of, struct sl_shape input, const struct sl_ending *end, struct sl_graph *graph,
                 struct sl_error *err)
{
    const struct resnet_params *p = params_of;
    struct sl_resnet resnet = { .depth = (uint32_t)strtoul(depths[p->depth], NULL, 10),
                                .frozen = (enum sl_resnet_part)p->freeze,
                                .end = *end };
    (void)err;
    resnet.small = p->stem == STEM_AUTO ? greater(input.size[0], input.size[1]) <= SL_RESNET_SMALL
                                        : p->stem == STEM_SMALL;
    sl_graph_recompute(graph, p->recompute);
    sl_resnet_build(graph, input, &resnet);
    return SL_OK;
}

static const char *weights(const void *params_of)
{
    return ((const struct resnet_params *)params_of)->weights;
}

const struct network_kind network_resnet = {
    .stage = &sl_stage_resnet, .pictures = true, .build = build, .weights = weights, .head = "fc."
};

int network_bind_pictures(struct sl_stage *stage, const struct sl_names *columns, const struct sl_schema *in,
                          struct sl_error *err)
{
    const char *name = stage->class->name;
    size_t *chosen = NULL, n = 0, found = 0;
    const struct sl_field *field = NULL;
    int status = columns->n ? sl_stage_columns(stage, columns, SL_VECTOR, in, &chosen, &n, err) : SL_OK;
    for (size_t c = 0; c < (columns->n ? n : in->n) && !status; c++) {
        const struct sl_field *it = &in->fields[columns->n ? chosen[c] : c];
        if ((it->type & (SL_NUMBER | SL_VECTOR | SL_SPARSE)) && !it->target) {
            found += columns->n || it->type == SL_VECTOR;
            field = it->type == SL_VECTOR ? it : field;
        }
    }
    free(chosen);
    if (status || (found == 1 && field->height))
        return status;
    for (size_t c = 0; c < in->n; c++)
        if (in->fields[c].type == SL_IMAGE) {
            sl_fail(err, SL_ESCHEMA, "\"%s\" takes pictures of one size; those of \"%s\" differ", name,
                    in->fields[c].name);
            return sl_fix(err, "before it: resize %s width=224 height=224", in->fields[c].name), SL_ESCHEMA;
        }
    if (found > 1)
        sl_fail(err, SL_ESCHEMA, "\"%s\" learns from one column of pictures, not from %zu columns", name, found);
    else if (found)
        sl_fail(err, SL_ESCHEMA, "\"%s\" learns from pictures; \"%s\" is a row of %u numbers", name, field->name,
                field->width);
    else
        sl_fail(err, SL_ESCHEMA, "\"%s\" finds no column of pictures to learn from", name);
    return sl_fix(err, found > 1 ? "name one of them" : "read images or idx, or take mlp for rows of numbers"),
           SL_ESCHEMA;
}

static int bind(struct sl_stage *stage, const struct sl_schema *in, struct sl_schema *out, struct sl_error *err)
{
    (void)out;
    return network_bind_pictures(stage, &((const struct resnet_params *)stage->params)->columns, in, err);
}

const struct sl_stage_class sl_stage_resnet = {
    .name = "resnet",
    .summary = "residual network of depth 18, 34, 50 or 101: classes or a number from pictures",
    .details =
        "torchvision's ResNet (v1.5: the stride is in the 3 × 3 convolution of a bottleneck), batch norms with epsilon "
        "1e-5 and momentum 0.1, first weights as torchvision draws them, from the seed of `train`. The small stem keeps "
        "pictures of up to 64 × 64 from being shrunk four times before anything was seen.\n\n"
        "weights= takes a safetensors file with the names of torchvision's state_dict; num_batches_tracked and whatever "
        "else it has are passed over. When its fc is for other classes, or missing, fc begins as drawn and everything "
        "else as in the file, and that is said; any other difference is an error. A large stem's weights do not fit a "
        "small one: give stem=large with them.\n\n"
        "freeze=layer2 keeps the stem, layer1 and layer2 as they are: no gradient is computed there, and their batch "
        "norms use, and keep, the running statistics; all keeps everything but fc.",
    .kind = SL_LEARNER,
    .network = true,
    .regresses = true,
    .version = 1,
    .params = params,
    .params_size = sizeof(struct resnet_params),
    .defaults = &defaults,
    .bind = bind,
};
