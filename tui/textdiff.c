/* textdiff.c: differences of two texts, character by character.
 *
 * Common ends are cut off byte-wise. What is left is compared as characters (a letter with its marks), by a key that
 * folds case, with Myers' greedy algorithm (Myers 1986, "An O(ND) difference algorithm and its variations"). When a
 * piece needs more than MOST_EDITS edits, the path that got furthest is taken, and the search begins anew from its end:
 * each such piece costs at most MOST_EDITS² steps and gets on by at least as many characters. Texts are compared up to
 * MOST_BYTES. */
#include "textdiff.h"

#include "screen_cell.h"
#include "sluice/text.h"

#include <stdlib.h>

#define MOST_EDITS 128
#define MOST_BYTES ((size_t)1 << 17)
#define NO_PATH    (-(1 << 28))

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

static uint32_t fold_key(struct sl_str glyph)
{
    char lower[64];
    uint32_t hash = 2166136261u; /* FNV-1a */
    size_t n = glyph.n;
    if (glyph.n == 2 && memcmp(glyph.p, "\xcf\x82", 2) == 0) {
        glyph.p = "\xcf\x83"; /* ς at a word's end is a σ */
    }
    if (glyph.n <= 16) {
        n = sl_text_lower(glyph.p, glyph.n, lower);
    }
    const char *p = glyph.n <= 16 ? lower : glyph.p;
    for (size_t i = 0; i < n; i++) {
        hash = (hash ^ (unsigned char)p[i]) * 16777619u;
    }
    return hash;
}

static bool cut_characters(struct side *side)
{
    struct sl_str rest = side->text;
    side->c = malloc((side->text.n + 1) * sizeof *side->c);
    if (!side->c) {
        return false;
    }
    while (rest.n) {
        struct cell cell;
        cell_next(rest, false, &cell);
        side->c[side->n++] =
            (struct character){ fold_key((struct sl_str){ rest.p, cell.bytes }), (uint32_t)(rest.p - side->text.p) };
        rest.p += cell.bytes;
        rest.n -= cell.bytes;
    }
    side->c[side->n].at = (uint32_t)side->text.n;
    return true;
}

/* Add a run, or lengthen the last one of the same kind. */
static void add_run(struct work *w, enum diff_kind kind, size_t a_n, size_t b_n)
{
    struct textdiff *diff = w->diff;
    struct diff_run *last = diff->n ? &diff->runs[diff->n - 1] : NULL;
    if (w->failed || a_n + b_n == 0) {
        return;
    }
    if (last && last->kind == kind) {
        last->a_n += a_n;
        last->b_n += b_n;
        return;
    }
    if (diff->n == w->capacity) {
        size_t capacity = w->capacity ? w->capacity * 2 : 16;
        struct diff_run *runs = realloc(diff->runs, capacity * sizeof *runs);
        if (!runs) {
            w->failed = true;
            return;
        }
        diff->runs = runs;
        w->capacity = capacity;
        last = diff->n ? &runs[diff->n - 1] : NULL;
    }
    size_t a = last ? last->a + last->a_n : 0, b = last ? last->b + last->b_n : 0;
    diff->runs[diff->n++] = (struct diff_run){ kind, a, a_n, b, b_n };
}

static size_t bytes_between(const struct side *side, size_t from, size_t to)
{
    return side->c[to].at - side->c[from].at;
}

/* One step of the script: characters of a and b that answer to each other (both 1), or one that is alone. */
static void add_pair(struct work *w, size_t x, size_t y, size_t in_a, size_t in_b)
{
    size_t a_n = bytes_between(&w->a, x, x + in_a), b_n = bytes_between(&w->b, y, y + in_b);
    bool same = in_a && in_b && a_n == b_n && memcmp(w->a.text.p + w->a.c[x].at, w->b.text.p + w->b.c[y].at, a_n) == 0;
    add_run(w, same ? DIFF_SAME : in_a && in_b ? DIFF_CASE : DIFF_OTHER, a_n, b_n);
}

/* Furthest reaching paths from (x0, y0), edit by edit. Returns the number of edits of the path to take, which ends on
 * *diagonal; at the end of both texts when that is within reach. */
static int search(struct work *w, size_t x0, size_t y0, int *diagonal)
{
    int n = (int)(w->a.n - x0), m = (int)(w->b.n - y0), best = -1, best_k = 0;
    const struct character *a = w->a.c + x0, *b = w->b.c + y0;
    const int middle = MOST_EDITS + 1;
    int edits = 0;
    for (int d = 0; d <= MOST_EDITS; d++) {
        int *v = w->trace[d];
        const int *before = w->trace[d ? d - 1 : 0];
        best = -1;
        for (int k = -d; k <= d; k += 2) {
            int x = 0;
            if (d) {
                bool down = k == -d || (k != d && before[middle + k - 1] < before[middle + k + 1]);
                x = down ? before[middle + k + 1] : before[middle + k - 1] + 1;
            }
            /* Off the texts' edges: this diagonal is no path, and must not look like one. */
            if (x > n || x - k > m || x < 0) {
                v[middle + k] = NO_PATH;
                continue;
            }
            while (x < n && x - k < m && a[x].key == b[x - k].key) {
                x++;
            }
            v[middle + k] = x;
            if (x + x - k > best) {
                best = x + x - k;
                best_k = k;
            }
            if (x >= n && x - k >= m) {
                *diagonal = k;
                return d;
            }
        }
        edits = d;
    }
    *diagonal = best_k;
    return edits;
}

/* The path found, from its end back to its begin, then written in order. */
static void write_path(struct work *w, size_t *x0, size_t *y0, int edits, int k)
{
    struct {
        int x, y;
        bool down;
    } turns[MOST_EDITS + 1];
    const int middle = MOST_EDITS + 1;
    int end = w->trace[edits][middle + k], end_y = end - k;
    for (int d = edits; d > 0; d--) {
        const int *before = w->trace[d - 1];
        bool down = k == -d || (k != d && before[middle + k - 1] < before[middle + k + 1]);
        k += down ? 1 : -1;
        turns[d].x = before[middle + k];
        turns[d].y = turns[d].x - k;
        turns[d].down = down;
    }
    int x = 0, y = 0;
    for (int d = 1; d <= edits; d++) {
        for (; x < turns[d].x; x++, y++) {
            add_pair(w, *x0 + (size_t)x, *y0 + (size_t)y, 1, 1);
        }
        add_pair(w, *x0 + (size_t)x, *y0 + (size_t)y, !turns[d].down, turns[d].down);
        x += !turns[d].down;
        y += turns[d].down;
    }
    for (; x < end; x++, y++) {
        add_pair(w, *x0 + (size_t)x, *y0 + (size_t)y, 1, 1);
    }
    *x0 += (size_t)end;
    *y0 += (size_t)end_y;
}

static void compare_characters(struct work *w)
{
    size_t x = 0, y = 0;
    while (!w->failed && x < w->a.n && y < w->b.n) {
        int diagonal = 0, edits = search(w, x, y, &diagonal);
        write_path(w, &x, &y, edits, diagonal);
    }
    add_run(w, DIFF_OTHER, bytes_between(&w->a, x, w->a.n), bytes_between(&w->b, y, w->b.n));
}

/* Of several shortest scripts the one with the longest pieces reads best: where an equal stretch between two removals
 * (or two additions) stands at the end of the second too, it is taken there, so that the removals become one: "<", i,
 * ">i" is
 * "<i>", i. */
static void join_removals(struct work *w)
{
    struct textdiff *diff = w->diff;
    const char *text[2] = { w->a.text.p - w->a.base, w->b.text.p - w->b.base };
    for (size_t i = 0; i + 2 < diff->n; i++) {
        struct diff_run *one = &diff->runs[i], *same = one + 1, *two = one + 2;
        bool removed = !one->b_n && !two->b_n && two->a_n >= same->a_n,
             added = !one->a_n && !two->a_n && two->b_n >= same->b_n;
        if (one->kind != DIFF_OTHER || same->kind != DIFF_SAME || two->kind != DIFF_OTHER || !(removed || added)) {
            continue;
        }
        size_t from = removed ? same->a : same->b, n = same->a_n;
        size_t end = removed ? two->a + two->a_n : two->b + two->b_n;
        if (memcmp(text[removed ? 0 : 1] + from, text[removed ? 0 : 1] + end - n, n) != 0) {
            continue;
        }
        one->a_n += removed ? two->a_n : 0;
        one->b_n += added ? two->b_n : 0;
        *same = (struct diff_run){ DIFF_SAME, one->a + one->a_n, n, one->b + one->b_n, n };
        size_t last = i + 2;
        if (i + 3 < diff->n && diff->runs[i + 3].kind == DIFF_SAME) {
            same->a_n += diff->runs[i + 3].a_n;
            same->b_n += diff->runs[i + 3].b_n;
            last = i + 3;
        }
        memmove(&diff->runs[i + 2], &diff->runs[last + 1], (diff->n - last - 1) * sizeof *diff->runs);
        diff->n -= last - i - 1;
        i -= i > 1 ? 2 : i; /* a longer equal stretch may now be taken further */
    }
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

static int compare_middle(struct work *w)
{
    if (!w->a.text.n || !w->b.text.n) {
        add_run(w, DIFF_OTHER, w->a.text.n, w->b.text.n);
        return w->failed ? SL_ENOMEM : SL_OK;
    }
    w->trace = malloc((MOST_EDITS + 1) * sizeof *w->trace);
    w->failed = !w->trace || !cut_characters(&w->a) || !cut_characters(&w->b);
    if (!w->failed) {
        compare_characters(w);
    }
    free(w->trace);
    free(w->a.c);
    free(w->b.c);
    return w->failed ? SL_ENOMEM : SL_OK;
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
    add_run(&w, DIFF_SAME, prefix, prefix);
    int status = compare_middle(&w);
    if (status == SL_OK) {
        add_run(&w, DIFF_OTHER, rest_a.n - w.a.text.n, rest_b.n - w.b.text.n);
        add_run(&w, DIFF_SAME, suffix, suffix);
        join_removals(&w);
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
