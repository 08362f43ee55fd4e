/* params.c: the words of a statement into a stage's (or command's) typed parameters, by its table. */
#include "sluice/recipe.h"

#include <stdio.h>

struct filling {
    const struct sl_param *rows;
    void *params;
    const struct sl_line *line;
    struct sl_arena *arena;
    uint64_t seen; /* bit of each row that got a value */
    struct sl_error *err;
};

static int at_word(struct filling *f, const struct sl_word *word, int status)
{
    sl_error_at(f->err, NULL, 0, word->column, UINT64_MAX);
    return status;
}

static int unknown_key(struct filling *f, const struct sl_word *word)
{
    const char *names[65];
    size_t n = 0;
    for (const struct sl_param *row = f->rows; row && row->kind && n < 64; row++)
        names[n++] = row->name;
    names[n] = NULL;
    const char *near = sl_nearest(word->key, names);
    sl_fail(f->err, SL_EPARAM, "there is no parameter \"%.*s\" here", (int)word->key.n, word->key.p);
    if (near)
        sl_fix(f->err, "did you mean \"%s\"?", near);
    else if (n)
        sl_fix(f->err, "see the stage's help for the parameters it has");
    else
        sl_fix(f->err, "it takes no parameters");
    return at_word(f, word, SL_EPARAM);
}

static int name_param(struct filling *f, const struct sl_param *row, const struct sl_word *word, int status)
{
    if (f->err && !f->err->param[0])
        snprintf(f->err->param, sizeof f->err->param, "%s", row->name);
    return at_word(f, word, status);
}

static int set_row(struct filling *f, const struct sl_param *row, const struct sl_word *word, struct sl_str value)
{
    uint64_t bit = UINT64_C(1) << (row - f->rows);
    if (f->seen & bit) {
        sl_fail(f->err, SL_EPARAM, "parameter \"%s\" is given twice", row->name);
        sl_fix(f->err, "keep one of the two");
        return name_param(f, row, word, SL_EPARAM);
    }
    f->seen |= bit;
    int status = sl_param_set(row, f->params, value, f->arena, f->err);
    return status ? name_param(f, row, word, status) : SL_OK;
}

static size_t count_commas(struct sl_str s)
{
    size_t n = 0;
    for (size_t i = 0; i < s.n; i++)
        n += s.p[i] == ',';
    return n;
}

/* The plain words from `first` on (up to one with a key) become a list. A column list may also have commas between. */
static int take_list(struct filling *f, const struct sl_param *row, size_t first, size_t *next)
{
    const struct sl_line *line = f->line;
    size_t last = first, n = 0;
    for (; last < line->n && !line->words[last].key.n; last++)
        n += 1 + count_commas(line->words[last].value);
    struct sl_names names = { sl_arena_zero(f->arena, n + 1, sizeof(char *)), 0 };
    if (!names.name)
        return sl_fail_memory(f->err, "a list of names");
    for (size_t i = first; i < last; i++) {
        struct sl_str rest = line->words[i].value;
        bool whole = row->kind != SL_PARAM_COLUMNS || *line->words[i].raw == '"' || *line->words[i].raw == '\'';
        for (;;) {
            const char *comma = whole || !rest.n ? NULL : memchr(rest.p, ',', rest.n);
            size_t length = comma ? (size_t)(comma - rest.p) : rest.n;
            if (length || whole) {
                names.name[names.n] = sl_arena_strndup(f->arena, rest.p, length);
                if (!names.name[names.n++])
                    return sl_fail_memory(f->err, "a list of names");
            }
            if (!comma)
                break;
            rest = (struct sl_str){ comma + 1, rest.n - length - 1 };
        }
    }
    if (names.n) /* a comma alone names nothing */
        f->seen |= UINT64_C(1) << (row - f->rows);
    memcpy((char *)f->params + row->offset, &names, sizeof names);
    *next = last;
    return SL_OK;
}

/* From this word to the line's end, as written; a single quoted word is unquoted. */
static struct sl_str take_rest(const struct sl_line *line, size_t i)
{
    const struct sl_word *word = &line->words[i];
    if (i + 1 == line->n && (*word->raw == '"' || *word->raw == '\''))
        return word->value;
    return (struct sl_str){ word->raw, line->source.n - (size_t)(word->raw - line->source.p) };
}

static const struct sl_param *next_positional(struct filling *f)
{
    for (const struct sl_param *row = f->rows; row && row->kind; row++)
        if (row->positional && !(f->seen >> (row - f->rows) & 1))
            return row;
    return NULL;
}

static int take_positional(struct filling *f, size_t i, size_t *next)
{
    const struct sl_word *word = &f->line->words[i];
    const struct sl_param *row = next_positional(f);
    if (!row) {
        sl_fail(f->err, SL_EPARAM, "\"%.*s\" is one word too many", (int)word->value.n, word->value.p);
        sl_fix(f->err, "parameters are written name=value");
        return at_word(f, word, SL_EPARAM);
    }
    if (row->rest) {
        *next = f->line->n;
        return set_row(f, row, word, take_rest(f->line, i));
    }
    if (row->kind == SL_PARAM_COLUMNS || row->kind == SL_PARAM_NAMES)
        return take_list(f, row, i, next);
    *next = i + 1;
    return set_row(f, row, word, word->value);
}

static int check_required(struct filling *f)
{
    for (const struct sl_param *row = f->rows; row && row->kind; row++)
        if (row->required && !(f->seen >> (row - f->rows) & 1)) {
            sl_fail(f->err, SL_EPARAM, "\"%s\" is missing: %s", row->name, row->help ? row->help : "it is required");
            if (f->err)
                snprintf(f->err->param, sizeof f->err->param, "%s", row->name);
            return sl_fix(f->err, row->positional ? "write it after the name" : "add %s=…", row->name);
        }
    return SL_OK;
}

int sl_params_parse(const struct sl_param *rows, const void *defaults, size_t size, const struct sl_line *line,
                    size_t first, struct sl_arena *arena, void **params, struct sl_error *err)
{
    char *copy = sl_arena_zero(arena, 1, size ? size : 1);
    if (!copy)
        return sl_fail_memory(err, "a statement's parameters");
    if (defaults && size)
        memcpy(copy, defaults, size);
    struct filling f = { rows, copy, line, arena, 0, err };
    for (size_t i = first; i < line->n;) {
        const struct sl_word *word = &line->words[i];
        const struct sl_param *positional = next_positional(&f);
        const struct sl_param *row = word->key.n ? sl_param_find(rows, word->key) : NULL;
        int status;
        if (positional && positional->rest && !row) {
            status = take_positional(&f, i, &i);
        } else if (!word->key.n) {
            status = take_positional(&f, i, &i);
        } else if (!row) {
            status = unknown_key(&f, word);
        } else {
            status = set_row(&f, row, word, word->value);
            i++;
        }
        if (status)
            return status;
    }
    int status = check_required(&f);
    if (!status)
        *params = copy;
    return status;
}
