/* recipe_try.h: small recipes over small files, for tests of pipelines. */
#ifndef SLUICE_TESTS_RECIPE_TRY_H
#define SLUICE_TESTS_RECIPE_TRY_H

#include "sluice/learn.h"
#include "sluice/random.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

struct recipe {
    struct sl_arena arena;
    struct sl_statement statements[SL_MAX_STAGES];
    size_t n;
};

/* Statements of `text`, one a line. */
static inline void recipe_parse(struct recipe *recipe, const char *text)
{
    sl_arena_init(&recipe->arena);
    recipe->n = 0;
    for (uint32_t line = 1; *text; line++) {
        size_t n = strcspn(text, "\n");
        struct sl_error err = SL_ERROR_INIT;
        char *copy = sl_arena_strndup(&recipe->arena, text, n);
        int status = sl_statement_parse(sl_str(copy), NULL, &recipe->arena, &recipe->statements[recipe->n], &err);
        if (status && status != SL_EEND)
            fail_msg("%s: %s", copy, err.what);
        if (!status)
            recipe->statements[recipe->n++].line = line;
        text += n + (text[n] == '\n');
    }
}

static inline void recipe_release(struct recipe *recipe)
{
    sl_arena_release(&recipe->arena);
}

static inline void write_file(const char *path, const char *text, size_t n)
{
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(text, 1, n, file), n);
    assert_int_equal(fclose(file), 0);
}

/* n made-up reviews: id,text,mark,score; some bad, missing or repeated. */
static inline void write_reviews(const char *path, unsigned n)
{
    static const char *const words[] = { "good",   "bad",         "fine",  "awful",  "the",    "film",
                                         "plot",   "<br />",      "Great", "acting", "boring", "ending",
                                         "really", "caf\xc3\xa9", "&amp;", "slow",   "music",  "not" };
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    fputs("id,text,mark,score\n", file);
    for (unsigned i = 0; i < n; i++) {
        uint32_t draw[4], word[4];
        sl_philox(7, SL_RANDOM_SAMPLE, 0, i, 0, draw);
        if (i % 97 == 41) {
            fprintf(file, "%u,torn,neg\n", i);
            continue;
        }
        bool positive = draw[0] % 2;
        fprintf(file, "%u,\"%s", i, positive ? "good " : "bad ");
        for (unsigned k = 0; k < draw[1] % 30; k++) {
            sl_philox(7, SL_RANDOM_SAMPLE, 1, i, k, word);
            fprintf(file, "%s ", words[word[2] % (sizeof words / sizeof *words)]);
        }
        fprintf(file, "\",%s,", i % 53 == 7 ? "" : positive ? "pos" : "neg");
        if (i % 31 == 3)
            fputs("\n", file);
        else
            fprintf(file, "%.3f\n", (double)draw[3] / 1e9);
    }
    assert_int_equal(fclose(file), 0);
}

#endif
