/* test_pool.c: loops over worker threads. */
#include "sluice/pool.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <limits.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

static const int thread_counts[] = { 1, 2, 4, 16 };
enum { COUNTS = sizeof thread_counts / sizeof *thread_counts };

static struct sl_pool *new_pool(int threads)
{
    struct sl_pool *pool = NULL;
    assert_int_equal(sl_pool_new(&pool, threads, NULL), SL_OK);
    assert_non_null(pool);
    assert_int_equal(sl_pool_threads(pool), threads);
    return pool;
}

static void (*const loops[])(struct sl_pool *, size_t, void (*)(void *, size_t, int), void *) = { sl_pool_for,
                                                                                                  sl_pool_share };
enum { LOOPS = sizeof loops / sizeof *loops };

struct squares {
    uint64_t *value;
    atomic_int *seen;
    int threads;
    atomic_bool bad_worker;
};

static void store_square(void *ctx, size_t i, int worker)
{
    struct squares *squares = ctx;
    squares->value[i] = (uint64_t)i * i;
    atomic_fetch_add(&squares->seen[i], 1);
    if (worker < 0 || worker >= squares->threads) {
        atomic_store(&squares->bad_worker, true);
    }
}

static void every_index_is_run_once_with_any_number_of_threads(void **state)
{
    (void)state;
    enum { N = 10007 };
    for (int c = 0; c < COUNTS * LOOPS; c++) {
        struct sl_pool *pool = new_pool(thread_counts[c % COUNTS]);
        struct squares squares = { calloc(N, sizeof(uint64_t)), calloc(N, sizeof(atomic_int)),
                                   thread_counts[c % COUNTS], false };
        assert_non_null(squares.value);
        assert_non_null(squares.seen);
        loops[c / COUNTS](pool, N, store_square, &squares);
        uint64_t sum = 0;
        for (size_t i = 0; i < N; i++) {
            sum += squares.value[i];
            assert_int_equal(atomic_load(&squares.seen[i]), 1);
        }
        assert_int_equal(sum, (uint64_t)(N - 1) * N * (2 * N - 1) / 6);
        assert_false(atomic_load(&squares.bad_worker));
        free(squares.value);
        free(squares.seen);
        sl_pool_free(pool);
    }
}

struct counts {
    size_t per_worker[16][8]; /* a cache line each, not atomic: a worker's own */
};

static void count(void *ctx, size_t i, int worker)
{
    struct counts *counts = ctx;
    counts->per_worker[worker][0] += i + 1;
}

static void many_short_loops_lose_no_iteration(void **state)
{
    (void)state;
    for (int c = 0; c < COUNTS * LOOPS; c++) {
        struct sl_pool *pool = new_pool(thread_counts[c % COUNTS]);
        for (size_t n = 0; n < 2000; n++) {
            size_t length = n % 7;
            struct counts counts = { 0 };
            loops[c / COUNTS](pool, length, count, &counts);
            size_t sum = 0;
            for (int worker = 0; worker < 16; worker++) {
                sum += counts.per_worker[worker][0];
            }
            assert_int_equal(sum, length * (length + 1) / 2);
        }
        sl_pool_free(pool);
    }
}

struct meeting {
    pthread_barrier_t barrier;
    atomic_int workers; /* a bit each */
    atomic_int unblocked;
    pthread_t caller;
};

static void meet(void *ctx, size_t i, int worker)
{
    (void)i;
    struct meeting *meeting = ctx;
    atomic_fetch_or(&meeting->workers, 1 << worker);
    sigset_t mask;
    pthread_sigmask(SIG_SETMASK, NULL, &mask);
    if (worker != 0 && (!sigismember(&mask, SIGINT) || !sigismember(&mask, SIGWINCH) || !sigismember(&mask, SIGTERM))) {
        atomic_fetch_add(&meeting->unblocked, 1);
    }
    pthread_barrier_wait(&meeting->barrier);
}

static void all_threads_work_at_the_same_time_and_take_no_signals(void **state)
{
    (void)state;
    sigset_t before, after;
    pthread_sigmask(SIG_SETMASK, NULL, &before);
    for (int c = 0; c < COUNTS; c++) {
        int threads = thread_counts[c];
        struct sl_pool *pool = new_pool(threads);
        for (int round = 0; round < 20; round++) {
            struct meeting meeting = { 0 };
            assert_int_equal(pthread_barrier_init(&meeting.barrier, NULL, (unsigned)threads), 0);
            sl_pool_for(pool, (size_t)threads, meet, &meeting); /* returns only if every thread comes */
            pthread_barrier_destroy(&meeting.barrier);
            assert_int_equal(atomic_load(&meeting.workers), (1 << threads) - 1);
            assert_int_equal(atomic_load(&meeting.unblocked), 0);
        }
        sl_pool_free(pool);
    }
    pthread_sigmask(SIG_SETMASK, NULL, &after);
    assert_int_equal(sigismember(&before, SIGINT), sigismember(&after, SIGINT));
    assert_int_equal(sigismember(&after, SIGTERM), sigismember(&before, SIGTERM));
}

static void remember_order(void *ctx, size_t i, int worker)
{
    (void)worker;
    size_t *next = ctx;
    *next = *next == i ? i + 1 : SIZE_MAX;
}

static void one_thread_goes_in_rising_order(void **state)
{
    (void)state;
    struct sl_pool *pool = new_pool(1);
    size_t next = 0;
    sl_pool_for(pool, 1000, remember_order, &next);
    assert_int_equal(next, 1000);
    sl_pool_free(pool);
}

static void no_pool_runs_in_the_caller(void **state)
{
    (void)state;
    size_t next = 0;
    sl_pool_for(NULL, 50, remember_order, &next);
    assert_int_equal(next, 50);
    assert_int_equal(sl_pool_threads(NULL), 1);
    sl_pool_free(NULL);
}

struct nest {
    struct sl_pool *pool;
    atomic_size_t inner, wrong_worker;
};

static void run_inner(void *ctx, size_t i, int worker)
{
    int *outer = ctx;
    outer[1] += (int)i;
    outer[2] += worker != outer[0];
}

static void run_outer(void *ctx, size_t i, int worker)
{
    (void)i;
    struct nest *nest = ctx;
    int seen[3] = { worker, 0, 0 };
    sl_pool_for(nest->pool, 10, run_inner, seen);
    atomic_fetch_add(&nest->inner, (size_t)seen[1]);
    atomic_fetch_add(&nest->wrong_worker, (size_t)seen[2]);
}

static void a_loop_inside_a_loop_runs_under_the_same_worker(void **state)
{
    (void)state;
    for (int c = 0; c < COUNTS; c++) {
        struct nest nest = { .pool = new_pool(thread_counts[c]) };
        sl_pool_for(nest.pool, 100, run_outer, &nest);
        assert_int_equal(atomic_load(&nest.inner), 100 * 45);
        assert_int_equal(atomic_load(&nest.wrong_worker), 0);
        sl_pool_free(nest.pool);
    }
}

struct rivals {
    struct sl_pool *pool;
    size_t plain; /* not atomic: only one loop may run at a time, and its length is 1 */
    atomic_size_t iterations;
};

static void add_plain(void *ctx, size_t i, int worker)
{
    (void)i, (void)worker;
    ((struct rivals *)ctx)->plain++;
}

static void add_atomic(void *ctx, size_t i, int worker)
{
    (void)i, (void)worker;
    atomic_fetch_add(&((struct rivals *)ctx)->iterations, 1);
}

static void *call_often(void *ctx)
{
    struct rivals *rivals = ctx;
    for (int i = 0; i < 300; i++) {
        sl_pool_for(rivals->pool, 1, add_plain, rivals);
        sl_pool_for(rivals->pool, 5, add_atomic, rivals);
    }
    return NULL;
}

static void a_second_caller_waits_for_its_turn(void **state)
{
    (void)state;
    struct rivals rivals = { .pool = new_pool(4) };
    pthread_t threads[3];
    for (int i = 0; i < 3; i++) {
        assert_int_equal(pthread_create(&threads[i], NULL, call_often, &rivals), 0);
    }
    for (int i = 0; i < 3; i++) {
        pthread_join(threads[i], NULL);
    }
    assert_int_equal(rivals.plain, 900);
    assert_int_equal(atomic_load(&rivals.iterations), 4500);
    sl_pool_free(rivals.pool);
}

static void a_pool_can_be_freed_at_once_and_after_use(void **state)
{
    (void)state;
    for (int i = 0; i < 50; i++) {
        struct sl_pool *pool = new_pool(1 + i % 6);
        struct rivals rivals = { .pool = pool };
        if (i % 2) {
            sl_pool_for(pool, 9, add_atomic, &rivals);
            assert_int_equal(atomic_load(&rivals.iterations), 9);
        }
        sl_pool_free(pool);
    }
}

static void no_number_means_all_cores_and_a_silly_one_is_refused(void **state)
{
    (void)state;
    struct sl_pool *pool = NULL;
    assert_int_equal(sl_pool_new(&pool, 0, NULL), SL_OK);
    assert_int_equal(sl_pool_threads(pool), sl_cores());
    sl_pool_free(pool);
    pool = NULL;
    struct sl_error err;
    assert_int_equal(sl_pool_new(&pool, INT_MAX, &err), SL_EPARAM);
    assert_null(pool);
    assert_non_null(strstr(err.what, "2147483647"));
    assert_string_not_equal(err.fix, "");
}

/* Work that ends only when its caller says so, from another thread. */
struct errand {
    atomic_bool stop;
    pthread_t worker;
    int waits;
};

static int wait_for_stop(void *ctx, struct sl_error *err)
{
    struct errand *errand = ctx;
    errand->worker = pthread_self();
    while (!errand->stop)
        sched_yield();
    return sl_fail(err, SL_ECANCEL, "told to stop");
}

static void stop_at_the_third(void *ctx, int done)
{
    struct errand *errand = ctx;
    (void)done;
    errand->stop = ++errand->waits >= 3;
}

static void work_done_aside_can_be_called_off(void **state)
{
    (void)state;
    struct errand errand = { 0 };
    struct sl_error err = SL_ERROR_INIT;
    assert_int_equal(sl_aside(wait_for_stop, &errand, stop_at_the_third, &errand, &err), SL_ECANCEL);
    assert_string_equal(err.what, "told to stop");
    assert_true(errand.waits >= 3);
    assert_false(pthread_equal(errand.worker, pthread_self()));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_index_is_run_once_with_any_number_of_threads),
        cmocka_unit_test(many_short_loops_lose_no_iteration),
        cmocka_unit_test(all_threads_work_at_the_same_time_and_take_no_signals),
        cmocka_unit_test(one_thread_goes_in_rising_order),
        cmocka_unit_test(no_pool_runs_in_the_caller),
        cmocka_unit_test(a_loop_inside_a_loop_runs_under_the_same_worker),
        cmocka_unit_test(a_second_caller_waits_for_its_turn),
        cmocka_unit_test(a_pool_can_be_freed_at_once_and_after_use),
        cmocka_unit_test(no_number_means_all_cores_and_a_silly_one_is_refused),
        cmocka_unit_test(work_done_aside_can_be_called_off),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
