/* test_images.c: pictures from class folders: their order, labels, and how blocks are cut. */
#include "tests/unit/data/images_try.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static void classes_and_their_pictures_come_sorted_in_blocks_of_any_size(void **state)
{
    (void)state;
    images_png("p/dog/b.png", 3, 2, 10);
    images_jpeg("p/dog/a.JPG", 8, 8, 100);
    images_png("p/cat/2.png", 2, 2, 7);
    images_png("p/cat/10.png", 1, 5, 8);
    images_jpeg("p/Ant/x.jpeg", 16, 9, 200);
    images_read("p", NULL,
                "0:1 Ant/x.jpeg 9×16×3 mean 200 Ant\n"
                "1:2 cat/10.png 5×1×3 mean 8 cat\n"
                "2:3 cat/2.png 2×2×3 mean 7 cat\n"
                "3:4 dog/a.JPG 8×8×3 mean 100 dog\n"
                "4:5 dog/b.png 2×3×3 mean 10 dog\n");
}

static void folders_below_a_class_come_behind_its_own_pictures_by_their_paths(void **state)
{
    (void)state;
    images_png("p/c/z.png", 1, 1, 1);
    images_png("p/c/a/y.png", 1, 1, 2);
    images_png("p/c/a/b/x.png", 1, 1, 3);
    images_png("p/c/a-b/w.png", 1, 1, 4);
    images_png("p/c/0/v.png", 1, 1, 5);
    images_read("p", NULL,
                "0:1 c/z.png 1×1×3 mean 1 c\n"
                "1:2 c/0/v.png 1×1×3 mean 5 c\n"
                "2:3 c/a/y.png 1×1×3 mean 2 c\n"
                "3:4 c/a-b/w.png 1×1×3 mean 4 c\n"
                "4:5 c/a/b/x.png 1×1×3 mean 3 c\n");
}

static void other_files_are_counted_and_hidden_ones_are_not_seen(void **state)
{
    (void)state;
    images_png("p/a/1.png", 1, 1, 1);
    images_png("p/a/.2.png", 1, 1, 2);
    images_png("p/.git/3.png", 1, 1, 3);
    images_png("p/loose.png", 1, 1, 4);
    images_store("p/a/notes.txt", "x", 1);
    images_store("p/a/png", "x", 1);
    images_store("p/README", "x", 1);
    struct sl_reader *reader = images_open("p", NULL);
    struct sl_buf out = { 0 };
    assert_string_equal(reader->note, "pictures, rgb, labels, 1 folders");
    images_rest(reader, &out);
    assert_string_equal(out.p, "0:1 a/1.png 1×1×3 mean 1 a\n");
    assert_non_null(strstr(reader->note, "4 other files passed over"));
    sl_reader_close(reader);
    sl_buf_release(&out);
}

static void links_to_folders_are_followed_for_classes_alone(void **state)
{
    (void)state;
    images_png("elsewhere/1.png", 1, 1, 1);
    images_png("p/a/2.png", 1, 1, 2);
    assert_int_equal(symlink(images_path("elsewhere"), images_path("p/link")), 0);
    assert_int_equal(symlink("..", images_path("p/a/up")), 0);
    assert_int_equal(symlink("..", images_path("p/a/up.png")), 0);
    assert_int_equal(symlink("2.png", images_path("p/a/3.png")), 0);
    images_read("p", NULL,
                "0:1 a/2.png 1×1×3 mean 2 a\n"
                "1:2 a/3.png 1×1×3 mean 2 a\n"
                "2:3 link/1.png 1×1×3 mean 1 link\n");
}

static void a_folder_without_classes_gives_pictures_without_labels(void **state)
{
    (void)state;
    images_png("p/b.png", 1, 1, 1);
    images_png("p/a.png", 1, 2, 2);
    assert_int_equal(mkdir(images_path("p/empty"), 0777), 0);
    images_store("p/notes/x.txt", "x", 1);
    images_read("p", NULL, "0:1 a.png 2×1×3 mean 2\n1:2 b.png 1×1×3 mean 1\n");
    images_read("p/a.png", NULL, "0:1 a.png 2×1×3 mean 2\n");
}

static void several_folders_follow_one_another_and_each_counts_its_lines(void **state)
{
    (void)state;
    images_png("p/b/1.png", 1, 1, 1);
    images_png("p/c/2.png", 1, 1, 2);
    images_png("q/a/3.png", 1, 1, 3);
    images_png("q/b/4.png", 1, 1, 4);
    images_read("p q", NULL,
                "0:1 b/1.png 1×1×3 mean 1 b\n"
                "1:2 c/2.png 1×1×3 mean 2 c\n"
                "f1 2:1 a/3.png 1×1×3 mean 3 a\n"
                "f1 3:2 b/4.png 1×1×3 mean 4 b\n");
}

static void columns_are_image_path_and_a_label_that_is_the_target(void **state)
{
    (void)state;
    images_png("p/b/1.png", 2, 3, 1);
    const struct sl_images_options rgba = { .channels = 4 }, grey = { .channels = 1 };
    struct sl_reader *reader = images_open("p", &rgba);
    assert_int_equal(reader->schema.n, 3);
    assert_string_equal(reader->schema.fields[0].name, "image");
    assert_int_equal(reader->schema.fields[0].type, SL_IMAGE);
    assert_int_equal(reader->schema.fields[0].channels, 4);
    assert_string_equal(reader->schema.fields[1].name, "path");
    assert_int_equal(reader->schema.fields[1].type, SL_TEXT);
    assert_string_equal(reader->schema.fields[2].name, "label");
    assert_true(reader->schema.fields[2].target);
    sl_reader_close(reader);
    images_read("p", &rgba, "0:1 b/1.png 3×2×4 mean 64.5 b\n");
    images_read("p", &grey, "0:1 b/1.png 3×2 mean 1 b\n");
}

static void a_small_target_lets_jpegs_be_decoded_smaller(void **state)
{
    (void)state;
    images_jpeg("p/a/1.jpg", 160, 80, 50);
    images_png("p/a/2.png", 160, 80, 50);
    const struct sl_images_options small = { .channels = 3, .at_least_width = 30, .at_least_height = 30 };
    images_read("p", &small, "0:1 a/1.jpg 40×80×3 mean 50 a\n1:2 a/2.png 80×160×3 mean 50 a\n");
}

static void a_block_holds_at_most_32_files(void **state)
{
    (void)state;
    struct sl_block block = { 0 };
    struct sl_error err = SL_ERROR_INIT;
    for (int i = 0; i < 70; i++) {
        char name[32];
        snprintf(name, sizeof name, "p/a/%02d.png", i);
        images_png(name, 1, 1, (unsigned)i);
    }
    struct sl_reader *reader = images_open("p", NULL);
    static const uint32_t expected[] = { 32, 32, 6 };
    for (unsigned k = 0; k < 3; k++) {
        assert_int_equal(sl_reader_next(reader, &block, &err), SL_OK);
        assert_int_equal(block.records, expected[k]);
        assert_int_equal(block.mark.record, 32 * k);
        assert_int_equal(block.mark.line, 32 * k + 1);
        assert_int_equal(block.mark.sequence, k);
    }
    assert_int_equal(sl_reader_next(reader, &block, &err), SL_EEND);
    assert_int_equal(reader->consumed, 70);
    assert_int_equal(reader->size, 70);
    sl_block_release(&block);
    sl_reader_close(reader);
}

static void a_block_is_cut_where_its_pictures_would_take_too_much_memory(void **state)
{
    (void)state;
    struct sl_block block = { 0 };
    struct sl_error err = SL_ERROR_INIT;
    for (int i = 0; i < 3; i++) {
        images_bomb(i == 0 ? "p/a/0.png" : i == 1 ? "p/a/1.png" : "p/a/2.png", 3000, 3000); /* 27 MB decoded */
    }
    images_bomb("p/a/3.png", 9000, 9000);   /* 243 MB: alone */
    images_bomb("p/a/4.png", 60000, 60000); /* never decoded: counts nothing */
    images_png("p/a/5.png", 1, 1, 1);
    struct sl_reader *reader = images_open("p", NULL);
    static const uint32_t expected[] = { 2, 1, 2, 1 };
    for (unsigned k = 0; k < 4; k++) {
        assert_int_equal(sl_reader_next(reader, &block, &err), SL_OK);
        assert_int_equal(block.records, expected[k]);
    }
    assert_int_equal(sl_reader_next(reader, &block, &err), SL_EEND);
    sl_block_release(&block);
    sl_reader_close(reader);
}

static void a_class_folder_is_listed_once_reading_begins(void **state)
{
    (void)state;
    struct sl_block block = { 0 };
    struct sl_error err = SL_ERROR_INIT;
    images_png("p/a/1.png", 1, 1, 1);
    images_png("p/b/2.png", 1, 1, 2);
    images_png("p/c/3.png", 1, 1, 3);
    struct sl_reader *reader = images_open("p", NULL);
    images_png("p/b/1.png", 1, 1, 9);
    struct sl_buf out = { 0 };
    images_rest(reader, &out);
    assert_string_equal(out.p, "0:1 a/1.png 1×1×3 mean 1 a\n"
                               "1:2 b/1.png 1×1×3 mean 9 b\n2:3 b/2.png 1×1×3 mean 2 b\n3:4 c/3.png 1×1×3 mean 3 c\n");
    sl_reader_close(reader);
    reader = images_open("p", NULL);
    reader->block_bytes = 1;
    assert_int_equal(unlink(images_path("p/b/1.png")) | unlink(images_path("p/b/2.png")) | rmdir(images_path("p/b")),
                     0);
    assert_int_equal(sl_reader_next(reader, &block, &err), SL_OK);
    for (int again = 0; again < 2; again++) {
        assert_int_equal(sl_reader_next(reader, &block, &err), SL_EIO);
        assert_non_null(strstr(err.what, "p/b"));
        assert_true(err.fix[0] != '\0');
        err = (struct sl_error)SL_ERROR_INIT;
    }
    sl_reader_close(reader);
    sl_block_release(&block);
    sl_buf_release(&out);
}

static void what_cannot_be_read_at_all_is_refused_by_name(void **state)
{
    (void)state;
    const char *const label[] = { "species", NULL };
    const struct sl_images_options labels = { .channels = 3, .labels = label }, two = { .channels = 2 };
    assert_int_equal(mkdir(images_path("nothing"), 0777), 0);
    assert_int_equal(mkdir(images_path("nothing/below"), 0777), 0);
    assert_int_equal(mkdir(images_path("empty"), 0777), 0);
    images_store("texts/a/notes.txt", "x", 1);
    images_png("p/a/1.png", 1, 1, 1);
    images_png("flat/1.png", 1, 1, 1);
    images_refused("missing", NULL, SL_EIO, "missing");
    images_refused("empty", NULL, SL_EDATA, "is empty");
    images_refused("nothing", NULL, SL_EDATA, "no picture in the folder");
    images_refused("texts", NULL, SL_EDATA, "texts'");
    images_refused("p", &labels, SL_EPARAM, "labels=species");
    images_refused("p", &two, SL_EPARAM, "2 channels");
    images_refused("p flat", NULL, SL_ESCHEMA, "flat' has none");
    images_refused("flat p", NULL, SL_ESCHEMA, "p' has labels");
}

static void names_that_are_no_utf8_are_shown_with_marks(void **state)
{
    (void)state;
    images_png("p/a\xff/\xc3.png", 1, 1, 1);
    images_read("p", NULL, "0:1 a\xef\xbf\xbd/\xef\xbf\xbd.png 1×1×3 mean 1 a\xef\xbf\xbd\n");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, images_set_up, images_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(classes_and_their_pictures_come_sorted_in_blocks_of_any_size),
        TEST(folders_below_a_class_come_behind_its_own_pictures_by_their_paths),
        TEST(other_files_are_counted_and_hidden_ones_are_not_seen),
        TEST(links_to_folders_are_followed_for_classes_alone),
        TEST(a_folder_without_classes_gives_pictures_without_labels),
        TEST(several_folders_follow_one_another_and_each_counts_its_lines),
        TEST(columns_are_image_path_and_a_label_that_is_the_target),
        TEST(a_small_target_lets_jpegs_be_decoded_smaller),
        TEST(a_block_holds_at_most_32_files),
        TEST(a_block_is_cut_where_its_pictures_would_take_too_much_memory),
        TEST(a_class_folder_is_listed_once_reading_begins),
        TEST(what_cannot_be_read_at_all_is_refused_by_name),
        TEST(names_that_are_no_utf8_are_shown_with_marks),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
