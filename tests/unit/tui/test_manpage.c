/* test_manpage.c: the manual page holds what the tables hold, and no text can break out of it. */
#include "tui/manpage.h"
#include "tui/options.h"

#include "sluice/session.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>

static void assert_roff(const char *text, const char *expected)
{
    struct sl_buf out = { 0 };
    manpage_text(sl_str(text), &out);
    assert_string_equal(out.p, expected);
    sl_buf_release(&out);
}

static void text_is_escaped(void **state)
{
    (void)state;
    assert_roff("plain, text.", "plain, text.");
    assert_roff("a-b \\w", "a\\-b \\ew");
    assert_roff(".SH\n.TP", "\\&.SH\n\\&.TP");
    assert_roff("'x' \"y\"", "\\&\\(aqx\\(aq \\(dqy\\(dq");
    assert_roff("`^~", "\\(ga\\(ha\\(ti");
    assert_roff("a\001\033b", "ab");
    assert_roff("… é", "… é");
}

static struct sl_buf page;

static int make_page(void **state)
{
    (void)state;
    manpage_write(&page);
    return page.failed || !page.n;
}

static int free_page(void **state)
{
    (void)state;
    sl_buf_release(&page);
    return 0;
}

static void assert_holds(const char *text)
{
    if (!strstr(page.p, text)) {
        fail_msg("the page lacks: %s", text);
    }
}

static void assert_holds_text(const char *text)
{
    struct sl_buf roff = { 0 };
    manpage_text(sl_str(text), &roff);
    assert_holds(roff.p);
    sl_buf_release(&roff);
}

static void it_begins_with_its_title_and_has_every_section_once(void **state)
{
    (void)state;
    static const char *const sections[] = { "NAME",    "SYNOPSIS",    "DESCRIPTION",      "COMMANDS", "OPTIONS",
                                            "RECIPES", "STAGES",      "SESSION COMMANDS", "KEYS",     "JSON OUTPUT",
                                            "FILES",   "ENVIRONMENT", "EXIT STATUS",      "EXAMPLES" };
    assert_memory_equal(page.p, ".TH SLUICE 1 ", 13);
    const char *at = page.p;
    for (size_t i = 0; i < sizeof sections / sizeof *sections; i++) {
        char line[64];
        snprintf(line, sizeof line, "\n.SH %s\n", sections[i]);
        const char *found = strstr(at, line);
        if (!found) {
            fail_msg("no section %s, or not in its place", sections[i]);
        }
        assert_null(strstr(found + 1, line));
        at = found;
    }
}

static void every_stage_and_parameter_is_told(void **state)
{
    (void)state;
    for (size_t i = 0; sl_stage_registry[i]; i++) {
        const struct sl_stage_class *class = sl_stage_registry[i];
        char heading[128];
        snprintf(heading, sizeof heading, "\n.SS %s: %s\n", manpage_kind(class->kind), class->name);
        assert_holds(heading);
        for (const struct sl_param *row = class->params; row && row->kind; row++) {
            assert_holds_text(row->name);
        }
        for (const struct sl_example *e = class->examples; e && e->recipe; e++) {
            assert_holds_text(e->recipe);
        }
    }
}

static void every_option_and_command_is_told(void **state)
{
    (void)state;
    for (const struct option_row *row = option_table; row->name; row++) {
        assert_holds_text(row->name);
    }
    for (int c = 0; c < COMMAND_N; c++) {
        assert_holds_text(command_table[c].operands);
    }
    for (const struct sl_command *command = sl_commands; command->name; command++) {
        assert_holds_text(command->usage);
    }
}

static void lines_that_begin_with_a_dot_are_known_macros(void **state)
{
    (void)state;
    static const char *const macros[] = { ".TH ",  ".SH ",  ".SS ",  ".TP\n", ".PP\n",
                                          ".br\n", ".RS\n", ".RE\n", ".EX\n", ".EE\n" };
    long open = 0;
    for (const char *line = page.p; line && *line; line = strchr(line, '\n'), line += line != NULL) {
        if (*line != '.' && *line != '\'') {
            continue;
        }
        bool known = false;
        for (size_t i = 0; i < sizeof macros / sizeof *macros; i++) {
            known |= strncmp(line, macros[i], strlen(macros[i])) == 0;
        }
        if (!known) {
            fail_msg("not a macro of ours: %.*s", (int)strcspn(line, "\n"), line);
        }
        open += strncmp(line, ".EX", 3) == 0;
        open -= strncmp(line, ".EE", 3) == 0;
        assert_in_range(open, 0, 1);
    }
    assert_int_equal(open, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(text_is_escaped),
        cmocka_unit_test(it_begins_with_its_title_and_has_every_section_once),
        cmocka_unit_test(every_stage_and_parameter_is_told),
        cmocka_unit_test(every_option_and_command_is_told),
        cmocka_unit_test(lines_that_begin_with_a_dot_are_known_macros),
    };
    return cmocka_run_group_tests(tests, make_page, free_page);
}
