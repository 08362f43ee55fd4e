/* textdiff_myers.c: a shortest script between two texts, or a good one.
 *
 * Texts are compared as characters (a letter with its marks), by a key that folds case, with Myers' greedy algorithm
 * (Myers 1986, "An O(ND) difference algorithm and its variations"). When a piece needs more than MOST_EDITS edits, the
 * path that got furthest is taken, and the search begins anew from its end: each such piece costs at most MOST_EDITS²
 * steps and gets on by at least as many characters. */
#include "textdiff_private.h"

#include "screen_cell.h"
#include "sluice/text.h"

#include <stdlib.h>

#define NO_PATH (-(1 << 28))

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

void textdiff_add(struct work *w, enum diff_kind kind, size_t a_n, size_t b_n)
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
    textdiff_add(w, same ? DIFF_SAME : in_a && in_b ? DIFF_CASE : DIFF_OTHER, a_n, b_n);
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
    textdiff_add(w, DIFF_OTHER, bytes_between(&w->a, x, w->a.n), bytes_between(&w->b, y, w->b.n));
}

int textdiff_middle(struct work *w)
{
    if (!w->a.text.n || !w->b.text.n) {
        textdiff_add(w, DIFF_OTHER, w->a.text.n, w->b.text.n);
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
