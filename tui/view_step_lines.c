/* view_step_lines.c: what the panes of the Step view consist of.
 *
 * A text before and after is folded in one: what answers to each other stays in the same columns, beside each other on
 * a wide pane, else line under line, where a line that is equal stands once. The edits come from the stepper, so
 * nothing is compared here. Of a text longer than SHOWN_MOST its begin is shown. */
#include "view_step_lines.h"

#include "human.h"
#include "overlay.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#define SHOWN_MOST ((size_t)64 << 10)
#define BESIDE     90 /* columns from which on before and after stand beside each other */

void step_lines_begin(struct step_lines *lines, int width)
{
    sl_arena_reset(&lines->arena, (size_t)1 << 20);
    lines->n = 0;
    lines->first = SIZE_MAX;
    lines->width = width < STEP_LABEL + 4 ? STEP_LABEL + 4 : width;
}

void step_lines_release(struct step_lines *lines)
{
    sl_arena_release(&lines->arena);
    free(lines->lines);
    *lines = (struct step_lines){ 0 };
}

struct step_line *step_line_add(struct step_lines *lines)
{
    if (lines->n == lines->capacity) {
        size_t capacity = lines->capacity ? lines->capacity * 2 : 64;
        struct step_line *more = realloc(lines->lines, capacity * sizeof *more);
        if (!more) {
            return NULL;
        }
        lines->lines = more;
        lines->capacity = capacity;
    }
    struct step_line *line = &lines->lines[lines->n++];
    memset(line, 0, sizeof *line);
    return line;
}

static struct step_piece *add_piece(struct step_line *line, int x, enum style style)
{
    if (!line || line->pieces == STEP_PIECES) {
        return NULL;
    }
    struct step_piece *piece = &line->piece[line->pieces++];
    *piece = (struct step_piece){ .x = x, .width = -1, .share = -1, .style = style };
    return piece;
}

void step_line_text(struct step_line *line, int x, enum style style, struct sl_str text)
{
    struct step_piece *piece = add_piece(line, x, style);
    if (piece) {
        piece->text = text;
    }
}

void step_line_bar(struct step_line *line, int x, int width, enum style style, double share)
{
    struct step_piece *piece = add_piece(line, x, style);
    if (piece) {
        piece->width = width;
        piece->share = share > 0 ? share < 1 ? share : 1 : 0;
    }
}

const char *step_lines_keep(struct step_lines *lines, struct sl_str text)
{
    return sl_arena_strndup(&lines->arena, text.n ? text.p : "", text.n);
}

static const char *print(struct step_lines *lines, const char *format, va_list args)
{
    char *made = NULL;
    int n = vasprintf(&made, format, args);
    const char *kept = n >= 0 ? step_lines_keep(lines, (struct sl_str){ made, (size_t)n }) : NULL;
    free(n >= 0 ? made : NULL);
    return kept ? kept : "";
}

int step_line_printf(struct step_lines *lines, struct step_line *line, int x, enum style style, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    struct sl_str text = sl_str(print(lines, format, args));
    va_end(args);
    step_line_text(line, x, style, text);
    return x + screen_width(text);
}

struct folding {
    struct step_lines *lines;
    const char *label;
    enum style style;
    int x;
    size_t most;
    bool cut;
};

static void put_span(void *ctx, size_t i, struct sl_str span)
{
    struct folding *f = ctx;
    if (f->most && i >= f->most) {
        f->cut = true;
        return;
    }
    struct step_line *line = step_line_add(f->lines);
    if (line) {
        line->label = i == 0 ? f->label : NULL;
        step_line_text(line, f->x, f->style, span);
    }
}

void step_lines_fold(struct step_lines *lines, int x, enum style style, const char *label, struct sl_str text,
                     size_t most)
{
    struct folding f = { lines, label, style, x, most, false };
    struct sl_str shown = text;
    size_t worth = most ? most * (size_t)lines->width * 4 : SHOWN_MOST;
    shown.n = shown.n < worth ? shown.n : worth;
    while (shown.n < text.n && shown.n && ((unsigned char)shown.p[shown.n] & 0xc0) == 0x80) {
        shown.n--;
    }
    overlay_wrap(shown, lines->width - x, put_span, &f);
    if ((f.cut || shown.n < text.n) && lines->n) {
        struct step_line *last = &lines->lines[lines->n - 1];
        step_line_text(last, lines->width - 1, STYLE_DIM, sl_str(screen_glyph("…", "~")));
    }
}

void step_lines_printf(struct step_lines *lines, int x, enum style style, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    struct sl_str text = sl_str(print(lines, format, args));
    va_end(args);
    step_lines_fold(lines, x, style, NULL, text, 0);
}

void step_lines_mark(struct step_lines *lines)
{
    if (lines->n) {
        lines->first = lines->first == SIZE_MAX ? lines->n - 1 : lines->first;
    }
}

/* At most `most` bytes from `at` on, ending where a character ends. */
static size_t whole(struct sl_str text, size_t at, size_t n, size_t most)
{
    n = n < most ? n : most;
    while (n && at + n < text.n && ((unsigned char)text.p[at + n] & 0xc0) == 0x80) {
        n--;
    }
    return n;
}

struct runs {
    struct step_both *both;
    size_t a, b; /* bytes covered */
};

static void add_run(struct runs *r, enum diff_kind kind, size_t a_n, size_t b_n)
{
    size_t a = whole(r->both->a, r->a, a_n, SHOWN_MOST - r->a), b = whole(r->both->b, r->b, b_n, SHOWN_MOST - r->b);
    if (kind == DIFF_SAME) {
        a = b = a < b ? a : b;
    }
    if (a || b) {
        r->both->diff.runs[r->both->diff.n++] = (struct diff_run){ kind, r->a, a, r->b, b };
    }
    r->a += a;
    r->b += b;
    if (a < a_n || b < b_n) {
        r->both->diff.cut = true;
    }
}

static const struct step_both *compare(struct step_lines *lines, struct sl_str a, struct sl_str b,
                                       const struct sl_text_edit *edits, size_t n)
{
    struct step_both *both = sl_arena_zero(&lines->arena, 1, sizeof *both);
    struct diff_run *runs = both ? sl_arena_array(&lines->arena, 2 * n + 1, sizeof *runs) : NULL;
    if (!runs) {
        return NULL;
    }
    both->a = a;
    both->b = b;
    both->diff.runs = runs;
    struct runs r = { both, 0, 0 };
    for (size_t i = 0; i < n && !both->diff.cut; i++) {
        const struct sl_text_edit *e = &edits[i];
        if (e->from < r.a || e->from - r.a > b.n - r.b || e->from + e->taken > a.n) {
            break; /* not an account of these texts */
        }
        add_run(&r, DIFF_SAME, e->from - r.a, e->from - r.a);
        if (!both->diff.cut) {
            add_run(&r, DIFF_OTHER, e->taken, e->put < b.n - r.b ? e->put : b.n - r.b);
        }
    }
    if (!both->diff.cut) {
        bool same = a.n - r.a == b.n - r.b;
        add_run(&r, same ? DIFF_SAME : DIFF_OTHER, a.n - r.a, b.n - r.b);
    }
    return both;
}

static void add_side(struct step_lines *lines, const struct step_both *both, int side, const char *label,
                     const struct diff_place *from, const struct diff_place *to, bool differs)
{
    struct step_line *line = step_line_add(lines);
    if (line) {
        line->both = both;
        line->side = side;
        line->label = label;
        line->from = *from;
        line->to = *to;
        line->differs = differs;
    }
    if (differs) {
        step_lines_mark(lines);
    }
}

void step_lines_both(struct step_lines *lines, struct sl_str before, struct sl_str after,
                     const struct sl_text_edit *edits, size_t n_edits)
{
    const struct step_both *both = compare(lines, before, after, edits, n_edits);
    bool beside = lines->width >= BESIDE, differs;
    int width = beside ? (lines->width - 3) / 2 : lines->width - STEP_LABEL;
    if (!both) {
        return;
    }
    struct diff_place at = { 0 };
    for (struct diff_place from = at; diff_line(&both->diff, both->a, both->b, width, &at, &differs); from = at) {
        if (beside || !differs) {
            add_side(lines, both, beside ? 2 : 0, NULL, &from, &at, beside && differs);
        } else {
            add_side(lines, both, 0, "before", &from, &at, true);
            add_side(lines, both, 1, "after", &from, &at, true);
        }
    }
    if (both->diff.cut) {
        char count[32];
        size_t all = before.n > after.n ? before.n : after.n;
        step_lines_printf(lines, 0, STYLE_DIM, "(about %s bytes more)",
                          human_count(all > SHOWN_MOST ? all - SHOWN_MOST : 0, count, sizeof count));
    }
}
