/* edit_set.c: `set STAGE.PARAMETER=VALUE …`: the parameter's row does the parsing, as it does in a statement. */
#include "live.h"

#include <stdio.h>

/* "tfidf.min_df" and "2" of the word tfidf.min_df=2, as zero-terminated copies. */
struct assignment {
    char *stage, *parameter;
    struct sl_str value;
};

static int not_an_assignment(struct sl_str word, struct sl_error *err)
{
    sl_fail(err, SL_ESYNTAX, "\"%.*s\" does not say what to set", (int)word.n, word.p);
    return sl_fix(err, "write: set STAGE.PARAMETER=VALUE, as in: set tfidf.max_features=2000"), SL_ESYNTAX;
}

static int cut_word(const struct sl_word *word, struct sl_arena *arena, struct assignment *out, struct sl_error *err)
{
    struct sl_str left = word->key, value = word->value;
    if (!left.n) { /* a word that begins with a number has no key of its own */
        const char *equals = value.n ? memchr(value.p, '=', value.n) : NULL;
        if (!equals)
            return not_an_assignment(value, err);
        left = (struct sl_str){ value.p, (size_t)(equals - value.p) };
        value = (struct sl_str){ equals + 1, value.n - left.n - 1 };
    }
    const char *dot = left.n ? memrchr(left.p, '.', left.n) : NULL;
    if (!dot || dot == left.p || dot + 1 == left.p + left.n)
        return not_an_assignment(left, err);
    out->stage = sl_arena_strndup(arena, left.p, (size_t)(dot - left.p));
    out->parameter = sl_arena_strndup(arena, dot + 1, left.n - (size_t)(dot - left.p) - 1);
    out->value = value;
    return out->stage && out->parameter ? SL_OK : sl_fail_memory(err, "a command");
}

static int no_such_parameter(const struct sl_stage_class *class, const char *name, struct sl_error *err)
{
    const char *names[65] = { NULL };
    size_t n = 0;
    for (const struct sl_param *row = class->params; row && row->kind && n < 64; row++)
        names[n++] = row->name;
    const char *near = sl_nearest(sl_str(name), names);
    sl_fail(err, SL_EPARAM, "\"%s\" has no parameter \"%s\"", class->name, name);
    if (near)
        return sl_fix(err, "did you mean \"%s\"?", near), SL_EPARAM;
    return sl_fix(err, "see: help %s", class->name), SL_EPARAM;
}

static int assign(struct sl_session *session, struct sl_statement *statement, const struct assignment *a,
                  struct sl_error *err)
{
    const struct sl_stage_class *class = statement->class;
    const struct sl_param *row = sl_param_find(class->params, sl_str(a->parameter));
    if (!row)
        return no_such_parameter(class, a->parameter, err);
    void *params = sl_arena_zero(&session->arena, 1, class->params_size);
    if (!params)
        return sl_fail_memory(err, "a command");
    memcpy(params, statement->params, class->params_size);
    int status = sl_param_set(row, params, a->value, &session->arena, err);
    if (status) {
        if (err && !err->param[0])
            snprintf(err->param, sizeof err->param, "%s", row->name);
        return status;
    }
    struct sl_buf text = { 0 };
    sl_statement_format(class, params, &text);
    char *copy = text.failed ? NULL : sl_arena_strndup(&session->arena, text.p, text.n);
    sl_buf_release(&text);
    if (!copy)
        return sl_fail_memory(err, "a command");
    statement->params = params;
    statement->text = copy;
    return SL_OK;
}

int edit_set(struct sl_session *session, struct recipe *recipe, const char *text, size_t *touched, struct sl_error *err)
{
    struct sl_line line;
    int status = sl_line_split(sl_str(text), &session->arena, &line, err);
    if (!status && !line.n)
        status = not_an_assignment(sl_str(text), err);
    for (size_t i = 0; i < line.n && !status; i++) {
        struct assignment a = { 0 };
        size_t place = 0;
        status = cut_word(&line.words[i], &session->arena, &a, err);
        if (!status)
            status = edit_find(recipe, a.stage, &place, err);
        if (!status)
            status = assign(session, &recipe->at[place], &a, err);
        if (status)
            sl_error_at(err, NULL, 0, line.words[i].column, UINT64_MAX);
        *touched = place;
    }
    return status;
}
