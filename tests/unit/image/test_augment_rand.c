/* test_augment_rand.c: RandAugment's ops against torchvision on Pillow's pictures (tests/golden/make_images.py). */
#include "picture_try.h"

#include <math.h>

static void check_op(struct sl_image_worker *worker, const struct golden *golden)
{
    assert_int_equal(golden->n, 7);
    struct sl_rand_ops ops = { .n = 1 };
    ops.op[0].kind = (enum sl_rand_kind)golden_number(golden, 1, 10);
    ops.op[0].magnitude = strtod(golden->field[4].p, NULL);
    struct sl_image image = picture_golden(golden->field[5]);
    size_t n = picture_bytes(&image);
    for (size_t i = 0; ops.op[0].kind == SL_RAND_AUTOCONTRAST && i < n; i++) {
        image.pixels[i] = (uint8_t)(image.pixels[i] / 2 + 30);
    }
    TRY(sl_rand_ops_apply(worker, &ops, (const uint8_t[4]){ 0 }, &image, err));
    assert_int_equal(golden->field[6].n, 2 * n);
    for (size_t i = 0; i < n; i++) {
        unsigned long wanted = picture_hex(golden->field[6], i, 2);
        if (image.pixels[i] != wanted) {
            char text[100];
            fail_msg("%s: byte %zu is %u, not %lu", sl_rand_ops_text(&ops, text, sizeof text), i, image.pixels[i],
                     wanted);
        }
    }
    sl_image_release(&image);
}

/* Draw until the op of this kind has come up with both signs, at every bin. */
static void check_magnitudes(const struct golden *golden)
{
    assert_int_equal(golden->n, 4);
    enum sl_rand_kind kind = (enum sl_rand_kind)golden_number(golden, 1, 10);
    uint32_t bins = (uint32_t)golden_number(golden, 2, 10);
    bool moved = kind == SL_RAND_TRANSLATE_X || kind == SL_RAND_TRANSLATE_Y;
    char *at = (char *)golden->field[3].p;
    for (uint32_t bin = 0; bin < bins; bin++) {
        double wanted = strtod(at, &at);
        wanted = moved ? trunc(wanted) : wanted;
        int found[2] = { 0, 0 };
        for (uint64_t i = 0; i < 200; i++) {
            struct sl_image_key key = { .seed = 5, .record = i };
            struct sl_rand_ops ops;
            sl_rand_ops_draw(1, bin, bins, &key, 300, 224, &ops);
            if (ops.op[0].kind == kind) {
                if (fabs(fabs(ops.op[0].magnitude) - wanted) > 1e-6 * (1 + wanted)) {
                    fail_msg("op %d at bin %u of %u is %g, not %g", (int)kind, bin, bins, ops.op[0].magnitude, wanted);
                }
                found[ops.op[0].magnitude < 0]++;
            }
        }
        assert_true(found[0] > 0);
        bool turns = kind <= SL_RAND_SHARPNESS && wanted > 0;
        assert_int_equal(found[1] > 0, turns);
    }
}

static void ops_and_magnitudes_are_those_of_torchvision(void **state)
{
    struct golden golden = golden_open("tests/golden/image_rand.tsv");
    int ops = 0, magnitudes = 0;
    while (golden_next(&golden)) {
        if (sl_str_equal(golden.field[0], SL_STR("op"))) {
            check_op(*state, &golden);
            ops++;
        } else {
            check_magnitudes(&golden);
            magnitudes++;
        }
    }
    assert_int_equal(ops, 11 * 2 + 3);
    assert_int_equal(magnitudes, 2 * 11);
    golden_close(&golden);
}

static void ops_are_drawn_alike_often_and_by_key(void **state)
{
    (void)state;
    enum { DRAWS = 7000 };
    int count[SL_RAND_KINDS] = { 0 };
    for (uint64_t i = 0; i < DRAWS; i++) {
        struct sl_image_key key = { .seed = 1, .record = i };
        struct sl_rand_ops ops, again;
        sl_rand_ops_draw(2, 9, 31, &key, 64, 64, &ops);
        sl_rand_ops_draw(2, 9, 31, &key, 64, 64, &again);
        for (int k = 0; k < 2; k++) {
            assert_true(ops.op[k].kind == again.op[k].kind && ops.op[k].magnitude == again.op[k].magnitude);
            count[ops.op[k].kind]++;
        }
    }
    for (int kind = 0; kind < SL_RAND_KINDS; kind++) {
        assert_in_range(count[kind], 1000 - 160, 1000 + 160);
    }
}

static void several_ops_are_done_one_after_the_other(void **state)
{
    struct sl_image both = picture_random(20, 16, 4, 31), single = picture_random(20, 16, 4, 31);
    struct sl_rand_ops ops = { 3, { { SL_RAND_ROTATE, 9 }, { SL_RAND_SHARPNESS, 0.5 }, { SL_RAND_TRANSLATE_X, -3 } } };
    const uint8_t fill[4] = { 9, 8, 7, 6 };
    TRY(sl_rand_ops_apply(*state, &ops, fill, &both, err));
    for (int i = 0; i < 3; i++) {
        struct sl_rand_ops one = { 1, { ops.op[i] } };
        TRY(sl_rand_ops_apply(*state, &one, fill, &single, err));
    }
    assert_same_picture(&both, &single);
    assert_memory_equal(both.pixels + 19 * 4, fill, 4);
    char text[100];
    assert_string_equal(sl_rand_ops_text(&ops, text, sizeof text), "rotate +9.0°, sharpness × 1.50, move x −3 px");
    sl_image_release(&both);
    sl_image_release(&single);
}

static void pictures_of_few_pixels_and_one_colour_pass_every_op(void **state)
{
    for (uint32_t size = 1; size <= 3; size++) {
        for (uint32_t channels = 1; channels <= 4; channels++) {
            for (int kind = 0; kind < SL_RAND_KINDS; kind++) {
                struct sl_image image = picture_random(size, 4 - size, channels, 33);
                memset(image.pixels, 50, picture_bytes(&image));
                struct sl_rand_ops ops = { 1, { { (enum sl_rand_kind)kind, kind == SL_RAND_POSTERIZE ? 4 : 0 } } };
                TRY(sl_rand_ops_apply(*state, &ops, (const uint8_t[4]){ 0 }, &image, err));
                uint8_t wanted = kind == SL_RAND_POSTERIZE ? 48 : kind == SL_RAND_SOLARIZE ? 205 : 50;
                assert_int_equal(image.pixels[0], wanted);
                sl_image_release(&image);
            }
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(ops_and_magnitudes_are_those_of_torchvision, worker_start, worker_end),
        cmocka_unit_test(ops_are_drawn_alike_often_and_by_key),
        cmocka_unit_test_setup_teardown(several_ops_are_done_one_after_the_other, worker_start, worker_end),
        cmocka_unit_test_setup_teardown(pictures_of_few_pixels_and_one_colour_pass_every_op, worker_start, worker_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
