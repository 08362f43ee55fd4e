/* textdiff_record.c: the full-record pane, shared by the Data and Pipeline views.
 *
 * Columns follow each other. The two sides of one that changed are folded together, so that what answers to each other
 * stays in the same place: beside each other on a wide pane, else line under line, where a line that is equal stands
 * once. Of a text longer than SHOWN_MOST its begin is shown, and how much more there is. */
#include "textdiff_record_private.h"

#include "human.h"
#include "overlay.h"

#include <stdio.h>
#include <stdlib.h>

#define SHOWN_MOST      ((size_t)64 << 10)
#define PICTURE_ROWS    28 /* where the pane's height is not known yet */
#define PICTURE_SPARED  6  /* rows for what is said of it */
#define PICTURE_LEAST   6
#define BESIDE_PICTURES 60 /* columns from which on two stand beside each other */

struct sl_str record_cell(const struct sl_chunk *chunk, size_t column, uint32_t row, struct sl_arena *arena,
                          bool *missing)
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
    sl_cell_brief(chunk, column, row, &text);
    char *copy = text.n && !text.failed ? sl_arena_strndup(arena, text.p, text.n) : NULL;
    struct sl_str out = { copy, copy ? text.n : 0 };
    *missing = !copy;
    sl_buf_release(&text);
    return out;
}

long record_column(const struct sl_schema *of, size_t i, const struct sl_schema *in)
{
    if (of == in || (i < in->n && strcmp(of->fields[i].name, in->fields[i].name) == 0)) {
        return (long)i;
    }
    return sl_schema_find(in, sl_str(of->fields[i].name));
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
    const char *label;
    enum style style;
};

static void put_span(void *ctx, size_t i, struct sl_str span)
{
    struct folding *f = ctx;
    struct record_line *line = add_line(f->pane);
    if (line) {
        line->text = span;
        line->style = f->style;
        line->label = i == 0 ? f->label : f->label ? "" : NULL;
    }
}

/* Text that stands alone, folded. It is borrowed. */
static void add_text(struct record_pane *pane, enum style style, const char *label, struct sl_str text)
{
    struct folding f = { pane, label, style };
    overlay_wrap(text, pane->width - (label ? LABEL : 0), put_span, &f);
}

static void add_plain(struct record_pane *pane, enum style style, const char *label, const char *text)
{
    char *copy = sl_arena_strndup(&pane->arena, text, strlen(text));
    if (copy) {
        add_text(pane, style, label, sl_str(copy));
    } else {
        pane->failed = true;
    }
}

/* The begin of a long text; what is left out is said below it. */
static struct sl_str shown_part(struct sl_str text)
{
    if (text.n > SHOWN_MOST) {
        text.n = SHOWN_MOST;
        while (text.n && ((unsigned char)text.p[text.n] & 0xc0) == 0x80) {
            text.n--;
        }
    }
    return text;
}

static void add_rest(struct record_pane *pane, size_t all)
{
    char more[80], count[32];
    if (all > SHOWN_MOST) {
        snprintf(more, sizeof more, "(about %s bytes more)", human_count(all - SHOWN_MOST, count, sizeof count));
        add_plain(pane, STYLE_DIM, NULL, more);
    }
}

struct value {
    struct sl_str text;
    enum sl_type type;
    bool there, missing;
};

static struct value value_of(struct record_pane *pane, const struct sl_chunk *chunk, long column,
                             const struct sl_stage *stage)
{
    struct value v = { .there = chunk && column >= 0 };
    if (v.there) {
        v.type = chunk->schema->fields[column].type;
        v.text = record_features(chunk, (size_t)column, stage, &pane->arena, &v.missing);
    }
    return v;
}

static void add_value(struct record_pane *pane, const struct value *v, const char *label)
{
    if (!v->there || v->missing || v->text.n == 0) {
        add_plain(pane, STYLE_DIM, label, !v->there ? "no such column" : v->missing ? "missing" : "empty");
        return;
    }
    add_text(pane, STYLE_NORMAL, label, shown_part(v->text));
    add_rest(pane, v->text.n);
}

/* Compare; the runs move into the pane's arena. NULL: out of memory. */
static struct both *compare(struct record_pane *pane, struct sl_str a, struct sl_str b)
{
    struct both *both = sl_arena_zero(&pane->arena, 1, sizeof *both);
    if (!both || textdiff_new(&both->diff, a, b, NULL) != SL_OK) {
        return NULL;
    }
    struct diff_run *runs = sl_arena_array(&pane->arena, both->diff.n + 1, sizeof *runs);
    if (runs && both->diff.n) {
        memcpy(runs, both->diff.runs, both->diff.n * sizeof *runs);
    }
    free(both->diff.runs);
    both->diff.runs = runs;
    both->a = a;
    both->b = b;
    return runs ? both : NULL;
}

static void add_pair_line(struct record_pane *pane, const struct both *both, int side, const char *label,
                          const struct diff_place *from, const struct diff_place *to, bool differs)
{
    struct record_line *line = add_line(pane);
    if (line) {
        line->both = both;
        line->side = side;
        line->label = label;
        line->from = *from;
        line->to = *to;
        line->differs = differs;
    }
}

static void fold_both(struct record_pane *pane, const struct record_pair *pair, const struct both *both)
{
    bool beside = pane->width >= BESIDE_COLUMN, differs;
    int width = beside ? (pane->width - 3) / 2 : pane->width - LABEL;
    struct diff_place at = { 0 };
    for (struct diff_place from = at; diff_line(&both->diff, both->a, both->b, width, &at, &differs); from = at) {
        if (beside) {
            add_pair_line(pane, both, 2, NULL, &from, &at, differs);
        } else if (!differs) {
            add_pair_line(pane, both, 0, "", &from, &at, false);
        } else {
            add_pair_line(pane, both, 0, pair->before_name, &from, &at, true);
            add_pair_line(pane, both, 1, pair->after_name, &from, &at, true);
        }
    }
}

static void add_sides(struct record_pane *pane, const struct record_pair *pair, const struct value *a,
                      const struct value *b)
{
    if (a->text.n && b->text.n && a->type == b->type) {
        const struct both *both = compare(pane, shown_part(a->text), shown_part(b->text));
        if (both) {
            fold_both(pane, pair, both);
            add_rest(pane, a->text.n > b->text.n ? a->text.n : b->text.n);
            return;
        }
    }
    add_value(pane, a, pair->before_name);
    add_value(pane, b, pair->after_name);
}

/* The pictures that a column holds, under its values: beside each other where that is wide enough, else one under the
 * other; as high as leaves room for the rest. */
static void add_pictures(struct record_pane *pane, const struct picture *before, const struct picture *after)
{
    const struct picture *of[2] = { before ? before : after, before ? after : NULL };
    int h[2] = { 0 }, w[2] = { 0 }, most = pane->rows ? pane->rows - PICTURE_SPARED : PICTURE_ROWS;
    bool beside = of[1] && pane->width >= BESIDE_PICTURES;
    most = of[1] && !beside ? most / 2 : most;
    most = most < PICTURE_LEAST ? PICTURE_LEAST : most;
    for (int i = 0; i < 2; i++)
        if (of[i])
            picture_size(of[i], most, beside ? (pane->width - 2) / 2 : pane->width, &h[i], &w[i]);
    for (int i = 0; i < (beside ? 1 : 2); i++) {
        if (i && h[1])
            add_line(pane);
        for (int row = 0; row < h[i] || (beside && row < h[1]); row++) {
            struct record_line *line = add_line(pane);
            if (line && row < h[i])
                line->picture[0] = (struct picture_row){ of[i], 0, row, h[i], w[i] };
            if (line && beside && row < h[1])
                line->picture[1] = (struct picture_row){ of[1], w[0] + 2, row, h[1], w[1] };
        }
    }
}

static void add_heading(struct record_pane *pane, const struct sl_field *field, bool changed, enum sl_type after)
{
    char text[300];
    bool other = changed && after && after != field->type;
    snprintf(text, sizeof text, "%.200s  %s%s%s%s", field->name, sl_type_name(field->type), other ? " to " : "",
             other ? sl_type_name(after) : "", changed ? "  ~ changed" : "");
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
                         const struct sl_field *field)
{
    struct value a = value_of(pane, pair->before, before, NULL), b = value_of(pane, pair->after, after, pair->stage);
    bool equal = !pair->after || values_equal(&a, &b);
    if (equal && pair->changed_only) {
        return 1;
    }
    add_heading(pane, field, !equal, b.type);
    if (equal) {
        add_value(pane, &a, NULL);
    } else {
        add_sides(pane, pair, &a, &b);
    }
    const struct picture *was = before >= 0 ? picture_of_cell(pair->before, (size_t)before, 0, &pane->arena) : NULL;
    const struct picture *is = pair->after && after >= 0 ? picture_of_cell(pair->after, (size_t)after, 0, &pane->arena)
                                                         : NULL;
    add_pictures(pane, equal && is ? NULL : was, is);
    return 0;
}

void record_pane_build(struct record_pane *pane, const struct record_pair *pair, int width)
{
    char text[80];
    sl_arena_reset(&pane->arena, (size_t)1 << 20);
    pane->n = 0;
    pane->failed = false;
    pane->width = width < LABEL + 1 ? LABEL + 1 : width;
    size_t equal = 0;
    if (pair->title) {
        add_plain(pane, STYLE_DIM, NULL, pair->title);
    }
    if (pair->gone) {
        add_plain(pane, STYLE_WARNING, NULL, pair->gone);
    }
    for (size_t i = 0; pair->before && i < pair->before->schema->n; i++) {
        const struct sl_field *field = &pair->before->schema->fields[i];
        long other = pair->after ? record_column(pair->before->schema, i, pair->after->schema) : -1;
        equal += add_column(pane, pair, (long)i, other, field);
    }
    for (size_t i = 0; pair->after && i < pair->after->schema->n; i++) {
        const struct sl_field *field = &pair->after->schema->fields[i];
        if (!pair->before || record_column(pair->after->schema, i, pair->before->schema) < 0) {
            add_column(pane, pair, -1, (long)i, field);
        }
    }
    if (equal) {
        bool all = pair->before && equal == pair->before->schema->n;
        snprintf(text, sizeof text, equal == 1 ? "%s1 column is the same" : "%s%zu columns are the same",
                 all ? "unchanged: " : "", equal);
        add_plain(pane, STYLE_NORMAL, NULL, "");
        add_plain(pane, STYLE_DIM, NULL, text);
    }
}
