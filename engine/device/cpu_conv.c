/* cpu_conv.c: convolution and its gradients on the processor, as products of small matrices.
 *
 * Channels lie last, so what a tap of the kernel sees of a run of places is a matrix of places × channels. A worker
 * gathers it for a few taps at once (a piece), and multiplies by those taps' weights, which were brought into the order
 * (tap, channel, filter) first; kernels of 1×1 that skip nothing are multiplied where they lie. Tiles are cut by the
 * shapes alone, and what several tiles add up is added in their order, so bits do not depend on the threads.
 *
 *   forward  y (places × filters) = Σ over pieces: gathered x · w
 *   dw       (piece × filters) = gathered xᵀ · dy, over slices of the places, which are then added up
 *   dx       dy · wᵀ of each tap, scattered: a record's is one worker's
 *
 * Source  im2col, Chellapilla, Puri, Simard 2006, without ever holding it whole. Not for many groups of one channel:
 *         right, but slow. */
#include "engine/device/cpu_product.h"

#include <string.h>

enum {
    PIECE = 256,  /* taps × channels gathered at once, at most */
    PLACES = 192, /* places of a tile, at most */
    BLOCK = 256,  /* filters, or channels, of a tile of a gradient */
    TILES = 16,   /* a gradient of the weights is cut into so many, if it can be */
};

struct conv {
    const struct cpu_vector *vector;
    const struct sl_window *window;
    size_t rows, taps, groups, in, out, channels, filters; /* in, out: of a group */
    size_t places, inside;                                 /* of a record: out, in */
    bool direct;                                           /* a place sees one place */
    size_t tap_step, channel_step, tap_pieces, pieces;     /* how taps × channels are cut */
    size_t run, runs;                                      /* places of a tile; tiles of all places */
    size_t blocks, slices;
    bool add;
    float *gathered;
    const float *x, *w, *b, *dy;
    float *y, *dx, *dw, *room;
};

/* Taps first to last less one, and channels of the group, of piece i. */
struct piece {
    size_t tap, taps, channel, channels;
};

static size_t divide_up(size_t a, size_t b)
{
    return (a + b - 1) / b;
}

static size_t smaller(size_t a, size_t b)
{
    return a < b ? a : b;
}

static struct piece piece_of(const struct conv *c, size_t i)
{
    size_t across = c->pieces / c->tap_pieces, tap = i / across * c->tap_step, channel = i % across * c->channel_step;
    return (struct piece){ tap, smaller(c->tap_step, c->taps - tap), channel,
                           smaller(c->channel_step, c->in - channel) };
}

static struct conv conv_of(struct sl_device *d, size_t rows, const struct sl_convolution *of)
{
    const struct sl_window *w = &of->window;
    struct conv c = { .vector = sl_cpu_own(d)->vector,
                      .window = w,
                      .rows = rows,
                      .taps = (size_t)w->kernel_height * w->kernel_width,
                      .groups = of->groups,
                      .in = w->channels / of->groups,
                      .out = of->filters / of->groups,
                      .channels = w->channels,
                      .filters = of->filters,
                      .places = (size_t)w->out_height * w->out_width,
                      .inside = (size_t)w->height * w->width,
                      .gathered = sl_cpu_own(d)->gathered };
    c.direct = c.taps == 1 && w->stride_height == 1 && w->stride_width == 1 && !w->top && !w->left &&
               w->out_height == w->height && w->out_width == w->width;
    c.channel_step = smaller(c.in, PIECE);
    c.tap_step = smaller(c.taps, c.in < PIECE ? PIECE / c.in : 1);
    c.tap_pieces = divide_up(c.taps, c.tap_step);
    c.pieces = c.tap_pieces * divide_up(c.in, c.channel_step);
    c.run = smaller(PLACES, rows * c.places);
    c.runs = divide_up(rows * c.places, c.run);
    return c;
}

/* --- weights in another order --- */

/* (filter, channel, tap) to (group, tap, channel, filter), or to (group, tap, filter, channel). */
static void pack_channel(void *ctx, size_t i, int worker)
{
    const struct conv *c = ctx;
    size_t g = i / c->in, k = i % c->in;
    (void)worker;
    for (size_t t = 0; t < c->taps; t++) {
        float *to = c->room + ((g * c->taps + t) * c->in + k) * c->out;
        for (size_t f = 0; f < c->out; f++) {
            to[f] = c->w[((g * c->out + f) * c->in + k) * c->taps + t];
        }
    }
}

static void pack_filter(void *ctx, size_t i, int worker)
{
    const struct conv *c = ctx;
    size_t g = i / c->out, f = i % c->out;
    (void)worker;
    for (size_t t = 0; t < c->taps; t++) {
        float *to = c->room + ((g * c->taps + t) * c->out + f) * c->in;
        for (size_t k = 0; k < c->in; k++) {
            to[k] = c->w[(i * c->in + k) * c->taps + t];
        }
    }
}

/* dw of a filter: the slices (group, tap, channel, filter) added up. */
static void unpack_filter(void *ctx, size_t i, int worker)
{
    const struct conv *c = ctx;
    size_t g = i / c->out, f = i % c->out, weights = c->taps * c->in * c->filters;
    (void)worker;
    for (size_t k = 0; k < c->in; k++) {
        for (size_t t = 0; t < c->taps; t++) {
            const float *from = c->room + ((g * c->taps + t) * c->in + k) * c->out + f;
            float sum = from[0], *to = c->dw + (i * c->in + k) * c->taps + t;
            for (size_t s = 1; s < c->slices; s++) {
                sum += from[s * weights];
            }
            *to = c->add ? *to + sum : sum;
        }
    }
}

/* --- forward --- */

/* What the piece sees of n places from `first` on: n × (its taps × its channels). */
static void gather(const struct conv *c, const struct piece *p, size_t group, size_t first, size_t n, float *to)
{
    const struct sl_window *w = c->window;
    size_t record = first / c->places, i = first % c->places / w->out_width, j = first % w->out_width;
    const float *x = c->x + record * c->inside * c->channels + group * c->in + p->channel;
    for (; n--; to += p->taps * p->channels) {
        for (size_t t = 0; t < p->taps; t++) {
            size_t place = 0, tap = p->tap + t;
            if (sl_cpu_tap(w, i, j, tap / w->kernel_width, tap % w->kernel_width, &place)) {
                memcpy(to + t * p->channels, x + place * c->channels, p->channels * sizeof *to);
            } else {
                memset(to + t * p->channels, 0, p->channels * sizeof *to);
            }
        }
        if (++j == w->out_width) {
            j = 0;
            if (++i == w->out_height) {
                i = 0;
                x += c->inside * c->channels;
            }
        }
    }
}

static void forward_tile(void *ctx, size_t i, int worker)
{
    const struct conv *c = ctx;
    size_t g = i % c->groups, first = i / c->groups * c->run, n = smaller(c->run, c->rows * c->places - first);
    float *y = c->y + first * c->filters + g * c->out, *gathered = c->gathered + (size_t)worker * SL_CPU_GATHERED;
    for (size_t k = 0; k < c->pieces; k++) {
        struct piece p = piece_of(c, k);
        const float *w = c->room + ((g * c->taps + p.tap) * c->in + p.channel) * c->out;
        size_t depth = p.taps * p.channels, stride = c->direct ? c->channels : depth;
        const float *a = c->x + first * c->channels + g * c->in + p.channel;
        if (!c->direct) {
            gather(c, &p, g, first, n, gathered);
            a = gathered;
        }
        sl_cpu_product_here(c->vector, n, c->out, depth, a, stride, 1, w, c->out, y, c->filters, k > 0);
    }
    if (c->b) {
        c->vector->bias_rows(n, c->out, c->filters, c->b + g * c->out, SL_LINEAR, NULL, y);
    }
}

void sl_cpu_conv(struct sl_device *d, size_t rows, const struct sl_convolution *of, const float *x, const float *w,
                 const float *b, float *y)
{
    struct conv c = conv_of(d, rows, of);
    size_t weights = c.taps * c.in * c.filters;
    c.x = x;
    c.w = w;
    c.b = b;
    c.y = y;
    c.room = sl_cpu_room(d, weights);
    if (!c.room || !rows) {
        return;
    }
    sl_cpu_for(d, weights, c.channels, pack_channel, &c);
    sl_cpu_for(d, SL_CPU_ALONE, c.runs * c.groups, forward_tile, &c);
}

/* --- gradients --- */

static void dw_tile(void *ctx, size_t i, int worker)
{
    const struct conv *c = ctx;
    size_t tiles = c->groups * c->pieces * c->blocks, slice = i / tiles, rest = i % tiles;
    size_t g = rest / (c->pieces * c->blocks), from = rest % c->blocks * BLOCK, width = smaller(BLOCK, c->out - from);
    struct piece p = piece_of(c, rest / c->blocks % c->pieces);
    size_t all = c->rows * c->places, first = all * slice / c->slices, last = all * (slice + 1) / c->slices;
    size_t depth = p.taps * p.channels, stride = c->direct ? c->channels : depth;
    float *gathered = c->gathered + (size_t)worker * SL_CPU_GATHERED;
    float *to = c->room + slice * c->taps * c->in * c->filters + ((g * c->taps + p.tap) * c->in + p.channel) * c->out +
                from;
    for (size_t at = first; at < last; at += PLACES) {
        size_t n = smaller(PLACES, last - at);
        const float *a = c->x + at * c->channels + g * c->in + p.channel;
        if (!c->direct) {
            gather(c, &p, g, at, n, gathered);
            a = gathered;
        }
        sl_cpu_product_here(c->vector, depth, width, n, a, 1, stride, c->dy + at * c->filters + g * c->out + from,
                            c->filters, to, c->out, at > first);
    }
}

static void weights_gradient(struct sl_device *d, struct conv *c)
{
    size_t weights = c->taps * c->in * c->filters;
    c->blocks = divide_up(c->out, BLOCK);
    size_t tiles = c->groups * c->pieces * c->blocks;
    c->slices = smaller(tiles < TILES ? divide_up(TILES, tiles) : 1, c->rows * c->places);
    c->room = sl_cpu_room(d, weights * c->slices);
    if (c->room) {
        sl_cpu_for(d, SL_CPU_ALONE, tiles * c->slices, dw_tile, c);
        sl_cpu_for(d, weights, c->filters, unpack_filter, c);
    }
}

/* dy·wᵀ of one tap, for n places from `first` on, to where the tap saw them. */
static void scatter(const struct conv *c, size_t tap, size_t first, size_t n, size_t width, const float *from,
                    float *to)
{
    const struct sl_window *w = c->window;
    for (size_t k = first; k < first + n; k++, from += width) {
        size_t place = 0;
        if (sl_cpu_tap(w, k / w->out_width, k % w->out_width, tap / w->kernel_width, tap % w->kernel_width, &place)) {
            c->vector->sum(width, to + place * c->channels, from, to + place * c->channels);
        }
    }
}

static void dx_tile(void *ctx, size_t i, int worker)
{
    const struct conv *c = ctx;
    size_t g = i / c->blocks % c->groups, from = i % c->blocks * BLOCK, width = smaller(BLOCK, c->in - from);
    size_t record = i / c->blocks / c->groups;
    float *to = c->dx + record * c->inside * c->channels + g * c->in + from;
    const float *dy = c->dy + record * c->places * c->filters + g * c->out;
    float *product = c->gathered + (size_t)worker * SL_CPU_GATHERED;
    if (c->direct) {
        sl_cpu_product_here(c->vector, c->places, width, c->out, dy, c->filters, 1, c->room + g * c->out * c->in + from,
                            c->in, to, c->channels, c->add);
        return;
    }
    for (size_t place = 0; !c->add && place < c->inside; place++) {
        memset(to + place * c->channels, 0, width * sizeof *to);
    }
    for (size_t tap = 0; tap < c->taps; tap++) {
        const float *w = c->room + (g * c->taps + tap) * c->out * c->in + from;
        for (size_t at = 0; at < c->places; at += PLACES) {
            size_t n = smaller(PLACES, c->places - at);
            sl_cpu_product_here(c->vector, n, width, c->out, dy + at * c->filters, c->filters, 1, w, c->in, product,
                                width, false);
            scatter(c, tap, at, n, width, product, to);
        }
    }
}

void sl_cpu_conv_grad(struct sl_device *d, size_t rows, const struct sl_convolution *of, const float *x, const float *w,
                      const float *dy, float *dx, bool add_dx, float *dw, float *db, bool add_dw)
{
    struct conv c = conv_of(d, rows, of);
    c.x = x;
    c.w = w;
    c.dy = dy;
    if (dw && rows) {
        c.dw = dw;
        c.add = add_dw;
        weights_gradient(d, &c);
    }
    if (db) {
        sl_cpu_column_sums(d, rows * c.places, c.filters, dy, db, add_dw);
    }
    c.room = dx && rows ? sl_cpu_room(d, c.taps * c.in * c.filters) : NULL;
    if (c.room) {
        c.dx = dx;
        c.add = add_dx;
        c.blocks = divide_up(c.in, BLOCK);
        sl_cpu_for(d, c.taps * c.in * c.filters, c.filters, pack_filter, &c);
        sl_cpu_for(d, SL_CPU_ALONE, rows * c.groups * c.blocks, dx_tile, &c);
    }
}
