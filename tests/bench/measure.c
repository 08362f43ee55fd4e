/* measure.c: run one command and say what it cost.
 *
 *   measure RESULT COMMAND [ARGUMENT...]
 *
 * Writes one line to the file RESULT: wall time in nanoseconds, user and system time in microseconds, peak resident
 * memory in bytes, exit status (128 + signal when killed). Time runs from before fork to after wait4, so it is the
 * whole process, start and exit included. The peak is the kernel's ru_maxrss, which counts touched pages of mapped
 * files too. A small program does this because ru_maxrss begins with the size of the process that forks: under a
 * Python parent nothing would ever seem smaller than Python. */
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static int64_t now_ns(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

static long long micros(struct timeval t)
{
    return (long long)t.tv_sec * 1000000 + t.tv_usec;
}

int main(int argc, char **argv)
{
    if (argc < 3) {
        fprintf(stderr, "usage: measure RESULT COMMAND [ARGUMENT...]\n");
        return 2;
    }
    int64_t start = now_ns();
    pid_t pid = fork();
    if (pid < 0) {
        fprintf(stderr, "measure: cannot fork: %s\n", strerror(errno));
        return 1;
    }
    if (pid == 0) {
        execvp(argv[2], argv + 2);
        fprintf(stderr, "measure: cannot run '%s': %s\n", argv[2], strerror(errno));
        _exit(127);
    }
    int status = 0;
    struct rusage used = { 0 };
    while (wait4(pid, &status, 0, &used) < 0) {
        if (errno != EINTR) {
            fprintf(stderr, "measure: cannot wait: %s\n", strerror(errno));
            return 1;
        }
    }
    int64_t wall = now_ns() - start;
    int code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    FILE *out = fopen(argv[1], "w");
    if (!out) {
        fprintf(stderr, "measure: cannot write '%s': %s\n", argv[1], strerror(errno));
        return 1;
    }
    fprintf(out, "%lld %lld %lld %lld %d\n", (long long)wall, micros(used.ru_utime), micros(used.ru_stime),
            (long long)used.ru_maxrss * 1024, code);
    return fclose(out) == 0 ? 0 : 1;
}
