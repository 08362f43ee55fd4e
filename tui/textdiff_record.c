/* textdiff_record.c: the full-record pane, shared by the Data and Pipeline views.
 *
 * Columns follow each other; one that changed is shown before and after, one that did not once. On a wide pane the two sides
 * stand beside each other. Of a text longer than SHOWN_MOST its begin is shown, and how much more there is. */
#include "textdiff_record.h"

#include "human.h"
#include "overlay.h"
#include "textdiff_draw.h"

#include <stdio.h>
#include <stdlib.h>

#define SHOWN_MOST    ((size_t)64 << 10)
#define BESIDE_COLUMN 100 /* columns from which on the sides stand beside each other */

struct record_line {
    enum style style;
    const char *label; /* "raw", at the left edge */
    struct sl_str text[2];
    const struct textdiff *diff; /* NULL: plain text */
    size_t from[2], n[2];
    bool has[2];
    bool beside;
};

struct sl_str record_cell(const struct sl_chunk *chunk, size_t column, uint32_t row, struct sl_arena *arena, bool *missing)
{
    const struct sl_column *c = &chunk->columns[column];
    *missing = !sl_valid(c, row);
    if (*missing) {
        return (struct sl_str){ 0 };
    }
    if (chunk->schema->fields[column].type == SL_TEXT) {
        return c->text[row];
    }
    struct sl_buf text = { 0 };
    sl_cell_format(chunk, column, row, &text);
    char *copy = text.n && !text.failed ? sl_arena_strndup(arena, text.p, text.n) : NULL;
    struct sl_str out = { copy, copy ? text.n : 0 };
    *missing = !copy;
    sl_buf_release(&text);
    return out;
}

static struct record_line *add_line(struct record_pane *pane)
{
    if (pane->n == pane->capacity) {
        size_t capacity = pane->capacity ? pane->capacity * 2 : 64;
        struct record_line *lines = realloc(pane->lines, capacity * sizeof *lines);
        if (!lines) {
            pane->failed = true;
            return NULL;
        }
        pane->lines = lines;
        pane->capacity = capacity;
    }
    struct record_line *line = &pane->lines[pane->n++];
    *line = (struct record_line){ .style = STYLE_NORMAL };
    return line;
}

struct folding {
    struct record_pane *pane;
    struct sl_str text;
    const struct textdiff *diff;
    int side;       /* 0, 1 */
    size_t first;   /* line of the pane the text's first line goes to */
    bool beside;
    const char *label;
    enum style style;
};

static void put_span(void *ctx, size_t i, struct sl_str span)
{
    struct folding *f = ctx;
    struct record_pane *pane = f->pane;
    bool exists = f->first + i < pane->n;
    struct record_line *line = exists ? &pane->lines[f->first + i] : add_line(pane);
    if (!line) {
        return;
    }
    line->text[f->side] = f->text;
    line->from[f->side] = span.p ? (size_t)(span.p - f->text.p) : 0;
    line->n[f->side] = span.n;
    line->has[f->side] = true;
    line->diff = f->diff;
    line->beside = f->beside;
    line->style = f->style;
    if (i == 0 && f->label) {
        line->label = f->label;
    }
}

/* A line of ours, folded at the pane's edge. Labels and values that stand alone pass a label. */
static void add_plain(struct record_pane *pane, enum style style, const char *label, const char *text)
{
    char *copy = sl_arena_strndup(&pane->arena, text, strlen(text));
    if (!copy) {
        pane->failed = true;
        return;
    }
    struct folding f = { .pane = pane, .text = sl_str(copy), .first = pane->n, .label = label, .style = style };
    overlay_wrap(f.text, pane->width, put_span, &f);
}

static void fold(struct folding *f, int width)
{
    struct sl_str shown = f->text;
    if (shown.n > SHOWN_MOST) {
        shown.n = SHOWN_MOST;
    }
    overlay_wrap(shown, width, put_span, f);
    if (shown.n < f->text.n) {
        char more[80], count[32];
        snprintf(more, sizeof more, "(%s bytes more)", human_count(f->text.n - shown.n, count, sizeof count));
        add_plain(f->pane, STYLE_DIM, NULL, more);
    }
}

struct value {
    struct sl_str text;
    bool there, missing;
};

static struct value value_of(struct record_pane *pane, const struct sl_chunk *chunk, long column)
{
    struct value v = { .there = chunk && column >= 0 };
    if (v.there) {
        v.text = record_cell(chunk, (size_t)column, 0, &pane->arena, &v.missing);
    }
    return v;
}

static void add_value(struct record_pane *pane, const struct value *v, const struct textdiff *diff, int side,
                      const char *label, int width)
{
    if (!v->there || v->missing || v->text.n == 0) {
        add_plain(pane, STYLE_DIM, label, !v->there ? "no such column" : v->missing ? "missing" : "empty");
        return;
    }
    struct folding f = { .pane = pane, .text = v->text, .diff = diff, .side = side, .first = pane->n, .label = label };
    fold(&f, width);
}

#define LABEL 7 /* columns, "clean ~" */

static void add_sides(struct record_pane *pane, const struct record_pair *pair, const struct value *a, const struct value *b,
                      int width)
{
    struct textdiff *diff = sl_arena_zero(&pane->arena, 1, sizeof *diff);
    bool texts = a->there && b->there && !a->missing && !b->missing && a->text.n && b->text.n;
    if (!diff || (texts && textdiff_new(diff, a->text, b->text, NULL) != SL_OK)) {
        texts = false;
    }
    if (texts) {
        /* The runs live as long as the pane. */
        struct diff_run *runs = sl_arena_array(&pane->arena, diff->n, sizeof *runs);
        if (runs) {
            memcpy(runs, diff->runs, diff->n * sizeof *runs);
        }
        free(diff->runs);
        diff->runs = runs;
        diff->n = runs ? diff->n : 0;
        texts = runs != NULL;
    }
    if (texts && width >= BESIDE_COLUMN) {
        int half = (width - 3) / 2;
        struct folding f = { .pane = pane, .text = a->text, .diff = diff, .side = 0, .first = pane->n, .beside = true };
        fold(&f, half);
        f.text = b->text;
        f.side = 1;
        fold(&f, half);
        return;
    }
    add_value(pane, a, texts ? diff : NULL, 0, pair->before_name, width - LABEL - 1);
    add_value(pane, b, texts ? diff : NULL, 1, pair->after_name, width - LABEL - 1);
}

static void add_heading(struct record_pane *pane, const struct sl_field *field, bool changed)
{
    char text[200];
    snprintf(text, sizeof text, "%s  %s%s", field->name, sl_type_name(field->type), changed ? "  ~ changed" : "");
    if (pane->n) {
        add_plain(pane, STYLE_NORMAL, NULL, "");
    }
    add_plain(pane, STYLE_STRONG, NULL, text);
}

static bool values_equal(const struct value *a, const struct value *b)
{
    return a->there == b->there && a->missing == b->missing && sl_str_equal(a->text, b->text);
}

static size_t add_column(struct record_pane *pane, const struct record_pair *pair, long before, long after,
                         const struct sl_field *field, int width)
{
    struct value a = value_of(pane, pair->before, before), b = value_of(pane, pair->after, after);
    bool equal = !pair->after || values_equal(&a, &b);
    if (equal && pair->changed_only) {
        return 1;
    }
    add_heading(pane, field, !equal);
    if (equal) {
        add_value(pane, &a, NULL, 0, NULL, width);
    } else {
        add_sides(pane, pair, &a, &b, width);
    }
    return 0;
}

void record_pane_build(struct record_pane *pane, const struct record_pair *pair, int width)
{
    char text[80];
    sl_arena_reset(&pane->arena, (size_t)1 << 20);
    pane->n = 0;
    pane->failed = false;
    pane->width = width;
    size_t equal = 0;
    if (pair->title) {
        add_plain(pane, STYLE_DIM, NULL, pair->title);
    }
    if (pair->gone) {
        add_plain(pane, STYLE_WARNING, NULL, pair->gone);
    }
    for (size_t i = 0; pair->before && i < pair->before->schema->n; i++) {
        const struct sl_field *field = &pair->before->schema->fields[i];
        long other = pair->after ? sl_schema_find(pair->after->schema, sl_str(field->name)) : -1;
        equal += add_column(pane, pair, (long)i, other, field, width);
    }
    for (size_t i = 0; pair->after && i < pair->after->schema->n; i++) {
        const struct sl_field *field = &pair->after->schema->fields[i];
        if (!pair->before || sl_schema_find(pair->before->schema, sl_str(field->name)) < 0) {
            add_column(pane, pair, -1, (long)i, field, width);
        }
    }
    if (equal) {
        snprintf(text, sizeof text, equal == 1 ? "1 column is the same" : "%zu columns are the same", equal);
        add_plain(pane, STYLE_NORMAL, NULL, "");
        add_plain(pane, STYLE_DIM, NULL, text);
    }
}

static void draw_side(const struct record_line *line, struct area area, int y, int x, int side)
{
    if (!line->has[side]) {
        return;
    }
    if (line->diff) {
        diff_draw_span(area, y, x, line->diff, side, line->text[side], line->from[side], line->n[side]);
    } else {
        screen_text(area, y, x, -1, line->style, (struct sl_str){ line->text[side].p + line->from[side], line->n[side] });
    }
}

static void draw_line(const struct record_pane *pane, const struct record_line *line, struct area area, int y)
{
    if (line->beside) {
        int half = (pane->width - 3) / 2;
        bool differs = (line->has[0] && diff_touches(line->diff, 0, line->from[0], line->n[0])) ||
                       (line->has[1] && diff_touches(line->diff, 1, line->from[1], line->n[1]));
        draw_side(line, (struct area){ area.y, area.x, area.h, half }, y, 0, 0);
        screen_text(area, y, half + 1, 1, STYLE_DIM, sl_str(differs ? "~" : screen_glyph("│", "|")));
        draw_side(line, area, y, half + 3, 1);
        return;
    }
    int side = line->has[1] ? 1 : 0;
    bool labelled = line->diff || line->label;
    if (line->label) {
        screen_text(area, y, 0, LABEL, STYLE_DIM, sl_str(line->label));
    }
    if (line->diff && diff_touches(line->diff, side, line->from[side], line->n[side])) {
        screen_text(area, y, LABEL - 1, 1, STYLE_WARNING, SL_STR("~"));
    }
    draw_side(line, area, y, labelled ? LABEL + 1 : 0, side);
}

void record_pane_draw(struct record_pane *pane, struct area area)
{
    pane->rows = area.h;
    size_t rows = area.h > 0 ? (size_t)area.h : 1, most = pane->n > rows ? pane->n - rows : 0;
    pane->top = pane->top > most ? most : pane->top;
    for (int y = 0; y < area.h && pane->top + (size_t)y < pane->n; y++) {
        draw_line(pane, &pane->lines[pane->top + (size_t)y], area, y);
    }
    if (pane->top < most) {
        screen_text(area, area.h - 1, area.w - 2, -1, STYLE_DIM, sl_str(screen_glyph(" ↓", " v")));
    }
}

bool record_pane_key(struct record_pane *pane, int key)
{
    size_t rows = pane->rows > 0 ? (size_t)pane->rows : 1;
    size_t most = pane->n > rows ? pane->n - rows : 0;
    key = key == 'j' ? K_DOWN : key == 'k' ? K_UP : key == ' ' ? K_PAGE_DOWN : key == 'G' ? K_END_KEY : key;
    return overlay_move(key, most + 1, (int)rows, &pane->top);
}

void record_pane_release(struct record_pane *pane)
{
    sl_arena_release(&pane->arena);
    free(pane->lines);
    *pane = (struct record_pane){ 0 };
}
