/* resize_table.c: the weights of a resize in one direction, kept from picture to picture.
 *
 * Each result is a weighted mean of the source pixels under the filter, which is as wide as a result pixel is in the
 * source when the picture shrinks. Weights are made in double, brought to a sum of 1 and rounded to 22 bits, in the
 * order of operations of Pillow's Resample.c, so that the rounded weights are the same.
 *
 * For vector code a weight is also cut in two 16-bit parts, weight = high * 2^15 + low: the processor multiplies and
 * adds two 16-bit pairs in one step, and the two exact sums make the exact sum of 32 bits. */
#include "engine/image/ops_private.h"

#include <math.h>
#include <stdlib.h>

static double box(double x)
{
    return x > -0.5 && x <= 0.5 ? 1.0 : 0.0;
}

static double triangle(double x)
{
    x = fabs(x);
    return x < 1.0 ? 1.0 - x : 0.0;
}

static double hamming(double x)
{
    x = fabs(x);
    if (x == 0.0) {
        return 1.0;
    }
    if (x >= 1.0) {
        return 0.0;
    }
    x *= M_PI;
    return sin(x) / x * ((double)0.54f + (double)0.46f * cos(x));
}

static double cubic(double x)
{
    const double a = -0.5;
    x = fabs(x);
    if (x < 1.0) {
        return ((a + 2.0) * x - (a + 3.0)) * x * x + 1;
    }
    return x < 2.0 ? (((x - 5) * x + 8) * x - 4) * a : 0.0;
}

static double sinc(double x)
{
    if (x == 0.0) {
        return 1.0;
    }
    x *= M_PI;
    return sin(x) / x;
}

static double lanczos(double x)
{
    return x >= -3.0 && x < 3.0 ? sinc(x) * sinc(x / 3) : 0.0;
}

static const struct {
    double (*at)(double x);
    double support;
} filters[] = {
    [SL_RESIZE_BILINEAR] = { triangle, 1.0 }, [SL_RESIZE_NEAREST] = { box, 0.5 },
    [SL_RESIZE_AREA] = { box, 0.5 },          [SL_RESIZE_HAMMING] = { hamming, 1.0 },
    [SL_RESIZE_BICUBIC] = { cubic, 2.0 },     [SL_RESIZE_LANCZOS] = { lanczos, 3.0 },
};

static size_t aligned(size_t n)
{
    return (n + 63) / 64 * 64;
}

/* Memory for all four arrays of a table of this many taps. */
static int make_room(struct resize_table *table, struct sl_error *err)
{
    size_t weights, bytes;
    if (!sl_mul(table->out, table->taps, &weights) || !sl_mul(weights, 8, &bytes) || bytes > PTRDIFF_MAX / 2) {
        return sl_fail_memory(err, "making the weights of a resize");
    }
    size_t bounds = aligned(table->out * sizeof *table->first), part = aligned(weights * sizeof *table->weight);
    char *memory = malloc(2 * bounds + 2 * part);
    if (!memory) {
        return sl_fail_memory(err, "making the weights of a resize");
    }
    table->memory = memory;
    table->first = (uint32_t *)(void *)memory;
    table->count = (uint32_t *)(void *)(memory + bounds);
    table->weight = (int32_t *)(void *)(memory + 2 * bounds);
    table->pair = (int16_t *)(void *)(memory + 2 * bounds + part);
    return SL_OK;
}

static int32_t fixed(double w)
{
    double scaled = w * (1 << RESIZE_BITS);
    return (int32_t)(w < 0 ? -0.5 + scaled : 0.5 + scaled);
}

static void cut_in_two(const int32_t *weight, uint32_t taps, int16_t *pair)
{
    for (uint32_t k = 0; k < taps; k += 2) {
        for (uint32_t i = 0; i < 2; i++) {
            int32_t w = weight[k + i];
            pair[2 * k + i] = (int16_t)(w >> RESIZE_LOW);
            pair[2 * k + 2 + i] = (int16_t)(w & ((1 << RESIZE_LOW) - 1));
        }
    }
}

/* The weights of result i; scale is source pixels a result pixel, scratch has room for all taps. */
static void weigh(struct resize_table *table, uint32_t i, double scale, double wide, double *scratch)
{
    double centre = (double)table->from + (i + 0.5) * scale;
    double support = filters[table->filter].support * wide;
    double shrink = 1.0 / wide;
    int64_t least = (int64_t)(centre - support + 0.5), most = (int64_t)(centre + support + 0.5);
    least = least < 0 ? 0 : least;
    most = most > table->in ? table->in : most;
    uint32_t n = most > least ? (uint32_t)(most - least) : 0;
    double sum = 0.0;
    for (uint32_t k = 0; k < n; k++) {
        scratch[k] = filters[table->filter].at(((double)(k + least) - centre + 0.5) * shrink);
        sum += scratch[k];
    }
    int32_t *weight = table->weight + (size_t)i * table->taps;
    for (uint32_t k = 0; k < table->taps; k++) {
        weight[k] = k < n ? fixed(sum != 0.0 ? scratch[k] / sum : scratch[k]) : 0;
    }
    table->first[i] = (uint32_t)least;
    table->count[i] = n;
    table->pairs = (n + 1) / 2 > table->pairs ? (n + 1) / 2 : table->pairs;
    cut_in_two(weight, table->taps, table->pair + (size_t)i * table->taps * 2);
}

static int make_table(struct resize_table *table, struct sl_error *err)
{
    double scale = (double)(table->to - table->from) / table->out;
    double wide = scale < 1.0 ? 1.0 : scale;
    uint32_t most = (uint32_t)ceil(filters[table->filter].support * wide) * 2 + 1;
    table->taps = (most + RESIZE_GROUP - 1) / RESIZE_GROUP * RESIZE_GROUP;
    double *scratch = malloc(table->taps * sizeof *scratch);
    if (!scratch) {
        return sl_fail_memory(err, "making the weights of a resize");
    }
    int status = make_room(table, err);
    for (uint32_t i = 0; !status && i < table->out; i++) {
        weigh(table, i, scale, wide, scratch);
    }
    free(scratch);
    return status;
}

int sl_resize_table(struct sl_image_worker *worker, uint32_t in, float from, float to, uint32_t out,
                    enum sl_resize_filter filter, const struct resize_table **table, struct sl_error *err)
{
    struct resize_table *oldest = &worker->tables[0];
    for (struct resize_table *t = worker->tables; t < worker->tables + RESIZE_TABLES; t++) {
        if (t->memory && t->in == in && t->out == out && t->from == from && t->to == to && t->filter == filter) {
            t->used = ++worker->clock;
            *table = t;
            return SL_OK;
        }
        oldest = t->used < oldest->used ? t : oldest;
    }
    struct resize_table made = { .in = in, .out = out, .from = from, .to = to, .filter = filter };
    int status = make_table(&made, err);
    if (status) {
        return status;
    }
    free(oldest->memory);
    *oldest = made;
    oldest->used = ++worker->clock;
    *table = oldest;
    return SL_OK;
}
