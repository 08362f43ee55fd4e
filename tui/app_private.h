/* app_private.h: what the parts of the workbench's frame share. Views see view.h only. */
#ifndef SL_TUI_APP_PRIVATE_H
#define SL_TUI_APP_PRIVATE_H

#include "app.h"
#include "view.h"

struct player; /* replay.h */

#define APP_VIEWS 5

/* Something that lies over the view and takes its keys: help, a list, a form, a question. */
struct layer;
struct layer_class {
    const struct key_row *keys; /* for help and the hint line */
    bool bottom;                /* it draws on the bottom line, also on a tiny screen */
    void (*draw)(struct app *app, struct layer *layer, struct area area);
    void (*key)(struct app *app, struct layer *layer, int key);
    void (*free)(struct layer *layer);
};
struct layer {
    const struct layer_class *class;
    struct layer *below;
};
/* The app owns it from here. */
void app_push(struct app *app, struct layer *layer);
/* Take it away and free it, wherever it lies. */
void app_pop(struct app *app, struct layer *layer);

struct app {
    const struct app_options *options;
    struct sl_session *session;
    size_t said; /* lines of the session's log taken over */
    char *name;  /* what is open, for the header */
    void *states[APP_VIEWS];
    bool opened[APP_VIEWS];
    size_t current;
    struct layer *top;
    uint64_t record;
    enum sl_filter filter;
    enum sl_job job; /* of the training, as last seen */
    enum style message_style;
    char message[512];
    struct sl_buf copied;  /* by `y`, for the prompt's ^Y */
    struct player *player; /* a replay; NULL: none */
    bool headless;         /* the terminal went away, the training goes on */
    bool dirty, quit, command_failed;
    bool calm;                  /* dirty only because a training goes on */
    int64_t drawn, interrupted; /* when: milliseconds */
    struct sl_error end;        /* why it ended, when not by the user */
};

extern const struct view *const app_views[APP_VIEWS];
extern const struct key_row app_keys[];

int64_t app_now(void);
void app_draw(struct app *app);
void app_draw_message(struct app *app, struct area bottom);
void app_key(struct app *app, int key);
void app_interrupt(struct app *app);
/* For sl_session_options.busy; ctx is the app. */
bool app_busy(void *ctx, const struct sl_progress *progress);
void app_ask_quit(struct app *app);
/* Is there a training that runs or is held? */
bool app_job_runs(const struct app *app);
/* app_files.c: a list of recipes and sessions to open instead of this one. */
void app_choose_file(struct app *app);
void app_show_number(struct app *app, size_t number);
/* Tell every open view that the model may have changed. */
void app_changed(struct app *app);
/* Take over what the session said. */
void app_listen(struct app *app);
/* Open what the options name. Errors: nothing is open. */
int app_open_files(struct app *app, const char *const *files, size_t n, struct sl_error *err);
void app_close_session(struct app *app);
/* app_attach.c: a session that another process has open. */
bool app_attached(struct app *app);
/* For the frame, in `room` columns if it can; empty when it is not attached. */
void app_attach_text(struct app *app, int room, char *out, size_t size);
void app_attach_interrupt(struct app *app);
/* Show what the session has said since its log had `before` lines. */
void app_attach_news(struct app *app, size_t before);
/* app_headless.c: the terminal is gone (a signal said so, or itself): leave; what trains goes on without it. */
void app_hang_up(struct app *app, bool terminal_gone);
/* After the loop, instead of giving the terminal back: to the end of the training. */
void app_headless(struct app *app);

/* Carry out a line from the prompt: the workbench's own commands first. */
bool app_execute(struct app *app, const char *line);
struct app_command {
    const char *name, *usage, *summary;
    void (*run)(struct app *app, const char *argument);
};
extern const struct app_command app_commands[]; /* ends with a NULL name */

/* Help for a stage or command, or the list of all. */
void app_explain(struct app *app, const char *name);

/* Layers made here. */
void app_help(struct app *app);
void app_show_log(struct app *app);
/* Text to read, in lines. */
void app_show_text(struct app *app, const char *title, struct sl_str text);

enum sl_filter app_filter(const struct app *app);
void app_set_filter(struct app *app, enum sl_filter filter);
/* Keep text for the prompt, and with `system` send it to the system's clipboard. */
void app_copy(struct app *app, struct sl_str text, bool system);

#endif
