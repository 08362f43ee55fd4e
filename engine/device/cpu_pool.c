/* cpu_pool.c: greatest and mean values of windows on the processor, and their gradients.
 *
 * Forward: a row of outputs is one worker's; backward: a record's whole gradient. Channels are treated side by side. */
#include "engine/device/cpu.h"

#include <string.h>

enum { CHANNELS = 1024 }; /* of a gradient that is on its way, at a time */

struct pool {
    const struct cpu_vector *vector;
    const struct sl_window *window;
    bool max, padded, add;
    const float *x, *y, *dy;
    float *to;
};

static size_t inside(const struct sl_window *w)
{
    return (size_t)w->height * w->width * w->channels;
}

/* Taps of a window that lie in the picture, or all of them when the zeros around count. */
static float counted(const struct pool *p, size_t i, size_t j)
{
    const struct sl_window *w = p->window;
    size_t n = 0, place = 0;
    for (size_t a = 0; a < w->kernel_height; a++) {
        for (size_t b = 0; b < w->kernel_width; b++) {
            n += p->padded || sl_cpu_tap(w, i, j, a, b, &place);
        }
    }
    return (float)n;
}

static void forward_place(const struct pool *p, const float *x, size_t i, size_t j, float *y)
{
    const struct sl_window *w = p->window;
    size_t n = w->channels, place = 0;
    bool any = false;
    for (size_t a = 0; a < w->kernel_height; a++) {
        for (size_t b = 0; b < w->kernel_width; b++) {
            if (!sl_cpu_tap(w, i, j, a, b, &place)) {
                continue;
            }
            if (!any) {
                memcpy(y, x + place * n, n * sizeof *y);
            } else if (p->max) {
                p->vector->greater(n, x + place * n, y);
            } else {
                p->vector->sum(n, y, x + place * n, y);
            }
            any = true;
        }
    }
    if (!any) {
        memset(y, 0, n * sizeof *y);
    } else if (!p->max) {
        p->vector->scale(n, 1 / counted(p, i, j), y, y, false);
    }
}

static void forward_row(void *ctx, size_t k, int worker)
{
    const struct pool *p = ctx;
    const struct sl_window *w = p->window;
    size_t record = k / w->out_height, i = k % w->out_height;
    float *y = p->to + k * w->out_width * w->channels;
    (void)worker;
    for (size_t j = 0; j < w->out_width; j++, y += w->channels) {
        forward_place(p, p->x + record * inside(w), i, j, y);
    }
}

static void forward(struct sl_device *d, size_t rows, struct pool *p)
{
    p->vector = sl_cpu_own(d)->vector;
    sl_cpu_for(d, rows * inside(p->window), rows * p->window->out_height, forward_row, p);
}

void sl_cpu_max_pool(struct sl_device *d, size_t rows, const struct sl_window *window, const float *x, float *y)
{
    forward(d, rows, &(struct pool){ .window = window, .max = true, .x = x, .to = y });
}

void sl_cpu_mean_pool(struct sl_device *d, size_t rows, const struct sl_window *window, bool padded, const float *x,
                      float *y)
{
    forward(d, rows, &(struct pool){ .window = window, .padded = padded, .x = x, .to = y });
}

/* The gradient of one output goes to the first tap that reached the greatest value. */
static void spread_max(const struct pool *p, size_t i, size_t j, const float *x, const float *y, const float *dy,
                       float *dx)
{
    const struct sl_window *w = p->window;
    float left[CHANNELS];
    for (size_t c = 0; c < w->channels; c += CHANNELS) {
        size_t n = w->channels - c < CHANNELS ? w->channels - c : CHANNELS, place = 0;
        memcpy(left, dy + c, n * sizeof *left);
        for (size_t a = 0; a < w->kernel_height; a++) {
            for (size_t b = 0; b < w->kernel_width; b++) {
                if (sl_cpu_tap(w, i, j, a, b, &place)) {
                    p->vector->reached(n, x + place * w->channels + c, y + c, left, dx + place * w->channels + c);
                }
            }
        }
    }
}

static void spread_mean(const struct pool *p, size_t i, size_t j, const float *dy, float *dx)
{
    const struct sl_window *w = p->window;
    float by = 1 / counted(p, i, j);
    size_t place = 0;
    for (size_t a = 0; a < w->kernel_height; a++) {
        for (size_t b = 0; b < w->kernel_width; b++) {
            if (sl_cpu_tap(w, i, j, a, b, &place)) {
                p->vector->scale(w->channels, by, dy, dx + place * w->channels, true);
            }
        }
    }
}

static void backward_record(void *ctx, size_t record, int worker)
{
    const struct pool *p = ctx;
    const struct sl_window *w = p->window;
    size_t out = (size_t)w->out_height * w->out_width, first = record * out * w->channels;
    float *dx = p->to + record * inside(w);
    (void)worker;
    if (!p->add) {
        memset(dx, 0, inside(w) * sizeof *dx);
    }
    for (size_t k = 0; k < out; k++) {
        size_t i = k / w->out_width, j = k % w->out_width, at = first + k * w->channels;
        if (p->max) {
            spread_max(p, i, j, p->x + record * inside(w), p->y + at, p->dy + at, dx);
        } else {
            spread_mean(p, i, j, p->dy + at, dx);
        }
    }
}

static void backward(struct sl_device *d, size_t rows, struct pool *p)
{
    p->vector = sl_cpu_own(d)->vector;
    sl_cpu_for(d, rows * inside(p->window), rows, backward_record, p);
}

void sl_cpu_max_pool_grad(struct sl_device *d, size_t rows, const struct sl_window *window, const float *x,
                          const float *y, const float *dy, float *dx, bool add)
{
    backward(d, rows, &(struct pool){ .window = window, .max = true, .add = add, .x = x, .y = y, .dy = dy, .to = dx });
}

void sl_cpu_mean_pool_grad(struct sl_device *d, size_t rows, const struct sl_window *window, bool padded,
                           const float *dy, float *dx, bool add)
{
    backward(d, rows, &(struct pool){ .window = window, .padded = padded, .add = add, .dy = dy, .to = dx });
}
