/* assemble.c: statements bound to each other; orders that make no sense are refused here, before any record is read. */
#include "pipeline_private.h"

#include <stdio.h>
#include <stdlib.h>

bool sl_stage_fits(const struct sl_stage *stage)
{
    const struct sl_stage_class *class = stage->class;
    return class->kind == SL_ENCODER && class->fit.begin && (!class->needs_fit || class->needs_fit(stage->params));
}

int sl_stage_blame(const struct sl_stage *stage, int status, struct sl_error *err)
{
    if (status && err && !err->stage[0]) {
        snprintf(err->stage, sizeof err->stage, "%s", stage->class->name);
        if (!err->line && !err->file[0])
            err->line = stage->line;
    }
    return status;
}

static int refuse(const struct sl_stage *stage, struct sl_error *err, const char *what, const char *fix)
{
    sl_fail(err, SL_ESCHEMA, "\"%s\" %s", stage->class->name, what);
    sl_fix(err, "%s", fix);
    return sl_stage_blame(stage, SL_ESCHEMA, err);
}

static int second_of_a_kind(const struct sl_stage *stage, size_t first, struct sl_error *err)
{
    sl_fail(err, SL_ESCHEMA, "\"%s\" stands here a second time; line %zu has it already", stage->class->name, first);
    sl_fix(err,
           stage->class->kind == SL_SOURCE ? "name all files in one statement: %s FILE FILE…"
                                           : "delete one of the two \"%s\"",
           stage->class->name);
    return sl_stage_blame(stage, SL_ESCHEMA, err);
}

/* Places of the stages there can be one of, and the order among them. */
static int check_order(struct sl_pipeline *p, struct sl_error *err)
{
    p->label = p->split = p->learner = NO_STAGE;
    if (p->n == 0 || p->stages[0].class->kind != SL_SOURCE) {
        sl_fail(err, SL_ESCHEMA, "nothing says what to read");
        sl_fix(err, "begin with: read FILE");
        return p->n ? sl_stage_blame(&p->stages[0], SL_ESCHEMA, err) : SL_ESCHEMA;
    }
    for (size_t i = 1; i < p->n; i++) {
        struct sl_stage *stage = &p->stages[i];
        enum sl_stage_kind kind = stage->class->kind;
        size_t *place = kind == SL_TARGET ? &p->label : kind == SL_SPLIT ? &p->split : &p->learner;
        if (kind == SL_SOURCE)
            return second_of_a_kind(stage, p->stages[0].line, err);
        if (p->learner != NO_STAGE && kind != SL_LEARNER)
            return refuse(stage, err, "stands behind the learner, which takes nothing further",
                          "move it before the learner");
        if (kind != SL_TARGET && kind != SL_SPLIT && kind != SL_LEARNER)
            continue;
        if (*place != NO_STAGE)
            return second_of_a_kind(stage, p->stages[*place].line, err);
        *place = i;
    }
    for (size_t i = 1; p->split != NO_STAGE && i < p->split; i++)
        if (sl_stage_fits(&p->stages[i])) {
            sl_fail(err, SL_ESCHEMA,
                    "\"%s\" learns from the records and stands before \"split\": it would leak the test records",
                    p->stages[i].class->name);
            sl_fix(err, "move it behind the split (line %u)", p->stages[p->split].line);
            return sl_stage_blame(&p->stages[i], SL_ESCHEMA, err);
        }
    if (p->learner != NO_STAGE && p->label == NO_STAGE)
        return refuse(&p->stages[p->learner], err, "does not know what to predict", "add before it: label COLUMN");
    if (p->split != NO_STAGE && (p->label == NO_STAGE || p->label > p->split)) {
        const struct sl_stage *split = &p->stages[p->split];
        if (split->class->stratifies && split->class->stratifies(split->params))
            return refuse(split, err, "is to keep the classes' shares, but no label stands before it",
                          "put before it: label COLUMN, or leave stratify out");
    }
    return SL_OK;
}

const struct sl_names *sl_stage_named_columns(const struct sl_stage *stage)
{
    for (const struct sl_param *row = stage->class->params; row && row->kind; row++)
        if (row->kind == SL_PARAM_COLUMNS) {
            const struct sl_names *names = (const void *)((const char *)stage->params + row->offset);
            return names->n ? names : NULL;
        }
    return NULL;
}

/* The label's column, by its table: its first positional. */
static const char *target_name(const struct sl_stage *label)
{
    const struct sl_names *names = sl_stage_named_columns(label);
    if (names)
        return names->name[0];
    for (const struct sl_param *row = label->class->params; row && row->kind; row++)
        if (row->positional && row->kind == SL_PARAM_STRING)
            return *(char *const *)(const void *)((const char *)label->params + row->offset);
    return NULL;
}

bool sl_stages_share_columns(const struct sl_stage *a, const struct sl_stage *b)
{
    const struct sl_names *x = sl_stage_named_columns(a), *y = sl_stage_named_columns(b);
    if (!x || !y)
        return true;
    for (size_t i = 0; i < x->n; i++)
        for (size_t j = 0; j < y->n; j++)
            if (strcmp(x->name[i], y->name[j]) == 0)
                return true;
    return false;
}

size_t sl_pipeline_end(const struct sl_pipeline *p)
{
    return p->learner != NO_STAGE ? p->learner : p->n;
}

size_t sl_pipeline_first_late(const struct sl_pipeline *p)
{
    size_t end = sl_pipeline_end(p);
    if (p->split != NO_STAGE && !p->predicting)
        return p->split;
    for (size_t i = 1; i < end; i++)
        if (sl_stage_fits(&p->stages[i]))
            return i;
    return end;
}

/* Parameters of the source with other files in place of its own. */
static int replace_files(struct sl_pipeline *p, const char *const *paths, struct sl_error *err)
{
    struct sl_stage *source = &p->stages[0];
    char *copy = sl_arena_zero(&p->arena, 1, source->class->params_size);
    const struct sl_param *row = source->class->params;
    while (row->kind && !(row->kind == SL_PARAM_NAMES && row->positional))
        row++;
    size_t n = 0;
    while (paths[n])
        n++;
    struct sl_names names = { sl_arena_zero(&p->arena, n + 1, sizeof(char *)), n };
    if (!copy || !names.name)
        return sl_fail_memory(err, "the list of files");
    for (size_t i = 0; i < n; i++)
        if (!(names.name[i] = sl_arena_strndup(&p->arena, paths[i], strlen(paths[i]))))
            return sl_fail_memory(err, "the list of files");
    memcpy(copy, source->params, source->class->params_size);
    if (row->kind)
        memcpy(copy + row->offset, &names, sizeof names);
    source->params = copy;
    return SL_OK;
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
        p->from[i] = sl_schema_find(&p->reader->schema, sl_str(wanted->fields[i].name));
        if (p->from[i] < 0)
            continue;
        found++;
        p->reader->schema.fields[p->from[i]].type = wanted->fields[i].type;
    }
    if (found)
        return SL_OK;
    sl_fail(err, SL_ESCHEMA, "\"%s\" has none of the columns the model was trained on (\"%s\"%s)", p->reader->paths[0],
            wanted->n ? wanted->fields[0].name : "", wanted->n > 1 ? ", …" : "");
    return sl_fix(err, "give a file with the same column names");
}

static int open_source(struct sl_pipeline *p, const struct sl_pipeline_options *options, struct sl_error *err)
{
    struct sl_stage *source = &p->stages[0];
    const char *base = options->base;
    int status = SL_OK;
    if (options->paths && options->paths[0]) {
        const struct sl_stage_class *before = source->class;
        status = choose_reader(p, options->paths[0], err);
        if (!status && (source->class == before || options->paths[1]))
            status = replace_files(p, options->paths, err);
        base = NULL;
    }
    if (!status && base && !(p->base = sl_arena_strndup(&p->arena, base, strlen(base))))
        status = sl_fail_memory(err, "a path");
    if (!status)
        status = source->class->open(source, p->base, &p->reader, err);
    if (!status)
        status = options->schema ? match_schema(p, options->schema, err)
                                 : sl_schema_copy(&p->source, &p->reader->schema, err);
    return sl_stage_blame(source, status, err);
}

int sl_pipeline_open_again(struct sl_pipeline *p, struct sl_reader **out, struct sl_error *err)
{
    struct sl_reader *reader = NULL;
    int status = p->stages[0].class->open(&p->stages[0], p->base, &reader, err);
    if (status)
        return sl_stage_blame(&p->stages[0], status, err);
    bool same = reader->schema.n == p->reader->schema.n;
    for (size_t c = 0; same && c < reader->schema.n; c++) {
        same = strcmp(reader->schema.fields[c].name, p->reader->schema.fields[c].name) == 0;
        reader->schema.fields[c].type = p->reader->schema.fields[c].type;
    }
    if (same) {
        *out = reader;
        return SL_OK;
    }
    sl_fail(err, SL_EDATA, "\"%s\" has other columns now than when it was opened", reader->paths[0]);
    sl_reader_close(reader);
    return sl_fix(err, "open it again");
}

static int bind_stage(struct sl_stage *stage, const struct sl_schema *in, struct sl_error *err)
{
    stage->in = in;
    int status = sl_schema_copy(&stage->out, in, err);
    if (!status && stage->class->bind && stage->class->kind != SL_SOURCE)
        status = stage->class->bind(stage, in, &stage->out, err);
    return sl_stage_blame(stage, status, err);
}

int sl_pipeline_forget(struct sl_pipeline *p, struct sl_error *err)
{
    int status = SL_OK;
    for (size_t i = 1; i < p->n && !status; i++) {
        struct sl_stage *stage = &p->stages[i];
        if (stage->class->unbind)
            stage->class->unbind(stage);
        stage->state = stage->model = NULL;
        sl_schema_release(&stage->out);
        status = bind_stage(stage, &p->stages[i - 1].out, err);
    }
    return status;
}

static int check_target_survives(struct sl_pipeline *p, struct sl_error *err)
{
    if (p->learner == NO_STAGE)
        return SL_OK;
    struct sl_stage *label = &p->stages[p->label];
    for (size_t i = p->label + 1; i < p->learner; i++) {
        bool found = false;
        const struct sl_schema *out = &p->stages[i].out;
        for (size_t c = 0; c < out->n; c++)
            found |= out->fields[c].target;
        if (!found) {
            sl_fail(err, SL_ESCHEMA, "\"%s\" loses the column to predict, \"%s\"", p->stages[i].class->name,
                    label->target);
            sl_fix(err, "keep \"%s\" among its columns", label->target);
            return sl_stage_blame(&p->stages[i], SL_ESCHEMA, err);
        }
    }
    return SL_OK;
}

/* Features made of the answer would give it away. */
static int check_target_untouched(struct sl_pipeline *p, struct sl_error *err)
{
    for (size_t i = 1; p->label != NO_STAGE && i < p->n; i++) {
        const struct sl_stage *stage = &p->stages[i];
        const struct sl_names *names = stage->class->kind == SL_ENCODER ? sl_stage_named_columns(stage) : NULL;
        for (size_t k = 0; names && k < names->n; k++)
            if (strcmp(names->name[k], stage->target) == 0) {
                sl_fail(err, SL_ESCHEMA, "\"%s\" works on \"%s\", the column to predict", stage->class->name,
                        stage->target);
                sl_fix(err, "leave \"%s\" out of its columns", stage->target);
                if (err)
                    snprintf(err->param, sizeof err->param, "columns");
                return sl_stage_blame(stage, SL_ESCHEMA, err);
            }
    }
    return SL_OK;
}

static int assemble(struct sl_pipeline *p, const struct sl_statement *statements, size_t n,
                    const struct sl_pipeline_options *options, struct sl_error *err)
{
    p->stages = calloc(n ? n : 1, sizeof *p->stages);
    if (!p->stages)
        return sl_fail_memory(err, "a pipeline");
    for (size_t i = 0; i < n; i++)
        if (!statements[i].off)
            p->stages[p->n++] = (struct sl_stage){ .class = statements[i].class,
                                                   .params = statements[i].params,
                                                   .line = statements[i].line ? statements[i].line : (uint32_t)i + 1,
                                                   .predicting = options->predicting };
    if (p->n > SL_MAX_STAGES) {
        sl_fail(err, SL_ELIMIT, "the recipe has %zu stages, more than %d", p->n, SL_MAX_STAGES);
        return sl_fix(err, "split it into two recipes with an export between");
    }
    int status = check_order(p, err);
    const char *target = status || p->label == NO_STAGE ? NULL : target_name(&p->stages[p->label]);
    for (size_t i = 0; i < p->n; i++)
        p->stages[i].target = target;
    if (!status)
        status = check_target_untouched(p, err);
    if (!status)
        status = open_source(p, options, err);
    for (size_t i = 0; !status && i < p->n; i++)
        status = bind_stage(&p->stages[i], i ? &p->stages[i - 1].out : &p->source, err);
    return status ? status : check_target_survives(p, err);
}

int sl_pipeline_new(struct sl_pipeline **out, const struct sl_statement *statements, size_t n,
                    const struct sl_pipeline_options *options, struct sl_error *err)
{
    struct sl_pipeline *p = calloc(1, sizeof *p);
    if (!p)
        return sl_fail_memory(err, "a pipeline");
    sl_arena_init(&p->arena);
    p->predicting = options->predicting;
    int status = assemble(p, statements, n, options, err);
    if (status)
        sl_pipeline_free(p);
    else
        *out = p;
    return status;
}

void sl_pipeline_free(struct sl_pipeline *p)
{
    if (!p)
        return;
    for (size_t i = 0; i < p->n; i++) {
        if (p->stages[i].class->unbind && p->stages[i].in)
            p->stages[i].class->unbind(&p->stages[i]);
        sl_schema_release(&p->stages[i].out);
    }
    if (p->reader)
        sl_reader_close(p->reader);
    sl_schema_release(&p->source);
    sl_arena_release(&p->arena);
    free(p->from);
    free(p->stages);
    free(p);
}

void sl_pipeline_settle(struct sl_pipeline *p)
{
    for (size_t i = 1; i < p->n; i++) {
        const struct sl_schema *before = &p->stages[i - 1].out;
        struct sl_schema *out = &p->stages[i].out;
        for (size_t c = 0; c < out->n; c++) {
            long at = out->fields[c].width ? -1 : sl_schema_find(before, sl_str(out->fields[c].name));
            if (at >= 0 && before->fields[at].type == out->fields[c].type)
                out->fields[c].width = before->fields[at].width;
        }
    }
}

size_t sl_pipeline_stages(const struct sl_pipeline *p)
{
    return p->n;
}

struct sl_stage *sl_pipeline_stage(struct sl_pipeline *p, size_t i)
{
    return i < p->n ? &p->stages[i] : NULL;
}

struct sl_stage *sl_pipeline_find(struct sl_pipeline *p, enum sl_stage_kind kind)
{
    for (size_t i = 0; i < p->n; i++)
        if (p->stages[i].class->kind == kind)
            return &p->stages[i];
    return NULL;
}

struct sl_reader *sl_pipeline_reader(struct sl_pipeline *p)
{
    return p->reader;
}

const char *sl_phase_name(enum sl_phase phase)
{
    static const char *const names[] = { "idle", "read", "split", "fit", "encode", "train", "done" };
    return names[phase];
}
