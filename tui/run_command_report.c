/* run_command_report.c: what a run leaves: figures on standard output, quarantined records as a warning and a file. */
#include "run_command.h"

#include "sluice/input.h"
#include "sluice/pool.h"

#include <math.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <unistd.h>

enum { REJECTS_ASKED = 512 };

struct counting {
    struct runner *runner;
    struct sl_progress progress;
    uint64_t began;
};

static int count_records(void *ctx, struct sl_error *err)
{
    struct counting *c = ctx;
    struct runner *r = c->runner;
    const struct options *o = r->options;
    struct sl_pool *pool = NULL;
    struct sl_run *run = NULL;
    int status = sl_pool_new(&pool, o->threads, err);
    if (!status) {
        struct sl_run_options options = { .pool = pool,
                                          .memory = o->memory ? o->memory : sl_memory_total() / 4,
                                          .progress = &c->progress };
        status = sl_pipeline_run(&run, sl_session_pipeline(r->session), &options, err);
    }
    if (!status) {
        const struct sl_run_result *found = sl_run_result(run);
        r->counts.records = found->records;
        r->counts.quarantined = found->quarantined;
        r->counts.dropped = found->dropped;
        r->counts.fingerprint = found->fingerprint;
    }
    sl_run_free(run);
    sl_pool_free(pool);
    return status;
}

static bool tick(void *ctx)
{
    struct counting *c = ctx;
    struct sl_train_state state;
    batch_progress_state(&c->progress, c->began, &state);
    return runner_progress(c->runner, &state, NULL) == SL_OK;
}

static void scan_tick(void *ctx, const struct sl_scan_state *state)
{
    struct runner *r = ctx;
    double seconds = (double)(sl_now() - r->began) * 1e-9;
    const struct sl_train_state view = { .job = SL_JOB_PREPARING,
                                         .phase = SL_PHASE_READ,
                                         .fraction = state->fraction,
                                         .rows_per_second = (double)state->records / seconds,
                                         .eta = state->fraction > 0.01 ? seconds / state->fraction - seconds
                                                                       : (double)NAN };
    runner_progress(r, &view, NULL);
}

/* A reader alone: what its columns hold is what there is to tell. */
static int scan_records(struct runner *r, struct sl_error *err)
{
    struct sl_scan_state state;
    struct sl_browser *browser = sl_session_browser(r->session);
    uint64_t began = sl_now();
    if (!browser) {
        return sl_fail_memory(err, "reading the records");
    }
    int status = batch_scan(browser, r->options->threads, scan_tick, r, err);
    sl_browser_state(browser, &state);
    r->counts.records = state.records;
    r->counts.quarantined = state.quarantined;
    r->counts.seconds[SL_PHASE_READ] = (double)(sl_now() - began) * 1e-9;
    r->have_counts = r->profiled = status == SL_OK;
    return status;
}

int runner_count(struct runner *r, struct sl_error *err)
{
    struct sl_pipeline *pipeline = sl_session_pipeline(r->session);
    if (sl_pipeline_stages(pipeline) == sl_pipeline_sources(pipeline)) {
        return scan_records(r, err);
    }
    struct counting *c = calloc(1, sizeof *c);
    if (!c) {
        return sl_fail_memory(err, "running the recipe");
    }
    c->runner = r;
    c->began = sl_now();
    const struct batch_work work = { .work = count_records, .ctx = c, .progress = &c->progress, .tick = tick };
    int status = batch_work(&work, err);
    for (int phase = 0; phase <= SL_PHASE_DONE; phase++) {
        r->counts.seconds[phase] = (double)c->progress.phase_ns[phase] * 1e-9;
    }
    r->have_counts = status == SL_OK;
    free(c);
    return status;
}

/* Files behind the session's records, for naming where a reject stood. */
static const char *const *source_files(struct sl_session *session)
{
    struct sl_pipeline *pipeline = sl_session_pipeline(session);
    struct sl_reader *reader = pipeline ? sl_pipeline_reader(pipeline) : NULL;
    return reader ? (const char *const *)reader->paths : NULL;
}

void batch_quarantine_rows(const struct sl_reject *rejects, size_t n, const char *const *files, struct sl_buf *out)
{
    for (size_t i = 0; i < n; i++) {
        const struct sl_origin *origin = &rejects[i].origin;
        sl_buf_csv(out, sl_str(files ? files[origin->file] : ""));
        sl_buf_printf(out, ",%llu,%llu,%llu,", (unsigned long long)origin->line, (unsigned long long)origin->byte,
                      (unsigned long long)origin->record);
        sl_buf_csv(out, sl_str(rejects[i].reason));
        sl_buf_putc(out, ',');
        sl_buf_csv(out, sl_str(rejects[i].excerpt));
        sl_buf_putc(out, '\n');
    }
}

int batch_quarantine_write(const char *path, struct sl_buf *rows, struct sl_error *err)
{
    struct sl_buf all = { 0 };
    sl_buf_puts(&all, "file,line,byte,record,reason,excerpt\n");
    sl_buf_add(&all, rows->p, rows->n);
    int status = all.failed || rows->failed ? sl_fail_memory(err, "writing the quarantine")
                                            : sl_file_write(path, all.p, all.n, err);
    sl_buf_release(&all);
    return status;
}

int runner_quarantine(struct runner *r, uint64_t total, struct sl_error *err)
{
    const char *path = r->options->quarantine;
    struct sl_browser *browser = total || path ? sl_session_browser(r->session) : NULL;
    const char *const *files = source_files(r->session);
    struct sl_buf rows = { 0 };
    struct sl_reject *rejects = calloc(REJECTS_ASKED, sizeof *rejects);
    if (!rejects) {
        return sl_fail_memory(err, "listing the quarantine");
    }
    /* The run keeps their number; who wants to know them has them looked for, unless the session still has them. */
    if (browser && total && sl_browser_rejects(browser, 0, rejects, 1) == 0) {
        int status = batch_scan(browser, r->options->threads, NULL, NULL, err);
        if (status) {
            free(rejects);
            return status;
        }
    }
    for (size_t at = 0, n = REJECTS_ASKED; browser && n == REJECTS_ASKED; at += n) {
        n = sl_browser_rejects(browser, at, rejects, REJECTS_ASKED);
        if (at == 0) {
            batch_warn_rejects(rejects, n, total, files);
        }
        if (!path) {
            break;
        }
        batch_quarantine_rows(rejects, n, files, &rows);
    }
    int status = path ? batch_quarantine_write(path, &rows, err) : SL_OK;
    sl_buf_release(&rows);
    free(rejects);
    return status;
}

static const struct sl_result *result_of(struct runner *r)
{
    const struct sl_result *result = sl_session_result(r->session);
    if (result && r->trained) {
        return result;
    }
    r->counts.train.accuracy = r->counts.train.log_loss = r->counts.train.roc_auc = (double)NAN;
    r->counts.test = r->counts.train;
    r->counts.total_seconds = (double)(sl_now() - r->began) * 1e-9;
    r->counts.peak_rss = sl_memory_peak();
    return &r->counts;
}

/* An export has read everything: the stages' figures tell what became of it. */
static void counts_of_export(struct runner *r)
{
    for (size_t i = 0; i < sl_session_stages(r->session); i++) {
        const struct sl_stage_view *stage = sl_session_stage(r->session, i);
        if (stage->counted && stage->class->kind == SL_SOURCE) {
            r->counts.records += stage->in;
            r->counts.quarantined += stage->in - stage->out;
        } else if (stage->counted) {
            r->counts.dropped += stage->dropped;
        }
    }
}

static void report_columns(struct runner *r)
{
    struct sl_browser *browser = r->profiled ? sl_session_browser(r->session) : NULL;
    struct sl_column_profile *column = browser ? calloc(1, sizeof *column) : NULL;
    for (size_t i = 0; column && sl_browser_profile(browser, i, column); i++) {
        sl_buf_puts(&r->out, i ? "" : "\n");
        batch_report_column(column, &r->out);
    }
    free(column);
}

int runner_report(struct runner *r, struct sl_error *err)
{
    if (!r->trained && !r->have_counts) {
        counts_of_export(r);
    }
    const struct sl_result *result = result_of(r);
    int status = runner_quarantine(r, result->quarantined, err);
    if (status) {
        return status;
    }
    if (r->options->json) {
        sl_result_json(result, &r->out);
        sl_buf_putc(&r->out, '\n');
    } else {
        batch_report_result(result, batch_colour(r->options, STDOUT_FILENO), &r->out);
        report_columns(r);
    }
    return batch_flush(&r->out, err);
}
