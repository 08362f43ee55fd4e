/* keys.c: keys that work everywhere, and where each key goes: prompt, top layer, view, then here. */
#include "app_private.h"
#include "replay.h"
#include "view_step.h"

#include "sluice/text.h"

#include <stdio.h>

#define AGAIN_MS 2000

const struct key_row app_keys[] = {
    { "1 2 3 4 5", "Data, Pipeline, Step, Train, Runs", "view NAME", false },
    { ":", "command line; Tab completes", NULL, false },
    { "O", "open another recipe or session of this folder", "open FILE", false },
    { "U R", "undo, redo", "undo, redo", false },
    { "!", "what was said so far", "log", false },
    { "^C", "cancel the job; twice: leave", "stop", false },
    { "^Z ^L", "suspend; redraw", NULL, false },
    { "Esc q", "close a layer; q at the top leaves", "quit", false },
    { "? F1", "help", "keys", false },
    { 0 },
};

static void command_done(struct app *app, void *ctx, const char *line)
{
    (void)ctx;
    if (line && line[strspn(line, " ")] && app_execute(app, line) && !app->message[0] && !app->top && !app->player &&
        !app->quit) {
        app_message(app, STYLE_DIM, "done: %s", line);
    }
}

static void quit_answered(struct app *app, void *ctx, bool yes)
{
    (void)ctx;
    app->quit |= yes;
}

bool app_job_runs(const struct app *app)
{
    struct sl_train_state state;
    if (!app->session || app->player) {
        return false;
    }
    sl_session_train_state(app->session, &state);
    return state.job == SL_JOB_PREPARING || state.job == SL_JOB_TRAINING || state.job == SL_JOB_PAUSED;
}

void app_ask_quit(struct app *app)
{
    if (app->player) {
        replay_close(app);
    } else if (app_job_runs(app) && !app_attached(app)) {
        app_confirm(app, "A training runs. Leave? It can be resumed later.", quit_answered, NULL);
    } else {
        app->quit = true;
    }
}

/* Cancel what runs: a training first, then the scan. */
void app_interrupt(struct app *app)
{
    int64_t now = app_now();
    bool again = now - app->interrupted < AGAIN_MS;
    app->interrupted = now;
    if (again) {
        app->interrupted = -AGAIN_MS;
        app_confirm(app, "Leave the workbench?", quit_answered, NULL);
        return;
    }
    if (app->player) {
        replay_play(app, false);
        app_message(app, STYLE_DIM, "the replay is held; ^C again to leave");
        return;
    }
    struct sl_browser *browser = app->session ? sl_session_browser(app->session) : NULL;
    struct sl_scan_state scan = { 0 };
    if (browser) {
        sl_browser_state(browser, &scan);
    }
    if (app_attached(app)) {
        app_attach_interrupt(app);
    } else if (step_cancel(app)) {
        app_message(app, STYLE_WARNING, "cancelled; ^C again to leave");
    } else if (app_job_runs(app)) {
        if (app_command(app, "stop")) {
            app_message(app, STYLE_WARNING, "stopping; ^C again to leave");
        }
    } else if (scan.running) {
        sl_browser_cancel(browser);
        app_message(app, STYLE_WARNING, "scan cancelled; ^C again to leave");
    } else {
        app_message(app, STYLE_DIM, "nothing runs; ^C again to leave");
    }
}

static void mouse_key(struct app *app)
{
    int y, x, button;
    screen_mouse(&y, &x, &button);
    if (y == 1 && button == 1) {
        int at = 1;
        for (size_t i = 0; i < APP_VIEWS; i++) {
            int width = 2 + (int)strlen(app_views[i]->name);
            if (x >= at && x < at + width) {
                app_show_number(app, i);
            }
            at += width + 2;
        }
    }
}

static void global_key(struct app *app, int key)
{
    switch (key) {
    case '1':
    case '2':
    case '3':
    case '4':
    case '5': app_show_number(app, (size_t)(key - '1')); break;
    case ':': app_prompt(app, ":", "", true, command_done, NULL); break;
    case '?':
    case K_F1: app_help(app); break;
    case 'O': app_choose_file(app); break;
    case 'U': app_command(app, "undo"); break;
    case 'R': app_command(app, "redo"); break;
    case '!': app_show_log(app); break;
    case 'q': app_ask_quit(app); break;
    case K_MOUSE_EVENT: mouse_key(app); break;
    default: break;
    }
}

/* The wheel is the arrow keys, three at a time. */
static int wheel(int key)
{
    int y, x, button = 0;
    if (key == K_MOUSE_EVENT) {
        screen_mouse(&y, &x, &button);
    }
    return button == 4 ? K_UP : button == 5 ? K_DOWN : KEY_NONE;
}

/* What is pasted is never taken for keys: a field or list gets its letters, else it waits on the command line. */
static void paste(struct app *app)
{
    struct sl_str text = screen_pasted();
    const char *end = memchr(text.p, '\r', text.n);
    struct sl_buf line = { 0 };
    text.n = end ? (size_t)(end - text.p) : text.n;
    for (size_t i = 0; i < text.n; i++) {
        sl_buf_putc(&line, (unsigned char)text.p[i] < ' ' ? ' ' : text.p[i]);
    }
    if (line.failed || !line.n) {
        app_message(app, STYLE_DIM, "nothing to paste");
    } else if (app->top) {
        for (size_t i = 0, length; app->top && i < line.n; i += length) {
            app->top->class->key(app, app->top, (int)sl_utf8_decode(line.p + i, line.n - i, &length));
        }
    } else {
        app_prompt(app, ":", line.p, true, command_done, NULL);
    }
    sl_buf_release(&line);
}

static void give_key(struct app *app, int key)
{
    if (key == K_PASTE_EVENT) {
        paste(app);
        return;
    }
    if (app->top) {
        app->top->class->key(app, app->top, key);
        return;
    }
    if (app->player && replay_key(app, key)) {
        return;
    }
    bool taken = app->opened[app->current] && app_views[app->current]->key(app, app->states[app->current], key);
    if (!taken) {
        global_key(app, key);
    }
}

void app_key(struct app *app, int key)
{
    app->message[0] = '\0';
    if (key == K_CTRL('C')) {
        app_interrupt(app);
        return;
    }
    if (key == K_CTRL('L')) {
        screen_refresh();
        return;
    }
    int scrolled = wheel(key);
    for (int i = 0; i < (scrolled ? 3 : 1); i++) {
        give_key(app, scrolled ? scrolled : key);
    }
}
