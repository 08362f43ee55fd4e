/* sources_other.c: files read in place of those that the recipe names: to predict with, or because the data moved. */
#include "pipeline_private.h"

static const struct sl_param *files_row(const struct sl_stage *source)
{
    const struct sl_param *row = source->class->params;
    while (row->kind && !(row->kind == SL_PARAM_NAMES && row->positional))
        row++;
    return row->kind ? row : NULL;
}

static size_t count_files(const struct sl_stage *source)
{
    const struct sl_param *row = files_row(source);
    return row ? ((const struct sl_names *)(const void *)((const char *)source->params + row->offset))->n : 0;
}

/* Files of labels belong to the records of before: when predicting they are left out. Else they stay, where they are.
 */
static int replace_labels(struct sl_pipeline *p, const struct sl_stage *source, char *params, const char *base,
                          struct sl_error *err)
{
    const struct sl_param *row = sl_param_find(source->class->params, SL_STR("labels"));
    struct sl_names names;
    if (!row || row->kind != SL_PARAM_NAMES)
        return SL_OK;
    memcpy(&names, params + row->offset, sizeof names);
    char **joined = sl_arena_zero(&p->arena, names.n + 1, sizeof *joined);
    if (!joined)
        return sl_fail_memory(err, "the list of files");
    names.n = p->predicting ? 0 : names.n;
    for (size_t i = 0; i < names.n; i++) {
        bool whole = !base || names.name[i][0] == '/';
        joined[i] = whole ? names.name[i] : sl_arena_printf(&p->arena, "%s/%s", base, names.name[i]);
        if (!joined[i])
            return sl_fail_memory(err, "the list of files");
    }
    names.name = joined;
    memcpy(params + row->offset, &names, sizeof names);
    return SL_OK;
}

/* Parameters of a source with n other files in place of its own. */
static int replace_files(struct sl_pipeline *p, struct sl_stage *source, const char *const *paths, size_t n,
                         const char *base, struct sl_error *err)
{
    const struct sl_param *row = files_row(source);
    char *copy = sl_arena_zero(&p->arena, 1, source->class->params_size);
    struct sl_names names = { sl_arena_zero(&p->arena, n + 1, sizeof(char *)), n };
    if (!copy || !names.name)
        return sl_fail_memory(err, "the list of files");
    for (size_t i = 0; i < n; i++)
        if (!(names.name[i] = sl_arena_strndup(&p->arena, paths[i], strlen(paths[i]))))
            return sl_fail_memory(err, "the list of files");
    memcpy(copy, source->params, source->class->params_size);
    if (row)
        memcpy(copy + row->offset, &names, sizeof names);
    source->params = copy;
    return replace_labels(p, source, copy, base, err);
}

/* Another format than in training: take the reader its name asks for. */
static int choose_reader(struct sl_pipeline *p, const char *path, struct sl_error *err)
{
    struct sl_buf text = { 0 };
    const struct sl_param row = { .name = "file", .kind = SL_PARAM_STRING };
    sl_buf_puts(&text, "read ");
    sl_param_format(&row, &path, &text);
    struct sl_statement statement = { 0 };
    int status = text.failed ? sl_fail_memory(err, "a statement")
                             : sl_statement_parse((struct sl_str){ text.p, text.n }, NULL, &p->arena, &statement, err);
    sl_buf_release(&text);
    bool tsv = !status && strcmp(statement.class->name, "read tsv") == 0;
    bool table = !status && (tsv || strcmp(statement.class->name, "read csv") == 0);
    if (table && strcmp(p->stages[0].class->name, "read images") == 0)
        return SL_OK; /* to a model of pictures it is a list of them */
    if (!status && statement.class->open && strcmp(statement.class->name, p->stages[0].class->name) != 0 &&
        !(tsv && strcmp(p->stages[0].class->name, "read csv") == 0)) {
        p->stages[0].class = statement.class;
        p->stages[0].params = statement.params;
    }
    return status;
}

/* As many files as the sources have in all go to each in its turn; other numbers are the first source's, and those
 * behind it read nothing. */
int sl_sources_replace(struct sl_pipeline *p, const char *const *paths, const char *base, struct sl_error *err)
{
    size_t n = 0, own = 0, at = 0;
    while (paths[n])
        n++;
    for (size_t i = 0; i < p->n_sources; i++)
        own += count_files(&p->stages[i]);
    if (p->n_sources > 1 && !p->predicting && n == own) {
        int status = SL_OK;
        for (size_t i = 0; i < p->n_sources && !status; i++) {
            size_t mine = count_files(&p->stages[i]);
            status = replace_files(p, &p->stages[i], paths + at, mine, base, err);
            at += mine;
        }
        return status;
    }
    const struct sl_stage_class *before = p->stages[0].class;
    int status = choose_reader(p, paths[0], err);
    p->n_opened = 1;
    return status || (p->stages[0].class != before && n == 1) ? status
                                                              : replace_files(p, &p->stages[0], paths, n, base, err);
}
