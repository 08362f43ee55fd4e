/* complete.c: what may stand at a place in a line: stages, commands, columns, parameters, values, files.
 *
 * All of it is read off the tables that also parse the line. */
#include "complete.h"
#include "command.h"

#include <stdio.h>
#include <stdlib.h>

/* Where the word that ends at `at` begins; quotes hold words together. */
static size_t word_start(const char *line, size_t at)
{
    size_t start = 0;
    char quote = 0;
    for (size_t i = 0; i < at; i++) {
        if (quote)
            quote = line[i] == quote ? 0 : quote;
        else if (line[i] == '\'' || line[i] == '"')
            quote = line[i];
        else if (line[i] == '\\')
            i++;
        else if (line[i] == ' ' || line[i] == '\t')
            start = i + 1;
    }
    return start < at ? start : at;
}

/* First words of stages ("read" once), then commands when they may stand here. */
static void complete_first(struct completing *c, bool commands)
{
    static const struct sl_str nothing = { "", 0 };
    for (const struct sl_stage_class *const *class = sl_stage_registry; *class; class ++) {
        char *first = strndup((*class)->name, strcspn((*class)->name, " "));
        bool seen = !first;
        for (size_t i = 0; i < c->n && !seen; i++)
            seen = strcmp(c->words[i], first) == 0;
        if (!seen)
            complete_word(c, nothing, first, "");
        free(first);
    }
    for (const struct sl_command *command = sl_commands; commands && command->name; command++)
        if (!sl_stage_find(sl_str(command->name)))
            complete_word(c, nothing, command->name, "");
}

/* The stage that words[first] (and perhaps the next) name; *words_used of them. */
static const struct sl_stage_class *find_class(const struct sl_line *line, size_t first, size_t *used)
{
    struct sl_buf both = { 0 };
    const struct sl_stage_class *class = NULL;
    if (line->n > first + 1) {
        sl_buf_printf(&both, "%.*s %.*s", (int)line->words[first].value.n, line->words[first].value.p,
                      (int)line->words[first + 1].value.n, line->words[first + 1].value.p);
        class = both.failed ? NULL : sl_stage_find((struct sl_str){ both.p, both.n });
        sl_buf_release(&both);
    }
    *used = class ? 2 : 1;
    return class ? class : sl_stage_find(line->words[first].value);
}

/* Second words of a stage whose name has two. */
static bool complete_second(struct completing *c, struct sl_str first)
{
    static const struct sl_str nothing = { "", 0 };
    bool found = false;
    for (const struct sl_stage_class *const *class = sl_stage_registry; *class; class ++) {
        const char *blank = strchr((*class)->name, ' ');
        if (blank && sl_str_equal(first, (struct sl_str){ (*class)->name, (size_t)(blank - (*class)->name) })) {
            complete_word(c, nothing, blank + 1, "");
            found = true;
        }
    }
    return found;
}

static bool is_given(const struct sl_line *line, size_t first, const struct sl_param *row)
{
    for (size_t i = first; i < line->n; i++)
        if (sl_str_equal(line->words[i].key, sl_str(row->name)))
            return true;
    return false;
}

/* The positional row that the next plain word goes to: lists take all that follow. */
static const struct sl_param *next_positional(const struct sl_param *rows, const struct sl_line *line, size_t first)
{
    size_t plain = 0;
    for (size_t i = first; i < line->n; i++)
        plain += !line->words[i].key.n;
    for (const struct sl_param *row = rows; row && row->kind; row++) {
        if (!row->positional)
            continue;
        if (row->kind == SL_PARAM_COLUMNS || row->kind == SL_PARAM_NAMES || row->rest || plain == 0)
            return row;
        plain--;
    }
    return NULL;
}

/* A parameter or value by table `rows`, behind words first..n-1. */
static void complete_params(struct completing *c, const struct sl_param *rows, const struct sl_line *line, size_t first,
                            const struct sl_schema *schema)
{
    static const struct sl_str nothing = { "", 0 };
    const char *equals = c->prefix.n ? memchr(c->prefix.p, '=', c->prefix.n) : NULL;
    if (equals) {
        size_t n = (size_t)(equals - c->prefix.p);
        const struct sl_param *row = sl_param_find(rows, (struct sl_str){ c->prefix.p, n });
        if (row)
            complete_values(c, row, schema, (struct sl_str){ c->prefix.p, n + 1 },
                            (struct sl_str){ equals + 1, c->prefix.n - n - 1 });
        return;
    }
    const struct sl_param *positional = next_positional(rows, line, first);
    if (positional)
        complete_values(c, positional, schema, nothing, c->prefix);
    for (const struct sl_param *row = rows; row && row->kind; row++)
        if (!row->positional && !is_given(line, first, row))
            complete_word(c, nothing, row->name, "=");
}

/* place SIZE_MAX: where a statement typed as such would go. */
static void complete_statement(struct completing *c, const struct sl_line *line, size_t first, size_t place)
{
    static const struct sl_str nothing = { "", 0 };
    if (line->n == first) {
        complete_first(c, false);
        return;
    }
    size_t used = 1;
    const struct sl_stage_class *class = find_class(line, first, &used);
    if (!class) {
        if (line->n == first + 1 && complete_second(c, line->words[first].value))
            complete_files(c, nothing, c->prefix);
        return;
    }
    if (place == SIZE_MAX)
        place = edit_append_place(history_now(&c->session->history), class->kind);
    complete_params(c, class->params, line, first + used, sl_session_schema(c->session, place));
}

void complete_stages(struct completing *c, const char *behind)
{
    static const struct sl_str nothing = { "", 0 };
    const struct recipe *now = history_now(&c->session->history);
    for (size_t i = 0; i < now->n; i++) {
        size_t same = 0;
        for (size_t k = 0; k < i; k++)
            same += now->at[k].class == now->at[i].class;
        struct sl_buf name = { 0 };
        sl_buf_printf(&name, "%.*s", (int)strcspn(now->at[i].class->name, " "), now->at[i].class->name);
        if (same)
            sl_buf_printf(&name, "#%zu", same + 1);
        if (!name.failed)
            complete_word(c, nothing, name.p, behind);
        sl_buf_release(&name);
    }
}

/* set STAGE.PARAMETER=VALUE */
static void complete_set(struct completing *c)
{
    const struct recipe *now = history_now(&c->session->history);
    const char *dot = c->prefix.n ? memchr(c->prefix.p, '.', c->prefix.n) : NULL;
    if (!dot) {
        complete_stages(c, ".");
        return;
    }
    size_t place, n = (size_t)(dot - c->prefix.p);
    char *stage = strndup(c->prefix.p, n);
    bool known = stage && edit_find(now, stage, &place, NULL) == SL_OK;
    free(stage);
    if (!known)
        return;
    const struct sl_param *rows = now->at[place].class->params;
    const char *equals = memchr(dot, '=', c->prefix.n - n);
    struct sl_str before = { c->prefix.p, n + 1 };
    if (!equals) {
        for (const struct sl_param *row = rows; row && row->kind; row++)
            complete_word(c, before, row->name, "=");
        return;
    }
    const struct sl_param *row = sl_param_find(rows, (struct sl_str){ dot + 1, (size_t)(equals - dot) - 1 });
    before.n = (size_t)(equals + 1 - c->prefix.p);
    if (row)
        complete_values(c, row, sl_session_schema(c->session, place), before,
                        (struct sl_str){ equals + 1, c->prefix.n - before.n });
}

static void complete_command(struct completing *c, const struct sl_command *command, const struct sl_line *line)
{
    const char *name = command->name;
    if (complete_debug(c, name, line))
        return;
    bool insert = strcmp(name, "insert") == 0, edit = strcmp(name, "edit") == 0;
    if (strcmp(name, "help") == 0 && line->n == 1) {
        complete_first(c, true);
    } else if (strcmp(name, "help") == 0 && line->n == 2) {
        complete_second(c, line->words[1].value);
    } else if (strcmp(name, "set") == 0) {
        complete_set(c);
    } else if ((insert || edit) && line->n >= 2) {
        size_t place = 0;
        char number[32];
        snprintf(number, sizeof number, "%.*s", (int)line->words[1].value.n, line->words[1].value.p);
        if (edit_find(history_now(&c->session->history), number, &place, NULL) != SL_OK)
            place = c->session->n_views;
        complete_statement(c, line, 2, place);
    } else if (line->n == 1 && command->params == command_find(SL_STR("off"))->params) {
        complete_stages(c, "");
    } else if (line->n == 1 && (edit || strcmp(name, "move") == 0)) {
        complete_stages(c, "");
    } else {
        complete_params(c, command->params, line, 1, NULL);
    }
}

int sl_session_complete(struct sl_session *session, const char *text, size_t at, char ***words, size_t *n)
{
    size_t start = word_start(text, at);
    struct completing c = { .session = session, .prefix = { text + start, at - start } };
    struct sl_arena arena;
    struct sl_line line;
    if (c.prefix.n && (*c.prefix.p == '"' || *c.prefix.p == '\''))
        c.prefix = (struct sl_str){ c.prefix.p + 1, c.prefix.n - 1 };
    sl_arena_init(&arena);
    *words = NULL;
    *n = 0;
    if (sl_line_split((struct sl_str){ text, start }, &arena, &line, NULL) == SL_OK) {
        const struct sl_command *command = line.n ? command_find(line.words[0].value) : NULL;
        if (!line.n)
            complete_first(&c, true);
        else if (command && !sl_stage_find(line.words[0].value)) /* `train` has its statement's parameters */
            complete_command(&c, command, &line);
        else
            complete_statement(&c, &line, 0, SIZE_MAX);
    }
    sl_arena_release(&arena);
    if (!c.failed) {
        *words = c.words;
        *n = c.n;
        return SL_OK;
    }
    for (size_t i = 0; i < c.n; i++)
        free(c.words[i]);
    free(c.words);
    return SL_ENOMEM;
}
