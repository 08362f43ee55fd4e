/* step_diff.c: what differs between two texts, as few replaced stretches.
 *
 * Method: Myers, "An O(ND) difference algorithm and its variations" (1986), the variant in linear space: a box is split
 * at the middle of a shortest path, found by walking from both corners. A box that needs more than `cap` edits from
 * either side is split at the furthest point reached, which bounds the work to about length × cap; the result may then
 * be longer than the shortest. Of very long texts only the ends are compared. Boxes wait on a stack of their own: no
 * recursion. */
#include "step_private.h"

#include <stdlib.h>

enum { CAP = 400, CAP_LEAST = 24, NOWHERE = -1 };
#define WORK     8000000u /* cap is this over the texts' length */
#define TOO_LONG 4000000u

struct box {
    size_t a, a_end, b, b_end;
};

struct diff {
    const char *a, *b;
    int64_t cap;
    bool ends; /* no look between the ends */
    struct box *stack;
    size_t n, capacity;
    struct sl_text_edit *edits;
    size_t n_edits, edit_capacity;
    int64_t front[2 * CAP + 3], back[2 * CAP + 3]; /* furthest x per diagonal, CAP + 1 is diagonal 0 */
};

static bool push(struct diff *d, struct box box)
{
    if (d->n == d->capacity) {
        size_t capacity = d->capacity ? d->capacity * 2 : 64;
        struct box *stack = realloc(d->stack, capacity * sizeof *stack);
        if (!stack)
            return false;
        d->stack = stack;
        d->capacity = capacity;
    }
    d->stack[d->n++] = box;
    return true;
}

static bool emit(struct diff *d, const struct box *box)
{
    struct sl_text_edit *last = d->n_edits ? &d->edits[d->n_edits - 1] : NULL;
    if (last && last->from + last->taken == box->a && last->to + last->put == box->b) {
        last->taken += box->a_end - box->a;
        last->put += box->b_end - box->b;
        return true;
    }
    if (d->n_edits == d->edit_capacity) {
        size_t capacity = d->edit_capacity ? d->edit_capacity * 2 : 32;
        struct sl_text_edit *edits = realloc(d->edits, capacity * sizeof *edits);
        if (!edits)
            return false;
        d->edits = edits;
        d->edit_capacity = capacity;
    }
    d->edits[d->n_edits++] = (struct sl_text_edit){ box->a, box->a_end - box->a, box->b, box->b_end - box->b };
    return true;
}

/* The furthest x on a diagonal k after one more edit, in a box of n × m; NOWHERE when it cannot be reached. */
static int64_t one_more(const int64_t *far, int64_t k, int64_t n, int64_t m)
{
    const int64_t *at = far + CAP + 1 + k;
    int64_t down = at[1] != NOWHERE && at[1] - k <= m ? at[1] : NOWHERE;
    int64_t right = at[-1] != NOWHERE && at[-1] < n ? at[-1] + 1 : NOWHERE;
    return down > right ? down : right;
}

/* Where to split a box of n × m (both above 0, first and last bytes differing). */
static void split(struct diff *d, const struct box *box, size_t *x_out, size_t *y_out)
{
    const char *a = d->a + box->a, *b = d->b + box->b;
    int64_t n = (int64_t)(box->a_end - box->a), m = (int64_t)(box->b_end - box->b), delta = n - m;
    int64_t best_x = 0, best_y = 0;
    memset(d->front, 0xff, sizeof d->front); /* NOWHERE */
    memset(d->back, 0xff, sizeof d->back);
    for (int64_t e = 0; e <= d->cap; e++) {
        for (int64_t k = -e; k <= e; k += 2) {
            int64_t x = e ? one_more(d->front, k, n, m) : 0;
            if (x == NOWHERE)
                continue;
            while (x < n && x - k < m && a[x] == b[x - k])
                x++;
            d->front[CAP + 1 + k] = x;
            if (x + x - k > best_x + best_y) {
                best_x = x;
                best_y = x - k;
            }
            int64_t c = delta - k;
            if ((delta & 1) && c >= 1 - e && c <= e - 1 && d->back[CAP + 1 + c] != NOWHERE &&
                x + d->back[CAP + 1 + c] >= n) {
                *x_out = (size_t)x;
                *y_out = (size_t)(x - k);
                return;
            }
        }
        for (int64_t k = -e; k <= e; k += 2) {
            int64_t x = e ? one_more(d->back, k, n, m) : 0;
            if (x == NOWHERE)
                continue;
            while (x < n && x - k < m && a[n - 1 - x] == b[m - 1 - (x - k)])
                x++;
            d->back[CAP + 1 + k] = x;
            int64_t c = delta - k;
            if (!(delta & 1) && c >= -e && c <= e && d->front[CAP + 1 + c] != NOWHERE &&
                x + d->front[CAP + 1 + c] >= n) {
                *x_out = (size_t)(n - x);
                *y_out = (size_t)(m - (x - k));
                return;
            }
        }
    }
    *x_out = (size_t)best_x;
    *y_out = (size_t)best_y;
}

static bool take_box(struct diff *d, struct box box)
{
    while (box.a < box.a_end && box.b < box.b_end && d->a[box.a] == d->b[box.b]) {
        box.a++;
        box.b++;
    }
    while (box.a < box.a_end && box.b < box.b_end && d->a[box.a_end - 1] == d->b[box.b_end - 1]) {
        box.a_end--;
        box.b_end--;
    }
    if (box.a == box.a_end && box.b == box.b_end)
        return true;
    if (box.a == box.a_end || box.b == box.b_end || d->ends)
        return emit(d, &box);
    size_t x, y;
    split(d, &box, &x, &y);
    if ((x == 0 && y == 0) || (box.a + x == box.a_end && box.b + y == box.b_end))
        return emit(d, &box);
    return push(d, (struct box){ box.a + x, box.a_end, box.b + y, box.b_end }) &&
           push(d, (struct box){ box.a, box.a + x, box.b, box.b + y });
}

static bool inside(struct sl_str s, size_t at)
{
    return at < s.n && ((unsigned char)s.p[at] & 0xc0) == 0x80;
}

/* Grow edits to borders of characters, and join those that touch. Returns how many are left. */
static size_t round_out(struct sl_str a, struct sl_str b, struct sl_text_edit *edits, size_t n)
{
    size_t kept = 0;
    for (size_t i = 0; i < n; i++) {
        struct sl_text_edit e = edits[i];
        while (e.from && e.to && (inside(a, e.from) || inside(b, e.to))) {
            e.from--;
            e.to--;
            e.taken++;
            e.put++;
        }
        while (e.from + e.taken < a.n && e.to + e.put < b.n &&
               (inside(a, e.from + e.taken) || inside(b, e.to + e.put))) {
            e.taken++;
            e.put++;
        }
        struct sl_text_edit *last = kept ? &edits[kept - 1] : NULL;
        if (last && last->from + last->taken >= e.from) {
            size_t a_end = e.from + e.taken, b_end = e.to + e.put;
            last->taken = a_end > last->from + last->taken ? a_end - last->from : last->taken;
            last->put = b_end > last->to + last->put ? b_end - last->to : last->put;
        } else {
            edits[kept++] = e;
        }
    }
    return kept;
}

int sl_text_diff(struct sl_str a, struct sl_str b, struct sl_arena *arena, const struct sl_text_edit **edits, size_t *n,
                 struct sl_error *err)
{
    struct diff *d = calloc(1, sizeof *d);
    bool ok = d && push(d, (struct box){ 0, a.n, 0, b.n });
    if (ok) {
        size_t cap = WORK / (a.n + b.n + 1);
        d->a = a.p;
        d->b = b.p;
        d->cap = cap > CAP ? CAP : cap < CAP_LEAST ? CAP_LEAST : (int64_t)cap;
        d->ends = a.n + b.n > TOO_LONG;
    }
    while (ok && d->n)
        ok = take_box(d, d->stack[--d->n]);
    size_t kept = ok ? round_out(a, b, d->edits, d->n_edits) : 0;
    struct sl_text_edit *out = sl_arena_array(arena, kept, sizeof *out);
    ok = ok && out;
    if (ok && kept)
        memcpy(out, d->edits, kept * sizeof *out);
    if (d) {
        free(d->stack);
        free(d->edits);
    }
    free(d);
    *edits = out;
    *n = kept;
    return ok ? SL_OK : sl_fail_memory(err, "comparing texts");
}
