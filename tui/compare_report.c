/* compare_report.c: a comparison as tables of text. */
#include "compare_report.h"

#include "batch.h"
#include "screen.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

enum { NAME_MOST = 32, SKETCH = 16 };

const char *const compare_sort_names[COMPARE_SORTS + 1] = { "given", "name", "last", "best", "step", "time", NULL };

struct sorting {
    const struct sl_comparison *comparison;
    enum sl_metric metric;
    enum compare_sort sort;
};

static double sort_value(const struct sorting *s, size_t i)
{
    struct sl_summary summary;
    sl_compared_summary(&s->comparison->runs[i], s->metric, &summary);
    double sign = sl_metric_rises(s->metric) ? -1 : 1;
    switch (s->sort) {
    case COMPARE_LAST: return sign * summary.last;
    case COMPARE_BEST: return sign * summary.best;
    case COMPARE_STEP: return isnan(summary.best) ? (double)NAN : (double)summary.best_step;
    case COMPARE_TIME: return summary.seconds;
    default: return 0;
    }
}

static int compare_two(const void *a, const void *b, void *ctx)
{
    const struct sorting *s = ctx;
    size_t i = *(const size_t *)a, k = *(const size_t *)b;
    int order = 0;
    if (s->sort == COMPARE_NAME) {
        order = strcmp(s->comparison->runs[i].label, s->comparison->runs[k].label);
    } else if (s->sort != COMPARE_GIVEN) {
        double x = sort_value(s, i), y = sort_value(s, k);
        order = isnan(x) || isnan(y) ? isnan(x) - isnan(y) : (x > y) - (x < y);
    }
    return order ? order : (i > k) - (i < k);
}

void compare_order(const struct sl_comparison *comparison, enum sl_metric metric, enum compare_sort sort, size_t *order)
{
    struct sorting s = { comparison, metric, sort };
    for (size_t i = 0; i < comparison->n; i++) {
        order[i] = i;
    }
    qsort_r(order, comparison->n, sizeof *order, compare_two, &s);
}

void compare_sparkline(const struct sl_compared *run, enum sl_metric metric, size_t width, bool utf8,
                       struct sl_buf *out)
{
    static const char *const blocks[] = { "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█" };
    static const char *const marks[] = { "_", ".", ",", "-", "~", "=", "^", "#" };
    double value[64], low = (double)INFINITY, high = -(double)INFINITY;
    size_t n = width < 64 ? width : 64;
    n = run->n_points < n ? run->n_points : n;
    sl_compared_sketch(run, metric, value, n);
    for (size_t i = 0; i < n; i++) {
        low = value[i] < low ? value[i] : low;
        high = value[i] > high ? value[i] : high;
    }
    for (size_t i = 0; i < width; i++) {
        if (i >= n || isnan(value[i])) {
            sl_buf_putc(out, ' ');
            continue;
        }
        int level = high > low ? (int)((value[i] - low) / (high - low) * 7.999) : 3;
        sl_buf_puts(out, utf8 ? blocks[level] : marks[level]);
    }
}

void compare_figure(double value, char out[24])
{
    if (!isfinite(value)) {
        snprintf(out, 24, "-");
    } else if (value == 0 || (fabs(value) >= 1e-3 && fabs(value) < 1e4)) {
        snprintf(out, 24, fabs(value) < 100 ? "%.4f" : "%.1f", value);
    } else {
        snprintf(out, 24, "%.2e", value);
    }
}

/* A name on one line, at most `most` columns; control characters shown as '?'. Returns its columns. */
static int put_name(const char *name, int most, struct sl_buf *out)
{
    struct sl_buf clean = { 0 };
    for (const char *p = name; *p; p++) {
        sl_buf_putc(&clean, (unsigned char)*p < 0x20 || *p == 0x7f ? '?' : *p);
    }
    struct sl_str text = { clean.p, clean.n };
    int width = screen_width(text);
    while (width > most && text.n) { /* whole characters off its end */
        do {
            text.n--;
        } while (text.n && ((unsigned char)text.p[text.n] & 0xc0) == 0x80);
        width = screen_width(text);
    }
    sl_buf_add(out, text.p, text.n);
    sl_buf_release(&clean);
    return width;
}

static void put_padded(const char *name, int width, struct sl_buf *out)
{
    int used = put_name(name, width, out);
    sl_buf_printf(out, "%*s", width - used, "");
}

static int names_width(const struct sl_comparison *comparison)
{
    int width = 4;
    for (size_t i = 0; i < comparison->n; i++) {
        int w = screen_width(sl_str(comparison->runs[i].label));
        width = w > width ? w : width;
    }
    return width > NAME_MOST ? NAME_MOST : width;
}

void compare_report_runs(const struct sl_comparison *comparison, enum sl_metric metric, const size_t *order, bool utf8,
                         bool colour, struct sl_buf *out)
{
    int width = names_width(comparison);
    sl_buf_printf(out, "%s%-*s  %-11s  %6s  %9s  %9s  %6s  %9s  %-*s  %s%s\n", colour ? "\033[1m" : "", width, "run",
                  "state", "steps", "last", "best", "at", "time", SKETCH, sl_metric_names[metric], "seeds",
                  colour ? "\033[0m" : "");
    for (size_t i = 0; i < comparison->n; i++) {
        const struct sl_compared *run = &comparison->runs[order[i]];
        struct sl_summary s;
        struct sl_buf duration = { 0 };
        char last[24], best[24], at[24] = "-", *seed = sl_compared_seed(run);
        sl_compared_summary(run, metric, &s);
        compare_figure(s.last, last);
        compare_figure(s.best, best);
        if (!isnan(s.best)) {
            snprintf(at, sizeof at, "%llu", (unsigned long long)s.best_step);
        }
        if (isfinite(s.seconds)) {
            batch_duration(&duration, s.seconds);
        }
        put_padded(run->label, width, out);
        sl_buf_printf(out, "  %-11s  %6llu  %9s  %9s  %6s  %9s  ", sl_job_name(run->job), (unsigned long long)s.steps,
                      last, best, at, duration.p ? duration.p : "-");
        compare_sparkline(run, metric, SKETCH, utf8, out);
        sl_buf_puts(out, "  ");
        put_name(seed && *seed ? seed : "-", 60, out);
        sl_buf_putc(out, '\n');
        sl_buf_release(&duration);
        free(seed);
    }
}

void compare_group_name(const struct sl_comparison *comparison, const struct sl_group *group, bool utf8,
                        struct sl_buf *out)
{
    put_name(comparison->runs[group->member[0]].label, NAME_MOST, out);
    if (group->n > 1) {
        sl_buf_printf(out, utf8 ? " ×%zu" : " x%zu", group->n);
    }
}

/* Mean and deviation of the members' last values. */
static void last_of_group(const struct sl_comparison *comparison, const struct sl_group *group, enum sl_metric metric,
                          double *mean, double *sd, size_t *n)
{
    double sum = 0, squares = 0;
    *n = 0;
    for (int pass = 0; pass < 2; pass++) {
        for (size_t i = 0; i < group->n; i++) {
            struct sl_summary s;
            sl_compared_summary(&comparison->runs[group->member[i]], metric, &s);
            if (isnan(s.last)) {
                continue;
            }
            *n += pass == 0;
            sum += pass == 0 ? s.last : 0;
            squares += pass == 1 ? (s.last - *mean) * (s.last - *mean) : 0;
        }
        *mean = *n ? sum / (double)*n : (double)NAN;
    }
    *sd = *n > 1 ? sqrt(squares / (double)(*n - 1)) : (double)NAN;
}

void compare_report_groups(const struct sl_comparison *comparison, const struct sl_group *groups, size_t n,
                           enum sl_metric metric, bool utf8, struct sl_buf *out)
{
    bool any = false;
    for (size_t g = 0; g < n; g++) {
        double mean, sd;
        size_t members;
        char m[24], s[24];
        if (groups[g].n < 2) {
            continue;
        }
        sl_buf_puts(out, any ? "" : "\n");
        any = true;
        last_of_group(comparison, &groups[g], metric, &mean, &sd, &members);
        compare_figure(mean, m);
        compare_figure(sd, s);
        compare_group_name(comparison, &groups[g], utf8, out);
        sl_buf_printf(out,
                      utf8 ? ": the same but for the seeds; last %s %s ± %s (%zu)\n"
                           : ": the same but for the seeds; last %s %s +- %s (%zu)\n",
                      sl_metric_names[metric], m, s, members);
    }
}

void compare_sentence(const struct sl_judgement *j, const char *first, const char *second, struct sl_buf *out)
{
    if (j->verdict == SL_CANNOT_TELL) {
        sl_buf_printf(out, "cannot tell whether %s is better than %s: ", second, first);
    } else {
        sl_buf_printf(out, "%s is better than %s: ", j->verdict == SL_SECOND_BETTER ? second : first,
                      j->verdict == SL_SECOND_BETTER ? first : second);
    }
    if (j->test[0]) {
        sl_buf_printf(out, "p = %.3g (%s; %s)\n", j->p, j->test, j->reason);
    } else {
        sl_buf_printf(out, "%s\n", j->reason);
    }
}

/* A value on one line. */
static void put_value(const char *prefix, const char *value, struct sl_buf *out)
{
    sl_buf_puts(out, prefix);
    put_name(value, 4096, out);
}

void compare_report_differences(const struct sl_differences *d, bool colour, struct sl_buf *out)
{
    const char *red = colour ? "\033[31m" : "", *green = colour ? "\033[32m" : "", *plain = colour ? "\033[0m" : "";
    if (!d->n) {
        sl_buf_puts(out, "\nnothing differs but the times\n");
    }
    for (size_t i = 0; i < d->n; i++) {
        const struct sl_difference *row = &d->at[i];
        if (i == 0 || d->at[i - 1].kind != row->kind) {
            sl_buf_printf(out, "\n%s%s\n", sl_difference_names[row->kind],
                          row->kind == SL_DIFFERENT_PARAMETER ? "s" : "");
        }
        if (row->kind == SL_DIFFERENT_RECIPE) {
            sl_buf_puts(out, row->first ? red : green);
            put_value(row->first ? "  - " : "  + ", row->first ? row->first : row->second, out);
            sl_buf_printf(out, "%s\n", plain);
            continue;
        }
        sl_buf_puts(out, "  ");
        put_padded(row->name, 24, out);
        put_value(" ", row->first && *row->first ? row->first : "-", out);
        put_value("  ->  ", row->second && *row->second ? row->second : "-", out);
        sl_buf_putc(out, '\n');
    }
}
