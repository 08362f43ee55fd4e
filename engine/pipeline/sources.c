/* sources.c: what a recipe reads: its sources opened and put one behind the other, the roles that `as=` gives their
 * records, files read in place of their own, and the target that a source brings along. */
#include "pipeline_private.h"

#include <stdio.h>
#include <stdlib.h>

bool sl_pipeline_divides(const struct sl_pipeline *p)
{
    bool divided = p->split != NO_STAGE;
    for (size_t i = 0; i < p->n_sources; i++)
        divided |= p->source_role[i] != SL_TRAIN;
    return divided;
}

/* The role of a source's records; any reader may have the parameter. */
static uint8_t role_of(const struct sl_stage *source)
{
    const struct sl_param *row = sl_param_find(source->class->params, SL_STR("as"));
    int choice = 0;
    if (!row || row->kind != SL_PARAM_CHOICE)
        return SL_TRAIN;
    memcpy(&choice, (const char *)source->params + row->offset, sizeof choice);
    const char *name = row->choices[choice];
    return strcmp(name, "test") == 0 ? SL_TEST : strcmp(name, "validation") == 0 ? SL_VALIDATION : SL_TRAIN;
}

/* ---- Other files than the recipe's ---- */

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
    if (!status && statement.class->open && strcmp(statement.class->name, p->stages[0].class->name) != 0 &&
        !(tsv && strcmp(p->stages[0].class->name, "read csv") == 0)) {
        p->stages[0].class = statement.class;
        p->stages[0].params = statement.params;
    }
    return status;
}

/* As many files as the sources have in all go to each in its turn; other numbers are the first source's, and those
 * behind it read nothing. */
static int other_files(struct sl_pipeline *p, const char *const *paths, const char *base, struct sl_error *err)
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

/* ---- Opening ---- */

/* The first n_opened sources as one reader. */
static int open_all(struct sl_pipeline *p, struct sl_reader **out, struct sl_error *err)
{
    struct sl_reader *readers[SL_MAX_STAGES];
    size_t n = 0;
    int status = SL_OK;
    while (n < p->n_opened && !status) {
        struct sl_stage *source = &p->stages[n];
        status = sl_stage_blame(source, source->class->open(source, p->base, &readers[n], err), err);
        n += !status;
    }
    if (status || n == 1) {
        if (!status)
            *out = readers[0];
        for (size_t i = 0; status && i < n; i++)
            sl_reader_close(readers[i]);
        return status;
    }
    status = sl_chain_new(out, readers, n, err);
    return sl_stage_blame(&p->stages[n - 1], status, err);
}

/* Which source each file is of. Readers may read more files than were named, so that they are counted here. */
static int note_files(struct sl_pipeline *p, struct sl_error *err)
{
    p->n_files = p->reader->n_paths;
    p->file_source = sl_arena_zero(&p->arena, p->n_files + 1, sizeof *p->file_source);
    p->source_role = sl_arena_zero(&p->arena, p->n_sources, sizeof *p->source_role);
    if (!p->file_source || !p->source_role)
        return sl_fail_memory(err, "the list of files");
    for (size_t i = 0; i < p->n_opened; i++)
        p->source_role[i] = p->predicting ? SL_TRAIN : role_of(&p->stages[i]);
    for (size_t f = 0; f < p->n_files; f++)
        p->file_source[f] = (uint16_t)sl_chain_link(p->reader, (uint32_t)f);
    return SL_OK;
}

#define VECTORS (unsigned)(SL_VECTOR | SL_SPARSE)

/* Vectors cannot be taken for anything else, nor left out. found: NULL when there is no such column. */
static int check_vector(const struct sl_field *field, const struct sl_field *found, const char *path,
                        struct sl_error *err)
{
    bool vector = field->type & VECTORS || (found && found->type & VECTORS);
    if (!vector || (found && found->type == field->type && found->bytes == field->bytes &&
                    (found->width == field->width || (field->type == SL_SPARSE && found->width < field->width))))
        return SL_OK;
    if (!found)
        sl_fail(err, SL_ESCHEMA, "\"%s\" has no column \"%s\", which the model was trained on", path, field->name);
    else
        sl_fail(err, SL_ESCHEMA, "column \"%s\" of \"%s\" is %s of %u %s; the model was trained on %s of %u %s",
                field->name, path, sl_type_name(found->type), found->width, found->bytes ? "bytes" : "numbers",
                sl_type_name(field->type), field->width, field->bytes ? "bytes" : "numbers");
    return sl_fix(err, "give a file like those of the training"), SL_ESCHEMA;
}

/* Match the columns of the new input to those of training, and make the reader read each as the type it had. */
static int match_schema(struct sl_pipeline *p, const struct sl_schema *wanted, struct sl_error *err)
{
    int status = sl_schema_copy(&p->source, wanted, err);
    if (status)
        return status;
    p->from = malloc((wanted->n + 1) * sizeof *p->from);
    if (!p->from)
        return sl_fail_memory(err, "a schema");
    size_t found = 0;
    for (size_t i = 0; i < wanted->n; i++) {
        const struct sl_field *field = &wanted->fields[i];
        p->from[i] = sl_schema_find(&p->reader->schema, sl_str(field->name));
        status = check_vector(field, p->from[i] < 0 ? NULL : &p->reader->schema.fields[p->from[i]], p->reader->paths[0],
                              err);
        if (status)
            return status;
        if (p->from[i] < 0)
            continue;
        found++;
        if (!(field->type & VECTORS))
            p->reader->schema.fields[p->from[i]].type = field->type;
    }
    if (found)
        return SL_OK;
    sl_fail(err, SL_ESCHEMA, "\"%s\" has none of the columns the model was trained on (\"%s\"%s)", p->reader->paths[0],
            wanted->n ? wanted->fields[0].name : "", wanted->n > 1 ? ", …" : "");
    return sl_fix(err, "give a file with the same column names");
}

int sl_sources_open(struct sl_pipeline *p, const struct sl_pipeline_options *options, struct sl_error *err)
{
    const char *base = options->base;
    int status = SL_OK;
    p->n_opened = p->n_sources;
    if (options->paths && options->paths[0]) {
        status = sl_stage_blame(&p->stages[0], other_files(p, options->paths, base, err), err);
        base = NULL;
    }
    if (!status && base && !(p->base = sl_arena_strndup(&p->arena, base, strlen(base))))
        status = sl_fail_memory(err, "a path");
    if (!status)
        status = open_all(p, &p->reader, err);
    if (!status)
        status = note_files(p, err);
    if (!status)
        status = options->schema ? match_schema(p, options->schema, err)
                                 : sl_schema_copy(&p->source, &p->reader->schema, err);
    return sl_stage_blame(&p->stages[0], status, err);
}

int sl_pipeline_open_again(struct sl_pipeline *p, struct sl_reader **out, struct sl_error *err)
{
    struct sl_reader *reader = NULL;
    int status = open_all(p, &reader, err);
    if (status)
        return status;
    bool same = reader->schema.n == p->reader->schema.n;
    for (size_t c = 0; same && c < reader->schema.n; c++) {
        struct sl_field *now = &reader->schema.fields[c];
        const struct sl_field *then = &p->reader->schema.fields[c];
        same = strcmp(now->name, then->name) == 0 &&
               (then->type != SL_VECTOR || (now->width == then->width && now->bytes == then->bytes));
        now->type = then->type;
    }
    if (same) {
        *out = reader;
        return SL_OK;
    }
    sl_fail(err, SL_EDATA, "\"%s\" has other columns now than when it was opened", reader->paths[0]);
    sl_reader_close(reader);
    return sl_fix(err, "open it again");
}

/* ---- The target a source brings along ---- */

/* Parameters of `label COLUMN`. */
static void *label_of(struct sl_pipeline *p, const char *column)
{
    const struct sl_stage_class *class = &sl_stage_label;
    const struct sl_param *row = class->params;
    while (row->kind && row->kind != SL_PARAM_COLUMNS)
        row++;
    char *params = sl_arena_zero(&p->arena, 1, class->params_size);
    struct sl_names names = { sl_arena_zero(&p->arena, 1, sizeof(char *)), 1 };
    if (!params || !names.name || !(names.name[0] = sl_arena_strndup(&p->arena, column, strlen(column))))
        return NULL;
    memcpy(params, class->defaults, class->params_size);
    memcpy(params + row->offset, &names, sizeof names);
    return params;
}

static void move_behind(size_t *place, size_t at)
{
    if (*place != NO_STAGE && *place >= at)
        ++*place;
}

int sl_sources_target(struct sl_pipeline *p, struct sl_error *err)
{
    const char *column = NULL;
    for (size_t c = 0; c < p->source.n; c++) {
        struct sl_field *field = &p->source.fields[c];
        if (field->target && !column)
            column = field->name;
        field->target = field->target && p->label == NO_STAGE; /* else that stage says which it is */
    }
    if (!column || p->label != NO_STAGE || p->n == p->n_sources) /* who only reads has no use for it */
        return SL_OK;
    size_t at = p->n_sources;
    void *params = label_of(p, column);
    if (!params)
        return sl_fail_memory(err, "a label");
    if (p->n == SL_MAX_STAGES) {
        sl_fail(err, SL_ELIMIT, "the recipe has more than %d stages with the label of \"%s\"", SL_MAX_STAGES, column);
        return sl_fix(err, "split it into two recipes with an export between"), SL_ELIMIT;
    }
    memmove(p->stages + at + 1, p->stages + at, (p->n - at) * sizeof *p->stages);
    p->stages[at] = (struct sl_stage){ .class = &sl_stage_label,
                                       .params = params,
                                       .line = p->stages[0].line,
                                       .predicting = p->predicting,
                                       .implicit = true };
    p->n++;
    move_behind(&p->split, at);
    move_behind(&p->batch, at);
    move_behind(&p->learner, at);
    move_behind(&p->trainer, at);
    p->label = at;
    return SL_OK;
}
