/* cgroup.c: the CPU and memory limits of control groups, versions 1 and 2.
 *
 * A container shows the group's own folder at the root of the file system of groups while the membership still names
 * the path outside; so every ancestor of the path is tried, down to the root, and the tightest limit found holds. Mount
 * points other than the usual ones are not looked for.
 *
 * Source  Linux: Documentation/admin-guide/cgroup-v2.rst, cgroup-v1/memory.rst, scheduler/sched-bwc.rst */
#include "engine/base/system.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* The first size - 1 bytes of a file, zero-terminated; "" when it cannot be read. */
static void read_text(const char *path, char *text, size_t size)
{
    size_t n = 0;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    while (fd >= 0 && n < size - 1) {
        ssize_t got = read(fd, text + n, size - 1 - n);
        if (got < 0 && errno == EINTR) {
            continue;
        }
        if (got <= 0) {
            break;
        }
        n += (size_t)got;
    }
    if (fd >= 0) {
        close(fd);
    }
    text[n] = '\0';
}

/* Up to two numbers in folder/name; returns how many there are. "max" and "-1" are no numbers. */
static int read_numbers(const char *folder, const char *name, uint64_t number[2])
{
    char path[PATH_MAX], text[128];
    int n = snprintf(path, sizeof path, "%s/%s", folder, name);
    if (n < 0 || (size_t)n >= sizeof path) {
        return 0;
    }
    read_text(path, text, sizeof text);
    int found = 0;
    char *at = text;
    while (found < 2 && *at >= '0' && *at <= '9') {
        number[found++] = strtoull(at, &at, 10);
        while (*at == ' ') {
            at++;
        }
    }
    return found;
}

static void limit_cores(struct sl_cgroup *limits, uint64_t quota, uint64_t period)
{
    if (!period || !quota) {
        return;
    }
    uint64_t cores = quota / period + (quota % period != 0);
    if (cores <= INT_MAX && (!limits->cores || (int)cores < limits->cores)) {
        limits->cores = (int)cores;
    }
}

static void limit_memory(struct sl_cgroup *limits, const char *folder, const char *name)
{
    uint64_t number[2];
    if (read_numbers(folder, name, number) == 1 && number[0] < limits->memory) {
        limits->memory = number[0];
    }
}

static void read_folder(struct sl_cgroup *limits, const char *folder)
{
    uint64_t number[2], period[2];
    if (read_numbers(folder, "cpu.max", number) == 2) {
        limit_cores(limits, number[0], number[1]);
    }
    if (read_numbers(folder, "cpu.cfs_quota_us", number) == 1 &&
        read_numbers(folder, "cpu.cfs_period_us", period) == 1) {
        limit_cores(limits, number[0], period[0]);
    }
    limit_memory(limits, folder, "memory.max");
    limit_memory(limits, folder, "memory.high");
    limit_memory(limits, folder, "memory.limit_in_bytes");
}

/* root/controller/path, then each folder above path. */
static void read_ancestors(struct sl_cgroup *limits, const char *root, const char *controller, const char *path)
{
    char folder[PATH_MAX];
    int n = snprintf(folder, sizeof folder, "%s/%s", root, controller);
    if (n < 0 || (size_t)n >= sizeof folder) {
        return;
    }
    size_t base = (size_t)n;
    n = snprintf(folder + base, sizeof folder - base, "%s", path);
    if (n < 0 || (size_t)n >= sizeof folder - base) {
        folder[base] = '\0';
    }
    for (;;) {
        read_folder(limits, folder);
        char *slash = strrchr(folder + base, '/');
        if (!slash) {
            break;
        }
        *slash = '\0';
    }
}

/* Is name one of the comma-separated controllers? */
static bool lists(const char *controllers, const char *name)
{
    size_t n = strlen(name);
    for (const char *at = controllers; (at = strstr(at, name)) != NULL; at += n) {
        if ((at == controllers || at[-1] == ',') && (at[n] == ',' || at[n] == '\0')) {
            return true;
        }
    }
    return false;
}

/* One line "number:controllers:path"; no controllers mean version 2. */
static void read_membership(struct sl_cgroup *limits, const char *root, char *line)
{
    char *controllers = strchr(line, ':');
    char *path = controllers ? strchr(controllers + 1, ':') : NULL;
    if (!path) {
        return;
    }
    controllers++;
    *path++ = '\0';
    if (!controllers[0]) {
        read_ancestors(limits, root, "", path);
        read_ancestors(limits, root, "unified", path);
    } else if (lists(controllers, "cpu")) {
        read_ancestors(limits, root, "cpu", path);
        read_ancestors(limits, root, "cpu,cpuacct", path);
    } else if (lists(controllers, "memory")) {
        read_ancestors(limits, root, "memory", path);
    }
}

struct sl_cgroup sl_cgroup_read(const char *membership, const char *root)
{
    struct sl_cgroup limits = { .cores = 0, .memory = UINT64_MAX };
    char text[8192];
    read_text(membership, text, sizeof text);
    for (char *line = text, *rest; line; line = rest) {
        rest = strchr(line, '\n');
        if (rest) {
            *rest++ = '\0';
        }
        read_membership(&limits, root, line);
    }
    return limits;
}
