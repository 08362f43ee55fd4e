/* mix.c: `mixup` and `cutmix`, which make one training record of two.
 *
 * The statements say how; who makes the batches does it (engine/learn/loader_mix.c), because that takes two records and
 * changes what is to be predicted. The arithmetic is engine/image/augment_mix.c. */
#include "engine/stages/picture.h"

struct mixup {
    double alpha;
    int64_t random_state;
};

struct cutmix {
    struct sl_names columns;
    double alpha;
    int64_t random_state;
};

static const struct mixup mixup_defaults = { .alpha = 1 };
static const struct cutmix cutmix_defaults = { .alpha = 1 };

static const struct sl_param mixup_params[] = {
    SL_REAL(struct mixup, alpha, .min = 1e-3, .max = 1e3,
            .help = "shares come from Beta(alpha, alpha): 1, all alike; smaller, nearer to one of the two"),
    SL_RANDOM_STATE(struct mixup, random_state),
    { 0 },
};

static const struct sl_param cutmix_params[] = {
    SL_COLUMNS(struct cutmix, columns, .types = SL_VECTOR,
               .help = "the column of pictures; without it, the only one there is"),
    SL_REAL(struct cutmix, alpha, .min = 1e-3, .max = 1e3, .help = "the part that stays comes from Beta(alpha, alpha)"),
    SL_RANDOM_STATE(struct cutmix, random_state),
    { 0 },
};

/* ---- mixup ---- */

static int bind_mixup(struct sl_stage *stage, const struct sl_schema *in, struct sl_schema *out, struct sl_error *err)
{
    (void)stage;
    (void)out;
    for (size_t c = 0; c < in->n; c++) {
        if (in->fields[c].type == SL_VECTOR && !in->fields[c].target) {
            return SL_OK;
        }
    }
    sl_fail(err, SL_ESCHEMA, "there is no column of pictures or vectors for 'mixup' to mix");
    return sl_fix(err, "put it behind the stages that make pictures of one size, such as 'resize'"), SL_ESCHEMA;
}

static void unbind_mixup(struct sl_stage *stage)
{
    (void)stage; /* it keeps nothing */
}

static void mix_up(const struct sl_stage *stage, struct sl_mix *out)
{
    const struct mixup *p = stage->params;
    *out = (struct sl_mix){ SL_MIX_BLEND, p->alpha, (uint64_t)p->random_state, 0 };
}

const struct sl_stage_class sl_stage_mixup = {
    .name = "mixup",
    .summary = "blend each training record with another, and their classes with them",
    .details =
        "A record becomes lambda times itself plus 1 − lambda times another of its batch, and its class the same "
        "shares of both, with lambda drawn anew for each (Zhang et al. 2018). What is tested, looked at or "
        "predicted passes unchanged.",
    .kind = SL_AUGMENT,
    .version = 1,
    .params = mixup_params,
    .params_size = sizeof(struct mixup),
    .defaults = &mixup_defaults,
    .bind = bind_mixup,
    .unbind = unbind_mixup,
    .mixes = mix_up,
};

/* ---- cutmix ---- */

static int check_one(const struct sl_stage *stage, const struct sl_schema *in, struct sl_error *err)
{
    const struct sl_bound_columns *bound = stage->state;
    const struct sl_field *field = &in->fields[bound->column[0]];
    if (bound->n > 1) {
        sl_fail(err, SL_ESCHEMA, "'cutmix' takes one column of pictures, there are %zu", bound->n);
        sl_fix(err, "name one, as in: cutmix %.60s", field->name);
        return sl_blame(err, SL_ESCHEMA, "columns");
    }
    if (!field->height || !field->breadth) {
        sl_fail(err, SL_ESCHEMA, "column '%.80s' holds no pictures of one size, 'cutmix' needs them", field->name);
        sl_fix(err, "put before it: resize width=… height=…, or take 'mixup'");
        return sl_blame(err, SL_ESCHEMA, "columns");
    }
    return SL_OK;
}

/* Pictures as bytes or, behind `standardize`, as numbers. */
static int bind_cutmix(struct sl_stage *stage, const struct sl_schema *in, struct sl_schema *out, struct sl_error *err)
{
    (void)out;
    const struct cutmix *p = stage->params;
    int status = sl_bind_columns(stage, &p->columns, SL_VECTOR, in, err);
    return status ? status : check_one(stage, in, err);
}

static void cut_mix(const struct sl_stage *stage, struct sl_mix *out)
{
    const struct cutmix *p = stage->params;
    const struct sl_bound_columns *bound = stage->state;
    *out = (struct sl_mix){ SL_MIX_PASTE, p->alpha, (uint64_t)p->random_state, bound->column[0] };
}

const struct sl_stage_class sl_stage_cutmix = {
    .name = "cutmix",
    .summary = "lay a part of another picture over each training picture, and share its class",
    .details = "A box of the share 1 − lambda, around a pixel drawn at random and cut at the edges, comes from another "
               "picture of the batch, and the class is shared by area (Yun et al. 2019). What is tested, looked at or "
               "predicted passes unchanged.",
    .kind = SL_AUGMENT,
    .version = 1,
    .params = cutmix_params,
    .params_size = sizeof(struct cutmix),
    .defaults = &cutmix_defaults,
    .bind = bind_cutmix,
    .unbind = sl_unbind_columns,
    .mixes = cut_mix,
};
