/* complete_debug.c: what may stand in the debugger's commands: stages, conditions, columns, classes. */
#include "command.h"
#include "complete.h"

static const struct sl_str nothing = { "", 0 };

static void complete_conditions(struct completing *c)
{
    static const char *const words[] = {
        "changed", "dropped", "empty", "missing",  "error",  "nonfinite", "first ",
        "every ",  "sample ", "len(",  "missing(", "empty(", "words(",    "contains("
    };
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        complete_word(c, nothing, words[i], "");
}

/* Of the records as they leave the last stage. */
static void complete_columns(struct completing *c)
{
    const struct sl_schema *schema = sl_session_schema(c->session, sl_session_stages(c->session));
    for (size_t i = sl_session_stages(c->session); !schema && i-- > 0;) /* the recipe stands up to there */
        schema = sl_session_schema(c->session, i);
    for (size_t i = 0; schema && i < schema->n; i++)
        complete_name(c, nothing, schema->fields[i].name);
}

static void complete_records(struct completing *c, const struct sl_line *line)
{
    static const char *const of_stages[] = { "changed", "dropped", "emptied", "missing" };
    const struct sl_result *result = sl_session_result(c->session);
    bool is_cell = sl_str_equal(line->words[1].value, SL_STR("cell"));
    for (uint32_t k = 0; is_cell && line->n <= 3 && result && k < result->train.n_classes; k++)
        complete_name(c, nothing, result->classes[k]);
    for (size_t i = 0; i < sizeof of_stages / sizeof *of_stages && line->n == 2; i++)
        if (sl_str_equal(line->words[1].value, sl_str(of_stages[i])))
            complete_stages(c, "");
}

bool complete_debug(struct completing *c, const char *name, const struct sl_line *line)
{
    bool is_break = strcmp(name, "break") == 0;
    if (is_break || strcmp(name, "watch") == 0) {
        if (is_break && line->n == 1)
            complete_stages(c, ":");
        if (is_break)
            complete_conditions(c);
        complete_columns(c);
        return true;
    }
    if (strcmp(name, "goto") == 0) {
        if (line->n == 1)
            complete_stages(c, "@");
        return true;
    }
    if (strcmp(name, "records") != 0 || line->n < 2)
        return false;
    complete_records(c, line);
    return true;
}
