/* test_options.c: the command line is read, explained and completed from its tables. */
#include "tui/options.h"

#include "sluice/pool.h"
#include "sluice/session.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>

/* Parse "sluice …" cut at blanks. */
static int parse(struct options *out, const char *words, struct sl_error *err)
{
    static char text[512];
    static char *argv[32];
    int argc = 0;
    snprintf(text, sizeof text, "sluice %s", words);
    for (char *p = text; *p && argc < 31;) {
        argv[argc++] = p;
        p += strcspn(p, " ");
        if (*p) {
            *p++ = '\0';
        }
    }
    argv[argc] = NULL;
    *err = (struct sl_error)SL_ERROR_INIT;
    return options_parse(out, argc, argv, err);
}

static void assert_parses(struct options *out, const char *words)
{
    struct sl_error err;
    int status = parse(out, words, &err);
    if (status) {
        fail_msg("\"%s\": %s; %s", words, err.what, err.fix);
    }
}

static void assert_refused(const char *words, const char *what, const char *fix)
{
    struct options options;
    struct sl_error err;
    int status = parse(&options, words, &err);
    options_release(&options);
    if (status != SL_EPARAM) {
        fail_msg("\"%s\" is taken", words);
    }
    if (!strstr(err.what, what) || !strstr(err.fix, fix)) {
        fail_msg("\"%s\": says \"%s; %s\", not \"%s\" and \"%s\"", words, err.what, err.fix, what, fix);
    }
}

static void a_file_alone_is_for_the_workbench(void **state)
{
    (void)state;
    struct options o;
    assert_parses(&o, "a.csv b.csv --train --no-mouse --ascii --plain");
    assert_int_equal(o.command, COMMAND_WORKBENCH);
    assert_int_equal(o.operands.n, 2);
    assert_string_equal(o.operands.word[1], "b.csv");
    assert_true(o.train && o.no_mouse && o.ascii && o.plain);
    assert_false(o.json);
    options_release(&o);
}

static void every_command_is_found_by_its_name(void **state)
{
    (void)state;
    assert_int_equal(options_command("run"), COMMAND_RUN);
    assert_int_equal(options_command("shell"), COMMAND_SHELL);
    assert_int_equal(options_command("ru"), COMMAND_N);
    struct options o;
    assert_parses(&o, "predict s.session a.csv b.csv -o out.csv --features");
    assert_int_equal(o.command, COMMAND_PREDICT);
    assert_int_equal(o.operands.n, 3);
    assert_string_equal(o.out, "out.csv");
    assert_true(o.features);
    options_release(&o);
}

static void values_stand_in_the_same_word_or_in_the_next(void **state)
{
    (void)state;
    static const char *const lines[] = { "run r.sluice --threads 3 --memory 1G --session s --set a.b=c --set d.e=f=g",
                                         "--threads=3 --memory=1G --session=s run --set=a.b=c --set=d.e=f=g r.sluice" };
    for (size_t i = 0; i < 2; i++) {
        struct options o;
        assert_parses(&o, lines[i]);
        assert_int_equal(o.command, COMMAND_RUN);
        assert_int_equal(o.threads, 3);
        assert_int_equal(o.memory, 1 << 30);
        assert_string_equal(o.session, "s");
        assert_int_equal(o.sets.n, 2);
        assert_string_equal(o.sets.word[1], "d.e=f=g");
        assert_string_equal(o.operands.word[0], "r.sluice");
        options_release(&o);
    }
    struct options o;
    assert_parses(&o, "predict s d -oout.csv");
    assert_string_equal(o.out, "out.csv");
    options_release(&o);
}

static void two_dashes_end_the_options(void **state)
{
    (void)state;
    struct options o;
    assert_parses(&o, "run -- --strange.sluice");
    assert_int_equal(o.command, COMMAND_RUN);
    assert_string_equal(o.operands.word[0], "--strange.sluice");
    options_release(&o);
    assert_parses(&o, "-- ./run");
    assert_int_equal(o.command, COMMAND_WORKBENCH);
    assert_string_equal(o.operands.word[0], "./run");
    options_release(&o);
}

static void wrong_usage_is_refused_with_the_fix(void **state)
{
    (void)state;
    assert_refused("rum", "neither a command nor a file", "sluice run");
    assert_refused("run", "needs to know on what", "sluice run RECIPE");
    assert_refused("predict s.session", "needs more", "SESSION DATA");
    assert_refused("run a.sluice b.sluice", "\"b.sluice\" is one too many", "sluice run RECIPE");
    assert_refused("run a.sluice --jsom", "no option \"--jsom\"", "--json");
    assert_refused("run a.sluice --quar", "no option \"--quar\"", "--quarantine");
    assert_refused("check a.sluice --json", "not an option of \"sluice check\"", "leave it out");
    assert_refused("run a.sluice --json=yes", "takes no value", "only --json");
    assert_refused("run a.sluice --threads", "lacks its value", "--threads N");
    assert_refused("run a.sluice --threads 0", "\"0\" is no number for --threads", "from 1");
    assert_refused("run a.sluice --threads 2x", "\"2x\"", "from 1");
    assert_refused("run a.sluice --color blue", "\"blue\"", "auto, always or never");
    assert_refused("run a.sluice --set max=3", "does not say what to set", "STAGE.PARAMETER=VALUE");
    assert_refused("run a.sluice --set tfidf.max", "does not say what to set", "STAGE.PARAMETER=VALUE");
    assert_refused("run a.sluice --session=", "empty name", "FILE");
}

static void help_and_version_need_nothing_else(void **state)
{
    (void)state;
    struct options o;
    assert_parses(&o, "run --help");
    assert_true(o.help);
    assert_int_equal(o.command, COMMAND_RUN);
    options_release(&o);
    assert_parses(&o, "-V");
    assert_true(o.version);
    options_release(&o);
}

static void sizes_have_units(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        uint64_t bytes;
    } good[] = {
        { "512M", UINT64_C(512) << 20 },    { "2G", UINT64_C(2) << 30 },           { "2g", UINT64_C(2) << 30 },
        { "1.5G", UINT64_C(3) << 29 },      { "20480KiB", UINT64_C(20480) << 10 }, { "1TB", UINT64_C(1) << 40 },
        { "33554432", UINT64_C(32) << 20 },
    };
    uint64_t bytes = 0;
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        assert_int_equal(options_size(good[i].text, &bytes, NULL), SL_OK);
        assert_int_equal(bytes, good[i].bytes);
    }
    assert_int_equal(options_size("50%", &bytes, NULL), SL_OK);
    assert_in_range(bytes, sl_memory_total() / 2 - 4096, sl_memory_total() / 2 + 4096);
}

static void sizes_that_make_no_sense_are_refused(void **state)
{
    (void)state;
    static const struct {
        const char *text, *what, *fix;
    } bad[] = {
        { "", "not a size", "512M" },    { "lots", "not a size", "512M" },    { "-1G", "not a size", "2G" },
        { "1X", "not a size", "512M" },  { "0x10M", "not a size", "512M" },   { "512", "too little", "512M" },
        { "1M", "too little", "16M" },   { "101%", "more than all", "100%" }, { "9e30T", "more memory", "2G" },
        { "nan", "not a size", "512M" }, { "1e", "not a size", "512M" },      { "2GG", "not a size", "2G" },
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct sl_error err = SL_ERROR_INIT;
        uint64_t bytes = 7;
        assert_int_equal(options_size(bad[i].text, &bytes, &err), SL_EPARAM);
        assert_int_equal(bytes, 7);
        if (!strstr(err.what, bad[i].what) || !strstr(err.fix, bad[i].fix)) {
            fail_msg("\"%s\": %s; %s", bad[i].text, err.what, err.fix);
        }
    }
}

static void help_names_every_option_of_a_command_and_no_other(void **state)
{
    (void)state;
    for (int c = 0; c < COMMAND_N; c++) {
        struct sl_buf text = { 0 };
        options_help((enum command)c, &text);
        for (const struct option_row *row = option_table; row->name; row++) {
            struct sl_buf name = { 0 };
            sl_buf_puts(&name, "\n  ");
            options_name(row, &name);
            bool told = strstr(text.p, name.p) != NULL, own = row->commands & 1u << c;
            if (own != told) {
                fail_msg("the help of command %d %s%s", c, own ? "lacks" : "has", name.p);
            }
            sl_buf_release(&name);
        }
        for (const char *line = text.p; *line;) {
            size_t n = strcspn(line, "\n");
            if (n > 100) { /* bytes; 80 columns with some beyond ASCII */
                fail_msg("a line of help is too long: %.*s", (int)n, line);
            }
            line += n + (line[n] == '\n');
        }
        sl_buf_release(&text);
    }
}

static void assert_completes(const char *const *words, size_t n, const char *line, bool wanted)
{
    struct sl_buf text = { 0 };
    char framed[96];
    options_complete(words, n, &text);
    snprintf(framed, sizeof framed, "\n%s\n", line);
    bool found = strncmp(text.p, framed + 1, strlen(framed + 1)) == 0 || strstr(text.p, framed);
    if (found != wanted) {
        fail_msg("\"%s\" is %s among:\n%s", line, found ? "" : "not", text.p);
    }
    sl_buf_release(&text);
}

#define COMPLETES(line, wanted, ...)                       \
    assert_completes((const char *const[]){ __VA_ARGS__ }, \
                     sizeof((const char *const[]){ __VA_ARGS__ }) / sizeof(char *), line, wanted)

static void completion_follows_the_tables(void **state)
{
    (void)state;
    COMPLETES("run", true, "r");
    COMPLETES("--json", true, "run", "--j");
    COMPLETES("--train", false, "run", "--");
    COMPLETES("--train", true, "--");
    COMPLETES("always", true, "--color", "");
    COMPLETES("always", true, "--color", "=", "al");
    COMPLETES(":files session", true, "predict", "");
    COMPLETES(":files session", false, "predict", "a.session", "");
    COMPLETES(":files sluice", true, "run", "--threads", "2", "");
    COMPLETES(":files sluice", false, "run", "a.sluice", "");
    COMPLETES("tfidf.max_features=", true, "run", "a.sluice", "--set", "tf");
    COMPLETES(":folders", true, "runs", "");
    COMPLETES("read", true, "stages", "");
    COMPLETES("predict", true, "help", "");
}

static void the_tables_are_whole(void **state)
{
    (void)state;
    for (const struct option_row *row = option_table; row->name; row++) {
        assert_memory_equal(row->name, "--", 2);
        assert_non_null(row->help);
        assert_true(row->commands != 0);
        assert_true((row->kind == OPTION_FLAG) == (row->argument == NULL));
        assert_true((row->kind == OPTION_CHOICE) == (row->choices != NULL));
        for (const struct option_row *other = option_table; other < row; other++) {
            assert_string_not_equal(other->name, row->name);
            assert_true(!row->letter || other->letter != row->letter);
        }
    }
    for (int c = 0; c < COMMAND_N; c++) {
        assert_non_null(command_table[c].summary);
        assert_true((command_table[c].name == NULL) == (c == COMMAND_WORKBENCH));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_file_alone_is_for_the_workbench),
        cmocka_unit_test(every_command_is_found_by_its_name),
        cmocka_unit_test(values_stand_in_the_same_word_or_in_the_next),
        cmocka_unit_test(two_dashes_end_the_options),
        cmocka_unit_test(wrong_usage_is_refused_with_the_fix),
        cmocka_unit_test(help_and_version_need_nothing_else),
        cmocka_unit_test(sizes_have_units),
        cmocka_unit_test(sizes_that_make_no_sense_are_refused),
        cmocka_unit_test(help_names_every_option_of_a_command_and_no_other),
        cmocka_unit_test(completion_follows_the_tables),
        cmocka_unit_test(the_tables_are_whole),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
