/* test_augment_draw.c: the numbers of random changes: ranges, means, keys; and their texts. */
#include "picture_try.h"

#include <math.h>

enum { DRAWS = 20000 };

static struct sl_image_key key_of(uint64_t record)
{
    return (struct sl_image_key){ .seed = 42, .epoch = 3, .record = record };
}

static const struct sl_augment everything = { .rotation_range = 20,
                                              .width_shift_range = 0.2,
                                              .height_shift_range = 7.5,
                                              .shear_range = 10,
                                              .zoom_low = 0.7,
                                              .zoom_high = 1.5,
                                              .channel_shift_range = 50,
                                              .horizontal_flip = true,
                                              .vertical_flip = true,
                                              .brightness = true,
                                              .brightness_low = 0.5,
                                              .brightness_high = 1.25,
                                              .fill_mode = SL_FILL_REFLECT };

/* Least, mean and greatest of a uniform number over many draws. */
struct seen {
    double least, most, sum;
};

static void see(struct seen *seen, double v)
{
    seen->least = v < seen->least ? v : seen->least;
    seen->most = v > seen->most ? v : seen->most;
    seen->sum += v;
}

/* The ends are come near to, and the mean is within five standard errors. */
static void assert_uniform(const struct seen *seen, double low, double high, const char *what)
{
    double width = high - low, mean = seen->sum / DRAWS, error = 5 * width / sqrt(12.0 * DRAWS);
    bool ends = seen->least >= low && seen->most <= high && seen->least < low + width / 1000 &&
                seen->most > high - width / 1000;
    if (!ends || fabs(mean - (low + high) / 2) > error) {
        fail_msg("%s: %g to %g with mean %g, not uniform in %g to %g", what, seen->least, seen->most, mean, low, high);
    }
}

static void every_number_is_uniform_in_its_range(void **state)
{
    (void)state;
    enum { THETA, TX, TY, SHEAR, ZX, ZY, CHANNELS, BRIGHTNESS, NUMBERS };
    struct seen seen[NUMBERS];
    for (int i = 0; i < NUMBERS; i++) {
        seen[i] = (struct seen){ INFINITY, -INFINITY, 0 };
    }
    int flips[3] = { 0 };
    for (uint64_t i = 0; i < DRAWS; i++) {
        struct sl_image_key key = key_of(i);
        struct sl_image_transform t;
        sl_augment_draw(&everything, &key, 100, 60, &t);
        const double numbers[NUMBERS] = { t.theta, t.tx, t.ty, t.shear, t.zx, t.zy, t.channel_shift, t.brightness };
        for (int k = 0; k < NUMBERS; k++) {
            see(&seen[k], numbers[k]);
        }
        flips[0] += t.flip_horizontal;
        flips[1] += t.flip_vertical;
        flips[2] += t.flip_horizontal && t.flip_vertical;
    }
    assert_uniform(&seen[THETA], -20, 20, "rotation");
    assert_uniform(&seen[TX], -20, 20, "width shift, a share");
    assert_uniform(&seen[TY], -7.5, 7.5, "height shift, pixels");
    assert_uniform(&seen[SHEAR], -10, 10, "shear");
    assert_uniform(&seen[ZX], 0.7, 1.5, "zoom across");
    assert_uniform(&seen[ZY], 0.7, 1.5, "zoom down");
    assert_uniform(&seen[CHANNELS], -50, 50, "channel shift");
    assert_uniform(&seen[BRIGHTNESS], 0.5, 1.25, "brightness");
    assert_in_range(flips[0], DRAWS / 2 - 400, DRAWS / 2 + 400);
    assert_in_range(flips[1], DRAWS / 2 - 400, DRAWS / 2 + 400);
    assert_in_range(flips[2], DRAWS / 4 - 400, DRAWS / 4 + 400);
}

static void whole_shifts_are_whole_and_below_the_range(void **state)
{
    (void)state;
    struct sl_augment augment = SL_AUGMENT_INIT;
    augment.width_shift_range = 4;
    augment.width_shift_whole = true;
    int count[7] = { 0 };
    for (uint64_t i = 0; i < DRAWS; i++) {
        struct sl_image_key key = key_of(i);
        struct sl_image_transform t;
        sl_augment_draw(&augment, &key, 100, 60, &t);
        assert_true(t.tx == floor(t.tx) && t.tx >= -3 && t.tx <= 3 && t.ty == 0 && t.theta == 0);
        count[(int)t.tx + 3]++;
    }
    for (int v = 0; v < 7; v++) { /* 0 has both signs */
        int mean = v == 3 ? DRAWS / 4 : DRAWS / 8;
        assert_in_range(count[v], mean - 400, mean + 400);
    }
}

static void one_key_always_draws_the_same_and_any_other_differs(void **state)
{
    (void)state;
    struct sl_image_key key = { 1, 2, 3, 4, 5 };
    struct sl_image_transform t, again;
    memset(&t, 0, sizeof t);
    memset(&again, 0, sizeof again);
    sl_augment_draw(&everything, &key, 224, 224, &t);
    sl_augment_draw(&everything, &key, 224, 224, &again);
    assert_true(t.theta == again.theta && t.tx == again.tx && t.zy == again.zy && t.brightness == again.brightness);
    const struct sl_image_key others[] = {
        { 9, 2, 3, 4, 5 }, { 1, 9, 3, 4, 5 }, { 1, 2, 9, 4, 5 },
        { 1, 2, 3, 9, 5 }, { 1, 2, 3, 4, 9 }, { 1, 2, 3, 5, 4 },
    };
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        sl_augment_draw(&everything, &others[i], 224, 224, &again);
        assert_true(t.theta != again.theta && t.tx != again.tx && t.zy != again.zy && t.brightness != again.brightness);
    }
    /* what is switched off leaves the other numbers alone */
    struct sl_augment fewer = everything;
    fewer.rotation_range = 0;
    fewer.horizontal_flip = false;
    sl_augment_draw(&fewer, &key, 224, 224, &again);
    assert_true(again.theta == 0 && t.tx == again.tx && t.brightness == again.brightness);
}

static void a_text_names_each_change_with_its_numbers(void **state)
{
    (void)state;
    char text[200];
    struct sl_image_transform t = SL_IMAGE_TRANSFORM_INIT;
    assert_string_equal(sl_image_transform_text(&t, text, sizeof text), "unchanged");
    t = (struct sl_image_transform){ .theta = -12.34,
                                     .tx = 17.92,
                                     .zx = 0.9,
                                     .zy = 1.1,
                                     .flip_horizontal = true,
                                     .has_brightness = true,
                                     .brightness = 0.75 };
    assert_string_equal(sl_image_transform_text(&t, text, sizeof text),
                        "rotate −12.3°, shift x +17.9 px, zoom x 0.900 y 1.100, flip left-right, brightness 0.750");
    for (size_t size = 1; size < sizeof text; size++) {
        char small[200];
        memset(small, 'x', sizeof small);
        sl_image_transform_text(&t, small, size);
        assert_int_equal(small[size <= strlen(text) ? size - 1 : strlen(text)], '\0');
        assert_int_equal(strncmp(small, text, strlen(small)), 0);
        assert_int_equal(small[size], 'x');
    }
}

static void random_crops_lie_inside_and_reach_every_place(void **state)
{
    (void)state;
    struct sl_image from = picture_random(12, 10, 3, 21), got = { 0 };
    struct sl_error refused = SL_ERROR_INIT;
    bool seen[9][8] = { { false } };
    for (uint64_t i = 0; i < 2000; i++) {
        struct sl_image_key key = key_of(i);
        struct sl_image_box box;
        TRY(sl_random_crop_draw(&key, &from, 8, 7, 2, &box, err));
        assert_true(box.x <= 8 && box.y <= 7 && box.width == 8 && box.height == 7);
        seen[box.x][box.y] = true;
        TRY(sl_random_crop_apply(&from, &box, 2, &got, err));
        for (uint32_t y = 0; y < 7; y++) {
            for (uint32_t x = 0; x < 8; x++) {
                int64_t column = (int64_t)box.x + x - 2, row = (int64_t)box.y + y - 2;
                bool inside = column >= 0 && column < 12 && row >= 0 && row < 10;
                const uint8_t zero[3] = { 0 }, *wanted = inside ? from.pixels + (row * 12 + column) * 3 : zero;
                assert_memory_equal(got.pixels + (y * 8 + x) * 3, wanted, 3);
            }
        }
    }
    for (int i = 0; i < 9 * 8; i++) {
        assert_true(seen[i / 8][i % 8]);
    }
    struct sl_image_key key = key_of(0);
    struct sl_image_box box;
    assert_int_equal(sl_random_crop_draw(&key, &from, 17, 7, 2, &box, &refused), SL_EPARAM);
    sl_image_release(&from);
    sl_image_release(&got);
}

static void cutout_and_erasing_lie_inside_and_only_there_is_filled(void **state)
{
    (void)state;
    struct sl_erasing erasing = SL_ERASING_INIT;
    int erased = 0;
    double share = 0;
    for (uint64_t i = 0; i < DRAWS / 10; i++) {
        struct sl_image_key key = key_of(i);
        struct sl_image_box box;
        sl_cutout_draw(&key, 32, 24, 8, &box);
        assert_true(box.width >= 4 && box.width <= 8 && box.height >= 4 && box.height <= 8);
        assert_true(box.x + box.width <= 32 && box.y + box.height <= 24);
        if (sl_erasing_draw(&erasing, &key, 32, 24, &box)) {
            assert_true(box.x + box.width <= 32 && box.y + box.height <= 24);
            share += box.width * box.height / (32.0 * 24);
            erased++;
        }
    }
    assert_in_range(erased, DRAWS / 20 - 150, DRAWS / 20 + 100);
    assert_true(share / erased > 0.12 && share / erased < 0.2);
    struct sl_image image = picture_random(6, 5, 3, 22), before = picture_random(6, 5, 3, 22);
    struct sl_image_box box = { 1, 2, 3, 2 };
    sl_image_fill(&image, &box, (const uint8_t[4]){ 1, 2, 3, 4 });
    for (uint32_t i = 0; i < 30; i++) {
        uint32_t x = i % 6, y = i / 6;
        bool inside = x >= 1 && x < 4 && y >= 2 && y < 4;
        const uint8_t colour[3] = { 1, 2, 3 }, *wanted = inside ? colour : before.pixels + i * 3;
        assert_memory_equal(image.pixels + i * 3, wanted, 3);
    }
    sl_image_release(&image);
    sl_image_release(&before);
}

/* Mean 1/2, variance 1 / (4 (2 alpha + 1)). */
static void lambda_is_drawn_from_beta(void **state)
{
    (void)state;
    const double alphas[] = { 0.001, 0.2, 1.0, 4.0 };
    for (size_t a = 0; a < 4; a++) {
        double sum = 0, squares = 0, variance = 1 / (4 * (2 * alphas[a] + 1));
        for (uint64_t i = 0; i < DRAWS; i++) {
            struct sl_image_key key = key_of(i);
            double lambda = sl_mix_lambda(&key, alphas[a]);
            assert_true(lambda >= 0 && lambda <= 1);
            sum += lambda;
            squares += (lambda - 0.5) * (lambda - 0.5);
        }
        double error = 5 * sqrt(variance / DRAWS);
        if (fabs(sum / DRAWS - 0.5) > error || fabs(squares / DRAWS / variance - 1) > 0.06) {
            fail_msg("Beta(%g, %g): mean %g, variance %g, not 0.5, %g", alphas[a], alphas[a], sum / DRAWS,
                     squares / DRAWS, variance);
        }
    }
}

static void mixing_is_a_weighted_mean_and_a_pasted_box(void **state)
{
    (void)state;
    float a[24], b[24];
    for (int i = 0; i < 24; i++) {
        a[i] = (float)i;
        b[i] = 100 + (float)i;
    }
    sl_mix_blend(24, a, b, 0.75f);
    for (int i = 0; i < 24; i++) {
        assert_true(fabsf(a[i] - ((float)i + 25)) < 1e-4f);
        a[i] = (float)i;
    }
    struct sl_image_box box = { 1, 1, 2, 1 };
    sl_cutmix_paste(a, b, 4, 2, &box);
    for (int i = 0; i < 24; i++) {
        assert_true(a[i] == (i >= 10 && i < 14 ? b[i] : (float)i));
    }
    double sum = 0;
    for (uint64_t i = 0; i < DRAWS; i++) {
        struct sl_image_key key = key_of(i);
        double lambda = sl_cutmix_draw(&key, 0.64, 100, 50, &box);
        assert_true(box.x + box.width <= 100 && box.y + box.height <= 50 && box.width <= 60 && box.height <= 30);
        assert_true(fabs(lambda - (1 - box.width * box.height / 5000.0)) < 1e-12 && lambda >= 0.64);
        sum += lambda;
    }
    /* a side of 0.6 around a uniform centre keeps 0.6 (1 − 0.6 / 4) of itself on average */
    assert_true(fabs(sum / DRAWS - (1 - 0.51 * 0.51)) < 0.005);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_number_is_uniform_in_its_range),
        cmocka_unit_test(whole_shifts_are_whole_and_below_the_range),
        cmocka_unit_test(one_key_always_draws_the_same_and_any_other_differs),
        cmocka_unit_test(a_text_names_each_change_with_its_numbers),
        cmocka_unit_test(random_crops_lie_inside_and_reach_every_place),
        cmocka_unit_test(cutout_and_erasing_lie_inside_and_only_there_is_filled),
        cmocka_unit_test(lambda_is_drawn_from_beta),
        cmocka_unit_test(mixing_is_a_weighted_mean_and_a_pasted_box),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
