/* aside.c: something long done by a thread of its own, while its caller shows how far it is and may call it off. */
#include "sluice/pool.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <unistd.h>

struct aside {
    int (*work)(void *ctx, struct sl_error *err);
    void *ctx;
    struct sl_error *err;
    int status, done;
};

static void *aside_main(void *ctx)
{
    struct aside *aside = ctx;
    aside->status = aside->work(aside->ctx, aside->err);
    eventfd_write(aside->done, 1);
    return NULL;
}

int sl_aside(int (*work)(void *ctx, struct sl_error *err), void *ctx, void (*wait)(void *ctx, int done), void *wait_ctx,
             struct sl_error *err)
{
    struct sl_error own = SL_ERROR_INIT;
    struct aside aside = { .work = work, .ctx = ctx, .err = err ? err : &own, .done = eventfd(0, EFD_CLOEXEC) };
    pthread_t thread;
    sigset_t all, before;
    if (aside.done < 0)
        return sl_fail_errno(err, "start working", NULL);
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    int code = pthread_create(&thread, NULL, aside_main, &aside);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (code) {
        errno = code;
        close(aside.done);
        return sl_fail_errno(err, "start a thread", NULL);
    }
    struct pollfd fd = { .fd = aside.done, .events = POLLIN };
    while (poll(&fd, 1, 0) <= 0)
        wait(wait_ctx, aside.done);
    pthread_join(thread, NULL);
    close(aside.done);
    return aside.status;
}
