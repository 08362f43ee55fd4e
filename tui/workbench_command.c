/* workbench_command.c: see workbench_command.h. */
#include "workbench_command.h"

#include "app.h"

#include <stdlib.h>
#include <unistd.h>

bool workbench_terminal(void)
{
    const char *term = getenv("TERM");
    return isatty(STDIN_FILENO) && isatty(STDOUT_FILENO) && term && *term && strcmp(term, "dumb") != 0;
}

int workbench_run(const struct options *options, enum workbench_way way)
{
    struct sl_error err = SL_ERROR_INIT;
    const struct app_options app = {
        .files = options->operands.word,
        .n_files = options->operands.n,
        .start_training = options->train,
        .replay = way == WORKBENCH_REPLAY,
        .speed = options->speed,
        .attach = way == WORKBENCH_ATTACH,
        .threads = options->threads,
        .memory = options->memory,
        .prefetch = (size_t)options->prefetch,
        .session = options->session,
        .screen = { .colour = options->colour == COLOUR_AUTO ? -1 : options->colour == COLOUR_ALWAYS,
                    .ascii = options->ascii,
                    .pictures = options->pictures,
                    .mouse = !options->no_mouse },
    };
    if (!app_run(&app, &err)) {
        return EXIT_DONE;
    }
    batch_error(&err);
    return err.status == SL_ECANCEL ? EXIT_INTERRUPTED : EXIT_FAILED;
}
