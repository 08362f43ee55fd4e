/* file.c: small files at once.
 *
 * Writing goes to a temporary name in the same folder, is synced and renamed, so that after a crash there is the old
 * file or the new one. A symbolic link stays a link and its target is replaced; what is not a regular file (/dev/null,
 * a pipe) is written to as it is. */
#include "sluice/input.h"

#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static int read_all(int fd, const char *path, size_t limit, struct sl_buf *buf, struct sl_error *err)
{
    enum { STEP = 64 << 10 };
    size_t start = buf->n;
    for (;;) {
        if (!sl_buf_reserve(buf, STEP)) {
            return sl_fail_memory(err, "reading a file");
        }
        ssize_t got = read(fd, buf->p + buf->n, STEP);
        if (got < 0 && errno == EINTR) {
            continue;
        }
        if (got < 0) {
            return sl_fail_errno(err, "read", path);
        }
        if (got == 0) {
            return SL_OK;
        }
        buf->n += (size_t)got;
        buf->p[buf->n] = '\0';
        if (buf->n - start > limit) {
            sl_fail(err, SL_ELIMIT, "'%.160s' is larger than the limit of %zu bytes for such a file", path, limit);
            sl_fix(err, "check that it is the file you meant");
            return SL_ELIMIT;
        }
    }
}

int sl_file_read(const char *path, size_t limit, struct sl_buf *buf, struct sl_error *err)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
    if (fd < 0) {
        return sl_fail_errno(err, "open", path);
    }
    size_t before = buf->n;
    int status = read_all(fd, path, limit, buf, err);
    if (status != SL_OK && buf->p) {
        buf->n = before;
        buf->p[before] = '\0';
    }
    close(fd);
    return status;
}

static bool write_all(int fd, const char *p, size_t n)
{
    while (n) {
        ssize_t done = write(fd, p, n);
        if (done < 0 && errno == EINTR) {
            continue;
        }
        if (done < 0) {
            return false;
        }
        p += done;
        n -= (size_t)done;
    }
    return true;
}

static int write_in_place(const char *path, const void *p, size_t n, struct sl_error *err)
{
    int fd = open(path, O_WRONLY | O_CLOEXEC | O_NOCTTY);
    if (fd < 0) {
        return sl_fail_errno(err, "open", path);
    }
    bool written = write_all(fd, p, n);
    int status = written ? SL_OK : sl_fail_errno(err, "write", path);
    if (close(fd) != 0 && status == SL_OK) {
        status = sl_fail_errno(err, "write", path);
    }
    return status;
}

/* The folder part of path, owned by the caller. */
static char *folder_of(const char *path)
{
    const char *slash = strrchr(path, '/');
    if (!slash) {
        return strdup(".");
    }
    return strndup(path, slash == path ? 1 : (size_t)(slash - path));
}

/* A new file under a name nobody uses; open(2) applies the umask. Returns the descriptor, or -1 with errno set. */
static int create_temporary(const char *folder, char **name)
{
    static atomic_uint serial;
    for (int attempt = 0; attempt < 100; attempt++) {
        *name = NULL;
        unsigned number = atomic_fetch_add(&serial, 1);
        if (asprintf(name, "%s/.sluice-%ld-%u.tmp", folder, (long)getpid(), number) < 0) {
            *name = NULL;
            errno = ENOMEM;
            return -1;
        }
        int fd = open(*name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
        if (fd >= 0 || errno != EEXIST) {
            return fd;
        }
        free(*name);
    }
    *name = NULL;
    errno = EEXIST;
    return -1;
}

static void sync_folder(const char *folder)
{
    int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd >= 0) {
        fsync(fd);
        close(fd);
    }
}

static int write_beside(const char *path, const struct stat *old, const void *p, size_t n, struct sl_error *err)
{
    char *name = NULL, *folder = folder_of(path);
    if (!folder) {
        return sl_fail_memory(err, "writing a file");
    }
    int fd = create_temporary(folder, &name);
    bool created = fd >= 0;
    bool fine = created && (!old || fchmod(fd, old->st_mode & 0777) == 0) && write_all(fd, p, n) && fsync(fd) == 0;
    int number = errno;
    if (created && close(fd) != 0 && fine) {
        number = errno;
        fine = false;
    }
    if (fine && rename(name, path) != 0) {
        number = errno;
        fine = false;
    }
    int status = SL_OK;
    if (fine) {
        sync_folder(folder);
    } else {
        if (created) {
            unlink(name);
        }
        errno = number;
        status = sl_fail_errno(err, "write", path);
    }
    free(name);
    free(folder);
    return status;
}

int sl_file_write(const char *path, const void *p, size_t n, struct sl_error *err)
{
    struct stat old;
    bool exists = stat(path, &old) == 0;
    if (exists && S_ISDIR(old.st_mode)) {
        errno = EISDIR;
        return sl_fail_errno(err, "write", path);
    }
    if (exists && !S_ISREG(old.st_mode)) {
        return write_in_place(path, p, n, err);
    }
    char *target = exists ? realpath(path, NULL) : strdup(path);
    if (!target) {
        return sl_fail_errno(err, "write", path);
    }
    int status = write_beside(target, exists ? &old : NULL, p, n, err);
    free(target);
    return status;
}
