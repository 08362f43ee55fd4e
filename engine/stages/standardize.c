/* standardize.c: put columns on a common scale: mean 0, standard deviation 1 over the training records.
 *
 * As scikit-learn's StandardScaler: the deviation is that of the population (divided by n); a column whose variance is
 * within rounding error of 0 is not divided. A missing value stays missing. Moments: scale_moments.c, and of vectors
 * scale_vector.c. Pictures have a mean and a deviation for each channel, as in Keras's Normalization layer. */
#include "engine/stages/scale.h"
#include "engine/stages/substeps.h"

#include <float.h>

struct params {
    struct sl_names columns;
    bool with_mean, with_std;
    int per;
};

enum per { PER_CHANNEL, PER_PIXEL };
static const char *const pers[] = { "channel", "pixel", NULL };

static const struct params defaults = { .with_mean = true, .with_std = true };

static const struct sl_param params[] = {
    SL_COLUMNS(struct params, columns, .types = SL_NUMBER | SL_VECTOR,
               .help = "columns to rescale; without any, all numbers and vectors but the target"),
    SL_BOOL(struct params, with_mean, .help = "subtract the mean"),
    SL_BOOL(struct params, with_std, .help = "divide by the standard deviation"),
    SL_CHOICE(struct params, per, .choices = pers, .help = "what of a picture has a mean and a deviation of its own"),
    { 0 },
};

static const struct sl_example examples[] = {
    { "standardize x", .in = "x\n1\n3\n", .out = "x\n-1\n1\n" },
    { "standardize x", .in = "x\n5\n5\n\n", .out = "x\n0\n0\n\n", .note = "a constant column becomes 0" },
    { "standardize image", .in = "hex: 00 00 08 03  00 00 00 02  00 00 00 01  00 00 00 02  00 04 04 08\n",
      .out = "image\n\"[-1.4142135, 0]\"\n\"[0, 1.4142135]\"\n",
      .note = "two pictures of 1×2, from an IDX file; their only channel has mean 4" },
    { 0 },
};

static int bind(struct sl_stage *stage, const struct sl_schema *in, struct sl_schema *out, struct sl_error *err)
{
    const struct params *p = stage->params;
    return sl_scale_bind(stage, &p->columns, SL_NUMBER | SL_VECTOR, p->per == PER_CHANNEL, in, out, err);
}

/* Could the variance be nothing but rounding error? The bound is scikit-learn's, of a two-pass algorithm. */
static bool is_constant(double variance, double mean, double n)
{
    double error = n * mean * DBL_EPSILON;
    return variance <= n * DBL_EPSILON * variance + error * error;
}

/* a: the mean; b: the deviation. */
static struct sl_scale figures(const void *values, const struct sl_moments *m)
{
    const struct params *p = values;
    double mean = sl_moments_mean(m), n = (double)m->n, variance = m->squares / n;
    bool divide = p->with_std && !is_constant(variance, mean, n);
    return (struct sl_scale){ p->with_mean ? mean : 0, divide ? sqrt(variance) : 1 };
}

static int fit_end(struct sl_stage *stage, void *partial, struct sl_error *err)
{
    return sl_scale_fit_end(stage, partial, figures, err);
}

static void map(const void *values, struct sl_scale scale, const double *from, double *to, uint32_t n)
{
    (void)values;
    for (uint32_t i = 0; i < n; i++) {
        to[i] = (from[i] - scale.a) / scale.b;
    }
}

static int apply(const struct sl_stage *stage, void *scratch, struct sl_chunk *chunk, struct sl_error *err)
{
    (void)scratch;
    return sl_scale_apply(stage, chunk, map, err);
}

const struct sl_stage_class sl_stage_standardize = {
    .name = "standardize",
    .summary = "put columns, or the channels of pictures, on a common scale",
    .details =
        "Subtracts the mean of the training records and divides by their standard deviation, so that columns of "
        "different units weigh the same in a linear model. A constant column becomes 0; a missing value stays "
        "missing (see 'impute').\n\nResults are those of scikit-learn's StandardScaler. Pictures have a mean and a "
        "deviation for each channel, over all pixels of all training pictures, as in Keras's Normalization "
        "layer; with per=pixel, for each pixel of each channel. They leave as numbers in single precision, "
        "so stages that change pixels stand before this one.",
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
    .fit = { .begin = sl_scale_fit_begin,
             .chunk = sl_scale_fit_chunk,
             .merge = sl_scale_fit_merge,
             .end = fit_end,
             .drop = sl_scale_fit_drop },
    .substeps = &sl_substeps_scale,
};
