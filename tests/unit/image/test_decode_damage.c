/* test_decode_damage.c: JPEG files that are cut, altered or made to work long. */
#include "tests/unit/image/decode_try.h"

#include <stdio.h>
#include <stdlib.h>

#include <jpeglib.h>

static const struct sl_image_options lenient = { .lenient = true };

static void a_jpeg_cut_anywhere_is_refused_with_a_reason(void **state)
{
    (void)state;
    for (int i = 0; i < 4; i++) {
        struct try_jpeg shape = {
            .width = 20, .height = 13, .color = JCS_RGB, .h = 2, .v = 2, .progressive = i % 2, .arithmetic = i / 2
        };
        struct sl_buf file = try_jpeg(&shape);
        for (size_t n = 0; n < file.n; n++) {
            try_refuses((struct sl_str){ file.p, n }, "cut.jpg", NULL, SL_EDATA, "'cut.jpg' is ");
        }
        sl_buf_release(&file);
    }
}

/* The index behind the marker 0xff `code`, searched from `from`. */
static size_t behind_marker(const struct sl_buf *file, size_t from, unsigned char code)
{
    while (from + 2 < file->n && !((unsigned char)file->p[from] == 0xff && (unsigned char)file->p[from + 1] == code)) {
        from++;
    }
    assert_true(from + 2 < file->n);
    return from + 2;
}

/* libjpeg would take them from the picture before. */
static void tables_that_are_missing_are_not_taken_from_another_picture(void **state)
{
    (void)state;
    struct try_jpeg shape = { .width = 20, .height = 13, .color = JCS_RGB };
    struct sl_buf whole = try_jpeg(&shape), bare = { 0 };
    struct sl_image image = { 0 };
    size_t table = behind_marker(&whole, 0, 0xdb) - 2, next = behind_marker(&whole, table + 2, 0xc0) - 2;
    sl_buf_add(&bare, whole.p, table);
    sl_buf_add(&bare, whole.p + next, whole.n - next);
    try_refuses(try_str(&bare), NULL, &lenient, SL_EDATA, "quantization table 0x00 was not defined");
    try_decode(&whole, NULL, &image);
    try_refuses(try_str(&bare), NULL, &lenient, SL_EDATA, "quantization table 0x00 was not defined");
    sl_image_release(&image);
    sl_buf_release(&whole);
    sl_buf_release(&bare);
}

/* Nothing may be read or written where it must not, whatever comes out. */
static void a_jpeg_with_any_byte_altered_is_decoded_or_refused(void **state)
{
    (void)state;
    static const struct sl_image_options *const options[] = { NULL, &lenient };
    struct try_jpeg shape = { .width = 20, .height = 13, .color = JCS_RGB, .h = 2, .v = 1, .progressive = true };
    struct sl_buf file = try_jpeg(&shape);
    struct sl_image image = { 0 };
    size_t refused = 0, decoded = 0;
    for (size_t i = 0; i < 2 * file.n; i++) {
        struct sl_error err = SL_ERROR_INIT;
        char kept = file.p[i / 2];
        file.p[i / 2] = (char)(kept ^ (i % 3 ? 0xff : 0x10));
        int status = sl_image_decode(try_decoder(), try_str(&file), "a.jpg", options[i % 2], &image, &err);
        assert_true(status == SL_OK || status == SL_EDATA || status == SL_ELIMIT);
        assert_true(status == SL_OK ? image.width > 0 : err.what[0] && err.fix[0] && image.width == 0);
        refused += status != SL_OK;
        decoded += status == SL_OK;
        file.p[i / 2] = kept;
    }
    assert_true(refused > 0 && decoded > 0);
    sl_image_release(&image);
    sl_buf_release(&file);
}

static void stray_bytes_are_damage_unless_lenient(void **state)
{
    (void)state;
    struct try_jpeg shape = { .width = 20, .height = 13, .color = JCS_RGB };
    struct sl_buf file = try_jpeg(&shape), stray = { 0 };
    struct sl_image image = { 0 };
    uint32_t width, height;
    uint8_t *expected = try_jpeg_reference(&file, JCS_RGB, 8, &width, &height);
    size_t table = behind_marker(&file, 0, 0xdb) - 2;
    sl_buf_add(&stray, file.p, table);
    sl_buf_add(&stray, "12345", 5);
    sl_buf_add(&stray, file.p + table, file.n - table);
    try_refuses(try_str(&stray), "a.jpg", NULL, SL_EDATA, "extraneous bytes before marker");
    try_decode(&stray, &lenient, &image);
    try_equal(&image, expected, width, height, 3);
    /* Behind the end of the image anything may follow: cameras put a second picture there. */
    sl_buf_add(&file, "anything", 8);
    try_decode(&file, NULL, &image);
    try_equal(&image, expected, width, height, 3);
    free(expected);
    sl_image_release(&image);
    sl_buf_release(&stray);
    sl_buf_release(&file);
}

static void a_lost_end_is_damage_unless_lenient(void **state)
{
    (void)state;
    struct try_jpeg shape = { .width = 20, .height = 13, .color = JCS_RGB };
    struct sl_buf file = try_jpeg(&shape);
    struct sl_image image = { 0 };
    uint32_t width, height;
    uint8_t *expected = try_jpeg_reference(&file, JCS_RGB, 8, &width, &height);
    file.n -= 2;
    struct sl_error err = SL_ERROR_INIT;
    assert_int_equal(sl_image_decode(try_decoder(), try_str(&file), "a/b.jpg", NULL, &image, &err), SL_EDATA);
    assert_string_equal(err.what, "'b.jpg' is a JPEG that cannot be decoded: premature end of JPEG file");
    assert_string_equal(err.file, "a/b.jpg");
    assert_int_equal(err.byte, file.n);
    try_decode(&file, &lenient, &image);
    try_equal(&image, expected, width, height, 3);
    free(expected);
    sl_image_release(&image);
    sl_buf_release(&file);
}

static void twelve_bits_and_two_components_are_refused_with_a_reason(void **state)
{
    (void)state;
    struct try_jpeg shape = { .width = 8, .height = 8, .color = JCS_RGB };
    struct sl_buf file = try_jpeg(&shape);
    size_t frame = behind_marker(&file, 0, 0xc0);
    file.p[frame + 2] = 12;
    try_refuses(try_str(&file), "deep.jpg", NULL, SL_EDATA, "'deep.jpg' is a JPEG with 12 bits a sample");
    file.p[frame + 2] = 8;
    file.p[frame + 7] = 2;
    try_refuses(try_str(&file), "two.jpg", NULL, SL_EDATA, "with 2 components");
    file.p[frame + 7] = 3;
    file.p[frame + 3] = file.p[frame + 4] = 0;
    try_refuses(try_str(&file), "flat.jpg", NULL, SL_EDATA, "of 8×0 pixels");
    sl_buf_release(&file);
}

static void a_file_of_endless_scans_is_refused(void **state)
{
    (void)state;
    struct try_jpeg shape = { .width = 8, .height = 8, .color = JCS_GRAYSCALE, .progressive = true };
    struct sl_buf file = try_jpeg(&shape), many = { 0 };
    size_t scan = behind_marker(&file, 0, 0xda) - 2, next = behind_marker(&file, scan + 2, 0xc4) - 2;
    sl_buf_add(&many, file.p, next);
    for (int i = 0; i < 600; i++) {
        sl_buf_add(&many, file.p + scan, next - scan);
    }
    sl_buf_add(&many, "\xff\xd9", 2);
    try_refuses(try_str(&many), "long.jpg", &lenient, SL_EDATA, "more than 500 scans");
    sl_buf_release(&many);
    sl_buf_release(&file);
}

static void what_a_progressive_file_keeps_counts_as_memory(void **state)
{
    (void)state;
    struct try_jpeg shape = { .width = 320, .height = 320, .color = JCS_RGB };
    struct sl_image_options tight = { .max_bytes = 320 * 320 * 4 };
    struct sl_buf plain = try_jpeg(&shape);
    struct sl_image image = { 0 };
    shape.progressive = true;
    struct sl_buf scans = try_jpeg(&shape);
    try_decode(&plain, &tight, &image);
    assert_int_equal(image.width, 320);
    try_refuses(try_str(&scans), "scans.jpg", &tight, SL_ELIMIT, "over the limit of 409600");
    struct sl_buf turned = try_exif(&plain, 6, true);
    try_refuses(try_str(&turned), "turned.jpg", &tight, SL_ELIMIT, "would take 614400 bytes");
    sl_image_release(&image);
    sl_buf_release(&plain);
    sl_buf_release(&scans);
    sl_buf_release(&turned);
}

static void damaged_exif_leaves_the_picture_upright(void **state)
{
    (void)state;
    struct try_jpeg shape = { .width = 8, .height = 16, .color = JCS_GRAYSCALE };
    struct sl_buf plain = try_jpeg(&shape), file = try_exif(&plain, 6, true);
    for (size_t bit = 0; bit < 26 * 8; bit++) {
        struct sl_image_info info;
        struct sl_buf altered = try_copy(&file);
        altered.p[12 + bit / 8] ^= (char)(1 << bit % 8);
        assert_int_equal(sl_image_probe(try_str(&altered), NULL, &info, NULL), SL_OK);
        assert_in_range(info.orientation, 1, 8);
        assert_true(bit >= 8 * 8 || info.orientation == 1);
        sl_buf_release(&altered);
    }
    sl_buf_release(&plain);
    sl_buf_release(&file);
}

static int end(void **state)
{
    (void)state;
    try_decoder_free();
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_jpeg_cut_anywhere_is_refused_with_a_reason),
        cmocka_unit_test(tables_that_are_missing_are_not_taken_from_another_picture),
        cmocka_unit_test(a_jpeg_with_any_byte_altered_is_decoded_or_refused),
        cmocka_unit_test(stray_bytes_are_damage_unless_lenient),
        cmocka_unit_test(a_lost_end_is_damage_unless_lenient),
        cmocka_unit_test(twelve_bits_and_two_components_are_refused_with_a_reason),
        cmocka_unit_test(a_file_of_endless_scans_is_refused),
        cmocka_unit_test(what_a_progressive_file_keeps_counts_as_memory),
        cmocka_unit_test(damaged_exif_leaves_the_picture_upright),
    };
    return cmocka_run_group_tests(tests, NULL, end);
}
