/* complete_values.c: completions of single values: choices, columns, files. */
#include "complete.h"

#include <dirent.h>
#include <stdlib.h>

static bool begins(struct sl_str word, struct sl_str start)
{
    return word.n >= start.n && (start.n == 0 || memcmp(word.p, start.p, start.n) == 0);
}

static void keep(struct completing *c, struct sl_buf *text)
{
    if (c->n == c->capacity && !text->failed) {
        size_t capacity = c->capacity ? c->capacity * 2 : 32;
        char **words = realloc(c->words, capacity * sizeof *words);
        c->failed = c->failed || !words;
        c->words = words ? words : c->words;
        c->capacity = words ? capacity : c->capacity;
    }
    c->failed = c->failed || text->failed;
    if (c->failed) {
        sl_buf_release(text);
        return;
    }
    c->words[c->n++] = text->p;
}

void complete_word(struct completing *c, struct sl_str before, const char *word, const char *behind)
{
    struct sl_buf text = { 0 };
    sl_buf_add(&text, before.p, before.n);
    sl_buf_puts(&text, word);
    sl_buf_puts(&text, behind);
    if (text.p && begins((struct sl_str){ text.p, text.n }, c->prefix))
        keep(c, &text);
    else
        sl_buf_release(&text);
}

void complete_name(struct completing *c, struct sl_str before, const char *name)
{
    static const struct sl_param row = { .name = "word", .kind = SL_PARAM_STRING };
    struct sl_buf bare = { 0 }, text = { 0 };
    sl_buf_add(&bare, before.p, before.n);
    sl_buf_puts(&bare, name);
    bool fits = bare.p && begins((struct sl_str){ bare.p, bare.n }, c->prefix);
    sl_buf_release(&bare);
    if (!fits)
        return;
    sl_buf_add(&text, before.p, before.n);
    sl_param_format(&row, &name, &text);
    keep(c, &text);
}

void complete_files(struct completing *c, struct sl_str before, struct sl_str start)
{
    const char *slash = start.n ? memrchr(start.p, '/', start.n) : NULL;
    size_t length = slash ? (size_t)(slash - start.p) + 1 : 0;
    struct sl_str name = { start.p + length, start.n - length };
    char *folder = strndup(length ? start.p : "", length);
    char *path = folder ? path_join(c->session->base, length ? folder : ".") : NULL;
    DIR *dir = path ? opendir(path) : NULL;
    for (struct dirent *entry; dir && (entry = readdir(dir));) {
        if (!begins(sl_str(entry->d_name), name) || (entry->d_name[0] == '.' && !(name.n && name.p[0] == '.')))
            continue;
        struct sl_buf text = { 0 };
        sl_buf_puts(&text, folder);
        sl_buf_puts(&text, entry->d_name);
        sl_buf_puts(&text, entry->d_type == DT_DIR ? "/" : "");
        if (!text.failed)
            complete_name(c, before, text.p);
        sl_buf_release(&text);
    }
    if (dir)
        closedir(dir);
    free(path);
    free(folder);
}

static void complete_columns(struct completing *c, const struct sl_param *row, const struct sl_schema *schema,
                             struct sl_str before)
{
    for (size_t i = 0; schema && i < schema->n; i++)
        if (!row->types || (schema->fields[i].type & row->types))
            complete_name(c, before, schema->fields[i].name);
}

void complete_values(struct completing *c, const struct sl_param *row, const struct sl_schema *schema,
                     struct sl_str before, struct sl_str start)
{
    for (const char *const *choice = row->choices; choice && *choice; choice++)
        complete_word(c, before, *choice, "");
    if (row->none_ok)
        complete_word(c, before, sl_param_none(row), "");
    switch (row->kind) {
    case SL_PARAM_BOOL:
        complete_word(c, before, "true", "");
        complete_word(c, before, "false", "");
        return;
    case SL_PARAM_COLUMNS:
    case SL_PARAM_EXPR: complete_columns(c, row, schema, before); return;
    case SL_PARAM_PATH: complete_files(c, before, start); return;
    case SL_PARAM_NAMES:
        if (row->positional && row->required) /* the files of a source */
            complete_files(c, before, start);
        else
            complete_columns(c, row, schema, before);
        return;
    default: return;
    }
}
