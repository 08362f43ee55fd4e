/* batch_recipe.c: a recipe file as lines that remember where they stood, and errors in terms of the file.
 *
 * Where a backslash hides a line's end, the two become a blank and a carriage return, a blank of the grammar. So a
 * joined line is as long as its part of the file, and a column in it can be traced back to the line and column the user
 * sees. An error that names no column gets that of the word it is about: its parameter, or the value it quotes. */
#include "batch.h"

#include "sluice/input.h"

#include <stdio.h>
#include <stdlib.h>

#define RECIPE_LIMIT (UINT64_C(4) << 20)

/* End of the statement that begins at `at`: the line's end that no backslash hides. *joined counts the hidden ones. */
static size_t statement_end(struct sl_buf *text, size_t at, uint64_t *joined)
{
    *joined = 0;
    for (;;) {
        const char *end = at < text->n ? memchr(text->p + at, '\n', text->n - at) : NULL;
        size_t stop = end ? (size_t)(end - text->p) : text->n;
        size_t last = stop > at && text->p[stop - 1] == '\r' ? stop - 1 : stop;
        bool hidden = end && last > at && text->p[last - 1] == '\\' && !(last > at + 1 && text->p[last - 2] == '\\');
        if (!hidden) {
            return stop;
        }
        memset(text->p + last - 1, ' ', stop - last + 1);
        text->p[stop] = '\r';
        ++*joined;
        at = stop + 1;
    }
}

static bool is_blank(struct sl_str text)
{
    size_t i = 0;
    while (i < text.n && strchr(" \t\r", text.p[i])) {
        i++;
    }
    return i == text.n || text.p[i] == '#';
}

static int add_line(struct recipe_file *file, struct sl_str text, uint64_t number, size_t *capacity,
                    struct sl_error *err)
{
    if (file->n == *capacity) {
        *capacity = *capacity ? *capacity * 2 : 32;
        void *grown = reallocarray(file->lines, *capacity, sizeof *file->lines);
        if (!grown) {
            return sl_fail_memory(err, "reading the recipe");
        }
        file->lines = grown;
    }
    file->lines[file->n++] = (struct recipe_line){ .text = text, .line = number };
    return SL_OK;
}

static int cut_lines(struct recipe_file *file, struct sl_error *err)
{
    size_t capacity = 0, at = 0;
    uint64_t number = 1;
    if (file->text.n >= 3 && memcmp(file->text.p, "\xef\xbb\xbf", 3) == 0) {
        memset(file->text.p, ' ', 3);
    }
    while (at < file->text.n) {
        uint64_t joined;
        size_t end = statement_end(&file->text, at, &joined);
        struct sl_str text = { file->text.p + at, end - at };
        int status = is_blank(text) ? SL_OK : add_line(file, text, number, &capacity, err);
        if (status) {
            return status;
        }
        number += joined + 1;
        at = end + 1;
    }
    return SL_OK;
}

int recipe_file_read(struct recipe_file *out, const char *path, struct sl_error *err)
{
    *out = (struct recipe_file){ .path = path };
    sl_arena_init(&out->arena);
    const char *slash = strrchr(path, '/');
    out->base = slash ? strndup(path, slash == path ? 1 : (size_t)(slash - path)) : strdup(".");
    if (!out->base) {
        return sl_fail_memory(err, "reading the recipe");
    }
    int status = sl_file_read(path, RECIPE_LIMIT, &out->text, err);
    return status ? status : cut_lines(out, err);
}

void recipe_file_release(struct recipe_file *file)
{
    sl_arena_release(&file->arena);
    sl_buf_release(&file->text);
    free(file->base);
    free(file->lines);
    free(file->statements);
    *file = (struct recipe_file){ 0 };
}

/* Column (1-based) in the line of the word an error is about; 1 when no word is. */
static uint64_t word_column(const struct recipe_file *file, size_t i, const struct sl_error *err)
{
    struct sl_arena arena;
    struct sl_line line;
    uint64_t found = 0, first = 1;
    sl_arena_init(&arena);
    if (sl_line_split(file->lines[i].text, &arena, &line, NULL) == SL_OK) {
        for (size_t w = 0; w < line.n; w++) {
            const struct sl_word *word = &line.words[w];
            char quoted[sizeof err->what];
            int n = snprintf(quoted, sizeof quoted, "%.*s", (int)word->value.n, word->value.p);
            const char *at = n > 0 ? strstr(err->what, quoted) : NULL;
            bool named = word->key.n && sl_str_equal(word->key, sl_str(err->param));
            bool told = w > 0 && at && at > err->what && strchr("\"'", at[-1]) && strchr("\"'", at[n]) && at[n];
            first = w == 0 ? word->column : first;
            if (named) {
                found = word->column;
            } else if (told && !found) {
                found = word->column;
            }
        }
    }
    sl_arena_release(&arena);
    return found ? found : first;
}

void recipe_file_locate(const struct recipe_file *file, size_t i, struct sl_error *err)
{
    if (!err || err->file[0]) {
        return;
    }
    const struct recipe_line *line = &file->lines[i];
    uint64_t column = err->column ? err->column : word_column(file, i, err), row = line->line, start = 0;
    for (size_t c = 0; c + 1 < column && c < line->text.n; c++) {
        if (line->text.p[c] == '\r') {
            row++;
            start = c + 1;
        }
    }
    err->line = 0;
    err->column = 0;
    sl_error_at(err, file->path, row, column - start, UINT64_MAX);
}

void recipe_file_refine(const struct recipe_file *file, struct sl_error *err)
{
    const char *name = strrchr(err->file, '/'), *own = strrchr(file->path, '/');
    name = name ? name + 1 : err->file;
    own = own ? own + 1 : file->path;
    if (err->column || strcmp(name, own) != 0) {
        return;
    }
    for (size_t i = 0; i < file->n; i++) {
        if (file->lines[i].line == err->line) {
            err->file[0] = '\0';
            recipe_file_locate(file, i, err);
            return;
        }
    }
}

static int parse_command(const struct recipe_file *file, size_t i, struct sl_arena *arena, struct sl_error *err)
{
    struct sl_line line;
    const char *names[256];
    size_t n = 0;
    int status = sl_line_split(file->lines[i].text, arena, &line, err);
    if (status || line.n == 0) {
        return status;
    }
    struct sl_str name = line.words[0].value;
    for (const struct sl_command *command = sl_commands; command->name; command++) {
        if (!line.words[0].key.n && sl_str_equal(name, sl_str(command->name))) {
            void *params;
            return sl_params_parse(command->params, command->defaults, command->params_size, &line, 1, arena, &params,
                                   err);
        }
        if (n < 128) {
            names[n++] = command->name;
        }
    }
    for (size_t k = 0; sl_stage_registry[k] && n < 255; k++) {
        names[n++] = sl_stage_registry[k]->name;
    }
    names[n] = NULL;
    const char *nearest = sl_nearest(name, names);
    sl_fail(err, SL_ESYNTAX, "there is no stage or command \"%.*s\"", (int)name.n, name.p);
    sl_error_at(err, NULL, 0, line.words[0].column, UINT64_MAX);
    return nearest ? sl_fix(err, "did you mean \"%s\"?", nearest) : sl_fix(err, "see: sluice stages");
}

int recipe_file_parse(struct recipe_file *file, size_t i, struct sl_statement *statement, struct sl_error *err)
{
    struct sl_error own = SL_ERROR_INIT;
    *statement = (struct sl_statement){ 0 };
    int status = sl_statement_parse(file->lines[i].text, file->base, &file->arena, statement, &own);
    statement->line = (uint32_t)file->lines[i].line;
    if (status == SL_EEND) {
        status = parse_command(file, i, &file->arena, &own);
    }
    if (status) {
        recipe_file_locate(file, i, &own);
        if (err) {
            *err = own;
        }
    }
    return status;
}

/* `train` is a command: alone only that, with parameters the recipe's statement first, the last one of them. */
static void add_statement(struct recipe_file *file, size_t i, const struct sl_statement *statement)
{
    struct sl_line line = { 0 };
    size_t at = file->n_statements;
    bool trains = statement->class->kind == SL_TRAINER;
    file->lines[i].stage = !trains;
    if (trains && (sl_line_split(file->lines[i].text, &file->arena, &line, NULL) != SL_OK || line.n < 2)) {
        return;
    }
    for (size_t k = 0; trains && k < file->n_statements; k++) {
        at = file->statements[k].class->kind == SL_TRAINER ? k : at;
    }
    file->statements[at] = *statement;
    file->n_statements += at == file->n_statements;
}

size_t recipe_file_check(struct recipe_file *file, void (*report)(void *ctx, const struct sl_error *err), void *ctx)
{
    size_t errors = 0;
    struct sl_error err = SL_ERROR_INIT;
    file->n_statements = 0;
    free(file->statements);
    file->statements = calloc(file->n + 1, sizeof *file->statements);
    if (!file->statements) {
        sl_fail_memory(&err, "checking the recipe");
        report(ctx, &err);
        return 1;
    }
    for (size_t i = 0; i < file->n; i++) {
        struct sl_statement statement;
        err = (struct sl_error)SL_ERROR_INIT;
        if (recipe_file_parse(file, i, &statement, &err)) {
            report(ctx, &err);
            errors++;
        } else if (statement.class) {
            add_statement(file, i, &statement);
        }
    }
    return errors;
}

int recipe_file_assemble(struct recipe_file *file, struct sl_pipeline **out, struct sl_error *err)
{
    struct sl_error own = SL_ERROR_INIT;
    struct sl_pipeline *pipeline = NULL;
    const struct sl_pipeline_options options = { .base = file->base };
    int status = sl_pipeline_new(&pipeline, file->statements, file->n_statements, &options, &own);
    if (status) {
        if (!own.file[0]) {
            sl_error_at(&own, file->path, 0, 0, UINT64_MAX);
            recipe_file_refine(file, &own);
        }
        if (err) {
            *err = own;
        }
    } else if (out) {
        *out = pipeline;
    } else {
        sl_pipeline_free(pipeline);
    }
    return status;
}
