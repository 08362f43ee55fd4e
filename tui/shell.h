/* shell.h: the line-oriented face: commands in, text out. sluice shell and sluice --plain are this. */
#ifndef SL_TUI_SHELL_H
#define SL_TUI_SHELL_H

#include "batch.h"

struct shell {
    struct sl_session *session;
    const struct options *options;
    bool script;  /* the lines come from a pipe or a file: one waits for the job before it, an error ends it */
    bool editing; /* readline holds the terminal's last line */
    bool quit, waiting, eof;
    int exit_status;
    uint64_t line;    /* of the script */
    struct sl_buf in; /* read, not yet carried out */
    struct sl_buf out;
    /* What was told already. */
    size_t said;
    enum sl_job job;
    double fraction;
};

/* Own the terminal or the pipe until the user leaves; closes nothing. Returns the exit status. */
int shell_run(struct shell *shell);
/* Carry out one line. */
void shell_execute(struct shell *shell, const char *line);
/* Tell what changed since: log lines, the job's state, every tenth of its way. */
void shell_listen(struct shell *shell);
/* Send what is in shell->out, around the line being edited. */
void shell_flush(struct shell *shell);
bool shell_busy(struct shell *shell);

/* Commands of the shell beside the session's; ends with a NULL name. */
struct shell_command {
    const char *name, *usage, *summary;
    bool at_once; /* also in a script while a job runs */
    int (*run)(struct shell *shell, const struct sl_line *line, struct sl_arena *arena, struct sl_error *err);
};
extern const struct shell_command shell_commands[];

/* shell_edit.c: readline on a terminal. */
void shell_edit_open(struct shell *shell);
void shell_edit_close(void);
/* Bytes are there to be read. */
void shell_edit_read(void);
/* Take the line away, and bring it back, around other text. */
void shell_edit_hide(void);
void shell_edit_show(void);
/* ^C at the prompt: an empty line again. */
void shell_edit_clear(void);

/* plain.c: what `show` shows. */
struct plain_show {
    const char *name, *usage, *summary;
    const struct sl_param *params;
    const void *defaults;
    size_t params_size;
    int (*run)(struct sl_session *session, const void *params, struct sl_buf *out, struct sl_error *err);
};
extern const struct plain_show plain_shows[];
/* line: "show WHAT …". */
int plain_show(struct sl_session *session, const struct sl_line *line, struct sl_arena *arena, struct sl_buf *out,
               struct sl_error *err);
struct plain_count {
    int64_t n; /* lines at most */
};
int plain_show_train(struct sl_session *session, const void *params, struct sl_buf *out, struct sl_error *err);
int plain_show_result(struct sl_session *session, const void *params, struct sl_buf *out, struct sl_error *err);
int plain_show_weights(struct sl_session *session, const void *params, struct sl_buf *out, struct sl_error *err);
int plain_show_data(struct sl_session *session, const void *params, struct sl_buf *out, struct sl_error *err);
extern const struct sl_param plain_data_rows[];
extern const void *const plain_data_defaults;
extern const size_t plain_data_size;

#endif
