/* export_text.c: `export FILE what=recipe|metrics|points|predictions`. */
#include "live.h"
#include "output.h"

#include <math.h>
#include <stdlib.h>

static void put_real(struct sl_buf *out, double x)
{
    sl_buf_putc(out, ',');
    if (isfinite(x))
        sl_buf_number(out, x);
}

static void put_points(const struct sl_session *session, struct sl_buf *out)
{
    sl_buf_puts(out, "step,rows,loss,gradient_norm,train_accuracy,test_accuracy,test_loss,seconds,learning_rate\n");
    for (size_t i = 0; i < session->n_points; i++) {
        const struct sl_point *p = &session->points[i];
        sl_buf_printf(out, "%llu,%llu", (unsigned long long)p->step, (unsigned long long)p->rows);
        put_real(out, p->loss);
        put_real(out, p->gradient_norm);
        put_real(out, p->train_accuracy);
        put_real(out, p->test_accuracy);
        put_real(out, p->test_loss);
        put_real(out, p->seconds);
        put_real(out, p->learning_rate);
        sl_buf_putc(out, '\n');
    }
}

struct predicting {
    struct book *book;
    const struct sl_predict_options *options;
};

static int predict_all(void *ctx, struct sl_error *err)
{
    const struct predicting *p = ctx;
    return predict_book(p->book, p->options, NULL, err);
}

/* Files of all sources that are on; NULL-terminated, owned by the caller. */
static int list_files(const struct sl_session *session, const char ***out, struct sl_error *err)
{
    const struct recipe *now = history_now(&session->history);
    size_t n = 0, at = 0;
    for (size_t i = 0; i < now->n; i++)
        n += now->at[i].class->kind == SL_SOURCE && !now->at[i].off ? source_files(&now->at[i])->n : 0;
    if (!n)
        return sl_fail(err, SL_ESTATE, "nothing says what to read");
    const char **paths = calloc(n + 1, sizeof *paths);
    bool ok = paths != NULL;
    for (size_t i = 0; i < now->n && ok; i++) {
        bool source = now->at[i].class->kind == SL_SOURCE && !now->at[i].off;
        const struct sl_names *files = source ? source_files(&now->at[i]) : NULL;
        for (size_t k = 0; files && k < files->n && ok; k++)
            ok = (paths[at++] = path_join(session->base, files->name[k])) != NULL;
    }
    for (size_t i = 0; paths && !ok && i < at; i++)
        free((char *)(uintptr_t)paths[i]);
    if (!ok)
        free(paths);
    *out = ok ? paths : NULL;
    return ok ? SL_OK : sl_fail_memory(err, "an export");
}

/* What the fitted model says of each record of the present sources. */
static int put_predictions(struct sl_session *session, const char *path, struct sl_error *err)
{
    const char **paths = NULL;
    int status = list_files(session, &paths, err);
    if (status)
        return status;
    struct sl_progress *progress = calloc(1, sizeof *progress);
    struct sl_predict_options options = { .out = path,
                                          .paths = paths,
                                          .threads = session->options.threads,
                                          .memory = session->options.memory,
                                          .progress = progress };
    struct predicting predicting = { .book = session->book, .options = &options };
    if (!status && !progress)
        status = sl_fail_memory(err, "an export");
    if (!status)
        status = session_busy(session, progress, predict_all, &predicting, err);
    free(progress);
    for (size_t i = 0; paths[i]; i++)
        free((char *)(uintptr_t)paths[i]);
    free(paths);
    return status;
}

static int nothing_yet(struct sl_error *err)
{
    sl_fail(err, SL_ESTATE, "there is nothing to export yet: no training has been done");
    return sl_fix(err, "begin one with: train"), SL_ESTATE;
}

static int write_text(const char *path, struct sl_buf *text, struct sl_error *err)
{
    struct output output;
    if (text->failed)
        return sl_fail_memory(err, "an export");
    int status = output_open(&output, path, 1, err);
    return status ? status : output_close(&output, output_put(&output, 0, text, err), err);
}

int export_text(struct sl_session *session, const char *path, int what, struct sl_buf *reply, struct sl_error *err)
{
    struct sl_buf text = { 0 };
    int status = SL_OK;
    if (what == EXPORT_RECIPE) {
        sl_session_recipe_text(session, &text);
    } else if (what == EXPORT_POINTS && session->n_points) {
        put_points(session, &text);
    } else if (what == EXPORT_METRICS && session->result) {
        sl_result_json(session->result, &text);
        sl_buf_putc(&text, '\n');
    } else if (what == EXPORT_PREDICTIONS) {
        status = put_predictions(session, path, err);
    } else {
        status = nothing_yet(err);
    }
    if (!status && what != EXPORT_PREDICTIONS)
        status = write_text(path, &text, err);
    if (!status)
        sl_buf_printf(reply, "written to %s\n", path);
    sl_buf_release(&text);
    return status;
}
