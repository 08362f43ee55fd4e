/* replay_command.c: sluice replay: a session's past on the screen, or line by line.
 *
 * On a terminal it is the workbench with its player. Line by line every moment is printed with its time, its kind and
 * what it was: as fast as can be written, or at --speed, idle time capped. */
#include "batch.h"
#include "replay.h"
#include "workbench_command.h"

#include <math.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

enum { FLUSH_AT = 1 << 16 };

static const char *const kinds[] = { [SL_MOMENT_OPENED] = "session",
                                     [SL_MOMENT_LINE] = "command",
                                     [SL_MOMENT_EVENT] = "event",
                                     [SL_MOMENT_POINT] = "point" };

static void put_line(struct sl_session *session, size_t i, const struct sl_moment *m, struct sl_buf *out)
{
    time_t seconds = (time_t)m->time;
    struct tm local;
    char text[32] = "";
    if (localtime_r(&seconds, &local)) {
        strftime(text, sizeof text, "%Y-%m-%d %H:%M:%S", &local);
    }
    sl_buf_printf(out, "%s.%03d  %-7s  ", text, (int)((m->time - floor(m->time)) * 1e3), kinds[m->kind]);
    sl_replay_describe(session, i, out);
    sl_buf_putc(out, '\n');
}

static void put_real(struct sl_buf *out, const char *key, double x)
{
    if (isfinite(x)) {
        sl_buf_printf(out, ",\"%s\":", key);
        sl_buf_number(out, x);
    }
}

static int put_point(struct sl_session *session, size_t i, struct sl_buf *out, struct sl_error *err)
{
    const struct sl_point *points;
    int status = sl_replay_seek(session, i, err);
    size_t n = status ? 0 : sl_session_points(session, &points);
    if (n) {
        put_real(out, "loss", points[n - 1].loss);
        put_real(out, "gradient_norm", points[n - 1].gradient_norm);
        put_real(out, "train_accuracy", points[n - 1].train_accuracy);
        put_real(out, "test_accuracy", points[n - 1].test_accuracy);
        put_real(out, "test_loss", points[n - 1].test_loss);
    }
    return status;
}

static int put_json(struct sl_session *session, size_t i, const struct sl_moment *m, struct sl_buf *out,
                    struct sl_error *err)
{
    struct sl_buf text = { 0 };
    int status = SL_OK;
    sl_replay_describe(session, i, &text);
    sl_buf_printf(out, "{\"moment\":%zu,\"kind\":\"%s\",\"name\":", i + 1, kinds[m->kind]);
    sl_buf_json(out, sl_str(m->name));
    put_real(out, "time", m->time);
    put_real(out, "played", m->played);
    if (m->run) {
        sl_buf_printf(out, ",\"run\":%lld,\"step\":%llu,\"state\":\"%s\"", (long long)m->run,
                      (unsigned long long)m->step, sl_job_name(m->job));
    }
    if (m->kind == SL_MOMENT_POINT) {
        status = put_point(session, i, out, err);
    }
    if (m->best) {
        sl_buf_puts(out, ",\"best\":true");
    }
    sl_buf_puts(out, ",\"text\":");
    sl_buf_json(out, (struct sl_str){ text.p, text.n });
    sl_buf_puts(out, "}\n");
    sl_buf_release(&text);
    return status;
}

/* Until the moment's time has come; false: a signal came first. */
static bool wait_for(double played, double speed, uint64_t began)
{
    double due = (double)began + played / speed * 1e9;
    for (double left; (left = due - (double)sl_now()) > 0;) {
        struct pollfd fd = { .fd = batch_signal_fd(), .events = POLLIN };
        poll(&fd, 1, left > 1e9 ? 1000 : (int)(left / 1e6) + 1);
        if (batch_signal()) {
            return false;
        }
    }
    return true;
}

static int print_all(struct sl_session *session, bool json, double speed, struct sl_error *err)
{
    struct sl_buf out = { 0 };
    struct sl_moment m;
    uint64_t began = sl_now();
    int status = SL_OK;
    for (size_t i = 0; !status && sl_replay_moment(session, i, &m); i++) {
        if (speed > 0 && !wait_for(m.played, speed, began)) {
            status = sl_fail(err, SL_ECANCEL, "interrupted");
            break;
        }
        if (json) {
            status = put_json(session, i, &m, &out, err);
        } else {
            put_line(session, i, &m, &out);
        }
        if (!status && (speed > 0 || out.n > FLUSH_AT)) {
            status = batch_signal() ? sl_fail(err, SL_ECANCEL, "interrupted") : batch_flush(&out, err);
        }
    }
    int flushed = batch_flush(&out, status ? NULL : err);
    sl_buf_release(&out);
    return status ? status : flushed;
}

static int replay_plain(const struct options *options)
{
    struct sl_session *session = NULL;
    struct sl_error err = SL_ERROR_INIT;
    const struct sl_session_options wanted = {
        .path = options->operands.word[0], .threads = options->threads, .memory = options->memory, .replay = true
    };
    double speed;
    bool max;
    int status = replay_speed(options->speed, &speed, &max, &err);
    if (!status) {
        status = batch_signals_open(&err);
    }
    if (!status) {
        status = sl_session_open(&session, &wanted, &err);
    }
    if (!status) {
        status = print_all(session, options->json, options->speed && !max ? speed : 0, &err);
    }
    sl_session_close(session);
    return status ? batch_failed(&err) : EXIT_DONE;
}

int command_replay(const struct options *options)
{
    struct sl_error err = SL_ERROR_INIT;
    double speed;
    bool max;
    if (replay_speed(options->speed, &speed, &max, &err)) {
        batch_error(&err);
        return EXIT_USAGE;
    }
    if (options->plain || options->json || !workbench_terminal()) {
        return replay_plain(options);
    }
    return workbench_run(options, WORKBENCH_REPLAY);
}
