/* app_attach.c: the workbench on a session that another process has open: who that is, and what is said of it. */
#include "app_private.h"

#include <stdio.h>

bool app_attached(struct app *app)
{
    return app->session && sl_session_followed(app->session, NULL);
}

void app_attach_text(struct app *app, int room, char *out, size_t size)
{
    long owner = 0;
    out[0] = '\0';
    if (!app->session || !sl_session_followed(app->session, &owner)) {
        return;
    }
    if (owner > 0) {
        snprintf(out, size, " attached to process %ld ", owner);
    } else if (owner < 0) {
        snprintf(out, size, " attached to another process ");
    } else {
        int n = snprintf(out, size, " attached; nobody runs it: sluice resume %s ", app->name ? app->name : "");
        if (n > room) {
            snprintf(out, size, " attached; nobody runs it ");
        }
    }
}

void app_attach_interrupt(struct app *app)
{
    long owner = 0;
    sl_session_followed(app->session, &owner);
    if (owner > 0) {
        app_message(app, STYLE_WARNING, "process %ld goes on; :stop ends its training; ^C again to leave", owner);
    } else {
        app_message(app, STYLE_DIM, "nobody runs it; ^C again to leave");
    }
}

void app_attach_news(struct app *app, size_t before)
{
    size_t n = app->session ? sl_session_log_lines(app->session) : 0;
    for (size_t i = before; i < n; i++) {
        const char *line = sl_session_log(app->session, i);
        if ((app_attached(app) && i + 1 == n) || strncmp(line, "duplicates: ", 12) == 0) {
            app_message(app, STYLE_WARNING, "%s", line);
        }
    }
}
