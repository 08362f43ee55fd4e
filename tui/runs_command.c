/* runs_command.c: sluice runs: the sessions of a folder, one a line. */
#include "batch.h"
#include "human.h"

#include <math.h>
#include <time.h>
#include <unistd.h>

static const char *base_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

static void printable(struct sl_buf *out, const char *text)
{
    for (; *text; text++) {
        sl_buf_putc(out, (unsigned char)*text < 0x20 || *text == 0x7f ? '?' : *text);
    }
}

static void figure(struct sl_buf *out, double x)
{
    if (isfinite(x)) {
        sl_buf_printf(out, "  %8.4f", x);
    } else {
        sl_buf_printf(out, "  %8s", "-");
    }
}

static void when(struct sl_buf *out, int64_t time_of)
{
    time_t seconds = (time_t)time_of;
    struct tm local;
    char text[32] = "";
    if (localtime_r(&seconds, &local)) {
        strftime(text, sizeof text, "%Y-%m-%d %H:%M", &local);
    }
    sl_buf_printf(out, "  %-16s", text);
}

void runs_table(const struct sl_run_info *runs, size_t n, bool colour, struct sl_buf *out)
{
    int width = 7;
    for (size_t i = 0; i < n; i++) {
        int length = (int)strlen(base_name(runs[i].path));
        width = length > width ? length : width;
    }
    width = width > 40 ? 40 : width;
    sl_buf_printf(out, "%s%-*s  %-11s  %9s  %5s  %8s  %8s  %8s  %8s  %-16s  %s%s\n", colour ? "\033[1m" : "", width,
                  "session", "state", "records", "steps", "accuracy", "log loss", "ROC AUC", "time", "changed",
                  "recipe", colour ? "\033[0m" : "");
    for (size_t i = 0; i < n; i++) {
        const struct sl_run_info *run = &runs[i];
        char text[32];
        struct sl_buf name = { 0 };
        printable(&name, base_name(run->path));
        sl_buf_printf(out, "%-*s", width, name.p ? name.p : "");
        sl_buf_release(&name);
        if (run->error) {
            sl_buf_puts(out, "  ");
            printable(out, run->error);
            sl_buf_putc(out, '\n');
            continue;
        }
        sl_buf_printf(out, "  %-11s  %9s  %5llu", sl_job_name(run->job), human_count(run->records, text, sizeof text),
                      (unsigned long long)run->steps);
        if (isfinite(run->r2)) { /* a number was predicted */
            sl_buf_printf(out, "  R2 %5.3f", run->r2);
            sl_buf_printf(out, "  %18s", "");
        } else {
            figure(out, run->accuracy);
            figure(out, run->log_loss);
            figure(out, run->roc_auc);
        }
        struct sl_buf duration = { 0 };
        if (isfinite(run->seconds)) {
            batch_duration(&duration, run->seconds);
        }
        sl_buf_printf(out, "  %8s", duration.p ? duration.p : "-");
        sl_buf_release(&duration);
        when(out, run->modified);
        sl_buf_puts(out, "  ");
        printable(out, run->recipe_head ? run->recipe_head : "");
        sl_buf_putc(out, '\n');
    }
}

static void number(struct sl_buf *out, const char *key, double x)
{
    sl_buf_printf(out, ",\"%s\":", key);
    if (isfinite(x)) {
        sl_buf_number(out, x);
    } else {
        sl_buf_puts(out, "null");
    }
}

static void json(const struct sl_run_info *run, struct sl_buf *out)
{
    sl_buf_puts(out, "{\"session\":");
    sl_buf_json(out, sl_str(run->path));
    sl_buf_printf(out, ",\"changed\":%lld", (long long)run->modified);
    if (run->error) {
        sl_buf_puts(out, ",\"error\":");
        sl_buf_json(out, sl_str(run->error));
    } else {
        sl_buf_puts(out, ",\"state\":");
        sl_buf_json(out, sl_str(sl_job_name(run->job)));
        sl_buf_puts(out, ",\"recipe\":");
        sl_buf_json(out, sl_str(run->recipe_head ? run->recipe_head : ""));
        sl_buf_printf(out, ",\"records\":%llu,\"steps\":%llu", (unsigned long long)run->records,
                      (unsigned long long)run->steps);
        number(out, "accuracy", run->accuracy);
        number(out, "train_accuracy", run->train_accuracy);
        number(out, "log_loss", run->log_loss);
        number(out, "roc_auc", run->roc_auc);
        if (isfinite(run->r2)) {
            number(out, "r2", run->r2);
            number(out, "mean_absolute_error", run->mean_absolute_error);
        }
        number(out, "seconds", run->seconds);
    }
    sl_buf_puts(out, "}\n");
}

int command_runs(const struct options *options)
{
    const char *folder = options->operands.n ? options->operands.word[0] : ".";
    struct sl_run_info *runs = NULL;
    struct sl_error err = SL_ERROR_INIT;
    struct sl_buf out = { 0 };
    size_t n = 0;
    if (sl_runs_list(folder, &runs, &n, &err)) {
        return batch_failed(&err);
    }
    if (options->json) {
        for (size_t i = 0; i < n; i++) {
            json(&runs[i], &out);
        }
    } else if (n == 0) {
        batch_note("there are no sessions in \"%s\"", folder);
    } else {
        runs_table(runs, n, batch_colour(options, STDOUT_FILENO), &out);
    }
    sl_runs_free(runs, n);
    return batch_finish(&out);
}
