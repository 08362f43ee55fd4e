/* minmax.c: map number columns onto a range, by the least and greatest value of the training records.
 *
 * As scikit-learn's MinMaxScaler: x * scale + shift, so the ends may be off by a rounding error; a column whose range
 * is below ten epsilons is shifted, not stretched. Values outside the training range leave the range unless clipped. A
 * missing value stays missing. */
#include "engine/stages/scale.h"
#include "engine/stages/substeps.h"

#include <float.h>

struct params {
    struct sl_names columns;
    struct sl_pair feature_range;
    bool clip;
};

static const struct params defaults = { .feature_range = { 0, 1 } };

static const struct sl_param params[] = {
    SL_COLUMNS(struct params, columns, .types = SL_NUMBER,
               .help = "number columns to rescale; without any, all number columns but the target"),
    SL_PAIR(struct params, feature_range, .min = -1e9, .max = 1e9,
            .help = "what the least and the greatest training value become"),
    SL_BOOL(struct params, clip, .help = "keep values beyond the training range at its ends"),
    { 0 },
};

static const struct sl_example examples[] = {
    { "minmax x", .in = "x\n10\n20\n15\n", .out = "x\n0\n1\n0.5\n" },
    { "minmax x feature_range=-1,1", .in = "x\n10\n20\n\n", .out = "x\n-1\n1\n\n" },
    { 0 },
};

static int bind(struct sl_stage *stage, const struct sl_schema *in, struct sl_schema *out, struct sl_error *err)
{
    const struct params *p = stage->params;
    if (p->feature_range.low >= p->feature_range.high) {
        sl_fail(err, SL_EPARAM, "feature_range from %lld to %lld is empty", (long long)p->feature_range.low,
                (long long)p->feature_range.high);
        sl_fix(err, "give the lower end first, as in feature_range=0,1");
        return sl_blame(err, SL_EPARAM, "feature_range");
    }
    return sl_scale_bind(stage, &p->columns, SL_NUMBER, false, in, out, err);
}

/* a: factor; b: shift. */
static struct sl_scale figures(const void *values, const struct sl_moments *m)
{
    const struct params *p = values;
    double low = (double)p->feature_range.low, high = (double)p->feature_range.high, range = m->max - m->min;
    double factor = (high - low) / (range < 10 * DBL_EPSILON ? 1 : range);
    return (struct sl_scale){ factor, low - m->min * factor };
}

static int fit_end(struct sl_stage *stage, void *partial, struct sl_error *err)
{
    return sl_scale_fit_end(stage, partial, figures, err);
}

static void map(const void *values, struct sl_scale scale, const double *from, double *to, uint32_t n)
{
    const struct params *p = values;
    double low = (double)p->feature_range.low, high = (double)p->feature_range.high;
    for (uint32_t i = 0; i < n; i++) {
        double x = from[i] * scale.a + scale.b;
        if (p->clip && !isnan(x)) {
            x = x < low ? low : x > high ? high : x;
        }
        to[i] = x;
    }
}

static int apply(const struct sl_stage *stage, void *scratch, struct sl_chunk *chunk, struct sl_error *err)
{
    (void)scratch;
    return sl_scale_apply(stage, chunk, map, err);
}

const struct sl_stage_class sl_stage_minmax = {
    .name = "minmax",
    .summary = "map number columns onto a range",
    .details = "The least value of the training records becomes the lower end, the greatest the upper one; all else "
               "keeps its place between. A constant column becomes the lower end; a missing value stays missing (see "
               "'impute').\n\nResults are those of scikit-learn's MinMaxScaler.",
    .kind = SL_ENCODER,
    .version = 1,
    .params = params,
    .params_size = sizeof(struct params),
    .defaults = &defaults,
    .examples = examples,
    .bind = bind,
    .unbind = sl_scale_unbind,
    .apply = apply,
    .save = sl_scale_save,
    .load = sl_scale_load,
    .fit = { .exact = true,
             .begin = sl_scale_fit_begin,
             .chunk = sl_scale_fit_chunk,
             .merge = sl_scale_fit_merge,
             .end = fit_end,
             .drop = sl_scale_fit_drop },
    .substeps = &sl_substeps_scale,
};
