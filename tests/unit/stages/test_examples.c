/* Every stage's examples, run: help that lies fails here. */
#include "stage_try.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

/* Stages that neither read nor change a record, or mix two, have nothing to show as CSV in, CSV out. */
static bool has_examples(const struct sl_stage_class *class)
{
    return class->kind != SL_SPLIT && class->kind < SL_BATCH && !class->mixes;
}

static bool example_holds(const struct sl_stage_class *class, const struct sl_example *example)
{
    struct try_options options = { .fit_half = example->note && strncmp(example->note, "fit", 3) == 0 };
    struct sl_buf out = { 0 };
    struct sl_error err = SL_ERROR_INIT;
    int status = try_stage(example->recipe, example->in, &options, &out, &err);
    bool holds = status == SL_OK && strcmp(out.p, example->out) == 0;
    if (status != SL_OK) {
        char message[1024];
        print_error("%s: example \"%s\" fails: %s\n", class->name, example->recipe,
                    sl_error_format(&err, message, sizeof message));
    } else if (!holds) {
        print_error("%s: example \"%s\" of\n%s makes\n%s but says\n%s", class->name, example->recipe, example->in,
                    out.p, example->out);
    }
    sl_buf_release(&out);
    return holds;
}

static void each_example_gives_what_it_says(void **state)
{
    (void)state;
    size_t run = 0, wrong = 0;
    for (size_t k = 0; sl_stage_registry[k]; k++) {
        const struct sl_stage_class *class = sl_stage_registry[k];
        for (const struct sl_example *e = class->examples; has_examples(class) && e && e->recipe; e++, run++) {
            wrong += !example_holds(class, e);
        }
    }
    assert_int_equal(wrong, 0);
    assert_true(run >= 20);
}

static void an_example_is_of_its_own_stage(void **state)
{
    (void)state;
    for (size_t k = 0; sl_stage_registry[k]; k++) {
        const struct sl_stage_class *class = sl_stage_registry[k];
        for (const struct sl_example *e = class->examples; e && e->recipe; e++) {
            struct sl_arena arena;
            struct sl_statement statement = { 0 };
            struct sl_error err = SL_ERROR_INIT;
            sl_arena_init(&arena);
            int status = sl_statement_parse(sl_str(e->recipe), NULL, &arena, &statement, &err);
            if (status != SL_OK || statement.class != class) {
                print_error("\"%s\" of '%s': %s\n", e->recipe, class->name, err.what);
            }
            sl_arena_release(&arena);
            assert_int_equal(status, SL_OK);
            assert_ptr_equal(statement.class, class);
        }
    }
}

static void stages_that_read_or_change_records_have_examples_and_others_none(void **state)
{
    (void)state;
    for (size_t k = 0; sl_stage_registry[k]; k++) {
        const struct sl_stage_class *class = sl_stage_registry[k];
        bool shown = class->examples && class->examples->recipe;
        if (shown != has_examples(class)) {
            print_error("'%s' has %s\n", class->name, shown ? "an example that is never run" : "no example");
        }
        assert_int_equal(shown, has_examples(class));
    }
}

static void every_stage_and_parameter_is_explained(void **state)
{
    (void)state;
    for (size_t k = 0; sl_stage_registry[k]; k++) {
        const struct sl_stage_class *class = sl_stage_registry[k];
        bool told = class->name && class->summary && class->summary[0] && class->version > 0 && class->details;
        for (const struct sl_param *row = class->params; row && row->kind; row++) {
            if (!row->help || !row->help[0]) {
                print_error("'%s' does not explain '%s'\n", class->name, row->name);
                told = false;
            }
        }
        if (!told) {
            print_error("'%s' lacks a summary, details or a version\n", class->name ? class->name : "?");
        }
        assert_true(told);
        assert_ptr_equal(sl_stage_find(sl_str(class->name)), class);
    }
}

static void defaults_read_back_from_their_own_text(void **state)
{
    (void)state;
    for (size_t k = 0; sl_stage_registry[k]; k++) {
        const struct sl_stage_class *class = sl_stage_registry[k];
        for (const struct sl_param *row = class->params; row && row->kind && class->defaults; row++) {
            if (row->required || row->kind == SL_PARAM_COLUMNS || row->kind == SL_PARAM_NAMES) {
                continue;
            }
            struct sl_buf text = { 0 };
            sl_param_format(row, class->defaults, &text);
            bool reads = text.n > 0;
            if (reads && text.p[0] != '"' && text.p[0] != '\'') {
                void *copy = calloc(1, class->params_size);
                struct sl_arena arena;
                struct sl_error err = SL_ERROR_INIT;
                sl_arena_init(&arena);
                reads = copy && sl_param_set(row, copy, (struct sl_str){ text.p, text.n }, &arena, &err) == SL_OK &&
                        sl_param_is_default(row, copy, class->defaults);
                sl_arena_release(&arena);
                free(copy);
            }
            if (!reads) {
                print_error("'%s' %s=%s does not read back\n", class->name, row->name, text.p ? text.p : "");
            }
            sl_buf_release(&text);
            assert_true(reads);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_example_gives_what_it_says),
        cmocka_unit_test(an_example_is_of_its_own_stage),
        cmocka_unit_test(stages_that_read_or_change_records_have_examples_and_others_none),
        cmocka_unit_test(every_stage_and_parameter_is_explained),
        cmocka_unit_test(defaults_read_back_from_their_own_text),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
