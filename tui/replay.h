/* replay.h: the workbench playing a session's past: the player takes its keys first, the view below shows what the
 * session shows, and the bar stands where the hints were, so that the view has the cells it had live. */
#ifndef SL_TUI_REPLAY_H
#define SL_TUI_REPLAY_H

#include "app_private.h"

#include "sluice/replay.h"

struct replay_mark {
    size_t moment;
    char kind; /* as drawn: '!' error, 'v' best, '^' changed parameter, '=' paused, '|' anything else */
};

struct player {
    bool playing, fast; /* fast: as fast as frames are drawn */
    bool follow;        /* views follow what happens */
    int speed;          /* of replay_speeds */
    double at;          /* seconds played */
    int64_t last;       /* frame: milliseconds */
    struct replay_mark *marks;
    size_t n_marks;
    /* What was open before; it goes on behind. */
    struct sl_session *behind;
    char *name;
    size_t said, view;
    uint64_t record;
    enum sl_filter filter;
};

#define REPLAY_SPEEDS 10
extern const double replay_speeds[REPLAY_SPEEDS];
extern const struct key_row replay_keys[];

/* Play a session. speed: a number from 0.1 to 100, "max", or NULL: 1. Errors: nothing has changed. */
int replay_open(struct app *app, const char *path, const char *speed, struct sl_error *err);
/* Back to what was open before; nothing was: the program ends. */
void replay_close(struct app *app);
/* The session played is about to be closed for another: forget it and what lay behind it. */
void replay_drop(struct app *app);
/* Speed from its text; SL_EPARAM. *max: "max". */
int replay_speed(const char *text, double *speed, bool *max, struct sl_error *err);

/* Show a moment; it may lie outside: then the nearest. */
void replay_go(struct app *app, int64_t moment);
/* Play on. Milliseconds until the next frame; -1: nothing plays. */
int replay_tick(struct app *app, int64_t now);
/* False: not the player's key. */
bool replay_key(struct app *app, int key);
void replay_play(struct app *app, bool on);
void replay_draw(struct app *app, struct area bottom);

/* `replay [SESSION]` and `branch [SESSION]`. */
void replay_run(struct app *app, const char *argument);
void replay_run_branch(struct app *app, const char *argument);

#endif
