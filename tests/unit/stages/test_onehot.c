/* onehot: the categories and columns of scikit-learn's OneHotEncoder. */
#include "encoder_try.h"
#include "stage_try.h"

#include "tests/unit/base/text_golden.h"

#include <math.h>

/* The input rows of one kind as a chunk. */
static struct sl_chunk read_input(struct encoder *e, const char *kind)
{
    struct golden golden = golden_open("tests/golden/onehot.tsv");
    struct sl_chunk chunk = encoder_chunk(e, 16);
    chunk.n = 0;
    while (golden_next(&golden)) {
        if (sl_str_equal(golden.field[0], SL_STR("input")) && sl_str_equal(golden.field[1], sl_str(kind))) {
            assert_true(chunk.n < 16);
            for (size_t c = 0; c < 2; c++) {
                struct sl_str cell = golden.field[3 + c];
                chunk.columns[c].text[chunk.n] = (struct sl_str){ sl_arena_strndup(&e->arena, cell.p, cell.n), cell.n };
            }
            chunk.n++;
        }
    }
    golden_close(&golden);
    return chunk;
}

/* Row i of both columns side by side, "0 1 0 …", against the golden field. */
static void check_row(const struct encoder *e, const struct sl_chunk *chunk, uint32_t i, struct sl_str expected)
{
    char row[64];
    size_t n = 0;
    for (size_t c = 0; c < 2; c++) {
        const struct sl_sparse *s = &chunk->columns[c].sparse;
        assert_true(s->start[i + 1] - s->start[i] <= 1);
        for (uint32_t j = 0; j < e->stage.out.fields[c].width; j++) {
            bool on = s->start[i + 1] > s->start[i] && s->index[s->start[i]] == j;
            n += (size_t)snprintf(row + n, sizeof row - n, n ? " %d" : "%d", on);
        }
    }
    if (!sl_str_equal(expected, sl_str(row))) {
        fail_msg("row %u is %s, not %.*s", i, row, (int)expected.n, expected.p);
    }
}

static void check_names(const struct encoder *e, const struct golden *golden)
{
    size_t k = 2;
    for (size_t c = 0; c < 2; c++) {
        for (uint32_t j = 0; j < e->stage.out.fields[c].width; j++, k++) {
            struct sl_buf name = { 0 };
            sl_buf_printf(&name, "%s_", e->in.fields[c].name);
            e->stage.class->feature_name(&e->stage, c, j, &name);
            assert_true(k < golden->n && sl_str_equal(golden->field[k], (struct sl_str){ name.p, name.n }));
            sl_buf_release(&name);
        }
    }
    assert_int_equal(k, golden->n);
}

static void check_setting(const char *params, const char *statement)
{
    struct encoder e;
    size_t seen = 0;
    encoder_must_open(&e, statement, "color:text size:text");
    e.chunk[0] = read_input(&e, "fit");
    e.chunk[1] = read_input(&e, "unseen");
    uint64_t all = UINT64_MAX, none = 0, *rows[] = { &all, &none };
    e.chunks = 2;
    assert_int_equal(encoder_fit(&e, 2, rows), SL_OK);
    assert_int_equal(encoder_apply(&e, 2), SL_OK);
    struct golden golden = golden_open("tests/golden/onehot.tsv");
    while (golden_next(&golden)) {
        if (!sl_str_equal(golden.field[1], sl_str(params))) {
            continue;
        }
        bool fitted = sl_str_equal(golden.field[0], SL_STR("fit"));
        if (fitted || sl_str_equal(golden.field[0], SL_STR("unseen"))) {
            check_row(&e, &e.chunk[!fitted], (uint32_t)golden_number(&golden, 2, 10), golden.field[3]);
            seen++;
        } else if (sl_str_equal(golden.field[0], SL_STR("names"))) {
            check_names(&e, &golden);
        }
    }
    golden_close(&golden);
    assert_int_equal(seen, 13);
    struct sl_buf blob = encoder_save(&e);
    encoder_check_damage(statement, "color:text size:text", (struct sl_str){ blob.p, blob.n });
    sl_buf_release(&blob);
    encoder_close(&e);
}

static void columns_are_those_of_scikit_learn(void **state)
{
    (void)state;
    check_setting("default", "onehot handle_unknown=ignore");
    check_setting("drop=first", "onehot handle_unknown=ignore drop=first");
}

static void numbers_are_sorted_by_value_and_missing_comes_last(void **state)
{
    (void)state;
    assert_stage("onehot x", "x\n10\n9\n\n-0\n0\n2.5\n", "x\n[3:1]\n[2:1]\n[4:1]\n[0:1]\n[0:1]\n[1:1]\n");
    assert_stage("onehot x drop=if_binary", "x,y\n1,a\n0,b\n1,c\n", "x,y\n[0:1],a\n[],b\n[0:1],c\n");
    assert_stage("onehot y drop=if_binary", "x,y\n1,a\n0,b\n1,c\n", "x,y\n1,[0:1]\n0,[1:1]\n1,[2:1]\n");
}

static void an_unknown_value_is_an_error_unless_ignored(void **state)
{
    (void)state;
    struct try_options half = { .fit_half = true };
    assert_refused("onehot c", "c\nred\nblue\nblue\ngreen\n", &half, SL_EDATA, "'green'");
    assert_refused("onehot c", "c\nred\nblue\nblue\ngreen\n", &half, SL_EDATA, "line 5");
    assert_refused("onehot c", "c\nred\nblue\n\nred\n", &half, SL_EDATA, "no value");
    assert_refused("onehot c", "c\n1\n2\n3\n1\n", &half, SL_EDATA, "holds 3");
    assert_stage_with("onehot c handle_unknown=ignore", "c\nred\nblue\n\ngreen\n", &half, "c\n[1:1]\n[0:1]\n[]\n[]\n");
}

static void a_column_that_changed_its_type_does_not_load(void **state)
{
    (void)state;
    struct encoder e, other;
    encoder_must_open(&e, "onehot x", "x:number");
    e.chunk[0] = encoder_chunk(&e, 3);
    e.chunks = 1;
    for (uint32_t i = 0; i < 3; i++) {
        encoder_set_number(&e, &e.chunk[0], 0, i, i ? i : (double)NAN);
    }
    assert_int_equal(encoder_fit(&e, 1, NULL), SL_OK);
    assert_int_equal(e.stage.out.fields[0].width, 3);
    struct sl_buf name = { 0 }, blob = encoder_save(&e);
    e.stage.class->feature_name(&e.stage, 0, 0, &name);
    e.stage.class->feature_name(&e.stage, 0, 2, &name);
    assert_string_equal(name.p, "1(missing)");
    encoder_must_open(&other, "onehot x", "x:text");
    assert_int_equal(encoder_load(&other, (struct sl_str){ blob.p, blob.n }), SL_EFORMAT);
    assert_true(other.err.fix[0]);
    encoder_close(&other);
    sl_buf_release(&name);
    sl_buf_release(&blob);
    encoder_close(&e);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(columns_are_those_of_scikit_learn),
        cmocka_unit_test(numbers_are_sorted_by_value_and_missing_comes_last),
        cmocka_unit_test(an_unknown_value_is_an_error_unless_ignored),
        cmocka_unit_test(a_column_that_changed_its_type_does_not_load),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
