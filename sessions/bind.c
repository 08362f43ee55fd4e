/* bind.c: the recipe bound to its data, as far as it stands.
 *
 * A recipe under work is often not whole: the longest beginning that stands is bound, so that its data can be looked
 * at, and what is wrong behind it is kept as the problem. A learner that has no label yet is left out of the binding:
 * something is missing there, nothing is wrong. */
#include "live.h"

#include <stdlib.h>
#include <sys/stat.h>

char *path_join(const char *base, const char *path)
{
    struct sl_buf joined = { 0 };
    if (base && path[0] != '/') {
        sl_buf_puts(&joined, base);
        if (joined.n && joined.p[joined.n - 1] != '/')
            sl_buf_putc(&joined, '/');
    }
    sl_buf_puts(&joined, path);
    if (joined.failed) {
        sl_buf_release(&joined);
        return NULL;
    }
    return joined.p;
}

const struct sl_names *source_files(const struct sl_statement *statement)
{
    for (const struct sl_param *row = statement->class->params; row && row->kind; row++)
        if (row->kind == SL_PARAM_NAMES && row->positional)
            return (const void *)((const char *)statement->params + row->offset);
    return NULL;
}

/* A session reads its data more than once: to show, to train, to go on. */
static int check_source(const struct sl_session *session, const struct sl_statement *source, struct sl_error *err)
{
    const struct sl_names *files = source_files(source);
    for (size_t i = 0; files && i < files->n; i++) {
        char *path = path_join(session->base, files->name[i]);
        struct stat st;
        if (!path)
            return sl_fail_memory(err, "the source");
        bool again = strcmp(files->name[i], "-") != 0 &&
                     (stat(path, &st) != 0 || S_ISREG(st.st_mode) || S_ISDIR(st.st_mode));
        free(path);
        if (!again) {
            sl_fail(err, SL_EPARAM, "\"%s\" can be read only once, and the data are read again for every look and run",
                    files->name[i]);
            sl_fix(err, "save it to a file first, and read that");
            return SL_EPARAM;
        }
    }
    return SL_OK;
}

static size_t find_on(const struct recipe *recipe, enum sl_stage_kind kind)
{
    for (size_t i = 0; i < recipe->n; i++)
        if (recipe->at[i].class->kind == kind && !recipe->at[i].off)
            return i;
    return SIZE_MAX;
}

/* Index of the stage an error is about; SIZE_MAX: of none. An error in a data file has that file's line. */
static size_t blamed(const struct recipe *recipe, const struct sl_error *err)
{
    if (!err->file[0] && err->line >= 1 && err->line <= recipe->n)
        return (size_t)err->line - 1;
    for (size_t i = 0; i < recipe->n; i++)
        if (!recipe->at[i].off && strcmp(recipe->at[i].class->name, err->stage) == 0)
            return i;
    return SIZE_MAX;
}

/* The longest beginning of `recipe` that binds, at most n statements. */
static void bind_beginning(struct binding *out, const struct sl_session *session, const struct recipe *recipe, size_t n,
                           size_t source)
{
    struct sl_pipeline_options options = { .base = session->base };
    while (n > source) {
        struct sl_error err = SL_ERROR_INIT;
        if (sl_pipeline_new(&out->shown, recipe->at, n, &options, &err) == SL_OK)
            return;
        size_t place = blamed(recipe, &err);
        n = place < n ? place : n - 1;
    }
}

static int bind_recipe(struct binding *out, struct sl_session *session, struct recipe *recipe, size_t source,
                       struct sl_error *err)
{
    struct sl_pipeline_options options = { .base = session->base };
    size_t learner = find_on(recipe, SL_LEARNER);
    int status = SL_OK;
    for (size_t i = source; i < recipe->n && !status; i++) {
        if (recipe->at[i].class->kind == SL_SOURCE && !recipe->at[i].off)
            status = check_source(session, &recipe->at[i], &out->problem);
        if (status && status != SL_ENOMEM)
            out->problem.line = i + 1;
    }
    if (!status)
        status = sl_pipeline_new(&out->shown, recipe->at, recipe->n, &options, &out->problem);
    out->whole = !status;
    out->broken = status != SL_OK;
    if (!status)
        return SL_OK;
    if (status == SL_ENOMEM) {
        if (err)
            *err = out->problem;
        return status;
    }
    out->stage = blamed(recipe, &out->problem);
    if (learner != SIZE_MAX && out->stage == learner && find_on(recipe, SL_TARGET) == SIZE_MAX) {
        struct sl_error other = SL_ERROR_INIT;
        recipe->at[learner].off = true;
        out->incomplete = sl_pipeline_new(&out->shown, recipe->at, recipe->n, &options, &other) == SL_OK;
        if (out->incomplete)
            return SL_OK;
        out->problem = other;
        out->stage = blamed(recipe, &other);
    }
    bind_beginning(out, session, recipe, out->stage < recipe->n ? out->stage : recipe->n, source);
    return SL_OK;
}

int binding_make(struct binding *out, struct sl_session *session, const struct recipe *recipe, struct sl_error *err)
{
    *out = (struct binding){ .problem = SL_ERROR_INIT, .stage = SIZE_MAX };
    size_t source = find_on(recipe, SL_SOURCE);
    if (source == SIZE_MAX) {
        sl_fail(&out->problem, SL_ESCHEMA, "nothing says what to read");
        sl_fix(&out->problem, "begin with: read FILE");
        out->broken = out->incomplete = true;
        return SL_OK;
    }
    struct recipe copy = { calloc(recipe->n + 1, sizeof *copy.at), recipe->n };
    if (!copy.at)
        return sl_fail_memory(err, "the recipe");
    memcpy(copy.at, recipe->at, recipe->n * sizeof *copy.at);
    for (size_t i = 0; i < copy.n; i++)
        copy.at[i].line = (uint32_t)i + 1;
    int status = bind_recipe(out, session, &copy, source, err);
    free(copy.at);
    return status;
}

void binding_release(struct binding *binding)
{
    sl_pipeline_free(binding->shown);
    *binding = (struct binding){ 0 };
}
