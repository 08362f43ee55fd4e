/* breakpoint_test.c: which records of a chunk a breakpoint stops at.
 *
 * Conditions are looked at column by column for whole chunks; what decides is the record alone (its number, its cells
 * before and after), so the result depends neither on threads nor on where a scan begins. */
#include "step_private.h"

#include "sluice/random.h"

int sl_place_compare(const struct sl_place *a, const struct sl_place *b)
{
    if (a->record != b->record)
        return a->record < b->record ? -1 : 1;
    if (a->stage != b->stage)
        return a->stage < b->stage ? -1 : 1;
    return (a->substep > b->substep) - (a->substep < b->substep);
}

static unsigned mark_of(enum sl_break_kind kind)
{
    switch (kind) {
    case SL_BREAK_CHANGED: return SL_MARK_CHANGED;
    case SL_BREAK_DROPPED: return SL_MARK_DROPPED;
    case SL_BREAK_MISSING: return SL_MARK_MISSING;
    case SL_BREAK_EMPTY: return SL_MARK_EMPTY;
    case SL_BREAK_NONFINITE: return SL_MARK_NONFINITE;
    default: return 0;
    }
}

/* Conditions on the record's number. */
static bool by_number(const struct sl_break *b, uint64_t record)
{
    switch (b->kind) {
    case SL_BREAK_ALWAYS: return true;
    case SL_BREAK_FIRST: return record < b->n;
    case SL_BREAK_EVERY: return record % b->n == 0;
    case SL_BREAK_SAMPLE: return sl_philox_real(0, SL_RANDOM_SAMPLE, 0, record, 0) < b->share;
    default: return false;
    }
}

static bool in_range(const struct sl_break_best *best, const struct sl_place *place)
{
    return sl_place_compare(&best->from, place) <= 0 && sl_place_compare(place, &best->to) < 0;
}

/* Breakpoint i fires at a place in range. */
static void note(struct sl_break_best *best, size_t i, const struct sl_place *place)
{
    int order = best->found ? sl_place_compare(place, &best->place) : -1;
    best->hits[i] += best->count;
    if (best->found && best->backward)
        order = -order;
    if (order < 0) {
        best->place = *place;
        best->which = 0;
        best->found = true;
    }
    if (order <= 0)
        best->which |= UINT64_C(1) << i;
}

/* The rows whose bit is set; unless all are to be counted, the first in range (the last, going backward) is enough. */
static void note_rows(struct sl_break_best *best, size_t i, const struct sl_chunk *rows, size_t stage,
                      const uint64_t *bit)
{
    for (uint32_t k = 0; k < rows->n; k++) {
        uint32_t r = best->backward ? rows->n - 1 - k : k;
        if (!(bit[r >> 6] >> (r & 63) & 1))
            continue;
        struct sl_place place = { rows->origin[r].record, (uint32_t)stage, 0 };
        if (!in_range(best, &place))
            continue;
        note(best, i, &place);
        if (!best->count)
            return;
    }
}

/* Columns that an expression looks at, before and after a stage; n is SIZE_MAX when they cannot be compared. */
struct used {
    size_t before[8], after[8], n;
};

/* Going forward to the first hit, what an expression on any stage says of an unchanged record is known from the stage
 * before: it was false there, or the hit lies there. */
static struct used find_used(const struct sl_breaks *breaks, const struct sl_breakpoint *b,
                             const struct sl_pass_view *view, const struct sl_break_best *best)
{
    struct used used = { .n = SIZE_MAX };
    size_t s = view->stage;
    bool known = view->before && b->public.stage == SL_NO_STAGE && !best->count && !best->backward &&
                 sl_expr_fits(b->exprs[s - 1], &breaks->pipeline->stages[s - 1].out, view->before);
    if (!known)
        return used;
    used.n = 0;
    for (size_t c = 0; c < view->after->schema->n; c++) {
        if (!sl_expr_uses(b->exprs[s], c))
            continue;
        long from = breaks->maps[s].from[c];
        if (from < 0 || used.n == sizeof used.after / sizeof *used.after) {
            used.n = SIZE_MAX;
            return used;
        }
        used.before[used.n] = (size_t)from;
        used.after[used.n++] = c;
    }
    return used;
}

static bool same_cells(const struct used *used, const struct sl_pass_view *view, uint32_t r, uint32_t i)
{
    for (size_t k = 0; k < used->n; k++) {
        const struct sl_column *x = &view->before->columns[used->before[k]], *y = &view->after->columns[used->after[k]];
        bool text = view->after->schema->fields[used->after[k]].type == SL_TEXT;
        if (sl_valid(x, r) != sl_valid(y, i) || (text ? x->text[r].p != y->text[i].p || x->text[r].n != y->text[i].n
                                                      : memcmp(&x->number[r], &y->number[i], sizeof(double)) != 0))
            return false;
    }
    return true;
}

static int expr_rows(const struct sl_breaks *breaks, struct sl_break_best *best, const struct sl_breakpoint *b,
                     const struct sl_pass_view *view, uint64_t *bit, struct sl_error *err)
{
    const struct sl_chunk *after = view->after;
    const struct sl_expr *expr = b->exprs[view->stage];
    if (!sl_expr_fits(expr, &breaks->pipeline->stages[view->stage].out, after))
        return SL_OK;
    bool same = !view->before || view->before == after;
    struct used used = find_used(breaks, b, view, best);
    for (uint32_t i = 0; i < after->n; i++) {
        struct sl_value value = { .kind = SL_MISSING };
        uint32_t r = same ? i : best->flags.row[i];
        struct sl_place last = { after->origin[i].record, (uint32_t)view->stage - 1, 0 };
        if (used.n != SIZE_MAX && in_range(best, &last) && same_cells(&used, view, r, i))
            continue;
        int status = sl_expr_eval(expr, after, i, &best->arena, &value, err);
        if (status) {
            if (err && !err->line)
                err->line = after->origin[i].line;
            return status;
        }
        if (value.kind == SL_BOOLEAN && value.number > 0)
            bit[r >> 6] |= UINT64_C(1) << (r & 63);
        sl_arena_reset(&best->arena, 1u << 20);
    }
    return SL_OK;
}

static bool concerns(const struct sl_break *b, size_t stage)
{
    return b->on && (b->stage == SL_NO_STAGE || b->stage == stage);
}

static int look_at(const struct sl_breaks *breaks, size_t i, const struct sl_pass_view *view,
                   struct sl_break_best *best, struct sl_error *err)
{
    const struct sl_breakpoint *b = breaks->at[i];
    const struct sl_chunk *rows = view->before ? view->before : view->after;
    uint64_t bits[SL_CHUNK_RECORDS / 64] = { 0 };
    const uint64_t *bit = bits;
    unsigned mark = mark_of(b->public.kind);
    int status = SL_OK;
    if (mark) {
        if (view->event == SL_PASS_FAILED || (view->before && view->before == view->after))
            return SL_OK;
        bit = best->flags.bit[__builtin_ctz(mark)];
    } else if (b->public.kind == SL_BREAK_EXPR) {
        if (view->event == SL_PASS_FAILED)
            return SL_OK;
        status = expr_rows(breaks, best, b, view, bits, err);
    } else if (b->public.kind == SL_BREAK_ERROR) {
        bits[0] = view->event == SL_PASS_FAILED;
    } else {
        for (uint32_t r = 0; r < rows->n; r++)
            bits[r >> 6] |= (uint64_t)by_number(&b->public, rows->origin[r].record) << (r & 63);
    }
    if (!status)
        note_rows(best, i, rows, view->stage, bit);
    return status;
}

static void look_at_rejects(const struct sl_breaks *breaks, const struct sl_quarantine *rejects,
                            struct sl_break_best *best)
{
    for (size_t i = 0; i < breaks->n; i++) {
        const struct sl_break *b = &breaks->at[i]->public;
        for (size_t k = 0; concerns(b, 0) && b->kind == SL_BREAK_ERROR && k < rejects->n; k++) {
            struct sl_place place = { rejects->entries[k].origin.record, 0, 0 };
            if (in_range(best, &place))
                note(best, i, &place);
        }
    }
}

int sl_breaks_look(const struct sl_breaks *breaks, const struct sl_pass_view *view, struct sl_break_best *best,
                   struct sl_error *err)
{
    unsigned want = 0;
    bool any = false;
    if (view->event == SL_PASS_END)
        return SL_OK;
    for (size_t i = 0; i < breaks->n; i++) {
        const struct sl_break *b = &breaks->at[i]->public;
        if (concerns(b, view->stage)) {
            any = true;
            want |= mark_of(b->kind);
        }
    }
    if (!any)
        return SL_OK;
    bool ran = view->event != SL_PASS_FAILED && view->before != view->after;
    bool dropped = ran && view->before && view->before->n != view->after->n;
    if (ran && (want || dropped))
        sl_flags_find(&breaks->maps[view->stage], view->before, view->after, want, &best->flags);
    else if (ran)
        for (uint32_t i = 0; i < view->after->n; i++)
            best->flags.row[i] = (uint16_t)i;
    if (view->event == SL_PASS_SOURCE)
        look_at_rejects(breaks, view->rejects, best);
    int status = SL_OK;
    for (size_t i = 0; i < breaks->n && !status; i++)
        if (concerns(&breaks->at[i]->public, view->stage))
            status = look_at(breaks, i, view, best, err);
    return status;
}

void sl_best_merge(struct sl_break_best *a, const struct sl_break_best *b)
{
    for (size_t i = 0; i < SL_MAX_BREAKS; i++)
        a->hits[i] += b->hits[i];
    if (!b->found)
        return;
    int order = a->found ? sl_place_compare(&b->place, &a->place) : -1;
    if (a->found && a->backward)
        order = -order;
    if (order < 0) {
        a->place = b->place;
        a->which = 0;
        a->found = true;
    }
    if (order <= 0)
        a->which |= b->which;
}
