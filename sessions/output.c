/* output.c: pieces made in any order, written in theirs.
 *
 * Whoever brings the piece that is next writes it, and those waiting behind it, outside the lock: the others go on
 * working. A thread far ahead waits, so that memory stays bounded, but not for ever: should the thread that has the
 * next piece have failed, nobody would wake it. The file is not synced to disk: a crash of the machine may lose it, as
 * with any program that writes large results; a crash of this one may not. */
#include "output.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { WAIT_MS = 100, WAITS_MOST = 20 };

static int open_temporary(struct output *o, const char *path, const struct stat *old, struct sl_error *err)
{
    o->target = old ? realpath(path, NULL) : strdup(path);
    if (!o->target)
        return sl_fail_errno(err, "write", path);
    const char *slash = strrchr(o->target, '/');
    int folder = slash ? (int)(slash - o->target) + 1 : 0;
    for (int attempt = 0; attempt < 100; attempt++) {
        if (asprintf(&o->temporary, "%.*s.sluice-%ld-%d.tmp", folder, o->target, (long)getpid(), attempt) < 0) {
            o->temporary = NULL;
            return sl_fail_memory(err, "writing a file");
        }
        o->fd = open(o->temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
        if (o->fd >= 0) {
            if (old && fchmod(o->fd, old->st_mode & 0777) != 0)
                return sl_fail_errno(err, "write", path);
            return SL_OK;
        }
        int number = errno;
        free(o->temporary);
        o->temporary = NULL;
        errno = number;
        if (number != EEXIST)
            break;
    }
    return sl_fail_errno(err, "write", path);
}

int output_open(struct output *o, const char *path, int threads, struct sl_error *err)
{
    struct stat old;
    *o = (struct output){ .fd = -1, .most = 4 * (size_t)(threads > 0 ? threads : 1) };
    pthread_mutex_init(&o->lock, NULL);
    pthread_condattr_t monotonic;
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_cond_init(&o->moved, &monotonic);
    pthread_condattr_destroy(&monotonic);
    int status = SL_OK;
    if (!path || strcmp(path, "-") == 0) {
        o->fd = fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 3);
        status = o->fd < 0 ? sl_fail_errno(err, "write to", "standard output") : SL_OK;
    } else if (stat(path, &old) != 0) {
        status = open_temporary(o, path, NULL, err);
    } else if (S_ISREG(old.st_mode)) {
        status = open_temporary(o, path, &old, err);
    } else {
        o->fd = open(path, O_WRONLY | O_CLOEXEC | O_NOCTTY);
        status = o->fd < 0 ? sl_fail_errno(err, "write", path) : SL_OK;
    }
    return status ? output_close(o, status, err) : SL_OK;
}

static bool write_all(int fd, const struct sl_buf *text)
{
    for (size_t at = 0; at < text->n;) {
        ssize_t done = write(fd, text->p + at, text->n - at);
        if (done < 0 && errno != EINTR)
            return false;
        at += done > 0 ? (size_t)done : 0;
    }
    return true;
}

static void fail(struct output *o, int number)
{
    if (o->status)
        return;
    errno = number;
    o->status = sl_fail_errno(&o->error, "write", o->target ? o->target : "standard output");
}

/* Keep the emptied buffer for the next piece that has to wait. */
static void put_aside(struct output *o, struct sl_buf *text)
{
    text->n = 0;
    if (o->n_spare < sizeof o->spare / sizeof *o->spare)
        o->spare[o->n_spare++] = *text;
    else
        sl_buf_release(text);
    *text = (struct sl_buf){ 0 };
}

/* Write `text`, then every waiting piece whose turn has come. Called and left with the lock held. */
static void write_turns(struct output *o, struct sl_buf *text)
{
    struct sl_buf own = *text;
    bool waited = false;
    o->writing = true;
    for (;;) {
        pthread_mutex_unlock(&o->lock);
        bool fine = write_all(o->fd, &own);
        int number = errno;
        pthread_mutex_lock(&o->lock);
        if (!fine)
            fail(o, number);
        if (waited)
            put_aside(o, &own);
        o->next++;
        pthread_cond_broadcast(&o->moved);
        size_t i = 0;
        while (i < o->n && o->pieces[i].sequence != o->next)
            i++;
        if (i == o->n || o->status)
            break;
        own = o->pieces[i].text;
        waited = true;
        o->pieces[i] = o->pieces[--o->n];
    }
    o->writing = false;
}

static int keep_piece(struct output *o, uint64_t sequence, struct sl_buf *text, struct sl_error *err)
{
    if (o->n == o->capacity) {
        size_t capacity = o->capacity ? o->capacity * 2 : 16;
        struct output_piece *pieces = realloc(o->pieces, capacity * sizeof *pieces);
        if (!pieces)
            return sl_fail_memory(err, "writing a file");
        o->pieces = pieces;
        o->capacity = capacity;
    }
    o->pieces[o->n++] = (struct output_piece){ sequence, *text };
    *text = o->n_spare ? o->spare[--o->n_spare] : (struct sl_buf){ 0 };
    return SL_OK;
}

static void wait_while_ahead(struct output *o, uint64_t sequence)
{
    for (int waits = 0; o->n >= o->most && sequence != o->next && !o->status && waits < WAITS_MOST; waits++) {
        struct timespec until;
        uint64_t next = o->next;
        clock_gettime(CLOCK_MONOTONIC, &until);
        until.tv_nsec += WAIT_MS * 1000000L;
        until.tv_sec += until.tv_nsec / 1000000000L;
        until.tv_nsec %= 1000000000L;
        pthread_cond_timedwait(&o->moved, &o->lock, &until);
        if (o->next != next)
            waits = -1;
    }
}

int output_put(struct output *o, uint64_t sequence, struct sl_buf *text, struct sl_error *err)
{
    if (text->failed)
        return sl_fail_memory(err, "writing a file");
    int status = SL_OK;
    pthread_mutex_lock(&o->lock);
    wait_while_ahead(o, sequence);
    if (!o->status && sequence == o->next && !o->writing)
        write_turns(o, text);
    else if (!o->status)
        status = keep_piece(o, sequence, text, err);
    if (o->status && !status) {
        status = o->status;
        if (err)
            *err = o->error;
    }
    pthread_mutex_unlock(&o->lock);
    text->n = 0;
    return status;
}

int output_close(struct output *o, int status, struct sl_error *err)
{
    if (!status && o->status) {
        status = o->status;
        if (err)
            *err = o->error;
    }
    if (o->fd >= 0 && close(o->fd) != 0 && !status)
        status = sl_fail_errno(err, "write", o->target ? o->target : "standard output");
    if (!status && o->temporary && rename(o->temporary, o->target) != 0)
        status = sl_fail_errno(err, "write", o->target);
    if (status && o->temporary)
        unlink(o->temporary);
    for (size_t i = 0; i < o->n; i++)
        sl_buf_release(&o->pieces[i].text);
    for (size_t i = 0; i < o->n_spare; i++)
        sl_buf_release(&o->spare[i]);
    free(o->pieces);
    free(o->temporary);
    free(o->target);
    pthread_cond_destroy(&o->moved);
    pthread_mutex_destroy(&o->lock);
    *o = (struct output){ .fd = -1 };
    return status;
}
