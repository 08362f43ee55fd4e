/* test_resize.c: `resize`, `crop` and `grayscale` give the pictures of the arithmetic they name, whatever the column.
 */
#include "picture_trial.h"
#include "stage_try.h"

enum { COLUMN = 1 };

/* What the operation itself makes of picture i. */
static void assert_resized(struct picture_trial *t, const struct sl_resize *how)
{
    struct sl_image_worker *worker = NULL;
    struct sl_image expected = { 0 };
    assert_int_equal(sl_image_worker_new(&worker, NULL), SL_OK);
    for (uint32_t i = 0; i < TRIAL_RECORDS; i++) {
        assert_int_equal(sl_image_resize(worker, &t->picture[i], how, &expected, &t->err), SL_OK);
        assert_trial_picture(t, i, &expected);
    }
    sl_image_release(&expected);
    sl_image_worker_free(worker);
}

static void each_way_to_resize_gives_the_pictures_of_the_arithmetic(void **state)
{
    (void)state;
    static const struct {
        const char *statement;
        struct sl_resize how;
    } ways[] = {
        { "resize width=7 height=5", { 7, 5, SL_RESIZE_BILINEAR, SL_FIT_STRETCH, { 0 } } },
        { "resize image width=7 height=15 interpolation=nearest", { 7, 15, SL_RESIZE_NEAREST, SL_FIT_STRETCH, { 0 } } },
        { "resize width=5 height=5 interpolation=area", { 5, 5, SL_RESIZE_AREA, SL_FIT_STRETCH, { 0 } } },
        { "resize width=9 height=5 interpolation=hamming", { 9, 5, SL_RESIZE_HAMMING, SL_FIT_STRETCH, { 0 } } },
        { "resize width=5 height=9 interpolation=bicubic fit=crop", { 5, 9, SL_RESIZE_BICUBIC, SL_FIT_CROP, { 0 } } },
        { "resize width=20 height=8 interpolation=lanczos fit=pad pad=7",
          { 20, 8, SL_RESIZE_LANCZOS, SL_FIT_PAD, { 7, 7, 7, 7 } } },
    };
    for (size_t k = 0; k < sizeof ways / sizeof *ways; k++) {
        for (uint32_t channels = 1; channels <= 4; channels++) {
            struct picture_trial t;
            assert_int_equal(trial_fixed(&t, ways[k].statement, 11, 10, channels, false), SL_OK);
            trial_apply(&t);
            assert_resized(&t, &ways[k].how);
            trial_release(&t);
            assert_int_equal(trial_sizes(&t, ways[k].statement, 6, 4, channels, false), SL_OK);
            trial_apply(&t);
            assert_resized(&t, &ways[k].how);
            trial_release(&t);
        }
    }
}

static void what_leaves_is_a_vector_of_bytes_with_an_extent(void **state)
{
    (void)state;
    struct picture_trial t;
    assert_int_equal(trial_sizes(&t, "resize width=8 height=6", 5, 5, 3, false), SL_OK);
    const struct sl_field *out = &t.stage.out.fields[COLUMN];
    assert_int_equal(out->type, SL_VECTOR);
    assert_true(out->bytes && out->scale >= 1 && out->scale <= 1 && out->offset >= 0 && out->offset <= 0);
    assert_int_equal(out->width, 8 * 6 * 3);
    assert_int_equal(out->height, 6);
    assert_int_equal(out->breadth, 8);
    assert_int_equal(out->channels, 3);
    trial_release(&t);
    assert_int_equal(trial_fixed(&t, "resize width=8 height=6", 5, 5, 1, false), SL_OK);
    out = &t.stage.out.fields[COLUMN];
    assert_true(out->scale >= 0.5f && out->scale <= 0.5f && out->offset >= -3 && out->offset <= -3);
    assert_int_equal(out->width, 8 * 6);
    trial_release(&t);
}

static void pictures_of_the_wanted_size_stay_where_they_are(void **state)
{
    (void)state;
    static const char *const statements[] = { "resize width=9 height=7", "crop width=9 height=7", "grayscale" };
    for (size_t k = 0; k < 3; k++) {
        struct picture_trial t;
        assert_int_equal(trial_fixed(&t, statements[k], 9, 7, 1, true), SL_OK);
        trial_apply(&t);
        assert_ptr_equal(t.chunk.columns[COLUMN].bytes, t.before.columns[COLUMN].bytes);
        trial_release(&t);
    }
    struct picture_trial t;
    assert_int_equal(trial_sizes(&t, "resize width=11 height=9", 9, 7, 3, false), SL_OK);
    t.chunk.n = 1; /* record 2 alone */
    t.chunk.columns[COLUMN].picture += 2;
    trial_apply(&t);
    assert_ptr_equal(t.chunk.columns[COLUMN].bytes, t.picture[2].pixels);
    trial_release(&t);
}

static void a_missing_picture_stays_missing(void **state)
{
    (void)state;
    static const char *const statements[] = { "resize width=5 height=4", "crop width=3 height=3", "grayscale" };
    for (size_t k = 0; k < 6; k++) {
        struct picture_trial t;
        assert_int_equal((k % 2 ? trial_fixed : trial_sizes)(&t, statements[k / 2], 8, 9, 3, true), SL_OK);
        trial_apply(&t);
        for (uint32_t i = 0; i < TRIAL_RECORDS; i++) {
            assert_int_equal(sl_valid(&t.chunk.columns[COLUMN], i), i != 3);
        }
        trial_release(&t);
    }
}

static void crop_takes_the_middle_and_resizes_what_is_smaller(void **state)
{
    (void)state;
    struct picture_trial t;
    struct sl_image expected = { 0 };
    struct sl_image_worker *worker = NULL;
    assert_int_equal(sl_image_worker_new(&worker, NULL), SL_OK);
    const struct sl_resize how = { 7, 6, SL_RESIZE_BILINEAR, SL_FIT_CROP, { 0 } };
    assert_int_equal(trial_sizes(&t, "crop width=7 height=6", 4, 5, 3, false), SL_OK);
    trial_apply(&t);
    for (uint32_t i = 0; i < TRIAL_RECORDS; i++) {
        int status = i < 3 ? sl_image_resize(worker, &t.picture[i], &how, &expected, &t.err)
                           : sl_image_crop_centre(&t.picture[i], 7, 6, &expected, &t.err);
        assert_int_equal(status, SL_OK);
        assert_trial_picture(&t, i, &expected);
    }
    trial_release(&t);
    sl_image_release(&expected);
    sl_image_worker_free(worker);
}

static void grayscale_keeps_sizes_and_transparency(void **state)
{
    (void)state;
    for (uint32_t channels = 1; channels <= 4; channels++) {
        for (int fixed = 0; fixed < 2; fixed++) {
            struct picture_trial t;
            struct sl_image expected = { 0 };
            assert_int_equal((fixed ? trial_fixed : trial_sizes)(&t, "grayscale image", 5, 3, channels, false), SL_OK);
            assert_int_equal(t.stage.out.fields[COLUMN].type, fixed ? SL_VECTOR : SL_IMAGE);
            trial_apply(&t);
            for (uint32_t i = 0; i < TRIAL_RECORDS; i++) {
                assert_int_equal(sl_image_grey(&t.picture[i], &expected, &t.err), SL_OK);
                assert_trial_picture(&t, i, &expected);
            }
            sl_image_release(&expected);
            trial_release(&t);
        }
    }
}

static void columns_that_are_no_pictures_are_refused(void **state)
{
    (void)state;
    assert_refused("resize width=2 height=2", "x\n1\n", NULL, SL_ESCHEMA, "no column of pictures");
    assert_refused("resize x width=2 height=2", "x\n1\n", NULL, SL_ESCHEMA, "'x' is of type number");
    assert_refused("crop y width=2 height=2", "x\n1\n", NULL, SL_ESCHEMA, "no column 'y'");
    assert_refused("resize width=0 height=2", "x\n1\n", NULL, SL_EPARAM, "too small");
    struct picture_trial t;
    assert_int_equal(trial_fixed(&t, "resize width=65535 height=65535", 3, 3, 1, false), SL_ELIMIT);
    assert_non_null(strstr(t.err.what, "65535×65535"));
    trial_release(&t);
}

static int bind_changed(struct picture_trial *t, const char *statement, void (*change)(struct sl_field *field))
{
    assert_int_equal(trial_fixed(t, statement, 3, 3, 1, false), SL_OK);
    t->stage.class->scratch_free(&t->stage, t->scratch);
    t->scratch = NULL;
    t->stage.class->unbind(&t->stage);
    change(&t->schema.fields[COLUMN]);
    return t->stage.class->bind(&t->stage, &t->schema, &t->stage.out, &t->err);
}

static void make_floats(struct sl_field *field)
{
    field->bytes = false;
}

static void make_vectors(struct sl_field *field)
{
    field->height = field->breadth = field->channels = 0;
}

static void make_deep(struct sl_field *field)
{
    field->channels = 9;
    field->height = field->breadth = 1;
}

static void pictures_that_are_no_longer_bytes_are_refused_with_the_way_out(void **state)
{
    (void)state;
    static const struct {
        void (*change)(struct sl_field *field);
        const char *what, *fix;
    } cases[] = { { make_floats, "no longer bytes", "standardize" },
                  { make_vectors, "no height and breadth", "three or four sizes" },
                  { make_deep, "9 channels", "1 to 4" } };
    for (size_t k = 0; k < 3; k++) {
        struct picture_trial t;
        assert_int_equal(bind_changed(&t, "resize image width=2 height=2", cases[k].change), SL_ESCHEMA);
        assert_non_null(strstr(t.err.what, cases[k].what));
        assert_non_null(strstr(t.err.fix, cases[k].fix));
        assert_string_equal(t.err.param, "columns");
        trial_release(&t);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_way_to_resize_gives_the_pictures_of_the_arithmetic),
        cmocka_unit_test(what_leaves_is_a_vector_of_bytes_with_an_extent),
        cmocka_unit_test(pictures_of_the_wanted_size_stay_where_they_are),
        cmocka_unit_test(a_missing_picture_stays_missing),
        cmocka_unit_test(crop_takes_the_middle_and_resizes_what_is_smaller),
        cmocka_unit_test(grayscale_keeps_sizes_and_transparency),
        cmocka_unit_test(columns_that_are_no_pictures_are_refused),
        cmocka_unit_test(pictures_that_are_no_longer_bytes_are_refused_with_the_way_out),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
