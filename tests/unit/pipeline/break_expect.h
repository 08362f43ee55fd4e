/* break_expect.h: where breakpoints ought to fire, told from one step alone, without the engine's marks. */
#ifndef SLUICE_TESTS_BREAK_EXPECT_H
#define SLUICE_TESTS_BREAK_EXPECT_H

#include "step_try.h"

struct expected {
    const char *text;
    const char *stage; /* NULL: any */
    bool (*fires)(const struct sl_step *step);
};

static inline bool cell_there(const struct sl_chunk *chunk, size_t c)
{
    const struct sl_column *column = &chunk->columns[c];
    return sl_valid(column, 0) && !(chunk->schema->fields[c].type == SL_NUMBER && isnan(column->number[0]));
}

static inline bool is_failed(const struct sl_step *step)
{
    return step->marks & SL_MARK_ERROR;
}

static inline bool always(const struct sl_step *step)
{
    return step->place.stage > 0 || step->after;
}

/* Is it so for some column (by name) before and after? At the source `before` is NULL. */
static inline bool some(const struct sl_step *step,
                        bool (*is)(const struct sl_chunk *, long, const struct sl_chunk *, size_t))
{
    if (!step->after || step->marks & (SL_MARK_SKIPPED | SL_MARK_UNDECIDED))
        return false;
    for (size_t c = 0; c < step->after->schema->n; c++) {
        long b = step->before ? sl_schema_find(step->before->schema, sl_str(step->after->schema->fields[c].name)) : -1;
        if (is(step->before, b, step->after, c))
            return true;
    }
    return false;
}

static inline bool cell_changed(const struct sl_chunk *x, long b, const struct sl_chunk *y, size_t c)
{
    return x && b >= 0 && !sl_cell_equal(x, (size_t)b, 0, y, c, 0);
}

static inline bool cell_lost(const struct sl_chunk *x, long b, const struct sl_chunk *y, size_t c)
{
    return !cell_there(y, c) && (!x || cell_there(x, (size_t)b));
}

static inline bool cell_emptied(const struct sl_chunk *x, long b, const struct sl_chunk *y, size_t c)
{
    if (y->schema->fields[c].type != SL_TEXT || !cell_there(y, c) || y->columns[c].text[0].n)
        return false;
    return !x || (cell_there(x, (size_t)b) && x->columns[b].text[0].n);
}

static inline bool cell_infinite(const struct sl_chunk *x, long b, const struct sl_chunk *y, size_t c)
{
    (void)x;
    (void)b;
    return y->schema->fields[c].type == SL_NUMBER && cell_there(y, c) && isinf(y->columns[c].number[0]);
}

static inline bool changed(const struct sl_step *step)
{
    return some(step, cell_changed);
}

static inline bool missing(const struct sl_step *step)
{
    return some(step, cell_lost);
}

static inline bool emptied(const struct sl_step *step)
{
    return some(step, cell_emptied);
}

static inline bool infinite(const struct sl_step *step)
{
    return some(step, cell_infinite);
}

static inline bool dropped(const struct sl_step *step)
{
    return step->before && !step->after && !is_failed(step);
}

static inline bool first_20(const struct sl_step *step)
{
    return always(step) && step->place.record < 20;
}

static inline bool every_7(const struct sl_step *step)
{
    return always(step) && step->place.record % 7 == 0;
}

static inline bool sampled(const struct sl_step *step)
{
    return always(step) && sl_philox_real(0, SL_RANDOM_SAMPLE, 0, step->place.record, 0) < 0.05;
}

static inline bool short_text(const struct sl_step *step)
{
    return step->after && step->after->schema->fields[1].type == SL_TEXT && cell_there(step->after, 1) &&
           step->after->columns[1].text[0].n < 9 &&
           sl_utf8_length(step->after->columns[1].text[0].p, step->after->columns[1].text[0].n) < 4;
}

static inline bool short_positive(const struct sl_step *step)
{
    return short_text(step) && cell_there(step->after, 2) &&
           sl_str_equal(step->after->columns[2].text[0], sl_str("pos"));
}

static const struct expected all_kinds[] = {
    { "any: changed", NULL, changed },
    { "strip_html: changed", "strip_html", changed },
    { "trim: empty", "trim", emptied },
    { "any: empty", NULL, emptied },
    { "any: missing", NULL, missing },
    { "read csv: missing", "read csv", missing },
    { "any: dropped", NULL, dropped },
    { "drop_duplicates: dropped", "drop_duplicates", dropped },
    { "filter: dropped", "filter", dropped },
    { "any: error", NULL, is_failed },
    { "onehot: error", "onehot", is_failed },
    { "any: nonfinite", NULL, infinite },
    { "trim", "trim", always },
    { "trim: first 20", "trim", first_20 },
    { "label: every 7", "label", every_7 },
    { "any: sample 5%", NULL, sampled },
    { "len(text) < 4", NULL, short_text },
    { "trim: len(text) < 4 and mark == \"pos\"", "trim", short_positive },
};
enum { KINDS = sizeof all_kinds / sizeof *all_kinds };

#endif
