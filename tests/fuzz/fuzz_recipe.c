/* fuzz_recipe.c: any bytes as a recipe: parsed, formatted, parsed again to the same text, bound and run on a small
 * table. */
#include "sluice/pipeline.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static const char table[] =
    "a,b,c\nGood <b>film</b>,1,pos\nbad &amp; dull,2.5,neg\n,3,pos\n\"so, so\",,neg\nGood film,5,pos\n"
    "awful,6,neg\nfine,7,pos\nawful plot,8,neg\n";

static char path[] = "/tmp/sluice-fuzz-XXXXXX.csv";

static void remove_table(void)
{
    unlink(path);
}

static const char *table_path(void)
{
    static int made;
    if (!made) {
        int fd = mkstemps(path, 4);
        made = fd >= 0 && write(fd, table, sizeof table - 1) == (ssize_t)sizeof table - 1;
        assert(made);
        close(fd);
        atexit(remove_table);
    }
    return path;
}

static int parse_line(struct sl_arena *arena, const char *line, size_t n, struct sl_statement *out)
{
    struct sl_statement again;
    char *copy = sl_arena_strndup(arena, line, n);
    if (!copy || sl_statement_parse((struct sl_str){ copy, n }, "/nowhere", arena, out, NULL))
        return -1;
    int status = sl_statement_parse(sl_str(out->text), "/nowhere", arena, &again, NULL);
    assert(status == SL_OK);
    assert(strcmp(again.text, out->text) == 0);
    return out->class->kind == SL_SOURCE ? -1 : 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct sl_arena arena;
    struct sl_statement statements[12];
    struct sl_error err = SL_ERROR_INIT;
    struct sl_pipeline *pipeline = NULL;
    struct sl_run *run = NULL;
    struct sl_pipeline_options options = { 0 };
    struct sl_run_options run_options = { .memory = 1 << 20 };
    char read[64];
    size_t n = 0;
    if (size > 4096)
        return 0;
    sl_arena_init(&arena);
    snprintf(read, sizeof read, "read csv %s", table_path());
    if (sl_statement_parse(sl_str(read), NULL, &arena, &statements[n++], &err))
        abort();
    const char *at = (const char *)data, *end = at + size;
    while (at < end && n < 12) {
        const char *stop = memchr(at, '\n', (size_t)(end - at));
        stop = stop ? stop : end;
        n += parse_line(&arena, at, (size_t)(stop - at), &statements[n]) == 0;
        at = stop + 1;
    }
    if (!sl_pipeline_new(&pipeline, statements, n, &options, &err))
        (void)sl_pipeline_run(&run, pipeline, &run_options, &err);
    sl_run_free(run);
    sl_pipeline_free(pipeline);
    sl_arena_release(&arena);
    return 0;
}
