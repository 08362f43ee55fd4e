/* init.c: Keras's initialisers over counter-based random numbers.
 *
 * Limits, deviations and fans are those of keras/src/initializers/random_initializers.py (Keras 3.15: RandomUniform,
 * RandomNormal, GlorotUniform, HeNormal, compute_fans); the draws themselves are Philox's, not Keras's, so that a
 * network begins the same with any number of threads and on any device.
 *
 *   glorot_uniform  uniform in ±√(6/(fan_in + fan_out))              Glorot and Bengio, AISTATS 2010
 *   he_normal       normal, sd √(2/fan_in), cut off at two sd        He, Zhang, Ren and Sun, ICCV 2015
 *
 * and two as PyTorch has them (torchvision's ResNet): he_fan_out, normal with sd √(2/fan_out), not cut off
 * (kaiming_normal_, mode fan_out), and fan_in_uniform, ±1/√fan_in (nn.Linear's weights).
 *
 * Elements are drawn four at a time, from one Philox block: a word each for uniform ones, two words a pair for normal
 * ones (Box and Muller 1958). What lies beyond the cut is drawn again in a block of the next "epoch", alone: others
 * keep their values. Cutting off makes the deviation smaller by 0.8796…, which is made up for beforehand. */
#include "engine/nn/init.h"

#include "sluice/random.h"

#include <math.h>

/* sd of a standard normal variable within ±2, scipy.stats.truncnorm.std(-2, 2), as Keras has it. */
static const double TRUNCATED_SD = 0.87962566103423978;
static const double CUT = 2;
static const double SPREAD = 0.05; /* of uniform and normal */
static const double TWO_PI = 6.283185307179586;

static double greater(double a, double b)
{
    return a > b ? a : b;
}

/* A matrix is (in, out); a convolution's weights are (out, in, the receptive field). */
static void fans(const struct sl_shape *shape, double *in, double *out)
{
    uint32_t rank = shape->rank;
    *in = *out = rank == 1 ? shape->size[0] : 1;
    if (rank >= 2) {
        double field = 1;
        for (uint32_t i = 2; i < rank; i++) {
            field *= shape->size[i];
        }
        *in = field * shape->size[rank > 2 ? 1 : 0];
        *out = field * shape->size[rank > 2 ? 0 : 1];
    }
}

static void draw_uniform(double limit, uint64_t seed, uint32_t number, size_t n, float *out)
{
    for (size_t i = 0; i < n; i += 4) {
        uint32_t word[4];
        sl_philox(seed, SL_RANDOM_INIT, 0, i / 4, number, word);
        for (size_t k = 0; k < 4 && i + k < n; k++) {
            out[i + k] = (float)(((double)word[k] * 0x1p-31 - 1) * limit);
        }
    }
}

/* Four independent standard normal numbers: elements 4·block to 4·block + 3 at the given attempt. */
static void four_normals(uint64_t seed, uint32_t number, size_t block, uint32_t attempt, double out[4])
{
    uint32_t word[4];
    sl_philox(seed, SL_RANDOM_INIT, attempt, block, number, word);
    for (int k = 0; k < 4; k += 2) {
        double u = ((double)word[k] + 0.5) * 0x1p-32; /* never 0 */
        double radius = sqrt(-2 * log(u));
        double angle = TWO_PI * ((double)word[k + 1] * 0x1p-32);
        out[k] = radius * cos(angle);
        out[k + 1] = radius * sin(angle);
    }
}

static void draw_normal(double sd, double cut, uint64_t seed, uint32_t number, size_t n, float *out)
{
    for (size_t i = 0; i < n; i += 4) {
        double first[4];
        four_normals(seed, number, i / 4, 0, first);
        for (size_t k = 0; k < 4 && i + k < n; k++) {
            double z = first[k];
            /* 4.6 % are drawn again; that an element is rejected 4 thousand million times does not happen. */
            for (uint32_t attempt = 1; fabs(z) > cut && attempt; attempt++) {
                double again[4];
                four_normals(seed, number, i / 4, attempt, again);
                z = again[k];
            }
            out[i + k] = (float)(z * sd);
        }
    }
}

static void fill(float value, size_t n, float *out)
{
    for (size_t i = 0; i < n; i++) {
        out[i] = value;
    }
}

void sl_init_draw(enum sl_initializer how, const struct sl_shape *shape, uint64_t seed, uint32_t number, float *out)
{
    size_t n = sl_shape_count(shape);
    double in, to;
    fans(shape, &in, &to);
    switch (how) {
    case SL_INIT_GLOROT_UNIFORM: draw_uniform(sqrt(3 / greater(1, (in + to) / 2)), seed, number, n, out); break;
    case SL_INIT_HE_NORMAL: draw_normal(sqrt(2 / greater(1, in)) / TRUNCATED_SD, CUT, seed, number, n, out); break;
    case SL_INIT_HE_FAN_OUT: draw_normal(sqrt(2 / greater(1, to)), INFINITY, seed, number, n, out); break;
    case SL_INIT_FAN_IN_UNIFORM: draw_uniform(1 / sqrt(greater(1, in)), seed, number, n, out); break;
    case SL_INIT_NORMAL: draw_normal(SPREAD, INFINITY, seed, number, n, out); break;
    case SL_INIT_UNIFORM: draw_uniform(SPREAD, seed, number, n, out); break;
    case SL_INIT_ZEROS: fill(0, n, out); break;
    case SL_INIT_ONES: fill(1, n, out); break;
    }
}
