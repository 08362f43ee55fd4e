/* training_usage.c: how busy the machine is with a training: processor time of this process, its memory, the GPU's.
 *
 * Looked at when somebody asks, twice a second at most: who draws asks more often than that. */
#include "job.h"

#include <fcntl.h>
#include <math.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#define USAGE_NS UINT64_C(500000000)

static uint64_t processor_time(void)
{
    struct timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

/* The second number of /proc/self/statm: resident pages. */
static uint64_t resident(void)
{
    char text[128], *end;
    int fd = open("/proc/self/statm", O_RDONLY | O_CLOEXEC);
    ssize_t n = fd >= 0 ? read(fd, text, sizeof text - 1) : -1;
    long page = sysconf(_SC_PAGESIZE);
    if (fd >= 0)
        close(fd);
    text[n > 0 ? n : 0] = '\0';
    (void)strtoull(text, &end, 10);
    return page > 0 ? strtoull(end, NULL, 10) * (uint64_t)page : 0;
}

void training_usage(struct sl_session *session, struct sl_train_state *out)
{
    struct usage *u = &session->usage;
    struct job *job = session->job;
    uint64_t now = sl_now();
    out->cpu_share = out->gpu_share = (double)NAN;
    if (!job) {
        *u = (struct usage){ 0 };
        return;
    }
    if (!u->at || now - u->at >= USAGE_NS) {
        uint64_t spent = processor_time();
        double share = u->at ? (double)(spent - u->spent) / (double)(now - u->at) / sl_cores() : (double)NAN;
        *u = (struct usage){ .at = now, .spent = spent, .memory = resident(), .share = share < 1 ? share : 1 };
        u->share = isnan(share) ? share : u->share;
    }
    out->cpu_share = u->share;
    out->memory = u->memory;
    pthread_mutex_lock(&job->lock);
    struct sl_device_usage gpu = job->look.usage;
    pthread_mutex_unlock(&job->lock);
    if (!gpu.total)
        return;
    out->gpu_share = gpu.busy;
    out->gpu_memory = gpu.used;
    out->gpu_total = gpu.total;
}
