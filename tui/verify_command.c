/* verify_command.c: sluice verify SESSION: is what it holds what really comes of its data and recipe? */
#include "batch_work.h"
#include "progress_bar.h"
#include "verify_report.h"

#include "sluice/pool.h"

#include <math.h>
#include <stdlib.h>
#include <unistd.h>

struct verifier {
    struct sl_verify_options wanted;
    struct sl_progress progress;
    struct progress_bar bar;
    uint64_t began;
    struct sl_verified *runs;
    size_t n;
};

static int work(void *ctx, struct sl_error *err)
{
    struct verifier *v = ctx;
    return sl_verify(&v->runs, &v->n, &v->wanted, err);
}

static bool tick(void *ctx)
{
    struct verifier *v = ctx;
    batch_progress_draw(&v->bar, &v->progress, v->began, NULL);
    return true;
}

static int verify(struct verifier *v, struct sl_error *err)
{
    const struct batch_work job = { .work = work, .ctx = v, .progress = &v->progress, .tick = tick };
    progress_bar_init(&v->bar);
    v->began = sl_now();
    int status = batch_work(&job, err);
    progress_bar_clear(&v->bar);
    return status;
}

/* What was found; *agree: all of them do. */
static void report(const struct verifier *v, const struct options *options, struct sl_buf *out, bool *agree)
{
    bool colour = batch_colour(options, STDOUT_FILENO);
    *agree = true;
    for (size_t i = 0; i < v->n; i++) {
        *agree = *agree && v->runs[i].agrees;
        if (options->json) {
            verify_json(&v->runs[i], v->wanted.session, out);
            continue;
        }
        sl_buf_puts(out, i ? "\n" : "");
        verify_report(&v->runs[i], v->wanted.session, options->dry_run, colour, out);
    }
}

int command_verify(const struct options *options)
{
    struct sl_error err = SL_ERROR_INIT;
    struct sl_buf out = { 0 };
    struct verifier *v = calloc(1, sizeof *v);
    const char **paths = calloc(options->data.n + 1, sizeof *paths);
    bool agree = false;
    int status = v && paths ? batch_signals_open(&err) : sl_fail_memory(&err, "verifying");
    for (size_t i = 0; !status && i < options->data.n; i++) {
        paths[i] = options->data.word[i];
    }
    if (!status) {
        v->wanted = (struct sl_verify_options){ .session = options->operands.word[0],
                                                .paths = options->data.n ? paths : NULL,
                                                .every = options->every,
                                                .run = options->run,
                                                .dry = options->dry_run,
                                                .threads = options->threads,
                                                .memory = options->memory,
                                                .progress = &v->progress };
        status = verify(v, &err);
    }
    if (!status) {
        report(v, options, &out, &agree);
    }
    if (v) {
        sl_verified_free(v->runs, v->n);
    }
    free(v);
    free(paths);
    if (status) {
        return batch_failed(&err);
    }
    int exit_status = batch_finish(&out);
    return exit_status == EXIT_DONE && !agree ? EXIT_FAILED : exit_status;
}
