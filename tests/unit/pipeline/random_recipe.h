/* random_recipe.h: recipes made from the parameter tables: every stage, with valid values drawn for its parameters. */
#ifndef SLUICE_TESTS_RANDOM_RECIPE_H
#define SLUICE_TESTS_RANDOM_RECIPE_H

#include "recipe_try.h"

struct dice {
    uint64_t seed;
    uint32_t at;
};

static inline uint32_t roll(struct dice *dice, uint32_t sides)
{
    uint32_t draw[4];
    sl_philox(dice->seed, SL_RANDOM_SAMPLE, 9, dice->at++, 0, draw);
    return draw[0] % sides;
}

#define PICK(dice, list) ((list)[roll(dice, (uint32_t)(sizeof(list) / sizeof *(list)))])

static inline void add_columns(struct dice *dice, const struct sl_param *row, bool target, struct sl_buf *to)
{
    static const struct {
        const char *name;
        unsigned type;
    } columns[] = { { "id", SL_NUMBER }, { "text", SL_TEXT }, { "text", SL_TEXT },
                    { "mark", SL_TEXT }, { "city", SL_TEXT }, { "score", SL_NUMBER } };
    unsigned taken = 0;
    for (unsigned k = 0, n = 1 + roll(dice, row->required ? 4 : 2); k < n; k++) {
        uint32_t c = roll(dice, 6);
        if ((row->types && !(row->types & columns[c].type)) || taken >> c & 1 || (c == 2 && taken & 2) ||
            (c == 1 && taken & 4) || (c == 3 && !target))
            continue;
        taken |= 1u << c;
        sl_buf_printf(to, " %s", columns[c].name);
    }
}

/* A value that a parameter of this kind may have. */
static inline void add_value(struct dice *dice, const struct sl_param *row, struct sl_buf *to)
{
    static const char *const patterns[] = { "'[aeiou]'", "'\\d+'", "'(\\w)(\\w)'", "'\\s+'", "'<[^>]+>'", "'o*'" };
    static const char *const strings[] = { "x", "' '", "N", "''", "7" };
    static const char *const tokens[] = { "'\\w+'", "'[a-z]+'", "'(?u)\\b\\w\\w+\\b'" };
    static const char *const amounts[] = { "1", "2", "0.5", "0.9", "1.0", "0.1" };
    switch (row->kind) {
    case SL_PARAM_BOOL: sl_buf_puts(to, roll(dice, 2) ? "true" : "false"); break;
    case SL_PARAM_INT:
        if (row->none_ok && roll(dice, 3) == 0)
            sl_buf_puts(to, sl_param_none(row));
        else
            sl_buf_printf(to, "%d", (int)row->min + (int)roll(dice, 60));
        break;
    case SL_PARAM_REAL: sl_buf_printf(to, "%g", row->min + roll(dice, 5)); break;
    case SL_PARAM_AMOUNT: sl_buf_puts(to, PICK(dice, amounts)); break;
    case SL_PARAM_PAIR: {
        int low = (row->min < -1 ? -1 : (int)row->min) + (int)roll(dice, 2);
        sl_buf_printf(to, "%d,%d", low, low + (int)roll(dice, 3));
        break;
    }
    case SL_PARAM_RANGE: sl_buf_printf(to, roll(dice, 2) ? "%g,%g" : "%g", row->min, row->min + roll(dice, 3)); break;
    case SL_PARAM_CHOICE: {
        uint32_t n = 0;
        while (row->choices[n])
            n++;
        sl_buf_puts(to, row->choices[roll(dice, n)]);
        break;
    }
    case SL_PARAM_REGEX: sl_buf_puts(to, PICK(dice, patterns)); break;
    default: sl_buf_puts(to, strcmp(row->name, "token_pattern") == 0 ? PICK(dice, tokens) : PICK(dice, strings));
    }
}

static inline void add_stage(struct dice *dice, const struct sl_stage_class *class, struct sl_buf *to)
{
    static const char *const conditions[] = { "len(text) > 5", "score > 1 or missing(score)", "id < 90",
                                              "not contains(text, \"film\")" };
    static const char *const renames[] = { "score points", "city town", "id number" };
    sl_buf_puts(to, class->name);
    if (class->kind == SL_TARGET)
        sl_buf_puts(to, " mark");
    else if (strcmp(class->name, "cache") == 0)
        sl_buf_puts(to, " where=memory"); /* nothing is to be left behind */
    else if (strcmp(class->name, "rename") == 0)
        sl_buf_printf(to, " %s", PICK(dice, renames));
    else
        for (const struct sl_param *row = class->params; row && row->kind; row++) {
            if (row->kind == SL_PARAM_EXPR) {
                sl_buf_printf(to, " %s", PICK(dice, conditions));
            } else if (row->kind == SL_PARAM_COLUMNS) {
                if (row->required || roll(dice, 4))
                    add_columns(dice, row, class->kind == SL_RECORD, to);
            } else if (row->kind != SL_PARAM_PATH && (row->required || roll(dice, 3) == 0)) {
                sl_buf_printf(to, " %s=", row->name);
                add_value(dice, row, to);
            }
        }
    sl_buf_putc(to, '\n');
}

/* Does it work on what a CSV file can hold? Not when its table says that columns must be pictures. */
static inline bool is_for_csv(const struct sl_stage_class *class)
{
    for (const struct sl_param *row = class->params; row && row->kind; row++)
        if (row->kind == SL_PARAM_COLUMNS && row->types && !(row->types & (SL_TEXT | SL_NUMBER)))
            return false;
    return true;
}

/* A stage of one of these kinds (bits 1 << kind), drawn. */
static inline void add_any(struct dice *dice, unsigned kinds, struct sl_buf *to)
{
    const struct sl_stage_class *fit[64];
    uint32_t n = 0;
    for (size_t k = 0; sl_stage_registry[k]; k++)
        if (kinds >> sl_stage_registry[k]->kind & 1 && is_for_csv(sl_stage_registry[k]))
            fit[n++] = sl_stage_registry[k];
    add_stage(dice, fit[roll(dice, n)], to);
}

/* The stage that a recipe of this seed is to have, if it is of that kind: each stage in its turn. */
static inline void add_in_turn(struct dice *dice, enum sl_stage_kind kind, struct sl_buf *to)
{
    const struct sl_stage_class *fit[64];
    uint32_t n = 0;
    for (size_t k = 0; sl_stage_registry[k]; k++)
        if ((sl_stage_registry[k]->kind == SL_RECORD || sl_stage_registry[k]->kind == SL_ENCODER) &&
            is_for_csv(sl_stage_registry[k]))
            fit[n++] = sl_stage_registry[k];
    if (fit[dice->seed % n]->kind == kind)
        add_stage(dice, fit[dice->seed % n], to);
}

/* Record stages, a label, a split, encoders: the statements behind the source. Not all of them can be bound. */
static inline void random_recipe(uint64_t seed, struct sl_buf *to)
{
    struct dice dice = { seed, 0 };
    to->n = 0;
    add_in_turn(&dice, SL_RECORD, to);
    for (uint32_t k = roll(&dice, 3); k > 0; k--)
        add_any(&dice, 1u << SL_RECORD, to);
    if (roll(&dice, 4))
        add_any(&dice, 1u << SL_TARGET, to);
    if (roll(&dice, 4))
        add_any(&dice, 1u << SL_SPLIT, to);
    for (uint32_t k = roll(&dice, 3); k > 0; k--)
        add_any(&dice, 1u << SL_ENCODER, to);
    add_in_turn(&dice, SL_ENCODER, to);
    sl_buf_putc(to, 0);
    to->n--;
}

#endif
