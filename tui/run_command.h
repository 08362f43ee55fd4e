/* run_command.h: what the parts of sluice run share. */
#ifndef SL_TUI_RUN_COMMAND_H
#define SL_TUI_RUN_COMMAND_H

#include "batch_work.h"
#include "progress_bar.h"

struct runner {
    const struct options *options;
    struct recipe_file recipe;
    struct sl_session *session;
    struct sl_buf out;
    struct progress_bar bar;
    size_t said;           /* lines of the session's log looked at */
    size_t points, epochs; /* reported of the current training */
    uint64_t progress_due; /* of the next event: ten a second */
    bool trained, exported, set;
    bool stopped;            /* by a breakpoint */
    uint64_t step;           /* reached when it was interrupted */
    struct sl_result counts; /* of a run without a learner */
    bool have_counts, profiled;
    uint64_t began;
};

/* Say how it goes: the bar, or an event. */
int runner_progress(struct runner *runner, const struct sl_train_state *state, struct sl_error *err);
/* Until no job runs. Errors: SL_ECANCEL a signal came, or nobody reads the output; else why the job failed. */
int runner_wait(struct runner *runner, struct sl_error *err);
/* Read every record through the stages, without a learner, into runner->counts; a reader alone: profile its columns. */
int runner_count(struct runner *runner, struct sl_error *err);
/* run_like.c: --like: report the drift and open r->session on the new data; the rest as in `options`. */
int runner_like(struct runner *runner, const struct sl_session_options *options, struct sl_error *err);
/* Carry out a command of the session, and wait until its job has ended. */
int runner_command(struct runner *runner, const char *line, struct sl_error *err);
/* An error of the run, as message and as event. */
void runner_error(void *runner, const struct sl_error *err);
/* The end of a command: its exit status, with the report or the reason why there is none. Closes the session when it
 * was interrupted. */
int runner_end(struct runner *runner, int status, struct sl_error *err);
/* run_break.c: --watch and --break: run on to the first hit, and tell of it: runner->stopped. */
int runner_break(struct runner *runner, struct sl_error *err);
/* Until the debugger is done. */
int runner_debug_wait(struct runner *runner, struct sl_error *err);
/* The final report. */
int runner_report(struct runner *runner, struct sl_error *err);
/* --quarantine, and a warning with the first reasons. */
int runner_quarantine(struct runner *runner, uint64_t total, struct sl_error *err);

#endif
