/* check_memory.c: memory, copies, slots, and the recording of kernels. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "tests/unit/device/kernels_check.h"

static void memory(struct check *c, size_t n)
{
    check_begin(c, "memory of %zu", n);
    struct array *a = check_random(c, n, -1, 1), *b = check_random(c, n, -1, 1);
    void *fresh = NULL;
    assert_int_equal(c->k->alloc(c->d, &fresh, n * sizeof(float), NULL), SL_OK);
    assert_int_equal(c->k->download(c->d, a->got, fresh, n * sizeof(float), NULL), SL_OK);
    for (size_t i = 0; i < n; i++) {
        check_that(c, a->got[i] == 0, "new memory holds %g at %zu", (double)a->got[i], i);
    }
    c->k->copy(c->d, fresh, a->at, n * sizeof(float));
    c->k->zero(c->d, a->at, n / 2 * sizeof(float));
    c->k->copy(c->d, b->at, fresh, n * sizeof(float));
    check_fetch(c, a);
    check_fetch(c, b);
    for (size_t i = 0; i < n; i++) {
        float half = i < n / 2 ? 0 : a->before[i];
        check_that(c, a->got[i] == half, "zero left %g at %zu", (double)a->got[i], i);
        check_that(c, b->got[i] == a->before[i], "copy made %g of %g", (double)b->got[i], (double)a->before[i]);
    }
    c->k->free(c->d, fresh);
    c->k->free(c->d, NULL);
    check_end(c);
}

/* Batches in turn through two slots of host memory, which is written again as soon as that is allowed. */
static void slots(struct check *c)
{
    enum { N = 4000, BATCHES = 9 };
    check_begin(c, "uploads through two slots");
    void *host[2] = { NULL, NULL }, *at[2] = { NULL, NULL };
    struct array *sum = check_random(c, N, 0, 0);
    for (int s = 0; s < 2; s++) {
        assert_int_equal(c->k->host_alloc(c->d, &host[s], N * sizeof(float), NULL), SL_OK);
        assert_int_equal(c->k->alloc(c->d, &at[s], N * sizeof(float), NULL), SL_OK);
    }
    for (int batch = 0; batch < BATCHES; batch++) {
        int s = batch % 2;
        c->k->uploaded(c->d, s);
        for (size_t i = 0; i < N; i++) {
            ((float *)host[s])[i] = (float)(batch + 1) * (float)(i % 100);
        }
        c->k->upload(c->d, s, at[s], host[s], N * sizeof(float));
        c->k->acquire(c->d, s);
        c->k->sum(c->d, N, sum->at, at[s], sum->at);
        c->k->release(c->d, s);
    }
    check_fetch(c, sum);
    for (size_t i = 0; i < N; i++) {
        float want = (float)(i % 100) * BATCHES * (BATCHES + 1) / 2;
        check_that(c, sum->got[i] == want, "the sum at %zu is %g, not %g", i, (double)sum->got[i], (double)want);
    }
    for (int s = 0; s < 2; s++) {
        c->k->host_free(c->d, host[s]);
        c->k->free(c->d, at[s]);
    }
    check_end(c);
}

/* A step of one kernel, given under its key; whether it is recorded is the device's affair. */
static void step(struct check *c, uint64_t key, struct array *y, const struct array *x)
{
    if (!c->k->begin(c->d, key)) {
        c->k->sum(c->d, y->n, y->at, x->at, y->at);
        struct sl_error err = SL_ERROR_INIT;
        int status = c->k->end(c->d, key, &err);
        check_that(c, status == SL_OK, "end of key %d: %s", (int)key, err.what);
    }
}

static void recording(struct check *c)
{
    enum { N = 1000, TIMES = 6 };
    check_begin(c, "recorded kernels");
    const float one[N] = { [0 ... N - 1] = 1 };
    struct array *x = check_numbers(c, N, one), *two = check_random(c, N, 0, 0), *y = check_random(c, N, 0, 0);
    c->k->scale(c->d, N, 2, x->at, two->at, false);
    for (int i = 0; i < TIMES; i++) {
        step(c, 7, y, x);
        step(c, 8, y, two);
        step(c, 0, y, x);
    }
    c->k->forget(c->d);
    step(c, 7, y, two); /* the same key, other arguments */
    assert_int_equal(c->k->sync(c->d, NULL), SL_OK);
    check_fetch(c, y);
    for (int i = 0; i < N; i++) {
        check_that(c, y->got[i] == 4 * TIMES + 2, "y[%d] is %g, not %d", i, (double)y->got[i], 4 * TIMES + 2);
    }
    check_end(c);
}

void check_memory(struct check *c)
{
    static const size_t lengths[] = { 1, 7, 63, 64, 65, 10000 };
    for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++) {
        memory(c, lengths[i]);
    }
    slots(c);
    recording(c);
}
