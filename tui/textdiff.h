/* textdiff.h: which parts of two texts differ, for showing them one under the other. Knows no terminal. */
#ifndef SL_TUI_TEXTDIFF_H
#define SL_TUI_TEXTDIFF_H

#include "sluice/mem.h"

/* A stretch of a and the stretch of b it answers to. Stretches follow each other without gaps and cover both texts. */
enum diff_kind {
    DIFF_SAME,  /* equal, byte for byte (so a_n == b_n) */
    DIFF_CASE,  /* character answers to character, differing in case */
    DIFF_OTHER, /* removed, added, or both */
};
struct diff_run {
    enum diff_kind kind;
    size_t a, a_n, b, b_n;
};

struct textdiff {
    struct diff_run *runs; /* owned */
    size_t n;
    bool cut; /* texts were too long to compare in full: the last run is marked different as a whole */
};

/* Compare. Characters are never torn from their accents, and letters that differ in case only are seen as each other's
 * change. The result is a shortest script up to a bound, beyond that a good one: time grows with the lengths, not with
 * their product. Errors: SL_ENOMEM. */
int textdiff_new(struct textdiff *diff, struct sl_str a, struct sl_str b, struct sl_error *err);
void textdiff_release(struct textdiff *diff);
/* Byte in a (and b) where the first difference begins; false when there is none. */
bool textdiff_first(const struct textdiff *diff, size_t *a, size_t *b);

#endif
