/* augment_mix.c: two pictures become one: how much of each, and the mixing. */
#include "engine/image/ops_private.h"

#include <math.h>

/* Numbers of a key from `at` on, one after the other; the last ones are kept for the box of cutmix. */
struct stream {
    const struct sl_image_key *key;
    uint32_t at;
};

enum { STREAM_END = 4000 };

/* (0, 1] */
static double next_real(struct stream *stream)
{
    return 1 - sl_key_real(stream->key, stream->at++);
}

/* Gamma(alpha, 1), alpha ≥ 1: Marsaglia and Tsang 2000, normal numbers by Box and Muller 1958. */
static double gamma_number(struct stream *stream, double alpha)
{
    double d = alpha - 1.0 / 3, c = 1 / sqrt(9 * d);
    while (stream->at + 3 < STREAM_END) {
        double radius = sqrt(-2 * log(next_real(stream)));
        double normal = radius * cos(2 * M_PI * next_real(stream)), v = 1 + c * normal;
        v = v * v * v;
        double u = next_real(stream);
        if (v > 0 && log(u) < 0.5 * normal * normal + d - d * v + d * log(v)) {
            return d * v;
        }
    }
    return d; /* after a thousand refusals of one in twenty: never */
}

/* In logarithms, because u^(1 / alpha) of a small alpha is below all numbers. */
static double johnk(struct stream *stream, double alpha)
{
    while (stream->at + 2 < STREAM_END) {
        double x = log(next_real(stream)) / alpha, y = log(next_real(stream)) / alpha;
        double most = x > y ? x : y, both = most + log(exp(x - most) + exp(y - most));
        if (both <= 0) {
            return exp(x - both);
        }
    }
    return 0.5; /* after two thousand refusals of one in two: never */
}

double sl_mix_lambda(const struct sl_image_key *key, double alpha)
{
    struct stream stream = { key, 0 };
    if (alpha <= 1) {
        return johnk(&stream, alpha);
    }
    double a = gamma_number(&stream, alpha);
    double b = gamma_number(&stream, alpha);
    return a / (a + b);
}

void sl_mix_blend(size_t n, float *a, const float *b, float lambda)
{
    float other = 1 - lambda;
    for (size_t i = 0; i < n; i++) {
        a[i] = lambda * a[i] + other * b[i];
    }
}

void sl_cutmix_paste(float *a, const float *b, uint32_t width, uint32_t channels, const struct sl_image_box *box)
{
    for (uint32_t y = box->y; y < box->y + box->height; y++) {
        size_t at = ((size_t)y * width + box->x) * channels;
        memcpy(a + at, b + at, (size_t)box->width * channels * sizeof *a);
    }
}
