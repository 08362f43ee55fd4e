/* split: the very rows of scikit-learn's train_test_split. */
#include "encoder_try.h"
#include "stage_try.h"

#include "tests/unit/base/text_golden.h"

static uint32_t checksum(const uint32_t *list, uint32_t n)
{
    uint32_t sum = 0;
    for (uint32_t i = 0; i < n; i++) {
        sum += (i + 1) * list[i];
    }
    return sum;
}

/* The labels of a golden record as strata; NULL when it is not stratified. */
static uint32_t *read_labels(struct sl_str labels, uint32_t n)
{
    if (sl_str_equal(labels, SL_STR("-"))) {
        return NULL;
    }
    uint32_t *stratum = calloc(n, sizeof *stratum);
    assert_non_null(stratum);
    bool formula = labels.n > 8 && memcmp(labels.p, "formula ", 8) == 0;
    uint32_t classes = formula ? (uint32_t)strtoul(labels.p + 8, NULL, 10) : 0;
    for (uint32_t i = 0; i < n; i++) {
        uint32_t mixed = (i * 2654435761u >> 24) % 16;
        stratum[i] = formula ? (mixed < classes ? mixed : 0) : (uint32_t)(labels.p[i] - '0');
    }
    return stratum;
}

static void check_list(const uint32_t *list, uint32_t n, struct sl_str expected, const char *side)
{
    const char *p = expected.p;
    for (uint32_t i = 0; i < n && i < 20; i++) {
        char *end;
        unsigned long want = strtoul(p, &end, 10);
        p = end;
        if (list[i] != want) {
            fail_msg("%s row %u is %u, not %lu", side, i, list[i], want);
        }
    }
}

static void check_rows(const struct golden *golden, const uint32_t *order, uint32_t n_train)
{
    uint32_t n_test = (uint32_t)golden_number(golden, 7, 10);
    assert_int_equal(n_train, golden_number(golden, 6, 10));
    check_list(order, n_train, golden->field[10], "training");
    check_list(order + n_train, n_test, golden->field[11], "test");
    assert_int_equal(checksum(order, n_train), golden_number(golden, 8, 10));
    assert_int_equal(checksum(order + n_train, n_test), golden_number(golden, 9, 10));
}

static void check_record(const struct golden *golden, size_t *right, size_t *refused)
{
    char statement[160];
    uint32_t n = (uint32_t)golden_number(golden, 0, 10), n_train = 0;
    uint32_t *stratum = read_labels(golden->field[4], n), *order = calloc((size_t)n + 1, sizeof *order);
    assert_non_null(order);
    bool given = !sl_str_equal(golden->field[1], SL_STR("-"));
    snprintf(statement, sizeof statement, "split test_size=%.*s random_state=%lld shuffle=%s stratify=%s",
             given ? (int)golden->field[1].n : 4, given ? golden->field[1].p : "none", golden_number(golden, 2, 10),
             golden_number(golden, 3, 10) ? "true" : "false", stratum ? "true" : "false");
    struct encoder e = { .err = SL_ERROR_INIT };
    sl_arena_init(&e.arena);
    int status = sl_statement_parse(sl_str(statement), NULL, &e.arena, &e.statement, &e.err);
    e.stage = (struct sl_stage){ .class = e.statement.class, .params = e.statement.params, .target = "y" };
    status = status == SL_OK ? e.stage.class->bind(&e.stage, NULL, NULL, &e.err) : status;
    status = status == SL_OK ? e.stage.class->assign(&e.stage, n, stratum, order, &n_train, &e.err) : status;
    bool ok = sl_str_equal(golden->field[5], SL_STR("ok"));
    if (ok != (status == SL_OK)) {
        fail_msg("%s of %u: %s", statement, n, status == SL_OK ? "should be refused" : e.err.what);
    }
    if (ok) {
        check_rows(golden, order, n_train);
        assert_true(e.stage.class->stratifies(e.stage.params) == (stratum != NULL));
        (*right)++;
    } else {
        assert_true(e.err.fix[0]);
        (*refused)++;
    }
    free(order);
    free(stratum);
    encoder_close(&e);
}

static void rows_and_their_order_are_those_of_scikit_learn(void **state)
{
    (void)state;
    size_t right = 0, refused = 0;
    struct golden golden = golden_open("tests/golden/split.tsv");
    while (golden_next(&golden)) {
        check_record(&golden, &right, &refused);
    }
    golden_close(&golden);
    assert_true(right > 90 && refused > 8);
}

static int try_assign(const char *statement, uint32_t n, const uint32_t *stratum, uint32_t *order, uint32_t *n_train)
{
    struct encoder e;
    int status = encoder_open(&e, statement, "y:text") ? SL_OK : e.err.status;
    status = status == SL_OK ? e.stage.class->assign(&e.stage, n, stratum, order, n_train, &e.err) : status;
    assert_true(status == SL_OK || e.err.fix[0] || status == SL_ESTATE);
    encoder_close(&e);
    return status;
}

static void records_on_neither_side_are_marked(void **state)
{
    (void)state;
    uint32_t order[10], full[10], n_train = 0, seen = 0;
    assert_int_equal(try_assign("split test_size=3 random_state=42", 10, NULL, full, &n_train), SL_OK);
    assert_int_equal(n_train, 7);
    assert_int_equal(try_assign("split test_size=3 train_size=4 random_state=42", 10, NULL, order, &n_train), SL_OK);
    assert_int_equal(n_train, 4);
    assert_memory_equal(order, full, 4 * sizeof *order);         /* training rows follow the test rows … */
    assert_memory_equal(order + 4, full + 7, 3 * sizeof *order); /* … which come first in the permutation */
    for (uint32_t i = 0; i < 7; i++) {
        seen |= 1u << order[i];
    }
    assert_int_equal(__builtin_popcount(seen), 7);
    assert_true(order[7] == UINT32_MAX && order[8] == UINT32_MAX && order[9] == UINT32_MAX);
    assert_int_equal(try_assign("split train_size=0.5 shuffle=false", 9, NULL, order, &n_train), SL_OK);
    assert_int_equal(n_train, 4);
    assert_int_equal(order[8], 8);
}

static void sizes_that_make_no_sense_are_refused(void **state)
{
    (void)state;
    uint32_t order[10], n_train = 0;
    assert_int_equal(try_assign("split test_size=0.0", 10, NULL, order, &n_train), SL_EPARAM);
    assert_int_equal(try_assign("split test_size=1.0", 10, NULL, order, &n_train), SL_EPARAM);
    assert_int_equal(try_assign("split test_size=0", 10, NULL, order, &n_train), SL_EPARAM);
    assert_int_equal(try_assign("split test_size=10", 10, NULL, order, &n_train), SL_EPARAM);
    assert_int_equal(try_assign("split train_size=10", 10, NULL, order, &n_train), SL_EPARAM);
    assert_int_equal(try_assign("split test_size=0.6 train_size=0.6", 10, NULL, order, &n_train), SL_EPARAM);
    assert_int_equal(try_assign("split test_size=6 train_size=6", 10, NULL, order, &n_train), SL_EPARAM);
    assert_int_equal(try_assign("split test_size=0.95", 10, NULL, order, &n_train), SL_EDATA);
    assert_int_equal(try_assign("split train_size=0.05", 10, NULL, order, &n_train), SL_EDATA);
    assert_int_equal(try_assign("split stratify=true shuffle=false", 10, NULL, order, &n_train), SL_EPARAM);
    assert_int_equal(try_assign("split stratify=true", 10, NULL, order, &n_train), SL_ESCHEMA); /* no label */
    assert_int_equal(try_assign("split random_state=-1", 10, NULL, order, &n_train), SL_EPARAM);
}

static void without_a_seed_a_split_is_the_same_every_time(void **state)
{
    (void)state;
    uint32_t a[10], b[10], n_train = 0;
    assert_int_equal(try_assign("split", 10, NULL, a, &n_train), SL_OK);
    assert_int_equal(n_train, 7);
    assert_int_equal(try_assign("split random_state=0 test_size=0.25", 10, NULL, b, &n_train), SL_OK);
    assert_memory_equal(a, b, sizeof a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_and_their_order_are_those_of_scikit_learn),
        cmocka_unit_test(records_on_neither_side_are_marked),
        cmocka_unit_test(sizes_that_make_no_sense_are_refused),
        cmocka_unit_test(without_a_seed_a_split_is_the_same_every_time),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
