/* test_plain.c: --plain: line by line, for screen readers and scripts. */
#include "e2e.h"

#include <string.h>

/* Nothing that moves the cursor up or to a place, or takes the screen. */
static void check_plain(struct term *term)
{
    CHECK(!term->alternate);
    for (uint64_t i = 0; i + 2 < term->bytes; i++) {
        if (term->raw[i] != '\x1b' || term->raw[i + 1] != '[')
            continue;
        const char *end = term->raw + i + 2;
        while (*end && strchr("0123456789;?", *end))
            end++;
        if (strchr("HfABdJ", *end))
            FAIL("a cursor movement was sent: ESC [ ... %c", *end);
    }
}

static void plain_mode_takes_the_same_commands_without_a_screen(void)
{
    make_reviews("reviews.csv", 300);
    struct term *term = term_open(24, 80, "--plain", "reviews.csv", NULL);
    term_wait(term, "sluice");
    term_type(term, "lowercase review_text<Enter>");
    term_settle(term, 500);
    term_type(term, "show pipeline<Enter>");
    term_wait(term, "2. lowercase review_text");
    term_type(term, "no_such_stage<Enter>");
    term_wait(term, "no_such_stage\"");
    check_plain(term);
    term_type(term, "<C-d>");
    term_end(term);
    check_plain(term);
}

static void plain_mode_trains_and_tells_the_metrics(void)
{
    make_reviews("reviews.csv", 600);
    make_recipe("r.sluice");
    struct term *term = term_open(24, 80, "--plain", "r.sluice", NULL);
    term_wait(term, "sluice");
    term_type(term, "train<Enter>");
    term_wait(term, "accuracy");
    check_plain(term);
}

const struct e2e_test e2e_plain_tests[] = {
    { "plain mode takes the same commands without a screen", plain_mode_takes_the_same_commands_without_a_screen },
    { "plain mode trains and tells the metrics", plain_mode_trains_and_tells_the_metrics },
    { 0 },
};
