/* view_step_record.c: one record before and after a stage, column by column: what changed first, then what did not. */
#include "view_step_private.h"

#include "human.h"
#include "textdiff_record.h"

#include <math.h>
#include <stdio.h>

#define NAMES 14 /* columns of a name before its value */

static bool encoded(enum sl_type type)
{
    return type == SL_SPARSE || type == SL_VECTOR;
}

static size_t nonzeros(const struct sl_chunk *chunk, size_t column, size_t width)
{
    const struct sl_column *c = &chunk->columns[column];
    size_t n = 0;
    if (chunk->schema->fields[column].type == SL_SPARSE) {
        return (size_t)(c->sparse.start[1] - c->sparse.start[0]);
    }
    const struct sl_field *field = &chunk->schema->fields[column];
    for (size_t i = 0; i < width; i++) {
        float x = field->bytes ? (float)c->bytes[i] * field->scale + field->offset : c->vector[i];
        n += x > 0 || x < 0;
    }
    return n;
}

static struct sl_str value_text(struct step_lines *lines, const struct sl_chunk *chunk, size_t column,
                                enum style *style)
{
    bool missing;
    *style = STYLE_NORMAL;
    const struct sl_field *field = &chunk->schema->fields[column];
    if (encoded(field->type) && sl_valid(&chunk->columns[column], 0)) {
        char n[32], of[32], text[160];
        struct sl_buf brief = { 0 };
        if (field->height) {
            sl_cell_brief(chunk, column, 0, &brief);
        }
        snprintf(text, sizeof text, "%.60s%s%s of %s %s are not 0", brief.n ? brief.p : "", brief.n ? ", " : "",
                 human_count(nonzeros(chunk, column, field->width), n, sizeof n),
                 human_count(field->width, of, sizeof of), field->height ? "values" : "features");
        sl_buf_release(&brief);
        const char *kept = step_lines_keep(lines, sl_str(text));
        return sl_str(kept ? kept : "");
    }
    struct sl_str text = record_cell(chunk, column, 0, &lines->arena, &missing);
    if (missing || !text.n) {
        *style = STYLE_DIM;
        return missing ? SL_STR("missing") : SL_STR("empty");
    }
    return text;
}

/* A column that stands alone, in at most `most` lines (0: all). */
static void put_column(struct step_lines *lines, const struct sl_chunk *chunk, size_t column, size_t most)
{
    enum style style;
    const char *name = chunk->schema->fields[column].name;
    struct sl_str text = value_text(lines, chunk, column, &style);
    int width = screen_width(sl_str(name)), x = width + 2 > NAMES ? width + 2 : NAMES;
    bool small = text.n < 200 && !memchr(text.p, '\n', text.n) && screen_width(text) <= lines->width - x;
    if (small || (most == 1 && x < lines->width / 2)) {
        size_t at = lines->n;
        step_lines_fold(lines, x, style, NULL, text, 1);
        if (at < lines->n) {
            step_line_text(&lines->lines[at], 0, STYLE_DIM, sl_str(name));
        }
        step_lines_pictures(lines, x, NULL, picture_of_cell(chunk, column, 0, &lines->arena));
        return;
    }
    step_lines_fold(lines, 0, STYLE_DIM, NULL, sl_str(name), 1);
    step_lines_fold(lines, 2, style, NULL, text, most);
}

static void heading(struct step_lines *lines, const char *name, const char *what)
{
    struct step_line *line = step_line_add(lines);
    int x = step_line_printf(lines, line, 0, STYLE_STRONG, "%s", name);
    step_line_printf(lines, line, x + 2, STYLE_WARNING, "~ %s", what);
    step_lines_mark(lines);
}

static void put_text(struct step_lines *lines, const struct sl_debug_place *place, const struct sl_change *change)
{
    const struct sl_step *step = place->step;
    bool after_missing = change->is_missing, before_missing = change->was_missing;
    struct sl_str a = before_missing ? SL_STR("") : step->before->columns[change->before].text[0];
    struct sl_str b = after_missing ? SL_STR("") : step->after->columns[change->after].text[0];
    heading(lines, change->name,
            after_missing    ? "made missing"
            : before_missing ? "was missing"
            : !b.n           ? "emptied"
                             : "changed");
    if (a.n && b.n) {
        step_lines_both(lines, a, b, change->edits, change->n_edits);
        return;
    }
    step_lines_fold(lines, STEP_LABEL, a.n ? STYLE_REMOVED : STYLE_DIM, "before",
                    a.n              ? a
                    : before_missing ? SL_STR("missing")
                                     : SL_STR("empty"),
                    0);
    step_lines_fold(lines, STEP_LABEL, b.n ? STYLE_ADDED : STYLE_DIM, "after",
                    b.n             ? b
                    : after_missing ? SL_STR("missing")
                                    : SL_STR("empty"),
                    0);
}

static void put_number(struct step_lines *lines, const struct sl_change *change)
{
    char from[40] = "missing", to[40] = "missing";
    struct step_line *line = step_line_add(lines);
    if (!change->was_missing) {
        human_number(change->from, 9, from, sizeof from);
    }
    if (!change->is_missing) {
        human_number(change->to, 9, to, sizeof to);
    }
    int x = step_line_printf(lines, line, 0, STYLE_STRONG, "%s", change->name);
    x = x + 2 > NAMES ? x + 2 : NAMES;
    x = step_line_printf(lines, line, x, STYLE_REMOVED, "%s", from);
    x = step_line_printf(lines, line, x + 1, STYLE_WARNING, "%s", screen_glyph("→", "->"));
    x = step_line_printf(lines, line, x + 1, STYLE_ADDED, "%s", to);
    step_line_printf(lines, line, x + 2, STYLE_WARNING, "~");
    step_lines_mark(lines);
}

static void put_other(struct step_lines *lines, const struct sl_debug_place *place, const struct sl_change *change)
{
    const struct sl_step *step = place->step;
    enum style style;
    heading(lines, change->name,
            change->kind == SL_CHANGE_ADDED     ? "a new column"
            : change->kind == SL_CHANGE_REMOVED ? "taken out"
                                                : "changed");
    if (change->before >= 0) {
        struct sl_str text = value_text(lines, step->before, (size_t)change->before, &style);
        step_lines_fold(lines, STEP_LABEL, style == STYLE_NORMAL ? STYLE_REMOVED : style, "before", text, 4);
    }
    if (change->after >= 0) {
        struct sl_str text = value_text(lines, step->after, (size_t)change->after, &style);
        step_lines_fold(lines, STEP_LABEL, style == STYLE_NORMAL ? STYLE_ADDED : style, "after", text, 4);
    }
    const struct picture *before =
        change->before >= 0 ? picture_of_cell(step->before, (size_t)change->before, 0, &lines->arena) : NULL;
    const struct picture *after =
        change->after >= 0 ? picture_of_cell(step->after, (size_t)change->after, 0, &lines->arena) : NULL;
    step_lines_pictures(lines, STEP_LABEL, before, after);
}

/* Of a picture the picture first. */
static void put_features(struct step_lines *lines, const struct sl_debug_place *place, const struct sl_change *change)
{
    const struct sl_chunk *after = place->step->after;
    if (after && change->after >= 0 && after->schema->fields[change->after].height) {
        put_other(lines, place, change);
        step_line_add(lines);
    }
    step_feature_lines(lines, change);
}

static void put_change(struct step_lines *lines, const struct sl_debug_place *place, const struct sl_change *change)
{
    switch (change->kind) {
    case SL_CHANGE_TEXT: put_text(lines, place, change); break;
    case SL_CHANGE_NUMBER: put_number(lines, change); break;
    case SL_CHANGE_FEATURES: put_features(lines, place, change); break;
    case SL_CHANGE_ADDED:
    case SL_CHANGE_REMOVED:
    case SL_CHANGE_OTHER: put_other(lines, place, change); break;
    }
}

/* Inside a stage: what one of its operations did to the cell it works on. */
static void put_inside(struct step_lines *lines, const struct sl_step *step)
{
    const struct sl_substep *sub = step->sub, *was = step->sub_before;
    const struct sl_change *change = step->n_changes ? &step->changes[0] : NULL;
    step_lines_printf(lines, 0, STYLE_STRONG, "%u of %u: %.*s", step->place.substep, step->substeps, (int)sub->what.n,
                      sub->what.p);
    if (sub->list) {
        step_term_lines(lines, was && was->list ? was : NULL, sub);
        return;
    }
    struct sl_str a = was ? was->text
                      : change && change->before >= 0 && step->before &&
                              step->before->schema->fields[change->before].type == SL_TEXT &&
                              sl_valid(&step->before->columns[change->before], 0)
                          ? step->before->columns[change->before].text[0]
                          : SL_STR("");
    if (change && change->n_edits) {
        step_lines_both(lines, a, sub->text, change->edits, change->n_edits);
    } else {
        step_lines_fold(lines, 0, STYLE_NORMAL, NULL, sub->text, 0);
    }
}

/* Columns that no change is about. */
static void put_same(struct step_lines *lines, const struct sl_step *step, const struct sl_chunk *chunk, size_t most)
{
    bool gap = lines->n > 0 && step->n_changes > 0;
    for (size_t c = 0; chunk && c < chunk->schema->n; c++) {
        bool changed = false;
        for (size_t i = 0; i < step->n_changes && !changed; i++) {
            changed = strcmp(step->changes[i].name, chunk->schema->fields[c].name) == 0;
        }
        if (changed) {
            continue;
        }
        if (gap) {
            step_line_add(lines);
            gap = false;
        }
        put_column(lines, chunk, c, most);
    }
}

static void put_fate(struct step_lines *lines, const struct sl_step *step)
{
    bool source = step->place.stage == 0;
    if (source && (step->marks & SL_MARK_ERROR)) {
        step_lines_printf(lines, 0, STYLE_ERROR, "! in quarantine, not read: %s", step->reject.reason);
        step_lines_printf(lines, 0, STYLE_NORMAL, "it begins  %s", step->reject.excerpt);
    } else if (step->marks & SL_MARK_ERROR) {
        step_lines_printf(lines, 0, STYLE_ERROR, "! the stage failed on it: %s%s%s", step->error.what,
                          step->error.fix[0] ? "; " : "", step->error.fix);
    }
    if (step->marks & SL_MARK_DROPPED) {
        step_lines_printf(lines, 0, STYLE_WARNING, "x dropped here: the record goes no further");
    }
    if (step->marks & SL_MARK_NONFINITE) {
        step_lines_printf(lines, 0, STYLE_ERROR, "! a value that comes out is not finite");
    }
    if (step->marks & SL_MARK_UNDECIDED) {
        step_lines_printf(lines, 0, STYLE_DIM,
                          "whether it is dropped here depends on other records: A looks at them all");
    } else if ((step->marks & SL_MARK_SKIPPED) && step->stage->class->kind == SL_ENCODER) {
        step_lines_printf(lines, 0, STYLE_DIM,
                          "not run: it learns from the training records when the recipe is trained");
    }
}

void step_record_lines(struct step_lines *lines, const struct sl_debug_place *place)
{
    const struct sl_step *step = place->step;
    put_fate(lines, step);
    if (step->sub) {
        put_inside(lines, step);
        return;
    }
    for (size_t i = 0; i < step->n_changes; i++) {
        if (lines->n) {
            step_line_add(lines);
        }
        put_change(lines, place, &step->changes[i]);
    }
    const struct sl_chunk *chunk = step->after ? step->after : step->before;
    bool random = step->stage->class->kind == SL_AUGMENT; /* says for itself what it does */
    if (!step->n_changes && step->before && step->after && !random &&
        !(step->marks & (SL_MARK_SKIPPED | SL_MARK_UNDECIDED))) {
        step_lines_printf(lines, 0, STYLE_DIM, "nothing changed here");
    }
    put_same(lines, step, chunk, step->n_changes ? 2 : 0);
}
