/* app_busy.c: what the workbench does while something takes long: the bottom line says how far it is, ^C calls it off.
 * Keys wait, and views are not drawn: what they show is in use. */
#include "app_private.h"

#include "human.h"
#include "signals.h"

#include "sluice/pool.h"

bool app_busy(void *ctx, const struct sl_progress *progress)
{
    struct app *app = ctx;
    int rows, columns;
    char records[32];
    uint64_t done = progress->done, total = progress->total;
    signals_poll(NULL, 0, 0);
    unsigned arrived = signals_take();
    if (arrived & SIGNAL_RESIZE) {
        screen_resize();
        app->dirty = true;
    }
    app->quit |= (arrived & SIGNAL_END) != 0;
    human_count(progress->records, records, sizeof records);
    int share = total ? (int)(100 * (done < total ? done : total) / total) : 0;
    app_message(app, STYLE_HINT, "%d %%, %s records; ^C cancels", share, records);
    screen_size(&rows, &columns);
    app_draw_message(app, (struct area){ rows - 1, 0, 1, columns });
    screen_flush();
    return !(arrived & (SIGNAL_INTERRUPT | SIGNAL_END)) && !screen_interrupted();
}

struct looking {
    struct app *app;
    struct sl_progress *progress;
};

static void look_on(void *ctx, int done)
{
    enum { TICK_MS = 50 };
    struct looking *looking = ctx;
    struct pollfd fd = { .fd = done, .events = POLLIN };
    if (poll(&fd, 1, TICK_MS) <= 0 && !app_busy(looking->app, looking->progress)) {
        looking->progress->cancel = true;
    }
}

int app_aside(struct app *app, struct sl_progress *progress, int (*work)(void *ctx, struct sl_error *err), void *ctx,
              struct sl_error *err)
{
    struct looking looking = { .app = app, .progress = progress };
    int status = sl_aside(work, ctx, look_on, &looking, err);
    app->message[0] = '\0';
    app->dirty = true;
    return status;
}
