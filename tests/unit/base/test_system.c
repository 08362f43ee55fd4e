/* test_system.c: what the machine and its control groups allow. */
#include "engine/base/system.h"
#include "sluice/pool.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static void cores_follow_the_affinity_mask(void **state)
{
    (void)state;
    cpu_set_t before, one;
    assert_int_equal(sched_getaffinity(0, sizeof before, &before), 0);
    assert_in_range(sl_cores(), 1, CPU_COUNT(&before));
    size_t cpu = 0;
    while (!CPU_ISSET(cpu, &before)) {
        cpu++;
    }
    CPU_ZERO(&one);
    CPU_SET(cpu, &one);
    assert_int_equal(sched_setaffinity(0, sizeof one, &one), 0);
    int cores = sl_cores();
    assert_int_equal(sched_setaffinity(0, sizeof before, &before), 0);
    assert_int_equal(cores, 1);
}

static void memory_and_clock_are_sane(void **state)
{
    (void)state;
    enum { TOUCHED = 64 << 20 };
    uint64_t start = sl_now();
    char *block = malloc(TOUCHED);
    assert_non_null(block);
    memset(block, 1, TOUCHED);
    assert_int_equal(block[TOUCHED / 2], 1);
    uint64_t peak = sl_memory_peak();
    free(block);
    assert_true(peak >= TOUCHED / 2); /* the kernel counts in batches */
    assert_true(sl_memory_peak() >= TOUCHED / 2);
    assert_true(sl_memory_total() >= TOUCHED);
    long physical = sysconf(_SC_PHYS_PAGES) * sysconf(_SC_PAGESIZE);
    assert_true(sl_memory_total() <= (uint64_t)physical);
    assert_true(sl_now() >= start);
}

/* A folder that looks like /sys/fs/cgroup, and its removal. */
struct tree {
    char root[64];
};

static void write_in(const struct tree *tree, const char *name, const char *text)
{
    char path[256];
    snprintf(path, sizeof path, "%s/%s", tree->root, name);
    for (char *slash = path + strlen(tree->root) + 1; (slash = strchr(slash, '/')) != NULL; slash++) {
        *slash = '\0';
        mkdir(path, 0777);
        *slash = '/';
    }
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    assert_true(fputs(text, file) >= 0);
    assert_int_equal(fclose(file), 0);
}

static struct sl_cgroup read_tree(const struct tree *tree)
{
    char path[256];
    snprintf(path, sizeof path, "%s/membership", tree->root);
    return sl_cgroup_read(path, tree->root);
}

static void make_tree(struct tree *tree)
{
    snprintf(tree->root, sizeof tree->root, "/tmp/sluice-test-XXXXXX");
    assert_non_null(mkdtemp(tree->root));
}

static void remove_tree(const struct tree *tree)
{
    char command[128];
    snprintf(command, sizeof command, "rm -r '%s'", tree->root);
    assert_int_equal(system(command), 0);
}

static void version_2_limits_are_the_tightest_of_all_ancestors(void **state)
{
    (void)state;
    struct tree tree;
    make_tree(&tree);
    write_in(&tree, "membership", "0::/user/job\n");
    write_in(&tree, "user/cpu.max", "150000 100000\n");
    write_in(&tree, "user/memory.max", "max\n");
    write_in(&tree, "user/job/cpu.max", "max 100000\n");
    write_in(&tree, "user/job/memory.max", "2000000\n");
    write_in(&tree, "user/job/memory.high", "1000000\n");
    write_in(&tree, "memory.max", "5000000\n");
    struct sl_cgroup limits = read_tree(&tree);
    assert_int_equal(limits.cores, 2);
    assert_int_equal(limits.memory, 1000000);
    remove_tree(&tree);
}

static void version_1_limits_are_found_by_controller(void **state)
{
    (void)state;
    struct tree tree;
    make_tree(&tree);
    write_in(&tree, "membership", "9:name=systemd:/x\n4:memory:/box\n3:cpuset:/\n2:cpu,cpuacct:/box\n");
    write_in(&tree, "cpu,cpuacct/box/cpu.cfs_quota_us", "300000\n");
    write_in(&tree, "cpu,cpuacct/box/cpu.cfs_period_us", "100000\n");
    write_in(&tree, "cpu,cpuacct/cpu.cfs_quota_us", "-1\n");
    write_in(&tree, "cpu,cpuacct/cpu.cfs_period_us", "100000\n");
    write_in(&tree, "memory/box/memory.limit_in_bytes", "123456789\n");
    write_in(&tree, "memory/memory.limit_in_bytes", "9223372036854771712\n");
    write_in(&tree, "cpuset/memory.limit_in_bytes", "1\n");
    struct sl_cgroup limits = read_tree(&tree);
    assert_int_equal(limits.cores, 3);
    assert_int_equal(limits.memory, 123456789);
    remove_tree(&tree);
}

static void a_path_from_outside_the_container_falls_back_to_the_root(void **state)
{
    (void)state;
    struct tree tree;
    make_tree(&tree);
    write_in(&tree, "membership", "0::/docker/0123456789abcdef\n");
    write_in(&tree, "cpu.max", "50000 100000\n");
    write_in(&tree, "memory.max", "777\n");
    struct sl_cgroup limits = read_tree(&tree);
    assert_int_equal(limits.cores, 1);
    assert_int_equal(limits.memory, 777);
    remove_tree(&tree);
}

static void nonsense_and_absence_do_not_limit(void **state)
{
    (void)state;
    struct tree tree;
    make_tree(&tree);
    struct sl_cgroup limits = read_tree(&tree);
    assert_int_equal(limits.cores, 0);
    assert_true(limits.memory == UINT64_MAX);
    write_in(&tree, "membership", "no colons\n1:\n0::/\n::::\n2:cpu:\n");
    write_in(&tree, "cpu.max", "100000 0\n");
    write_in(&tree, "cpu/cpu.cfs_quota_us", "abc\n");
    write_in(&tree, "memory.max", "\n");
    limits = read_tree(&tree);
    assert_int_equal(limits.cores, 0);
    assert_true(limits.memory == UINT64_MAX);
    remove_tree(&tree);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cores_follow_the_affinity_mask),
        cmocka_unit_test(memory_and_clock_are_sane),
        cmocka_unit_test(version_2_limits_are_the_tightest_of_all_ancestors),
        cmocka_unit_test(version_1_limits_are_found_by_controller),
        cmocka_unit_test(a_path_from_outside_the_container_falls_back_to_the_root),
        cmocka_unit_test(nonsense_and_absence_do_not_limit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
