/* debug_json.c: the place at hand as one JSON object, for programs; cells are given whole. */
#include "debugger.h"

#include <math.h>

static void put_text(struct sl_buf *out, const char *key, struct sl_str text)
{
    sl_buf_printf(out, ",\"%s\":", key);
    sl_buf_json(out, text);
}

static void put_cell(const struct sl_chunk *chunk, long column, const char *key, struct sl_buf *out)
{
    struct sl_buf cell = { 0 };
    sl_buf_printf(out, ",\"%s\":", key);
    if (!chunk || column < 0 || !sl_valid(&chunk->columns[column], 0)) {
        sl_buf_puts(out, "null");
        return;
    }
    if (chunk->schema->fields[column].type == SL_NUMBER) {
        sl_buf_number(out, chunk->columns[column].number[0]);
        return;
    }
    sl_cell_format(chunk, (size_t)column, 0, &cell);
    sl_buf_json(out, (struct sl_str){ cell.n ? cell.p : "", cell.n });
    out->failed = out->failed || cell.failed;
    sl_buf_release(&cell);
}

static void put_feature(const struct sl_feature_change *f, struct sl_buf *out)
{
    sl_buf_printf(out, "{\"index\":%u", f->index);
    put_text(out, "name", f->name);
    sl_buf_puts(out, ",\"before\":");
    if (isnan(f->before))
        sl_buf_puts(out, "null");
    else
        sl_buf_number(out, f->before);
    sl_buf_puts(out, ",\"after\":");
    if (isnan(f->after))
        sl_buf_puts(out, "null");
    else
        sl_buf_number(out, f->after);
    sl_buf_putc(out, '}');
}

static void put_change(const struct sl_step *step, const struct sl_change *c, struct sl_buf *out)
{
    sl_buf_puts(out, "{\"column\":");
    sl_buf_json(out, sl_str(c->name));
    if (step->sub && !step->sub->list) { /* inside: the text before this operation and after it */
        if (step->sub_before)
            put_text(out, "before", step->sub_before->text);
        else
            put_cell(step->before, c->before, "before", out);
        put_text(out, "after", step->sub->text);
    } else if (c->kind == SL_CHANGE_FEATURES) {
        sl_buf_puts(out, ",\"features\":[");
        for (size_t i = 0; i < c->n_features; i++) {
            sl_buf_puts(out, i ? "," : "");
            put_feature(&c->features[i], out);
        }
        sl_buf_putc(out, ']');
    } else {
        put_cell(step->before, c->before, "before", out);
        put_cell(step->after, c->after, "after", out);
    }
    sl_buf_putc(out, '}');
}

static void put_record(const struct sl_step *step, struct sl_buf *out)
{
    sl_buf_puts(out, ",\"columns\":{");
    for (size_t c = 0; step->after && c < step->after->schema->n; c++) {
        struct sl_buf cell = { 0 };
        sl_buf_puts(out, c ? "," : "");
        sl_buf_json(out, sl_str(step->after->schema->fields[c].name));
        put_cell(step->after, (long)c, "", &cell);
        if (cell.n > 4) /* behind ,"": */
            sl_buf_add(out, cell.p + 3, cell.n - 3);
        out->failed = out->failed || cell.failed;
        sl_buf_release(&cell);
    }
    sl_buf_putc(out, '}');
}

static void put_value(const struct sl_value *value, struct sl_buf *out)
{
    if (value->kind == SL_MISSING)
        sl_buf_puts(out, "null");
    else if (value->kind == SL_BOOLEAN)
        sl_buf_puts(out, value->number != 0 ? "true" : "false");
    else if (value->kind == SL_REALVALUE)
        sl_buf_number(out, value->number);
    else
        sl_buf_json(out, value->text);
}

static void put_watch(struct sl_stepper *stepper, long index, const char *text, struct sl_buf *out)
{
    const struct sl_step *here = sl_stepper_here(stepper);
    const char *between = "";
    sl_buf_puts(out, "{\"expression\":");
    sl_buf_json(out, sl_str(text));
    sl_buf_puts(out, ",\"values\":[");
    for (size_t s = 0; index >= 0 && s < here->stages; s++) {
        struct sl_watch_value value;
        if (sl_stepper_watch_value(stepper, (size_t)index, s, &value, NULL) || !value.there)
            continue;
        sl_buf_printf(out, "%s{\"stage\":%zu,\"changed\":%s,\"value\":", between, s + 1,
                      value.changed ? "true" : "false");
        put_value(&value.value, out);
        sl_buf_putc(out, '}');
        between = ",";
    }
    sl_buf_puts(out, "]}");
}

static void put_watches(struct sl_session *session, struct sl_stepper *stepper, struct sl_buf *out)
{
    size_t n = sl_debug_watches(session);
    sl_buf_puts(out, ",\"watches\":[");
    for (size_t i = 0; i < n; i++) {
        long index = -1;
        const char *text = sl_debug_watch(session, i, &index, NULL);
        sl_buf_puts(out, i ? "," : "");
        put_watch(stepper, index, text, out);
    }
    sl_buf_putc(out, ']');
}

int sl_debug_json(struct sl_session *session, struct sl_buf *out, struct sl_error *err)
{
    struct sl_debug_place place;
    struct sl_stepper *stepper = NULL;
    int status = sl_debug_place(session, &place, err);
    if (!status)
        status = sl_debug_stepper(session, &stepper, err);
    if (status)
        return status;
    const struct sl_step *step = place.step;
    sl_buf_puts(out, "{\"file\":");
    sl_buf_json(out, sl_str(step->file));
    sl_buf_printf(out, ",\"line\":%llu,\"record\":%llu,\"stage\":%u,\"operation\":%u",
                  (unsigned long long)step->origin.line, (unsigned long long)step->place.record, step->place.stage + 1,
                  step->place.substep);
    put_text(out, "statement", step->params);
    if (step->sub)
        put_text(out, "what", step->sub->what);
    sl_buf_puts(out, ",\"marks\":[");
    if (step->marks) {
        sl_buf_putc(out, '"');
        account_marks(step->marks, "\",\"", out);
        sl_buf_putc(out, '"');
    }
    sl_buf_puts(out, "],\"changes\":[");
    for (size_t i = 0; i < step->n_changes; i++) {
        sl_buf_puts(out, i ? "," : "");
        put_change(step, &step->changes[i], out);
    }
    sl_buf_putc(out, ']');
    put_record(step, out);
    if (step->marks & SL_MARK_ERROR)
        put_text(out, "error", sl_str(step->place.stage ? step->error.what : step->reject.reason));
    put_text(out, "explain", step->explain);
    put_watches(session, stepper, out);
    sl_buf_putc(out, '}');
    return out->failed ? sl_fail_memory(err, "telling of the place") : SL_OK;
}
