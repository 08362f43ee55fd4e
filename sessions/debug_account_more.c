/* debug_account_more.c: breakpoints, watches and the model's view of a record, as lines of text. */
#include "debugger.h"

#include <math.h>
#include <stdlib.h>

void account_breaks(struct sl_session *session, struct sl_buf *out)
{
    size_t n = sl_debug_breaks(session);
    if (!n)
        sl_buf_puts(out, "no breakpoints\n");
    for (size_t i = 0; i < n; i++) {
        const struct sl_debug_break *b = sl_debug_break(session, i);
        sl_buf_printf(out, "breakpoint %zu  %s%s", i + 1, b->text, b->on ? "" : "  (off)");
        if (b->hits)
            sl_buf_printf(out, "  %llu hits", (unsigned long long)b->hits);
        if (b->problem)
            sl_buf_printf(out, "  does not fit: %s", b->problem);
        sl_buf_putc(out, '\n');
    }
}

void account_watches(struct sl_session *session, struct sl_buf *out)
{
    size_t n = sl_debug_watches(session);
    if (!n)
        sl_buf_puts(out, "no watches\n");
    for (size_t i = 0; i < n; i++) {
        long at = -1;
        const char *problem = NULL, *text = sl_debug_watch(session, i, &at, &problem);
        sl_buf_printf(out, "watch %zu  %s", i + 1, text);
        if (problem)
            sl_buf_printf(out, "  does not fit: %s", problem);
        sl_buf_putc(out, '\n');
    }
}

void account_value(const struct sl_value *value, size_t most, struct sl_buf *out)
{
    switch (value->kind) {
    case SL_MISSING: sl_buf_puts(out, "missing"); break;
    case SL_BOOLEAN: sl_buf_puts(out, value->number != 0 ? "true" : "false"); break;
    case SL_REALVALUE: sl_buf_printf(out, "%.6g", value->number); break;
    case SL_TEXTVALUE:
        sl_buf_putc(out, '"');
        account_clip(value->text, most, out);
        sl_buf_putc(out, '"');
        break;
    }
}

/* Its value after every stage that the record gets to; ~ where it is another than before. */
static void put_watch(struct sl_stepper *stepper, size_t k, size_t index, const char *text, struct sl_buf *out)
{
    const struct sl_step *here = sl_stepper_here(stepper);
    const char *before = "";
    sl_buf_printf(out, "  watch %zu  %s: ", k + 1, text);
    for (size_t s = 0; s < here->stages; s++) {
        struct sl_watch_value value;
        struct sl_error err = SL_ERROR_INIT;
        if (sl_stepper_watch_value(stepper, index, s, &value, &err)) {
            sl_buf_printf(out, "%s%s", before, err.what);
            break;
        }
        if (!value.there)
            continue;
        sl_buf_printf(out, "%s%s", before, value.changed ? "~" : "");
        account_value(&value.value, 40, out);
        before = " | ";
    }
    sl_buf_puts(out, *before ? "\n" : "not there\n");
}

void account_watch_values(struct sl_session *session, struct sl_buf *out)
{
    struct sl_stepper *stepper = NULL;
    if (sl_debug_stepper(session, &stepper, NULL))
        return;
    for (size_t i = 0; i < sl_debug_watches(session); i++) {
        long index = -1;
        const char *problem = NULL, *text = sl_debug_watch(session, i, &index, &problem);
        if (index >= 0)
            put_watch(stepper, i, (size_t)index, text, out);
        else
            sl_buf_printf(out, "  watch %zu  %s: does not fit: %s\n", i + 1, text, problem ? problem : "");
    }
}

/* --- the model --- */

static void put_pushes(const struct sl_look *look, bool towards, struct sl_buf *out)
{
    enum { MOST = 8 };
    size_t n = 0;
    sl_buf_printf(out, "  pushes %s %s:", towards ? "towards" : "away from", look->classes[look->predicted]);
    for (size_t i = 0; i < look->n_push && n < MOST; i++) {
        const struct sl_push *p = &look->push[i];
        if (towards ? !(p->push > 0) : !(p->push < 0))
            continue;
        sl_buf_puts(out, n++ ? ", " : " ");
        account_clip(p->name, 60, out);
        sl_buf_printf(out, " %+.4g", p->push);
    }
    sl_buf_puts(out, n ? "\n" : " none\n");
}

void account_model(const struct sl_look *look, struct sl_buf *out)
{
    bool known = look->truth < look->n_classes, judged = look->predicted < look->n_classes;
    sl_buf_puts(out, "  model: ");
    if (!judged) {
        sl_buf_puts(out, "a feature is missing, so there is no prediction\n");
        return;
    }
    sl_buf_printf(out, "%s", look->classes[look->predicted]);
    for (uint32_t k = 0; k < look->n_classes; k++)
        sl_buf_printf(out, "%s%s %.4f", k ? ", " : " (", look->classes[k], look->probability[k]);
    sl_buf_printf(out, "); in truth %s", known ? look->classes[look->truth] : "not known");
    if (known)
        sl_buf_printf(out, ", %s, log loss %.4f", look->truth == look->predicted ? "right" : "wrong", look->loss);
    sl_buf_printf(out, "\n  %zu features that are not zero\n", look->nonzeros);
    if (!look->linear)
        return;
    put_pushes(look, true, out);
    put_pushes(look, false, out);
    sl_buf_printf(out, "  intercept %+.4g\n", look->intercept);
}
