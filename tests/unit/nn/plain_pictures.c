/* plain_pictures.c: the kernels for pictures as sluice/device.h says them: plain loops over places, sums in double. */
#include "plain_kernels.h"

#include <math.h>
#include <stdlib.h>

#define GIVEN(d, a, b, much) plain_given(d, 1000 + __LINE__, (uintptr_t)(a) ^ (uintptr_t)(b) << 1, much)

static void put(float *to, double value, bool add)
{
    *to = (float)(add ? (double)*to + value : value);
}

/* Where tap (a, b) of the window at (i, j) lies in the picture: row·width + column; −1: outside. */
static long place_of(const struct sl_window *w, uint32_t i, uint32_t j, uint32_t a, uint32_t b)
{
    long row = (long)i * w->stride_height - w->top + (long)a * w->dilation_height;
    long column = (long)j * w->stride_width - w->left + (long)b * w->dilation_width;
    bool inside = row >= 0 && row < w->height && column >= 0 && column < w->width;
    return inside ? row * w->width + column : -1;
}

/* Does what of one product: value of y (rows), of x, of w: each used by one of forward, dx, dw. */
struct tap {
    size_t x, y, w;
};

static void each_tap(const struct sl_convolution *c, size_t row, void (*visit)(void *ctx, const struct tap *tap),
                     void *ctx)
{
    const struct sl_window *w = &c->window;
    uint32_t in = w->channels / c->groups, out = c->filters / c->groups;
    for (uint32_t i = 0; i < w->out_height; i++) {
        for (uint32_t j = 0; j < w->out_width; j++) {
            for (uint32_t a = 0; a < w->kernel_height; a++) {
                for (uint32_t b = 0; b < w->kernel_width; b++) {
                    long at = place_of(w, i, j, a, b);
                    for (uint32_t f = 0; at >= 0 && f < c->filters; f++) {
                        for (uint32_t k = 0; k < in; k++) {
                            struct tap tap = {
                                .x = (row * w->height * w->width + (size_t)at) * w->channels + f / out * in + k,
                                .y = ((row * w->out_height + i) * w->out_width + j) * c->filters + f,
                                .w = (((size_t)f * in + k) * w->kernel_height + a) * w->kernel_width + b,
                            };
                            visit(ctx, &tap);
                        }
                    }
                }
            }
        }
    }
}

struct product {
    const float *x, *y, *w;
    double *to; /* of as many elements as that which is NULL has */
};

static void multiply(void *ctx, const struct tap *tap)
{
    struct product *p = ctx;
    if (!p->y) {
        p->to[tap->y] += (double)p->x[tap->x] * (double)p->w[tap->w];
    } else if (!p->x) {
        p->to[tap->x] += (double)p->y[tap->y] * (double)p->w[tap->w];
    } else {
        p->to[tap->w] += (double)p->x[tap->x] * (double)p->y[tap->y];
    }
}

static void multiply_all(const struct sl_convolution *c, size_t rows, struct product p, size_t n, const float *begin,
                         float *out, bool add)
{
    p.to = calloc(n, sizeof *p.to);
    if (!p.to) {
        abort();
    }
    for (size_t row = 0; row < rows; row++) {
        each_tap(c, row, multiply, &p);
    }
    for (size_t i = 0; i < n; i++) {
        put(&out[i], p.to[i] + (begin ? (double)begin[i % c->filters] : 0), add);
    }
    free(p.to);
}

static size_t count_in(const struct sl_window *w)
{
    return (size_t)w->height * w->width * w->channels;
}

static size_t places_out(const struct sl_window *w)
{
    return (size_t)w->out_height * w->out_width;
}

static void conv(struct sl_device *d, size_t rows, const struct sl_convolution *c, const float *x, const float *w,
                 const float *b, float *y)
{
    GIVEN(d, x, y, rows * count_in(&c->window));
    multiply_all(c, rows, (struct product){ .x = x, .w = w }, rows * places_out(&c->window) * c->filters, b, y, false);
}

static void conv_grad(struct sl_device *d, size_t rows, const struct sl_convolution *c, const float *x, const float *w,
                      const float *dy, float *dx, bool add_dx, float *dw, float *db, bool add_dw)
{
    const struct sl_window *window = &c->window;
    size_t places = rows * places_out(window);
    GIVEN(d, dy, dx, rows * count_in(window) + add_dx + 2 * add_dw);
    if (dx) {
        multiply_all(c, rows, (struct product){ .y = dy, .w = w }, rows * count_in(window), NULL, dx, add_dx);
    }
    if (dw) {
        size_t n = (size_t)c->filters * (window->channels / c->groups) * window->kernel_height * window->kernel_width;
        multiply_all(c, rows, (struct product){ .x = x, .y = dy }, n, NULL, dw, add_dw);
    }
    for (uint32_t f = 0; db && f < c->filters; f++) {
        double sum = 0;
        for (size_t i = 0; i < places; i++) {
            sum += (double)dy[i * c->filters + f];
        }
        put(&db[f], sum, add_dw);
    }
}

/* --- batch norm --- */

static void measure(const struct sl_batch_norm *norm, size_t c, const float *x)
{
    double sum = 0, square = 0, n = (double)norm->rows;
    for (size_t i = 0; i < norm->rows; i++) {
        sum += (double)x[i * norm->columns + c];
    }
    for (size_t i = 0; i < norm->rows; i++) {
        double off = (double)x[i * norm->columns + c] - sum / n;
        square += off * off;
    }
    norm->mean[c] = (float)(sum / n);
    norm->rstd[c] = (float)(1 / sqrt(square / n + (double)norm->epsilon));
    if (isfinite(sum) && isfinite(square)) {
        double m = (double)norm->momentum, unbiased = norm->rows > 1 ? square / (n - 1) : square;
        norm->running_mean[c] = (float)((1 - m) * (double)norm->running_mean[c] + m * sum / n);
        norm->running_variance[c] = (float)((1 - m) * (double)norm->running_variance[c] + m * unbiased);
    }
}

static void batch_norm(struct sl_device *d, const struct sl_batch_norm *norm, bool training, const float *x,
                       const float *other, float *y)
{
    GIVEN(d, x, y, norm->rows * norm->columns + training);
    for (size_t c = 0; c < norm->columns; c++) {
        if (training) {
            measure(norm, c, x);
        }
        double mean = (double)(training ? norm->mean[c] : norm->running_mean[c]);
        double r = training ? (double)norm->rstd[c]
                            : 1 / sqrt((double)norm->running_variance[c] + (double)norm->epsilon);
        for (size_t i = 0; i < norm->rows; i++) {
            size_t at = i * norm->columns + c;
            double value = ((double)x[at] - mean) * r * (double)norm->gain[c] + (double)norm->bias[c];
            value += other ? (double)other[at] : 0;
            y[at] = (float)(norm->f == SL_RELU && value <= 0 ? 0 : value);
        }
    }
}

static void batch_norm_grad(struct sl_device *d, const struct sl_batch_norm *norm, const float *x, const float *y,
                            float *dy, float *dx, bool add_dx, float *dother, bool add_dother, float *dgain,
                            float *dbias, bool add_dw)
{
    size_t rows = norm->rows, columns = norm->columns;
    GIVEN(d, x, dx, rows * columns + add_dx + 2 * add_dw + 4 * add_dother);
    for (size_t c = 0; c < columns; c++) {
        double b = 0, g = 0, mean = (double)norm->mean[c], r = (double)norm->rstd[c];
        for (size_t at = c; at < rows * columns; at += columns) {
            dy[at] = norm->f == SL_RELU && y[at] <= 0 ? 0 : dy[at];
            b += (double)dy[at];
            g += (double)dy[at] * ((double)x[at] - mean) * r;
        }
        for (size_t at = c; at < rows * columns; at += columns) {
            double own = (double)dy[at], h = ((double)x[at] - mean) * r;
            if (dother) {
                put(&dother[at], own, add_dother);
            }
            if (dx) {
                put(&dx[at], r * (double)norm->gain[c] * (own - b / (double)rows - h * g / (double)rows), add_dx);
            }
        }
        put(&dgain[c], g, add_dw);
        put(&dbias[c], b, add_dw);
    }
}

/* --- pools --- */

/* Place in the picture of the greatest value of a window, the first of equals. */
static size_t greatest(const struct sl_window *w, const float *x, uint32_t i, uint32_t j, uint32_t c)
{
    long best = -1;
    for (uint32_t a = 0; a < w->kernel_height; a++) {
        for (uint32_t b = 0; b < w->kernel_width; b++) {
            long at = place_of(w, i, j, a, b);
            if (at >= 0 && (best < 0 || x[(size_t)at * w->channels + c] > x[(size_t)best * w->channels + c])) {
                best = at;
            }
        }
    }
    return (size_t)best * w->channels + c;
}

static void max_pool(struct sl_device *d, size_t rows, const struct sl_window *w, const float *x, float *y)
{
    GIVEN(d, x, y, rows * count_in(w));
    for (size_t at = 0; at < rows * places_out(w) * w->channels; at++) {
        size_t place = at / w->channels;
        const float *picture = x + place / places_out(w) * count_in(w);
        uint32_t i = (uint32_t)(place % places_out(w)) / w->out_width, j = (uint32_t)(place % w->out_width);
        y[at] = picture[greatest(w, picture, i, j, (uint32_t)(at % w->channels))];
    }
}

static void max_pool_grad(struct sl_device *d, size_t rows, const struct sl_window *w, const float *x, const float *y,
                          const float *dy, float *dx, bool add)
{
    GIVEN(d, y, dx, rows * count_in(w) + add);
    if (!add) {
        memset(dx, 0, rows * count_in(w) * sizeof *dx);
    }
    for (size_t at = 0; at < rows * places_out(w) * w->channels; at++) {
        size_t place = at / w->channels, first = place / places_out(w) * count_in(w);
        uint32_t i = (uint32_t)(place % places_out(w)) / w->out_width, j = (uint32_t)(place % w->out_width);
        dx[first + greatest(w, x + first, i, j, (uint32_t)(at % w->channels))] += dy[at];
    }
}

/* Visits what lies inside; gives the number to divide by. */
static double mean_window(const struct sl_window *w, bool padded, uint32_t i, uint32_t j, size_t places[], size_t *n)
{
    *n = 0;
    for (uint32_t a = 0; a < w->kernel_height; a++) {
        for (uint32_t b = 0; b < w->kernel_width; b++) {
            long at = place_of(w, i, j, a, b);
            if (at >= 0) {
                places[(*n)++] = (size_t)at;
            }
        }
    }
    return padded ? (double)w->kernel_height * w->kernel_width : (double)*n;
}

static void each_mean(size_t rows, const struct sl_window *w, bool padded, const float *x, float *y, const float *dy,
                      float *dx)
{
    size_t *places = calloc((size_t)w->kernel_height * w->kernel_width, sizeof *places), n = 0;
    if (!places) {
        abort();
    }
    for (size_t at = 0; at < rows * places_out(w) * w->channels; at++) {
        size_t place = at / w->channels, first = place / places_out(w) * count_in(w) + at % w->channels;
        uint32_t i = (uint32_t)(place % places_out(w)) / w->out_width, j = (uint32_t)(place % w->out_width);
        double by = mean_window(w, padded, i, j, places, &n), sum = 0;
        for (size_t k = 0; k < n; k++) {
            if (dx) {
                dx[first + places[k] * w->channels] += (float)((double)dy[at] / by);
            } else {
                sum += (double)x[first + places[k] * w->channels];
            }
        }
        if (y) {
            y[at] = (float)(sum / by);
        }
    }
    free(places);
}

static void mean_pool(struct sl_device *d, size_t rows, const struct sl_window *w, bool padded, const float *x,
                      float *y)
{
    GIVEN(d, x, y, rows * count_in(w) + padded);
    each_mean(rows, w, padded, x, y, NULL, NULL);
}

static void mean_pool_grad(struct sl_device *d, size_t rows, const struct sl_window *w, bool padded, const float *dy,
                           float *dx, bool add)
{
    GIVEN(d, dy, dx, rows * count_in(w) + padded + 2 * add);
    if (!add) {
        memset(dx, 0, rows * count_in(w) * sizeof *dx);
    }
    each_mean(rows, w, padded, NULL, NULL, dy, dx);
}

const struct sl_kernels plain_pictures = {
    .conv = conv,
    .conv_grad = conv_grad,
    .batch_norm = batch_norm,
    .batch_norm_grad = batch_norm_grad,
    .max_pool = max_pool,
    .max_pool_grad = max_pool_grad,
    .mean_pool = mean_pool,
    .mean_pool_grad = mean_pool_grad,
};
