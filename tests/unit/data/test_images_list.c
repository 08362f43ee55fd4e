/* test_images_list.c: pictures as a CSV lists them. */
#include "tests/unit/data/images_try.h"

#include <stdio.h>
#include <stdlib.h>

static void store_text(const char *name, const char *text)
{
    images_store(name, text, strlen(text));
}

static const char *const species[] = { "species", NULL };
static const struct sl_images_options by_species = { .channels = 3, .labels = species };

static void make_three(void)
{
    images_png("d/x/1.png", 1, 1, 1);
    images_png("d/2.png", 2, 1, 2);
    images_jpeg("d/3.jpg", 8, 8, 3);
}

static void paths_are_relative_to_the_list_and_its_order_counts(void **state)
{
    (void)state;
    make_three();
    store_text("d/list.csv", "species,path\nrose,3.jpg\ntulip,x/1.png\nrose,2.png\n");
    images_read("d/list.csv", &by_species,
                "0:1 3.jpg 8×8×3 mean 3 rose\n"
                "1:2 x/1.png 1×1×3 mean 1 tulip\n"
                "2:3 2.png 1×2×3 mean 2 rose\n");
}

static void the_first_column_holds_paths_when_none_is_named_so(void **state)
{
    (void)state;
    make_three();
    store_text("d/list.csv", "picture,species\nx/1.png,rose\n2.png,\n");
    images_read("d/list.csv", &by_species, "0:1 x/1.png 1×1×3 mean 1 rose\n1:2 2.png 1×2×3 mean 2 ~\n");
    store_text("d/list.csv", "species,picture\nrose,x/1.png\n");
    images_read("d/list.csv", &by_species, "0:1 x/1.png 1×1×3 mean 1 rose\n");
}

static void absolute_paths_stay_as_they_are(void **state)
{
    (void)state;
    char text[700], expected[700];
    make_three();
    snprintf(text, sizeof text, "file\n%s\n", images_path("d/2.png"));
    snprintf(expected, sizeof expected, "0:1 %s 1×2×3 mean 2\n", images_path("d/2.png"));
    store_text("elsewhere.csv", text);
    images_read("elsewhere.csv", NULL, expected);
}

static void labels_that_are_numbers_stay_numbers(void **state)
{
    (void)state;
    make_three();
    store_text("d/list.csv", "filename,label\nx/1.png,3\n2.png,-2.5\n3.jpg,\n");
    images_read("d/list.csv", NULL,
                "0:1 x/1.png 1×1×3 mean 1 3\n1:2 2.png 1×2×3 mean 2 -2.5\n2:3 3.jpg 8×8×3 mean 3 ~\n");
    struct sl_reader *reader = images_open("d/list.csv", NULL);
    assert_int_equal(reader->schema.fields[2].type, SL_NUMBER);
    assert_true(reader->schema.fields[2].target);
    sl_reader_close(reader);
}

static void numbers_are_read_as_text_where_the_column_is_text(void **state)
{
    (void)state;
    struct sl_buf out = { 0 };
    make_three();
    store_text("d/list.csv", "filename,label\nx/1.png,007\n2.png,1e3\n");
    struct sl_reader *reader = images_open("d/list.csv", NULL);
    reader->schema.fields[2].type = SL_TEXT; /* as a chain does that has texts before it */
    images_rest(reader, &out);
    assert_string_equal(out.p, "0:1 x/1.png 1×1×3 mean 1 007\n1:2 2.png 1×2×3 mean 2 1e3\n");
    sl_reader_close(reader);
    sl_buf_release(&out);
}

static void a_label_that_is_no_number_is_told_where_numbers_are_wanted(void **state)
{
    (void)state;
    struct sl_buf out = { 0 };
    images_png("p/12/1.png", 1, 1, 1);
    images_png("p/cat/2.png", 1, 1, 2);
    struct sl_reader *reader = images_open("p", NULL);
    reader->schema.fields[2].type = SL_NUMBER;
    images_rest(reader, &out);
    assert_string_equal(out.p, "0:1 12/1.png 1×1×3 mean 1 12\n"
                               "bad 1:2 'cat/2.png' has a label that is no number; labels of the first source are\n");
    sl_reader_close(reader);
    sl_buf_release(&out);
}

static void rows_that_lead_to_no_picture_are_quarantined_in_their_place(void **state)
{
    (void)state;
    make_three();
    store_text("d/list.csv",
               "path,species\nx/1.png,rose\nmissing.png,rose\n,rose\n2.png,rose,three\n3.jpg,tulip\nlist.csv,rose\n");
    struct sl_reader *reader = images_open("d/list.csv", &by_species);
    struct sl_buf out = { 0 };
    images_rest(reader, &out);
    static const char *const expected[] = {
        "0:1 x/1.png 1×1×3 mean 1 rose\n4:5 3.jpg 8×8×3 mean 3 tulip\n",
        "bad 1:2 'missing.png' cannot be read: No such file or directory\n",
        "bad 2:3 the row names no picture\n",
        "bad 3:4 ", /* the CSV reader's own words */
        "3 fields",
        "bad 5:6 'list.csv' is ",
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
    images_read("d/list.csv", &by_species, out.p);
    sl_buf_release(&out);
}

static void a_column_that_is_not_there_is_refused_unless_predicting(void **state)
{
    (void)state;
    make_three();
    store_text("d/list.csv", "path,specie\n2.png,rose\n");
    store_text("d/label.csv", "label\nrose\n");
    images_refused("d/list.csv", &by_species, SL_EPARAM, "no column \"species\"");
    images_refused("d/label.csv", NULL, SL_ESCHEMA, "no column of paths");
    const struct sl_images_options predicting = { .channels = 3, .labels = species, .labels_optional = true };
    images_read("d/list.csv", &predicting, "0:1 2.png 1×2×3 mean 2\n");
    images_png("p/a/9.png", 1, 1, 9);
    images_read("p", &predicting, "0:1 a/9.png 1×1×3 mean 9 a\n");
}

static void a_list_of_many_is_read_piece_by_piece(void **state)
{
    (void)state;
    enum { ROWS = 60000 };
    struct sl_buf text = { 0 };
    struct sl_block block = { 0 };
    struct sl_error err = SL_ERROR_INIT;
    struct sl_arena arena;
    struct sl_chunk chunk;
    struct sl_quarantine rejects = { 0 };
    images_png("d/2.png", 2, 1, 2);
    sl_buf_puts(&text, "path,label\n");
    for (int i = 0; i < ROWS; i++) {
        sl_buf_printf(&text, "2.png,label%d\n", i);
    }
    images_store("d/list.csv", text.p, text.n);
    struct sl_reader *reader = images_open("d/list.csv", NULL);
    const struct sl_mark last = { .sequence = 9, .record = ROWS - 1, .line = ROWS, .file = 0 };
    assert_int_equal(sl_reader_seek(reader, &last, &err), SL_OK);
    sl_arena_init(&arena);
    assert_int_equal(sl_reader_next(reader, &block, &err), SL_OK);
    assert_int_equal(block.records, 1);
    assert_int_equal(sl_reader_parse(reader, &block, &arena, &chunk, &rejects, &err), SL_OK);
    assert_int_equal(chunk.n, 1);
    assert_true(sl_str_equal(chunk.columns[2].text[0], SL_STR("label59999")));
    assert_int_equal(sl_reader_next(reader, &block, &err), SL_EEND);
    sl_arena_release(&arena);
    sl_block_release(&block);
    sl_buf_release(&text);
    sl_reader_close(reader);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, images_set_up, images_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(paths_are_relative_to_the_list_and_its_order_counts),
        TEST(the_first_column_holds_paths_when_none_is_named_so),
        TEST(absolute_paths_stay_as_they_are),
        TEST(labels_that_are_numbers_stay_numbers),
        TEST(numbers_are_read_as_text_where_the_column_is_text),
        TEST(a_label_that_is_no_number_is_told_where_numbers_are_wanted),
        TEST(rows_that_lead_to_no_picture_are_quarantined_in_their_place),
        TEST(a_column_that_is_not_there_is_refused_unless_predicting),
        TEST(a_list_of_many_is_read_piece_by_piece),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
