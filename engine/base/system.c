/* system.c: what this process may use of the machine, what it has used, and the clock.
 *
 * Cores are those of the affinity mask, fewer under a CPU quota. Memory is RAM, less under a limit of a control group.
 * Peak memory is VmHWM: getrusage() would also count what the process had before exec. */
#include "engine/base/system.h"
#include "sluice/pool.h"

#include <errno.h>
#include <fcntl.h>
#include <malloc.h>
#include <pthread.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

enum { CPUS_MAX = 1 << 16 };

static struct sl_cgroup found;

static void find_limits(void)
{
    found = sl_cgroup_read("/proc/self/cgroup", "/sys/fs/cgroup");
}

/* Looked up once: it takes some sixty files. */
static struct sl_cgroup limits(void)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, find_limits);
    return found;
}

/* The kernel refuses a mask smaller than its own, so try growing ones. */
static int affinity_cores(void)
{
    for (size_t cpus = 1024; cpus <= CPUS_MAX; cpus *= 2) {
        cpu_set_t *set = CPU_ALLOC(cpus);
        if (!set) {
            return 0;
        }
        size_t size = CPU_ALLOC_SIZE(cpus);
        int status = sched_getaffinity(0, size, set);
        int cores = status == 0 ? CPU_COUNT_S(size, set) : 0;
        CPU_FREE(set);
        if (status == 0 || errno != EINVAL) {
            return cores;
        }
    }
    return 0;
}

int sl_cores(void)
{
    int cores = affinity_cores();
    if (cores < 1) {
        long online = sysconf(_SC_NPROCESSORS_ONLN);
        cores = online > 0 && online <= CPUS_MAX ? (int)online : 1;
    }
    int quota = limits().cores;
    return quota > 0 && quota < cores ? quota : cores;
}

uint64_t sl_memory_total(void)
{
    long pages = sysconf(_SC_PHYS_PAGES), page = sysconf(_SC_PAGESIZE);
    uint64_t limit = limits().memory;
    if (pages <= 0 || page <= 0) {
        return limit;
    }
    uint64_t total = (uint64_t)pages * (uint64_t)page;
    return limit < total ? limit : total;
}

/* VmHWM in bytes, or 0. */
static uint64_t high_water_mark(void)
{
    char text[4096];
    int fd = open("/proc/self/status", O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        return 0;
    }
    ssize_t n = read(fd, text, sizeof text - 1);
    close(fd);
    text[n > 0 ? n : 0] = '\0';
    const char *line = strstr(text, "\nVmHWM:");
    return line ? strtoull(line + strlen("\nVmHWM:"), NULL, 10) * 1024 : 0;
}

uint64_t sl_memory_peak(void)
{
    uint64_t peak = high_water_mark();
    if (peak) {
        return peak;
    }
    struct rusage usage;
    return getrusage(RUSAGE_SELF, &usage) == 0 ? (uint64_t)usage.ru_maxrss * 1024 : 0;
}

void sl_memory_trim(void)
{
#ifdef __GLIBC__
    malloc_trim(0);
#endif
}

uint64_t sl_now(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}
