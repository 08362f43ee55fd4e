/* statement.c: stage statements, from text and back to their canonical text. */
#include "sluice/input.h"
#include "sluice/recipe.h"

#include <stdio.h>
#include <stdlib.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

static bool ends_with(struct sl_str s, const char *end)
{
    size_t n = strlen(end);
    return s.n >= n && strncasecmp(s.p + s.n - n, end, n) == 0;
}

/* The header of an IDX file: two zero bytes, a type, a number of sizes. */
static bool is_idx(const char *head, size_t n)
{
    return n >= 4 && !head[0] && !head[1] && head[2] >= 0x08 && head[2] <= 0x0e && head[3] >= 1 && head[3] <= 4;
}

/* First byte that is not blank of the file, as text; 0 when it cannot be read. *idx: it is of that format. */
static char first_byte(struct sl_str path, const char *base, struct sl_arena *arena, bool *idx)
{
    bool absolute = (path.n && path.p[0] == '/') || !base;
    char *name = absolute ? sl_arena_strndup(arena, path.p, path.n)
                          : sl_arena_printf(arena, "%s/%.*s", base, (int)path.n, path.p);
    struct sl_input *input = NULL;
    char head[512];
    size_t got = 0, i = 0;
    if (name && sl_input_open(&input, name, NULL) == SL_OK)
        sl_input_read(input, head, sizeof head, &got, NULL);
    sl_input_close(input);
    *idx = is_idx(head, got);
    if (got >= 3 && memcmp(head, "\xef\xbb\xbf", 3) == 0)
        i = 3;
    while (i < got && (head[i] == ' ' || head[i] == '\t' || head[i] == '\r' || head[i] == '\n'))
        i++;
    return i < got ? head[i] : 0;
}

static bool is_folder(struct sl_str path, const char *base, struct sl_arena *arena)
{
    struct stat info;
    bool absolute = (path.n && path.p[0] == '/') || !base;
    const char *name = absolute ? sl_arena_strndup(arena, path.p, path.n)
                                : sl_arena_printf(arena, "%s/%.*s", base, (int)path.n, path.p);
    return name && stat(name, &info) == 0 && S_ISDIR(info.st_mode);
}

/* The reader for a file named without a format: by the end of its name, else by its first bytes. */
static const struct sl_stage_class *guess_format(struct sl_str path, const char *base, struct sl_arena *arena)
{
    static const struct {
        const char *end, *stage;
    } ends[] = {
        { ".csv", "read csv" },         { ".tsv", "read tsv" },      { ".tab", "read tsv" },
        { ".jsonl", "read jsonl" },     { ".ndjson", "read jsonl" }, { ".idx", "read idx" },
        { "-ubyte", "read idx" },       { ".svm", "read svmlight" }, { ".svmlight", "read svmlight" },
        { ".libsvm", "read svmlight" }, { ".png", "read images" },   { ".jpg", "read images" },
        { ".jpeg", "read images" },
    };
    struct sl_str bare = path;
    if (ends_with(bare, ".gz"))
        bare.n -= 3;
    else if (ends_with(bare, ".zst"))
        bare.n -= 4;
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++)
        if (ends_with(bare, ends[i].end))
            return sl_stage_find(sl_str(ends[i].stage));
    if (is_folder(path, base, arena))
        return sl_stage_find(SL_STR("read images"));
    bool idx;
    char first = first_byte(path, base, arena, &idx);
    return sl_stage_find(sl_str(idx ? "read idx" : first == '{' ? "read jsonl" : "read csv"));
}

static const struct sl_stage_class *find_class(const struct sl_line *line, const char *base, struct sl_arena *arena,
                                               size_t *words)
{
    struct sl_str name = line->words[0].value;
    if (line->n > 1 && !line->words[1].key.n) {
        struct sl_str second = line->words[1].value;
        char *both = sl_arena_printf(arena, "%.*s %.*s", (int)name.n, name.p, (int)second.n, second.p);
        const struct sl_stage_class *class = both ? sl_stage_find(sl_str(both)) : NULL;
        *words = 2;
        if (class)
            return class;
    }
    *words = 1;
    if (sl_str_equal(name, SL_STR("read")) && line->n > 1 && !line->words[1].key.n)
        return guess_format(line->words[1].value, base, arena);
    return sl_stage_find(name);
}

int sl_statement_parse(struct sl_str source, const char *base, struct sl_arena *arena, struct sl_statement *out,
                       struct sl_error *err)
{
    struct sl_line line;
    int status = sl_line_split(source, arena, &line, err);
    if (status)
        return status;
    if (line.n == 0 || line.words[0].key.n)
        return SL_EEND;
    size_t words = 1;
    const struct sl_stage_class *class = find_class(&line, base, arena, &words);
    if (!class) {
        if (!sl_str_equal(line.words[0].value, SL_STR("read")))
            return SL_EEND;
        sl_fail(err, SL_EPARAM, "\"read\" needs to know what to read");
        return sl_fix(err, "write: read FILE, or: read csv FILE");
    }
    void *params = NULL;
    status = sl_params_parse(class->params, class->defaults, class->params_size, &line, words, arena, &params, err);
    if (status) {
        if (err && !err->stage[0])
            snprintf(err->stage, sizeof err->stage, "%s", class->name);
        return status;
    }
    struct sl_buf text = { 0 };
    sl_statement_format(class, params, &text);
    char *copy = text.failed ? NULL : sl_arena_strndup(arena, text.p, text.n);
    sl_buf_release(&text);
    if (!copy)
        return sl_fail_memory(err, "a statement");
    *out = (struct sl_statement){ .class = class, .params = params, .text = copy };
    return SL_OK;
}

static void format_word(const char *word, struct sl_buf *out)
{
    static const struct sl_param row = { .name = "word", .kind = SL_PARAM_STRING };
    sl_param_format(&row, &word, out);
}

static void format_positional(const struct sl_param *row, const void *params, struct sl_buf *out)
{
    if (row->kind == SL_PARAM_COLUMNS || row->kind == SL_PARAM_NAMES) {
        struct sl_names names;
        memcpy(&names, (const char *)params + row->offset, sizeof names);
        for (size_t i = 0; i < names.n; i++) {
            sl_buf_putc(out, ' ');
            if (row->kind == SL_PARAM_COLUMNS && strchr(names.name[i], ','))
                sl_buf_printf(out, "\"%s\"", names.name[i]);
            else
                format_word(names.name[i], out);
        }
        return;
    }
    sl_buf_putc(out, ' ');
    if (row->rest) {
        char *text;
        memcpy(&text, (const char *)params + row->offset, sizeof text);
        sl_buf_puts(out, text ? text : "");
    } else {
        sl_param_format(row, params, out);
    }
}

void sl_statement_format(const struct sl_stage_class *class, const void *params, struct sl_buf *out)
{
    sl_buf_puts(out, class->name);
    for (const struct sl_param *row = class->params; row && row->kind; row++)
        if (row->positional && !row->rest && (row->required || !sl_param_is_default(row, params, class->defaults)))
            format_positional(row, params, out);
    for (const struct sl_param *row = class->params; row && row->kind; row++)
        if (!row->positional && (row->required || !sl_param_is_default(row, params, class->defaults))) {
            sl_buf_printf(out, " %s=", row->name);
            sl_param_format(row, params, out);
        }
    for (const struct sl_param *row = class->params; row && row->kind; row++)
        if (row->positional && row->rest)
            format_positional(row, params, out);
}
