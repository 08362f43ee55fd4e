/* app.c: the main loop: wait for keys, signals, the session and captured output; draw when something changed.
 *
 * Drawing follows changes, at most every 33 ms and never when nothing did. A view's waiting work runs in slices of a
 * few milliseconds between keys. Only this thread touches the screen. */
#include "app_private.h"

#include "log.h"
#include "prompt.h"
#include "replay.h"
#include "signals.h"
#include "view_step.h"

#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#define FRAME_MS 33
#define PROGRESS_MS \
    200 /* a training that nobody touches: a frame takes a core from it, and it waits for its last worker */

const struct view *const app_views[APP_VIEWS] = { &view_data, &view_pipeline, &view_step, &view_train, &view_runs };

int64_t app_now(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

struct sl_session *app_session(struct app *app)
{
    return app->session;
}

const struct inner_keys *view_inside(const struct view *view, void *state)
{
    return view->inside && state ? view->inside(state) : NULL;
}

uint64_t app_record(const struct app *app)
{
    return app->record;
}

void app_set_record(struct app *app, uint64_t record)
{
    app->dirty |= app->record != record;
    app->record = record;
}

enum sl_filter app_filter(const struct app *app)
{
    return app->filter;
}

void app_set_filter(struct app *app, enum sl_filter filter)
{
    app->filter = filter;
    app_changed(app);
}

void app_redraw(struct app *app)
{
    app->dirty = true;
}

void app_changed(struct app *app)
{
    for (size_t i = 0; i < APP_VIEWS; i++) {
        if (app->opened[i] && app_views[i]->changed) {
            app_views[i]->changed(app, app->states[i]);
        }
    }
    app->dirty = true;
}

void app_show_number(struct app *app, size_t number)
{
    struct sl_error err = SL_ERROR_INIT;
    if (number >= APP_VIEWS) {
        return;
    }
    if (!app->opened[number]) {
        if (app_views[number]->open && app_views[number]->open(app, &app->states[number], &err) != SL_OK) {
            char text[512];
            app_message(app, STYLE_ERROR, "%s", sl_error_format(&err, text, sizeof text));
            return;
        }
        app->opened[number] = true;
    }
    app->current = number;
    if (app_views[number]->changed) { /* the record may be another now */
        app_views[number]->changed(app, app->states[number]);
    }
    app->dirty = true;
}

void app_show(struct app *app, const struct view *view)
{
    for (size_t i = 0; i < APP_VIEWS; i++) {
        if (app_views[i] == view) {
            app_show_number(app, i);
        }
    }
}

static void close_views(struct app *app)
{
    for (size_t i = 0; i < APP_VIEWS; i++) {
        if (app->opened[i] && app_views[i]->close) {
            app_views[i]->close(app->states[i]);
        }
        app->opened[i] = false;
        app->states[i] = NULL;
    }
}

static void stop_here(struct app *app)
{
    screen_leave();
    signals_stop();
    screen_return();
    app->dirty = true;
}

static void handle_signals(struct app *app)
{
    unsigned arrived = signals_take();
    if (arrived & SIGNAL_STOP) {
        stop_here(app);
    } else if (arrived & SIGNAL_CONTINUE) {
        screen_leave();
        screen_return();
    }
    if (arrived & SIGNAL_RESIZE) {
        screen_resize();
    }
    if (arrived & SIGNAL_INTERRUPT) {
        app_interrupt(app);
    }
    if (arrived & SIGNAL_HANGUP) {
        app_hang_up(app, false);
    }
    if (arrived & SIGNAL_END) {
        app->quit = true;
        sl_fail(&app->end, SL_ECANCEL, "ended by a signal; the session is saved");
    }
    app->dirty |= arrived != 0;
}

static void handle_keys(struct app *app)
{
    while (!app->quit) {
        if (prompt_active()) {
            int byte = screen_byte();
            if (byte < 0) {
                prompt_idle(app);
                break;
            }
            prompt_byte(app, byte);
            app->dirty = true;
            continue;
        }
        int key = screen_key();
        if (key == KEY_NONE) {
            break;
        }
        if (key == K_CTRL('Z')) {
            stop_here(app);
        } else {
            app_key(app, key);
        }
        app->dirty = true;
    }
}

/* When the next frame may be drawn. */
static int64_t frame_due(const struct app *app)
{
    return app->drawn + (app->calm ? PROGRESS_MS : FRAME_MS);
}

static void draw_when_due(struct app *app, int64_t now)
{
    if (app->dirty && now >= frame_due(app)) {
        app->dirty = app->calm = false;
        app->drawn = now;
        app_draw(app);
        screen_flush();
    }
}

static bool tick(struct app *app)
{
    const struct view *view = app_views[app->current];
    return app->opened[app->current] && view->tick && view->tick(app, app->states[app->current]);
}

/* A job in preparation has no events of its own: its progress is looked at a few times a second. */
static bool job_runs(struct app *app)
{
    struct sl_train_state state = { 0 };
    if (app->session && !app->player) {
        sl_session_train_state(app->session, &state);
    }
    return state.job == SL_JOB_PREPARING || state.job == SL_JOB_TRAINING || step_busy(app);
}

static void loop(struct app *app)
{
    while (!app->quit) {
        bool busy = tick(app);
        bool running = job_runs(app);
        int64_t now = app_now();
        int next = replay_tick(app, now);
        draw_when_due(app, now);
        int64_t due = frame_due(app) - now;
        int wait = busy ? 0 : !app->dirty ? running ? PROGRESS_MS : -1 : due < 0 ? 0 : (int)due;
        wait = next >= 0 && (wait < 0 || next < wait) ? next : wait;
        struct pollfd fds[4] = {
            { .fd = screen_fd(), .events = POLLIN },
            { .fd = signals_fd(), .events = POLLIN },
            { .fd = log_fd(), .events = POLLIN },
            { .fd = app->session ? sl_session_fd(app->session) : -1, .events = POLLIN },
        };
        signals_poll(fds, 4, wait);
        bool was_dirty = app->dirty;
        app->dirty = false;
        handle_signals(app);
        if (fds[0].revents & (POLLHUP | POLLERR | POLLNVAL)) { /* a terminal that is gone reads as empty for ever */
            app_hang_up(app, true);
        }
        handle_keys(app);
        if (log_read()) {
            app_message(app, STYLE_WARNING, "%s", log_line(log_lines() - 1).p);
        }
        app->calm = !app->dirty && (was_dirty ? app->calm : running);
        app->dirty |= was_dirty || (running && app_now() - app->drawn >= PROGRESS_MS);
        if (app->session && sl_session_poll(app->session)) {
            size_t before = app->said;
            app_listen(app);
            app_attach_news(app, before);
            app_changed(app);
        }
        step_watch_training(app);
    }
}

static void start(struct app *app, struct sl_error *err)
{
    const struct app_options *options = app->options;
    app->dirty = true;
    draw_when_due(app, app_now());
    if (options->replay) {
        if (replay_open(app, options->files[0], options->speed, err) != SL_OK) {
            app->quit = true;
            return;
        }
    } else if (options->n_files || options->session) {
        if (app_open_files(app, options->files, options->n_files, err) != SL_OK) {
            app->quit = true;
            return;
        }
        app_show(app, options->attach ? &view_train : &view_data);
    } else {
        app_show(app, &view_runs);
    }
    if (options->start_training && app_command(app, "train")) {
        app_show(app, &view_train);
    }
    app->drawn = 0; /* the first page is not made to wait for the next frame */
}

static int check_files(const struct app_options *options, struct sl_error *err)
{
    for (size_t i = 0; i < options->n_files; i++) {
        if (access(options->files[i], R_OK) != 0) {
            return sl_fail_errno(err, "open", options->files[i]);
        }
    }
    return SL_OK;
}

int app_run(const struct app_options *options, struct sl_error *err)
{
    struct app *app = calloc(1, sizeof *app);
    struct sl_error own = SL_ERROR_INIT;
    err = err ? err : &own;
    if (!app) {
        return sl_fail_memory(err, "the workbench");
    }
    app->options = options;
    app->drawn = -FRAME_MS;
    app->interrupted = -100000;
    err->status = SL_OK;
    int status = check_files(options, err);
    status = status == SL_OK ? screen_open(&options->screen, err) : status;
    if (status == SL_OK) {
        log_capture();
        start(app, err);
        status = err->status;
        loop(app);
        if (status == SL_OK && app->end.status != SL_OK) {
            *err = app->end;
            status = err->status;
        }
        prompt_close(app);
        while (app->top) {
            app_pop(app, app->top);
        }
        close_views(app);
        screen_close();
        if (app->headless) {
            app_headless(app);
        }
        app_close_session(app);
        log_release();
    }
    log_free();
    free(app->name);
    sl_buf_release(&app->copied);
    free(app);
    return status;
}
