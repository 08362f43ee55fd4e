/* test_prompt.c: the command line, fed bytes as a terminal would send them. */
#include "tui/app_private.h"
#include "tui/prompt.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static char home[] = "/tmp/sluice-prompt-XXXXXX";

struct answer {
    int times;
    bool cancelled;
    char line[256];
};

static void take(struct app *app, void *ctx, const char *line)
{
    (void)app;
    struct answer *answer = ctx;
    answer->times++;
    answer->cancelled = line == NULL;
    snprintf(answer->line, sizeof answer->line, "%s", line ? line : "");
}

static struct app *app;

static struct answer type(const char *start, bool commands, const char *bytes)
{
    struct answer answer = { 0 };
    app_prompt(app, ":", start, commands, take, &answer);
    assert_true(prompt_active());
    for (; *bytes && prompt_active(); bytes++) {
        prompt_byte(app, (unsigned char)*bytes);
    }
    if (prompt_active()) {
        prompt_idle(app);
    }
    return answer;
}

static void enter_gives_the_line(void **state)
{
    (void)state;
    struct answer answer = type("", true, "note hello\r");
    assert_int_equal(answer.times, 1);
    assert_false(answer.cancelled);
    assert_string_equal(answer.line, "note hello");
    assert_false(prompt_active());
}

static void the_line_begins_with_the_text_given(void **state)
{
    (void)state;
    assert_string_equal(type("goto 1", true, "7\r").line, "goto 17");
}

static void editing_keys_are_readlines(void **state)
{
    (void)state;
    assert_string_equal(type("", true, "rain\001t\005ed\r").line, "trained");
    assert_string_equal(type("", true, "one two\027three\r").line, "one three");
    assert_string_equal(type("", true, "ab\033[D\033[Dx\r").line, "xab");
    assert_string_equal(type("", true, "caf\xc3\xa9\177e\r").line, "cafe");
}

static void a_single_escape_cancels(void **state)
{
    (void)state;
    struct answer answer = type("", true, "half typed\033");
    assert_int_equal(answer.times, 1);
    assert_true(answer.cancelled);
    assert_false(prompt_active());
}

static void control_c_and_control_g_cancel(void **state)
{
    (void)state;
    assert_true(type("", true, "x\003").cancelled);
    assert_true(type("", true, "x\007").cancelled);
    assert_true(type("", true, "\004").cancelled); /* end of file on an empty line */
    assert_string_equal(type("", true, "again\r").line, "again");
}

static void lines_come_back_from_the_history(void **state)
{
    (void)state;
    type("", true, "off 3\r");
    type("", true, "on 3\r");
    assert_string_equal(type("", true, "\020\020\r").line, "off 3");
    assert_string_equal(type("", true, "\033[A\r").line, "off 3");
    /* A search has its own. */
    type("", false, "needle\r");
    assert_string_equal(type("", false, "\020\r").line, "needle");
    assert_string_equal(type("", true, "\020\r").line, "off 3");
}

static void commands_are_kept_in_the_users_state_folder(void **state)
{
    (void)state;
    char path[200], text[4096];
    type("", true, "note kept\r");
    type("", false, "not kept\r");
    snprintf(path, sizeof path, "%s/state/sluice/history", home);
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    size_t n = fread(text, 1, sizeof text - 1, file);
    text[n] = '\0';
    fclose(file);
    assert_non_null(strstr(text, "note kept\n"));
    assert_null(strstr(text, "not kept\n"));
}

static void the_search_of_the_history_ends_with_control_g_alone(void **state)
{
    (void)state;
    type("", true, "impute age\r");
    struct answer answer = type("", true, "\022imp\007done\r");
    assert_false(answer.cancelled);
    assert_string_equal(answer.line, "done");
    assert_string_equal(type("", true, "\022imp\r").line, "impute age");
}

static void tab_completes_the_workbenchs_commands(void **state)
{
    (void)state;
    assert_string_equal(type("", true, "got\t5\r").line, "goto 5");
    /* Nothing to complete in a search. */
    assert_string_equal(type("", false, "got\t\r").line, "got");
}

static void what_was_copied_can_be_yanked(void **state)
{
    (void)state;
    app_copy(app, SL_STR("a cell"), false);
    assert_string_equal(type("", true, "note \031\r").line, "note a cell");
    app->copied.n = 0;
}

static void a_new_prompt_cancels_the_one_before(void **state)
{
    (void)state;
    struct answer first = { 0 }, second = { 0 };
    app_prompt(app, ":", "a", true, take, &first);
    app_prompt(app, "/", "b", false, take, &second);
    assert_int_equal(first.times, 1);
    assert_true(first.cancelled);
    prompt_byte(app, '\r');
    assert_string_equal(second.line, "b");
}

static int set_up(void **state)
{
    (void)state;
    char path[200];
    if (!mkdtemp(home)) {
        return -1;
    }
    snprintf(path, sizeof path, "%s/state", home);
    setenv("XDG_STATE_HOME", path, 1);
    setenv("HOME", home, 1);
    setenv("INPUTRC", "/dev/null", 1);
    setenv("TERM", "xterm", 1);
    unsetenv("LC_ALL");
    setenv("LC_CTYPE", "C.UTF-8", 1);
    /* The terminal's keyboard, on which nothing more is typed. */
    int keyboard[2];
    app = calloc(1, sizeof *app);
    return app && pipe(keyboard) == 0 && dup2(keyboard[0], STDIN_FILENO) == STDIN_FILENO ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    static const char *const made[] = { "state/sluice/history", "state/sluice", "state", "." };
    for (size_t i = 0; i < sizeof made / sizeof *made; i++) {
        char path[200];
        snprintf(path, sizeof path, "%s/%s", home, made[i]);
        if (remove(i == 3 ? home : path) != 0) {
            return -1;
        }
    }
    sl_buf_release(&app->copied);
    free(app);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(enter_gives_the_line),
        cmocka_unit_test(the_line_begins_with_the_text_given),
        cmocka_unit_test(editing_keys_are_readlines),
        cmocka_unit_test(a_single_escape_cancels),
        cmocka_unit_test(control_c_and_control_g_cancel),
        cmocka_unit_test(lines_come_back_from_the_history),
        cmocka_unit_test(commands_are_kept_in_the_users_state_folder),
        cmocka_unit_test(the_search_of_the_history_ends_with_control_g_alone),
        cmocka_unit_test(tab_completes_the_workbenchs_commands),
        cmocka_unit_test(what_was_copied_can_be_yanked),
        cmocka_unit_test(a_new_prompt_cancels_the_one_before),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
