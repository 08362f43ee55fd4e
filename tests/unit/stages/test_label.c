/* label: the classes to predict, in sorted order, and the records that have none. */
#include "encoder_try.h"
#include "stage_try.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

static void records_without_a_label_are_dropped(void **state)
{
    (void)state;
    assert_stage("label y", "x,y\n1,b\n2,\n3,a\n", "x,y\n1,b\n3,a\n");
    assert_stage("label y", "x,y\na,1\nb,\nc,2\n", "x,y\na,1\nc,2\n");
}

static void predicting_needs_no_label(void **state)
{
    (void)state;
    struct encoder e;
    encoder_must_open(&e, "label y", "y:text");
    e.stage.predicting = true;
    struct sl_chunk chunk = encoder_chunk(&e, 2);
    encoder_set_text(&e, &chunk, 0, 0, NULL);
    encoder_set_text(&e, &chunk, 0, 1, "a");
    assert_int_equal(encoder_predict(&e, &chunk), SL_OK);
    assert_int_equal(chunk.n, 2);
    encoder_close(&e);
}

static void fit_texts(struct encoder *e, const char *const *texts, uint32_t n, uint32_t most, size_t workers)
{
    struct sl_str list[32];
    assert_true(n <= 32);
    for (uint32_t i = 0; i < n; i++) {
        list[i] = sl_str(texts[i]);
    }
    encoder_texts(e, list, n, most);
    assert_int_equal(encoder_fit(e, workers, NULL), SL_OK);
}

static void classes_are_sorted_by_code_point_whatever_the_workers(void **state)
{
    (void)state;
    static const char *const texts[] = { "zebra", "Ünit", "apple", "Zebra", "10", "9", "apple", "中", "", "zebra" };
    static const char *const sorted[] = { "", "10", "9", "Zebra", "apple", "zebra", "Ünit", "中" };
    static const uint32_t index[] = { 5, 6, 4, 3, 1, 2, 4, 7, 0, 5 };
    for (size_t workers = 1; workers <= TRY_WORKERS; workers++) {
        struct encoder e;
        encoder_must_open(&e, "label y", "y:text");
        assert_int_equal(sl_label_classes(&e.stage), 0);
        fit_texts(&e, texts, 10, (uint32_t)workers, workers);
        assert_int_equal(sl_label_column(&e.stage), 0);
        assert_true(e.stage.out.fields[0].target);
        assert_int_equal(sl_label_classes(&e.stage), 8);
        for (uint32_t k = 0; k < 8; k++) {
            assert_string_equal(sl_label_class(&e.stage, k), sorted[k]);
        }
        for (uint32_t i = 0; i < 10; i++) {
            const struct sl_chunk *chunk = &e.chunk[i / workers];
            assert_int_equal(sl_label_index(&e.stage, chunk, i % (uint32_t)workers), index[i]);
        }
        encoder_close(&e);
    }
}

static void numbers_are_classes_by_value(void **state)
{
    (void)state;
    static const double x[] = { 10, -0.0, 9, 0.5, (double)NAN, 0, 1e6 };
    struct encoder e;
    encoder_must_open(&e, "label y", "y:number");
    e.chunk[0] = encoder_chunk(&e, 7);
    e.chunks = 1;
    for (uint32_t i = 0; i < 7; i++) {
        encoder_set_number(&e, &e.chunk[0], 0, i, x[i]);
    }
    assert_int_equal(encoder_fit(&e, 1, NULL), SL_OK);
    static const char *const names[] = { "0", "0.5", "9", "10", "1000000" };
    static const uint32_t index[] = { 3, 0, 2, 1, UINT32_MAX, 0, 4 };
    assert_int_equal(sl_label_classes(&e.stage), 5);
    for (uint32_t k = 0; k < 5; k++) {
        assert_string_equal(sl_label_class(&e.stage, k), names[k]);
    }
    for (uint32_t i = 0; i < 7; i++) {
        assert_int_equal(sl_label_index(&e.stage, &e.chunk[0], i), index[i]);
    }
    encoder_set_number(&e, &e.chunk[0], 0, 0, 11);
    assert_int_equal(sl_label_index(&e.stage, &e.chunk[0], 0), UINT32_MAX);
    struct sl_buf blob = encoder_save(&e);
    encoder_check_damage("label y", "y:number", (struct sl_str){ blob.p, blob.n });
    sl_buf_release(&blob);
    encoder_close(&e);
}

static void saved_classes_come_back(void **state)
{
    (void)state;
    static const char *const texts[] = { "neg", "pos", "neg", "neither" };
    struct encoder e, loaded, number;
    encoder_must_open(&e, "label y", "y:text");
    fit_texts(&e, texts, 4, 4, 1);
    struct sl_buf blob = encoder_save(&e);
    encoder_must_open(&loaded, "label y", "y:text");
    assert_int_equal(encoder_load(&loaded, (struct sl_str){ blob.p, blob.n }), SL_OK);
    assert_int_equal(sl_label_classes(&loaded.stage), 3);
    assert_string_equal(sl_label_class(&loaded.stage, 1), "neither");
    assert_int_equal(sl_label_index(&loaded.stage, &e.chunk[0], 1), 2);
    encoder_must_open(&number, "label y", "y:number");
    assert_int_equal(encoder_load(&number, (struct sl_str){ blob.p, blob.n }), SL_EFORMAT);
    encoder_check_damage("label y", "y:text", (struct sl_str){ blob.p, blob.n });
    sl_buf_release(&blob);
    encoder_close(&number);
    encoder_close(&loaded);
    encoder_close(&e);
}

static void a_column_that_is_no_label_is_refused(void **state)
{
    (void)state;
    assert_refused("label y", "x,y\n1,a\n2,a\n", NULL, SL_EDATA, "same value");
    assert_refused("label y", "x,y\n1,\n2,\n", NULL, SL_EDATA, "no value");
    assert_refused("label z", "x,y\n1,a\n2,b\n", NULL, SL_ESCHEMA, "'z'");
    assert_refused("label x y", "x,y\n1,a\n2,b\n", NULL, SL_EPARAM, "one column");
}

static void too_many_different_values_are_no_classes(void **state)
{
    (void)state;
    struct encoder e;
    encoder_must_open(&e, "label y", "y:number");
    for (uint32_t k = 0; k < 17; k++) {
        e.chunk[k] = encoder_chunk(&e, 4096);
        for (uint32_t i = 0; i < 4096; i++) {
            encoder_set_number(&e, &e.chunk[k], 0, i, k * 4096 + i);
        }
    }
    e.chunks = 17;
    assert_int_equal(encoder_fit(&e, 2, NULL), SL_ELIMIT);
    assert_true(e.err.fix[0]);
    encoder_close(&e);
}

static void classes_may_be_called_by_other_names(void **state)
{
    (void)state;
    static const char *const texts[] = { "b", "a", "c", "b" };
    struct encoder e;
    encoder_must_open(&e, "label y names=Apple,Bean,Corn", "y:text");
    fit_texts(&e, texts, 4, 4, 1);
    assert_string_equal(sl_label_class(&e.stage, 0), "Apple");
    assert_string_equal(sl_label_class(&e.stage, 2), "Corn");
    assert_int_equal(sl_label_index(&e.stage, &e.chunk[0], 0), 1);
    encoder_close(&e);
    assert_refused("label y names=yes,no", "x,y\n1,a\n2,b\n3,c\n", NULL, SL_EPARAM, "2 names");
}

static void a_number_to_predict_has_no_classes(void **state)
{
    (void)state;
    struct encoder e;
    encoder_must_open(&e, "label y task=regression", "y:number");
    assert_true(sl_label_is_number(&e.stage));
    e.chunk[0] = encoder_chunk(&e, 3);
    e.chunks = 1;
    for (uint32_t i = 0; i < 3; i++) {
        encoder_set_number(&e, &e.chunk[0], 0, i, 7); /* one value is no reason to refuse it */
    }
    assert_int_equal(encoder_fit(&e, 1, NULL), SL_OK);
    assert_int_equal(sl_label_classes(&e.stage), 0);
    assert_int_equal(sl_label_index(&e.stage, &e.chunk[0], 0), UINT32_MAX);
    encoder_close(&e);
    assert_stage("label y task=regression", "x,y\na,1\nb,\nc,2\n", "x,y\na,1\nc,2\n");
    assert_refused("label x task=regression", "x,y\na,1\nb,2\n", NULL, SL_ESCHEMA, "text");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(records_without_a_label_are_dropped),
        cmocka_unit_test(predicting_needs_no_label),
        cmocka_unit_test(classes_are_sorted_by_code_point_whatever_the_workers),
        cmocka_unit_test(numbers_are_classes_by_value),
        cmocka_unit_test(saved_classes_come_back),
        cmocka_unit_test(a_column_that_is_no_label_is_refused),
        cmocka_unit_test(too_many_different_values_are_no_classes),
        cmocka_unit_test(classes_may_be_called_by_other_names),
        cmocka_unit_test(a_number_to_predict_has_no_classes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
