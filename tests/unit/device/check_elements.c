/* check_elements.c: activations, sums, scaling, dropout.
 *
 * Limits: activations 8 of the result (gelu: of x), their gradients 8 of dy·max(1, slope) and what is added to,
 * sums and scaling 1, dropout 2. */
#include <math.h>

#include "tests/unit/device/kernels_check.h"
#include "tests/unit/device/reference.h"

static const size_t lengths[] = { 1, 7, 15, 16, 17, 63, 64, 65, 1000, 8191, 8192, 8193, 20011 };
enum { LENGTHS = sizeof lengths / sizeof *lengths };
static const char *const names[] = { "linear", "relu", "gelu", "tanh", "sigmoid" };

static void activation(struct check *c, enum sl_activation f, size_t n, double reach)
{
    check_begin(c, "activate %s, n = %zu, x in ±%g", names[f], n, reach);
    struct array *x = check_random(c, n, -reach, reach), *y = check_random(c, n, -1, 1);
    c->k->activate(c->d, f, n, x->at, y->at);
    double *want = check_doubles(c, n), *size = check_doubles(c, n);
    for (size_t i = 0; i < n; i++) {
        want[i] = ref_activation(f, (double)x->before[i]);
        size[i] = f == SL_GELU ? (double)x->before[i] : want[i];
    }
    check_near(c, "y", y, want, size, 8);
    check_end(c);
}

static void activation_grad(struct check *c, enum sl_activation f, size_t n, bool add, bool in_place)
{
    check_begin(c, "activate_grad %s, n = %zu%s%s", names[f], n, add ? ", adding" : "", in_place ? ", in place" : "");
    struct array *x = check_random(c, n, -5, 5), *dy = check_random(c, n, -2, 2);
    float *numbers = x->got; /* room not needed otherwise */
    double *want = check_doubles(c, n), *size = check_doubles(c, n);
    for (size_t i = 0; i < n; i++) {
        numbers[i] = (float)ref_activation(f, (double)x->before[i]);
    }
    struct array *y = check_numbers(c, n, numbers), *dx = in_place ? dy : check_random(c, n, -1, 1);
    for (size_t i = 0; i < n; i++) {
        double slope = ref_slope(f, (double)x->before[i]);
        double before = add ? (double)dx->before[i] : 0;
        want[i] = before + (double)dy->before[i] * slope;
        size[i] = fabs(before) + fabs((double)dy->before[i]) * fmax(1, fabs(slope));
    }
    c->k->activate_grad(c->d, f, n, x->at, y->at, dy->at, dx->at, add);
    check_near(c, "dx", dx, want, size, 8);
    check_end(c);
}

/* Not a number stays so, infinities give the limits. */
static void activation_ends(struct check *c, enum sl_activation f)
{
    const float ends[] = { NAN, INFINITY, -INFINITY, 0, 3e38f, -3e38f, 1e-38f, -1e-38f };
    enum { ENDS = sizeof ends / sizeof *ends };
    static const double limits[][3] = {
        { (double)NAN, (double)INFINITY, -(double)INFINITY },
        { (double)NAN, (double)INFINITY, 0 },
        { (double)NAN, (double)INFINITY, (double)NAN }, /* −∞·0, as the formula has it; not looked at */
        { (double)NAN, 1, -1 },
        { (double)NAN, 1, 0 },
    };
    check_begin(c, "activate %s at the ends", names[f]);
    struct array *x = check_numbers(c, ENDS, ends), *y = check_random(c, ENDS, -1, 1);
    c->k->activate(c->d, f, ENDS, x->at, y->at);
    check_fetch(c, y);
    for (int i = 0; i < (f == SL_GELU ? 2 : 3); i++) {
        double got = (double)y->got[i], want = limits[f][i];
        check_that(c, isnan(want) ? isnan(got) : got == want, "of %g it is %g, not %g", (double)ends[i], got, want);
    }
    for (int i = 3; i < ENDS; i++) {
        double got = (double)y->got[i], want = ref_activation(f, (double)ends[i]);
        check_that(c, fabs(got - want) <= 8 * 0x1p-23 * fabs(want) + 0x1p-126, "of %g it is %g, not %g",
                   (double)ends[i], got, want);
    }
    check_end(c);
}

static void sum_and_scale(struct check *c, size_t n, bool add)
{
    check_begin(c, "sum, n = %zu%s", n, add ? ", in place" : "");
    struct array *a = check_random(c, n, -3, 3), *b = check_random(c, n, -3, 3);
    struct array *y = add ? a : check_random(c, n, -1, 1);
    double *want = check_doubles(c, n);
    for (size_t i = 0; i < n; i++) {
        want[i] = (double)a->before[i] + (double)b->before[i];
    }
    c->k->sum(c->d, n, a->at, b->at, y->at);
    check_near(c, "y", y, want, NULL, 1);
    check_end(c);

    check_begin(c, "scale, n = %zu%s", n, add ? ", adding" : "");
    struct array *x = check_random(c, n, -3, 3);
    y = check_random(c, n, -1, 1);
    want = check_doubles(c, n);
    double *size = check_doubles(c, n);
    for (size_t i = 0; i < n; i++) {
        double term = -0.75 * (double)x->before[i], before = add ? (double)y->before[i] : 0;
        want[i] = term + before;
        size[i] = fabs(term) + fabs(before);
    }
    c->k->scale(c->d, n, -0.75f, x->at, y->at, add);
    check_near(c, "y", y, want, size, 1);
    check_end(c);
}

static void dropout(struct check *c, size_t n, float rate, uint32_t step, bool add)
{
    const struct sl_hyper hyper = { 0.001f, 1, 1, step };
    float words[sizeof hyper / sizeof(float)];
    __builtin_memcpy(words, &hyper, sizeof words);
    uint64_t seed = (uint64_t)check_draw(c) << 32 | check_draw(c);
    uint32_t site = check_draw(c);
    check_begin(c, "dropout, n = %zu, rate %g, step %u%s", n, (double)rate, step, add ? ", adding" : "");
    struct array *x = check_random(c, n, 1, 2), *y = check_random(c, n, -1, 1);
    struct array *h = check_numbers(c, sizeof words / sizeof *words, words);
    c->k->dropout(c->d, n, rate, seed, site, (const struct sl_hyper *)(const void *)h->at, x->at, y->at, add);
    double *want = check_doubles(c, n);
    ref_dropout(n, (double)rate, seed, site, step, x->before, add ? y->before : NULL, want);
    check_near(c, "y", y, want, NULL, add ? 16 : 2);
    size_t dropped = 0;
    for (size_t i = 0; i < n; i++) {
        dropped += !add && y->got[i] == 0;
    }
    double expected = (double)rate * (double)n, spread = sqrt(expected * (1 - (double)rate));
    check_that(c, add || fabs((double)dropped - expected) <= 5 * spread + 1, "%zu dropped, %g expected", dropped,
               expected);
    check_end(c);
}

void check_elements(struct check *c)
{
    for (enum sl_activation f = SL_LINEAR; f <= SL_SIGMOID; f++) {
        for (int i = 0; i < LENGTHS; i++) {
            activation(c, f, lengths[i], i % 2 ? 3 : 12);
            activation_grad(c, f, lengths[i], i % 3 == 1, i % 3 == 2);
        }
        activation(c, f, 5000, 0.5);
        activation_ends(c, f);
    }
    for (int i = 0; i < LENGTHS; i++) {
        sum_and_scale(c, lengths[i], i % 2);
        dropout(c, lengths[i], i % 2 ? 0.5f : 0.1f, (uint32_t)i * 1000003u, i % 3 == 2);
    }
    dropout(c, 1000, 0, 7, false);
    dropout(c, 30000, 0.999f, 7, false);
}
