/* drift_json.c: a drift report as one JSON object. Means come from sums in no fixed order: nine digits of them hold. */
#include "sluice/drift.h"

#include <math.h>

static void put_real(struct sl_buf *out, const char *key, double x)
{
    if (isfinite(x))
        sl_buf_printf(out, ",\"%s\":%.9g", key, x);
    else
        sl_buf_printf(out, ",\"%s\":null", key);
}

static void put_side(struct sl_buf *out, const char *key, const struct sl_drift_side *side)
{
    if (!side->type) {
        sl_buf_printf(out, ",\"%s\":null", key);
        return;
    }
    sl_buf_printf(out, ",\"%s\":{\"type\":\"%s\"", key, sl_type_name(side->type));
    put_real(out, "missing", side->missing);
    put_real(out, "mean", side->mean);
    put_real(out, "deviation", side->deviation);
    sl_buf_putc(out, '}');
}

static void put_count(struct sl_buf *out, const char *key, uint64_t n)
{
    sl_buf_printf(out, ",\"%s\":%llu", key, (unsigned long long)n);
}

void sl_drift_json(const struct sl_drift *d, struct sl_buf *out)
{
    sl_buf_printf(out, "{\"event\":\"drift\",\"same_bytes\":%s,\"before_known\":%s", d->same_bytes ? "true" : "false",
                  d->known ? "true" : "false");
    sl_buf_puts(out, ",\"why\":");
    sl_buf_json(out, sl_str(d->why));
    put_count(out, "records_before", d->records_before);
    put_count(out, "records_after", d->records_after);
    put_count(out, "quarantined_before", d->quarantined_before);
    put_count(out, "quarantined_after", d->quarantined_after);
    sl_buf_puts(out, ",\"columns\":[");
    for (size_t i = 0; i < d->n_columns; i++) {
        sl_buf_puts(out, i ? ",{\"name\":" : "{\"name\":");
        sl_buf_json(out, sl_str(d->columns[i].name));
        put_side(out, "before", &d->columns[i].before);
        put_side(out, "after", &d->columns[i].after);
        put_real(out, "shift", d->columns[i].shift);
        sl_buf_putc(out, '}');
    }
    sl_buf_puts(out, "],\"classes\":[");
    for (size_t i = 0; i < d->n_classes; i++) {
        sl_buf_puts(out, i ? ",{\"name\":" : "{\"name\":");
        sl_buf_json(out, sl_str(d->classes[i].name));
        put_count(out, "before", d->classes[i].before);
        put_count(out, "after", d->classes[i].after);
        sl_buf_putc(out, '}');
    }
    sl_buf_putc(out, ']');
    put_real(out, "chi_square", d->chi_square);
    put_real(out, "df", d->df);
    put_real(out, "p", d->p);
    sl_buf_puts(out, ",\"words\":[");
    for (size_t i = 0; i < d->n_words; i++) {
        const struct sl_drift_words *w = &d->words[i];
        sl_buf_puts(out, i ? ",{\"stage\":" : "{\"stage\":");
        sl_buf_json(out, sl_str(w->stage));
        sl_buf_puts(out, ",\"column\":");
        sl_buf_json(out, sl_str(w->column));
        put_count(out, "terms", w->terms);
        put_real(out, "unseen_before", w->before ? (double)w->before_unseen / (double)w->before : (double)NAN);
        put_real(out, "unseen_after", w->after ? (double)w->after_unseen / (double)w->after : (double)NAN);
        put_count(out, "words", w->after);
        put_count(out, "distinct", w->distinct);
        put_count(out, "distinct_unseen", w->distinct_unseen);
        sl_buf_putc(out, '}');
    }
    sl_buf_puts(out, "]}");
}
