/* predict_command.c: sluice predict: new records through the fitted stages and the model of a session. */
#include "batch_work.h"
#include "progress_bar.h"

#include "sluice/pool.h"

#include <math.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

struct predictor {
    const struct options *options;
    struct sl_predict_options wanted;
    struct sl_progress progress;
    struct sl_quarantine rejects;
    struct progress_bar bar;
    uint64_t began;
};

static int predict(void *ctx, struct sl_error *err)
{
    struct predictor *p = ctx;
    return sl_predict(&p->wanted, &p->rejects, err);
}

static bool tick(void *ctx)
{
    struct predictor *p = ctx;
    batch_progress_draw(&p->bar, &p->progress, p->began, "predict");
    return true;
}

static bool same_file(const char *a, const char *b)
{
    struct stat x, y;
    return stat(a, &x) == 0 && stat(b, &y) == 0 && x.st_dev == y.st_dev && x.st_ino == y.st_ino;
}

/* What is written must not be what is read. */
static int check_target(const char *out, const struct option_words *words, struct sl_error *err)
{
    for (size_t i = 0; out && strcmp(out, "-") != 0 && i < words->n; i++) {
        struct stat info;
        if (same_file(out, words->word[i]) && stat(out, &info) == 0 && S_ISREG(info.st_mode)) {
            sl_fail(err, SL_EPARAM, "\"%s\" is to be read and to be written", out);
            return sl_fix(err, "write to another file");
        }
    }
    return SL_OK;
}

static int write_quarantine(struct predictor *p, const char *const *files, struct sl_error *err)
{
    struct sl_buf rows = { 0 };
    if (!p->options->quarantine) {
        return SL_OK;
    }
    batch_quarantine_rows(p->rejects.entries, p->rejects.n, files, &rows);
    int status = batch_quarantine_write(p->options->quarantine, &rows, err);
    sl_buf_release(&rows);
    return status;
}

int command_predict(const struct options *options)
{
    struct sl_error err = SL_ERROR_INIT;
    struct predictor *p = calloc(1, sizeof *p);
    int status = p ? batch_signals_open(&err) : sl_fail_memory(&err, "predicting");
    const char *const *files = options->operands.word + 1;
    if (!status) {
        status = check_target(options->out, &options->operands, &err);
    }
    if (!status) {
        status = check_target(options->quarantine, &options->operands, &err);
    }
    if (!status) {
        p->options = options;
        p->began = sl_now();
        p->wanted = (struct sl_predict_options){ .session = options->operands.word[0],
                                                 .out = options->out,
                                                 .paths = files,
                                                 .threads = options->threads,
                                                 .memory = options->memory,
                                                 .progress = &p->progress,
                                                 .features = options->features };
        const struct batch_work work = { .work = predict, .ctx = p, .progress = &p->progress, .tick = tick };
        progress_bar_init(&p->bar);
        if (isatty(STDOUT_FILENO) && !options->out) {
            p->bar.fd = -1; /* the records themselves are on the screen */
        }
        status = batch_work(&work, &err);
        progress_bar_clear(&p->bar);
    }
    if (!status) {
        batch_warn_rejects(p->rejects.entries, p->rejects.n, p->rejects.total, files);
        status = write_quarantine(p, files, &err);
    }
    if (status == SL_EIO && batch_pipe_broken()) {
        err.status = SL_ECANCEL; /* nobody reads on: no failure worth a word */
    }
    int exit_status = status ? batch_failed(&err) : EXIT_DONE;
    if (status == SL_ECANCEL && !batch_pipe_broken()) {
        batch_note("interrupted; nothing was written");
    }
    if (p) {
        sl_quarantine_release(&p->rejects);
    }
    free(p);
    return exit_status;
}
