/* compare_seeds.c: which trainings are the same but for their seeds.
 *
 * Two are when the statements are equal once every random_state=… is left out, and the data have the same fingerprint.
 */
#include "compare_inner.h"

#include "live.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>

static const char seed_key[] = "random_state=";

/* Where the next random_state=… of the recipe begins, as a word of its own; NULL: there is none. */
static const char *next_seed(const char *recipe)
{
    for (const char *at = recipe; (at = strstr(at, seed_key)); at++)
        if (at > recipe && at[-1] == ' ')
            return at;
    return NULL;
}

/* The recipe without seeds. NULL: out of memory. */
static char *without_seeds(const char *recipe)
{
    struct sl_buf text = { 0 };
    for (const char *seed; (seed = next_seed(recipe)); recipe = seed + strcspn(seed, " \n"))
        sl_buf_add(&text, recipe, (size_t)(seed - recipe) - 1);
    sl_buf_puts(&text, recipe);
    sl_buf_putc(&text, '\0');
    if (!text.failed)
        return text.p;
    sl_buf_release(&text);
    return NULL;
}

char *sl_compared_seed(const struct sl_compared *run)
{
    struct sl_buf text = { 0 };
    for (const char *at = run->recipe, *seed; (seed = next_seed(at)); at = seed + 1) {
        const char *line = seed;
        while (line > run->recipe && line[-1] != '\n')
            line--;
        const char *value = seed + sizeof seed_key - 1;
        sl_buf_printf(&text, "%s%.*s %.*s", text.n ? ", " : "", (int)strcspn(line, " \n"), line,
                      (int)strcspn(value, " \n"), value);
    }
    sl_buf_putc(&text, '\0');
    if (!text.failed)
        return text.p;
    sl_buf_release(&text);
    return NULL;
}

char *compare_split_seed(const struct sl_compared *run)
{
    char *seed = sl_compared_seed(run);
    const char *split = seed ? strstr(seed, "split ") : NULL;
    char *out = !seed ? NULL : split ? strndup(split, strcspn(split, ",")) : strdup("");
    free(seed);
    return out;
}

static bool same_data(const struct sl_compared *a, const struct sl_compared *b)
{
    return a->has_fingerprint == b->has_fingerprint && a->fingerprint == b->fingerprint;
}

static int place_run(const struct sl_comparison *comparison, char **key, size_t i, struct sl_group *groups, size_t *n,
                     struct sl_error *err)
{
    size_t k = 0;
    for (; k < *n; k++) {
        size_t first = groups[k].member[0];
        if (strcmp(key[first], key[i]) == 0 && same_data(&comparison->runs[first], &comparison->runs[i]))
            break;
    }
    struct sl_group *group = &groups[k];
    size_t *more = realloc(group->member, (group->n + 1) * sizeof *more);
    if (!more)
        return sl_fail_memory(err, "the groups of a comparison");
    group->member = more;
    group->member[group->n++] = i;
    *n += k == *n;
    return SL_OK;
}

int sl_comparison_groups(const struct sl_comparison *comparison, struct sl_group **out, size_t *n, struct sl_error *err)
{
    struct sl_group *groups = calloc(comparison->n + 1, sizeof *groups);
    char **key = calloc(comparison->n + 1, sizeof *key);
    size_t made = 0;
    int status = groups && key ? SL_OK : sl_fail_memory(err, "the groups of a comparison");
    for (size_t i = 0; i < comparison->n && !status; i++)
        if (!(key[i] = without_seeds(comparison->runs[i].recipe)))
            status = sl_fail_memory(err, "the groups of a comparison");
    for (size_t i = 0; i < comparison->n && !status; i++)
        status = place_run(comparison, key, i, groups, &made, err);
    for (size_t i = 0; key && i < comparison->n; i++)
        free(key[i]);
    free(key);
    if (status) {
        sl_groups_free(groups, groups ? comparison->n : 0);
        return status;
    }
    *out = groups;
    *n = made;
    return SL_OK;
}

void sl_groups_free(struct sl_group *groups, size_t n)
{
    for (size_t i = 0; groups && i < n; i++)
        free(groups[i].member);
    free(groups);
}
