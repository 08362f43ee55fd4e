/* batch_signals.c: SIGINT, SIGTERM and SIGHUP as a flag, a byte in a pipe, and a request to whatever runs.
 *
 * The action is taken away by the first signal, so that a second one ends the program even when it hangs. SIGPIPE is
 * ignored: see batch_flush(); where a session is kept, SIGHUP is only noted. Children are never started, so nobody
 * inherits that. */
#include "batch.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdatomic.h>
#include <unistd.h>

static const int wanted[] = { SIGINT, SIGTERM, SIGHUP };

static volatile sig_atomic_t caught, hung_up;
static bool survives;
static int pipe_ends[2] = { -1, -1 };
static _Atomic(_Atomic bool *) cancels;

static void on_signal(int number)
{
    int saved = errno;
    caught = number;
    _Atomic bool *cancel = atomic_load(&cancels);
    if (cancel) {
        atomic_store(cancel, true);
    }
    ssize_t written = write(pipe_ends[1], "!", 1);
    (void)written; /* a full pipe holds the news already */
    errno = saved;
}

static void install(void)
{
    struct sigaction action = { .sa_handler = on_signal, .sa_flags = (int)SA_RESETHAND };
    sigemptyset(&action.sa_mask);
    for (size_t i = 0; i < sizeof wanted / sizeof *wanted; i++) {
        struct sigaction before;
        if (wanted[i] == SIGHUP && survives) {
            continue;
        }
        /* nohup and background jobs of a shell without job control ignore signals on purpose. */
        if (sigaction(wanted[i], NULL, &before) == 0 && before.sa_handler != SIG_IGN) {
            sigaction(wanted[i], &action, NULL);
        }
    }
}

int batch_signals_open(struct sl_error *err)
{
    if (pipe_ends[0] < 0 && pipe2(pipe_ends, O_CLOEXEC | O_NONBLOCK) != 0) {
        return sl_fail_errno(err, "make a pipe for signals", NULL);
    }
    signal(SIGPIPE, SIG_IGN);
    signal(SIGXFSZ, SIG_IGN); /* a file that may not grow is an error like a full disk */
    install();
    return SL_OK;
}

static void on_hangup(int number)
{
    (void)number;
    hung_up = 1;
}

void batch_signals_survive(void)
{
    struct sigaction action = { .sa_handler = on_hangup, .sa_flags = SA_RESTART }, before;
    sigemptyset(&action.sa_mask);
    survives = true;
    if (sigaction(SIGHUP, NULL, &before) == 0 && before.sa_handler != SIG_IGN) {
        sigaction(SIGHUP, &action, NULL);
    }
}

bool batch_survives(void)
{
    return survives;
}

bool batch_hung_up(void)
{
    return hung_up;
}

int batch_signal(void)
{
    return caught;
}

void batch_signal_forget(void)
{
    char bytes[64];
    while (read(pipe_ends[0], bytes, sizeof bytes) > 0) {}
    caught = 0;
    install();
}

int batch_signal_fd(void)
{
    return pipe_ends[0];
}

void batch_signal_cancels(_Atomic bool *cancel)
{
    atomic_store(&cancels, cancel);
    if (cancel && caught) {
        atomic_store(cancel, true);
    }
}
