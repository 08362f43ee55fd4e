/* tfidf: the weights of scikit-learn's TfidfVectorizer, whatever the threads, fitted or loaded. */
#include "encoder_try.h"
#include "stage_try.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

static void every_golden_setting_gives_the_weights_of_scikit_learn(void **state)
{
    (void)state;
    static const char *const settings[] = { "default",
                                            "english",
                                            "max_features",
                                            "english_max_features",
                                            "min_df",
                                            "max_df",
                                            "df_share",
                                            "bigrams",
                                            "bigrams_english",
                                            "trigrams",
                                            "sublinear",
                                            "unsmoothed",
                                            "norm_l1",
                                            "norm_none",
                                            "no_idf",
                                            "binary",
                                            "cased" };
    for (size_t k = 0; k < sizeof settings / sizeof settings[0]; k++) {
        char file[64];
        snprintf(file, sizeof file, "tfidf_%s.tsv", settings[k]);
        assert_vectorizer_golden("tfidf", file);
    }
}

static void terms_of_test_records_are_not_learnt(void **state)
{
    (void)state;
    struct encoder e;
    static const struct sl_str texts[] = { { "red blue", 8 }, { "green red", 9 }, { "blue", 4 }, { "violet", 6 } };
    uint64_t bits = 5; /* records 0 and 2 */
    uint64_t *rows[] = { &bits };
    encoder_must_open(&e, "tfidf text norm=none", "text:text");
    encoder_texts(&e, texts, 4, 8);
    assert_int_equal(encoder_fit(&e, 1, rows), SL_OK);
    assert_int_equal(encoder_apply(&e, 1), SL_OK);
    assert_int_equal(e.stage.out.fields[0].width, 2);
    const struct sl_sparse *s = &e.chunk[0].columns[0].sparse;
    assert_int_equal(s->start[4] - s->start[0], 4); /* green and violet have no feature */
    assert_int_equal(s->start[4] - s->start[3], 0);
    assert_true(fabs((double)s->value[1] - (log(3.0 / 2) + 1)) < 1e-6); /* red: one of the two training records */
    encoder_close(&e);
}

static void a_missing_text_is_an_empty_one(void **state)
{
    (void)state;
    assert_stage("count text", "text,x\nred red,1\n,2\nblue,3\n", "text,x\n[1:2],1\n[],2\n[0:1],3\n");
}

static void of_tied_terms_at_the_boundary_the_last_by_code_point_stay(void **state)
{
    (void)state;
    assert_stage("count text max_features=3", "text\nzz zz aa bb cc\ndd dd cc bb aa\n",
                 "text\n\"[0:1, 2:2]\"\n\"[0:1, 1:2]\"\n"); /* cc dd zz */
    assert_stage("count text max_features=1", "text\nzz aa bb\n", "text\n[0:1]\n");
}

static void each_column_has_features_of_its_own(void **state)
{
    (void)state;
    assert_stage("count", "a,b,x\nred blue,red,1\ngreen,red pink,2\n",
                 "a,b,x\n\"[0:1, 2:1]\",[1:1],1\n[1:1],\"[0:1, 1:1]\",2\n");
}

static void the_target_is_no_text_to_encode(void **state)
{
    (void)state;
    struct try_options options = { .target = "b" };
    assert_stage_with("count", "a,b\nred,good\nblue,bad\n", &options, "a,b\n[1:1],good\n[0:1],bad\n");
}

static void sequences_pass_over_stop_words_but_not_over_unknown_words(void **state)
{
    (void)state;
    struct encoder e;
    static const struct sl_str texts[] = { { "good film of the year", 21 }, { "good film", 9 } };
    encoder_must_open(&e, "count text ngram_range=2,2 stop_words=english", "text:text");
    encoder_texts(&e, texts, 2, 8);
    assert_int_equal(encoder_fit(&e, 1, NULL), SL_OK);
    assert_int_equal(e.stage.out.fields[0].width, 2); /* film year, good film */
    struct sl_chunk chunk = encoder_chunk(&e, 3);
    encoder_set_text(&e, &chunk, 0, 0, "good the film");
    encoder_set_text(&e, &chunk, 0, 1, "good unheard film");
    encoder_set_text(&e, &chunk, 0, 2, "film year good film year");
    assert_int_equal(encoder_predict(&e, &chunk), SL_OK);
    const struct sl_sparse *s = &chunk.columns[0].sparse;
    assert_int_equal(s->start[1] - s->start[0], 1);
    assert_int_equal(s->index[0], 1);
    assert_int_equal(s->start[2] - s->start[1], 0);
    assert_int_equal(s->start[3] - s->start[2], 2);
    assert_true(fabsf(s->value[1] - 2) <= 0);
    encoder_close(&e);
}

/* Texts over more words than are counted in an array. */
static struct sl_str wide_text(struct sl_arena *arena, uint32_t record)
{
    struct sl_buf buf = { 0 };
    for (uint32_t k = 0; k < 3000; k++) {
        sl_buf_printf(&buf, "w%05x w%05x ", record * 2500 + k, (record * 2500 + k * 7) % 70000);
    }
    assert_false(buf.failed);
    struct sl_str text = { sl_arena_strndup(arena, buf.p, buf.n), buf.n };
    sl_buf_release(&buf);
    return text;
}

static void wide_columns_have_sorted_rows_that_add_up(void **state)
{
    (void)state;
    struct encoder e;
    struct sl_str texts[30];
    encoder_must_open(&e, "count text", "text:text");
    for (uint32_t i = 0; i < 30; i++) {
        texts[i] = wide_text(&e.arena, i);
    }
    encoder_texts(&e, texts, 30, 4);
    assert_int_equal(encoder_fit(&e, 3, NULL), SL_OK);
    assert_int_equal(encoder_apply(&e, 3), SL_OK);
    assert_true(e.stage.out.fields[0].width > 65536);
    for (size_t k = 0; k < e.chunks; k++) {
        const struct sl_sparse *s = &e.chunk[k].columns[0].sparse;
        for (uint32_t i = 0; i < e.chunk[k].n; i++) {
            double sum = 0;
            for (uint64_t j = s->start[i]; j < s->start[i + 1]; j++) {
                assert_true(j == s->start[i] || s->index[j - 1] < s->index[j]);
                sum += (double)s->value[j];
            }
            assert_true(fabs(sum - 6000) < 1e-9);
        }
    }
    encoder_close(&e);
}

static void a_saved_model_survives_damage(void **state)
{
    (void)state;
    static const struct sl_str texts[] = { { "good film of the year", 21 }, { "bad film", 8 }, { "gute Übung", 11 } };
    static const char *const statements[] = { "tfidf text", "tfidf text ngram_range=1,2 use_idf=false" };
    for (size_t k = 0; k < 2; k++) {
        struct encoder e;
        encoder_must_open(&e, statements[k], "text:text");
        encoder_texts(&e, texts, 3, 8);
        assert_int_equal(encoder_fit(&e, 1, NULL), SL_OK);
        struct sl_buf blob = encoder_save(&e);
        encoder_check_damage(statements[k], "text:text", (struct sl_str){ blob.p, blob.n });
        sl_buf_release(&blob);
        encoder_close(&e);
    }
}

static void a_model_of_other_options_or_columns_is_refused(void **state)
{
    (void)state;
    static const struct sl_str texts[] = { { "good film", 9 } };
    struct encoder e, other;
    encoder_must_open(&e, "tfidf text", "text:text");
    encoder_texts(&e, texts, 1, 8);
    assert_int_equal(encoder_fit(&e, 1, NULL), SL_OK);
    struct sl_buf blob = encoder_save(&e);
    static const char *const cases[][2] = {
        { "tfidf text lowercase=false", "text:text" },
        { "tfidf text sublinear_tf=true", "text:text" },
        { "tfidf other", "other:text" },
        { "count text", "text:text" },
    };
    for (size_t k = 0; k < sizeof cases / sizeof cases[0]; k++) {
        encoder_must_open(&other, cases[k][0], cases[k][1]);
        assert_int_equal(encoder_load(&other, (struct sl_str){ blob.p, blob.n }), SL_EFORMAT);
        assert_true(other.err.fix[0]);
        encoder_close(&other);
    }
    sl_buf_release(&blob);
    encoder_close(&e);
}

static void fitting_again_or_applying_unfitted_is_refused(void **state)
{
    (void)state;
    static const struct sl_str texts[] = { { "good film", 9 } };
    struct encoder e;
    encoder_must_open(&e, "tfidf text", "text:text");
    encoder_texts(&e, texts, 1, 8);
    struct sl_buf none = { 0 };
    assert_int_equal(e.stage.class->save(&e.stage, &none, &e.err), SL_ESTATE);
    sl_buf_release(&none);
    assert_int_equal(encoder_fit(&e, 1, NULL), SL_OK);
    assert_int_equal(e.stage.class->gather(&e.stage, e.scratch, 1, &e.err), SL_ESTATE);
    encoder_close(&e);
    encoder_must_open(&e, "tfidf text", "text:text");
    struct sl_chunk chunk = encoder_chunk(&e, 1);
    encoder_set_text(&e, &chunk, 0, 0, "film");
    assert_int_equal(encoder_predict(&e, &chunk), SL_ESTATE);
    encoder_close(&e);
}

static void what_makes_no_sense_is_refused_with_a_fix(void **state)
{
    (void)state;
    assert_refused("tfidf text", "text\na\nI\n", NULL, SL_EDATA, "vocabulary is empty");
    assert_refused("tfidf text min_df=3", "text\nred\nred\n", NULL, SL_EDATA, "min_df");
    assert_refused("tfidf text min_df=2 max_df=1", "text\nred\nred\n", NULL, SL_EPARAM, "max_df");
    assert_refused("tfidf text min_df=3 max_df=0.5", "text\nred\nred\n", NULL, SL_EDATA, "max_df");
    assert_refused("tfidf x", "text,x\nred,1\nred,2\n", NULL, SL_ESCHEMA, "type number");
    assert_refused("tfidf text token_pattern='[a-z'", "text\nred\n", NULL, SL_EPARAM, "token_pattern");
    assert_refused("tfidf text token_pattern='(a)(b)'", "text\nred\n", NULL, SL_EPARAM, "more than one group");
    assert_refused("tfidf text ngram_range=1,2 token_pattern='[a-z]+ [a-z]+'", "text\nred blue\n", NULL, SL_EPARAM,
                   "blank");
}

static void a_pattern_of_ones_own_may_hold_blanks_and_groups(void **state)
{
    (void)state;
    assert_stage("count text token_pattern='([a-z])[0-9]'", "text\na1 b2 a3 c\n", "text\n\"[0:2, 1:1]\"\n");
    assert_stage("count text token_pattern='[a-z]+ [a-z]+'", "text\nred blue red blue\n", "text\n[0:2]\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_golden_setting_gives_the_weights_of_scikit_learn),
        cmocka_unit_test(terms_of_test_records_are_not_learnt),
        cmocka_unit_test(a_missing_text_is_an_empty_one),
        cmocka_unit_test(of_tied_terms_at_the_boundary_the_last_by_code_point_stay),
        cmocka_unit_test(each_column_has_features_of_its_own),
        cmocka_unit_test(the_target_is_no_text_to_encode),
        cmocka_unit_test(sequences_pass_over_stop_words_but_not_over_unknown_words),
        cmocka_unit_test(wide_columns_have_sorted_rows_that_add_up),
        cmocka_unit_test(a_saved_model_survives_damage),
        cmocka_unit_test(a_model_of_other_options_or_columns_is_refused),
        cmocka_unit_test(fitting_again_or_applying_unfitted_is_refused),
        cmocka_unit_test(what_makes_no_sense_is_refused_with_a_fix),
        cmocka_unit_test(a_pattern_of_ones_own_may_hold_blanks_and_groups),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
