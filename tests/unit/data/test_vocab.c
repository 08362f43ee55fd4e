/* test_vocab.c: ids in order of first insertion, for terms of every length and content. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>

#include "sluice/vocab.h"

static void ids_count_up_in_order_of_first_insertion(void **state)
{
    (void)state;
    struct sl_vocab *vocab;
    assert_int_equal(sl_vocab_new(&vocab, NULL), SL_OK);
    assert_int_equal(sl_vocab_size(vocab), 0);
    assert_int_equal(sl_vocab_add(vocab, SL_STR("good")), 0);
    assert_int_equal(sl_vocab_add(vocab, SL_STR("film")), 1);
    assert_int_equal(sl_vocab_add(vocab, SL_STR("good")), 0);
    assert_int_equal(sl_vocab_add(vocab, SL_STR("extraordinarily")), 2);
    assert_int_equal(sl_vocab_size(vocab), 3);
    assert_int_equal(sl_vocab_find(vocab, SL_STR("extraordinarily")), 2);
    assert_int_equal(sl_vocab_find(vocab, SL_STR("extraordinary")), SL_NO_TERM);
    assert_int_equal(sl_vocab_size(vocab), 3);
    assert_true(sl_str_equal(sl_vocab_term(vocab, 1), SL_STR("film")));
    sl_vocab_free(vocab);
    sl_vocab_free(NULL);
}

/* Terms of one byte value, of every length around the limits of the table's inner forms. */
static void length_tells_terms_apart(void **state)
{
    (void)state;
    struct sl_vocab *vocab;
    assert_int_equal(sl_vocab_new(&vocab, NULL), SL_OK);
    static const char bytes[] = { '\0', 'a', (char)0xff };
    uint32_t id = 0;
    char term[300];
    assert_int_equal(sl_vocab_add(vocab, (struct sl_str){ NULL, 0 }), id++);
    for (size_t b = 0; b < sizeof bytes; b++) {
        memset(term, bytes[b], sizeof term);
        for (size_t n = 1; n <= sizeof term; n++) {
            assert_int_equal(sl_vocab_add(vocab, (struct sl_str){ term, n }), id++);
        }
    }
    id = 1;
    for (size_t b = 0; b < sizeof bytes; b++) {
        memset(term, bytes[b], sizeof term);
        for (size_t n = 1; n <= sizeof term; n++, id++) {
            assert_int_equal(sl_vocab_find(vocab, (struct sl_str){ term, n }), id);
            assert_true(sl_str_equal(sl_vocab_term(vocab, id), (struct sl_str){ term, n }));
        }
    }
    assert_int_equal(sl_vocab_find(vocab, (struct sl_str){ NULL, 0 }), 0);
    sl_vocab_free(vocab);
}

static void every_byte_of_a_term_counts(void **state)
{
    (void)state;
    struct sl_vocab *vocab;
    assert_int_equal(sl_vocab_new(&vocab, NULL), SL_OK);
    char term[40];
    memset(term, 'x', sizeof term);
    for (size_t n = 1; n <= sizeof term; n++) {
        sl_vocab_add(vocab, (struct sl_str){ term, n });
        for (size_t i = 0; i < n; i++) {
            term[i] = 'y';
            assert_int_equal(sl_vocab_find(vocab, (struct sl_str){ term, n }), SL_NO_TERM);
            term[i] = 'x';
        }
    }
    sl_vocab_free(vocab);
}

static void a_quarter_million_terms_survive_growth(void **state)
{
    (void)state;
    enum { N = 250000 };
    struct sl_vocab *vocab;
    assert_int_equal(sl_vocab_new(&vocab, NULL), SL_OK);
    char term[48];
    for (uint32_t i = 0; i < N; i++) {
        int n = snprintf(term, sizeof term, i % 3 ? "%u" : "a rather long term, number %u", i);
        assert_int_equal(sl_vocab_add(vocab, (struct sl_str){ term, (size_t)n }), i);
    }
    assert_int_equal(sl_vocab_size(vocab), N);
    for (uint32_t i = 0; i < N; i += 7) {
        int n = snprintf(term, sizeof term, i % 3 ? "%u" : "a rather long term, number %u", i);
        assert_int_equal(sl_vocab_find(vocab, (struct sl_str){ term, (size_t)n }), i);
        assert_true(sl_str_equal(sl_vocab_term(vocab, i), (struct sl_str){ term, (size_t)n }));
    }
    assert_true(sl_vocab_bytes(vocab) >= N * 16);
    sl_vocab_free(vocab);
}

static void terms_stay_where_they_are(void **state)
{
    (void)state;
    struct sl_vocab *vocab;
    assert_int_equal(sl_vocab_new(&vocab, NULL), SL_OK);
    char term[16] = "first";
    sl_vocab_add(vocab, (struct sl_str){ term, 5 });
    struct sl_str kept = sl_vocab_term(vocab, 0);
    memset(term, '#', sizeof term);
    for (int i = 0; i < 50000; i++) {
        int n = snprintf(term, sizeof term, "t%d", i);
        sl_vocab_add(vocab, (struct sl_str){ term, (size_t)n });
    }
    assert_ptr_equal(sl_vocab_term(vocab, 0).p, kept.p);
    assert_true(sl_str_equal(kept, SL_STR("first")));
    sl_vocab_free(vocab);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ids_count_up_in_order_of_first_insertion),
        cmocka_unit_test(length_tells_terms_apart),
        cmocka_unit_test(every_byte_of_a_term_counts),
        cmocka_unit_test(a_quarter_million_terms_survive_growth),
        cmocka_unit_test(terms_stay_where_they_are),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
