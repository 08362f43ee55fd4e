/* options_complete.c: what may come next on the command line. The shells' scripts ask for it, so they hold no list. */
#include "options.h"

#include "sluice/pool.h"
#include "sluice/stage.h"

#include <stdlib.h>

static void complete_stages(struct sl_buf *out)
{
    const char *last = "";
    size_t length = 0;
    sl_buf_puts(out, ":words\n");
    for (size_t i = 0; sl_stage_registry[i]; i++) {
        const char *name = sl_stage_registry[i]->name;
        size_t n = strcspn(name, " ");
        if (n != length || memcmp(name, last, n) != 0) {
            sl_buf_printf(out, "%.*s\n", (int)n, name);
        }
        last = name;
        length = n;
    }
}

/* Every parameter of every stage that one word names. */
static void complete_set(struct sl_buf *out)
{
    sl_buf_puts(out, ":nospace\n");
    for (size_t i = 0; sl_stage_registry[i]; i++) {
        const struct sl_stage_class *class = sl_stage_registry[i];
        for (const struct sl_param *row = class->params; row && row->kind; row++) {
            if (!strchr(class->name, ' ')) {
                sl_buf_printf(out, "%s.%s=\n", class->name, row->name);
            }
        }
    }
}

static void complete_kind(enum complete kind, struct sl_buf *out)
{
    switch (kind) {
    case COMPLETE_FILE: sl_buf_puts(out, ":files\n"); break;
    case COMPLETE_FOLDER: sl_buf_puts(out, ":folders\n"); break;
    case COMPLETE_ANY: sl_buf_puts(out, ":files sluice session csv tsv tab jsonl ndjson gz zst\n"); break;
    case COMPLETE_RECIPE: sl_buf_puts(out, ":files sluice\n"); break;
    case COMPLETE_SESSION: sl_buf_puts(out, ":files session\n"); break;
    case COMPLETE_DATA: sl_buf_puts(out, ":files csv tsv tab jsonl ndjson gz zst\n"); break;
    case COMPLETE_STAGE: complete_stages(out); break;
    case COMPLETE_SET: complete_set(out); break;
    case COMPLETE_SIZE: sl_buf_puts(out, ":words\n512M\n1G\n2G\n4G\n8G\n25%\n50%\n"); break;
    case COMPLETE_COMMAND:
        sl_buf_puts(out, ":words\n");
        for (int c = 0; c < COMMAND_N; c++) {
            if (command_table[c].name) {
                sl_buf_printf(out, "%s\n", command_table[c].name);
            }
        }
        break;
    case COMPLETE_NOTHING:
    case COMPLETE_CHOICE: sl_buf_puts(out, ":words\n"); break;
    }
}

static void complete_value(const struct option_row *row, struct sl_buf *out)
{
    complete_kind(row->complete, out);
    if (row->kind == OPTION_COUNT) {
        sl_buf_printf(out, "1\n%d\n", sl_cores());
    }
    for (size_t i = 0; row->choices && row->choices[i]; i++) {
        sl_buf_printf(out, "%s\n", row->choices[i]);
    }
}

static const struct option_row *row_of(const char *word)
{
    for (const struct option_row *row = option_table; row->name; row++) {
        bool letter = row->letter && word[0] == '-' && word[1] == row->letter && !word[2];
        if (letter || strcmp(row->name, word) == 0) {
            return row;
        }
    }
    return NULL;
}

void options_complete(const char *const *words, size_t n, struct sl_buf *out)
{
    enum command command = COMMAND_WORKBENCH;
    size_t operands = 0;
    const struct option_row *pending = NULL; /* the option whose value the next word is */
    for (size_t i = 0; i + 1 < n; i++) {
        if (pending && strcmp(words[i], "=") == 0) {
            continue;
        }
        if (pending) {
            pending = NULL;
        } else if (words[i][0] == '-') {
            const struct option_row *row = row_of(words[i]);
            pending = row && row->argument ? row : NULL;
        } else if (operands++ == 0 && command == COMMAND_WORKBENCH && options_command(words[i]) != COMMAND_N) {
            command = options_command(words[i]);
            operands = 0;
        }
    }
    const char *last = n ? words[n - 1] : "";
    if (pending) {
        complete_value(pending, out);
    } else if (last[0] == '-') {
        sl_buf_puts(out, ":words\n");
        for (const struct option_row *row = option_table; row->name; row++) {
            if (row->commands & 1u << command) {
                sl_buf_printf(out, "%s\n", row->name);
            }
        }
    } else if (operands >= command_table[command].most) {
        sl_buf_puts(out, ":words\n");
    } else if (command_table[command].complete == COMPLETE_DATA && operands == 0) {
        complete_kind(COMPLETE_SESSION, out);
    } else {
        complete_kind(command_table[command].complete, out);
        if (command == COMMAND_WORKBENCH && operands == 0) {
            complete_kind(COMPLETE_COMMAND, out);
        }
    }
}
