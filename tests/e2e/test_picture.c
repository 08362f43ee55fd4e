/* test_picture.c: a folder of pictures at the terminal: beside the table, on a contact sheet, before and after each
 * stage, as training will see them; in 24 bits, 16 colours and ASCII. */
#include "e2e.h"

#include <png.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { SIDE = 48, EACH = 6, HALF = 0x2580 };

/* Left half in the class's colour, a bright bar that is another in each picture, right half black. */
static void make_picture(const char *path, const uint8_t colour[3], int k)
{
    static uint8_t at[SIDE * SIDE * 3];
    png_image image = { .version = PNG_IMAGE_VERSION, .width = SIDE, .height = SIDE, .format = PNG_FORMAT_RGB };
    memset(at, 0, sizeof at);
    for (int y = 0; y < SIDE; y++)
        for (int x = 0; x < SIDE; x++)
            if (x < SIDE / 2)
                memcpy(at + (y * SIDE + x) * 3, colour, 3);
            else if (y / 8 == k % 6 && x > 3 * SIDE / 4)
                memset(at + (y * SIDE + x) * 3, 255, 3);
    if (!png_image_write_to_file(&image, path, 0, at, 0, NULL))
        FAIL("cannot write \"%s\"", path);
}

/* photos/: six of each of two classes, birch and cedar. */
static void make_photos(void)
{
    static const uint8_t colours[2][3] = { { 200, 40, 60 }, { 40, 90, 210 } };
    static const char *const classes[2] = { "birch", "cedar" };
    mkdir("photos", 0777);
    for (int c = 0; c < 2; c++) {
        char path[64];
        snprintf(path, sizeof path, "photos/%s", classes[c]);
        mkdir(path, 0777);
        for (int k = 0; k < EACH; k++) {
            snprintf(path, sizeof path, "photos/%s/%d.png", classes[c], k);
            make_picture(path, colours[c], k);
        }
    }
    make_file("p.sluice", "read images photos\n"
                          "resize image width=16 height=32\n"
                          "augment image width_shift_range=0.2 horizontal_flip=true random_state=1\n"
                          "rescale image scale=1/255\n");
}

static const char *const true_colour[] = { "TERM=xterm-256color", "COLORTERM=truecolor", NULL };

static struct term *open_photos(int rows, int columns, const char *option, const char *const *env)
{
    const char *const args[] = { "p.sluice", option, NULL };
    const struct term_options options = { .rows = rows, .columns = columns, .args = args, .env = env };
    make_photos();
    struct term *term = term_start(&options);
    term_wait(term, "12 rec");
    return term;
}

static bool is_colour(const VTermColor *c, const uint8_t rgb[3])
{
    return VTERM_COLOR_IS_RGB(c) && c->rgb.red == rgb[0] && c->rgb.green == rgb[1] && c->rgb.blue == rgb[2];
}

/* Half cells whose upper pixel is this colour. */
static int cells_of(struct term *term, const uint8_t rgb[3])
{
    int n = 0;
    for (int y = 0; y < term->rows; y++)
        for (int x = 0; x < term->columns; x++) {
            VTermScreenCell cell = term_cell(term, y, x);
            n += cell.chars[0] == HALF && (!rgb || is_colour(&cell.fg, rgb));
        }
    return n;
}

static bool has_red(struct term *term, long n)
{
    return cells_of(term, (uint8_t[]){ 200, 40, 60 }) >= n;
}

static bool has_blue(struct term *term, long n)
{
    return cells_of(term, (uint8_t[]){ 40, 90, 210 }) >= n;
}

static bool has_no_half_cells(struct term *term, long n)
{
    return cells_of(term, NULL) == n;
}

static void the_selected_records_picture_stands_beside_the_table_in_24_bits(void)
{
    struct term *term = open_photos(24, 80, NULL, true_colour);
    term_wait(term, "raw 48");
    term_wait(term, "clean 32");
    term_wait_that(term, has_red, 60, "the birch's red to the bit");
    CHECK(!has_blue(term, 1));
    term_type(term, "G");
    term_wait_that(term, has_blue, 60, "the cedar's blue to the bit");
    CHECK(!has_red(term, 1));
    term_type(term, "?"); /* help lies over it, and when it goes the picture is whole again */
    term_wait(term, "contact sheet");
    term_type(term, "<Esc>");
    term_wait_that(term, has_blue, 60, "the cedar's blue to the bit");
    term_type(term, "1<C-l>");
    term_wait_that(term, has_blue, 60, "the cedar's blue to the bit");
    term_type(term, "<Enter>");
    term_wait(term, "~ changed");
    term_wait_that(term, has_blue, 60, "the cedar's blue to the bit");
}

static void a_contact_sheet_shows_a_class_or_all(void)
{
    struct term *term = open_photos(24, 100, NULL, true_colour);
    term_wait(term, "raw 48");
    term_type(term, "v");
    term_wait(term, "6 pictures, raw");
    term_wait_that(term, has_red, 200, "pictures of birches");
    CHECK(!has_blue(term, 1));
    term_type(term, "c");
    term_wait(term, "all classes");
    term_type(term, "<PgDn><PgDn>");
    term_wait_that(term, has_blue, 100, "pictures of cedars");
    term_type(term, "|");
    term_wait(term, "pictures, clean");
    term_type(term, "<Enter>");
    term_wait(term, "record 11");
}

static void training_draws_are_shown_with_their_numbers(void)
{
    struct term *term = open_photos(40, 160, NULL, true_colour);
    term_wait(term, "image to vector");
    term_type(term, "3");
    term_wait(term, "=> 1 ");
    term_type(term, "nn"); /* the folder's own label is a place too */
    term_wait(term, "=> 2 ");
    term_type(term, "n");
    term_wait(term, "as it came in");
    term_wait(term, "epoch 1");
    term_wait(term, "epoch 2");
    term_wait(term, "shift x");
    term_wait_that(term, has_red, 60, "birches moved about");
    term_type(term, "d");
    term_wait_gone(term, "epoch 1 ");
    term_wait(term, "epoch 6");
    term_type(term, "D");
    term_wait(term, "epoch 1");
}

static bool has_bytes(struct term *term, const char *what)
{
    return memmem(term->raw, (size_t)term->bytes, what, strlen(what)) != NULL;
}

static bool has_kitty(struct term *term, long n)
{
    (void)n;
    return has_bytes(term, "a=T,f=24");
}

static bool has_sixel(struct term *term, long n)
{
    (void)n;
    return has_bytes(term, "\033P0;1q\"1;1;");
}

static bool is_taken_away(struct term *term, long n)
{
    (void)n;
    return has_bytes(term, "a=d,d=I");
}

static void real_pixels_are_sent_when_the_terminal_is_said_to_have_them_only(void)
{
    struct term *term = open_photos(24, 80, NULL, true_colour); /* this one has none, and says so */
    term_wait(term, "raw 48");
    term_wait_that(term, has_red, 60, "blocks");
    CHECK(has_bytes(term, "a=q") && !has_kitty(term, 0) && !has_sixel(term, 0));
    struct term *kitty = open_photos(24, 80, "--pictures=kitty", true_colour);
    term_wait_that(kitty, has_kitty, 0, "a picture in Kitty's protocol");
    CHECK(!has_sixel(kitty, 0) && !is_taken_away(kitty, 0));
    term_type(kitty, "?"); /* text lies over it */
    term_wait_that(kitty, is_taken_away, 0, "the picture is taken away");
    struct term *sixel = open_photos(24, 80, "--pictures=sixel", true_colour);
    term_wait_that(sixel, has_red, 60, "blocks, where nobody knows how large a cell is");
    CHECK(!has_sixel(sixel, 0));
}

static void blocks_and_characters_can_be_asked_for(void)
{
    struct term *blocks = open_photos(24, 80, "--pictures=blocks", true_colour);
    term_wait_that(blocks, has_red, 60, "blocks");
    CHECK(!has_bytes(blocks, "a=q"));
    struct term *ascii = open_photos(24, 80, "--pictures=ascii", true_colour);
    term_wait(ascii, "@@");
    CHECK(cells_of(ascii, NULL) == 0);
}

static void an_answer_that_comes_late_is_no_key(void)
{
    struct term *term = open_photos(24, 80, NULL, true_colour);
    term_wait(term, "raw 48");
    term_wait_that(term, has_red, 60, "blocks");
    char *before = term_text(term);
    static const char answer[] = "\033_Gi=31;OK\033\\\033[6;20;10t\033[?62;4c";
    CHECK(write(term->fd, answer, sizeof answer - 1) == sizeof answer - 1);
    term_settle(term, 300);
    char *after = term_text(term);
    CHECK(strcmp(before, after) == 0);
    free(before);
    free(after);
    term_type(term, "j");
    term_wait(term, "=>   1");
}

static void sixteen_colours_and_ascii_show_it_too(void)
{
    static const char *const sixteen[] = { "TERM=xterm-16color", "COLORTERM", NULL };
    struct term *term = open_photos(24, 80, NULL, sixteen);
    term_wait(term, "raw 48");
    term_settle(term, 200);
    CHECK(cells_of(term, NULL) > 100);
    int indexed = 0;
    for (int y = 0; y < 24; y++)
        for (int x = 0; x < 80; x++) {
            VTermScreenCell cell = term_cell(term, y, x);
            indexed += cell.chars[0] == HALF && VTERM_COLOR_IS_INDEXED(&cell.fg) && cell.fg.indexed.idx < 16;
        }
    CHECK(indexed == cells_of(term, NULL));
    struct term *ascii = open_photos(24, 80, "--ascii", NULL);
    term_wait(ascii, "raw 48x48");
    term_wait(ascii, "@@"); /* the bright bar */
    term_wait_that(ascii, has_no_half_cells, 0, "nothing but ASCII");
}

const struct e2e_test e2e_picture_tests[] = {
    { "the selected record's picture stands beside the table in 24 bits",
      the_selected_records_picture_stands_beside_the_table_in_24_bits },
    { "a contact sheet shows a class or all", a_contact_sheet_shows_a_class_or_all },
    { "training's draws are shown with their numbers", training_draws_are_shown_with_their_numbers },
    { "real pixels are sent when the terminal is said to have them, only",
      real_pixels_are_sent_when_the_terminal_is_said_to_have_them_only },
    { "blocks and characters can be asked for", blocks_and_characters_can_be_asked_for },
    { "an answer that comes late is no key", an_answer_that_comes_late_is_no_key },
    { "sixteen colours and ASCII show it too", sixteen_colours_and_ascii_show_it_too },
    { 0 },
};
