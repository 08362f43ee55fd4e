/* edit_place.c: which stage a command means: "3", "tfidf", "lowercase#2", "read" for "read csv". */
#include "live.h"

#include <errno.h>
#include <stdlib.h>

/* Does the stage go by this name? Sources also by their first word. */
static bool goes_by(const struct sl_statement *statement, struct sl_str name)
{
    struct sl_str full = sl_str(statement->class->name), first = full;
    const char *blank = strchr(full.p, ' ');
    if (blank)
        first.n = (size_t)(blank - full.p);
    return sl_str_equal(full, name) || (blank && sl_str_equal(first, name));
}

static int no_such_number(const struct recipe *recipe, const char *text, struct sl_error *err)
{
    if (recipe->n)
        sl_fail(err, SL_EPARAM, "there is no stage %s; the recipe has %zu", text, recipe->n);
    else
        sl_fail(err, SL_EPARAM, "there is no stage %s; the recipe is empty", text);
    return sl_fix(err, "give a number from the list of stages, or a stage's name"), SL_EPARAM;
}

static int no_such_name(const struct recipe *recipe, struct sl_str name, size_t wanted, size_t found,
                        struct sl_error *err)
{
    const char *names[SL_MAX_STAGES + 1] = { NULL };
    for (size_t i = 0; i < recipe->n && i < SL_MAX_STAGES; i++)
        names[i] = recipe->at[i].class->name;
    const char *near = sl_nearest(name, names);
    if (found)
        sl_fail(err, SL_EPARAM, "there is no \"%.*s\" number %zu in the recipe; it has %zu", (int)name.n, name.p,
                wanted, found);
    else
        sl_fail(err, SL_EPARAM, "there is no stage \"%.*s\" in the recipe", (int)name.n, name.p);
    if (near && !found)
        sl_fix(err, "did you mean \"%s\"?", near);
    else
        sl_fix(err, "give a number from the list of stages, or a stage's name");
    return SL_EPARAM;
}

int edit_find(const struct recipe *recipe, const char *name, size_t *place, struct sl_error *err)
{
    char *end = NULL;
    errno = 0;
    if (name[0] >= '0' && name[0] <= '9') {
        unsigned long number = strtoul(name, &end, 10);
        if (*end || errno || number < 1 || number > recipe->n)
            return no_such_number(recipe, name, err);
        *place = (size_t)number - 1;
        return SL_OK;
    }
    const char *hash = strchr(name, '#');
    struct sl_str word = { name, hash ? (size_t)(hash - name) : strlen(name) };
    unsigned long wanted = hash ? strtoul(hash + 1, &end, 10) : 1;
    if (hash && (*end || errno || wanted < 1))
        return no_such_number(recipe, name, err);
    size_t found = 0;
    for (size_t i = 0; i < recipe->n; i++)
        if (goes_by(&recipe->at[i], word) && ++found == wanted) {
            *place = i;
            return SL_OK;
        }
    return no_such_name(recipe, word, wanted, found, err);
}
