/* shell.c: the loop of the line-oriented face: lines, the session, signals.
 *
 * In a script a line waits until the job that the one before it started is done, so `train` and then `export` do what
 * they say; pause, stop and what only looks are carried out at once. At its end the last job is waited for. */
#include "shell.h"

#include "sluice/debug.h"

#include <errno.h>
#include <math.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

enum { TICK_MS = 100 };
#define LINE_MOST (UINT64_C(1) << 20)

bool shell_busy(struct shell *shell)
{
    struct sl_train_state state;
    struct sl_debug_state debug;
    sl_session_train_state(shell->session, &state);
    sl_debug_state(shell->session, &debug);
    return state.job == SL_JOB_PREPARING || state.job == SL_JOB_TRAINING || debug.task != SL_DEBUG_IDLE;
}

static bool starts_with_word(const char *line, const char *word)
{
    line += strspn(line, " \t");
    size_t n = strlen(word);
    return strncmp(line, word, n) == 0 && (!line[n] || line[n] == ' ' || line[n] == '\t');
}

/* May the line be carried out while a job runs? */
static bool at_once(const char *line)
{
    static const char *const names[] = { "pause", "stop", "help", "note" };
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (starts_with_word(line, names[i])) {
            return true;
        }
    }
    for (const struct shell_command *c = shell_commands; c->name; c++) {
        if (c->at_once && starts_with_word(line, c->name)) {
            return true;
        }
    }
    return false;
}

/* The next whole line of what was read, or NULL; owned by the caller. A backslash before its end joins the next. */
static char *next_line(struct shell *shell)
{
    size_t at = 0;
    char *p = shell->in.p;
    for (;; at++) {
        char *end = at < shell->in.n ? memchr(p + at, '\n', shell->in.n - at) : NULL;
        if (!end && !(shell->eof && shell->in.n)) {
            return NULL;
        }
        at = end ? (size_t)(end - p) : shell->in.n;
        size_t last = at && p[at - 1] == '\r' ? at - 1 : at;
        if (!end || last == 0 || p[last - 1] != '\\') {
            break;
        }
        memset(p + last - 1, ' ', at - last + 2);
        shell->line++;
    }
    char *line = strndup(p, at);
    return line;
}

static void drop_line(struct shell *shell, size_t n)
{
    n += n < shell->in.n; /* its newline */
    memmove(shell->in.p, shell->in.p + n, shell->in.n - n);
    shell->in.n -= n;
    shell->line++;
}

/* Carry out what was read, as far as it may be now. */
static void execute_lines(struct shell *shell)
{
    while (!shell->quit) {
        char *line = next_line(shell);
        if (!line) {
            return;
        }
        size_t n = strlen(line);
        bool blocked = shell->waiting || shell->script;
        if (blocked && shell_busy(shell) && !at_once(line)) {
            free(line);
            return;
        }
        shell->waiting = false;
        if (sl_session_poll(shell->session)) {
            shell_listen(shell);
        }
        size_t length = 0;
        while (length < shell->in.n && shell->in.p[length] != '\n') {
            length++;
        }
        drop_line(shell, length);
        while (n && (line[n - 1] == '\r' || line[n - 1] == ' ')) {
            line[--n] = '\0';
        }
        shell_execute(shell, line);
        free(line);
    }
}

static void read_input(struct shell *shell)
{
    char bytes[8192];
    ssize_t n = read(STDIN_FILENO, bytes, sizeof bytes);
    if (n < 0 && (errno == EINTR || errno == EAGAIN)) {
        return;
    }
    if (n <= 0) {
        shell->eof = true;
        return;
    }
    sl_buf_add(&shell->in, bytes, (size_t)n);
    if (shell->in.failed || (shell->in.n > LINE_MOST && !memchr(shell->in.p, '\n', shell->in.n))) {
        batch_note("a line is longer than 1 MiB; cut it into several");
        shell->exit_status = EXIT_FAILED;
        shell->quit = true;
    }
}

static void leave_interrupted(struct shell *shell)
{
    shell->exit_status = batch_pipe_broken() ? EXIT_PIPE : EXIT_INTERRUPTED;
    shell->quit = true;
}

/* ^C stops the job, or the line being typed; the other signals end the program. */
static void answer_signal(struct shell *shell)
{
    bool interrupt = batch_signal() == SIGINT;
    if (!interrupt || shell->script) {
        leave_interrupted(shell);
        return;
    }
    batch_signal_forget();
    struct sl_debug_state debug;
    sl_debug_state(shell->session, &debug);
    if (debug.task != SL_DEBUG_IDLE) {
        sl_debug_cancel(shell->session);
    } else if (shell_busy(shell)) {
        shell_execute(shell, "stop");
    } else if (shell->editing) {
        shell_edit_clear();
    } else {
        sl_buf_puts(&shell->out, "\ntype quit to leave\n");
        shell_flush(shell);
    }
}

static void step(struct shell *shell)
{
    bool busy = shell_busy(shell);
    /* A script is read no further while its next line waits. */
    bool full = shell->in.n && memchr(shell->in.p, '\n', shell->in.n);
    struct pollfd fds[] = { { .fd = shell->eof || (full && busy) ? -1 : STDIN_FILENO, .events = POLLIN },
                            { .fd = sl_session_fd(shell->session), .events = POLLIN },
                            { .fd = batch_signal_fd(), .events = POLLIN } };
    poll(fds, 3, busy ? TICK_MS : -1);
    if (batch_signal()) {
        answer_signal(shell);
    } else if (fds[0].revents && shell->editing) {
        shell_edit_read();
    } else if (fds[0].revents) {
        read_input(shell);
    }
}

int shell_run(struct shell *shell)
{
    shell->fraction = (double)NAN;
    struct sl_train_state state;
    sl_session_train_state(shell->session, &state);
    shell->job = state.job;
    if (shell->editing) {
        shell_edit_open(shell);
    }
    while (!shell->quit) {
        if (sl_session_poll(shell->session)) {
            shell_listen(shell);
        }
        execute_lines(shell);
        if (shell->quit || (shell->eof && !shell->in.n && !(shell->script && shell_busy(shell)))) {
            break;
        }
        step(shell);
    }
    if (shell->editing) {
        shell_edit_close();
    }
    sl_buf_release(&shell->in);
    sl_buf_release(&shell->out);
    return shell->exit_status;
}
