/* manpage_stages.c: the reference of stages and commands, row by row from their tables. */
#include "manpage_private.h"

static void parameter(const struct sl_param *row, const void *defaults, struct sl_buf *out)
{
    struct sl_buf text = { 0 };
    sl_buf_puts(out, ".TP\n");
    man_bold(out, row->name);
    sl_buf_putc(out, '\n');
    man_puts(out, row->help ? row->help : "");
    if (row->unit) {
        sl_buf_printf(&text, " [%s]", row->unit);
    }
    sl_buf_puts(&text, " (");
    sl_param_describe(row, &text);
    if (row->required) {
        sl_buf_puts(&text, "; required");
    } else if (defaults && row->kind != SL_PARAM_COLUMNS) {
        sl_buf_puts(&text, "; default ");
        sl_param_format(row, defaults, &text);
    }
    sl_buf_puts(&text, ")");
    manpage_text((struct sl_str){ text.p, text.n }, out);
    sl_buf_putc(out, '\n');
    out->failed |= text.failed;
    sl_buf_release(&text);
}

static void parameters(const struct sl_param *rows, const void *defaults, struct sl_buf *out)
{
    for (const struct sl_param *row = rows; row && row->kind; row++) {
        parameter(row, defaults, out);
    }
}

static void indented(const char *label, const char *text, struct sl_buf *out)
{
    while (*text) {
        size_t n = strcspn(text, "\n");
        sl_buf_printf(out, "    %-4s ", label);
        manpage_text((struct sl_str){ text, n }, out);
        sl_buf_putc(out, '\n');
        text += n + (text[n] == '\n');
        label = "";
    }
}

static void examples(const struct sl_stage_class *class, struct sl_buf *out)
{
    for (const struct sl_example *e = class->examples; e && e->recipe; e++) {
        sl_buf_puts(out, e == class->examples ? ".PP\nExamples:\n.PP\n.EX\n" : "");
        man_bold(out, e->recipe);
        sl_buf_putc(out, '\n');
        indented("in", e->in, out);
        indented("out", e->out, out);
    }
    sl_buf_puts(out, class->examples && class->examples->recipe ? ".EE\n" : "");
}

static void stage_usage(const struct sl_stage_class *class, struct sl_buf *out)
{
    bool named = false;
    man_bold(out, class->name);
    for (const struct sl_param *row = class->params; row && row->kind; row++) {
        if (row->positional) {
            bool many = row->kind == SL_PARAM_COLUMNS || row->kind == SL_PARAM_NAMES;
            sl_buf_printf(out, row->required ? " %s%s" : " [%s%s]", row->name, many ? "…" : "");
        }
        named |= !row->positional;
    }
    sl_buf_puts(out, named ? " [parameter=value…]\n" : "\n");
}

void man_stages(struct sl_buf *out)
{
    man_section(out, "STAGES");
    for (int kind = SL_SOURCE; kind <= SL_TRAINER; kind++) {
        for (size_t i = 0; sl_stage_registry[i]; i++) {
            const struct sl_stage_class *class = sl_stage_registry[i];
            if ((int)class->kind != kind) {
                continue;
            }
            sl_buf_printf(out, ".SS %s: %s\n", manpage_kind(class->kind), class->name);
            stage_usage(class, out);
            sl_buf_puts(out, ".PP\n");
            man_puts(out, class->summary);
            sl_buf_puts(out, ".\n");
            if (class->details) {
                sl_buf_puts(out, ".PP\n");
                man_paragraphs(out, class->details, ".PP\n");
            }
            parameters(class->params, class->defaults, out);
            examples(class, out);
        }
    }
}

void man_session_commands(struct sl_buf *out)
{
    man_section(out, "SESSION COMMANDS");
    man_puts(
        out,
        "Commands are typed at the prompt of the workbench or of sluice shell, and may stand in a recipe. A stage's "
        "statement is a command too: it puts the stage into the recipe.\n");
    for (const struct sl_command *command = sl_commands; command->name; command++) {
        man_item(out, command->usage, command->summary);
        if (command->params && command->params->kind) {
            sl_buf_puts(out, ".RS\n");
            parameters(command->params, command->defaults, out);
            sl_buf_puts(out, ".RE\n");
        }
    }
}

const char *manpage_kind(enum sl_stage_kind kind)
{
    static const char *const names[] = {
        [SL_SOURCE] = "Readers", [SL_RECORD] = "Cleaning",        [SL_TARGET] = "Target",
        [SL_SPLIT] = "Split",    [SL_AUGMENT] = "Random changes", [SL_ENCODER] = "Encoders",
        [SL_BATCH] = "Batches",  [SL_LEARNER] = "Learners",       [SL_TRAINER] = "Training"
    };
    return names[kind];
}
