/* debug_account.c: the place at hand told in lines of text: where, what the stage did to the record, with what it took
 * out and put in marked as [-this-] and {+that+}, what it has learned that mattered, and the watches.
 *
 * Long texts are told by their changes alone, each with a little of what stands around. */
#include "debugger.h"

#include <math.h>
#include <stdlib.h>

enum { AROUND = 28, EDITS_MOST = 40, FEATURES_MOST = 12, CELL_MOST = 200, COLUMNS_MOST = 40 };

static bool inside_character(char c)
{
    return ((unsigned char)c & 0xc0) == 0x80;
}

static void put_printable(struct sl_str text, struct sl_buf *out)
{
    for (size_t i = 0; i < text.n; i++) {
        unsigned char c = (unsigned char)text.p[i];
        if (c == '\n')
            sl_buf_puts(out, "\\n");
        else if (c == '\t')
            sl_buf_puts(out, "\\t");
        else if (c < 32 || c == 127)
            sl_buf_printf(out, "\\x%02x", c);
        else
            sl_buf_putc(out, (char)c);
    }
}

void account_clip(struct sl_str text, size_t most, struct sl_buf *out)
{
    size_t n = text.n;
    if (n > most)
        for (n = most; n && inside_character(text.p[n]);)
            n--;
    put_printable((struct sl_str){ text.p, n }, out);
    if (n < text.n)
        sl_buf_printf(out, "… (%zu bytes)", text.n);
}

void account_marks(unsigned marks, const char *between, struct sl_buf *out)
{
    static const char *const names[] = { "changed",   "dropped", "missing", "empty",
                                         "nonfinite", "error",   "skipped", "undecided" };
    const char *before = "";
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (marks >> i & 1) {
            sl_buf_printf(out, "%s%s", before, names[i]);
            before = between;
        }
}

/* --- changes --- */

/* What two edits leave between them: whole, or its beginning and end. */
static void put_same(struct sl_str text, bool first, bool last, struct sl_buf *out)
{
    size_t head = first ? 0 : AROUND, tail = last ? 0 : AROUND;
    if (text.n <= head + tail + 8) {
        put_printable(text, out);
        return;
    }
    while (head && inside_character(text.p[head]))
        head--;
    size_t from = text.n - tail;
    while (from < text.n && inside_character(text.p[from]))
        from++;
    put_printable((struct sl_str){ text.p, head }, out);
    sl_buf_puts(out, "…");
    put_printable((struct sl_str){ text.p + from, text.n - from }, out);
}

static void put_edits(const struct sl_change *c, struct sl_str a, struct sl_str b, struct sl_buf *out)
{
    size_t at = 0, n = c->n_edits < EDITS_MOST ? c->n_edits : EDITS_MOST;
    for (size_t i = 0; i < n; i++) {
        const struct sl_text_edit *e = &c->edits[i];
        if (e->from + e->taken > a.n || e->to + e->put > b.n || e->from < at)
            return;
        put_same((struct sl_str){ a.p + at, e->from - at }, i == 0, false, out);
        if (e->taken) {
            sl_buf_puts(out, "[-");
            account_clip((struct sl_str){ a.p + e->from, e->taken }, CELL_MOST, out);
            sl_buf_puts(out, "-]");
        }
        if (e->put) {
            sl_buf_puts(out, "{+");
            account_clip((struct sl_str){ b.p + e->to, e->put }, CELL_MOST, out);
            sl_buf_puts(out, "+}");
        }
        at = e->from + e->taken;
    }
    if (n < c->n_edits)
        sl_buf_printf(out, "… and %zu more changes", c->n_edits - n);
    else
        put_same((struct sl_str){ a.p + at, a.n - at }, false, true, out);
}

static struct sl_str cell_text(const struct sl_chunk *chunk, long column)
{
    bool text = chunk && column >= 0 && chunk->schema->fields[column].type == SL_TEXT &&
                sl_valid(&chunk->columns[column], 0);
    return text ? chunk->columns[column].text[0] : SL_STR("");
}

static void put_number(double x, bool missing, struct sl_buf *out)
{
    if (missing || isnan(x))
        sl_buf_puts(out, "missing");
    else
        sl_buf_printf(out, "%.6g", x);
}

static int by_size(const void *a, const void *b)
{
    const struct sl_feature_change *const *x = a, *const *y = b;
    double p = fabs(isnan((*x)->after) ? (*x)->before : (*x)->after);
    double q = fabs(isnan((*y)->after) ? (*y)->before : (*y)->after);
    if (p != q)
        return p < q ? 1 : -1;
    return ((*x)->index > (*y)->index) - ((*x)->index < (*y)->index);
}

/* The heaviest first. */
static void put_features(const struct sl_change *c, struct sl_buf *out)
{
    const struct sl_feature_change **order = malloc((c->n_features + 1) * sizeof *order);
    size_t n = c->n_features < FEATURES_MOST ? c->n_features : FEATURES_MOST;
    for (size_t i = 0; order && i < c->n_features; i++)
        order[i] = &c->features[i];
    if (order)
        qsort(order, c->n_features, sizeof *order, by_size);
    sl_buf_printf(out, "%zu features:", c->n_features);
    for (size_t i = 0; order && i < n; i++) {
        const struct sl_feature_change *f = order[i];
        sl_buf_printf(out, "%s %s", i ? "," : "", isnan(f->before) ? "+" : isnan(f->after) ? "-" : "");
        account_clip(f->name, 60, out);
        if (!f->name.n)
            sl_buf_printf(out, "#%u", f->index);
        if (!isnan(f->before) && !isnan(f->after))
            sl_buf_printf(out, " %.4g → %.4g", f->before, f->after);
        else
            sl_buf_printf(out, " %.4g", isnan(f->after) ? f->before : f->after);
    }
    if (n < c->n_features)
        sl_buf_printf(out, " … and %zu more", c->n_features - n);
    free(order);
}

static void put_cell(const struct sl_chunk *chunk, long column, struct sl_buf *out)
{
    struct sl_buf cell = { 0 };
    if (!chunk || column < 0 || !sl_valid(&chunk->columns[column], 0)) {
        sl_buf_puts(out, "missing");
        return;
    }
    sl_cell_brief(chunk, (size_t)column, 0, &cell);
    account_clip((struct sl_str){ cell.n ? cell.p : "", cell.n }, CELL_MOST, out);
    sl_buf_release(&cell);
}

static void put_change(const struct sl_step *step, const struct sl_change *c, struct sl_buf *out)
{
    struct sl_str a = cell_text(step->before, c->before), b = cell_text(step->after, c->after);
    if (step->sub) {
        a = step->sub_before ? step->sub_before->text : a;
        b = step->sub->text;
    }
    sl_buf_printf(out, "  %s: ", c->name);
    switch (c->kind) {
    case SL_CHANGE_TEXT:
        if (c->is_missing && !step->sub)
            sl_buf_puts(out, "becomes missing; was ");
        if (c->was_missing && !step->sub)
            sl_buf_puts(out, "was missing; ");
        put_edits(c, a, b, out);
        break;
    case SL_CHANGE_NUMBER:
        put_number(c->from, c->was_missing, out);
        sl_buf_puts(out, " → ");
        put_number(c->to, c->is_missing, out);
        break;
    case SL_CHANGE_FEATURES: put_features(c, out); break;
    case SL_CHANGE_ADDED:
        sl_buf_puts(out, "added: ");
        put_cell(step->after, c->after, out);
        break;
    case SL_CHANGE_REMOVED: sl_buf_puts(out, "taken out"); break;
    case SL_CHANGE_OTHER: sl_buf_puts(out, "changed"); break;
    }
    sl_buf_putc(out, '\n');
}

static void put_terms(const struct sl_substep *sub, struct sl_buf *out)
{
    enum { TERMS_MOST = 40 };
    sl_buf_printf(out, "  %zu terms:", sub->n_items);
    for (size_t i = 0; i < sub->n_items && i < TERMS_MOST; i++) {
        sl_buf_puts(out, i ? ", " : " ");
        account_clip(sub->items[i].term, 60, out);
        if (!isnan(sub->items[i].value))
            sl_buf_printf(out, " %.4g", sub->items[i].value);
    }
    sl_buf_puts(out, sub->n_items > TERMS_MOST ? " …\n" : "\n");
}

/* --- the place --- */

static void put_head(const struct sl_debug_place *place, struct sl_buf *out)
{
    const struct sl_step *step = place->step;
    static const char *const roles[] = { ", train", ", test", ", validation" };
    sl_buf_printf(out, "%s:%llu  record %llu%s", step->file, (unsigned long long)step->origin.line,
                  (unsigned long long)step->place.record, step->role >= 0 && step->role < 3 ? roles[step->role] : "");
    if (place->at_model)
        return;
    sl_buf_printf(out, "  stage %u of %u  ", step->place.stage + 1, step->stages);
    sl_buf_add(out, step->params.p, step->params.n);
    if (step->place.substep) {
        sl_buf_printf(out, "  operation %u of %u: ", step->place.substep, step->substeps);
        account_clip(step->sub ? step->sub->what : SL_STR(""), 120, out);
    } else if (step->marks) {
        sl_buf_puts(out, "  (");
        account_marks(step->marks, ", ", out);
        sl_buf_putc(out, ')');
    }
}

static void put_source(const struct sl_step *step, struct sl_buf *out)
{
    for (size_t c = 0; step->after && c < step->after->schema->n && c < COLUMNS_MOST; c++) {
        sl_buf_printf(out, "  %s = ", step->after->schema->fields[c].name);
        put_cell(step->after, (long)c, out);
        sl_buf_putc(out, '\n');
    }
}

static void put_what(const struct sl_step *step, struct sl_buf *out)
{
    if (step->marks & SL_MARK_ERROR)
        sl_buf_printf(out, "  %s\n", step->place.stage ? step->error.what : step->reject.reason);
    else if (!step->place.stage)
        put_source(step, out);
    else if (step->sub && step->sub->list)
        put_terms(step->sub, out);
    else if (step->marks & SL_MARK_DROPPED)
        sl_buf_puts(out, "  the record ends here\n");
    else if (step->marks & SL_MARK_SKIPPED)
        sl_buf_puts(out, "  it does nothing to a single record, or has learned nothing yet\n");
    else if (step->marks & SL_MARK_UNDECIDED)
        sl_buf_puts(out, "  whether it drops the record depends on the records before\n");
    else if (!step->n_changes)
        sl_buf_puts(out, "  nothing changed\n");
    for (size_t i = 0; i < step->n_changes && !(step->sub && step->sub->list); i++)
        put_change(step, &step->changes[i], out);
    for (size_t at = 0; at < step->explain.n && !step->sub;) {
        const char *line = step->explain.p + at, *end = memchr(line, '\n', step->explain.n - at);
        size_t n = end ? (size_t)(end - line) : step->explain.n - at;
        sl_buf_puts(out, "    ");
        account_clip((struct sl_str){ line, n }, 300, out);
        sl_buf_putc(out, '\n');
        at += n + 1;
    }
}

int sl_debug_account(struct sl_session *session, struct sl_buf *out, struct sl_error *err)
{
    struct sl_debug_place place;
    int status = sl_debug_place(session, &place, err);
    if (status)
        return status;
    put_head(&place, out);
    sl_buf_putc(out, '\n');
    if (place.at_model && place.look)
        account_model(place.look, out);
    else
        put_what(place.step, out);
    account_watch_values(session, out);
    return out->failed ? sl_fail_memory(err, "telling of the place") : SL_OK;
}
