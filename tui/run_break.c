/* run_break.c: sluice run --break: run on to the first record that a breakpoint stops at, and say why.
 *
 * Nothing is trained before that: stages that learn have learned nothing yet, and let records pass as they are. */
#include "run_command.h"

#include "sluice/debug.h"

#include <math.h>
#include <poll.h>

enum { TICK_MS = 100 };

static int break_progress(struct runner *r, const struct sl_debug_state *state, uint64_t began, struct sl_error *err)
{
    double seconds = (double)(sl_now() - began) * 1e-9, f = state->fraction;
    const struct sl_train_state view = { .job = SL_JOB_PREPARING,
                                         .phase = SL_PHASE_READ,
                                         .fraction = f,
                                         .rows_per_second = seconds > 0 ? (double)state->records / seconds : 0,
                                         .eta = f > 0.01 ? seconds / f - seconds : (double)NAN };
    return runner_progress(r, &view, err);
}

static int wait_for_it(struct runner *r, struct sl_error *err)
{
    struct sl_debug_state state;
    uint64_t began = sl_now();
    for (;;) {
        sl_session_poll(r->session);
        sl_debug_state(r->session, &state);
        if (state.task == SL_DEBUG_IDLE) {
            return SL_OK;
        }
        int status = break_progress(r, &state, began, err);
        if (!status && batch_signal()) {
            status = sl_fail(err, SL_ECANCEL, "interrupted");
        }
        if (status) {
            sl_debug_cancel(r->session);
            return status;
        }
        struct pollfd fds[] = { { .fd = sl_session_fd(r->session), .events = POLLIN },
                                { .fd = batch_signal_fd(), .events = POLLIN } };
        poll(fds, 2, TICK_MS);
    }
}

/* What came of it is in the log. */
int runner_debug_wait(struct runner *r, struct sl_error *err)
{
    struct sl_debug_state state;
    size_t said = sl_session_log_lines(r->session);
    sl_debug_state(r->session, &state);
    if (state.task == SL_DEBUG_IDLE) {
        return SL_OK;
    }
    int status = wait_for_it(r, err);
    progress_bar_clear(&r->bar);
    for (const char *line; !r->options->json && (line = sl_session_log(r->session, said)); said++) {
        batch_note("%s", line);
    }
    return status;
}

/* break or watch, with what was given. */
static int set_all(struct runner *r, const char *command, const struct option_words *words, const char *option,
                   struct sl_error *err)
{
    int status = SL_OK;
    for (size_t i = 0; i < words->n && !status; i++) {
        struct sl_buf line = { 0 };
        sl_buf_printf(&line, "%s %s", command, words->word[i]);
        status = line.failed ? sl_fail_memory(err, "a breakpoint") : sl_session_command(r->session, line.p, NULL, err);
        sl_buf_release(&line);
    }
    if (status && err) { /* the column is one of a line the user never wrote */
        err->line = err->column = 0;
        if (!err->file[0]) {
            sl_error_at(err, option, 0, 0, UINT64_MAX);
        }
    }
    return status;
}

/* A breakpoint on what has learned nothing never sees it at work. */
static void warn_unlearned(struct runner *r)
{
    for (size_t i = 0; i < sl_debug_breaks(r->session); i++) {
        const struct sl_debug_break *b = sl_debug_break(r->session, i);
        struct sl_pipeline *pipeline = sl_session_pipeline(r->session);
        if (!pipeline || b->stage >= sl_pipeline_stages(pipeline)) {
            continue;
        }
        const struct sl_stage *stage = sl_pipeline_stage(pipeline, b->stage);
        bool learns = stage->class->fit.begin && stage->class->kind == SL_ENCODER &&
                      (!stage->class->needs_fit || stage->class->needs_fit(stage->params));
        if (learns) {
            batch_note("breakpoint \"%s\": %s has learned nothing before training; train with --session, and go on in "
                       "sluice shell with: step continue",
                       b->text, stage->class->name);
        }
    }
}

static void report_json(struct runner *r, const struct sl_debug_state *state, struct sl_buf *place)
{
    if (state->error.status) {
        sl_buf_printf(&r->out, "{\"event\":\"break\",\"hit\":false,\"records\":%llu}\n",
                      (unsigned long long)state->records);
        return;
    }
    sl_buf_puts(&r->out, "{\"event\":\"break\",\"hit\":true,\"breakpoint\":");
    sl_buf_json(&r->out, sl_str(state->stopped_by));
    sl_buf_printf(&r->out, ",\"passed\":%llu,\"place\":", (unsigned long long)state->hit.place.record);
    sl_buf_add(&r->out, place->p, place->n);
    sl_buf_puts(&r->out, "}\n");
}

static int report_hit(struct runner *r, const struct sl_debug_state *state, struct sl_error *err)
{
    struct sl_buf place = { 0 };
    int status = r->options->json ? sl_debug_json(r->session, &place, err) : sl_debug_account(r->session, &place, err);
    if (!status && r->options->json) {
        report_json(r, state, &place);
    } else if (!status) {
        sl_buf_printf(&r->out, "stopped by %s\n", state->stopped_by);
        sl_buf_add(&r->out, place.p, place.n);
        batch_count(&r->out, state->hit.place.record);
        sl_buf_puts(&r->out, state->hit.place.record == 1 ? " record passed before\n" : " records passed before\n");
    }
    sl_buf_release(&place);
    return status ? status : batch_flush(&r->out, err);
}

static int report_none(struct runner *r, const struct sl_debug_state *state, uint64_t began, struct sl_error *err)
{
    if (r->options->json) {
        report_json(r, state, NULL);
        return batch_flush(&r->out, err);
    }
    struct sl_buf text = { 0 };
    batch_count(&text, state->records);
    sl_buf_puts(&text, " records in ");
    batch_duration(&text, (double)(sl_now() - began) * 1e-9);
    batch_note("no breakpoint stopped %s", text.failed ? "any record" : text.p);
    sl_buf_release(&text);
    return SL_OK;
}

int runner_break(struct runner *r, struct sl_error *err)
{
    struct sl_debug_state state;
    uint64_t began = sl_now();
    int status = set_all(r, "watch", &r->options->watches, "--watch", err);
    if (!status) {
        status = set_all(r, "break", &r->options->breaks, "--break", err);
    }
    if (status || !r->options->breaks.n) {
        return status;
    }
    warn_unlearned(r);
    status = sl_debug_run(r->session, err);
    if (!status) {
        status = wait_for_it(r, err);
    }
    if (status) {
        return status;
    }
    progress_bar_clear(&r->bar);
    sl_debug_state(r->session, &state);
    if (state.error.status == SL_EEND) {
        return report_none(r, &state, began, err);
    }
    if (state.error.status) {
        *err = state.error;
        return state.error.status;
    }
    r->stopped = true;
    return report_hit(r, &state, err);
}
