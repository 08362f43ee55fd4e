/* signals.c: a self-pipe for the signals a terminal program must answer, and handlers for those it dies of.
 *
 * A handler writes one byte and nothing else. Fatal signals run the rescue (terminal restored by prepared bytes), then
 * are raised again with the action there was before, so core dumps and sanitizers' reports stay what they were. An
 * alternate stack serves the handler when the stack itself has overflowed. */
#include "signals.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <unistd.h>

#define COUNT(a) (sizeof(a) / sizeof *(a))

static const int wanted[] = { SIGWINCH, SIGTSTP, SIGCONT, SIGINT, SIGTERM, SIGHUP, SIGQUIT };
static const int fatal[] = { SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT, SIGSYS, SIGXCPU };

static struct {
    bool open;
    int pipe[2];
    sigset_t outside; /* mask from before, used inside signals_poll */
    struct sigaction before[COUNT(wanted)], before_fatal[COUNT(fatal)], before_pipe, before_size;
    void (*rescue)(void);
    stack_t stack, before_stack;
} signals;

static void on_signal(int number)
{
    int saved = errno;
    char byte = (char)number;
    ssize_t written = write(signals.pipe[1], &byte, 1);
    (void)written; /* a full pipe holds the news already */
    errno = saved;
}

static void on_fatal(int number)
{
    static volatile sig_atomic_t again;
    if (!again) {
        again = 1;
        signals.rescue();
    }
    for (size_t i = 0; i < COUNT(fatal); i++) {
        if (fatal[i] == number) {
            sigaction(number, &signals.before_fatal[i], NULL);
        }
    }
    raise(number);
}

static void catch_wanted(void)
{
    sigset_t block;
    sigemptyset(&block);
    struct sigaction action = { .sa_handler = on_signal, .sa_flags = SA_RESTART };
    sigfillset(&action.sa_mask);
    for (size_t i = 0; i < COUNT(wanted); i++) {
        sigaddset(&block, wanted[i]);
        sigaction(wanted[i], &action, &signals.before[i]);
    }
    pthread_sigmask(SIG_BLOCK, &block, &signals.outside);
}

static void catch_fatal(void)
{
    signals.stack = (stack_t){ .ss_sp = malloc(65536), .ss_size = 65536 };
    if (signals.stack.ss_sp) {
        sigaltstack(&signals.stack, &signals.before_stack);
    }
    struct sigaction action = { .sa_handler = on_fatal, .sa_flags = SA_ONSTACK | SA_NODEFER };
    sigemptyset(&action.sa_mask);
    for (size_t i = 0; i < COUNT(fatal); i++) {
        sigaction(fatal[i], &action, &signals.before_fatal[i]);
    }
    struct sigaction ignore = { .sa_handler = SIG_IGN };
    sigaction(SIGPIPE, &ignore, &signals.before_pipe);
    sigaction(SIGXFSZ, &ignore, &signals.before_size); /* a file that may not grow is an error like a full disk */
}

int signals_open(void (*rescue)(void), struct sl_error *err)
{
    if (pipe2(signals.pipe, O_CLOEXEC | O_NONBLOCK) != 0) {
        return sl_fail_errno(err, "make a pipe for signals", NULL);
    }
    signals.rescue = rescue;
    catch_wanted();
    catch_fatal();
    signals.open = true;
    return SL_OK;
}

void signals_close(void)
{
    if (!signals.open) {
        return;
    }
    signals.open = false;
    for (size_t i = 0; i < COUNT(wanted); i++) {
        sigaction(wanted[i], &signals.before[i], NULL);
    }
    for (size_t i = 0; i < COUNT(fatal); i++) {
        sigaction(fatal[i], &signals.before_fatal[i], NULL);
    }
    sigaction(SIGPIPE, &signals.before_pipe, NULL);
    sigaction(SIGXFSZ, &signals.before_size, NULL);
    pthread_sigmask(SIG_SETMASK, &signals.outside, NULL);
    if (signals.stack.ss_sp) {
        sigaltstack(&signals.before_stack, NULL);
        free(signals.stack.ss_sp);
        signals.stack.ss_sp = NULL;
    }
    close(signals.pipe[0]);
    close(signals.pipe[1]);
}

void signals_outlive_terminal(void)
{
    struct sigaction ignore = { .sa_handler = SIG_IGN };
    sigaction(SIGHUP, &ignore, NULL); /* one that waits is forgotten with it */
    for (size_t i = 0; i < COUNT(wanted); i++) {
        if (wanted[i] == SIGHUP) {
            signals.before[i] = ignore;
        }
    }
}

int signals_poll(struct pollfd *fds, nfds_t n, int timeout_ms)
{
    struct timespec timeout = { timeout_ms / 1000, timeout_ms % 1000 * 1000000L };
    return ppoll(fds, n, timeout_ms < 0 ? NULL : &timeout, &signals.outside);
}

unsigned signals_take(void)
{
    unsigned bits = 0;
    char bytes[64];
    for (ssize_t n; (n = read(signals.pipe[0], bytes, sizeof bytes)) > 0;) {
        for (ssize_t i = 0; i < n; i++) {
            switch (bytes[i]) {
            case SIGWINCH: bits |= SIGNAL_RESIZE; break;
            case SIGTSTP: bits |= SIGNAL_STOP; break;
            case SIGCONT: bits |= SIGNAL_CONTINUE; break;
            case SIGINT: bits |= SIGNAL_INTERRUPT; break;
            case SIGHUP: bits |= SIGNAL_HANGUP; break;
            default: bits |= SIGNAL_END; break;
            }
        }
    }
    return bits;
}

int signals_fd(void)
{
    return signals.pipe[0];
}

void signals_stop(void)
{
    struct sigaction action = { .sa_handler = SIG_DFL }, ours;
    sigset_t stop, before;
    sigemptyset(&stop);
    sigaddset(&stop, SIGTSTP);
    sigaction(SIGTSTP, &action, &ours);
    kill(0, SIGTSTP);
    pthread_sigmask(SIG_UNBLOCK, &stop, &before); /* here it stops */
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    sigaction(SIGTSTP, &ours, NULL);
}
