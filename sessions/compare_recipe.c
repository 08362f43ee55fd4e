/* compare_recipe.c: recipes line by line: what was taken away, what was added.
 *
 * The longest common subsequence of the lines stays (Wagner and Fischer 1974); a recipe has few of them. Where a line
 * was taken away and another of the same stage added, the parameters that differ are named as well, defaults spelt out.
 */
#include "compare_inner.h"

#include <stdlib.h>

enum { LINES_MOST = SL_MAX_STAGES };

struct lines {
    struct sl_str at[LINES_MOST];
    size_t n;
};

static void cut_lines(const char *text, struct lines *out)
{
    for (out->n = 0; *text && out->n < LINES_MOST;) {
        size_t n = strcspn(text, "\n");
        out->at[out->n++] = (struct sl_str){ text, n };
        text += n + (text[n] == '\n');
    }
}

/* Which lines of a and of b are kept: part of the longest common subsequence. */
static void match_lines(const struct lines *a, const struct lines *b, bool *keep_a, bool *keep_b)
{
    uint8_t longest[LINES_MOST + 1][LINES_MOST + 1] = { 0 };
    for (size_t i = a->n; i-- > 0;)
        for (size_t k = b->n; k-- > 0;) {
            uint8_t down = longest[i + 1][k], right = longest[i][k + 1];
            longest[i][k] = sl_str_equal(a->at[i], b->at[k]) ? (uint8_t)(longest[i + 1][k + 1] + 1)
                            : down > right                   ? down
                                                             : right;
        }
    for (size_t i = 0, k = 0; i < a->n && k < b->n;) {
        if (sl_str_equal(a->at[i], b->at[k]))
            keep_a[i++] = keep_b[k++] = true;
        else if (longest[i + 1][k] >= longest[i][k + 1])
            i++;
        else
            k++;
    }
}

static int put_line(struct sl_differences *d, struct sl_str line, bool taken, struct sl_error *err)
{
    char *text = strndup(line.n ? line.p : "", line.n);
    int status = text ? difference_add(d, SL_DIFFERENT_RECIPE, (struct sl_str){ line.p, strcspn(text, " ") },
                                       taken ? text : NULL, taken ? NULL : text, err)
                      : sl_fail_memory(err, "the differences");
    free(text);
    return status;
}

/* --- parameters --- */

static const struct sl_stage_class *class_of(struct sl_str line)
{
    const struct sl_stage_class *found = NULL;
    for (const struct sl_stage_class *const *class = sl_stage_registry; *class; class ++) {
        size_t n = strlen((*class)->name);
        if (line.n >= n && memcmp(line.p, (*class)->name, n) == 0 && (line.n == n || line.p[n] == ' '))
            found = *class;
    }
    return found;
}

/* The parameters of a line, without looking at any file. */
static int parse(const struct sl_stage_class *class, struct sl_str text, struct sl_arena *arena, void **params,
                 struct sl_error *err)
{
    struct sl_line line;
    size_t words = 1;
    for (const char *p = class->name; *p; p++)
        words += *p == ' ';
    int status = sl_line_split(text, arena, &line, err);
    return status
               ? status
               : sl_params_parse(class->params, class->defaults, class->params_size, &line, words, arena, params, err);
}

static int put_parameters(struct sl_differences *d, struct sl_str a, struct sl_str b, struct sl_error *err)
{
    const struct sl_stage_class *class = class_of(a);
    struct sl_arena arena;
    void *x = NULL, *y = NULL;
    if (!class || class != class_of(b))
        return SL_OK;
    sl_arena_init(&arena);
    /* A line that an older or newer version wrote may not parse: then only the lines are shown. */
    int status = parse(class, a, &arena, &x, NULL) || parse(class, b, &arena, &y, NULL) ? SL_EEND : SL_OK;
    for (const struct sl_param *row = class->params; !status && row->kind; row++) {
        struct sl_buf text[2] = { 0 }, name = { 0 };
        sl_param_format(row, x, &text[0]);
        sl_param_format(row, y, &text[1]);
        sl_buf_printf(&name, "%s.%s", class->name, row->name);
        if (text[0].failed || text[1].failed || name.failed)
            status = sl_fail_memory(err, "the differences");
        else
            status = difference_add_unless_same(d, SL_DIFFERENT_PARAMETER, name.p, text[0].p ? text[0].p : "",
                                                text[1].p ? text[1].p : "", err);
        sl_buf_release(&text[0]);
        sl_buf_release(&text[1]);
        sl_buf_release(&name);
    }
    sl_arena_release(&arena);
    return status == SL_EEND ? SL_OK : status;
}

/* Lines taken away and lines added between the same neighbours: the first of each stage belong together. */
static int put_pairs(struct sl_differences *d, const struct lines *a, const bool *keep_a, const struct lines *b,
                     const bool *keep_b, struct sl_error *err)
{
    bool used[LINES_MOST] = { false };
    int status = SL_OK;
    for (size_t i = 0; i < a->n && !status; i++)
        for (size_t k = 0; k < b->n && !keep_a[i] && !status; k++)
            if (!keep_b[k] && !used[k] && class_of(a->at[i]) && class_of(a->at[i]) == class_of(b->at[k])) {
                used[k] = true;
                status = put_parameters(d, a->at[i], b->at[k], err);
                break;
            }
    return status;
}

int differences_recipe(struct sl_differences *d, const struct sl_compared *first, const struct sl_compared *second,
                       struct sl_error *err)
{
    struct lines a, b;
    bool keep_a[LINES_MOST] = { false }, keep_b[LINES_MOST] = { false };
    int status = SL_OK;
    cut_lines(first->recipe, &a);
    cut_lines(second->recipe, &b);
    match_lines(&a, &b, keep_a, keep_b);
    for (size_t i = 0, k = 0; (i < a.n || k < b.n) && !status;) {
        if (i < a.n && !keep_a[i])
            status = put_line(d, a.at[i++], true, err);
        else if (k < b.n && !keep_b[k])
            status = put_line(d, b.at[k++], false, err);
        else
            i++, k++;
    }
    return status ? status : put_pairs(d, &a, keep_a, &b, keep_b, err);
}
