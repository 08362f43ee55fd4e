/* plain_train.c: `show train`, `show result`, `show weights`. */
#include "human.h"
#include "shell.h"

#include <math.h>

static void put_figure(struct sl_buf *out, const char *name, double x)
{
    if (isfinite(x)) {
        sl_buf_printf(out, ", %s %.4f", name, x);
    }
}

int plain_show_train(struct sl_session *session, const void *params, struct sl_buf *out, struct sl_error *err)
{
    (void)err;
    const struct plain_count *p = params;
    const struct sl_point *points = NULL;
    struct sl_train_state state;
    char text[1024];
    sl_session_train_state(session, &state);
    size_t n = sl_session_points(session, &points), first = n > (size_t)p->n ? n - (size_t)p->n : 0;
    sl_buf_printf(out, "%s", state.job == SL_JOB_NONE ? "not trained yet" : sl_job_name(state.job));
    if (state.job == SL_JOB_PREPARING || state.job == SL_JOB_TRAINING || state.job == SL_JOB_PAUSED) {
        sl_buf_printf(out, ", %s, %d %%", batch_phase(&state), (int)(state.fraction * 100));
        if (isfinite(state.eta)) {
            sl_buf_printf(out, ", ready in %s", human_time(state.eta, text, sizeof text));
        }
    }
    if (state.job == SL_JOB_FAILED) {
        sl_buf_printf(out, ": %s", sl_error_format(&state.error, text, sizeof text));
    }
    sl_buf_putc(out, '\n');
    for (size_t i = first; i < n; i++) {
        sl_buf_printf(out, "step %llu, loss %.6f", (unsigned long long)points[i].step, points[i].loss);
        put_figure(out, "train accuracy", points[i].train_accuracy);
        put_figure(out, "test accuracy", points[i].test_accuracy);
        put_figure(out, "test loss", points[i].test_loss);
        sl_buf_putc(out, '\n');
    }
    return SL_OK;
}

int plain_show_result(struct sl_session *session, const void *params, struct sl_buf *out, struct sl_error *err)
{
    (void)params;
    const struct sl_result *result = sl_session_result(session);
    if (!result) {
        sl_fail(err, SL_ESTATE, "no training is done yet");
        return sl_fix(err, "type: train");
    }
    batch_report_result(result, false, out);
    return SL_OK;
}

int plain_show_weights(struct sl_session *session, const void *params, struct sl_buf *out, struct sl_error *err)
{
    const struct plain_count *p = params;
    const struct sl_result *result = sl_session_result(session);
    uint32_t classes = result ? result->train.n_classes : 0, first = classes == 2 ? 1 : 0;
    bool any = false;
    for (uint32_t k = first; k < classes; k++) {
        for (int sign = 1; sign >= -1; sign -= 2) {
            sl_buf_printf(out, "%s %s:", sign > 0 ? "for" : "against", result->classes[k]);
            for (int i = 0; i < p->n; i++) {
                struct sl_buf name = { 0 };
                double weight;
                bool found = sl_session_weight(session, k, sign > 0 ? i : -1 - i, &name, &weight);
                if (found && weight * sign > 0) {
                    sl_buf_printf(out, "%s %s %.3f", i ? "," : "", name.p ? name.p : "?", weight);
                    any = true;
                }
                sl_buf_release(&name);
                if (!found) {
                    break;
                }
            }
            sl_buf_putc(out, '\n');
        }
    }
    if (any) {
        return SL_OK;
    }
    out->n = 0;
    sl_fail(err, SL_ESTATE, "there is no fitted linear model");
    return sl_fix(err, "type: train");
}
