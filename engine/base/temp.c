/* temp.c: nameless files for what does not fit in the memory budget; gone with the process, whatever happens to it. */
#include "sluice/input.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static const char *temporary_folder(void)
{
    const char *folder = getenv("TMPDIR");
    return folder && folder[0] ? folder : "/tmp";
}

static int open_nameless(const char *folder)
{
    int file = open(folder, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
    if (file >= 0)
        return file;
    /* Some file systems have no O_TMPFILE. */
    char path[4096];
    int n = snprintf(path, sizeof path, "%s/sluice-XXXXXX", folder);
    if (n < 0 || (size_t)n >= sizeof path) {
        errno = ENAMETOOLONG;
        return -1;
    }
    file = mkostemp(path, O_CLOEXEC);
    if (file >= 0)
        unlink(path);
    return file;
}

int sl_temp_open(int *file, struct sl_error *err)
{
    int opened = open_nameless(temporary_folder());
    if (opened < 0) {
        int status = sl_fail_errno(err, "make a temporary file in", temporary_folder());
        sl_fix(err, "set TMPDIR to a folder that can be written to, or give a larger --memory");
        return status;
    }
    *file = opened;
    return SL_OK;
}

int sl_temp_write(int file, const void *from, size_t n, uint64_t offset, struct sl_error *err)
{
    const char *p = from;
    while (n) {
        ssize_t done = pwrite(file, p, n, (off_t)offset);
        if (done < 0 && errno == EINTR)
            continue;
        if (done <= 0) {
            errno = done < 0 ? errno : ENOSPC;
            int status = sl_fail_errno(err, "write a temporary file in", temporary_folder());
            sl_fix(err, "make room there, set TMPDIR to a larger disk, or give a larger --memory");
            return status;
        }
        p += done;
        n -= (size_t)done;
        offset += (uint64_t)done;
    }
    return SL_OK;
}

int sl_temp_read(int file, void *to, size_t n, uint64_t offset, struct sl_error *err)
{
    char *p = to;
    while (n) {
        ssize_t done = pread(file, p, n, (off_t)offset);
        if (done < 0 && errno == EINTR)
            continue;
        if (done <= 0) {
            errno = done < 0 ? errno : EIO;
            return sl_fail_errno(err, "read back the temporary file in", temporary_folder());
        }
        p += done;
        n -= (size_t)done;
        offset += (uint64_t)done;
    }
    return SL_OK;
}
