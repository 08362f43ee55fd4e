/* busy.c: what takes long within a command (an export) beside whoever gave it, who may look on and call it off. */
#include "live.h"

#include "sluice/pool.h"

#include <poll.h>

struct busy {
    const struct sl_session *session;
    struct sl_progress *progress;
};

static void look_on(void *ctx, int done)
{
    enum { TICK_MS = 50 };
    struct busy *busy = ctx;
    const struct sl_session_options *options = &busy->session->options;
    struct pollfd fd = { .fd = done, .events = POLLIN };
    if (poll(&fd, 1, TICK_MS) <= 0 && !options->busy(options->busy_ctx, busy->progress))
        busy->progress->cancel = true;
}

int session_busy(struct sl_session *session, struct sl_progress *progress, int (*work)(void *ctx, struct sl_error *err),
                 void *ctx, struct sl_error *err)
{
    struct busy busy = { .session = session, .progress = progress };
    return session->options.busy ? sl_aside(work, ctx, look_on, &busy, err) : work(ctx, err);
}
