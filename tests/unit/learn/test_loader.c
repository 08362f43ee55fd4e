/* test_loader.c: the order of passes, rows as floats, and batches that do not depend on who makes them. */
#include "engine/learn/loader_private.h"

#include "sluice/random.h"

#include <math.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdlib.h>
#include <time.h>

#include <cmocka.h>

/* --- order --- */

static void every_row_is_at_exactly_one_place(void **state)
{
    static const uint64_t sizes[] = { 1, 2, 3, 5, 64, 1023, 1024, 1025, 4096, 4097, 60000, 100003 };
    (void)state;
    for (size_t k = 0; k < sizeof sizes / sizeof *sizes; k++) {
        uint64_t n = sizes[k];
        uint8_t *seen = calloc(n, 1);
        struct sl_permutation p;
        sl_permutation_init(&p, n, 42, 3);
        for (uint64_t i = 0; i < n; i++) {
            uint64_t row = sl_permutation_at(&p, i);
            if (row >= n || seen[row])
                fail_msg("of %llu rows, place %llu holds %llu again", (unsigned long long)n, (unsigned long long)i,
                         (unsigned long long)row);
            seen[row] = 1;
        }
        uint64_t run[29], first = n / 3, many = n - first < 29 ? n - first : 29;
        sl_permutation_run(&p, first, many, run);
        for (uint64_t i = 0; i < many; i++)
            assert_true(run[i] == sl_permutation_at(&p, first + i));
        free(seen);
    }
}

static uint64_t fixed_points(uint64_t n, uint64_t seed_a, uint32_t pass_a, uint64_t seed_b, uint32_t pass_b)
{
    struct sl_permutation a, b;
    uint64_t same = 0;
    sl_permutation_init(&a, n, seed_a, pass_a);
    sl_permutation_init(&b, n, seed_b, pass_b);
    for (uint64_t i = 0; i < n; i++)
        same += sl_permutation_at(&a, i) == sl_permutation_at(&b, i);
    return same;
}

static void orders_differ_between_passes_and_seeds_and_are_the_same_again(void **state)
{
    (void)state;
    for (uint64_t n = 500; n <= 50000; n *= 10) {
        assert_int_equal(fixed_points(n, 7, 0, 7, 0), n);
        assert_true(fixed_points(n, 7, 0, 7, 1) < 12);
        assert_true(fixed_points(n, 7, 0, 8, 0) < 12);
        assert_true(fixed_points(n, 7, 1, 8, 0) < 12);
    }
}

/* Chi-square of counts against an equal share, in standard deviations. */
static double surprise(const uint32_t *count, size_t cells, double total)
{
    double expected = total / (double)cells, sum = 0;
    for (size_t i = 0; i < cells; i++)
        sum += ((double)count[i] - expected) * ((double)count[i] - expected) / expected;
    double freedom = (double)cells - 1;
    return fabs(sum - freedom) / sqrt(2 * freedom);
}

static void all_orders_of_few_rows_are_equally_frequent(void **state)
{
    uint32_t count[27] = { 0 }, packed[6], n = 0;
    (void)state;
    for (uint32_t pass = 0; pass < 6000; pass++) {
        struct sl_permutation p;
        sl_permutation_init(&p, 3, 1, pass);
        count[9 * sl_permutation_at(&p, 0) + 3 * sl_permutation_at(&p, 1) + sl_permutation_at(&p, 2)]++;
    }
    for (size_t i = 0; i < 27; i++)
        if (count[i] && n < 6)
            packed[n++] = count[i];
    assert_int_equal(n, 6);
    assert_true(surprise(packed, 6, 6000) < 4);
}

static void every_part_of_a_pass_draws_from_all_rows_alike(void **state)
{
    enum { N = 1500, PARTS = 15, PASSES = 400 };
    uint32_t count[PARTS * PARTS] = { 0 }, first[PARTS] = { 0 };
    (void)state;
    for (uint32_t pass = 0; pass < PASSES; pass++) {
        struct sl_permutation p;
        sl_permutation_init(&p, N, 99, pass);
        for (uint64_t i = 0; i < N; i++)
            count[i / 100 * PARTS + sl_permutation_at(&p, i) / 100]++;
        first[sl_permutation_at(&p, 0) / 100]++;
    }
    assert_true(surprise(count, PARTS * PARTS, (double)N * PASSES) < 5);
    assert_true(surprise(first, PARTS, PASSES) < 5);
}

/* --- rows --- */

static void bytes_become_the_same_floats_whatever_the_processor(void **state)
{
    uint8_t bytes[300];
    float x[300];
    (void)state;
    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (uint8_t)(i * 7 + 3);
    for (size_t n = 0; n <= 300; n += n < 40 ? 1 : 37) {
        sl_bytes_to_floats(n, bytes, 1 / 255.0f, -0.1f, x);
        for (size_t i = 0; i < n; i++) {
            volatile float product = (float)bytes[i] * (1 / 255.0f);
            float wanted = product + -0.1f;
            assert_memory_equal(&x[i], &wanted, sizeof wanted);
        }
    }
}

enum { WIDTH = 21, ROWS = 133, BLOCKS = 4 };

/* The same numbers in three layouts, in blocks of different sizes. */
struct data {
    struct sl_matrix matrix;
    struct sl_rows blocks[BLOCKS];
    uint8_t bytes[ROWS * WIDTH];
    float dense[ROWS * WIDTH];
    uint32_t start[ROWS + BLOCKS + 1], index[ROWS * WIDTH];
    float value[ROWS * WIDTH], target[ROWS];
    uint32_t y[ROWS];
    uint64_t record[ROWS];
};

static void fill_numbers(struct data *d)
{
    for (uint32_t i = 0; i < ROWS * WIDTH; i++) {
        uint32_t draw[4];
        sl_philox(5, SL_RANDOM_SAMPLE, 0, i, 0, draw);
        d->bytes[i] = draw[0] % 3 ? 0 : (uint8_t)(draw[1] & 255);
        d->dense[i] = (float)d->bytes[i] * 0.25f + 0.0f;
    }
    for (uint32_t i = 0; i < ROWS; i++) {
        d->y[i] = i % 5;
        d->target[i] = (float)i / 7;
        d->record[i] = 1000 + 3 * (uint64_t)i;
    }
}

static void data_make(struct data *d, enum sl_layout layout)
{
    static const uint32_t sizes[BLOCKS] = { 50, 1, 60, 22 };
    uint32_t row = 0, at = 0;
    memset(d, 0, sizeof *d);
    fill_numbers(d);
    d->matrix = (struct sl_matrix){ d->blocks, BLOCKS, ROWS, WIDTH, 0, layout, 0.25f, 0, NULL };
    for (uint32_t b = 0; b < BLOCKS; b++) {
        struct sl_rows *rows = &d->blocks[b];
        *rows =
            (struct sl_rows){ .n = sizes[b], .y = d->y + row, .target = d->target + row, .record = d->record + row };
        if (layout == SL_LAYOUT_BYTES)
            rows->bytes = d->bytes + (size_t)row * WIDTH;
        else if (layout == SL_LAYOUT_DENSE)
            rows->dense = d->dense + (size_t)row * WIDTH;
        else {
            rows->start = d->start + row + b;
            rows->index = d->index;
            rows->value = d->value;
        }
        for (uint32_t i = 0; i < sizes[b] && layout == SL_LAYOUT_SPARSE; i++) {
            rows->start[i] = at;
            for (uint32_t j = 0; j < WIDTH; j++)
                if (d->dense[(row + i) * WIDTH + j] != 0) {
                    d->index[at] = j;
                    d->value[at++] = d->dense[(row + i) * WIDTH + j];
                }
            rows->start[i + 1] = at;
        }
        row += sizes[b];
    }
}

/* --- batches --- */

enum { SIZE = 10 };
struct batch {
    float x[SIZE * WIDTH], target[SIZE];
    uint32_t labels[SIZE];
    uint64_t record[SIZE];
    struct sl_batch in;
};

static struct sl_batch *room(struct batch *b)
{
    memset(b, 0, sizeof *b);
    b->in = (struct sl_batch){ .x = b->x, .labels = b->labels, .target = b->target, .record = b->record };
    return &b->in;
}

static struct sl_loader *open_loader(const struct sl_row_source *source, const struct sl_loader_options *options)
{
    struct sl_loader *loader = NULL;
    struct sl_error err = SL_ERROR_INIT;
    if (sl_loader_new(&loader, source, options, &err))
        fail_msg("%s", err.what);
    return loader;
}

static void next(struct sl_loader *loader, struct batch *b)
{
    struct sl_error err = SL_ERROR_INIT;
    if (sl_loader_next(loader, room(b), &err))
        fail_msg("%s", err.what);
}

static struct sl_row_source source_of(const struct data *d, uint32_t classes)
{
    struct sl_row_source source;
    assert_int_equal(sl_row_source_matrix(&source, &d->matrix, classes, NULL), SL_OK);
    return source;
}

static const struct sl_loader_options plain = { .size = SIZE, .shuffle = true, .seed = 11 };

static void a_pass_holds_each_record_once_with_its_own_numbers(void **state)
{
    static const enum sl_layout layouts[] = { SL_LAYOUT_BYTES, SL_LAYOUT_DENSE, SL_LAYOUT_SPARSE };
    (void)state;
    for (size_t k = 0; k < 3; k++) {
        struct data *d = malloc(sizeof *d);
        data_make(d, layouts[k]);
        struct sl_row_source source = source_of(d, 5);
        struct sl_loader *loader = open_loader(&source, &plain);
        assert_int_equal(sl_loader_batches(loader), 14);
        for (int pass = 0; pass < 2; pass++) {
            uint32_t seen[ROWS] = { 0 }, n = 0;
            for (int i = 0; i < 14; i++) {
                struct batch b;
                next(loader, &b);
                assert_int_equal(b.in.n, i < 13 ? SIZE : 3);
                for (uint32_t j = 0; j < b.in.n; j++, n++) {
                    uint32_t row = (uint32_t)(b.record[j] - 1000) / 3;
                    seen[row]++;
                    assert_int_equal(b.labels[j], d->y[row]);
                    assert_true(b.target[j] == d->target[row]);
                    assert_memory_equal(b.x + (size_t)j * WIDTH, d->dense + (size_t)row * WIDTH, WIDTH * sizeof(float));
                }
            }
            assert_int_equal(n, ROWS);
            for (uint32_t i = 0; i < ROWS; i++)
                assert_int_equal(seen[i], 1);
        }
        sl_loader_free(loader);
        sl_row_source_release(&source);
        free(d);
    }
}

static void batches_are_the_same_for_any_workers_and_depth_and_from_any_place(void **state)
{
    static const int ways[][2] = {
        { 0, 0 }, { 1, 1 }, { 3, 2 }, { 2, 40 }, { SL_LOADER_AUTO, 1 }, { SL_LOADER_AUTO, SL_LOADER_AUTO }
    };
    struct data *d = malloc(sizeof *d);
    (void)state;
    data_make(d, SL_LAYOUT_BYTES);
    struct sl_row_source source = source_of(d, 5);
    struct sl_loader *first = open_loader(&source, &plain);
    for (size_t k = 1; k < sizeof ways / sizeof *ways; k++) {
        struct sl_loader_options options = plain;
        options.workers = ways[k][0];
        options.prefetch = ways[k][1];
        struct sl_loader *loader = open_loader(&source, &options);
        for (uint64_t at = 0; at < 60; at++) {
            struct batch a, b;
            if (at == 33 || at == 5 || at == 50) /* forth, and back */
                at = at == 50 ? 51 : at + 3;
            sl_loader_seek(first, at);
            if (at % 7 == 1)
                sl_loader_seek(loader, at);
            else if (at == 8 || at == 36 || at == 51)
                sl_loader_seek(loader, at);
            next(first, &a);
            next(loader, &b);
            assert_int_equal(a.in.n, b.in.n);
            assert_memory_equal(a.x, b.x, sizeof a.x);
            assert_memory_equal(a.labels, b.labels, sizeof a.labels);
            assert_memory_equal(a.target, b.target, sizeof a.target);
            assert_memory_equal(a.record, b.record, sizeof a.record);
        }
        sl_loader_free(loader);
    }
    sl_loader_free(first);
    sl_row_source_release(&source);
    free(d);
}

static void places_hold_the_rows_that_batches_are_made_of(void **state)
{
    (void)state;
    for (int k = 0; k < 4; k++) {
        struct data *d = malloc(sizeof *d);
        data_make(d, k % 2 ? SL_LAYOUT_DENSE : SL_LAYOUT_BYTES);
        struct sl_row_source source = source_of(d, 5);
        struct sl_loader_options options = plain;
        assert_true(source.stays);
        struct sl_loader *copies = open_loader(&source, &plain);
        options.places = true;
        options.workers = k / 2 * 2;
        struct sl_loader *loader = open_loader(&source, &options);
        for (int i = 0; i < 30; i++) {
            struct batch a, b;
            const void *place[SIZE];
            next(copies, &a);
            room(&b)->x = NULL;
            b.in.place = place;
            assert_int_equal(sl_loader_next(loader, &b.in, NULL), SL_OK);
            assert_int_equal(a.in.n, b.in.n);
            assert_memory_equal(a.record, b.record, sizeof a.record);
            assert_memory_equal(a.labels, b.labels, sizeof a.labels);
            for (uint32_t j = 0; j < b.in.n; j++)
                for (uint32_t c = 0; c < WIDTH; c++) {
                    float x = source.form.bytes
                                  ? (float)((const uint8_t *)place[j])[c] * source.form.scale + source.form.offset
                                  : ((const float *)place[j])[c];
                    assert_true(x == a.x[(size_t)j * WIDTH + c]);
                }
        }
        sl_loader_free(copies);
        sl_loader_free(loader);
        sl_row_source_release(&source);
        free(d);
    }
}

static void sparse_rows_have_no_places(void **state)
{
    struct data *d = malloc(sizeof *d);
    const void *place[1];
    struct sl_places form;
    (void)state;
    data_make(d, SL_LAYOUT_SPARSE);
    struct sl_row_source source = source_of(d, 5);
    assert_false(source.stays);
    assert_false(sl_rows_places(&d->matrix, &d->blocks[0], 0, 1, place, &form));
    sl_row_source_release(&source);
    free(d);
}

/* Workers that are not to work any more wait on the same condition as those that are. */
static void fewer_workers_than_there_were_still_make_every_batch(void **state)
{
    struct data *d = malloc(sizeof *d);
    struct batch a, b;
    (void)state;
    data_make(d, SL_LAYOUT_DENSE);
    struct sl_row_source source = source_of(d, 5);
    struct sl_loader_options options = plain;
    options.workers = 2;
    options.prefetch = 2;
    struct sl_loader *first = open_loader(&source, &plain), *loader = open_loader(&source, &options);
    for (int round = 0; round < 20; round++) {
        loader_ring_set(loader, round % 2 ? 2 : 1, 2);
        for (int i = 0; i < 100; i++) {
            nanosleep(&(struct timespec){ .tv_nsec = i % 3 ? 0 : 100000 }, NULL); /* until all wait */
            next(loader, &b);
            next(first, &a);
            assert_memory_equal(a.record, b.record, sizeof a.record);
        }
    }
    sl_loader_free(first);
    sl_loader_free(loader);
    sl_row_source_release(&source);
    free(d);
}

static void rows_of_a_batch_are_told_without_making_it(void **state)
{
    struct data *d = malloc(sizeof *d);
    (void)state;
    data_make(d, SL_LAYOUT_DENSE);
    struct sl_row_source source = source_of(d, 5);
    struct sl_loader *loader = open_loader(&source, &plain);
    for (uint64_t number = 0; number < 30; number++) {
        uint64_t row[SIZE];
        struct batch b;
        uint32_t n = sl_loader_rows(loader, number, row);
        next(loader, &b);
        assert_int_equal(n, b.in.n);
        for (uint32_t i = 0; i < n; i++)
            assert_int_equal(b.record[i], 1000 + 3 * row[i]);
    }
    sl_loader_free(loader);
    sl_row_source_release(&source);
    free(d);
}

static void without_shuffle_rows_come_in_input_order_and_remainders_can_be_dropped(void **state)
{
    struct data *d = malloc(sizeof *d);
    (void)state;
    data_make(d, SL_LAYOUT_DENSE);
    struct sl_row_source source = source_of(d, 5);
    struct sl_loader_options options = { .size = SIZE, .drop_remainder = true };
    struct sl_loader *loader = open_loader(&source, &options);
    assert_int_equal(sl_loader_batches(loader), 13);
    for (uint64_t i = 0; i < 20; i++) {
        struct batch b;
        next(loader, &b);
        assert_int_equal(b.in.n, SIZE);
        for (uint32_t j = 0; j < SIZE; j++)
            assert_int_equal(b.record[j], 1000 + 3 * (i % 13 * SIZE + j));
    }
    sl_loader_free(loader);
    sl_row_source_release(&source);
    free(d);
}

static void rows_without_a_known_label_are_left_out(void **state)
{
    struct data *d = malloc(sizeof *d);
    struct batch b;
    (void)state;
    data_make(d, SL_LAYOUT_BYTES);
    d->y[0] = d->y[51] = d->y[132] = UINT32_MAX;
    d->target[7] = NAN;
    struct sl_row_source classes = source_of(d, 5), numbers = source_of(d, 0);
    assert_int_equal(classes.n, ROWS - 3);
    assert_int_equal(numbers.n, ROWS - 1);
    struct sl_loader_options options = { .size = SIZE };
    struct sl_loader *loader = open_loader(&classes, &options);
    next(loader, &b);
    assert_int_equal(b.record[0], 1003);
    for (int i = 1; i < 13; i++)
        next(loader, &b);
    assert_int_equal(b.in.n, SIZE);
    assert_int_equal(b.record[SIZE - 1], 1000 + 3 * 131);
    sl_loader_free(loader);
    sl_row_source_release(&classes);
    sl_row_source_release(&numbers);
    free(d);
}

static void too_few_rows_are_an_error_that_says_so(void **state)
{
    struct data *d = malloc(sizeof *d);
    struct sl_loader *loader = NULL;
    struct sl_error err = SL_ERROR_INIT;
    (void)state;
    data_make(d, SL_LAYOUT_BYTES);
    struct sl_row_source source = source_of(d, 5);
    struct sl_loader_options options = { .size = 200, .drop_remainder = true };
    assert_int_equal(sl_loader_new(&loader, &source, &options, &err), SL_EDATA);
    assert_string_equal(err.what, "133 training records are too few for a batch of 200");
    assert_null(loader);
    sl_row_source_release(&source);
    free(d);
}

/* --- a source that makes rows, slowly, and not all of them --- */

struct maker {
    uint64_t bad; /* this row cannot be made */
    unsigned pause_us;
    _Atomic uint64_t made;
};

static int make_rows(void *ctx, int worker, uint32_t pass, const uint64_t *row, uint32_t n, const struct sl_batch *out,
                     struct sl_error *err)
{
    struct maker *m = ctx;
    if (m->pause_us)
        nanosleep(&(struct timespec){ 0, (long)m->pause_us * 1000 }, NULL);
    (void)worker;
    for (uint32_t i = 0; i < n; i++) {
        if (row[i] == m->bad)
            return sl_fail(err, SL_EDATA, "record %llu cannot be decoded", (unsigned long long)row[i]);
        for (uint32_t j = 0; j < WIDTH; j++)
            out->x[(size_t)i * WIDTH + j] = (float)(row[i] * 10 + pass) + (float)j;
        out->labels[i] = (uint32_t)row[i] % 5;
        out->record[i] = row[i];
        m->made++;
    }
    return SL_OK;
}

static void what_is_made_on_the_way_knows_its_pass_and_is_the_same_for_all_workers(void **state)
{
    (void)state;
    for (int workers = SL_LOADER_AUTO; workers <= 3; workers++) {
        struct maker maker = { .bad = UINT64_MAX, .pause_us = workers == SL_LOADER_AUTO ? 3000 : 100 };
        struct sl_row_source source = { .n = 95, .width = WIDTH, .ctx = &maker, .fetch = make_rows };
        struct sl_loader_options options = {
            .size = SIZE, .shuffle = true, .seed = 3, .workers = workers, .prefetch = SL_LOADER_AUTO, .spare = 4
        };
        struct sl_loader *loader = open_loader(&source, &options);
        for (uint32_t i = 0; i < 200; i++) {
            struct batch b;
            uint64_t row[SIZE];
            next(loader, &b);
            assert_int_equal(sl_loader_rows(loader, i, row), b.in.n);
            for (uint32_t j = 0; j < b.in.n; j++) {
                assert_int_equal(b.record[j], row[j]);
                assert_true(b.x[(size_t)j * WIDTH + 2] == (float)(row[j] * 10 + i / 10) + 2);
            }
        }
        struct sl_loader_counts counts;
        sl_loader_counts(loader, &counts);
        assert_int_equal(counts.batches, 200);
        assert_int_equal(counts.rows, 20 * 95);
        assert_int_equal(counts.bytes, 20 * 95 * WIDTH * 4);
        assert_true(counts.fetch_ns > 0 && counts.wait_ns > 0);
        if (workers >= 0)
            assert_int_equal(counts.workers, workers);
        sl_loader_free(loader);
    }
}

static void a_row_that_cannot_be_made_is_told_where_it_stands(void **state)
{
    (void)state;
    for (int workers = 0; workers <= 2; workers++) {
        struct maker maker = { .bad = 37 };
        struct sl_row_source source = { .n = 100, .width = WIDTH, .ctx = &maker, .fetch = make_rows };
        struct sl_loader_options options = { .size = SIZE, .workers = workers, .prefetch = 4 };
        options.prefetch = workers ? 4 : 0;
        struct sl_loader *loader = open_loader(&source, &options);
        struct batch b;
        for (int i = 0; i < 3; i++)
            next(loader, &b);
        for (int again = 0; again < 2; again++) {
            struct sl_error err = SL_ERROR_INIT;
            assert_int_equal(sl_loader_next(loader, room(&b), &err), SL_EDATA);
            assert_string_equal(err.what, "record 37 cannot be decoded");
        }
        sl_loader_seek(loader, 4);
        next(loader, &b);
        assert_int_equal(b.record[0], 40);
        sl_loader_free(loader);
    }
}

static void *cancel_soon(void *ctx)
{
    nanosleep(&(struct timespec){ 0, 20000000 }, NULL);
    sl_loader_cancel(ctx);
    return NULL;
}

static void who_waits_is_woken_when_loading_is_cancelled(void **state)
{
    struct maker maker = { .bad = UINT64_MAX, .pause_us = 50000 };
    struct sl_row_source source = { .n = 100, .width = WIDTH, .ctx = &maker, .fetch = make_rows };
    struct sl_loader_options options = { .size = SIZE, .workers = 1, .prefetch = 1 };
    struct sl_loader *loader = open_loader(&source, &options);
    struct batch b;
    pthread_t thread;
    int status = SL_OK;
    (void)state;
    assert_int_equal(pthread_create(&thread, NULL, cancel_soon, loader), 0);
    for (int i = 0; i < 100 && !status; i++)
        status = sl_loader_next(loader, room(&b), NULL);
    assert_int_equal(status, SL_ECANCEL);
    assert_int_equal(sl_loader_next(loader, room(&b), NULL), SL_ECANCEL);
    pthread_join(thread, NULL);
    sl_loader_seek(loader, 2);
    next(loader, &b);
    assert_int_equal(b.record[0], 20);
    sl_loader_free(loader);
}

static void a_large_batch_is_made_in_pieces_by_the_pool(void **state)
{
    enum { WIDE = 4000, N = 300 };
    struct sl_pool *pool = NULL;
    uint8_t *bytes = malloc((size_t)WIDE * N);
    uint64_t record[N];
    float *x[2] = { malloc(sizeof(float) * WIDE * N), malloc(sizeof(float) * WIDE * N) };
    uint32_t y[N] = { 0 };
    (void)state;
    for (size_t i = 0; i < (size_t)WIDE * N; i++)
        bytes[i] = (uint8_t)(i * 31 >> 3);
    for (uint64_t i = 0; i < N; i++)
        record[i] = i;
    assert_int_equal(sl_pool_new(&pool, 3, NULL), SL_OK);
    struct sl_rows rows = { .n = N, .bytes = bytes, .y = y, .record = record };
    struct sl_matrix matrix = { &rows, 1, N, WIDE, 0, SL_LAYOUT_BYTES, 0.5f, 1, NULL };
    struct sl_row_source source;
    assert_int_equal(sl_row_source_matrix(&source, &matrix, 2, NULL), SL_OK);
    for (int k = 0; k < 2; k++) {
        struct sl_loader_options options = { .size = N, .shuffle = true, .pool = k ? pool : NULL };
        struct sl_loader *loader = open_loader(&source, &options);
        struct sl_batch into = { .x = x[k] };
        assert_int_equal(sl_loader_next(loader, &into, NULL), SL_OK);
        assert_int_equal(into.n, N);
        sl_loader_free(loader);
    }
    assert_memory_equal(x[0], x[1], sizeof(float) * WIDE * N);
    sl_row_source_release(&source);
    sl_pool_free(pool);
    free(x[0]);
    free(x[1]);
    free(bytes);
}

/* --- tuning, with times of our own --- */

struct told {
    struct sl_loader *loader;
    uint64_t now;
};

/* A window: the fewest batches there can be, so many milliseconds of training and of waiting each. */
static void tell_window(struct told *t, uint64_t step_ms, uint64_t wait_ms)
{
    for (int i = 0; i < 8; i++) {
        uint64_t began = t->now + step_ms * 1000000;
        t->now = began + wait_ms * 1000000;
        loader_tune(t->loader, began, t->now);
    }
}

static uint32_t workers_now(struct told *t)
{
    struct sl_loader_counts counts;
    sl_loader_counts(t->loader, &counts);
    return counts.workers;
}

static struct told tuned(const struct sl_row_source *source)
{
    struct sl_loader_options options = {
        .size = SIZE, .workers = SL_LOADER_AUTO, .prefetch = SL_LOADER_AUTO, .spare = 1
    };
    struct told t = { open_loader(source, &options), 1 };
    loader_tune(t.loader, t.now, t.now); /* the first batch follows nothing */
    return t;
}

static void a_thread_that_did_not_help_is_taken_away_once(void **state)
{
    struct maker maker = { .bad = UINT64_MAX };
    struct sl_row_source source = { .n = 95, .width = WIDTH, .ctx = &maker, .fetch = make_rows };
    struct batch b;
    (void)state;
    struct told t = tuned(&source);
    assert_int_equal(workers_now(&t), 0);
    tell_window(&t, 20, 20);
    assert_int_equal(workers_now(&t), 1);
    for (int i = 0; i < 20; i++) { /* no faster, and hardly any waiting: nothing else is worth trying */
        tell_window(&t, 40, 0);
        assert_int_equal(workers_now(&t), i == 0);
    }
    for (int i = 0; i < 30; i++)
        next(t.loader, &b);
    sl_loader_free(t.loader);
}

static void a_thread_that_helped_stays(void **state)
{
    struct maker maker = { .bad = UINT64_MAX };
    struct sl_row_source source = { .n = 95, .width = WIDTH, .ctx = &maker, .fetch = make_rows };
    (void)state;
    struct told t = tuned(&source);
    tell_window(&t, 20, 20);
    for (int i = 0; i < 20; i++)
        tell_window(&t, 20, 0);
    assert_int_equal(workers_now(&t), 1);
    sl_loader_free(t.loader);
}

static void however_times_vary_threads_stay_between_none_and_all(void **state)
{
    struct maker maker = { .bad = UINT64_MAX };
    struct sl_row_source source = { .n = 95, .width = WIDTH, .ctx = &maker, .fetch = make_rows };
    uint32_t seed = 1, most = 0;
    (void)state;
    struct told t = tuned(&source);
    for (int i = 0; i < 3000; i++) {
        seed = seed * 1664525 + 1013904223;
        tell_window(&t, 15 + (seed >> 24) % 20, (seed >> 16) % 3 * 5);
        uint32_t workers = workers_now(&t);
        most = workers > most ? workers : most;
        if (workers > 2)
            fail_msg("window %d has %u threads", i, workers);
    }
    assert_true(most > 0);
    struct batch b;
    for (int i = 0; i < 30; i++)
        next(t.loader, &b);
    sl_loader_free(t.loader);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_row_is_at_exactly_one_place),
        cmocka_unit_test(orders_differ_between_passes_and_seeds_and_are_the_same_again),
        cmocka_unit_test(all_orders_of_few_rows_are_equally_frequent),
        cmocka_unit_test(every_part_of_a_pass_draws_from_all_rows_alike),
        cmocka_unit_test(bytes_become_the_same_floats_whatever_the_processor),
        cmocka_unit_test(a_pass_holds_each_record_once_with_its_own_numbers),
        cmocka_unit_test(batches_are_the_same_for_any_workers_and_depth_and_from_any_place),
        cmocka_unit_test(places_hold_the_rows_that_batches_are_made_of),
        cmocka_unit_test(sparse_rows_have_no_places),
        cmocka_unit_test(fewer_workers_than_there_were_still_make_every_batch),
        cmocka_unit_test(rows_of_a_batch_are_told_without_making_it),
        cmocka_unit_test(without_shuffle_rows_come_in_input_order_and_remainders_can_be_dropped),
        cmocka_unit_test(rows_without_a_known_label_are_left_out),
        cmocka_unit_test(too_few_rows_are_an_error_that_says_so),
        cmocka_unit_test(what_is_made_on_the_way_knows_its_pass_and_is_the_same_for_all_workers),
        cmocka_unit_test(a_row_that_cannot_be_made_is_told_where_it_stands),
        cmocka_unit_test(who_waits_is_woken_when_loading_is_cancelled),
        cmocka_unit_test(a_large_batch_is_made_in_pieces_by_the_pool),
        cmocka_unit_test(a_thread_that_did_not_help_is_taken_away_once),
        cmocka_unit_test(a_thread_that_helped_stays),
        cmocka_unit_test(however_times_vary_threads_stay_between_none_and_all),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
