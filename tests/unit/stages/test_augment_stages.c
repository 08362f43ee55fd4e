/* test_augment_stages.c: the random stages do what the arithmetic does with the numbers of their key, and say so. */
#include "picture_trial.h"
#include "stage_try.h"

#include <stdio.h>

enum { WIDTH = 13, HEIGHT = 9, CHANNELS = 3 };

static void random_stages_depend_on_their_key_alone(void **state)
{
    (void)state;
    assert_random_stage("augment rotation_range=20 width_shift_range=0.2 horizontal_flip=true",
                        "augment rotation_range=20 width_shift_range=0.2 horizontal_flip=true random_state=7", true);
    assert_random_stage("random_crop padding=4", "random_crop padding=4 random_state=7", true);
    assert_random_stage("random_crop width=5 height=6", "random_crop width=5 height=6 random_state=7", false);
    assert_random_stage("cutout size=4", "cutout size=4 random_state=7", true);
    assert_random_stage("random_erasing probability=1", "random_erasing probability=1 random_state=7", true);
    assert_random_stage("randaugment magnitude=20", "randaugment magnitude=20 random_state=7", true);
}

/* The pictures and texts of a statement are those of these parameters. */
static void assert_augment(const char *statement, const struct sl_augment *augment, uint64_t seed)
{
    struct picture_trial t;
    struct sl_image_worker *worker = NULL;
    struct sl_image expected = { 0 };
    char text[256];
    assert_int_equal(sl_image_worker_new(&worker, NULL), SL_OK);
    assert_int_equal(trial_fixed(&t, statement, WIDTH, HEIGHT, CHANNELS, false), SL_OK);
    for (uint32_t epoch = 0; epoch < 3; epoch++) {
        trial_again(&t);
        trial_augment(&t, epoch, epoch % 2);
        for (uint32_t i = 0; i < TRIAL_RECORDS; i++) {
            struct sl_image_key key = trial_key(seed, epoch, epoch % 2, i);
            struct sl_image_transform transform;
            sl_augment_draw(augment, &key, WIDTH, HEIGHT, &transform);
            assert_int_equal(sl_augment_bytes(worker, &t.picture[i], &transform, &expected, &t.err), SL_OK);
            assert_trial_picture(&t, i, &expected);
            assert_string_equal(trial_drawn(&t, epoch, epoch % 2, i),
                                sl_image_transform_text(&transform, text, sizeof text));
        }
    }
    trial_release(&t);
    sl_image_release(&expected);
    sl_image_worker_free(worker);
}

static void augment_reads_its_parameters_as_keras_does(void **state)
{
    (void)state;
    struct sl_augment a = SL_AUGMENT_INIT;
    assert_augment("augment", &a, 0);
    a.rotation_range = 20;
    a.width_shift_range = a.height_shift_range = 0.2;
    a.horizontal_flip = true;
    assert_augment("augment image rotation_range=20 width_shift_range=0.2 height_shift_range=0.2 horizontal_flip=true",
                   &a, 0);
    a = (struct sl_augment){ .zoom_low = 0.75, .zoom_high = 1.25, .shear_range = 15, .vertical_flip = true };
    a.fill_mode = SL_FILL_CONSTANT;
    a.cval = 77;
    assert_augment("augment zoom_range=0.25 shear_range=15 vertical_flip=true fill_mode=constant cval=77 "
                   "random_state=12",
                   &a, 12);
    a = (struct sl_augment){ .zoom_low = 0.5, .zoom_high = 0.9, .fill_mode = SL_FILL_WRAP };
    a.channel_shift_range = 40;
    a.brightness = true;
    a.brightness_low = 0.5;
    a.brightness_high = 1.5;
    assert_augment("augment zoom_range=0.5,0.9 fill_mode=wrap channel_shift_range=40 brightness_range=0.5,1.5", &a, 0);
}

static void a_shift_written_as_an_integer_moves_by_whole_pixels(void **state)
{
    (void)state;
    struct sl_augment a = SL_AUGMENT_INIT;
    a.width_shift_range = 3;
    a.width_shift_whole = true;
    a.height_shift_range = 2.5;
    a.fill_mode = SL_FILL_REFLECT;
    assert_augment("augment width_shift_range=3 height_shift_range=2.5 fill_mode=reflect", &a, 0);
    a.width_shift_range = 1;
    a.width_shift_whole = false;
    assert_augment("augment width_shift_range=1.0 height_shift_range=2.5 fill_mode=reflect", &a, 0);
}

static void where_nothing_is_drawn_pictures_stay_where_they_are(void **state)
{
    (void)state;
    static const char *const statements[] = { "augment", "random_crop", "random_erasing probability=0" };
    for (size_t k = 0; k < 3; k++) {
        struct picture_trial t;
        assert_int_equal(trial_fixed(&t, statements[k], WIDTH, HEIGHT, CHANNELS, true), SL_OK);
        trial_augment(&t, 1, 0);
        assert_ptr_equal(t.chunk.columns[1].bytes, t.before.columns[1].bytes);
        trial_release(&t);
    }
}

static void random_crop_gives_the_middle_to_what_is_not_trained_on(void **state)
{
    (void)state;
    struct picture_trial t;
    struct sl_image expected = { 0 };
    assert_int_equal(trial_fixed(&t, "random_crop width=6 height=4 padding=2", WIDTH, HEIGHT, CHANNELS, false), SL_OK);
    trial_apply(&t);
    for (uint32_t i = 0; i < TRIAL_RECORDS; i++) {
        assert_int_equal(sl_image_crop_centre(&t.picture[i], 6, 4, &expected, &t.err), SL_OK);
        assert_trial_picture(&t, i, &expected);
    }
    sl_image_release(&expected);
    trial_release(&t);
    assert_int_equal(trial_fixed(&t, "random_crop padding=4", WIDTH, HEIGHT, CHANNELS, false), SL_OK);
    trial_apply(&t);
    assert_ptr_equal(t.chunk.columns[1].bytes, t.before.columns[1].bytes);
    trial_release(&t);
}

static void random_crop_gives_training_the_part_that_is_drawn(void **state)
{
    (void)state;
    struct picture_trial t;
    struct sl_image expected = { 0 };
    struct sl_image_box box;
    assert_int_equal(
        trial_fixed(&t, "random_crop width=10 height=12 padding=3 random_state=2", WIDTH, HEIGHT, CHANNELS, false),
        SL_OK);
    trial_augment(&t, 5, 0);
    for (uint32_t i = 0; i < TRIAL_RECORDS; i++) {
        struct sl_image_key key = trial_key(2, 5, 0, i);
        char text[64];
        assert_int_equal(sl_random_crop_draw(&key, &t.picture[i], 10, 12, 3, &box, &t.err), SL_OK);
        assert_int_equal(sl_random_crop_apply(&t.picture[i], &box, 3, &expected, &t.err), SL_OK);
        assert_trial_picture(&t, i, &expected);
        int x = (int)box.x - 3, y = (int)box.y - 3;
        snprintf(text, sizeof text, "10×12 from x %s%d, y %s%d", x < 0 ? "−" : "+", abs(x), y < 0 ? "−" : "+", abs(y));
        assert_string_equal(trial_drawn(&t, 5, 0, i), text);
    }
    sl_image_release(&expected);
    trial_release(&t);
}

static void paint(struct sl_image *image, const struct sl_image_box *box, uint8_t value)
{
    uint8_t colour[4];
    memset(colour, value, sizeof colour);
    sl_image_fill(image, box, colour);
}

static void cutout_and_erasing_paint_the_box_that_is_drawn(void **state)
{
    (void)state;
    struct sl_erasing erasing = SL_ERASING_INIT;
    erasing.scale[0] = 0.1;
    erasing.scale[1] = 0.5;
    unsigned painted = 0;
    for (int cut = 0; cut < 2; cut++) {
        struct picture_trial t;
        const char *statement = cut ? "cutout size=4 value=200" : "random_erasing scale=0.1,0.5 value=200";
        assert_int_equal(trial_fixed(&t, statement, WIDTH, HEIGHT, CHANNELS, false), SL_OK);
        trial_augment(&t, 1, 0);
        for (uint32_t i = 0; i < TRIAL_RECORDS; i++) {
            struct sl_image_key key = trial_key(0, 1, 0, i);
            struct sl_image_box box;
            char text[64] = "unchanged";
            bool drawn = cut || sl_erasing_draw(&erasing, &key, WIDTH, HEIGHT, &box);
            if (cut) {
                sl_cutout_draw(&key, WIDTH, HEIGHT, 4, &box);
            }
            if (drawn) {
                paint(&t.picture[i], &box, 200);
                snprintf(text, sizeof text, "%u×%u at x %u, y %u painted over", box.width, box.height, box.x, box.y);
            }
            painted += drawn;
            assert_trial_picture(&t, i, &t.picture[i]);
            assert_string_equal(trial_drawn(&t, 1, 0, i), text);
        }
        trial_release(&t);
    }
    assert_true(painted > TRIAL_RECORDS && painted < 2 * TRIAL_RECORDS);
}

static void randaugment_carries_out_the_ops_that_are_drawn(void **state)
{
    (void)state;
    struct picture_trial t;
    struct sl_image_worker *worker = NULL;
    const uint8_t fill[4] = { 5, 5, 5, 5 };
    char text[512];
    assert_int_equal(sl_image_worker_new(&worker, NULL), SL_OK);
    assert_int_equal(trial_fixed(&t, "randaugment num_ops=3 magnitude=4 num_magnitude_bins=11 fill=5", WIDTH, HEIGHT,
                                 CHANNELS, false),
                     SL_OK);
    trial_augment(&t, 4, 0);
    for (uint32_t i = 0; i < TRIAL_RECORDS; i++) {
        struct sl_image_key key = trial_key(0, 4, 0, i);
        struct sl_rand_ops ops;
        sl_rand_ops_draw(3, 4, 11, &key, WIDTH, HEIGHT, &ops);
        assert_int_equal(sl_rand_ops_apply(worker, &ops, fill, &t.picture[i], &t.err), SL_OK);
        assert_trial_picture(&t, i, &t.picture[i]);
        assert_string_equal(trial_drawn(&t, 4, 0, i), sl_rand_ops_text(&ops, text, sizeof text));
    }
    sl_image_worker_free(worker);
    trial_release(&t);
}

static void pictures_of_any_size_need_a_resize_first(void **state)
{
    (void)state;
    static const char *const statements[] = { "augment horizontal_flip=true", "random_crop image padding=2",
                                              "cutout size=2", "random_erasing", "randaugment" };
    for (size_t k = 0; k < 5; k++) {
        struct picture_trial t;
        assert_int_equal(trial_sizes(&t, statements[k], 8, 8, 3, false), SL_ESCHEMA);
        assert_non_null(strstr(t.err.what, "sizes of their own"));
        assert_non_null(strstr(t.err.fix, "resize image width=… height=…"));
        trial_release(&t);
    }
}

static void parameters_that_make_no_sense_are_refused(void **state)
{
    (void)state;
    static const struct {
        const char *statement, *param, *words;
    } cases[] = {
        { "augment brightness_range=0.5", "brightness_range", "needs two factors" },
        { "augment brightness_range=1.5,0.5", "brightness_range", "larger than the second" },
        { "augment brightness_range=-1,0.5", "brightness_range", "too small" },
        { "augment zoom_range=1.5", "zoom_range", "above 1" },
        { "augment zoom_range=a,b", "zoom_range", "not a number" },
        { "augment width_shift_range=-0.1", "width_shift_range", "a share is between" },
        { "augment width_shift_range=70000.5", "width_shift_range", "too large" },
        { "augment fill_mode=mirror", "fill_mode", "no such choice" },
        { "augment cval=256", "cval", "too large" },
        { "augment rotation_range=361", "rotation_range", "too large" },
        { "random_crop width=20", "width", "does not fit" },
        { "random_crop height=20 padding=5", "height", "does not fit" },
        { "cutout", "size", "size" },
        { "random_erasing scale=0.3", "scale", "needs two numbers" },
        { "random_erasing ratio=2", "ratio", "needs two numbers" },
        { "randaugment magnitude=31", "magnitude", "31 steps" },
        { "randaugment num_ops=17", "num_ops", "too large" },
    };
    for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
        struct picture_trial t;
        int status = trial_fixed(&t, cases[k].statement, WIDTH, HEIGHT, CHANNELS, false);
        if (status != SL_EPARAM || strcmp(t.err.param, cases[k].param) != 0 || !strstr(t.err.what, cases[k].words) ||
            !t.err.fix[0]) {
            fail_msg("%s: status %d, param %s: %s; %s", cases[k].statement, status, t.err.param, t.err.what, t.err.fix);
        }
        trial_release(&t);
    }
}

static void what_mixes_two_records_says_how(void **state)
{
    (void)state;
    struct picture_trial t;
    struct sl_mix mix;
    assert_int_equal(trial_fixed(&t, "mixup alpha=0.2 random_state=5", WIDTH, HEIGHT, CHANNELS, false), SL_OK);
    t.stage.class->mixes(&t.stage, &mix);
    assert_int_equal(mix.kind, SL_MIX_BLEND);
    assert_true(mix.alpha >= 0.2 && mix.alpha <= 0.2 && mix.seed == 5);
    trial_release(&t);
    assert_int_equal(trial_fixed(&t, "cutmix", WIDTH, HEIGHT, CHANNELS, false), SL_OK);
    t.stage.class->mixes(&t.stage, &mix);
    assert_int_equal(mix.kind, SL_MIX_PASTE);
    assert_int_equal(mix.column, 1);
    assert_true(mix.alpha >= 1 && mix.alpha <= 1 && mix.seed == 0);
    trial_release(&t);
    assert_int_equal(trial_sizes(&t, "cutmix image", 5, 5, 1, false), SL_ESCHEMA);
    assert_non_null(strstr(t.err.fix, "resize"));
    trial_release(&t);
    assert_int_equal(trial_sizes(&t, "mixup", 5, 5, 1, false), SL_ESCHEMA);
    assert_non_null(strstr(t.err.fix, "resize"));
    trial_release(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(random_stages_depend_on_their_key_alone),
        cmocka_unit_test(augment_reads_its_parameters_as_keras_does),
        cmocka_unit_test(a_shift_written_as_an_integer_moves_by_whole_pixels),
        cmocka_unit_test(where_nothing_is_drawn_pictures_stay_where_they_are),
        cmocka_unit_test(random_crop_gives_the_middle_to_what_is_not_trained_on),
        cmocka_unit_test(random_crop_gives_training_the_part_that_is_drawn),
        cmocka_unit_test(cutout_and_erasing_paint_the_box_that_is_drawn),
        cmocka_unit_test(randaugment_carries_out_the_ops_that_are_drawn),
        cmocka_unit_test(pictures_of_any_size_need_a_resize_first),
        cmocka_unit_test(what_mixes_two_records_says_how),
        cmocka_unit_test(parameters_that_make_no_sense_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
