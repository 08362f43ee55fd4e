/* system.h: the limits that control groups put on this process. Private to base. */
#ifndef SLUICE_BASE_SYSTEM_H
#define SLUICE_BASE_SYSTEM_H

#include <stdint.h>

struct sl_cgroup {
    int cores;       /* CPU quota in whole cores, rounded up; 0 no limit */
    uint64_t memory; /* bytes; UINT64_MAX no limit */
};

/* Read the limits of the group listed in the file `membership` (as /proc/self/cgroup) below the folder `root` (as
 * /sys/fs/cgroup), and those of every group above it. What cannot be read does not limit. */
struct sl_cgroup sl_cgroup_read(const char *membership, const char *root);

#endif
