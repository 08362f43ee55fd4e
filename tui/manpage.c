/* manpage.c: sluice(1), from the tables. What only people can say stands in manpage_text.c.
 *
 * Plain man(7) macros that groff and mandoc agree on; bold by font escapes, so that no macro's argument needs quoting.
 */
#include "manpage_private.h"

#include <stdio.h>

enum { LINE = 78 };
#define PAGE_DATE "2026-11-23" /* of the last change to the page's own text */

void manpage_text(struct sl_str text, struct sl_buf *out)
{
    bool start = !out->n || out->p[out->n - 1] == '\n';
    for (size_t i = 0; i < text.n; i++) {
        char c = text.p[i];
        if (start && (c == '.' || c == '\'')) {
            sl_buf_puts(out, "\\&");
        }
        switch (c) {
        case '\\': sl_buf_puts(out, "\\e"); break;
        case '-': sl_buf_puts(out, "\\-"); break;
        case '\'': sl_buf_puts(out, "\\(aq"); break;
        case '`': sl_buf_puts(out, "\\(ga"); break;
        case '^': sl_buf_puts(out, "\\(ha"); break;
        case '~': sl_buf_puts(out, "\\(ti"); break;
        case '"': sl_buf_puts(out, "\\(dq"); break;
        default:
            if ((unsigned char)c >= 0x20 || c == '\n') {
                sl_buf_putc(out, c);
            }
        }
        start = c == '\n';
    }
}

void man_puts(struct sl_buf *out, const char *text)
{
    manpage_text(sl_str(text), out);
}

void man_bold(struct sl_buf *out, const char *text)
{
    sl_buf_puts(out, "\\fB");
    man_puts(out, text);
    sl_buf_puts(out, "\\fR");
}

void man_section(struct sl_buf *out, const char *name)
{
    sl_buf_printf(out, ".SH %s\n", name);
}

void man_item(struct sl_buf *out, const char *name, const char *text)
{
    sl_buf_puts(out, ".TP\n");
    man_bold(out, name);
    sl_buf_putc(out, '\n');
    man_puts(out, text);
    sl_buf_putc(out, '\n');
}

void man_paragraphs(struct sl_buf *out, const char *text, const char *between)
{
    while (*text) {
        const char *end = strstr(text, "\n\n");
        size_t n = end ? (size_t)(end - text) : strlen(text);
        manpage_text((struct sl_str){ text, n }, out);
        sl_buf_putc(out, '\n');
        text += n;
        while (*text == '\n') {
            text++;
        }
        if (*text) {
            sl_buf_puts(out, between);
        }
    }
}

void man_example(struct sl_buf *out, const char *text)
{
    sl_buf_puts(out, ".EX\n");
    man_puts(out, text);
    sl_buf_puts(out, "\n.EE\n");
}

static void commands(struct sl_buf *out)
{
    man_section(out, "COMMANDS");
    for (int c = 0; c < COMMAND_N; c++) {
        const struct command_row *row = &command_table[c];
        sl_buf_puts(out, ".TP\n");
        char name[64];
        snprintf(name, sizeof name, "sluice%s%s", row->name ? " " : "", row->name ? row->name : "");
        man_bold(out, name);
        sl_buf_putc(out, ' ');
        man_puts(out, row->operands);
        sl_buf_putc(out, '\n');
        /* The summary as a sentence. */
        char first = row->summary[0];
        sl_buf_putc(out, first >= 'a' && first <= 'z' ? (char)(first - 32) : first);
        man_puts(out, row->summary + 1);
        sl_buf_puts(out, ".\n");
        if (row->details) {
            man_puts(out, row->details);
            sl_buf_putc(out, '\n');
        }
    }
}

static void options(struct sl_buf *out)
{
    man_section(out, "OPTIONS");
    for (const struct option_row *row = option_table; row->name; row++) {
        struct sl_buf name = { 0 };
        unsigned all = (1u << COMMAND_N) - 1;
        options_name(row, &name);
        sl_buf_puts(out, ".TP\n");
        man_bold(out, name.p ? name.p : row->name);
        sl_buf_putc(out, '\n');
        man_puts(out, row->help);
        sl_buf_puts(out, ".\n");
        if (row->commands != all) {
            bool first = true;
            sl_buf_puts(out, "(");
            for (int c = 0; c < COMMAND_N; c++) {
                if (row->commands & 1u << c) {
                    sl_buf_puts(out, first ? "" : ", ");
                    man_puts(out, command_table[c].name ? command_table[c].name : "workbench");
                    first = false;
                }
            }
            sl_buf_puts(out, ")\n");
        }
        sl_buf_release(&name);
    }
}

static void synopsis(struct sl_buf *out)
{
    man_section(out, "SYNOPSIS");
    for (int c = 0; c < COMMAND_N; c++) {
        const struct command_row *row = &command_table[c];
        sl_buf_puts(out, c ? ".br\n" : "");
        char name[64];
        snprintf(name, sizeof name, "sluice%s%s", row->name ? " " : "", row->name ? row->name : "");
        man_bold(out, name);
        sl_buf_puts(out, " [OPTION…] ");
        man_puts(out, row->operands);
        sl_buf_putc(out, '\n');
    }
}

/* Lines of text are folded for those who read the source; what is shown as it is (.EX to .EE) and macros stay. */
static void fold_lines(struct sl_str page, struct sl_buf *out)
{
    bool verbatim = false;
    while (page.n) {
        const char *end = memchr(page.p, '\n', page.n);
        size_t n = end ? (size_t)(end - page.p) : page.n, left = n;
        const char *p = page.p;
        bool macro = n && *p == '.';
        verbatim = macro ? n >= 3 && memcmp(p, ".EX", 3) == 0   ? true
                           : n >= 3 && memcmp(p, ".EE", 3) == 0 ? false
                                                                : verbatim
                         : verbatim;
        while (!macro && !verbatim && left > LINE) {
            const char *blank = memrchr(p, ' ', LINE);
            size_t cut = blank ? (size_t)(blank - p) : 0;
            /* The next word must not look like a macro. */
            if (cut == 0 || p[cut + 1] == '.' || p[cut + 1] == '\'' || p[cut + 1] == ' ') {
                break;
            }
            sl_buf_add(out, p, cut);
            sl_buf_putc(out, '\n');
            p += cut + 1;
            left -= cut + 1;
        }
        sl_buf_add(out, p, left);
        sl_buf_putc(out, '\n');
        n += end != NULL;
        page.p += n;
        page.n -= n;
    }
}

void manpage_write(struct sl_buf *to)
{
    struct sl_buf page = { 0 }, *out = &page;
    sl_buf_printf(out, ".TH SLUICE 1 \"%s\" \"Sluice %s\" \"User Commands\"\n", PAGE_DATE, SL_VERSION);
    man_section(out, "NAME");
    sl_buf_puts(out, "sluice \\- terminal workbench for machine\\-learning pipelines\n");
    synopsis(out);
    man_description(out);
    commands(out);
    options(out);
    man_recipes(out);
    man_stages(out);
    man_session_commands(out);
    man_keys(out);
    man_json(out);
    man_surroundings(out);
    if (!page.failed) {
        fold_lines((struct sl_str){ page.p, page.n }, to);
    }
    to->failed |= page.failed;
    sl_buf_release(&page);
}
