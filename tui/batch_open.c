/* batch_open.c: a session for whatever kind of file was named; every record of it seen. */
#include "batch.h"

#include <unistd.h>

static bool ends_with(const char *path, const char *end)
{
    size_t n = strlen(path), m = strlen(end);
    return n >= m && strcmp(path + n - m, end) == 0;
}

void batch_quote(const char *text, struct sl_buf *out)
{
    static const struct sl_param row = { .name = "word", .kind = SL_PARAM_STRING };
    sl_param_format(&row, &text, out);
}

static int read_files(struct sl_session *session, const char *const *files, size_t n, struct sl_error *err)
{
    struct sl_buf line = { 0 };
    sl_buf_puts(&line, "read");
    for (size_t i = 0; i < n; i++) {
        sl_buf_putc(&line, ' ');
        batch_quote(files[i], &line);
    }
    int status = line.failed ? sl_fail_memory(err, "opening files") : sl_session_command(session, line.p, NULL, err);
    sl_buf_release(&line);
    return status;
}

int batch_open(struct sl_session **out, const struct options *options, const char *const *files, size_t n, bool create,
               struct sl_error *err)
{
    bool absent = n == 1 && access(files[0], F_OK) != 0;
    bool saved = n == 1 && (absent ? create : sl_is_session(files[0]));
    struct sl_session_options wanted = { .path = saved ? files[0] : options->session,
                                         .threads = options->threads,
                                         .memory = options->memory,
                                         .prefetch = (size_t)options->prefetch };
    struct sl_session *session = NULL;
    if (absent && !create) {
        return sl_fail_errno(err, "open", files[0]);
    }
    int status = sl_session_open(&session, &wanted, err);
    if (!status && n && !saved && sl_session_stages(session) == 0) {
        bool recipe = n == 1 && (ends_with(files[0], ".sluice") || ends_with(files[0], ".recipe"));
        status = recipe ? sl_session_recipe(session, files[0], false, err) : read_files(session, files, n, err);
    }
    if (status) {
        sl_session_close(session);
    } else {
        *out = session;
    }
    return status;
}

static void no_wake(void *ctx)
{
    (void)ctx;
}

int batch_scan(struct sl_browser *browser, int threads, void (*tick)(void *ctx, const struct sl_scan_state *state),
               void *ctx, struct sl_error *err)
{
    struct sl_scan_state state;
    sl_browser_state(browser, &state);
    int status = state.complete || state.running ? SL_OK : sl_browser_scan(browser, threads, no_wake, NULL, err);
    for (sl_browser_state(browser, &state); !status && state.running; sl_browser_state(browser, &state)) {
        usleep(500);
        if (tick) {
            tick(ctx, &state);
        }
        if (batch_signal()) {
            sl_browser_cancel(browser);
            return sl_fail(err, SL_ECANCEL, "interrupted");
        }
    }
    if (!status && state.error.status) {
        *err = state.error;
        status = state.error.status;
    }
    return status;
}
