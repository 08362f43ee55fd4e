/* batch.h: what the commands without a screen share: messages, output, signals, recipes line by line. */
#ifndef SL_TUI_BATCH_H
#define SL_TUI_BATCH_H

#include "options.h"

#include "sluice/session.h"

enum {
    EXIT_DONE = 0,
    EXIT_FAILED = 1,
    EXIT_USAGE = 2,
    EXIT_STOPPED = 3, /* run --break: at a record */
    EXIT_INTERRUPTED = 130,
    EXIT_PIPE = 141, /* nobody reads what is written */
};

/* The commands; each returns the program's exit status. */
int command_run(const struct options *options);
int command_resume(const struct options *options);
int command_attach(const struct options *options);
int command_predict(const struct options *options);
int command_runs(const struct options *options);
int command_compare(const struct options *options);
int command_verify(const struct options *options);
int command_export(const struct options *options);
int command_bench(const struct options *options);
int command_stages(const struct options *options);
int command_check(const struct options *options);
int command_shell(const struct options *options);
int command_replay(const struct options *options);
int command_plain(const struct options *options);

/* --- messages: one sentence a line on standard error, after "sluice: " --- */
void batch_error(const struct sl_error *err);
void batch_note(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* Say what went wrong and return the exit status for it. SL_ECANCEL: 130, without a word. */
int batch_failed(const struct sl_error *err);
/* The first few rejects, and how many there are in all; nothing when none. */
void batch_warn_rejects(const struct sl_reject *rejects, size_t n, uint64_t total, const char *const *files);

/* Rejects as rows of CSV: file, line, byte, record, reason, excerpt. */
void batch_quarantine_rows(const struct sl_reject *rejects, size_t n, const char *const *files, struct sl_buf *out);
int batch_quarantine_write(const char *path, struct sl_buf *rows, struct sl_error *err);

/* --- output --- */
/* Send what is in out to standard output and empty it. Errors: SL_EIO; SL_ECANCEL when the reader of the pipe is gone
 * (see batch_pipe_broken). Out of memory in the chain of appends is reported here. */
int batch_flush(struct sl_buf *out, struct sl_error *err);
/* Is standard output a pipe whose reader is gone? */
bool batch_pipe_broken(void);
/* The same as an ending of a command: its exit status. */
int batch_finish(struct sl_buf *out);
bool batch_colour(const struct options *options, int fd);
/* Does the locale say UTF-8? Looks at the environment only. */
bool batch_utf8(void);
/* Columns of the terminal, or `otherwise`. */
int batch_width(int fd, int otherwise);
/* "12,345" */
void batch_count(struct sl_buf *out, uint64_t n);
/* "1.2 s", "3 min 20 s" */
void batch_duration(struct sl_buf *out, double seconds);
/* "64 MB" */
void batch_bytes(struct sl_buf *out, double bytes);

/* --- signals: SIGINT, SIGTERM and SIGHUP set a flag; a second one ends the program at once --- */
int batch_signals_open(struct sl_error *err);
/* Something is kept, so work goes on when the terminal goes away: SIGHUP does not end it any more, and what is written
 * to a terminal that is gone is lost without a word. */
void batch_signals_survive(void);
bool batch_survives(void);
/* Did it go away? (Then a pipe without a reader is no reason to stop either.) */
bool batch_hung_up(void);
/* The signal that came, or 0. */
int batch_signal(void);
/* Forget it (a prompt goes on after ^C). */
void batch_signal_forget(void);
/* Readable once a signal came. */
int batch_signal_fd(void);
/* Also set *cancel when a signal comes; NULL: no more. */
void batch_signal_cancels(_Atomic bool *cancel);

/* --- recipes, a statement at a time --- */
struct recipe_line {
    struct sl_str text; /* continuations joined, byte for byte as long as in the file */
    uint64_t line;      /* in the file, 1-based */
    bool stage;         /* a stage's statement; else a command */
};
struct recipe_file {
    const char *path;
    char *base; /* its folder */
    struct sl_buf text;
    struct recipe_line *lines; /* without blank ones and comments */
    size_t n;
    struct sl_arena arena;
    struct sl_statement *statements; /* of the stage lines, in order */
    size_t n_statements;
};
/* Read and cut into lines; what a line says is not yet looked at. */
int recipe_file_read(struct recipe_file *out, const char *path, struct sl_error *err);
void recipe_file_release(struct recipe_file *file);
/* Parse line i: a stage's statement or one of sl_commands. *statement is set for a stage (class != NULL). The error has
 * file, line and column. */
int recipe_file_parse(struct recipe_file *file, size_t i, struct sl_statement *statement, struct sl_error *err);
/* Parse every line; report(ctx) is called for each error. Number of errors. */
size_t recipe_file_check(struct recipe_file *file, void (*report)(void *ctx, const struct sl_error *err), void *ctx);
/* Put the stages together. Errors have file, line and column. *out may be NULL. */
int recipe_file_assemble(struct recipe_file *file, struct sl_pipeline **out, struct sl_error *err);
/* Give an error of line i its file, and line and column in the file: err->column is one in the line's text, or 0. */
void recipe_file_locate(const struct recipe_file *file, size_t i, struct sl_error *err);

/* The same for an error that names the file and a line already, but no column. */
void recipe_file_refine(const struct recipe_file *file, struct sl_error *err);

/* --- a session for a file of any kind --- */
/* Open a session file, or a session on a recipe or on data (kept in --session, or in memory without). create: one file
 * that is not there is a session to be made. */
int batch_open(struct sl_session **out, const struct options *options, const char *const *files, size_t n, bool create,
               struct sl_error *err);
/* Wait until every record has been seen: profile and quarantine are whole then. threads ≤ 0: all cores. tick (may be
 * NULL) is called meanwhile. */
int batch_scan(struct sl_browser *browser, int threads, void (*tick)(void *ctx, const struct sl_scan_state *state),
               void *ctx, struct sl_error *err);
/* A word that the recipe language reads back as this text. */
void batch_quote(const char *text, struct sl_buf *out);

/* --- reports --- */
void runs_table(const struct sl_run_info *runs, size_t n, bool colour, struct sl_buf *out);
/* The figures of a result as tables; one without classes is of a run that had no learner. */
void batch_report_result(const struct sl_result *result, bool colour, struct sl_buf *out);
/* "rating: category, 2,240 records, 71 missing …" */
void batch_report_column(const struct sl_column_profile *column, struct sl_buf *out);
/* What the trainer does now: "read", "fit", "train" … */
const char *batch_phase(const struct sl_train_state *state);
/* One line a JSON object, with its newline. */
void batch_json_progress(const struct sl_train_state *state, struct sl_buf *out);
void batch_json_point(const struct sl_point *point, struct sl_buf *out);
void batch_json_epoch(const struct sl_epoch *epoch, struct sl_buf *out);
void batch_json_error(const struct sl_error *err, struct sl_buf *out);

#endif
