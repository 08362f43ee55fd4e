/* test_resize.c: other sizes, parts and colours of pictures, against Pillow (tests/golden/make_images.py). */
#include "picture_try.h"

static const char *const filter_names[] = {
    [SL_RESIZE_BILINEAR] = "bilinear", [SL_RESIZE_NEAREST] = "nearest", [SL_RESIZE_AREA] = "area",
    [SL_RESIZE_HAMMING] = "hamming",   [SL_RESIZE_BICUBIC] = "bicubic", [SL_RESIZE_LANCZOS] = "lanczos",
};
static const char *const fit_names[] = { [SL_FIT_STRETCH] = "stretch", [SL_FIT_CROP] = "crop", [SL_FIT_PAD] = "pad" };

static int named(struct sl_str name, const char *const *names, int n)
{
    for (int i = 0; i < n; i++) {
        if (sl_str_equal(name, sl_str(names[i]))) {
            return i;
        }
    }
    fail_msg("a golden record names \"%.*s\"", (int)name.n, name.p);
    return 0;
}

static struct sl_resize golden_resize(const struct golden *golden)
{
    struct sl_resize how = { .pad = { 10, 20, 30, 40 } };
    how.filter = (enum sl_resize_filter)named(golden->field[1], filter_names, 6);
    how.fit = (enum sl_resize_fit)named(golden->field[2], fit_names, 3);
    char *end;
    how.width = (uint32_t)strtoul(golden->field[4].p, &end, 10);
    how.height = (uint32_t)strtoul(end, NULL, 10);
    return how;
}

static void check_pixels(const struct golden *golden, const struct sl_image *got)
{
    size_t n = picture_bytes(got);
    assert_int_equal(golden->field[5].n, 2 * n);
    for (size_t i = 0; i < n; i++) {
        unsigned long wanted = picture_hex(golden->field[5], i, 2);
        if (got->pixels[i] != wanted) {
            fail_msg("%.*s %.*s of %.*s: byte %zu is %u, not %lu", (int)golden->field[1].n, golden->field[1].p,
                     (int)golden->field[2].n, golden->field[2].p, (int)golden->field[3].n, golden->field[3].p, i,
                     got->pixels[i], wanted);
        }
    }
}

static void check_sum(const struct golden *golden, const struct sl_image *got)
{
    uint32_t sum = 0;
    for (size_t i = 0; i < picture_bytes(got); i++) {
        sum += (uint32_t)(i + 1) * got->pixels[i];
    }
    if (sum != (uint32_t)golden_number(golden, 5, 10)) {
        fail_msg("%.*s of %.*s: checksum %u, not %lld", (int)golden->field[1].n, golden->field[1].p,
                 (int)golden->field[3].n, golden->field[3].p, sum, golden_number(golden, 5, 10));
    }
}

static void every_filter_and_fit_gives_the_bytes_of_pillow(void **state)
{
    struct sl_image_worker *worker = *state;
    struct sl_image got = { 0 };
    struct golden golden = golden_open("tests/golden/image_resize.tsv");
    int records = 0;
    for (; golden_next(&golden); records++) {
        assert_int_equal(golden.n, 6);
        struct sl_image from = picture_golden(golden.field[3]);
        struct sl_resize how = golden_resize(&golden);
        bool pixels = sl_str_equal(golden.field[0], SL_STR("pixels"));
        for (int portable = 0; portable < 2; portable++) {
            worker->portable = portable;
            TRY(sl_image_resize(worker, &from, &how, &got, err));
            assert_int_equal(got.width, how.width);
            assert_int_equal(got.height, how.height);
            (pixels ? check_pixels : check_sum)(&golden, &got);
        }
        sl_image_release(&from);
    }
    assert_int_equal(records, 6 * 20);
    golden_close(&golden);
    sl_image_release(&got);
}

static void vector_and_plain_code_agree_on_random_sizes(void **state)
{
    struct sl_image_worker *worker = *state;
    struct sl_image a = { 0 }, b = { 0 };
    uint64_t random = 7;
    for (int i = 0; i < 150; i++) {
        struct sl_image from = picture_random(1 + golden_random(&random, 90), 1 + golden_random(&random, 90),
                                              1 + golden_random(&random, 4), (uint64_t)i + 1);
        struct sl_resize how = { 1 + golden_random(&random, 90),
                                 1 + golden_random(&random, 90),
                                 (enum sl_resize_filter)golden_random(&random, 6),
                                 (enum sl_resize_fit)golden_random(&random, 3),
                                 { 1, 2, 3, 4 } };
        worker->portable = false;
        TRY(sl_image_resize(worker, &from, &how, &a, err));
        worker->portable = true;
        TRY(sl_image_resize(worker, &from, &how, &b, err));
        assert_same_picture(&a, &b);
        sl_image_release(&from);
    }
    sl_image_release(&a);
    sl_image_release(&b);
}

static void the_same_size_and_one_colour_stay_as_they_are(void **state)
{
    struct sl_image got = { 0 }, from = picture_random(30, 21, 3, 3), plain = picture_random(37, 29, 3, 4);
    memset(plain.pixels, 200, picture_bytes(&plain));
    for (int filter = 0; filter < 6; filter++) {
        struct sl_resize how = { .width = 30, .height = 21, .filter = (enum sl_resize_filter)filter };
        TRY(sl_image_resize(*state, &from, &how, &got, err));
        assert_same_picture(&got, &from);
        TRY(sl_image_resize(*state, &plain, &how, &got, err));
        for (size_t i = 0; i < picture_bytes(&got); i++) {
            assert_int_equal(got.pixels[i], 200);
        }
    }
    sl_image_release(&got);
    sl_image_release(&from);
    sl_image_release(&plain);
}

static void tables_are_kept_and_thrown_away_by_age(void **state)
{
    struct sl_image_worker *worker = *state;
    struct sl_image first = { 0 }, got = { 0 }, from = picture_random(40, 40, 3, 5);
    for (uint32_t round = 0; round < 3; round++) {
        for (uint32_t size = 5; size < 25; size++) {
            struct sl_resize how = { .width = size, .height = 60 - size };
            TRY(sl_image_resize(worker, &from, &how, &got, err));
        }
        struct sl_resize how = { .width = 11, .height = 12 };
        TRY(sl_image_resize(worker, &from, &how, round ? &got : &first, err));
        if (round) {
            assert_same_picture(&got, &first);
        }
        uint64_t clock = worker->clock;
        const struct resize_table *table, *again;
        TRY(sl_resize_table(worker, 40, 0, 40, 11, SL_RESIZE_BILINEAR, &table, err));
        TRY(sl_resize_table(worker, 40, 0, 40, 11, SL_RESIZE_BILINEAR, &again, err));
        assert_ptr_equal(table, again);
        assert_int_equal(worker->clock, clock + 2);
    }
    sl_image_release(&first);
    sl_image_release(&got);
    sl_image_release(&from);
}

static void impossible_sizes_are_refused_with_a_reason(void **state)
{
    struct sl_image got = { 0 }, none = { 0 }, from = picture_random(4, 3, 3, 6);
    struct sl_error err = SL_ERROR_INIT;
    struct sl_resize how = { .width = 0, .height = 5 };
    assert_int_equal(sl_image_resize(*state, &from, &how, &got, &err), SL_EPARAM);
    assert_non_null(strstr(err.what, "0×5"));
    how = (struct sl_resize){ .width = 70000, .height = 5 };
    assert_int_equal(sl_image_resize(*state, &from, &how, &got, &err), SL_EPARAM);
    how = (struct sl_resize){ .width = 5, .height = 5 };
    assert_int_equal(sl_image_resize(*state, &none, &how, &got, &err), SL_EDATA);
    struct sl_image_box box = { 2, 0, 3, 3 };
    assert_int_equal(sl_image_crop(&from, &box, &got, &err), SL_EPARAM);
    box = (struct sl_image_box){ UINT32_MAX, 0, 2, 1 };
    assert_int_equal(sl_image_crop(&from, &box, &got, &err), SL_EPARAM);
    assert_int_equal(sl_image_crop_centre(&from, 5, 3, &got, &err), SL_EPARAM);
    assert_null(got.pixels);
    sl_image_release(&from);
}

static void a_crop_is_the_part_it_says(void **state)
{
    (void)state;
    struct sl_image got = { 0 }, from = picture_random(9, 8, 3, 7);
    struct sl_image_box box = { 4, 1, 5, 7 };
    TRY(sl_image_crop(&from, &box, &got, err));
    assert_int_equal(got.width, 5);
    assert_int_equal(got.height, 7);
    for (size_t y = 0; y < 7; y++) {
        assert_memory_equal(got.pixels + y * 15, from.pixels + ((y + 1) * 9 + 4) * 3, 15);
    }
    TRY(sl_image_crop_centre(&from, 4, 3, &got, err));
    assert_memory_equal(got.pixels, from.pixels + (2 * 9 + 2) * 3, 12);
    sl_image_release(&got);
    sl_image_release(&from);
}

static void grey_has_the_rounding_of_pillow(void **state)
{
    (void)state;
    struct sl_image from = { 0 }, grey = { 0 }, back = { 0 };
    /* Image.new("RGB", (1, 1), …).convert("L") of Pillow */
    static const uint8_t known[][4] = { { 255, 0, 0, 76 },      { 0, 255, 0, 150 }, { 0, 0, 255, 29 },
                                        { 255, 255, 255, 255 }, { 1, 2, 3, 2 },     { 200, 100, 50, 124 },
                                        { 17, 250, 99, 163 } };
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        TRY(sl_image_make(&from, 1, 1, 4, err));
        memcpy(from.pixels, known[i], 3);
        from.pixels[3] = 77;
        TRY(sl_image_grey(&from, &grey, err));
        assert_int_equal(grey.channels, 2);
        assert_int_equal(grey.pixels[0], known[i][3]);
        assert_int_equal(grey.pixels[1], 77);
        TRY(sl_image_rgb(&from, &back, err));
        assert_memory_equal(back.pixels, known[i], 3);
        TRY(sl_image_rgb(&grey, &back, err));
        assert_int_equal(back.pixels[0], known[i][3]);
        assert_int_equal(back.pixels[2], known[i][3]);
        TRY(sl_image_grey(&back, &grey, err));
        assert_int_equal(grey.channels, 1);
        assert_int_equal(grey.pixels[0], known[i][3]);
    }
    sl_image_release(&from);
    sl_image_release(&grey);
    sl_image_release(&back);
}

static void a_picture_flipped_twice_is_as_it_was(void **state)
{
    (void)state;
    for (uint32_t channels = 1; channels <= 4; channels++) {
        struct sl_image a = picture_random(5, 4, channels, 9), b = picture_random(5, 4, channels, 9);
        sl_image_flip_horizontal(&a);
        assert_memory_equal(a.pixels, b.pixels + 4 * channels, channels);
        sl_image_flip_vertical(&a);
        assert_memory_equal(a.pixels, b.pixels + 19 * channels, channels);
        sl_image_flip_horizontal(&a);
        assert_memory_equal(a.pixels, b.pixels + 15 * channels, 5 * channels);
        sl_image_flip_vertical(&a);
        assert_same_picture(&a, &b);
        sl_image_release(&a);
        sl_image_release(&b);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(every_filter_and_fit_gives_the_bytes_of_pillow, worker_start, worker_end),
        cmocka_unit_test_setup_teardown(vector_and_plain_code_agree_on_random_sizes, worker_start, worker_end),
        cmocka_unit_test_setup_teardown(the_same_size_and_one_colour_stay_as_they_are, worker_start, worker_end),
        cmocka_unit_test_setup_teardown(tables_are_kept_and_thrown_away_by_age, worker_start, worker_end),
        cmocka_unit_test_setup_teardown(impossible_sizes_are_refused_with_a_reason, worker_start, worker_end),
        cmocka_unit_test(a_crop_is_the_part_it_says),
        cmocka_unit_test(grey_has_the_rounding_of_pillow),
        cmocka_unit_test(a_picture_flipped_twice_is_as_it_was),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
