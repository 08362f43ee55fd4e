/* main.c: which face of the program was asked for.
 *
 * Nothing is set up here that a command does not need: no locale, no screen. */
#include "batch.h"
#include "workbench_command.h"

static int usage_error(const struct sl_error *err)
{
    batch_error(err);
    return EXIT_USAGE;
}

static int print_help(enum command command)
{
    struct sl_buf out = { 0 };
    options_help(command, &out);
    return batch_finish(&out);
}

static int print_version(void)
{
    struct sl_buf out = { 0 };
    sl_buf_puts(&out, "sluice " SL_VERSION "\n");
    return batch_finish(&out);
}

static int print_completion(int argc, char *const *argv)
{
    struct sl_buf out = { 0 };
    options_complete((const char *const *)argv, (size_t)argc, &out);
    return batch_finish(&out);
}

static int command_help(const struct options *options)
{
    enum command command = COMMAND_N;
    if (options->operands.n && (command = options_command(options->operands.word[0])) == COMMAND_N) {
        batch_note("there is no command \"%s\"; see: sluice --help", options->operands.word[0]);
        return EXIT_USAGE;
    }
    return print_help(command);
}

static int command_workbench(const struct options *options)
{
    struct sl_error err = SL_ERROR_INIT;
    if (options->plain) {
        return command_plain(options);
    }
    if (!workbench_terminal()) {
        sl_fail(&err, SL_EPARAM, "the workbench needs a terminal that can place the cursor");
        sl_fix(&err, "use: sluice run RECIPE, or: sluice --plain FILE");
        return usage_error(&err);
    }
    return workbench_run(options, WORKBENCH_OPEN);
}

static int (*const commands[COMMAND_N])(const struct options *options) = {
    [COMMAND_WORKBENCH] = command_workbench, [COMMAND_RUN] = command_run,         [COMMAND_PREDICT] = command_predict,
    [COMMAND_RUNS] = command_runs,           [COMMAND_COMPARE] = command_compare, [COMMAND_EXPORT] = command_export,
    [COMMAND_BENCH] = command_bench,         [COMMAND_STAGES] = command_stages,   [COMMAND_CHECK] = command_check,
    [COMMAND_SHELL] = command_shell,         [COMMAND_RESUME] = command_resume,   [COMMAND_ATTACH] = command_attach,
    [COMMAND_VERIFY] = command_verify,       [COMMAND_REPLAY] = command_replay,   [COMMAND_HELP] = command_help,
};

int main(int argc, char **argv)
{
    struct options options;
    struct sl_error err = SL_ERROR_INIT;
    /* For the shells' completion scripts: sluice --complete WORD… */
    if (argc > 1 && strcmp(argv[1], "--complete") == 0) {
        return print_completion(argc - 2, argv + 2);
    }
    int exit_status;
    if (options_parse(&options, argc, argv, &err)) {
        exit_status = usage_error(&err);
    } else if (options.help) {
        exit_status = print_help(options.command == COMMAND_WORKBENCH ? COMMAND_N : options.command);
    } else if (options.version) {
        exit_status = print_version();
    } else {
        exit_status = commands[options.command](&options);
    }
    options_release(&options);
    return exit_status;
}
