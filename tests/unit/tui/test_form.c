/* test_form.c: forms made from the parameter tables of the real stages. */
#include "tui/form.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>

static struct sl_schema columns(void)
{
    struct sl_schema schema = { 0 };
    assert_int_equal(sl_schema_add(&schema, SL_STR("text, with comma"), SL_TEXT, NULL), SL_OK);
    assert_int_equal(sl_schema_add(&schema, SL_STR("stars"), SL_NUMBER, NULL), SL_OK);
    assert_int_equal(sl_schema_add(&schema, SL_STR("title"), SL_TEXT, NULL), SL_OK);
    return schema;
}

static void open_form(struct form_values *form, const char *statement, struct sl_arena *arena)
{
    struct sl_error err = SL_ERROR_INIT;
    struct sl_statement parsed;
    struct sl_schema schema = columns();
    if (sl_statement_parse(sl_str(statement), NULL, arena, &parsed, &err) != SL_OK) {
        fail_msg("%s", err.what);
    }
    assert_int_equal(form_values_init(form, parsed.class, parsed.params, &schema, &err), SL_OK);
    sl_schema_release(&schema);
}

static size_t row(const struct form_values *form, const char *name)
{
    const struct sl_param *param = sl_param_find(form->class->params, sl_str(name));
    assert_non_null(param);
    return (size_t)(param - form->class->params);
}

static void assert_text(const struct form_values *form, const char *name, const char *expected)
{
    struct sl_buf text = { 0 };
    form_text(form, row(form, name), &text);
    assert_string_equal(text.p ? text.p : "", expected);
    sl_buf_release(&text);
}

static void assert_statement(const struct form_values *form, const char *expected)
{
    struct sl_buf text = { 0 };
    form_statement(form, &text);
    assert_non_null(text.p);
    assert_string_equal(text.p, expected);
    sl_buf_release(&text);
}

static void a_form_shows_the_statement_it_was_opened_with(void **state)
{
    (void)state;
    struct sl_arena arena;
    struct form_values form;
    sl_arena_init(&arena);
    open_form(&form, "tfidf title stop_words=english max_features=1000 ngram_range=1,2", &arena);
    /* What it came from may go. */
    sl_arena_release(&arena);
    assert_text(&form, "columns", "title");
    assert_text(&form, "max_features", "1000");
    assert_text(&form, "ngram_range", "1,2");
    assert_false(form_is_default(&form, row(&form, "max_features")));
    assert_true(form_is_default(&form, row(&form, "min_df")));
    assert_statement(&form, "tfidf title stop_words=english ngram_range=1,2 max_features=1000");
    form_values_release(&form);
}

static void every_stage_has_a_form_that_makes_a_statement(void **state)
{
    (void)state;
    size_t n = 0;
    for (; sl_stage_registry[n]; n++) {
        struct form_values form;
        struct sl_error err = SL_ERROR_INIT;
        struct sl_schema schema = columns();
        assert_int_equal(form_values_init(&form, sl_stage_registry[n], NULL, &schema, &err), SL_OK);
        struct sl_buf text = { 0 }, value = { 0 };
        form_statement(&form, &text);
        assert_int_equal(strncmp(text.p, sl_stage_registry[n]->name, strlen(sl_stage_registry[n]->name)), 0);
        for (size_t i = 0; i < form.n; i++) {
            assert_true(form_is_default(&form, i));
            form_text(&form, i, &value);
        }
        assert_int_equal(form_wrong(&form), form.n);
        sl_buf_release(&text);
        sl_buf_release(&value);
        form_values_release(&form);
        sl_schema_release(&schema);
    }
    assert_true(n > 10);
}

static void what_is_typed_is_checked_and_a_wrong_value_is_kept_as_text(void **state)
{
    (void)state;
    struct sl_arena arena;
    struct form_values form;
    sl_arena_init(&arena);
    open_form(&form, "split", &arena);
    size_t i = row(&form, "test_size");
    assert_true(form_set(&form, i, SL_STR("0.3")));
    assert_statement(&form, "split test_size=0.3");
    assert_false(form_set(&form, i, SL_STR("0.3x")));
    assert_text(&form, "test_size", "0.3x");
    assert_int_equal(form_wrong(&form), i);
    assert_true(form.rows[i].error.what[0] != '\0');
    assert_statement(&form, "split test_size=0.3"); /* the last that was right */
    assert_true(form_set(&form, i, SL_STR("0.5")));
    assert_int_equal(form_wrong(&form), form.n);
    form_set_default(&form, i);
    assert_true(form_is_default(&form, i));
    form_values_release(&form);
    sl_arena_release(&arena);
}

static void switches_and_choices_go_round(void **state)
{
    (void)state;
    struct sl_arena arena;
    struct form_values form;
    sl_arena_init(&arena);
    open_form(&form, "replace title pattern=a", &arena);
    assert_true(form_cycle(&form, row(&form, "ignore_case"), true));
    assert_text(&form, "ignore_case", "true");
    assert_true(form_cycle(&form, row(&form, "ignore_case"), true));
    assert_text(&form, "ignore_case", "false");
    assert_false(form_cycle(&form, row(&form, "pattern"), true));
    form_values_release(&form);
    open_form(&form, "strip_html title", &arena);
    size_t mode = row(&form, "mode"), turns = 0;
    do {
        assert_true(form_cycle(&form, mode, false));
        turns++;
        assert_true(turns < 20);
    } while (!form_is_default(&form, mode));
    assert_true(turns >= 2);
    form_values_release(&form);
    sl_arena_release(&arena);
}

static void columns_are_picked_by_type_and_keep_their_names_whatever_they_hold(void **state)
{
    (void)state;
    struct sl_arena arena;
    struct form_values form;
    struct sl_error err = SL_ERROR_INIT;
    sl_arena_init(&arena);
    open_form(&form, "lowercase", &arena);
    size_t i = row(&form, "columns");
    assert_true(form_column_fits(&form, i, 0));
    assert_false(form_column_fits(&form, i, 1)); /* a number */
    assert_int_equal(form_column_toggle(&form, i, "title", &err), SL_OK);
    assert_int_equal(form_column_toggle(&form, i, "text, with comma", &err), SL_OK);
    assert_true(form_column_picked(&form, i, "text, with comma"));
    struct sl_buf text = { 0 };
    struct sl_statement again;
    form_statement(&form, &text);
    assert_int_equal(sl_statement_parse((struct sl_str){ text.p, text.n }, NULL, &arena, &again, &err), SL_OK);
    struct sl_names names;
    memcpy(&names, (const char *)again.params + again.class->params[i].offset, sizeof names);
    assert_int_equal(names.n, 2);
    assert_string_equal(names.name[0], "title");
    assert_string_equal(names.name[1], "text, with comma");
    assert_int_equal(form_column_toggle(&form, i, "title", &err), SL_OK);
    assert_false(form_column_picked(&form, i, "title"));
    sl_buf_release(&text);
    form_values_release(&form);
    sl_arena_release(&arena);
}

static void text_with_quotes_and_blanks_is_edited_without_them(void **state)
{
    (void)state;
    struct sl_arena arena;
    struct form_values form;
    sl_arena_init(&arena);
    open_form(&form, "replace title pattern='a \"b\" = c' with=\"it's\"", &arena);
    assert_text(&form, "pattern", "a \"b\" = c");
    assert_text(&form, "with", "it's");
    assert_true(form_set(&form, row(&form, "with"), SL_STR("two words")));
    assert_text(&form, "with", "two words");
    struct sl_buf text = { 0 };
    struct sl_statement again;
    struct sl_error err = SL_ERROR_INIT;
    form_statement(&form, &text);
    assert_int_equal(sl_statement_parse((struct sl_str){ text.p, text.n }, NULL, &arena, &again, &err), SL_OK);
    assert_string_equal(again.text, text.p);
    sl_buf_release(&text);
    form_values_release(&form);
    sl_arena_release(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_form_shows_the_statement_it_was_opened_with),
        cmocka_unit_test(every_stage_has_a_form_that_makes_a_statement),
        cmocka_unit_test(what_is_typed_is_checked_and_a_wrong_value_is_kept_as_text),
        cmocka_unit_test(switches_and_choices_go_round),
        cmocka_unit_test(columns_are_picked_by_type_and_keep_their_names_whatever_they_hold),
        cmocka_unit_test(text_with_quotes_and_blanks_is_edited_without_them),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
