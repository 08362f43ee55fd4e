/* view.h: a view of the workbench and what it may ask of the program.
 *
 * Views know the session and the screen, and nothing of each other. A key does what a command does: views change state
 * only through app_command(). Each view's key table drives its help; nothing is bound that is not in it. */
#ifndef SL_TUI_VIEW_H
#define SL_TUI_VIEW_H

#include "screen.h"

#include "sluice/session.h"

struct app;

struct key_row {
    const char *keys; /* as shown: "J K" */
    const char *help;
    const char *command; /* the command it issues, for help; NULL: it only moves the view */
    bool hint;           /* named in the hint line when there is room */
};

struct inner_keys {
    const char *name;
    const struct key_row *keys;
};

struct view {
    const char *name;
    const struct key_row *keys; /* ends with NULL keys */
    /* What may fill it for a while has keys of its own: by number, for the manual page (NULL past the last), and those
     * that count now (NULL: `keys`). May be NULL. */
    const struct inner_keys *(*inner)(size_t i);
    const struct inner_keys *(*inside)(void *state);
    int (*open)(struct app *app, void **state, struct sl_error *err);
    void (*close)(void *state);
    /* Draw everything into area, from the model; called after a key, a change or a resize, at most 30 times a second.
     */
    void (*draw)(struct app *app, void *state, struct area area);
    /* False: not this view's key. */
    bool (*key)(struct app *app, void *state, int key);
    /* The session changed. May be NULL. */
    void (*changed)(struct app *app, void *state);
    /* Do a few milliseconds of work that waits (loading, searching), when no key does; true: there is more. May be
     * NULL. */
    bool (*tick)(struct app *app, void *state);
};

/* NULL: the view's own keys count. */
const struct inner_keys *view_inside(const struct view *view, void *state);

extern const struct view view_data, view_pipeline, view_step, view_train, view_runs;

struct sl_session *app_session(struct app *app); /* may be NULL in the runs view */
/* Carry out a command line; errors and replies go to the message line (and the log). False: it failed. */
bool app_command(struct app *app, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* Do something long on a thread of its own, which looks at progress->cancel: the bottom line says how far it is, ^C
 * calls it off. Returns what it returned. */
int app_aside(struct app *app, struct sl_progress *progress, int (*work)(void *ctx, struct sl_error *err), void *ctx,
              struct sl_error *err);
/* A line for the message row. */
void app_message(struct app *app, enum style style, const char *format, ...) __attribute__((format(printf, 3, 4)));
/* Open the prompt with this text; `done` gets the line (NULL: cancelled). Completion knows the command language. */
void app_prompt(struct app *app, const char *label, const char *text, bool commands,
                void (*done)(struct app *app, void *ctx, const char *line), void *ctx);
/* Put a form over the view for stage statement `text` (NULL params: a new stage of class); done gets the new statement.
 */
void app_form(struct app *app, const struct sl_stage_class *class, const void *params, const struct sl_schema *schema,
              void (*done)(struct app *app, void *ctx, const char *statement), void *ctx);
/* A list to choose from; done gets the index, or -1. Items are copied. */
void app_choose(struct app *app, const char *title, const char *const *items, const char *const *notes, size_t n,
                void (*done)(struct app *app, void *ctx, long choice), void *ctx);
/* Ask yes or no. */
void app_confirm(struct app *app, const char *question, void (*done)(struct app *app, void *ctx, bool yes), void *ctx);
/* Open a file (data, recipe or session) in place of the present session. */
void app_open(struct app *app, const char *path);
void app_show(struct app *app, const struct view *view);
void app_redraw(struct app *app);
/* The record the user looks at, shared by the Data, Pipeline and Step views. */
uint64_t app_record(const struct app *app);
void app_set_record(struct app *app, uint64_t record);

#endif
