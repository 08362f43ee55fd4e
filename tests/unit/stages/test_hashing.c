/* hashing: MurmurHash3 and the rows of scikit-learn's HashingVectorizer. */
#include "encoder_try.h"
#include "stage_try.h"

#include "engine/stages/murmur.h"
#include "tests/unit/base/text_golden.h"

enum { TEXTS_MOST = 32 };

static void hashes_are_those_of_the_reference(void **state)
{
    (void)state;
    struct golden golden = golden_open("tests/golden/hashing.tsv");
    size_t seen = 0;
    while (golden_next(&golden)) {
        if (sl_str_equal(golden.field[0], SL_STR("hash"))) {
            uint32_t seed = (uint32_t)golden_number(&golden, 1, 10);
            int32_t hash = (int32_t)sl_murmur3_32(golden.field[2].p, golden.field[2].n, seed);
            assert_int_equal(hash, golden_number(&golden, 3, 10));
            seen++;
        }
    }
    golden_close(&golden);
    assert_true(seen > 40);
}

static void check_row(const struct golden *golden, const struct sl_str *texts, uint32_t n)
{
    char statement[256];
    struct encoder e;
    encoder_statement(statement, sizeof statement, "hashing text", golden->field[1]);
    size_t used = strlen(statement);
    snprintf(statement + used, sizeof statement - used, " n_features=%lld", golden_number(golden, 2, 10));
    encoder_must_open(&e, statement, "text:text");
    encoder_texts(&e, texts, n, n);
    assert_int_equal(encoder_predict(&e, &e.chunk[0]), SL_OK);
    assert_int_equal(e.stage.out.fields[0].width, golden_number(golden, 2, 10));
    assert_sparse_row(&e.chunk[0], 0, (uint32_t)golden_number(golden, 3, 10), golden->field + 4, golden->n - 4, 1e-7,
                      statement);
    encoder_close(&e);
}

static void rows_are_those_of_scikit_learn(void **state)
{
    (void)state;
    struct sl_arena arena;
    struct sl_str texts[TEXTS_MOST];
    uint32_t n = 0, seen = 0;
    struct golden golden = golden_open("tests/golden/hashing.tsv");
    sl_arena_init(&arena);
    while (golden_next(&golden)) {
        if (sl_str_equal(golden.field[0], SL_STR("text"))) {
            assert_true(n < TEXTS_MOST);
            texts[n] =
                (struct sl_str){ sl_arena_strndup(&arena, golden.field[2].p, golden.field[2].n), golden.field[2].n };
            assert_non_null(texts[n++].p);
        } else if (sl_str_equal(golden.field[0], SL_STR("vector"))) {
            check_row(&golden, texts, n);
            seen++;
        }
    }
    golden_close(&golden);
    sl_arena_release(&arena);
    assert_true(seen > 50);
}

/* Many features: rows are sorted, not counted; the result is the same where no two words meet. */
static void few_and_many_features_agree(void **state)
{
    (void)state;
    static const struct sl_str texts[] = { { "one two three four five six seven eight nine ten eleven twelve "
                                             "thirteen fourteen fifteen sixteen seventeen eighteen nineteen twenty "
                                             "twenty one twenty two twenty three twenty four twenty five",
                                             157 },
                                           { NULL, 0 },
                                           { "bad bad", 7 } };
    float sum[2][3] = { { 0 } };
    for (int k = 0; k < 2; k++) {
        struct encoder e;
        encoder_must_open(&e,
                          k ? "hashing text n_features=1073741824 norm=none alternate_sign=false"
                            : "hashing text n_features=65536 norm=none alternate_sign=false",
                          "text:text");
        encoder_texts(&e, texts, 3, 3);
        assert_int_equal(encoder_predict(&e, &e.chunk[0]), SL_OK);
        const struct sl_sparse *s = &e.chunk[0].columns[0].sparse;
        for (uint32_t i = 0; i < 3; i++) {
            for (uint64_t j = s->start[i]; j < s->start[i + 1]; j++) {
                assert_true(j == s->start[i] || s->index[j - 1] < s->index[j]);
                sum[k][i] += s->value[j];
            }
        }
        assert_int_equal(s->start[3] - s->start[2], 1);
        encoder_close(&e);
    }
    assert_memory_equal(sum[0], sum[1], sizeof sum[0]);
    assert_true(sum[0][0] > 24);
}

static void a_pattern_and_sequences_work_here_too(void **state)
{
    (void)state;
    assert_stage("hashing text n_features=1 norm=none alternate_sign=false ngram_range=1,2", "text\none two three\n",
                 "text\n[0:5]\n");
    assert_stage("hashing text n_features=1 norm=none alternate_sign=false token_pattern='[a-z]'", "text\nab1c\n",
                 "text\n[0:3]\n");
    assert_stage("hashing text n_features=1 norm=none alternate_sign=false stop_words=english",
                 "text\nThe film of the year\n", "text\n[0:2]\n");
    assert_refused("hashing text n_features=0", "text\na\n", NULL, SL_EPARAM, "n_features");
    assert_refused("hashing x", "x\n1\n", NULL, SL_ESCHEMA, "type number");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(hashes_are_those_of_the_reference),
        cmocka_unit_test(rows_are_those_of_scikit_learn),
        cmocka_unit_test(few_and_many_features_agree),
        cmocka_unit_test(a_pattern_and_sequences_work_here_too),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
