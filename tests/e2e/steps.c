/* steps.c: what several tests ask of the screen. */
#include "e2e.h"

#include <string.h>

/* "1,234" or "1234" at p. */
static long number_at(const char *p)
{
    long n = 0;
    for (; (*p >= '0' && *p <= '9') || *p == ','; p++)
        n = *p == ',' ? n : n * 10 + (*p - '0');
    return n;
}

static bool is_at_record(struct term *term, long n)
{
    int y = term_find(term, "=>", NULL);
    const char *at = y < 0 ? NULL : strstr(term_row(term, y), "=>") + 2;
    if (!at)
        return false;
    at += strspn(at, " ");
    return *at >= '0' && *at <= '9' && number_at(at) == n;
}

void wait_for_record(struct term *term, long n)
{
    term_wait_that(term, is_at_record, n, "the cursor is on the record");
}

long shown_step(struct term *term)
{
    int y = term_find(term, "step ", NULL);
    const char *at = y < 0 ? NULL : strstr(term_row(term, y), "step ");
    return at ? number_at(at + 5) : 0;
}

static bool has_come_to(struct term *term, long step)
{
    return shown_step(term) >= step;
}

void wait_for_step(struct term *term, long step)
{
    term_wait_that(term, has_come_to, step, "a later step");
}

int braille_cells(struct term *term)
{
    int n = 0;
    for (int y = 0; y < term->rows; y++)
        for (int x = 0; x < term->columns; x++) {
            uint32_t code = term_cell(term, y, x).chars[0];
            n += code > 0x2800 && code <= 0x28ff;
        }
    return n;
}

struct term *open_train_view(int rows, int columns, const char *recipe)
{
    struct term *term = term_open(rows, columns, recipe, NULL, NULL);
    term_wait(term, "I LOVED it!");
    term_type(term, "4");
    term_wait(term, "Nothing is trained yet.");
    return term;
}
