/* textdiff.c: differences of two texts, character by character.
 *
 * Common ends are cut off byte-wise; what is left is compared in textdiff_myers.c, up to MOST_BYTES. */
#include "textdiff_private.h"

#include "sluice/text.h"

#include <stdlib.h>

#define MOST_BYTES ((size_t)1 << 17)

/* Two removals (or additions) with an equal stretch between them that also ends the second, as one: "<", i, ">i" is
 * "<i>", i. Takes three runs, leaves two. False: they are not such. */
static bool join(const struct work *w, struct diff_run *runs)
{
    struct diff_run *one = runs, *same = runs + 1, *two = runs + 2;
    size_t n = same->a_n;
    bool removed = !one->b_n && !two->b_n && two->a_n >= n, added = !one->a_n && !two->a_n && two->b_n >= n;
    if (one->kind != DIFF_OTHER || same->kind != DIFF_SAME || two->kind != DIFF_OTHER || !(removed || added)) {
        return false;
    }
    const struct side *side = removed ? &w->a : &w->b;
    size_t from = (removed ? same->a : same->b) - side->base;
    size_t end = (removed ? two->a + two->a_n : two->b + two->b_n) - side->base;
    if (memcmp(side->text.p + from, side->text.p + end - n, n) != 0) {
        return false;
    }
    one->a_n += two->a_n;
    one->b_n += two->b_n;
    *same = (struct diff_run){ DIFF_SAME, one->a + one->a_n, n, one->b + one->b_n, n };
    return true;
}

/* Of several shortest scripts the one with the longest pieces reads best. One pass: what is joined may be joined again.
 */
static void join_pieces(struct work *w)
{
    struct diff_run *runs = w->diff->runs;
    size_t n = 0;
    for (size_t i = 0; i < w->diff->n; i++) {
        if (n && runs[n - 1].kind == DIFF_SAME && runs[i].kind == DIFF_SAME) {
            runs[n - 1].a_n += runs[i].a_n;
            runs[n - 1].b_n += runs[i].b_n;
            continue;
        }
        runs[n++] = runs[i];
        for (;;) {
            bool tail = runs[n - 1].kind == DIFF_SAME; /* an equal stretch behind the three */
            size_t three = 3 + tail;
            struct diff_run last = runs[n - 1];
            if (n < three || !join(w, &runs[n - three])) {
                break;
            }
            n -= 1 + tail;
            runs[n - 1].a_n += tail ? last.a_n : 0;
            runs[n - 1].b_n += tail ? last.b_n : 0;
        }
    }
    w->diff->n = n;
}

/* May the text be cut before byte i: does a character begin there that is no mark of the one before? */
static bool is_boundary(struct sl_str s, size_t i)
{
    if (i >= s.n || (unsigned char)s.p[i] < 0x80) {
        return true;
    }
    size_t length;
    uint32_t code = sl_utf8_decode(s.p + i, s.n - i, &length);
    return ((unsigned char)s.p[i] & 0xc0) != 0x80 && sl_utf8_width(code) > 0;
}

static size_t common_prefix(struct sl_str a, struct sl_str b)
{
    size_t n = 0, most = a.n < b.n ? a.n : b.n;
    while (n < most && a.p[n] == b.p[n]) {
        n++;
    }
    while (n && !(is_boundary(a, n) && is_boundary(b, n))) {
        n--;
    }
    return n;
}

static size_t common_suffix(struct sl_str a, struct sl_str b)
{
    size_t n = 0, most = a.n < b.n ? a.n : b.n;
    while (n < most && a.p[a.n - 1 - n] == b.p[b.n - 1 - n]) {
        n++;
    }
    while (n && !is_boundary(a, a.n - n)) {
        n--;
    }
    return n;
}

/* At most `most` bytes, whole UTF-8 sequences. */
static struct sl_str head(struct sl_str s, size_t most)
{
    if (s.n > most) {
        s.n = most;
        while (s.n && ((unsigned char)s.p[s.n] & 0xc0) == 0x80) {
            s.n--;
        }
    }
    return s;
}

int textdiff_new(struct textdiff *diff, struct sl_str a, struct sl_str b, struct sl_error *err)
{
    *diff = (struct textdiff){ 0 };
    a.p = a.p ? a.p : "";
    b.p = b.p ? b.p : "";
    struct work w = { .diff = diff };
    size_t prefix = common_prefix(a, b);
    struct sl_str rest_a = { a.p + prefix, a.n - prefix }, rest_b = { b.p + prefix, b.n - prefix };
    size_t suffix = common_suffix(rest_a, rest_b);
    rest_a.n -= suffix;
    rest_b.n -= suffix;
    w.a = (struct side){ .text = head(rest_a, MOST_BYTES), .base = prefix };
    w.b = (struct side){ .text = head(rest_b, MOST_BYTES), .base = prefix };
    diff->cut = w.a.text.n < rest_a.n || w.b.text.n < rest_b.n;
    textdiff_add(&w, DIFF_SAME, prefix, prefix);
    int status = textdiff_middle(&w);
    if (status == SL_OK) {
        textdiff_add(&w, DIFF_OTHER, rest_a.n - w.a.text.n, rest_b.n - w.b.text.n);
        textdiff_add(&w, DIFF_SAME, suffix, suffix);
    }
    if (status == SL_OK && !w.failed) {
        join_pieces(&w);
    }
    if (status != SL_OK || w.failed) {
        textdiff_release(diff);
        return sl_fail_memory(err, "comparing texts");
    }
    return SL_OK;
}

void textdiff_release(struct textdiff *diff)
{
    free(diff->runs);
    *diff = (struct textdiff){ 0 };
}

bool textdiff_first(const struct textdiff *diff, size_t *a, size_t *b)
{
    for (size_t i = 0; i < diff->n; i++) {
        if (diff->runs[i].kind != DIFF_SAME) {
            *a = diff->runs[i].a;
            *b = diff->runs[i].b;
            return true;
        }
    }
    return false;
}
