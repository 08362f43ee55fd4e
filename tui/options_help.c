/* options_help.c: --help of the program and of each command, from the tables. */
#include "options.h"

#include "sluice/session.h"
#include "sluice/text.h"

enum { WIDTH = 80, FIRST = 26 };

/* Words of text in lines of WIDTH columns, indented; the first line is already at column `at`. */
static void fold(const char *text, int indent, int at, struct sl_buf *out)
{
    bool first = true;
    while (*text) {
        size_t n = strcspn(text, " ");
        int columns = (int)sl_utf8_length(text, n);
        if (!first && at + 1 + columns > WIDTH) {
            sl_buf_printf(out, "\n%*s", indent, "");
            at = indent;
            first = true;
        }
        if (!first) {
            sl_buf_putc(out, ' ');
        }
        sl_buf_add(out, text, n);
        at += columns + !first;
        first = false;
        text += n;
        text += *text == ' ';
    }
    sl_buf_putc(out, '\n');
}

void options_name(const struct option_row *row, struct sl_buf *out)
{
    if (row->letter) {
        sl_buf_printf(out, "-%c, ", row->letter);
    }
    sl_buf_puts(out, row->name);
    if (row->argument) {
        sl_buf_printf(out, " %s", row->argument);
    }
}

void options_usage(enum command command, struct sl_buf *out)
{
    const struct command_row *row = &command_table[command];
    sl_buf_puts(out, "sluice");
    if (row->name) {
        sl_buf_printf(out, " %s", row->name);
    }
    if (row->operands) {
        sl_buf_printf(out, " %s", row->operands);
    }
    sl_buf_puts(out, " [OPTION…]");
}

/* Two columns: name, text. */
static void help_row(const char *name, const char *text, struct sl_buf *out)
{
    int columns = (int)sl_utf8_length(name, strlen(name));
    sl_buf_printf(out, "  %s", name);
    if (columns + 4 > FIRST) {
        sl_buf_printf(out, "\n%*s", FIRST, "");
    } else {
        sl_buf_printf(out, "%*s", FIRST - 2 - columns, "");
    }
    fold(text, FIRST, FIRST, out);
}

static void help_options(enum command command, struct sl_buf *out)
{
    for (const struct option_row *row = option_table; row->name; row++) {
        if (row->commands & 1u << command) {
            struct sl_buf name = { 0 };
            options_name(row, &name);
            help_row(name.p ? name.p : row->name, row->help, out);
            sl_buf_release(&name);
        }
    }
}

static void help_program(struct sl_buf *out)
{
    sl_buf_puts(out, "Sluice: a terminal workbench for machine-learning pipelines.\n\n");
    for (int c = 0; c < COMMAND_N; c++) {
        struct sl_buf usage = { 0 };
        sl_buf_puts(&usage, "sluice");
        if (command_table[c].name) {
            sl_buf_printf(&usage, " %s", command_table[c].name);
        }
        sl_buf_printf(&usage, " %s", command_table[c].operands);
        help_row(usage.p ? usage.p : "", command_table[c].summary, out);
        sl_buf_release(&usage);
    }
    sl_buf_puts(out, "\nOptions of the workbench:\n");
    help_options(COMMAND_WORKBENCH, out);
    sl_buf_puts(out, "\nOptions of a command: sluice COMMAND --help. A stage: sluice stages NAME.\n"
                     "The whole manual: man sluice, or: sluice stages --man | man -l -\n"
                     "Exit status: 0 done, 1 failed, 2 wrong usage, 3 stopped by --break, 130 interrupted.\n");
}

void options_help(enum command command, struct sl_buf *out)
{
    if (command >= COMMAND_N || command == COMMAND_WORKBENCH) {
        help_program(out);
        return;
    }
    const struct command_row *row = &command_table[command];
    sl_buf_puts(out, "usage: ");
    options_usage(command, out);
    sl_buf_puts(out, "\n\n");
    fold(row->summary, 0, 0, out);
    if (row->details) {
        sl_buf_putc(out, '\n');
        fold(row->details, 0, 0, out);
    }
    sl_buf_putc(out, '\n');
    help_options(command, out);
}
