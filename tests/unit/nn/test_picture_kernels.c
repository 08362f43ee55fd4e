/* test_picture_kernels.c: the processor's kernels for pictures, of every kind of vector code it can run, against plain
 * loops with sums in double (plain_pictures.c), and against themselves with other numbers of threads, to the bit.
 *
 * Limits, in units of 2^−23: what a sum of n products may be off is 8 + √n of the greatest result; batch norm 64. */
#include "plain_kernels.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

enum { BEHIND = 16, ARRAYS = 12 };

static const char *const kinds[] = { "portable", "avx2", "avx512" };
enum { KINDS = sizeof kinds / sizeof *kinds };

/* Arrays of one check: the same beginning for every device. */
struct arrays {
    float *begin[ARRAYS], *got[ARRAYS];
    size_t n[ARRAYS];
    int used;
};
static uint64_t state_of_draws;

static float draw(void)
{
    state_of_draws = state_of_draws * 6364136223846793005u + 1442695040888963407u;
    return (float)((double)(state_of_draws >> 40) / (1 << 24) * 2 - 1);
}

static int add_array(struct arrays *a, size_t n)
{
    int k = a->used++;
    a->n[k] = n;
    a->begin[k] = malloc((n + BEHIND) * sizeof(float));
    a->got[k] = malloc((n + BEHIND) * sizeof(float));
    assert_true(a->begin[k] && a->got[k]);
    for (size_t i = 0; i < n + BEHIND; i++)
        a->begin[k][i] = draw();
    return k;
}

static void again(struct arrays *a)
{
    for (int k = 0; k < a->used; k++)
        memcpy(a->got[k], a->begin[k], (a->n[k] + BEHIND) * sizeof(float));
}

static void free_arrays(struct arrays *a)
{
    for (int k = 0; k < a->used; k++) {
        free(a->begin[k]);
        free(a->got[k]);
    }
    *a = (struct arrays){ 0 };
}

typedef void check_run(struct sl_device *d, void *settings, float *const *array);

static float *copy_all(const struct arrays *a, size_t *total)
{
    *total = 0;
    for (int k = 0; k < a->used; k++)
        *total += a->n[k] + BEHIND;
    float *to = malloc(*total * sizeof *to), *at = to;
    assert_non_null(to);
    for (int k = 0; k < a->used; k++) {
        memcpy(at, a->got[k], (a->n[k] + BEHIND) * sizeof *at);
        at += a->n[k] + BEHIND;
    }
    return to;
}

static void compare(const struct arrays *a, const float *want, double limit, const char *what, const char *kind)
{
    for (int k = 0; k < a->used; want += a->n[k++] + BEHIND) {
        double size = 0;
        for (size_t i = 0; i < a->n[k]; i++)
            size = fmax(size, fabs((double)want[i]));
        for (size_t i = 0; i < a->n[k] + BEHIND; i++) {
            double bound = i < a->n[k] ? limit * 0x1p-23 * fmax(size, 1) : 0;
            if (!(fabs((double)a->got[k][i] - (double)want[i]) <= bound))
                fail_msg("%s, %s: array %d, element %zu of %zu is %.9g, not %.9g", what, kind, k, i, a->n[k],
                         (double)a->got[k][i], (double)want[i]);
        }
    }
}

/* Every kind with 1 to 3 threads. */
static void check(struct arrays *a, check_run *run, void *settings, double limit, const char *what)
{
    struct sl_device *plain = plain_device_new(true);
    assert_non_null(plain);
    again(a);
    run(plain, settings, a->got);
    size_t total = 0;
    float *want = copy_all(a, &total);
    plain_device_free(plain);
    for (int kind = 0; kind < KINDS; kind++) {
        float *first = NULL;
        for (int threads = 1; threads <= 3; threads++) {
            struct sl_pool *pool = NULL;
            struct sl_device *d = NULL;
            assert_int_equal(sl_pool_new(&pool, threads, NULL), SL_OK);
            if (sl_device_cpu(&d, kinds[kind], pool, NULL) == SL_OK) {
                again(a);
                run(d, settings, a->got);
                assert_int_equal(d->kernels->sync(d, NULL), SL_OK);
                compare(a, want, limit, what, kinds[kind]);
                float *bits = copy_all(a, &total);
                if (first)
                    assert_memory_equal(bits, first, total * sizeof *bits);
                free(first);
                first = bits;
                sl_device_close(d);
            }
            sl_pool_free(pool);
        }
        free(first);
    }
    free(want);
    free_arrays(a);
}

/* --- convolution --- */

struct shape {
    uint32_t rows, height, width, channels, filters, groups, kernel[2], stride[2], dilation[2], padding[2];
    bool odd; /* one more below and to the right */
};

static const struct shape shapes[] = {
    { 1, 1, 1, 1, 1, 1, { 1, 1 }, { 1, 1 }, { 1, 1 }, { 0, 0 }, false },
    { 2, 5, 7, 3, 4, 1, { 3, 3 }, { 1, 1 }, { 1, 1 }, { 1, 1 }, false },
    { 3, 9, 8, 3, 17, 1, { 7, 7 }, { 2, 2 }, { 1, 1 }, { 3, 3 }, false },  /* a stem */
    { 2, 6, 6, 16, 33, 1, { 1, 1 }, { 1, 1 }, { 1, 1 }, { 0, 0 }, false }, /* where it lies */
    { 2, 7, 7, 8, 12, 1, { 1, 1 }, { 2, 2 }, { 1, 1 }, { 0, 0 }, false },  /* a shortcut */
    { 2, 8, 9, 6, 6, 6, { 3, 3 }, { 1, 1 }, { 1, 1 }, { 1, 1 }, false },   /* depthwise */
    { 2, 10, 7, 4, 6, 2, { 3, 2 }, { 2, 1 }, { 1, 1 }, { 1, 0 }, true },
    { 1, 12, 12, 2, 3, 1, { 3, 3 }, { 1, 1 }, { 2, 3 }, { 2, 3 }, false },
    { 1, 4, 4, 300, 20, 1, { 3, 3 }, { 1, 1 }, { 1, 1 }, { 1, 1 }, false }, /* channels in two pieces */
    { 2, 3, 3, 20, 300, 1, { 3, 3 }, { 1, 1 }, { 1, 1 }, { 1, 1 }, false }, /* filters in two blocks */
    { 4, 15, 15, 64, 64, 1, { 3, 3 }, { 2, 2 }, { 1, 1 }, { 1, 1 }, false },
    { 1, 3, 3, 2, 2, 1, { 5, 5 }, { 1, 1 }, { 1, 1 }, { 2, 2 }, false }, /* a kernel larger than the picture */
};

static uint32_t reach(const struct shape *s, int k, uint32_t size)
{
    uint32_t span = (s->kernel[k] - 1) * s->dilation[k] + 1;
    return (size + 2 * s->padding[k] + s->odd - span) / s->stride[k] + 1;
}

static struct sl_window window_of(const struct shape *s)
{
    return (struct sl_window){ .height = s->height,
                               .width = s->width,
                               .channels = s->channels,
                               .out_height = reach(s, 0, s->height),
                               .out_width = reach(s, 1, s->width),
                               .kernel_height = s->kernel[0],
                               .kernel_width = s->kernel[1],
                               .stride_height = s->stride[0],
                               .stride_width = s->stride[1],
                               .dilation_height = s->dilation[0],
                               .dilation_width = s->dilation[1],
                               .top = s->padding[0],
                               .left = s->padding[1] };
}

struct conv_settings {
    size_t rows;
    struct sl_convolution conv;
    bool bias, add, only_dx;
};
enum { X, W, B, Y, DX, DW, DB };

static void run_conv(struct sl_device *d, void *settings, float *const *a)
{
    const struct conv_settings *s = settings;
    d->kernels->conv(d, s->rows, &s->conv, a[X], a[W], s->bias ? a[B] : NULL, a[Y]);
}

static void run_conv_grad(struct sl_device *d, void *settings, float *const *a)
{
    const struct conv_settings *s = settings;
    d->kernels->conv_grad(d, s->rows, &s->conv, a[X], a[W], a[Y], a[DX], s->add, s->only_dx ? NULL : a[DW],
                          s->bias ? a[DB] : NULL, s->add);
}

static void conv_arrays(struct arrays *a, const struct conv_settings *s)
{
    const struct sl_window *w = &s->conv.window;
    size_t x = s->rows * w->height * w->width * w->channels;
    size_t y = s->rows * w->out_height * w->out_width * s->conv.filters;
    size_t weights = (size_t)s->conv.filters * (w->channels / s->conv.groups) * w->kernel_height * w->kernel_width;
    add_array(a, x);
    add_array(a, weights);
    add_array(a, s->conv.filters);
    add_array(a, y);
    add_array(a, x);
    add_array(a, weights);
    add_array(a, s->conv.filters);
}

static void convolutions_and_their_gradients_are_those_of_plain_loops(void **state)
{
    (void)state;
    struct arrays a = { 0 };
    for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++) {
        const struct shape *s = &shapes[i];
        struct conv_settings settings = { s->rows, { window_of(s), s->filters, s->groups }, i % 2, i % 3 == 0, i == 4 };
        const struct sl_window *w = &settings.conv.window;
        double depth = (double)w->kernel_height * w->kernel_width * w->channels / s->groups;
        double places = (double)s->rows * w->out_height * w->out_width;
        char what[64];
        snprintf(what, sizeof what, "convolution %zu", i);
        conv_arrays(&a, &settings);
        check(&a, run_conv, &settings, 8 + sqrt(depth), what);
        conv_arrays(&a, &settings);
        check(&a, run_conv_grad, &settings, 8 + sqrt(depth * s->filters) + sqrt(places), what);
    }
}

/* --- batch norm --- */

struct norm_settings {
    struct sl_batch_norm norm;
    bool training, other, add, both;
};
enum { NX, NOTHER, NY, GAIN, BIAS, RUN_MEAN, RUN_VARIANCE, MEAN, RSTD, NDX, NDOTHER, NDY };

static struct sl_batch_norm norm_at(const struct norm_settings *s, float *const *a)
{
    struct sl_batch_norm norm = s->norm;
    norm.gain = a[GAIN];
    norm.bias = a[BIAS];
    norm.running_mean = a[RUN_MEAN];
    norm.running_variance = a[RUN_VARIANCE];
    norm.mean = a[MEAN];
    norm.rstd = a[RSTD];
    return norm;
}

static void run_norm(struct sl_device *d, void *settings, float *const *a)
{
    const struct norm_settings *s = settings;
    struct sl_batch_norm norm = norm_at(s, a);
    d->kernels->batch_norm(d, &norm, s->training, a[NX], s->other ? a[NOTHER] : NULL, a[NY]);
    if (s->training) /* gain and bias are used up: their places become those of their gradients */
        d->kernels->batch_norm_grad(d, &norm, a[NX], a[NY], a[NDY], s->both ? a[NDX] : NULL, s->add,
                                    s->other ? a[NDOTHER] : NULL, s->add, a[NOTHER], a[NOTHER] + norm.columns, s->add);
}

static void norm_arrays(struct arrays *a, const struct norm_settings *s)
{
    size_t all = s->norm.rows * s->norm.columns, columns = s->norm.columns;
    for (int k = NX; k <= NY; k++)
        add_array(a, all + 2 * columns);
    for (int k = GAIN; k <= RSTD; k++)
        add_array(a, columns);
    for (int k = NDX; k <= NDY; k++)
        add_array(a, all);
    for (size_t i = 0; i < columns; i++)
        a->begin[RUN_VARIANCE][i] = 0.5f + fabsf(a->begin[RUN_VARIANCE][i]);
}

static void batch_norms_and_their_gradients_are_those_of_plain_loops(void **state)
{
    (void)state;
    static const size_t sizes[][2] = { { 1, 1 },   { 2, 3 },    { 7, 16 },   { 63, 17 },  { 64, 64 },
                                       { 65, 65 }, { 200, 33 }, { 5000, 5 }, { 70, 2051 } };
    struct arrays a = { 0 };
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++)
        for (int way = 0; way < 8; way++) {
            struct norm_settings s = { .norm = { .rows = sizes[i][0],
                                                 .columns = sizes[i][1],
                                                 .epsilon = 1e-3f,
                                                 .momentum = way & 2 ? 0.1f : 0,
                                                 .f = way & 1 ? SL_RELU : SL_LINEAR },
                                       .training = way & 4 || way & 2,
                                       .other = way & 2,
                                       .add = way & 1,
                                       .both = way != 6 };
            char what[64];
            snprintf(what, sizeof what, "batch norm %zu × %zu, way %d", sizes[i][0], sizes[i][1], way);
            norm_arrays(&a, &s);
            check(&a, run_norm, &s, 64 + 8 * sqrt((double)sizes[i][0]), what);
        }
}

static void a_batch_that_is_no_number_leaves_the_running_statistics(void **state)
{
    (void)state;
    struct arrays a = { 0 };
    struct norm_settings s = { .norm = { .rows = 90, .columns = 20, .epsilon = 1e-3f, .momentum = 0.1f },
                               .training = true };
    norm_arrays(&a, &s);
    a.begin[NX][20 * 70 + 3] = NAN;
    again(&a);
    struct sl_device *d = NULL;
    assert_int_equal(sl_device_cpu(&d, NULL, NULL, NULL), SL_OK);
    struct sl_batch_norm norm = norm_at(&s, a.got);
    d->kernels->batch_norm(d, &norm, true, a.got[NX], NULL, a.got[NY]);
    for (size_t c = 0; c < 20; c++) {
        assert_true(isfinite(a.got[RUN_MEAN][c]) && isfinite(a.got[RUN_VARIANCE][c]));
        bool moved = a.got[RUN_MEAN][c] < a.begin[RUN_MEAN][c] || a.got[RUN_MEAN][c] > a.begin[RUN_MEAN][c];
        assert_int_equal(moved, c != 3);
        assert_int_equal(isnan(a.got[NY][c]) != 0, c == 3);
    }
    sl_device_close(d);
    free_arrays(&a);
}

/* --- pools --- */

struct pool_settings {
    size_t rows;
    struct sl_window window;
    bool padded, add;
};
enum { PX, PY, PMEAN, PDY, PDX, PDMEAN };

static void run_pool(struct sl_device *d, void *settings, float *const *a)
{
    const struct pool_settings *s = settings;
    d->kernels->max_pool(d, s->rows, &s->window, a[PX], a[PY]);
    d->kernels->mean_pool(d, s->rows, &s->window, s->padded, a[PX], a[PMEAN]);
    d->kernels->max_pool_grad(d, s->rows, &s->window, a[PX], a[PY], a[PDY], a[PDX], s->add);
    d->kernels->mean_pool_grad(d, s->rows, &s->window, s->padded, a[PDY], a[PDMEAN], s->add);
}

static void pools_and_their_gradients_are_those_of_plain_loops(void **state)
{
    (void)state;
    static const struct shape pools[] = {
        { 1, 1, 1, 1, 0, 1, { 1, 1 }, { 1, 1 }, { 1, 1 }, { 0, 0 }, false },
        { 3, 9, 8, 17, 0, 1, { 3, 3 }, { 2, 2 }, { 1, 1 }, { 1, 1 }, false },
        { 2, 8, 6, 1030, 0, 1, { 2, 2 }, { 2, 2 }, { 1, 1 }, { 0, 0 }, false },
        { 2, 7, 5, 64, 0, 1, { 3, 2 }, { 1, 2 }, { 2, 1 }, { 1, 0 }, true },
    };
    struct arrays a = { 0 };
    for (size_t i = 0; i < sizeof pools / sizeof *pools; i++) {
        struct pool_settings s = { pools[i].rows, window_of(&pools[i]), i % 2, i > 1 };
        size_t in = s.rows * s.window.height * s.window.width * s.window.channels;
        size_t out = s.rows * s.window.out_height * s.window.out_width * s.window.channels;
        add_array(&a, in);
        for (int k = PY; k <= PDY; k++)
            add_array(&a, out);
        for (int k = PDX; k <= PDMEAN; k++)
            add_array(&a, in);
        for (size_t k = 0; k < in; k++) /* many equals: the first of them counts */
            a.begin[PX][k] = roundf(a.begin[PX][k] * 3);
        char what[64];
        snprintf(what, sizeof what, "pool %zu", i);
        check(&a, run_pool, &s, 16, what);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(convolutions_and_their_gradients_are_those_of_plain_loops),
        cmocka_unit_test(batch_norms_and_their_gradients_are_those_of_plain_loops),
        cmocka_unit_test(a_batch_that_is_no_number_leaves_the_running_statistics),
        cmocka_unit_test(pools_and_their_gradients_are_those_of_plain_loops),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
