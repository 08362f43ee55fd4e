/* test_schema.c: columns by name, copies that stand alone, and suggestions for mistyped names. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>

#include "sluice/schema.h"

static void columns_are_found_by_their_whole_name(void **state)
{
    (void)state;
    struct sl_schema schema = { 0 };
    assert_int_equal(sl_schema_add(&schema, SL_STR("review"), SL_TEXT, NULL), SL_OK);
    assert_int_equal(sl_schema_add(&schema, SL_STR("review_text"), SL_TEXT, NULL), SL_OK);
    assert_int_equal(sl_schema_add(&schema, SL_STR(""), SL_NUMBER, NULL), SL_OK);
    assert_int_equal(sl_schema_find(&schema, SL_STR("review")), 0);
    assert_int_equal(sl_schema_find(&schema, SL_STR("review_text")), 1);
    assert_int_equal(sl_schema_find(&schema, SL_STR("")), 2);
    assert_int_equal(sl_schema_find(&schema, SL_STR("review_")), -1);
    assert_int_equal(sl_schema_find(&schema, SL_STR("Review")), -1);
    sl_schema_release(&schema);
    assert_int_equal(schema.n, 0);
    sl_schema_release(&schema);
    sl_schema_release(NULL);
}

static void a_copy_has_all_facts_and_its_own_names(void **state)
{
    (void)state;
    struct sl_schema from = { 0 }, to = { 0 };
    sl_schema_add(&from, SL_STR("words"), SL_SPARSE, NULL);
    sl_schema_add(&from, SL_STR("label"), SL_TEXT, NULL);
    from.fields[0].width = 1000;
    from.fields[0].encoded = true;
    from.fields[1].target = true;
    assert_int_equal(sl_schema_add(&to, SL_STR("old"), SL_TEXT, NULL), SL_OK);
    assert_int_equal(sl_schema_copy(&to, &from, NULL), SL_OK);
    sl_schema_release(&from);
    assert_int_equal(to.n, 2);
    assert_string_equal(to.fields[0].name, "words");
    assert_int_equal(to.fields[0].type, SL_SPARSE);
    assert_int_equal(to.fields[0].width, 1000);
    assert_true(to.fields[0].encoded && !to.fields[0].target);
    assert_true(to.fields[1].target && !to.fields[1].encoded);
    sl_schema_release(&to);
}

static void thousands_of_columns_are_kept_in_order(void **state)
{
    (void)state;
    struct sl_schema schema = { 0 };
    char name[16];
    for (int i = 0; i < 3000; i++) {
        int n = snprintf(name, sizeof name, "c%d", i);
        assert_int_equal(sl_schema_add(&schema, (struct sl_str){ name, (size_t)n }, SL_NUMBER, NULL), SL_OK);
    }
    assert_int_equal(sl_schema_find(&schema, SL_STR("c2999")), 2999);
    sl_schema_release(&schema);
}

static void a_slip_of_the_fingers_gets_a_suggestion(void **state)
{
    (void)state;
    static const char *const names[] = { "max_features", "min_df", "max_df", "stop_words", NULL };
    static const struct {
        const char *word, *nearest;
    } cases[] = {
        { "max_feature", "max_features" },
        { "MAX_FEATURES", "max_features" },
        { "stopwords", "stop_words" },
        { "mni_df", "min_df" },
        { "max_fd", "max_df" },
        { "stop_wrods", "stop_words" },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const char *nearest = sl_nearest(sl_str(cases[i].word), names);
        assert_non_null(nearest);
        assert_string_equal(nearest, cases[i].nearest);
    }
}

static void a_word_unlike_all_others_gets_none(void **state)
{
    (void)state;
    static const char *const names[] = { "lowercase", "tfidf", "x", NULL };
    char longest[2000];
    memset(longest, 'l', sizeof longest);
    assert_null(sl_nearest(SL_STR("banana"), names));
    assert_null(sl_nearest(SL_STR("y"), names));
    assert_null(sl_nearest(SL_STR(""), names));
    assert_null(sl_nearest((struct sl_str){ longest, sizeof longest }, names));
    static const char *const none[] = { NULL };
    assert_null(sl_nearest(SL_STR("tfidf"), none));
}

static void a_column_is_suggested_from_the_schema(void **state)
{
    (void)state;
    struct sl_schema schema = { 0 };
    sl_schema_add(&schema, SL_STR("sentiment"), SL_TEXT, NULL);
    sl_schema_add(&schema, SL_STR("review_text"), SL_TEXT, NULL);
    assert_string_equal(sl_schema_nearest(&schema, SL_STR("sentimant")), "sentiment");
    assert_string_equal(sl_schema_nearest(&schema, SL_STR("reviewtext")), "review_text");
    assert_null(sl_schema_nearest(&schema, SL_STR("zebra")));
    sl_schema_release(&schema);
}

static void every_type_has_a_name(void **state)
{
    (void)state;
    assert_string_equal(sl_type_name(SL_TEXT), "text");
    assert_string_equal(sl_type_name(SL_NUMBER), "number");
    assert_string_equal(sl_type_name(SL_VECTOR), "vector");
    assert_string_equal(sl_type_name(SL_SPARSE), "sparse vector");
    assert_string_equal(sl_type_name(SL_TOKENS), "tokens");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(columns_are_found_by_their_whole_name),
        cmocka_unit_test(a_copy_has_all_facts_and_its_own_names),
        cmocka_unit_test(thousands_of_columns_are_kept_in_order),
        cmocka_unit_test(a_slip_of_the_fingers_gets_a_suggestion),
        cmocka_unit_test(a_word_unlike_all_others_gets_none),
        cmocka_unit_test(a_column_is_suggested_from_the_schema),
        cmocka_unit_test(every_type_has_a_name),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
