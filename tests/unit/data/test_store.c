/* test_store.c: what was put comes back, to the bit, from memory and from the file, whoever put it and in what order.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "sluice/chunk.h"
#include "sluice/vocab.h"

enum { TEXT, NUMBER, VECTOR, SPARSE, TOKENS, COLUMNS, WIDTH = 5 };

static struct sl_schema schema;
static struct sl_vocab *vocab;

static int setup(void **state)
{
    (void)state;
    static const enum sl_type types[COLUMNS] = { SL_TEXT, SL_NUMBER, SL_VECTOR, SL_SPARSE, SL_TOKENS };
    for (int c = 0; c < COLUMNS; c++) {
        assert_int_equal(sl_schema_add(&schema, sl_str(sl_type_name(types[c])), types[c], NULL), SL_OK);
    }
    schema.fields[VECTOR].width = schema.fields[SPARSE].width = WIDTH;
    return sl_vocab_new(&vocab, NULL);
}

static int teardown(void **state)
{
    (void)state;
    sl_schema_release(&schema);
    sl_vocab_free(vocab);
    return 0;
}

static uint64_t mixed(uint64_t x)
{
    x = (x ^ (x >> 31)) * UINT64_C(0x9e3779b97f4a7c15);
    return x ^ (x >> 29);
}

static uint32_t *starts_and_ids(struct sl_arena *arena, uint64_t sequence, uint32_t n, uint64_t **start)
{
    *start = sl_arena_zero(arena, n + 1, sizeof **start);
    for (uint32_t i = 0; i < n; i++) {
        (*start)[i + 1] = (*start)[i] + mixed(sequence + i) % 4;
    }
    uint32_t *id = sl_arena_array(arena, (*start)[n] + 1, sizeof *id);
    for (uint64_t k = 0; k < (*start)[n]; k++) {
        id[k] = (uint32_t)(mixed(sequence ^ k) % WIDTH);
    }
    return id;
}

/* A chunk made of its number alone: missing values, NaN, empty and long texts, all in it. */
static void make(struct sl_chunk *chunk, uint64_t sequence, uint32_t n, struct sl_arena *arena)
{
    assert_int_equal(sl_chunk_init(chunk, &schema, n, arena, NULL), SL_OK);
    chunk->sequence = sequence;
    float *vector = chunk->columns[VECTOR].vector = sl_arena_array(arena, n * WIDTH + 1, sizeof(float));
    struct sl_sparse *sparse = &chunk->columns[SPARSE].sparse;
    struct sl_tokens *tokens = &chunk->columns[TOKENS].tokens;
    sparse->index = starts_and_ids(arena, sequence, n, &sparse->start);
    sparse->value = sl_arena_array(arena, sparse->start[n] + 1, sizeof *sparse->value);
    for (uint64_t k = 0; k < sparse->start[n]; k++) {
        sparse->value[k] = (float)k / 3;
    }
    tokens->id = starts_and_ids(arena, sequence + 7, n, &tokens->start);
    tokens->vocab = vocab;
    for (uint32_t i = 0; i < n; i++) {
        uint64_t r = mixed(sequence * 1000 + i);
        chunk->origin[i] =
            (struct sl_origin){ .record = sequence * 4096 + i, .line = r % 99, .byte = r, .file = r % 2 };
        size_t length = r % 40 == 0 ? 5000 : r % 17;
        char *text = sl_arena_array(arena, length + 1, 1);
        memset(text, 'a' + (int)(r % 26), length);
        chunk->columns[TEXT].text[i] = (struct sl_str){ length ? text : NULL, length };
        chunk->columns[NUMBER].number[i] = r % 5 == 0 ? -0.0 : (double)r / 7;
        for (uint32_t k = 0; k < WIDTH; k++) {
            vector[i * WIDTH + k] = k == 1 ? NAN : (float)(r % 1000) / (float)(k + 1);
        }
        for (size_t c = 0; c < COLUMNS; c++) {
            if (mixed(r + c) % 6 == 0) {
                assert_int_equal(sl_chunk_set_missing(chunk, c, i, NULL), SL_OK);
            }
        }
    }
}

static void assert_same_cells(const struct sl_chunk *a, const struct sl_chunk *b)
{
    for (uint32_t i = 0; i < a->n; i++) {
        assert_true(sl_str_equal(a->columns[TEXT].text[i], b->columns[TEXT].text[i]));
        assert_memory_equal(&a->columns[NUMBER].number[i], &b->columns[NUMBER].number[i], sizeof(double));
        assert_memory_equal(a->columns[VECTOR].vector + i * WIDTH, b->columns[VECTOR].vector + i * WIDTH,
                            WIDTH * sizeof(float));
        const struct sl_sparse *x = &a->columns[SPARSE].sparse, *y = &b->columns[SPARSE].sparse;
        const struct sl_tokens *u = &a->columns[TOKENS].tokens, *v = &b->columns[TOKENS].tokens;
        uint64_t pairs = x->start[i + 1] - x->start[i], ids = u->start[i + 1] - u->start[i];
        assert_int_equal(pairs, y->start[i + 1] - y->start[i]);
        assert_int_equal(ids, v->start[i + 1] - v->start[i]);
        assert_memory_equal(x->index + x->start[i], y->index + y->start[i], pairs * sizeof *x->index);
        assert_memory_equal(x->value + x->start[i], y->value + y->start[i], pairs * sizeof *x->value);
        assert_memory_equal(u->id + u->start[i], v->id + v->start[i], ids * sizeof *u->id);
        assert_ptr_equal(u->vocab, v->vocab);
        for (size_t c = 0; c < COLUMNS; c++) {
            assert_int_equal(sl_valid(&a->columns[c], i), sl_valid(&b->columns[c], i));
        }
        assert_memory_equal(&a->origin[i], &b->origin[i], offsetof(struct sl_origin, file) + sizeof(uint32_t));
    }
}

/* Chunk k of the store must be the k-th of those made, n_of(k) records each. */
static void assert_holds(const struct sl_store *store, size_t chunks, uint32_t (*n_of)(uint64_t))
{
    struct sl_arena arena;
    sl_arena_init(&arena);
    uint64_t first = 0;
    assert_int_equal(sl_store_chunks(store), chunks);
    for (size_t k = 0; k < chunks; k++) {
        struct sl_chunk made, got;
        make(&made, k, n_of(k), &arena);
        assert_int_equal(sl_store_get(store, k, &arena, &got, NULL), SL_OK);
        assert_int_equal(got.n, made.n);
        assert_int_equal(got.sequence, k);
        assert_int_equal(got.schema->n, COLUMNS);
        assert_ptr_equal(got.arena, &arena);
        assert_int_equal(sl_store_first(store, k), first);
        assert_same_cells(&made, &got);
        first += made.n;
        sl_arena_reset(&arena, 1 << 20);
    }
    assert_int_equal(sl_store_records(store), first);
    sl_arena_release(&arena);
}

static uint32_t uneven(uint64_t k)
{
    static const uint32_t sizes[] = { 3, 0, 64, 1, 65, 500 };
    return sizes[k % 6];
}

static struct sl_store *stored(size_t chunks, uint64_t budget)
{
    struct sl_store *store;
    struct sl_arena arena;
    sl_arena_init(&arena);
    assert_int_equal(sl_store_new(&store, &schema, budget, NULL), SL_OK);
    for (size_t k = 0; k < chunks; k++) {
        size_t sequence = (k * 5 + 3) % chunks; /* out of order */
        struct sl_chunk chunk;
        make(&chunk, sequence, uneven(sequence), &arena);
        assert_int_equal(sl_store_put(store, &chunk, NULL), SL_OK);
        sl_arena_reset(&arena, 1 << 20);
    }
    sl_arena_release(&arena);
    assert_int_equal(sl_store_seal(store, NULL), SL_OK);
    return store;
}

static void chunks_come_back_in_order_from_memory(void **state)
{
    (void)state;
    uint64_t on_disk = 1;
    struct sl_store *store = stored(12, UINT64_MAX);
    assert_holds(store, 12, uneven);
    assert_true(sl_store_bytes(store, &on_disk) > 0);
    assert_int_equal(on_disk, 0);
    sl_store_free(store);
}

static void chunks_come_back_in_order_from_the_file(void **state)
{
    (void)state;
    uint64_t on_disk = 0;
    struct sl_store *store = stored(12, 0);
    assert_holds(store, 12, uneven);
    assert_int_equal(sl_store_bytes(store, &on_disk), 0);
    assert_true(on_disk > 0);
    sl_store_free(store);
}

static void over_the_budget_the_rest_goes_to_the_file(void **state)
{
    (void)state;
    uint64_t on_disk = 0, budget = 40000;
    struct sl_store *store = stored(12, budget);
    assert_holds(store, 12, uneven);
    assert_in_range(sl_store_bytes(store, &on_disk), 1, budget);
    assert_true(on_disk > 0);
    sl_store_free(store);
}

static void a_slice_and_a_chunk_without_cells_are_stored_too(void **state)
{
    (void)state;
    struct sl_arena arena;
    struct sl_store *store;
    struct sl_chunk whole, slice, bare, got;
    sl_arena_init(&arena);
    make(&whole, 0, 200, &arena);
    assert_int_equal(sl_chunk_slice(&slice, &whole, 70, 90, NULL), SL_OK);
    assert_int_equal(sl_chunk_init(&bare, &schema, 2, &arena, NULL), SL_OK);
    bare.sequence = 1;
    assert_int_equal(sl_store_new(&store, &schema, UINT64_MAX, NULL), SL_OK);
    assert_int_equal(sl_store_put(store, &bare, NULL), SL_OK);
    assert_int_equal(sl_store_put(store, &slice, NULL), SL_OK);
    assert_int_equal(sl_store_seal(store, NULL), SL_OK);
    assert_int_equal(sl_store_get(store, 0, &arena, &got, NULL), SL_OK);
    assert_same_cells(&slice, &got);
    assert_int_equal(sl_store_get(store, 1, &arena, &got, NULL), SL_OK);
    assert_int_equal(got.n, 2);
    assert_null(got.columns[SPARSE].sparse.start);
    assert_null(got.columns[VECTOR].vector);
    sl_store_free(store);
    sl_arena_release(&arena);
}

static void changing_what_was_read_leaves_the_store_as_it_was(void **state)
{
    (void)state;
    struct sl_store *store = stored(6, UINT64_MAX);
    struct sl_arena arena;
    struct sl_chunk got;
    sl_arena_init(&arena);
    assert_int_equal(sl_store_get(store, 5, &arena, &got, NULL), SL_OK);
    for (uint32_t i = 0; i < got.n; i++) {
        assert_int_equal(sl_chunk_set_missing(&got, NUMBER, i, NULL), SL_OK);
    }
    assert_holds(store, 6, uneven);
    sl_arena_release(&arena);
    sl_store_free(store);
}

static uint32_t hundred(uint64_t k)
{
    (void)k;
    return 100;
}

struct putter {
    pthread_t thread;
    struct sl_store *store;
    uint64_t first;
    int failed;
};

enum { PUTTERS = 4, EACH = 25 };

static void *put_some(void *context)
{
    struct putter *putter = context;
    struct sl_arena arena;
    sl_arena_init(&arena);
    for (uint64_t k = 0; k < EACH; k++) {
        struct sl_chunk chunk;
        make(&chunk, putter->first + k * PUTTERS, 100, &arena);
        putter->failed |= sl_store_put(putter->store, &chunk, NULL) != SL_OK;
        putter->failed |= sl_store_chunks(putter->store) < k + 1;
        sl_arena_reset(&arena, 1 << 20);
    }
    sl_arena_release(&arena);
    return NULL;
}

static void many_threads_may_put_at_once(void **state)
{
    (void)state;
    for (uint64_t budget = 0; budget <= 1000000; budget += 500000) {
        struct sl_store *store;
        struct putter putters[PUTTERS] = { 0 };
        assert_int_equal(sl_store_new(&store, &schema, budget, NULL), SL_OK);
        for (uint64_t t = 0; t < PUTTERS; t++) {
            putters[t].store = store;
            putters[t].first = t;
            assert_int_equal(pthread_create(&putters[t].thread, NULL, put_some, &putters[t]), 0);
        }
        for (int t = 0; t < PUTTERS; t++) {
            pthread_join(putters[t].thread, NULL);
            assert_int_equal(putters[t].failed, 0);
        }
        assert_int_equal(sl_store_seal(store, NULL), SL_OK);
        assert_holds(store, PUTTERS * EACH, hundred);
        sl_store_free(store);
    }
}

static void misuse_and_a_missing_folder_are_refused(void **state)
{
    (void)state;
    struct sl_error err = SL_ERROR_INIT;
    struct sl_arena arena;
    struct sl_chunk chunk;
    struct sl_store *store;
    sl_arena_init(&arena);
    make(&chunk, 4, 3, &arena);
    assert_int_equal(sl_store_new(&store, &schema, UINT64_MAX, NULL), SL_OK);
    assert_int_equal(sl_store_put(store, &chunk, NULL), SL_OK);
    assert_int_equal(sl_store_put(store, &chunk, NULL), SL_OK);
    assert_int_equal(sl_store_seal(store, &err), SL_ESTATE); /* the same number twice */
    assert_int_equal(sl_store_put(store, &chunk, &err), SL_ESTATE);
    sl_store_free(store);

    char *before = getenv("TMPDIR") ? strdup(getenv("TMPDIR")) : NULL;
    setenv("TMPDIR", "/nowhere/at/all", 1);
    assert_int_equal(sl_store_new(&store, &schema, 0, NULL), SL_OK);
    assert_int_equal(sl_store_put(store, &chunk, &err), SL_EIO);
    assert_non_null(strstr(err.what, "/nowhere/at/all"));
    assert_non_null(strstr(err.fix, "TMPDIR"));
    assert_int_equal(sl_store_chunks(store), 0);
    sl_store_free(store);
    sl_store_free(NULL);
    before ? setenv("TMPDIR", before, 1) : unsetenv("TMPDIR");
    free(before);
    sl_arena_release(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(chunks_come_back_in_order_from_memory),
        cmocka_unit_test(chunks_come_back_in_order_from_the_file),
        cmocka_unit_test(over_the_budget_the_rest_goes_to_the_file),
        cmocka_unit_test(a_slice_and_a_chunk_without_cells_are_stored_too),
        cmocka_unit_test(changing_what_was_read_leaves_the_store_as_it_was),
        cmocka_unit_test(many_threads_may_put_at_once),
        cmocka_unit_test(misuse_and_a_missing_folder_are_refused),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
