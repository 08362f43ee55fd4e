/* result.c: the figures at the end of a run: as JSON for people, as a blob to the bit for ourselves. */
#include "live.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

enum { CLASSES_MOST = 1 << 20 };

/* --- JSON --- */

static void put_number(struct sl_buf *out, const char *key, double x)
{
    sl_buf_printf(out, ",\"%s\":", key);
    if (isfinite(x))
        sl_buf_number(out, x);
    else
        sl_buf_puts(out, "null");
}

static void put_count(struct sl_buf *out, const char *key, uint64_t n)
{
    sl_buf_printf(out, ",\"%s\":%llu", key, (unsigned long long)n);
}

static void put_shares(struct sl_buf *out, const char *key, const double *x, uint32_t n)
{
    sl_buf_printf(out, ",\"%s\":[", key);
    for (uint32_t i = 0; x && i < n; i++) {
        sl_buf_puts(out, i ? "," : "");
        if (isfinite(x[i]))
            sl_buf_number(out, x[i]);
        else
            sl_buf_puts(out, "null");
    }
    sl_buf_putc(out, ']');
}

static void put_confusion(struct sl_buf *out, const struct sl_metrics *m)
{
    sl_buf_puts(out, ",\"confusion\":[");
    for (uint32_t i = 0; m->confusion && i < m->n_classes; i++) {
        sl_buf_puts(out, i ? ",[" : "[");
        for (uint32_t j = 0; j < m->n_classes; j++)
            sl_buf_printf(out, j ? ",%llu" : "%llu", (unsigned long long)m->confusion[(size_t)i * m->n_classes + j]);
        sl_buf_putc(out, ']');
    }
    sl_buf_putc(out, ']');
}

static void put_seconds(struct sl_buf *out, const struct sl_result *r)
{
    sl_buf_puts(out, ",\"seconds\":{");
    for (int phase = SL_PHASE_READ; phase <= SL_PHASE_TRAIN; phase++) {
        sl_buf_printf(out, "%s\"%s\":", phase > SL_PHASE_READ ? "," : "", sl_phase_name((enum sl_phase)phase));
        sl_buf_number(out, r->seconds[phase]);
    }
    sl_buf_puts(out, ",\"total\":");
    sl_buf_number(out, r->total_seconds);
    sl_buf_putc(out, '}');
}

static void put_fit(struct sl_buf *out, const char *set, const struct sl_fit_figures *f)
{
    char key[40];
    snprintf(key, sizeof key, "%smse", set);
    put_number(out, key, f->mse);
    snprintf(key, sizeof key, "%smae", set);
    put_number(out, key, f->mae);
    snprintf(key, sizeof key, "%sr2", set);
    put_number(out, key, f->r2);
}

/* What not every result has. */
static void put_more(struct sl_buf *out, const struct sl_result *r)
{
    if (r->have_validation && !r->regression) {
        put_number(out, "validation_accuracy", r->validation.accuracy);
        put_number(out, "validation_log_loss", r->validation.log_loss);
    }
    if (r->regression && r->have_test)
        put_fit(out, "", &r->fit_test);
    if (r->regression)
        put_fit(out, "train_", &r->fit_train);
    if (r->regression && r->have_validation)
        put_fit(out, "validation_", &r->fit_validation);
    if (r->n_validation)
        put_count(out, "n_validation", r->n_validation);
    if (r->epochs)
        put_count(out, "epochs", r->epochs);
    if (r->device[0]) {
        sl_buf_puts(out, ",\"device\":");
        sl_buf_json(out, sl_str(r->device));
    }
}

void sl_result_json(const struct sl_result *r, struct sl_buf *out)
{
    const struct sl_metrics *test = &r->test;
    double none = (double)NAN;
    bool classes = !r->regression;
    sl_buf_puts(out, "{\"event\":\"result\"");
    put_number(out, "accuracy", classes && r->have_test ? test->accuracy : none);
    put_number(out, "train_accuracy", classes ? r->train.accuracy : none);
    put_number(out, "log_loss", classes && r->have_test ? test->log_loss : none);
    put_number(out, "train_log_loss", classes ? r->train.log_loss : none);
    put_number(out, "roc_auc", classes && r->have_test ? test->roc_auc : none);
    put_more(out, r);
    put_confusion(out, test);
    sl_buf_puts(out, ",\"classes\":[");
    for (uint32_t k = 0; k < r->train.n_classes; k++) {
        sl_buf_puts(out, k ? "," : "");
        sl_buf_json(out, sl_str(r->classes[k]));
    }
    sl_buf_putc(out, ']');
    put_shares(out, "precision", test->precision, test->n_classes);
    put_shares(out, "recall", test->recall, test->n_classes);
    put_shares(out, "f1", test->f1, test->n_classes);
    put_count(out, "records", r->records);
    put_count(out, "quarantined", r->quarantined);
    put_count(out, "dropped", r->dropped);
    put_count(out, "n_train", r->n_train);
    put_count(out, "n_test", r->n_test);
    put_count(out, "features", r->n_features);
    put_count(out, "nonzeros", r->nonzeros);
    put_count(out, "steps", r->steps);
    sl_buf_printf(out, ",\"converged\":%s,\"test_head\":[", r->converged ? "true" : "false");
    for (size_t i = 0; i < r->n_test_head; i++)
        sl_buf_printf(out, i ? ",%llu" : "%llu", (unsigned long long)r->test_head[i]);
    sl_buf_printf(out, "],\"fingerprint\":\"%016llx\"", (unsigned long long)r->fingerprint);
    put_seconds(out, r);
    put_count(out, "cache_hits", r->cache_hits);
    put_count(out, "cache_misses", r->cache_misses);
    put_count(out, "peak_rss_bytes", r->peak_rss);
    sl_buf_putc(out, '}');
}

/* --- the blob --- */

#define MAGIC   0x31524c53u /* "SLR1": classes and no more */
#define MAGIC_2 0x32524c53u /* "SLR2": what save_more() writes behind */

static void save_metrics(const struct sl_metrics *m, struct sl_buf *to)
{
    sl_buf_u64(to, m->n);
    sl_buf_f64(to, m->accuracy);
    sl_buf_f64(to, m->log_loss);
    sl_buf_f64(to, m->roc_auc);
    for (size_t i = 0; i < (size_t)m->n_classes * m->n_classes; i++)
        sl_buf_u64(to, m->confusion[i]);
    for (uint32_t k = 0; k < m->n_classes; k++) {
        sl_buf_f64(to, m->precision[k]);
        sl_buf_f64(to, m->recall[k]);
        sl_buf_f64(to, m->f1[k]);
    }
}

static void save_fit(const struct sl_fit_figures *f, struct sl_buf *to)
{
    sl_buf_u64(to, f->n);
    sl_buf_f64(to, f->mse);
    sl_buf_f64(to, f->mae);
    sl_buf_f64(to, f->r2);
}

static void save_more(const struct sl_result *r, struct sl_buf *to)
{
    sl_buf_u32(to, r->regression);
    save_fit(&r->fit_train, to);
    save_fit(&r->fit_test, to);
    save_fit(&r->fit_validation, to);
    sl_buf_u64(to, r->n_validation);
    sl_buf_u64(to, r->epochs);
    sl_buf_blob(to, r->device, strlen(r->device));
    sl_buf_u32(to, r->have_validation && !r->regression);
    if (r->have_validation && !r->regression)
        save_metrics(&r->validation, to);
}

int result_save(const struct sl_result *r, struct sl_buf *to)
{
    sl_buf_u32(to, MAGIC_2);
    sl_buf_u32(to, r->train.n_classes);
    for (uint32_t k = 0; k < r->train.n_classes; k++)
        sl_buf_blob(to, r->classes[k], strlen(r->classes[k]));
    save_metrics(&r->train, to);
    sl_buf_u32(to, r->have_test);
    if (r->have_test)
        save_metrics(&r->test, to);
    const uint64_t counts[] = {
        r->records,     r->quarantined, r->dropped,  r->n_train,    r->n_test,    r->peak_rss,
        r->fingerprint, r->steps,       r->nonzeros, r->n_features, r->converged, r->n_test_head
    };
    for (size_t i = 0; i < sizeof counts / sizeof *counts; i++)
        sl_buf_u64(to, counts[i]);
    for (size_t i = 0; i < 8; i++)
        sl_buf_u64(to, r->test_head[i]);
    for (size_t i = 0; i <= SL_PHASE_DONE; i++)
        sl_buf_f64(to, r->seconds[i]);
    sl_buf_f64(to, r->total_seconds);
    save_more(r, to);
    return to->failed ? SL_ENOMEM : SL_OK;
}

static bool load_metrics(struct sl_blob *from, uint32_t n, struct sl_metrics *m)
{
    m->n_classes = n;
    m->confusion = calloc((size_t)n * n + 1, sizeof *m->confusion);
    m->precision = calloc((size_t)n + 1, sizeof *m->precision);
    m->recall = calloc((size_t)n + 1, sizeof *m->recall);
    m->f1 = calloc((size_t)n + 1, sizeof *m->f1);
    if (!m->confusion || !m->precision || !m->recall || !m->f1)
        return false;
    m->n = sl_blob_u64(from);
    m->accuracy = sl_blob_f64(from);
    m->log_loss = sl_blob_f64(from);
    m->roc_auc = sl_blob_f64(from);
    for (size_t i = 0; i < (size_t)n * n; i++)
        m->confusion[i] = sl_blob_u64(from);
    for (uint32_t k = 0; k < n; k++) {
        m->precision[k] = sl_blob_f64(from);
        m->recall[k] = sl_blob_f64(from);
        m->f1[k] = sl_blob_f64(from);
    }
    return !from->failed;
}

static void load_counts(struct sl_blob *from, struct sl_result *r)
{
    r->records = sl_blob_u64(from);
    r->quarantined = sl_blob_u64(from);
    r->dropped = sl_blob_u64(from);
    r->n_train = sl_blob_u64(from);
    r->n_test = sl_blob_u64(from);
    r->peak_rss = sl_blob_u64(from);
    r->fingerprint = sl_blob_u64(from);
    r->steps = sl_blob_u64(from);
    r->nonzeros = sl_blob_u64(from);
    r->n_features = (uint32_t)sl_blob_u64(from);
    r->converged = sl_blob_u64(from) != 0;
    uint64_t head = sl_blob_u64(from);
    r->n_test_head = head < 8 ? (size_t)head : 8;
    for (size_t i = 0; i < 8; i++)
        r->test_head[i] = sl_blob_u64(from);
    for (size_t i = 0; i <= SL_PHASE_DONE; i++)
        r->seconds[i] = sl_blob_f64(from);
    r->total_seconds = sl_blob_f64(from);
}

static void load_fit(struct sl_blob *from, struct sl_fit_figures *f)
{
    f->n = sl_blob_u64(from);
    f->mse = sl_blob_f64(from);
    f->mae = sl_blob_f64(from);
    f->r2 = sl_blob_f64(from);
}

static bool load_more(struct sl_blob *from, uint32_t n, struct sl_result *r)
{
    r->regression = sl_blob_u32(from) != 0;
    load_fit(from, &r->fit_train);
    load_fit(from, &r->fit_test);
    load_fit(from, &r->fit_validation);
    r->n_validation = sl_blob_u64(from);
    r->epochs = sl_blob_u64(from);
    struct sl_str device = sl_blob_bytes(from);
    if (from->failed || device.n >= sizeof r->device)
        return false;
    if (device.n)
        memcpy(r->device, device.p, device.n);
    r->have_validation = r->n_validation > 0;
    return sl_blob_u32(from) == 0 || load_metrics(from, n, &r->validation);
}

static bool load_classes(struct sl_blob *from, uint32_t n, struct sl_result *r)
{
    r->classes = calloc((size_t)n + 1, sizeof *r->classes);
    if (!r->classes)
        return false;
    for (uint32_t k = 0; k < n; k++) {
        struct sl_str name = sl_blob_bytes(from);
        if (from->failed || !(r->classes[k] = strndup(name.n ? name.p : "", name.n)))
            return false;
        r->train.n_classes = k + 1;
    }
    return true;
}

int result_load(struct sl_result **out, struct sl_str bytes, struct sl_error *err)
{
    struct sl_blob from = { bytes.p, bytes.p + bytes.n, false };
    struct sl_result *r = calloc(1, sizeof *r);
    if (!r)
        return sl_fail_memory(err, "the result");
    uint32_t magic = sl_blob_u32(&from);
    bool fine = magic == MAGIC || magic == MAGIC_2;
    uint32_t n = sl_blob_u32(&from);
    /* Each class takes its square of counts: more than the bytes can hold is a lie. */
    fine = fine && n <= CLASSES_MOST && (uint64_t)n * n <= bytes.n / 8 && load_classes(&from, n, r);
    fine = fine && load_metrics(&from, n, &r->train);
    r->have_test = fine && sl_blob_u32(&from) != 0;
    if (r->have_test)
        fine = load_metrics(&from, n, &r->test);
    if (fine)
        load_counts(&from, r);
    if (fine && magic == MAGIC_2)
        fine = load_more(&from, n, r);
    if (!fine || from.failed) {
        result_free(r);
        return sl_fail(err, SL_EFORMAT, "the saved result is damaged");
    }
    *out = r;
    return SL_OK;
}

void result_free(struct sl_result *r)
{
    if (!r)
        return;
    for (uint32_t k = 0; r->classes && k < r->train.n_classes; k++)
        free(r->classes[k]);
    free(r->classes);
    sl_metrics_release(&r->train);
    sl_metrics_release(&r->test);
    sl_metrics_release(&r->validation);
    free(r);
}
