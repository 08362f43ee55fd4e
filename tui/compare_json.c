/* compare_json.c: a comparison as JSON, one object a line; what is not known is null. */
#include "compare_report.h"

#include <math.h>
#include <stdlib.h>

enum { SKETCH = 64 };

static void put_real(struct sl_buf *out, double x)
{
    if (isfinite(x)) {
        sl_buf_number(out, x);
    } else {
        sl_buf_puts(out, "null");
    }
}

static void put_key(struct sl_buf *out, const char *key, double x)
{
    sl_buf_printf(out, ",\"%s\":", key);
    put_real(out, x);
}

static void put_text(struct sl_buf *out, const char *key, const char *text)
{
    sl_buf_printf(out, ",\"%s\":", key);
    if (text) {
        sl_buf_json(out, sl_str(text));
    } else {
        sl_buf_puts(out, "null");
    }
}

void compare_json_runs(const struct sl_comparison *comparison, enum sl_metric metric, const size_t *order,
                       struct sl_buf *out)
{
    for (size_t i = 0; i < comparison->n; i++) {
        const struct sl_compared *run = &comparison->runs[order[i]];
        struct sl_summary s;
        double sketch[SKETCH];
        size_t width = run->n_points < SKETCH ? run->n_points : SKETCH;
        char *seed = sl_compared_seed(run);
        sl_compared_summary(run, metric, &s);
        sl_compared_sketch(run, metric, sketch, width);
        sl_buf_puts(out, "{\"event\":\"run\"");
        put_text(out, "run", run->label);
        put_text(out, "session", run->path);
        put_text(out, "state", sl_job_name(run->job));
        put_text(out, "seeds", seed);
        put_text(out, "metric", sl_metric_names[metric]);
        put_key(out, "steps", (double)s.steps);
        put_key(out, "last", s.last);
        put_key(out, "best", s.best);
        put_key(out, "best_step", isnan(s.best) ? (double)NAN : (double)s.best_step);
        put_key(out, "seconds", s.seconds);
        sl_buf_puts(out, ",\"sketch\":[");
        for (size_t k = 0; k < width; k++) {
            sl_buf_puts(out, k ? "," : "");
            put_real(out, sketch[k]);
        }
        sl_buf_puts(out, "]}\n");
        free(seed);
    }
}

int compare_json_groups(const struct sl_comparison *comparison, const struct sl_group *groups, size_t n,
                        enum sl_metric metric, struct sl_buf *out, struct sl_error *err)
{
    for (size_t g = 0; g < n; g++) {
        struct sl_band *band = NULL;
        size_t steps = 0;
        if (groups[g].n < 2) {
            continue;
        }
        int status = sl_group_band(comparison, &groups[g], metric, &band, &steps, err);
        if (status) {
            return status;
        }
        sl_buf_puts(out, "{\"event\":\"group\",\"runs\":[");
        for (size_t i = 0; i < groups[g].n; i++) {
            sl_buf_puts(out, i ? "," : "");
            sl_buf_json(out, sl_str(comparison->runs[groups[g].member[i]].label));
        }
        sl_buf_putc(out, ']');
        put_text(out, "metric", sl_metric_names[metric]);
        sl_buf_puts(out, ",\"band\":[");
        for (size_t i = 0; i < steps; i++) {
            sl_buf_printf(out, "%s{\"step\":%llu,\"n\":%u", i ? "," : "", (unsigned long long)band[i].step, band[i].n);
            put_key(out, "mean", band[i].mean);
            put_key(out, "sd", band[i].sd);
            sl_buf_putc(out, '}');
        }
        sl_buf_puts(out, "]}\n");
        free(band);
    }
    return SL_OK;
}

void compare_json_differences(const struct sl_differences *d, struct sl_buf *out)
{
    for (size_t i = 0; i < d->n; i++) {
        sl_buf_puts(out, "{\"event\":\"difference\"");
        put_text(out, "kind", sl_difference_names[d->at[i].kind]);
        put_text(out, "name", d->at[i].name);
        put_text(out, "first", d->at[i].first);
        put_text(out, "second", d->at[i].second);
        sl_buf_puts(out, "}\n");
    }
}

void compare_json_judgement(const struct sl_judgement *j, const char *first, const char *second, struct sl_buf *out)
{
    static const char *const verdicts[] = { "cannot tell", "first", "second" };
    sl_buf_puts(out, "{\"event\":\"judgement\"");
    put_text(out, "first", first);
    put_text(out, "second", second);
    put_text(out, "better", verdicts[j->verdict]);
    put_text(out, "test", j->test[0] ? j->test : NULL);
    put_key(out, "p", j->p);
    put_key(out, "difference", j->difference);
    put_key(out, "pairs", (double)j->pairs);
    put_text(out, "reason", j->reason);
    sl_buf_puts(out, "}\n");
}
