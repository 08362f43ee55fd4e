/* stages_command.c: sluice stages: the reference, from the stages' own tables. */
#include "batch.h"
#include "manpage.h"

#include <stdio.h>
#include <unistd.h>

static void list(bool colour, struct sl_buf *out)
{
    int last = -1, width = 0;
    for (size_t i = 0; sl_stage_registry[i]; i++) {
        int n = (int)strlen(sl_stage_registry[i]->name);
        width = n > width ? n : width;
    }
    for (int kind = SL_SOURCE; kind <= SL_TRAINER; kind++) {
        for (size_t i = 0; sl_stage_registry[i]; i++) {
            const struct sl_stage_class *class = sl_stage_registry[i];
            if ((int)class->kind != kind) {
                continue;
            }
            if (kind != last) {
                sl_buf_printf(out, "%s%s%s%s\n", last < 0 ? "" : "\n", colour ? "\033[1m" : "",
                              manpage_kind(class->kind), colour ? "\033[0m" : "");
            }
            last = kind;
            sl_buf_printf(out, "%-*s  %s\n", width, class->name, class->summary);
        }
    }
}

/* A command of the session, explained. */
static bool help_command(const char *name, int width, struct sl_buf *out)
{
    for (const struct sl_command *command = sl_commands; command->name; command++) {
        if (strcmp(command->name, name) == 0) {
            sl_buf_printf(out, "%s: %s\nusage: %s\n", command->name, command->summary, command->usage);
            if (command->params && command->params->kind) {
                sl_buf_puts(out, "\nparameters\n");
                sl_help_params(command->params, command->defaults, width, out);
            }
            return true;
        }
    }
    return false;
}

static bool help_stages(const char *name, int width, struct sl_buf *out)
{
    bool found = false;
    size_t n = strlen(name);
    for (size_t i = 0; sl_stage_registry[i]; i++) {
        const struct sl_stage_class *class = sl_stage_registry[i];
        bool family = strncmp(class->name, name, n) == 0 && class->name[n] == ' ';
        if (family || strcmp(class->name, name) == 0) {
            sl_buf_puts(out, found ? "\n" : "");
            sl_help_stage(class, width, out);
            found = true;
        }
    }
    return found;
}

static int unknown(const char *name)
{
    const char *names[256];
    size_t n = 0;
    for (size_t i = 0; sl_stage_registry[i] && n < 128; i++) {
        names[n++] = sl_stage_registry[i]->name;
    }
    for (const struct sl_command *command = sl_commands; command->name && n < 255; command++) {
        names[n++] = command->name;
    }
    names[n] = NULL;
    const char *nearest = sl_nearest(sl_str(name), names);
    if (nearest) {
        batch_note("there is no stage \"%s\"; did you mean \"%s\"?", name, nearest);
    } else {
        batch_note("there is no stage \"%s\"; see: sluice stages", name);
    }
    return EXIT_USAGE;
}

int command_stages(const struct options *options)
{
    struct sl_buf out = { 0 };
    const struct option_words *words = &options->operands;
    int width = batch_width(STDOUT_FILENO, 80);
    width = width < 40 ? 40 : width > 100 ? 100 : width;
    if (options->man) {
        manpage_write(&out);
    } else if (words->n == 0) {
        list(batch_colour(options, STDOUT_FILENO), &out);
    } else {
        char name[128];
        snprintf(name, sizeof name, "%s%s%s", words->word[0], words->n > 1 ? " " : "",
                 words->n > 1 ? words->word[1] : "");
        if (!help_stages(name, width, &out) && !help_command(name, width, &out)) {
            sl_buf_release(&out);
            return unknown(name);
        }
    }
    return batch_finish(&out);
}
