/* batch_report.c: a result for people: tables that a screen reader and grep can follow too. */
#include "batch.h"

#include "sluice/text.h"

#include <math.h>
#include <stdio.h>

enum { CLASSES_SHOWN = 40, CONFUSION_SHOWN = 12, NAME_SHOWN = 24 };

const char *batch_phase(const struct sl_train_state *state)
{
    if (state->job != SL_JOB_PREPARING) {
        return sl_phase_name(SL_PHASE_TRAIN);
    }
    return sl_phase_name(state->phase == SL_PHASE_IDLE ? SL_PHASE_READ : state->phase);
}

static void heading(struct sl_buf *out, bool colour, const char *text)
{
    sl_buf_printf(out, colour ? "%s\033[1m%s\033[0m\n" : "%s%s\n", out->n ? "\n" : "", text);
}

/* Text cut or padded to `width` columns. */
static void column(struct sl_buf *out, const char *text, int width, bool right)
{
    size_t n = strlen(text), bytes = 0;
    int columns = 0;
    while (bytes < n) {
        size_t length;
        int w = sl_utf8_width(sl_utf8_decode(text + bytes, n - bytes, &length));
        w = w < 0 ? 1 : w;
        if (columns + w > width) {
            break;
        }
        columns += w;
        bytes += length;
    }
    if (right) {
        sl_buf_printf(out, "%*s", width - columns, "");
    }
    for (size_t i = 0; i < bytes; i++) {
        sl_buf_putc(out, (unsigned char)text[i] < 0x20 ? '?' : text[i]);
    }
    if (!right) {
        sl_buf_printf(out, "%*s", width - columns, "");
    }
}

static void figure(struct sl_buf *out, double x)
{
    if (isfinite(x)) {
        sl_buf_printf(out, "%10.4f", x);
    } else {
        sl_buf_printf(out, "%10s", "-");
    }
}

static double metric_of(const struct sl_metrics *m, int row)
{
    return row == 0 ? m->accuracy : row == 1 ? m->log_loss : m->roc_auc;
}

static double fit_of(const struct sl_fit_figures *fit, int row)
{
    return row == 0 ? fit->r2 : row == 1 ? sqrt(fit->mse) : fit->mae;
}

/* A row for each figure, a column for each set there is. */
static void metrics_table(const struct sl_result *r, bool colour, struct sl_buf *out)
{
    static const char *const of_classes[] = { "accuracy", "log loss", "ROC AUC" };
    static const char *const of_numbers[] = { "R2", "RMSE", "MAE" };
    const struct sl_metrics *metrics[] = { &r->train, &r->validation, &r->test };
    const struct sl_fit_figures *fits[] = { &r->fit_train, &r->fit_validation, &r->fit_test };
    static const char *const names[] = { "train", "validation", "test" };
    const bool have[] = { true, r->have_validation, r->have_test };
    sl_buf_printf(out, "%s%-10s", colour ? "\033[1m" : "", "");
    for (int s = 0; s < 3; s++) {
        if (have[s]) {
            sl_buf_printf(out, "%*s", s == 1 ? 12 : 10, names[s]);
        }
    }
    sl_buf_puts(out, colour ? "\033[0m\n" : "\n");
    for (int row = 0; row < 3; row++) {
        sl_buf_printf(out, "%-10s", r->regression ? of_numbers[row] : of_classes[row]);
        for (int s = 0; s < 3; s++) {
            sl_buf_puts(out, s == 1 && have[s] ? "  " : "");
            if (have[s]) {
                figure(out, r->regression ? fit_of(fits[s], row) : metric_of(metrics[s], row));
            }
        }
        sl_buf_putc(out, '\n');
    }
}

static int name_width(const struct sl_result *r, int least)
{
    int width = least;
    for (uint32_t k = 0; k < r->train.n_classes && k < CLASSES_SHOWN; k++) {
        int n = (int)sl_utf8_length(r->classes[k], strlen(r->classes[k]));
        width = n > width ? n : width;
    }
    return width > NAME_SHOWN ? NAME_SHOWN : width;
}

static void class_table(const struct sl_result *r, const struct sl_metrics *m, bool colour, struct sl_buf *out)
{
    int width = name_width(r, 10);
    heading(out, colour, r->have_test ? "By class, of the test records" : "By class, of the training records");
    sl_buf_printf(out, "%-*s%10s%10s%10s%10s\n", width, "class", "precision", "recall", "F1", "records");
    for (uint32_t k = 0; k < m->n_classes && k < CLASSES_SHOWN; k++) {
        uint64_t support = 0;
        for (uint32_t j = 0; j < m->n_classes; j++) {
            support += m->confusion[(size_t)k * m->n_classes + j];
        }
        column(out, r->classes[k], width, false);
        figure(out, m->precision[k]);
        figure(out, m->recall[k]);
        figure(out, m->f1[k]);
        sl_buf_printf(out, "%10llu\n", (unsigned long long)support);
    }
    if (m->n_classes > CLASSES_SHOWN) {
        sl_buf_printf(out, "and %u more; --json has them all\n", m->n_classes - CLASSES_SHOWN);
    }
}

static void confusion_table(const struct sl_result *r, const struct sl_metrics *m, bool colour, struct sl_buf *out)
{
    if (m->n_classes > CONFUSION_SHOWN) {
        return;
    }
    int width = name_width(r, 10), cell = name_width(r, 8) + 2;
    heading(out, colour, "Confusion: a row is what it is, a column what was predicted");
    sl_buf_printf(out, "%*s", width, "");
    for (uint32_t k = 0; k < m->n_classes; k++) {
        column(out, r->classes[k], cell - 2, true);
        sl_buf_puts(out, k + 1 < m->n_classes ? "  " : "");
    }
    sl_buf_putc(out, '\n');
    for (uint32_t k = 0; k < m->n_classes; k++) {
        column(out, r->classes[k], width, false);
        for (uint32_t j = 0; j < m->n_classes; j++) {
            sl_buf_printf(out, "%*llu", j ? cell : cell - 2,
                          (unsigned long long)m->confusion[(size_t)k * m->n_classes + j]);
        }
        sl_buf_putc(out, '\n');
    }
}

static void counted(struct sl_buf *out, const char *name, uint64_t n)
{
    sl_buf_printf(out, "%-12s", name);
    batch_count(out, n);
    sl_buf_putc(out, '\n');
}

static void costs(const struct sl_result *r, bool colour, struct sl_buf *out)
{
    heading(out, colour, "Records");
    counted(out, "read", r->records);
    counted(out, "quarantined", r->quarantined);
    counted(out, "dropped", r->dropped);
    if (r->train.n_classes || r->regression) {
        counted(out, "train", r->n_train);
        counted(out, "test", r->n_test);
        if (r->n_validation) {
            counted(out, "validation", r->n_validation);
        }
        counted(out, "features", r->n_features);
    }
    heading(out, colour, "Time and memory");
    for (int phase = SL_PHASE_READ; phase <= SL_PHASE_TRAIN; phase++) {
        if (r->seconds[phase] > 0) {
            sl_buf_printf(out, "%-12s", sl_phase_name((enum sl_phase)phase));
            batch_duration(out, r->seconds[phase]);
            if (phase == SL_PHASE_TRAIN) {
                sl_buf_printf(out, " in %llu steps%s", (unsigned long long)r->steps,
                              r->converged ? "" : ", not converged");
            }
            sl_buf_putc(out, '\n');
        }
    }
    sl_buf_printf(out, "%-12s", "total");
    batch_duration(out, r->total_seconds);
    sl_buf_printf(out, "\n%-12s", "peak memory");
    batch_bytes(out, (double)r->peak_rss);
    sl_buf_putc(out, '\n');
}

void batch_report_result(const struct sl_result *r, bool colour, struct sl_buf *out)
{
    if (r->regression) {
        metrics_table(r, colour, out);
    } else if (r->train.n_classes) {
        const struct sl_metrics *m = r->have_test ? &r->test : &r->train;
        metrics_table(r, colour, out);
        class_table(r, m, colour, out);
        confusion_table(r, m, colour, out);
    }
    costs(r, colour, out);
}
