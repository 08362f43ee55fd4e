/* sources.c: what a recipe reads: its sources opened and put one behind the other, the roles that `as=` gives their
 * records, and the target that a source brings along. */
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

#define VECTORS (unsigned)(SL_VECTOR | SL_SPARSE | SL_IMAGE)

/* Vectors and pictures cannot be taken for anything else, nor left out. found: NULL when there is no such column. */
static int check_vector(const struct sl_field *field, const struct sl_field *found, const char *path,
                        struct sl_error *err)
{
    bool vector = field->type & VECTORS || (found && found->type & VECTORS);
    bool pictures = field->type == SL_IMAGE && found && found->type == SL_IMAGE;
    if (pictures && field->channels != found->channels) {
        sl_fail(err, SL_ESCHEMA, "column \"%s\" of \"%s\" is pictures of %u channels; the model was trained on %u",
                field->name, path, found->channels, field->channels);
        return sl_fix(err, "read them with the color_mode= of the training"), SL_ESCHEMA;
    }
    if (!vector || (found && found->type == field->type && found->bytes == field->bytes &&
                    (found->width == field->width || (field->type == SL_SPARSE && found->width < field->width))))
        return SL_OK;
    if (!found)
        sl_fail(err, SL_ESCHEMA, "\"%s\" has no column \"%s\", which the model was trained on", path, field->name);
    else if (field->type == SL_IMAGE || found->type == SL_IMAGE)
        sl_fail(err, SL_ESCHEMA, "column \"%s\" of \"%s\" is %s; the model was trained on %s", field->name, path,
                sl_type_name(found->type), sl_type_name(field->type));
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
        status = sl_stage_blame(&p->stages[0], sl_sources_replace(p, options->paths, base, err), err);
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
        same = strcmp(now->name, then->name) == 0 && (then->type == SL_IMAGE) == (now->type == SL_IMAGE) &&
               now->channels == then->channels &&
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
    move_behind(&p->random, at);
    p->label = at;
    return SL_OK;
}
