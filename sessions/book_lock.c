/* book_lock.c: one writer a session: an flock(2) on PATH.lock, which names the process that holds it.
 *
 * The lock goes when its process ends, however it ends, so a file left behind by a killed one is harmless. Locking the
 * session itself would not do: SQLite's own locks on it are lost when any descriptor of it is closed. Because the file
 * is removed at the end, one who waited at the old file must see that it is no longer the one that has the name. */
#include "book.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

static int refuse(struct book *book, int fd, struct sl_error *err)
{
    char text[32] = "";
    ssize_t n = pread(fd, text, sizeof text - 1, 0);
    long pid = n > 0 ? strtol(text, NULL, 10) : 0;
    if (pid > 0)
        sl_fail(err, SL_ESTATE, "the session \"%s\" is open in another sluice (process %ld)", book->path, pid);
    else
        sl_fail(err, SL_ESTATE, "the session \"%s\" is open in another sluice", book->path);
    sl_fix(err, "close it there, or name another session file");
    return SL_ESTATE;
}

static bool still_named(int fd, const char *path)
{
    struct stat mine, named;
    return fstat(fd, &mine) == 0 && stat(path, &named) == 0 && mine.st_ino == named.st_ino &&
           mine.st_dev == named.st_dev;
}

/* One that only asks who the owner is holds a shared lock for a moment. */
static int take(int fd)
{
    enum { TRIES = 10, WAIT_US = 2000 };
    for (int i = 0; flock(fd, LOCK_EX | LOCK_NB) != 0; i++) {
        if (errno != EWOULDBLOCK || i == TRIES)
            return -1;
        usleep(WAIT_US);
        errno = EWOULDBLOCK;
    }
    return 0;
}

int book_lock(struct book *book, struct sl_error *err)
{
    if (asprintf(&book->lock_path, "%s.lock", book->path) < 0) {
        book->lock_path = NULL;
        return sl_fail_memory(err, "opening a session");
    }
    for (int attempt = 0; attempt < 100; attempt++) {
        int fd = open(book->lock_path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0666);
        if (fd < 0)
            return sl_fail_errno(err, "create", book->lock_path);
        if (take(fd) != 0) {
            int status = errno == EWOULDBLOCK ? refuse(book, fd, err) : sl_fail_errno(err, "lock", book->lock_path);
            close(fd);
            return status;
        }
        if (still_named(fd, book->lock_path)) {
            char text[32];
            int n = snprintf(text, sizeof text, "%ld\n", (long)getpid());
            if (ftruncate(fd, 0) == 0 && pwrite(fd, text, (size_t)n, 0) != n)
                text[0] = '\0';
            book->lock_fd = fd;
            return SL_OK;
        }
        close(fd);
    }
    return sl_fail(err, SL_ESTATE, "the session \"%s\" is being opened by others all the time", book->path);
}

void book_unlock(struct book *book)
{
    if (book->lock_fd >= 0) {
        unlink(book->lock_path);
        close(book->lock_fd);
    }
    book->lock_fd = -1;
    free(book->lock_path);
    book->lock_path = NULL;
}

long book_owner(const char *path)
{
    char *name = NULL, text[32] = "";
    long owner = 0;
    if (asprintf(&name, "%s.lock", path) < 0)
        return -1;
    int fd = open(name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    free(name);
    if (fd < 0)
        return errno == ENOENT ? 0 : -1;
    if (flock(fd, LOCK_SH | LOCK_NB) != 0) {
        ssize_t n = errno == EWOULDBLOCK ? pread(fd, text, sizeof text - 1, 0) : 0;
        owner = n > 0 ? strtol(text, NULL, 10) : -1;
        owner = owner > 0 ? owner : -1;
    }
    close(fd);
    return owner;
}

void book_ring(const struct book *book)
{
    char *name = NULL;
    if (!book->path || asprintf(&name, "%s.lock", book->path) < 0)
        return;
    utimensat(AT_FDCWD, name, NULL, AT_SYMLINK_NOFOLLOW); /* where it may not, the owner looks by itself */
    free(name);
}
