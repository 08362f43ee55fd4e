/* check.c: see check.h. */
#include "tests/unit/device/check.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BEHIND 1234.5f
enum { SHOWN = 4 };

void check_begin(struct check *c, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    vsnprintf(c->what, sizeof c->what, format, args);
    va_end(args);
    c->wrong = 0;
}

void check_end(struct check *c)
{
    for (int i = 0; i < c->n_arrays; i++) {
        free(c->arrays[i].before);
        free(c->arrays[i].got);
        c->k->free(c->d, c->arrays[i].at);
    }
    for (int i = 0; i < c->n_doubles; i++) {
        free(c->doubles[i]);
    }
    c->n_arrays = c->n_doubles = 0;
    c->failures += c->wrong > 0;
}

uint32_t check_draw(struct check *c)
{
    c->random ^= c->random << 13;
    c->random ^= c->random >> 7;
    c->random ^= c->random << 17;
    return (uint32_t)(c->random >> 32);
}

static struct array *new_array(struct check *c, size_t n)
{
    assert_true(c->n_arrays < CHECK_ARRAYS);
    struct array *a = &c->arrays[c->n_arrays++];
    size_t bytes = (n + CHECK_BEHIND) * sizeof(float);
    *a = (struct array){ n, malloc(bytes), malloc(bytes), NULL };
    void *at = NULL;
    assert_non_null(a->before);
    assert_non_null(a->got);
    assert_int_equal(c->k->alloc(c->d, &at, bytes, NULL), SL_OK);
    assert_int_equal((uintptr_t)at % 64, 0);
    a->at = at;
    for (size_t i = 0; i < CHECK_BEHIND; i++) {
        a->before[n + i] = BEHIND;
    }
    return a;
}

static void give(struct check *c, const struct array *a)
{
    c->k->upload(c->d, 0, a->at, a->before, (a->n + CHECK_BEHIND) * sizeof(float));
    c->k->uploaded(c->d, 0);
    c->k->acquire(c->d, 0);
    c->k->release(c->d, 0);
}

struct array *check_random(struct check *c, size_t n, double low, double high)
{
    struct array *a = new_array(c, n);
    for (size_t i = 0; i < n; i++) {
        a->before[i] = (float)(low + (high - low) * (double)check_draw(c) * 0x1p-32);
    }
    give(c, a);
    return a;
}

struct array *check_numbers(struct check *c, size_t n, const float *numbers)
{
    struct array *a = new_array(c, n);
    memcpy(a->before, numbers, n * sizeof(float));
    give(c, a);
    return a;
}

struct array *check_words(struct check *c, size_t n, uint32_t below)
{
    struct array *a = new_array(c, n);
    for (size_t i = 0; i < n; i++) {
        uint32_t word = check_draw(c) % below;
        memcpy(&a->before[i], &word, sizeof word);
    }
    give(c, a);
    return a;
}

const uint32_t *check_as_words(const struct array *a)
{
    return (const uint32_t *)(const void *)a->at;
}

double *check_doubles(struct check *c, size_t n)
{
    assert_true(c->n_doubles < CHECK_ARRAYS);
    double *p = calloc(n ? n : 1, sizeof *p);
    assert_non_null(p);
    c->doubles[c->n_doubles++] = p;
    return p;
}

static void add_to_digest(struct check *c, const float *data, size_t n)
{
    uint64_t digest = c->digest;
    for (size_t i = 0; i < n; i++) {
        uint32_t word;
        memcpy(&word, &data[i], sizeof word);
        digest = (digest ^ word) * 0x100000001b3u; /* FNV-1a, by words */
    }
    c->digest = digest;
}

static void complain(struct check *c, const char *format, va_list args)
{
    if (c->wrong++ < SHOWN) {
        fprintf(stderr, "%s: %s: ", c->d->name, c->what);
        vfprintf(stderr, format, args);
        fputc('\n', stderr);
    }
}

void check_that(struct check *c, bool holds, const char *format, ...)
{
    if (!holds) {
        va_list args;
        va_start(args, format);
        complain(c, format, args);
        va_end(args);
    }
}

void check_fetch(struct check *c, struct array *a)
{
    struct sl_error err = SL_ERROR_INIT;
    int status = c->k->download(c->d, a->got, a->at, (a->n + CHECK_BEHIND) * sizeof(float), &err);
    check_that(c, status == SL_OK, "cannot be read: %s", err.what);
    for (size_t i = 0; i < CHECK_BEHIND; i++) {
        check_that(c, a->got[a->n + i] == BEHIND, "wrote %g at %zu behind the end of %zu", (double)a->got[a->n + i], i,
                   a->n);
    }
    add_to_digest(c, a->got, a->n);
}

static bool near(double got, double want, double limit)
{
    if (isnan(want)) {
        return isnan(got);
    }
    if (isinf(want) || fabs(want) > 0x1.fffffep127) {
        return got == (want > 0 ? (double)INFINITY : -(double)INFINITY);
    }
    return fabs(got - want) <= limit;
}

void check_near(struct check *c, const char *name, struct array *a, const double *want, const double *size,
                double limit)
{
    check_fetch(c, a);
    for (size_t i = 0; c->compare && i < a->n; i++) {
        double allowed = limit * 0x1p-23 * fabs(size ? size[i] : want[i]) +
                         0x1p-126; /* smaller ones may count as nothing */
        check_that(c, near((double)a->got[i], want[i], allowed),
                   "%s[%zu] of %zu is %.9g, the reference has %.12g: off by %.3g, allowed %.3g", name, i, a->n,
                   (double)a->got[i], want[i], fabs((double)a->got[i] - want[i]), allowed);
    }
}
