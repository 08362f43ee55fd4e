/* drift_like.c: the recipe of a session, with other files to read. */
#include "drift_inner.h"
#include "live.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>

int like_load(struct sl_comparison *out, const char *session, struct sl_error *err)
{
    return sl_comparison_load(out, &session, 1, false, err);
}

/* `read FILE…` with absolute names, so that it means the same from any folder. */
static int new_source(const char *const *paths, struct sl_arena *arena, struct sl_statement *out, struct sl_error *err)
{
    static const struct sl_param word = { .name = "file", .kind = SL_PARAM_STRING };
    struct sl_buf text = { 0 };
    int status = SL_OK;
    sl_buf_puts(&text, "read");
    for (size_t i = 0; paths[i] && !status; i++) {
        char *path = realpath(paths[i], NULL);
        if (!path) {
            status = sl_fail_errno(err, "open", paths[i]);
            break;
        }
        sl_buf_putc(&text, ' ');
        sl_param_format(&word, &path, &text);
        free(path);
    }
    char *line = status || text.failed ? NULL : sl_arena_strndup(arena, text.p, text.n);
    sl_buf_release(&text);
    if (!status && !line)
        status = sl_fail_memory(err, "a recipe");
    return status ? status : sl_statement_parse(sl_str(line), NULL, arena, out, err);
}

/* The old source with the new one's files, when both are of one kind: its other parameters stay. */
static void join_source(const struct sl_statement *old, struct sl_statement *new, struct sl_buf *recipe)
{
    const struct sl_names *from = source_files(new);
    struct sl_names *to = (struct sl_names *)(uintptr_t)source_files(old);
    if (old->class == new->class &&from && to) {
        *to = *from;
        sl_statement_format(old->class, old->params, recipe);
    } else {
        sl_buf_puts(recipe, new->text);
    }
    sl_buf_putc(recipe, '\n');
}

/* The first source reads the new files; those behind it go. Cutting lines apart must not need the old files: only the
 * source's line is parsed. */
int like_recipe(const struct sl_compared *run, const char *const *paths, struct sl_buf *recipe, struct sl_error *err)
{
    struct sl_arena arena;
    bool any = false;
    int status = SL_OK;
    sl_arena_init(&arena);
    for (const char *line = run->recipe; *line && !status;) {
        size_t n = strcspn(line, "\n");
        struct sl_statement old, new;
        bool source = n >= 5 && memcmp(line, "read ", 5) == 0;
        if (source && !any) {
            any = true;
            char *text = sl_arena_strndup(&arena, line, n);
            status = text ? sl_statement_parse(sl_str(text), run->base, &arena, &old, err)
                          : sl_fail_memory(err, "a recipe");
            if (!status)
                status = new_source(paths, &arena, &new, err);
            if (!status)
                join_source(&old, &new, recipe);
        } else if (!source) {
            sl_buf_add(recipe, line, n);
            sl_buf_putc(recipe, '\n');
        }
        line += n + (line[n] == '\n');
    }
    sl_arena_release(&arena);
    return status ? status : recipe->failed ? sl_fail_memory(err, "a recipe") : SL_OK;
}

int sl_like_recipe(const char *session, const char *const *paths, struct sl_buf *recipe, char **base,
                   struct sl_error *err)
{
    struct sl_comparison old;
    int status = like_load(&old, session, err);
    if (status)
        return status;
    status = like_recipe(&old.runs[0], paths, recipe, err);
    if (!status) {
        *base = old.runs[0].base;
        old.runs[0].base = NULL;
    }
    sl_comparison_release(&old);
    return status;
}
