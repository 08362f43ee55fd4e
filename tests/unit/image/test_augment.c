/* test_augment.c: Keras's random changes carried out, against Keras (tests/golden/make_images.py). */
#include "picture_try.h"

#include <math.h>

static enum sl_fill_mode fill_mode(struct sl_str name)
{
    static const char *const names[] = { "nearest", "constant", "reflect", "wrap" };
    for (int i = 0; i < 4; i++) {
        if (sl_str_equal(name, sl_str(names[i]))) {
            return (enum sl_fill_mode)i;
        }
    }
    fail_msg("a golden record has fill mode \"%.*s\"", (int)name.n, name.p);
    return SL_FILL_NEAREST;
}

static void set_number(struct sl_image_transform *t, const char *name, size_t n, double value)
{
    struct sl_str s = { name, n };
    double *plain[] = { &t->theta, &t->tx, &t->ty, &t->shear, &t->zx, &t->zy };
    static const char *const names[] = { "theta", "tx", "ty", "shear", "zx", "zy" };
    for (size_t i = 0; i < 6; i++) {
        if (sl_str_equal(s, sl_str(names[i]))) {
            *plain[i] = value;
            return;
        }
    }
    if (sl_str_equal(s, SL_STR("flip_horizontal"))) {
        t->flip_horizontal = value != 0;
    } else if (sl_str_equal(s, SL_STR("flip_vertical"))) {
        t->flip_vertical = value != 0;
    } else if (sl_str_equal(s, SL_STR("channel_shift_intensity"))) {
        t->has_channel_shift = true;
        t->channel_shift = value;
    } else if (sl_str_equal(s, SL_STR("brightness"))) {
        t->has_brightness = true;
        t->brightness = value;
    } else {
        fail_msg("a golden record has a number \"%.*s\"", (int)n, name);
    }
}

static struct sl_image_transform golden_transform(const struct golden *golden)
{
    struct sl_image_transform t = SL_IMAGE_TRANSFORM_INIT;
    t.fill_mode = fill_mode(golden->field[1]);
    t.cval = strtod(golden->field[2].p, NULL);
    t.keras_centre = true;
    const char *at = golden->field[3].p, *end = at + golden->field[3].n;
    while (at < end) {
        const char *equals = memchr(at, '=', (size_t)(end - at));
        assert_non_null(equals);
        char *after;
        set_number(&t, at, (size_t)(equals - at), strtod(equals + 1, &after));
        at = after + (after < end && *after == ' ');
    }
    return t;
}

/* Every float within a 256th, the resolution of the file; with brightness, where Keras cuts to whole numbers, one in a
 * hundred may differ by the step that a hair's breadth before the cut makes. */
static void check_floats(const struct golden *golden, const struct sl_image_transform *t, const float *got, size_t n)
{
    assert_int_equal(golden->field[4].n, 4 * n);
    double sum = 0;
    size_t over = 0;
    for (size_t i = 0; i < n; i++) {
        double wanted = (double)picture_hex(golden->field[4], i, 4) / 256, error = fabs((double)got[i] - wanted);
        sum += error;
        over += error > 1.0 / 256;
        if (error > (t->has_brightness ? 2.0 : 1.0 / 256)) {
            fail_msg("%.*s %.*s of %.*s: value %zu is %g, not %g", (int)golden->field[3].n, golden->field[3].p,
                     (int)golden->field[1].n, golden->field[1].p, (int)golden->field[0].n, golden->field[0].p, i,
                     (double)got[i], wanted);
        }
    }
    assert_true(over <= n / 100 && sum / (double)n < 0.02);
}

static void affine_flips_shift_and_brightness_are_those_of_keras(void **state)
{
    struct sl_image_worker *worker = *state;
    struct golden golden = golden_open("tests/golden/image_affine.tsv");
    int records = 0;
    for (; golden_next(&golden); records++) {
        assert_int_equal(golden.n, 5);
        struct sl_image from = picture_golden(golden.field[0]);
        struct sl_image_transform t = golden_transform(&golden);
        size_t n = picture_bytes(&from);
        float *out = malloc(n * sizeof *out);
        assert_non_null(out);
        for (int portable = 0; portable < 2; portable++) {
            worker->portable = portable;
            memset(out, 0xff, n * sizeof *out);
            TRY(sl_augment_floats(worker, &from, &t, out, err));
            check_floats(&golden, &t, out, n);
        }
        free(out);
        sl_image_release(&from);
    }
    assert_in_range(records, 35, 60);
    golden_close(&golden);
}

static struct sl_image_transform random_transform(uint64_t *random)
{
    struct sl_image_transform t = SL_IMAGE_TRANSFORM_INIT;
    t.theta = golden_random(random, 720) - 360.0 + golden_random(random, 100) / 99.0;
    t.tx = golden_random(random, 2000) / 10.0 - 100;
    t.ty = golden_random(random, 2000) / 10.0 - 100;
    t.shear = golden_random(random, 90) - 45.0;
    t.zx = golden_random(random, 40) / 10.0 + 0.05;
    t.zy = golden_random(random, 40) / 10.0 + 0.05;
    if (golden_random(random, 4) == 0) { /* whole pixels, where edges are met exactly */
        t = (struct sl_image_transform){ .zx = 1, .zy = 1, .tx = floor(t.tx / 10), .ty = floor(t.ty / 10) };
    }
    t.flip_horizontal = golden_random(random, 2);
    t.flip_vertical = golden_random(random, 2);
    t.has_channel_shift = golden_random(random, 2);
    t.channel_shift = golden_random(random, 200) - 100.0;
    t.has_brightness = golden_random(random, 2);
    t.brightness = golden_random(random, 30) / 10.0;
    t.fill_mode = (enum sl_fill_mode)golden_random(random, 4);
    t.cval = golden_random(random, 256);
    t.keras_centre = golden_random(random, 2);
    return t;
}

static void vector_and_plain_code_give_the_same_bits(void **state)
{
    struct sl_image_worker *worker = *state;
    struct sl_image a = { 0 }, b = { 0 };
    uint64_t random = 11;
    for (int i = 0; i < 300; i++) {
        struct sl_image from = picture_random(1 + golden_random(&random, 40), 1 + golden_random(&random, 40),
                                              1 + golden_random(&random, 4), (uint64_t)i + 1);
        struct sl_image_transform t = random_transform(&random);
        size_t n = picture_bytes(&from);
        float *x = malloc(n * sizeof *x), *y = malloc(n * sizeof *y);
        assert_true(x && y);
        worker->portable = false;
        TRY(sl_augment_floats(worker, &from, &t, x, err));
        TRY(sl_augment_bytes(worker, &from, &t, &a, err));
        worker->portable = true;
        TRY(sl_augment_floats(worker, &from, &t, y, err));
        TRY(sl_augment_bytes(worker, &from, &t, &b, err));
        assert_memory_equal(x, y, n * sizeof *x);
        assert_same_picture(&a, &b);
        for (size_t k = 0; k < n; k++) {
            assert_true(fabsf((float)a.pixels[k] - x[k]) <= 0.5f);
        }
        free(x);
        free(y);
        sl_image_release(&from);
    }
    sl_image_release(&a);
    sl_image_release(&b);
}

static void the_identity_changes_nothing(void **state)
{
    struct sl_image got = { 0 };
    for (uint32_t channels = 1; channels <= 4; channels++) {
        struct sl_image from = picture_random(13, 9, channels, channels);
        struct sl_image_transform t = SL_IMAGE_TRANSFORM_INIT;
        TRY(sl_augment_bytes(*state, &from, &t, &got, err));
        assert_same_picture(&got, &from);
        t.tx = 1e-13; /* too little to be seen, enough to be carried out */
        TRY(sl_augment_bytes(*state, &from, &t, &got, err));
        assert_same_picture(&got, &from);
        sl_image_release(&from);
    }
    sl_image_release(&got);
}

static void flips_are_those_of_the_picture_whatever_else_is_done(void **state)
{
    struct sl_image plain = { 0 }, flipped = { 0 }, from = picture_random(21, 14, 3, 17);
    uint64_t random = 5;
    for (int i = 0; i < 40; i++) {
        struct sl_image_transform t = i ? random_transform(&random)
                                        : (struct sl_image_transform)SL_IMAGE_TRANSFORM_INIT;
        t.flip_horizontal = t.flip_vertical = false;
        TRY(sl_augment_bytes(*state, &from, &t, &plain, err));
        t.flip_horizontal = true;
        t.flip_vertical = i % 2;
        TRY(sl_augment_bytes(*state, &from, &t, &flipped, err));
        sl_image_flip_horizontal(&flipped);
        if (i % 2) {
            sl_image_flip_vertical(&flipped);
        }
        assert_same_picture(&plain, &flipped);
    }
    sl_image_release(&plain);
    sl_image_release(&flipped);
    sl_image_release(&from);
}

static void a_quarter_turn_of_a_wide_picture_keeps_its_centre(void **state)
{
    struct sl_image got = { 0 }, from = { 0 };
    TRY(sl_image_make(&from, 9, 5, 1, err));
    memset(from.pixels, 0, 45);
    from.pixels[2 * 9 + 4] = 250; /* the centre */
    from.pixels[2 * 9 + 5] = 100; /* right of it */
    struct sl_image_transform t = { .theta = 90, .zx = 1, .zy = 1, .fill_mode = SL_FILL_CONSTANT };
    TRY(sl_augment_bytes(*state, &from, &t, &got, err));
    assert_int_equal(got.pixels[2 * 9 + 4], 250);
    assert_int_equal(got.pixels[1 * 9 + 4] + got.pixels[3 * 9 + 4], 100);
    sl_image_release(&got);
    sl_image_release(&from);
}

static void shifts_move_the_way_the_header_says(void **state)
{
    struct sl_image got = { 0 }, from = { 0 };
    TRY(sl_image_make(&from, 6, 5, 1, err));
    memset(from.pixels, 0, 30);
    from.pixels[2 * 6 + 3] = 200;
    struct sl_image_transform t = { .tx = 2, .ty = -1, .zx = 1, .zy = 1, .fill_mode = SL_FILL_CONSTANT, .cval = 9 };
    TRY(sl_augment_bytes(*state, &from, &t, &got, err));
    assert_int_equal(got.pixels[3 * 6 + 1], 200);
    assert_int_equal(got.pixels[0], 9);
    assert_int_equal(got.pixels[4 * 6 + 5], 9);
    sl_image_release(&got);
    sl_image_release(&from);
}

static void a_picture_without_pixels_is_refused(void **state)
{
    struct sl_image none = { 0 }, got = { 0 };
    struct sl_image_transform t = SL_IMAGE_TRANSFORM_INIT;
    struct sl_error err = SL_ERROR_INIT;
    assert_int_equal(sl_augment_bytes(*state, &none, &t, &got, &err), SL_EDATA);
    struct sl_rand_ops ops = { .n = 1 };
    assert_int_equal(sl_rand_ops_apply(*state, &ops, (const uint8_t[4]){ 0 }, &none, &err), SL_EDATA);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(affine_flips_shift_and_brightness_are_those_of_keras, worker_start, worker_end),
        cmocka_unit_test_setup_teardown(vector_and_plain_code_give_the_same_bits, worker_start, worker_end),
        cmocka_unit_test_setup_teardown(the_identity_changes_nothing, worker_start, worker_end),
        cmocka_unit_test_setup_teardown(flips_are_those_of_the_picture_whatever_else_is_done, worker_start, worker_end),
        cmocka_unit_test_setup_teardown(a_quarter_turn_of_a_wide_picture_keeps_its_centre, worker_start, worker_end),
        cmocka_unit_test_setup_teardown(shifts_move_the_way_the_header_says, worker_start, worker_end),
        cmocka_unit_test_setup_teardown(a_picture_without_pixels_is_refused, worker_start, worker_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
