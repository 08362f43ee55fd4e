/* textdiff_private.h: a comparison at work. */
#ifndef SL_TUI_TEXTDIFF_PRIVATE_H
#define SL_TUI_TEXTDIFF_PRIVATE_H

#include "textdiff.h"

#define MOST_EDITS 128 /* of one piece */

struct character {
    uint32_t key; /* of the character in lower case */
    uint32_t at;  /* its byte; one more entry stands for the end */
};

struct side {
    struct sl_str text;
    size_t base; /* of text in the caller's */
    struct character *c;
    size_t n;
};

struct work {
    struct side a, b;
    struct textdiff *diff;
    size_t capacity;
    int (*trace)[2 * MOST_EDITS + 3]; /* furthest x on each diagonal, after each number of edits */
    bool failed;
};

/* Add a run, or lengthen the last one of the same kind. */
void textdiff_add(struct work *work, enum diff_kind kind, size_t a_n, size_t b_n);
/* Compare the two sides' texts. Errors: SL_ENOMEM. */
int textdiff_middle(struct work *work);

#endif
