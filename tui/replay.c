/* replay.c: the player: opening a session's past, going through it in time, and back.
 *
 * At a speed the clock decides which moment is shown: at most 30 times a second, the last one that has come. As fast as
 * possible, drawing decides: each frame goes on by a 256th of the moments, but stops at everything that changes more
 * than the curves, so that all of it is seen. */
#include "replay.h"

#include <math.h>
#include <stdlib.h>

#define FRAME_MS    33
#define CLOCK_MS    250 /* the bar's clock goes on between moments that lie far apart */
#define FAST_FRAMES 256

const double replay_speeds[REPLAY_SPEEDS] = { 0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100 };

int replay_speed(const char *text, double *speed, bool *max, struct sl_error *err)
{
    char *end = NULL;
    *max = text && strcmp(text, "max") == 0;
    *speed = text && !*max ? strtod(text, &end) : 1;
    if (!text || *max || (end != text && (!*end || strcmp(end, "x") == 0) && *speed >= 0.1 && *speed <= 100))
        return SL_OK;
    sl_fail(err, SL_EPARAM, "\"%s\" is no speed to play at", text);
    return sl_fix(err, "give a number from 0.1 to 100, or max");
}

static int nearest_speed(double speed)
{
    int best = 0;
    for (int i = 1; i < REPLAY_SPEEDS; i++)
        if (fabs(log(replay_speeds[i] / speed)) < fabs(log(replay_speeds[best] / speed)))
            best = i;
    return best;
}

/* --- opening and leaving --- */

static char kind_of(const struct sl_moment *m)
{
    if (m->best)
        return 'v';
    if (m->kind != SL_MOMENT_EVENT)
        return '|';
    if (strcmp(m->name, "nonfinite") == 0 || m->job == SL_JOB_FAILED)
        return '!';
    return strcmp(m->name, "tuned") == 0 ? '^' : strcmp(m->name, "paused") == 0 ? '=' : '|';
}

static int find_marks(struct player *p, const struct sl_session *session, struct sl_error *err)
{
    struct sl_moment m;
    size_t n = 0;
    for (size_t i = 0; sl_replay_moment(session, i, &m); i++)
        n += m.marker;
    p->marks = calloc(n + 1, sizeof *p->marks);
    if (!p->marks)
        return sl_fail_memory(err, "the replay");
    for (size_t i = 0; sl_replay_moment(session, i, &m); i++)
        if (m.marker)
            p->marks[p->n_marks++] = (struct replay_mark){ i, kind_of(&m) };
    return SL_OK;
}

static void player_free(struct player *p)
{
    if (!p)
        return;
    free(p->marks);
    free(p->name);
    free(p);
}

static int open_past(struct app *app, const char *path, struct sl_session **out, struct sl_error *err)
{
    struct sl_session_options options = { .path = path,
                                          .threads = app->options->threads,
                                          .memory = app->options->memory,
                                          .prefetch = app->options->prefetch,
                                          .scan = true,
                                          .replay = true };
    int status = sl_session_open(out, &options, err);
    if (!status && !sl_replay_moments(*out)) {
        sl_session_close(*out);
        sl_fail(err, SL_ESTATE, "nothing has happened yet in \"%s\"", path);
        status = sl_fix(err, "work with it first: sluice %s", path);
    }
    return status;
}

static void take_over(struct app *app, struct player *p, struct sl_session *session, char *name)
{
    if (app->player) { /* another replay: what lay behind it lies behind this one */
        struct player *before = app->player;
        sl_session_close(app->session);
        p->behind = before->behind;
        p->name = before->name;
        p->said = before->said;
        p->view = before->view;
        p->record = before->record;
        p->filter = before->filter;
        before->name = NULL;
        free(app->name);
        player_free(before);
    } else {
        p->behind = app->session;
        p->name = app->name;
        p->said = app->said;
        p->view = app->current;
        p->record = app->record;
        p->filter = app->filter;
    }
    app->player = p;
    app->session = session;
    app->name = name;
    app->said = 0;
    app->record = 0;
    app->filter = SL_SHOW_ALL;
}

int replay_open(struct app *app, const char *path, const char *speed, struct sl_error *err)
{
    struct sl_session *session = NULL;
    double factor;
    const char *slash = strrchr(path, '/');
    struct player *p = calloc(1, sizeof *p);
    char *name = strdup(slash && slash[1] ? slash + 1 : path);
    int status = p && name ? SL_OK : sl_fail_memory(err, "the replay");
    if (!status)
        status = replay_speed(speed, &factor, &p->fast, err);
    if (!status)
        status = open_past(app, path, &session, err);
    if (!status && (status = find_marks(p, session, err)))
        sl_session_close(session);
    if (status) {
        player_free(p);
        free(name);
        return status;
    }
    p->speed = nearest_speed(factor);
    p->follow = true;
    p->last = app_now();
    take_over(app, p, session, name);
    app_listen(app);
    app_show(app, &view_pipeline);
    replay_go(app, 0);
    replay_play(app, true);
    return SL_OK;
}

void replay_close(struct app *app)
{
    struct player *p = app->player;
    if (!p)
        return;
    sl_session_close(app->session);
    free(app->name);
    app->player = NULL;
    app->session = p->behind;
    app->name = p->name;
    p->name = NULL;
    app->said = p->said;
    app->record = p->record;
    app->filter = p->filter;
    app->quit |= !app->session;
    if (app->session) {
        app_changed(app);
        app_show_number(app, p->view);
        app_message(app, STYLE_DIM, "the replay is over; this is \"%s\" as it is now", app->name ? app->name : "");
    }
    player_free(p);
}

void replay_drop(struct app *app)
{
    struct player *p = app->player;
    app->player = NULL;
    if (p)
        sl_session_close(p->behind);
    player_free(p);
}

/* --- going through it --- */

/* The view in which this is seen: edits in the Pipeline view, what is of a training in the Train view. */
static void follow(struct app *app, const struct sl_moment *m)
{
    static const char *const of_training[] = { "train", "resume", "pause", "stop", "once", "tune" };
    bool train = m->kind == SL_MOMENT_POINT || m->kind == SL_MOMENT_EVENT;
    for (size_t i = 0; m->kind == SL_MOMENT_LINE && i < sizeof of_training / sizeof *of_training; i++)
        train |= strcmp(m->name, of_training[i]) == 0;
    if (train)
        app_show(app, &view_train);
    else if (m->edits)
        app_show(app, &view_pipeline);
}

/* p->at is the caller's. */
static void show(struct app *app, size_t moment)
{
    struct sl_error err = SL_ERROR_INIT;
    struct sl_moment m;
    if (sl_replay_seek(app->session, moment, &err)) {
        char text[512];
        app->player->playing = false;
        app_message(app, STYLE_ERROR, "%s", sl_error_format(&err, text, sizeof text));
    }
    app_changed(app);
    if (app->player->follow && sl_replay_moment(app->session, moment, &m))
        follow(app, &m);
}

void replay_go(struct app *app, int64_t moment)
{
    int64_t last = (int64_t)sl_replay_moments(app->session) - 1;
    struct sl_moment m;
    size_t to = (size_t)(moment < 0 ? 0 : moment > last ? last : moment);
    show(app, to);
    if (sl_replay_moment(app->session, to, &m))
        app->player->at = m.played;
}

void replay_play(struct app *app, bool on)
{
    struct player *p = app->player;
    if (on && sl_replay_at(app->session) + 1 == sl_replay_moments(app->session))
        replay_go(app, 0);
    p->playing = on;
    p->last = app_now();
    app->dirty = true;
}

/* As fast as possible: the furthest moment that the next frame may show. */
static size_t fast_target(const struct app *app)
{
    const struct player *p = app->player;
    size_t n = sl_replay_moments(app->session), at = sl_replay_at(app->session);
    size_t to = at + 1 + n / FAST_FRAMES;
    struct sl_moment m;
    size_t low = 0, high = p->n_marks;
    while (low < high) { /* first mark behind here */
        size_t middle = low + (high - low) / 2;
        if (p->marks[middle].moment <= at)
            low = middle + 1;
        else
            high = middle;
    }
    for (size_t i = low; i < p->n_marks && p->marks[i].moment < to; i++)
        if (sl_replay_moment(app->session, p->marks[i].moment, &m) && m.kind != SL_MOMENT_POINT &&
            strcmp(m.name, "checkpoint") != 0)
            to = p->marks[i].moment;
    return to < n ? to : n - 1;
}

static void advance(struct app *app, int64_t passed)
{
    struct player *p = app->player;
    struct sl_moment m;
    size_t at = sl_replay_at(app->session), to;
    double before = p->at;
    if (p->fast) {
        to = fast_target(app);
        if (sl_replay_moment(app->session, to, &m))
            p->at = m.played;
    } else {
        p->at += (double)(passed < 500 ? passed : 500) * 1e-3 * replay_speeds[p->speed];
        to = sl_replay_find(app->session, p->at);
        to = to < at ? at : to;
    }
    if (to != at)
        show(app, to);
    app->dirty |= floor(before) != floor(p->at);
    if (to + 1 == sl_replay_moments(app->session)) {
        p->playing = false;
        p->at = sl_replay_length(app->session);
        app->dirty = true;
    }
}

int replay_tick(struct app *app, int64_t now)
{
    struct player *p = app->player;
    struct sl_moment m;
    if (!p || !p->playing)
        return -1;
    if (now - p->last >= FRAME_MS) {
        int64_t passed = now - p->last;
        p->last = now;
        advance(app, passed);
    }
    int64_t wait = p->last + FRAME_MS - now;
    if (p->playing && !p->fast && sl_replay_moment(app->session, sl_replay_at(app->session) + 1, &m)) {
        double ms = (m.played - p->at) / replay_speeds[p->speed] * 1e3;
        int64_t far = p->last + (ms > CLOCK_MS ? CLOCK_MS : (int64_t)ms + 1) - now;
        wait = far > wait ? far : wait;
    }
    return wait > 0 ? (int)wait : 0;
}
