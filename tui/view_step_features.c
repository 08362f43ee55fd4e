/* view_step_features.c: features and terms that came, went, or weigh something else now, in columns. */
#include "view_step_private.h"

#include "human.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#define SHOWN_MOST 600
#define NAME_MOST  28
#define GAP        3

/* A feature or term for the table. */
struct entry {
    struct sl_str name;
    double before, after; /* NaN: not there */
};

/* "review_text: boring" → "boring". */
static struct sl_str short_name(struct sl_str name, const char *column)
{
    size_t n = strlen(column);
    if (name.n > n + 2 && memcmp(name.p, column, n) == 0 && name.p[n] == ':' && name.p[n + 1] == ' ') {
        return (struct sl_str){ name.p + n + 2, name.n - n - 2 };
    }
    return name;
}

static double weight(const struct entry *e)
{
    return fabs(isnan(e->after) ? e->before : e->after);
}

static int by_weight(const void *a, const void *b)
{
    const struct entry *x = a, *y = b;
    bool gone_x = isnan(x->after), gone_y = isnan(y->after);
    if (gone_x != gone_y) {
        return gone_x - gone_y;
    }
    double p = weight(x), q = weight(y);
    return p != q ? (p < q) - (p > q) : sl_str_compare(x->name, y->name);
}

static int by_name(const void *a, const void *b)
{
    return sl_str_compare(((const struct entry *)a)->name, ((const struct entry *)b)->name);
}

static void value_text(const struct entry *e, char *out, size_t size)
{
    char from[24], to[24];
    human_number(e->before, 4, from, sizeof from);
    human_number(e->after, 4, to, sizeof to);
    if (isnan(e->after)) {
        snprintf(out, size, "%s", from);
    } else if (isnan(e->before) || (e->before <= e->after && e->before >= e->after)) {
        snprintf(out, size, "%s", to);
    } else {
        snprintf(out, size, "%s %s %s", from, screen_glyph("→", "->"), to);
    }
}

static void put_entry(struct step_lines *lines, struct step_line *line, int x, int names, const struct entry *e)
{
    bool came = isnan(e->before), went = isnan(e->after);
    char value[64];
    value_text(e, value, sizeof value);
    size_t n = e->name.n;
    while (n && screen_width((struct sl_str){ e->name.p, n }) > names) {
        n--;
        while (n && ((unsigned char)e->name.p[n] & 0xc0) == 0x80) {
            n--;
        }
    }
    int pad = names - screen_width((struct sl_str){ e->name.p, n });
    step_line_text(line, x,
                   went   ? STYLE_REMOVED
                   : came ? STYLE_ADDED
                          : STYLE_WARNING,
                   went   ? SL_STR("-")
                   : came ? SL_STR("+")
                          : SL_STR("~"));
    step_line_printf(lines, line, x + 2, went ? STYLE_DIM : STYLE_NORMAL, "%.*s%*s  %s", (int)n, e->name.p,
                     pad > 0 ? pad : 0, "", value);
}

/* Entries down the columns of a table as wide as there is room. */
static void put_table(struct step_lines *lines, const struct entry *entry, size_t n)
{
    int names = 4, values = 4;
    size_t shown = n < SHOWN_MOST ? n : SHOWN_MOST;
    for (size_t i = 0; i < shown; i++) {
        char value[64];
        value_text(&entry[i], value, sizeof value);
        int w = screen_width(entry[i].name), v = screen_width(sl_str(value));
        names = w > names ? w : names;
        values = v > values ? v : values;
    }
    names = names > NAME_MOST ? NAME_MOST : names;
    int width = 2 + names + 2 + values, across = (lines->width + GAP) / (width + GAP);
    across = across < 1 ? 1 : across > STEP_PIECES / 2 ? STEP_PIECES / 2 : across;
    size_t rows = (shown + (size_t)across - 1) / (size_t)across;
    for (size_t row = 0; row < rows; row++) {
        struct step_line *line = step_line_add(lines);
        for (size_t i = row, x = 0; line && i < shown; i += rows, x++) {
            put_entry(lines, line, (int)x * (width + GAP), names, &entry[i]);
        }
    }
    if (shown < n) {
        char more[32];
        step_lines_printf(lines, 0, STYLE_DIM, "and %s more", human_count(n - shown, more, sizeof more));
    }
}

struct counts {
    size_t came, went, other;
};

static struct counts count(const struct entry *entry, size_t n)
{
    struct counts c = { 0 };
    for (size_t i = 0; i < n; i++) {
        bool came = isnan(entry[i].before), went = isnan(entry[i].after);
        c.came += came && !went;
        c.went += went;
        c.other += !came && !went;
    }
    return c;
}

/* " 3 entered", unless it is none. */
static int put_part(struct step_lines *lines, struct step_line *line, int x, size_t n, const char *what)
{
    char count[32];
    return n ? step_line_printf(lines, line, x, STYLE_WARNING, " %s %s ", human_count(n, count, sizeof count), what)
             : x;
}

void step_feature_lines(struct step_lines *lines, const struct sl_change *change)
{
    struct entry *entry = sl_arena_array(&lines->arena, change->n_features + 1, sizeof *entry);
    struct step_line *line = step_line_add(lines);
    size_t n = 0;
    for (size_t i = 0; entry && i < change->n_features; i++) {
        const struct sl_feature_change *f = &change->features[i];
        bool nothing = isnan(f->before) && !(f->after > 0 || f->after < 0) &&
                       !isnan(f->after); /* dense columns' zeros */
        char number[32];
        struct sl_str name = short_name(f->name, change->name);
        if (!name.n) {
            snprintf(number, sizeof number, "#%u", f->index);
            const char *kept = step_lines_keep(lines, sl_str(number));
            name = sl_str(kept ? kept : "");
        }
        if (!nothing) {
            entry[n++] = (struct entry){ name, f->before, f->after };
        }
    }
    if (!entry) {
        return;
    }
    struct counts c = count(entry, n);
    int x = step_line_printf(lines, line, 0, STYLE_STRONG, "%s", change->name);
    x = step_line_printf(lines, line, x + 2, STYLE_WARNING, "~ features:");
    x = put_part(lines, line, x, c.came, "entered");
    x = put_part(lines, line, x, c.went, "left");
    x = put_part(lines, line, x, c.other, "weigh something else");
    step_lines_mark(lines);
    qsort(entry, n, sizeof *entry, by_weight);
    put_table(lines, entry, n);
}

/* One entry for each different term, with how often it stands there where it has no value of its own. */
static size_t take_terms(struct step_lines *lines, const struct sl_substep *sub, struct entry **out)
{
    size_t n = sub ? sub->n_items : 0, kept = 0;
    struct entry *entry = sl_arena_array(&lines->arena, n + 1, sizeof *entry);
    *out = entry;
    for (size_t i = 0; entry && i < n; i++) {
        double value = sub->items[i].value;
        entry[i] = (struct entry){ sub->items[i].term, isnan(value) ? 1 : value, isnan(value) ? 1 : 0 };
    }
    if (!entry || !n) {
        return 0;
    }
    qsort(entry, n, sizeof *entry, by_name);
    for (size_t i = 0; i < n; i++) {
        if (kept && entry[kept - 1].after > 0 && sl_str_equal(entry[kept - 1].name, entry[i].name)) {
            entry[kept - 1].before += 1; /* counted */
        } else {
            entry[kept++] = entry[i];
        }
    }
    return kept;
}

void step_term_lines(struct step_lines *lines, const struct sl_substep *before, const struct sl_substep *now)
{
    struct entry *a, *b;
    size_t n_a = take_terms(lines, before, &a), n_b = take_terms(lines, now, &b), i = 0, j = 0, n = 0, same = 0;
    struct entry *all = sl_arena_array(&lines->arena, n_a + n_b + 1, sizeof *all);
    if (!a || !b || !all) {
        return;
    }
    while (i < n_a || j < n_b) {
        int order = i == n_a ? 1 : j == n_b ? -1 : sl_str_compare(a[i].name, b[j].name);
        struct entry e = { order <= 0 ? a[i].name : b[j].name, order <= 0 ? a[i].before : (double)NAN,
                           order >= 0 ? b[j].before : (double)NAN };
        i += order <= 0;
        j += order >= 0;
        bool unchanged = order == 0 && e.before <= e.after && e.before >= e.after;
        same += unchanged;
        if (!unchanged) {
            all[n++] = e;
        }
    }
    char terms[32], rest[32];
    step_lines_printf(lines, 0, STYLE_DIM, "%s terms; %s as before", human_count(now->n_items, terms, sizeof terms),
                      human_count(same, rest, sizeof rest));
    step_lines_mark(lines);
    qsort(all, n, sizeof *all, by_weight);
    put_table(lines, all, n);
    if (same) {
        struct sl_buf text = { 0 };
        for (size_t k = 0; k < now->n_items && k < SHOWN_MOST; k++) {
            sl_buf_printf(&text, "%s%.*s", k ? "  " : "", (int)now->items[k].term.n, now->items[k].term.p);
        }
        const char *kept = text.failed ? NULL : step_lines_keep(lines, (struct sl_str){ text.p, text.n });
        sl_buf_release(&text);
        step_line_add(lines);
        step_lines_fold(lines, 0, STYLE_DIM, NULL, SL_STR("all of them now:"), 1);
        step_lines_fold(lines, 0, STYLE_NORMAL, NULL, sl_str(kept ? kept : ""), 0);
    }
}
