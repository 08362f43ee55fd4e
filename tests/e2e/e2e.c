/* e2e.c: run the end-to-end tests: e2e PROGRAM [WORD]: all of them, or those whose name has the word.
 *
 * Each test is a process of its own in a fresh folder, so that one that crashes or hangs takes no other with it. */
#include "e2e.h"

#include <errno.h>
#include <ftw.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define TEST_SECONDS 900

static const struct e2e_test *const groups[] = {
    e2e_data_tests,  e2e_pipeline_tests, e2e_train_tests, e2e_session_tests, e2e_screen_tests,
    e2e_text_tests,  e2e_signal_tests,   e2e_plain_tests, e2e_compare_tests, e2e_replay_tests,
    e2e_kills_tests, e2e_attach_tests,   e2e_step_tests,  e2e_network_tests, e2e_picture_tests,
};

static int remove_one(const char *path, const struct stat *st, int flag, struct FTW *ftw)
{
    (void)st;
    (void)flag;
    (void)ftw;
    return remove(path);
}

static void child(const struct e2e_test *test, const char *folder)
{
    alarm(TEST_SECONDS);
    signal(SIGPIPE, SIG_IGN);
    if (chdir(folder) != 0)
        FAIL("chdir: %s", strerror(errno));
    test->run();
    term_free_all();
    fflush(stdout);
    _exit(0);
}

static bool run(const struct e2e_test *test)
{
    char folder[] = "/tmp/sluice-e2e-XXXXXX";
    if (!mkdtemp(folder)) {
        printf("FAIL %s: no temporary folder: %s\n", test->name, strerror(errno));
        return false;
    }
    fflush(stdout);
    pid_t pid = fork();
    if (pid == 0)
        child(test, folder);
    int status = -1;
    while (pid > 0 && waitpid(pid, &status, 0) < 0 && errno == EINTR) {}
    nftw(folder, remove_one, 16, FTW_DEPTH | FTW_PHYS);
    bool passed = pid > 0 && WIFEXITED(status) && WEXITSTATUS(status) == 0;
    if (!passed && WIFSIGNALED(status))
        printf("the test was ended by signal %d%s\n", WTERMSIG(status),
               WTERMSIG(status) == SIGALRM ? ": too long" : "");
    printf("%s %s\n", passed ? "ok  " : "FAIL", test->name);
    fflush(stdout);
    return passed;
}

int main(int argc, char **argv)
{
    static char program[PATH_MAX];
    int passed = 0, failed = 0;
    if (argc < 2 || !realpath(argv[1], program)) {
        fprintf(stderr, "usage: e2e PROGRAM [WORD]\n");
        return 2;
    }
    e2e_program = program;
    for (size_t group = 0; group < sizeof groups / sizeof *groups; group++)
        for (const struct e2e_test *test = groups[group]; test->name; test++) {
            if (argc > 2 && !strstr(test->name, argv[2]))
                continue;
            if (run(test))
                passed++;
            else
                failed++;
        }
    printf("%d passed, %d failed\n", passed, failed);
    return failed > 0 || passed == 0;
}
