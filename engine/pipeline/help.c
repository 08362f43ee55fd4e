/* help.c: help for people, made from the tables alone. */
#include "sluice/recipe.h"

/* Words of `text` folded to `width` columns, each line after the first indented. */
static void fold(const char *text, int indent, int width, struct sl_buf *out)
{
    int at = indent;
    bool first = true;
    while (*text) {
        if (*text == '\n') {
            sl_buf_printf(out, "\n%*s", indent, "");
            at = indent;
            first = true;
            text++;
            continue;
        }
        size_t n = strcspn(text, " \n");
        int columns = (int)sl_utf8_length(text, n);
        if (!first && at + 1 + columns > width) {
            sl_buf_printf(out, "\n%*s", indent, "");
            at = indent;
            first = true;
        }
        if (!first)
            sl_buf_putc(out, ' ');
        sl_buf_add(out, text, n);
        at += columns + !first;
        first = false;
        text += n;
        while (*text == ' ')
            text++;
    }
    sl_buf_putc(out, '\n');
}

static void help_row(const struct sl_param *row, const void *defaults, int width, struct sl_buf *out)
{
    struct sl_buf text = { 0 };
    sl_buf_puts(&text, row->help ? row->help : "");
    if (row->unit)
        sl_buf_printf(&text, " [%s]", row->unit);
    sl_buf_puts(&text, " (");
    sl_param_describe(row, &text);
    if (row->required)
        sl_buf_puts(&text, "; required");
    else if (defaults && row->kind != SL_PARAM_COLUMNS) {
        sl_buf_puts(&text, "; default ");
        sl_param_format(row, defaults, &text);
    }
    sl_buf_puts(&text, ")");
    sl_buf_printf(out, "  %-16s ", row->name);
    if (strlen(row->name) > 16)
        sl_buf_printf(out, "\n%19s", "");
    fold(text.p ? text.p : "", 19, width, out);
    sl_buf_release(&text);
}

void sl_help_params(const struct sl_param *rows, const void *defaults, int width, struct sl_buf *out)
{
    for (const struct sl_param *row = rows; row && row->kind; row++)
        help_row(row, defaults, width, out);
}

static void usage(const struct sl_stage_class *class, struct sl_buf *out)
{
    bool named = false;
    sl_buf_printf(out, "usage: %s", class->name);
    for (const struct sl_param *row = class->params; row && row->kind; row++) {
        if (!row->positional) {
            named = true;
            continue;
        }
        bool many = row->kind == SL_PARAM_COLUMNS || row->kind == SL_PARAM_NAMES;
        sl_buf_printf(out, row->required ? " %s%s" : " [%s%s]", row->name, many ? "…" : "");
    }
    sl_buf_puts(out, named ? " [parameter=value…]\n" : "\n");
}

void sl_help_stage(const struct sl_stage_class *class, int width, struct sl_buf *out)
{
    sl_buf_printf(out, "%s: %s\n", class->name, class->summary);
    usage(class, out);
    if (class->details) {
        sl_buf_putc(out, '\n');
        fold(class->details, 0, width, out);
    }
    if (class->params && class->params->kind) {
        sl_buf_puts(out, "\nparameters\n");
        sl_help_params(class->params, class->defaults, width, out);
    }
    for (const struct sl_example *e = class->examples; e && e->recipe; e++) {
        if (e == class->examples)
            sl_buf_puts(out, "\nexamples\n");
        sl_buf_printf(out, "  %s\n", e->recipe);
        sl_buf_puts(out, "      in   ");
        for (const char *p = e->in; *p; p++)
            sl_buf_puts(out, *p != '\n' ? (char[2]){ *p, 0 } : p[1] ? " ⏎ " : "");
        sl_buf_puts(out, "\n      out  ");
        for (const char *p = e->out; *p; p++)
            sl_buf_puts(out, *p != '\n' ? (char[2]){ *p, 0 } : p[1] ? " ⏎ " : "");
        sl_buf_putc(out, '\n');
    }
}
