/* app_help.c: help by name, made from the tables of stages and commands, as wide as the screen has room for. */
#include "app_private.h"

#include <stdio.h>

#define WIDEST 96

static int text_width(void)
{
    int rows, columns;
    screen_size(&rows, &columns);
    columns -= 8; /* of the box */
    return columns > WIDEST ? WIDEST : columns < 20 ? 20 : columns;
}

static void list_line(struct sl_buf *out, const char *name, const char *summary)
{
    sl_buf_printf(out, "  %-16s %s\n", name, summary);
}

static void list_all(struct sl_buf *out)
{
    sl_buf_puts(out, "Stages\n");
    for (size_t i = 0; sl_stage_registry[i]; i++) {
        list_line(out, sl_stage_registry[i]->name, sl_stage_registry[i]->summary);
    }
    sl_buf_puts(out, "\nCommands\n");
    for (const struct sl_command *c = sl_commands; c->name; c++) {
        list_line(out, c->name, c->summary);
    }
    sl_buf_puts(out, "\nCommands of the workbench\n");
    for (const struct app_command *c = app_commands; c->name; c++) {
        list_line(out, c->name, c->summary);
    }
    sl_buf_puts(out, "\n:help NAME explains one; ? shows the keys.");
}

static bool explain_command(const char *name, struct sl_buf *out)
{
    for (const struct sl_command *c = sl_commands; c->name; c++) {
        if (strcmp(c->name, name) == 0) {
            sl_buf_printf(out, "%s: %s\nusage: %s\n\n", c->name, c->summary, c->usage);
            sl_help_params(c->params, c->defaults, text_width(), out);
            return true;
        }
    }
    for (const struct app_command *c = app_commands; c->name; c++) {
        if (strcmp(c->name, name) == 0) {
            sl_buf_printf(out, "%s: %s\nusage: %s\n", c->name, c->summary, c->usage);
            return true;
        }
    }
    return false;
}

void app_explain(struct app *app, const char *name)
{
    struct sl_buf text = { 0 };
    const struct sl_stage_class *class = sl_stage_find(sl_str(name));
    if (!name[0]) {
        list_all(&text);
    } else if (class) {
        sl_help_stage(class, text_width(), &text);
    } else if (!explain_command(name, &text)) {
        app->command_failed = true;
        app_message(app, STYLE_ERROR, "there is no stage or command \"%s\"; :help lists them", name);
    }
    if (text.n && !text.failed) {
        while (text.n && text.p[text.n - 1] == '\n') {
            text.n--;
        }
        app_show_text(app, name[0] ? name : "stages and commands", (struct sl_str){ text.p, text.n });
    }
    sl_buf_release(&text);
}
