/* replay_keys.c: the player's keys, and its commands. What it does not take goes to the view below. */
#include "replay.h"

#include <stdio.h>
#include <stdlib.h>

#define LEAST_SEEK 10

const struct key_row replay_keys[] = {
    { "Space", "play, pause; at the end: from the start", NULL, false },
    { ". ,", "one moment on, back", NULL, false },
    { "] [", "next, previous marker", NULL, false },
    { "Right Left", "on, back by a hundredth of the moments, at least ten", NULL, false },
    { "Home End", "first, last moment", NULL, false },
    { "0 … 9", "to that tenth of the moments", NULL, false },
    { "+ -", "faster, slower: 0.1 to 100 times", NULL, false },
    { "F", "as fast as it can be drawn; and back to the speed", NULL, false },
    { "Tab Shift-Tab", "next, previous view, which then stays", NULL, false },
    { "V", "show the view in which something happens, again", NULL, false },
    { "b", "branch: go on live from here, in a new session", "branch [SESSION]", false },
    { "q Esc", "end the replay", NULL, false },
    { 0 },
};

static void next_view(struct app *app, int by)
{
    app->player->follow = false;
    app_show_number(app, (app->current + (size_t)(APP_VIEWS + by)) % APP_VIEWS);
}

static void jump_marker(struct app *app, bool forward)
{
    size_t to = sl_replay_marker(app->session, sl_replay_at(app->session), forward);
    if (to != SIZE_MAX)
        replay_go(app, (int64_t)to);
    else
        app_message(app, STYLE_HINT, "no %s marker", forward ? "further" : "earlier");
}

static void change_speed(struct app *app, int by)
{
    struct player *p = app->player;
    int to = p->fast ? p->speed : p->speed + by;
    p->fast = false;
    p->speed = to < 0 ? 0 : to >= REPLAY_SPEEDS ? REPLAY_SPEEDS - 1 : to;
}

/* Esc and q close what lies over the view first. */
static void leave(struct app *app, int key)
{
    bool taken = app->opened[app->current] && app_views[app->current]->key(app, app->states[app->current], key);
    if (!taken)
        replay_close(app);
}

bool replay_key(struct app *app, int key)
{
    struct player *p = app->player;
    int64_t at = (int64_t)sl_replay_at(app->session), n = (int64_t)sl_replay_moments(app->session);
    int64_t leap = n / 100 > LEAST_SEEK ? n / 100 : LEAST_SEEK;
    if (key >= '0' && key <= '9') {
        replay_go(app, (n - 1) * (key - '0') / 10);
        return true;
    }
    switch (key) {
    case ' ': replay_play(app, !p->playing); break;
    case '.':
    case ',':
        p->playing = false;
        replay_go(app, key == '.' ? at + 1 : at - 1);
        break;
    case ']':
    case '[':
        p->playing = false;
        jump_marker(app, key == ']');
        break;
    case K_RIGHT: replay_go(app, at + leap); break;
    case K_LEFT: replay_go(app, at - leap); break;
    case K_HOME_KEY: replay_go(app, 0); break;
    case K_END_KEY: replay_go(app, n - 1); break;
    case '+':
    case '=': change_speed(app, 1); break;
    case '-': change_speed(app, -1); break;
    case 'F': p->fast = !p->fast; break;
    case K_TAB: next_view(app, 1); break;
    case K_SHIFT_TAB: next_view(app, -1); break;
    case 'V':
        p->follow = true;
        replay_go(app, at);
        break;
    case 'b': replay_run_branch(app, ""); break;
    case 'q':
    case K_ESC: leave(app, key); break;
    default: return false;
    }
    return true;
}

/* --- commands --- */

static void fail(struct app *app, const struct sl_error *err)
{
    char text[600];
    app->command_failed = true;
    app_message(app, STYLE_ERROR, "%s", sl_error_format(err, text, sizeof text));
}

void replay_run(struct app *app, const char *argument)
{
    struct sl_error err = SL_ERROR_INIT;
    const char *own = app->session ? sl_session_path(app->session) : NULL;
    char *path = argument[0] ? strdup(argument) : own ? strdup(own) : NULL;
    if (!path) {
        app->command_failed = true;
        app_message(app, STYLE_ERROR,
                    app->session ? "this session is in memory only: it has no past to replay"
                                 : "\"replay\" needs the name of a session");
        return;
    }
    if (replay_open(app, path, NULL, &err))
        fail(app, &err);
    free(path);
}

static bool trains(struct sl_session *session)
{
    struct sl_train_state state = { .job = SL_JOB_NONE };
    if (session)
        sl_session_train_state(session, &state);
    return state.job == SL_JOB_PREPARING || state.job == SL_JOB_TRAINING || state.job == SL_JOB_PAUSED;
}

void replay_run_branch(struct app *app, const char *argument)
{
    struct sl_error err = SL_ERROR_INIT;
    struct sl_moment m = { 0 };
    char *made = NULL;
    if (!app->player) {
        app->command_failed = true;
        app_message(app, STYLE_ERROR, "only a replay can be branched from; begin one with: replay");
        return;
    }
    if (trains(app->player->behind)) {
        app->command_failed = true;
        app_message(app, STYLE_ERROR, "\"%s\" still trains behind the replay; leave it with q and stop that first",
                    app->player->name ? app->player->name : "");
        return;
    }
    sl_replay_moment(app->session, sl_replay_at(app->session), &m);
    const char *files[] = { made };
    if (sl_replay_branch(app->session, argument[0] ? argument : NULL, &made, &err)) {
        fail(app, &err);
        return;
    }
    files[0] = made;
    if (app_open_files(app, files, 1, &err)) {
        fail(app, &err);
    } else {
        bool half = m.job == SL_JOB_PREPARING || m.job == SL_JOB_TRAINING || m.job == SL_JOB_PAUSED;
        app_show(app, m.run ? &view_train : &view_pipeline);
        app_message(app, STYLE_GOOD,
                    half ? "\"%s\" stands where the replay stood; Space trains on"
                         : "\"%s\" stands where the replay stood; go on from here",
                    made);
    }
    free(made);
}
