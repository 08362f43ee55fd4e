/* test_random.c: both generators against their published and reference values. */
#include "sluice/random.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

/* kat_vectors of Random123, "philox4x32 10". */
static void philox_gives_the_published_vectors(void **state)
{
    (void)state;
    static const struct {
        uint32_t counter[4], key[2], out[4];
    } vectors[] = {
        { { 0 }, { 0 }, { 0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8 } },
        { { 0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff },
          { 0xffffffff, 0xffffffff },
          { 0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd } },
        { { 0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344 },
          { 0xa4093822, 0x299f31d0 },
          { 0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1 } },
    };
    for (size_t i = 0; i < sizeof vectors / sizeof *vectors; i++) {
        uint32_t out[4];
        sl_philox_block(vectors[i].counter, vectors[i].key, out);
        for (int k = 0; k < 4; k++) {
            assert_int_equal(out[k], vectors[i].out[k]);
        }
    }
}

static void a_draw_is_addressed_as_saved_sessions_expect(void **state)
{
    (void)state;
    const uint32_t counter[4] = { 5, 0x9abcdef0, 0x12345678, 3 };
    const uint32_t key[2] = { 0xcafebabe, 0xdeadbeefu ^ (uint32_t)(SL_RANDOM_AUGMENT * 0x85ebca6bu) };
    uint32_t expected[4], out[4];
    sl_philox_block(counter, key, expected);
    sl_philox(0xdeadbeefcafebabe, SL_RANDOM_AUGMENT, 3, 0x123456789abcdef0, 5, out);
    assert_memory_equal(out, expected, sizeof out);
}

static void every_part_of_the_address_matters(void **state)
{
    (void)state;
    uint32_t out[8][4];
    sl_philox(1, 1, 0, 0, 0, out[0]);
    sl_philox(2, 1, 0, 0, 0, out[1]);
    sl_philox(1, 2, 0, 0, 0, out[2]);
    sl_philox(1, 1, 1, 0, 0, out[3]);
    sl_philox(1, 1, 0, 1, 0, out[4]);
    sl_philox(1, 1, 0, 0, 1, out[5]);
    sl_philox(1, 1, 0, (uint64_t)1 << 32, 0, out[6]);
    sl_philox((uint64_t)1 << 32 | 1, 1, 0, 0, 0, out[7]);
    for (int i = 0; i < 8; i++) {
        for (int k = i + 1; k < 8; k++) {
            assert_memory_not_equal(out[i], out[k], sizeof out[i]);
        }
    }
}

static void reals_fill_the_unit_interval_evenly(void **state)
{
    (void)state;
    enum { DRAWS = 20000, BINS = 20 };
    int bins[BINS] = { 0 };
    for (uint32_t i = 0; i < DRAWS; i++) {
        double x = sl_philox_real(42, SL_RANDOM_SAMPLE, 0, i, 0);
        assert_true(x >= 0 && x < 1);
        bins[(int)(x * BINS)]++;
    }
    for (int i = 0; i < BINS; i++) { /* 1000 expected, standard deviation 31 */
        assert_in_range(bins[i], 850, 1150);
    }
}

static void a_real_has_53_bits_of_its_first_two_words(void **state)
{
    (void)state;
    uint32_t word[4];
    sl_philox(7, SL_RANDOM_INIT, 1, 2, 3, word);
    double x = sl_philox_real(7, SL_RANDOM_INIT, 1, 2, 3);
    double scaled = x * 9007199254740992.0; /* 2^53 */
    assert_true(scaled == (double)word[0] * 2097152.0 + (double)(word[1] >> 11));
}

/* numpy 2.4: RandomState(seed)._bit_generator.random_raw(1000) */
static void the_twister_gives_numpys_raw_words(void **state)
{
    (void)state;
    struct sl_mt19937 mt;
    sl_mt_seed(&mt, 0);
    assert_int_equal(sl_mt_next(&mt), 2357136044u);
    assert_int_equal(sl_mt_next(&mt), 2546248239u);
    assert_int_equal(sl_mt_next(&mt), 3071714933u);
    sl_mt_seed(&mt, 42);
    uint32_t raw[1000];
    for (int i = 0; i < 1000; i++) {
        raw[i] = sl_mt_next(&mt);
    }
    assert_int_equal(raw[0], 0x5fe1dc66);
    assert_int_equal(raw[5], 0xc799d447);
    assert_int_equal(raw[623], 1077437785);
    assert_int_equal(raw[624], 108880612);
    assert_int_equal(raw[999], 1946654618);
}

/* numpy 2.4: r = RandomState(42); [r.randint(0, max + 1, dtype=int64) for _ in range(…)] */
static void intervals_are_numpys_masked_rejection(void **state)
{
    (void)state;
    static const uint64_t small[] = { 102, 435, 860, 270, 106, 71, 700, 20 };
    static const uint64_t large[] = {
        441507790259, 458615280711, 810017303572, 440001501305, 375095422324, 425815370599
    };
    struct sl_mt19937 mt;
    sl_mt_seed(&mt, 42);
    for (size_t i = 0; i < sizeof small / sizeof *small; i++) {
        assert_int_equal(sl_mt_interval(&mt, 1000), small[i]);
    }
    sl_mt_seed(&mt, 42);
    for (size_t i = 0; i < sizeof large / sizeof *large; i++) {
        assert_int_equal(sl_mt_interval(&mt, ((uint64_t)1 << 40) + 12344), large[i]);
    }
}

static void an_interval_of_one_value_draws_nothing(void **state)
{
    (void)state;
    struct sl_mt19937 mt, same;
    sl_mt_seed(&mt, 1);
    sl_mt_seed(&same, 1);
    assert_int_equal(sl_mt_interval(&mt, 0), 0);
    assert_int_equal(sl_mt_next(&mt), sl_mt_next(&same));
    (void)sl_mt_interval(&mt, UINT32_MAX);
    (void)sl_mt_interval(&mt, UINT64_MAX);
    assert_int_equal(mt.at, same.at + 3);
}

/* numpy 2.4 and scikit-learn 1.2.1: RandomState(42).permutation(50000)[:8], which are the first test rows of
 * train_test_split(range(50000), test_size=0.2, random_state=42). */
static void a_permutation_is_that_of_numpy(void **state)
{
    (void)state;
    static const uint64_t first[] = { 33553, 9427, 199, 12447, 39489, 42724, 10822, 49498 };
    enum { N = 100000 };
    uint64_t *rows = calloc(N, sizeof *rows);
    assert_non_null(rows);
    struct sl_mt19937 mt;
    sl_mt_seed(&mt, 42);
    sl_mt_permutation(&mt, 50000, rows);
    for (size_t i = 0; i < sizeof first / sizeof *first; i++) {
        assert_int_equal(rows[i], first[i]);
    }
    /* FNV-1a over RandomState(7).permutation(100000), one 64-bit word a step */
    sl_mt_seed(&mt, 7);
    sl_mt_permutation(&mt, N, rows);
    uint64_t hash = 14695981039346656037u;
    for (size_t i = 0; i < N; i++) {
        hash = (hash ^ rows[i]) * 1099511628211u;
    }
    assert_int_equal(hash, 0xb57dd85d36a86337);
    free(rows);
}

static void small_permutations_and_the_largest_seed_match_too(void **state)
{
    (void)state;
    static const uint64_t eight[] = { 1, 7, 6, 0, 5, 4, 2, 3 };
    uint64_t rows[9] = { 0 };
    struct sl_mt19937 mt;
    sl_mt_seed(&mt, UINT32_MAX);
    sl_mt_permutation(&mt, 8, rows);
    assert_memory_equal(rows, eight, sizeof eight);
    rows[0] = 99;
    sl_mt_permutation(&mt, 0, rows);
    assert_int_equal(rows[0], 99);
    sl_mt_permutation(&mt, 1, rows);
    assert_int_equal(rows[0], 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(philox_gives_the_published_vectors),
        cmocka_unit_test(a_draw_is_addressed_as_saved_sessions_expect),
        cmocka_unit_test(every_part_of_the_address_matters),
        cmocka_unit_test(reals_fill_the_unit_interval_evenly),
        cmocka_unit_test(a_real_has_53_bits_of_its_first_two_words),
        cmocka_unit_test(the_twister_gives_numpys_raw_words),
        cmocka_unit_test(intervals_are_numpys_masked_rejection),
        cmocka_unit_test(an_interval_of_one_value_draws_nothing),
        cmocka_unit_test(a_permutation_is_that_of_numpy),
        cmocka_unit_test(small_permutations_and_the_largest_seed_match_too),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
