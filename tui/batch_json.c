/* batch_json.c: the events of sluice run --json, one object a line. The result's own object is the session's. */
#include "batch.h"

#include <math.h>

static void number(struct sl_buf *out, const char *key, double x)
{
    sl_buf_printf(out, ",\"%s\":", key);
    if (isfinite(x)) {
        sl_buf_number(out, x);
    } else {
        sl_buf_puts(out, "null");
    }
}

void batch_json_progress(const struct sl_train_state *state, struct sl_buf *out)
{
    sl_buf_puts(out, "{\"event\":\"progress\",\"phase\":");
    sl_buf_json(out, sl_str(batch_phase(state)));
    number(out, "fraction", state->fraction);
    number(out, "records_per_second", state->rows_per_second);
    number(out, "eta", state->eta);
    sl_buf_printf(out, ",\"step\":%llu}\n", (unsigned long long)state->step);
}

void batch_json_point(const struct sl_point *point, struct sl_buf *out)
{
    sl_buf_printf(out, "{\"event\":\"metric\",\"step\":%llu,\"rows\":%llu", (unsigned long long)point->step,
                  (unsigned long long)point->rows);
    number(out, "loss", point->loss);
    number(out, "gradient_norm", point->gradient_norm);
    number(out, "train_accuracy", point->train_accuracy);
    number(out, "test_accuracy", point->test_accuracy);
    number(out, "test_loss", point->test_loss);
    if (point->learning_rate > 0) { /* others have none */
        number(out, "learning_rate", point->learning_rate);
    }
    number(out, "seconds", point->seconds);
    sl_buf_puts(out, "}\n");
}

void batch_json_epoch(const struct sl_epoch *epoch, struct sl_buf *out)
{
    sl_buf_printf(out, "{\"event\":\"epoch\",\"epoch\":%llu,\"step\":%llu", (unsigned long long)epoch->epoch,
                  (unsigned long long)epoch->step);
    number(out, "loss", epoch->loss);
    number(out, "accuracy", epoch->accuracy);
    number(out, "val_loss", epoch->val_loss);
    number(out, "val_accuracy", epoch->val_accuracy);
    number(out, "learning_rate", epoch->learning_rate);
    number(out, "seconds", epoch->seconds);
    number(out, "rows_per_second", epoch->rows_per_second);
    number(out, "wait_share", epoch->wait_share);
    sl_buf_printf(out, ",\"best\":%s}\n", epoch->best ? "true" : "false");
}

static void text(struct sl_buf *out, const char *key, const char *value)
{
    if (value[0]) {
        sl_buf_printf(out, ",\"%s\":", key);
        sl_buf_json(out, sl_str(value));
    }
}

void batch_json_error(const struct sl_error *err, struct sl_buf *out)
{
    sl_buf_puts(out, "{\"event\":\"error\",\"message\":");
    sl_buf_json(out, sl_str(err->what));
    text(out, "fix", err->fix);
    text(out, "file", err->file);
    if (err->line) {
        sl_buf_printf(out, ",\"line\":%llu", (unsigned long long)err->line);
    }
    if (err->column) {
        sl_buf_printf(out, ",\"column\":%llu", (unsigned long long)err->column);
    }
    if (err->byte != UINT64_MAX) {
        sl_buf_printf(out, ",\"byte\":%llu", (unsigned long long)err->byte);
    }
    text(out, "stage", err->stage);
    text(out, "parameter", err->param);
    sl_buf_printf(out, ",\"interrupted\":%s}\n", err->status == SL_ECANCEL ? "true" : "false");
}
