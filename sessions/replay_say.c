/* replay_say.c: moments in words. */
#include "replay.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

static void put_count(struct sl_buf *out, double n)
{
    char digits[32];
    int length = snprintf(digits, sizeof digits, "%.0f", n);
    for (int i = 0; i < length; i++) {
        if (i && (length - i) % 3 == 0)
            sl_buf_putc(out, ',');
        sl_buf_putc(out, digits[i]);
    }
}

static void put_fact(struct sl_buf *out, const char *json, const char *key, const char *before, const char *behind)
{
    double x = replay_fact(json, key);
    if (!isfinite(x))
        return;
    sl_buf_puts(out, before);
    put_count(out, x);
    sl_buf_puts(out, behind);
}

/* "learning_rate" of "parameter":"learning_rate"; nothing when it is not plain text. */
static struct sl_str text_fact(const char *json, const char *key)
{
    char quoted[48];
    int n = snprintf(quoted, sizeof quoted, "\"%s\":\"", key);
    const char *at = strstr(json, quoted);
    size_t length = at ? strcspn(at + n, "\"\\") : 0;
    return (struct sl_str){ at ? at + n : "", length };
}

static void say_tuned(const char *json, struct sl_buf *out)
{
    struct sl_str name = text_fact(json, "parameter");
    double before = replay_fact(json, "before"), value = replay_fact(json, "value");
    sl_buf_add(out, name.p, name.n);
    if (isfinite(before))
        sl_buf_printf(out, " from %g", before);
    if (isfinite(value))
        sl_buf_printf(out, " to %g", value);
}

static void say_event(const char *kind, const char *json, uint64_t step, struct sl_buf *out)
{
    sl_buf_puts(out, kind);
    if (strcmp(kind, "prepared") == 0) {
        put_fact(out, json, "records", ": ", " records");
        put_fact(out, json, "n_train", ", ", " to train on");
        put_fact(out, json, "n_test", ", ", " to test on");
        return;
    }
    if (strcmp(kind, "tuned") == 0) {
        sl_buf_puts(out, ": ");
        say_tuned(json, out);
    } else if (strcmp(kind, "nonfinite") == 0) {
        put_fact(out, json, "total", ": ", " records gave no number");
    } else if (strcmp(kind, "duplicates") == 0) {
        put_fact(out, json, "across", ": ", " pictures across the split");
    }
    if (step || strcmp(kind, "training") != 0) {
        sl_buf_puts(out, " at step ");
        put_count(out, (double)step);
    }
}

static void say_point(const struct sl_point *p, bool best, struct sl_buf *out)
{
    double accuracy = isfinite(p->test_accuracy) ? p->test_accuracy : p->train_accuracy;
    sl_buf_puts(out, "step ");
    put_count(out, (double)p->step);
    if (isfinite(p->loss))
        sl_buf_printf(out, ", loss %.4f", p->loss);
    else
        sl_buf_puts(out, ", loss not a number");
    if (isfinite(accuracy))
        sl_buf_printf(out, ", accuracy %.4f", accuracy);
    sl_buf_puts(out, best ? ", the best" : "");
}

void sl_replay_describe(const struct sl_session *session, size_t i, struct sl_buf *out)
{
    struct sl_moment m;
    const struct replay *r = session->replay;
    if (!sl_replay_moment(session, i, &m))
        return;
    const struct stand *stand = &r->stands[r->moments[i].stand];
    if (m.kind == SL_MOMENT_OPENED) {
        sl_buf_puts(out, r->past[stand->past].id <= 1 ? "the session was made" : "opened again");
    } else if (m.kind == SL_MOMENT_LINE) {
        sl_buf_puts(out, m.text);
    } else if (m.kind == SL_MOMENT_EVENT) {
        const struct past *past = &r->past[stand->past];
        say_event(m.name, m.text, past->has_step ? past->step : m.step, out);
    } else {
        say_point(&r->points[r->runs[stand->run - 1].first + r->moments[i].index], m.best, out);
    }
}
