/* test_images_damage.c: pictures that cannot be read go to the quarantine with their path and the reason; all others
 * are read. */
#include "tests/unit/data/images_try.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static void each_kind_of_damage_is_quarantined_with_its_reason(void **state)
{
    (void)state;
    struct sl_buf png = images_png_bytes(20, 20, 5), jpeg = images_jpeg_bytes(64, 64, 90);
    images_png("p/a/0good.png", 2, 2, 5);
    images_store("p/a/1empty.png", "", 0);
    images_store("p/a/2cut.png", png.p, png.n - 20);
    images_store("p/a/3cut.jpg", jpeg.p, jpeg.n - 10);
    images_store("p/a/4text.png", "hello, world", 12);
    images_store("p/a/5misnamed.jpg", png.p, png.n);
    images_bomb("p/a/6bomb.png", 60000, 60000);
    images_store("p/b/7header.jpg", jpeg.p, 3);
    png.p[png.n - 16] ^= 1;
    images_store("p/b/8flipped.png", png.p, png.n);
    assert_int_equal(symlink("nowhere.png", images_path("p/b/9link.png")), 0);
    assert_int_equal(mkfifo(images_path("p/b/Afifo.png"), 0666), 0);
    images_jpeg("p/b/Bgood.jpg", 8, 8, 3);
    struct sl_reader *reader = images_open("p", NULL);
    struct sl_buf out = { 0 };
    images_rest(reader, &out);
    static const char *const expected[] = {
        "0:1 a/0good.png 2×2×3 mean 5 a\n11:12 b/Bgood.jpg 8×8×3 mean 3 b\n",
        "bad 1:2 'a/1empty.png' is empty; copy or download the file again, or leave it out\n",
        "bad 2:3 'a/2cut.png' is a PNG that cannot be decoded: ",
        "bad 3:4 'a/3cut.jpg' is a JPEG that cannot be decoded: premature end of JPEG file",
        "bad 4:5 'a/4text.png' is ",
        "bad 5:6 'a/5misnamed.jpg' is ",
        "bad 6:7 'a/6bomb.png' has 60000×60000 pixels, 3600000000 together: over the limit of 178956970; leave it out",
        "bad 7:8 'b/7header.jpg' ",
        "bad 8:9 'b/8flipped.png' is a PNG that cannot be decoded: IDAT: CRC error",
        "bad 9:10 'b/9link.png' cannot be read: No such file or directory\n",
        "bad 10:11 'b/Afifo.png' is no file with a picture; leave it out\n",
    };
    const char *at = out.p;
    for (size_t i = 0; i < sizeof expected / sizeof *expected; i++) {
        const char *found = strstr(at, expected[i]);
        if (!found) {
            fail_msg("no \"%s\" in\n%s", expected[i], out.p);
        }
        at = found;
    }
    sl_reader_close(reader);
    sl_buf_release(&out);
    sl_buf_release(&png);
    sl_buf_release(&jpeg);
}

static void any_block_size_gives_the_same_quarantine(void **state)
{
    (void)state;
    images_png("p/a/1.png", 2, 2, 5);
    images_store("p/a/2.png", "", 0);
    images_store("p/a/3.jpg", "xx", 2);
    images_png("p/b/4.png", 1, 2, 6);
    struct sl_reader *reader = images_open("p", NULL);
    struct sl_buf out = { 0 };
    images_rest(reader, &out);
    sl_reader_close(reader);
    assert_non_null(
        strstr(out.p, "0:1 a/1.png 2×2×3 mean 5 a\n3:4 b/4.png 2×1×3 mean 6 b\nbad 1:2 'a/2.png' is empty"));
    images_read("p", NULL, out.p);
    sl_buf_release(&out);
}

static void limits_are_those_that_were_asked_for(void **state)
{
    (void)state;
    enum { MIB = 1 << 20 };
    images_png("p/a/1.png", 600, 600, 1);
    images_png("p/a/2.png", 4, 4, 2);
    struct sl_buf long_one = images_png_bytes(4, 4, 3);
    for (int i = 0; i < MIB / 16; i++) {
        sl_buf_puts(&long_one, "0123456789abcdef");
    }
    images_store("p/a/3.png", long_one.p, long_one.n);
    sl_buf_release(&long_one);
    const struct sl_images_options pixels = { .channels = 3, .max_pixels = 359999 };
    const struct sl_images_options bytes = { .channels = 3, .max_bytes = MIB };
    struct sl_reader *reader = images_open("p", &pixels);
    struct sl_buf out = { 0 };
    images_rest(reader, &out);
    assert_non_null(strstr(out.p, "'a/1.png' has 600×600 pixels, 360000 together: over the limit of 359999"));
    sl_reader_close(reader);
    out.n = 0;
    reader = images_open("p", &bytes);
    images_rest(reader, &out);
    assert_non_null(strstr(out.p, "1:2 a/2.png 4×4×3 mean 2 a\n"));
    assert_non_null(strstr(out.p, "'a/1.png' would take 1080000 bytes to decode"));
    assert_non_null(strstr(out.p, "bytes, over the limit of 1048576; leave it out, or raise max_bytes="));
    sl_reader_close(reader);
    sl_buf_release(&out);
}

static void any_name_takes_what_is_misnamed(void **state)
{
    (void)state;
    struct sl_buf png = images_png_bytes(2, 3, 5);
    images_store("p/a/1.jpg", png.p, png.n);
    sl_buf_release(&png);
    const struct sl_images_options any = { .channels = 3, .any_name = true };
    images_read("p", &any, "0:1 a/1.jpg 3×2×3 mean 5 a\n");
}

static void a_long_path_with_quotes_is_told_whole(void **state)
{
    (void)state;
    char name[256];
    snprintf(name, sizeof name, "p/it's/a' is b/%0100d.png", 7);
    images_store(name, "", 0);
    snprintf(name, sizeof name, "p/it's/a' is b.png");
    images_store(name, "text", 4);
    struct sl_reader *reader = images_open("p", NULL);
    struct sl_buf out = { 0 };
    images_rest(reader, &out);
    assert_non_null(strstr(out.p, "bad 0:1 'it's/a' is b.png' is "));
    assert_null(strstr(out.p, "b.png' b.png"));
    assert_non_null(strstr(out.p, "bad 1:2 'it's/a' is b/0000"));
    sl_reader_close(reader);
    sl_buf_release(&out);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, images_set_up, images_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(each_kind_of_damage_is_quarantined_with_its_reason),
        TEST(any_block_size_gives_the_same_quarantine),
        TEST(limits_are_those_that_were_asked_for),
        TEST(any_name_takes_what_is_misnamed),
        TEST(a_long_path_with_quotes_is_told_whole),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
