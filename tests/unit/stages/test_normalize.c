/* normalize: the reference is unicodedata.normalize and scikit-learn's strip_accents_unicode. */
#include "stage_try.h"
#include "tests/unit/base/text_golden.h"

/* Apply the stage to one text; the result is in the arena. */
static struct sl_str normalize(const char *statement, struct sl_str text, struct sl_arena *arena)
{
    struct sl_statement parsed;
    struct sl_schema schema = { 0 };
    struct sl_chunk chunk;
    assert_int_equal(sl_statement_parse(sl_str(statement), NULL, arena, &parsed, NULL), SL_OK);
    assert_int_equal(sl_schema_add(&schema, SL_STR("t"), SL_TEXT, NULL), SL_OK);
    assert_int_equal(sl_chunk_init(&chunk, &schema, 1, arena, NULL), SL_OK);
    chunk.columns[0].text[0] = text;
    struct sl_stage stage = { .class = parsed.class, .params = parsed.params, .in = &schema };
    assert_int_equal(stage.class->bind(&stage, &schema, NULL, NULL), SL_OK);
    assert_int_equal(stage.class->apply(&stage, NULL, &chunk, NULL), SL_OK);
    stage.class->unbind(&stage);
    sl_schema_release(&schema);
    return chunk.columns[0].text[0];
}

static void every_form_is_that_of_the_reference(void **state)
{
    (void)state;
    static const char *const statements[] = { "normalize form=nfc", "normalize form=nfd", "normalize",
                                              "normalize form=nfkd", "normalize strip_accents=true" };
    struct golden golden = golden_open("tests/golden/normalize.tsv");
    size_t n = 0;
    for (; golden_next(&golden); n++) {
        for (size_t k = 0; k < 5; k++) {
            struct sl_arena arena;
            sl_arena_init(&arena);
            struct sl_str got = normalize(statements[k], golden.field[1], &arena), expected = golden.field[2 + k];
            if (!sl_str_equal(got, expected))
                fail_msg("%s of \"%.*s\" made \"%.*s\", not \"%.*s\"", statements[k], (int)golden.field[1].n,
                         golden.field[1].p, (int)got.n, got.p, (int)expected.n, expected.p);
            sl_arena_release(&arena);
        }
    }
    golden_close(&golden);
    assert_true(n >= 20);
}

static void text_in_the_form_already_keeps_its_span(void **state)
{
    (void)state;
    static const char *const texts[] = { "", "ascii only", "caf\xc3\xa9" };
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        struct sl_arena arena;
        sl_arena_init(&arena);
        assert_ptr_equal(normalize("normalize", sl_str(texts[i]), &arena).p, texts[i]);
        sl_arena_release(&arena);
    }
}

static void an_unknown_form_is_refused(void **state)
{
    (void)state;
    assert_refused("normalize form=nfx", "t\nx\n", NULL, SL_EPARAM, "one of nfc, nfd, nfkc, nfkd");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_form_is_that_of_the_reference),
        cmocka_unit_test(text_in_the_form_already_keeps_its_span),
        cmocka_unit_test(an_unknown_form_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
