/* text_golden.h: read the records of a file in tests/golden (tests are run from the root of the project).
 *
 * Fields are separated by tabs; a backslash starts \\ \n \t \r or \xHH; lines that begin with # are comments. */
#ifndef SLUICE_TESTS_TEXT_GOLDEN_H
#define SLUICE_TESTS_TEXT_GOLDEN_H

#include "sluice/mem.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/types.h>

#include <cmocka.h>

enum { GOLDEN_FIELDS = 256 };

struct golden {
    FILE *file;
    char *line;
    size_t capacity, n;
    struct sl_str field[GOLDEN_FIELDS];
};

static inline struct golden golden_open(const char *path)
{
    struct golden golden = { .file = fopen(path, "r") };
    if (!golden.file)
        fail_msg("\"%s\" is missing; run the tests from the root of the project", path);
    return golden;
}

static inline void golden_close(struct golden *golden)
{
    fclose(golden->file);
    free(golden->line);
}

/* Undo the escapes of line[0..n) in place. Returns the new length. */
static inline size_t golden_unescape(char *line, size_t n)
{
    size_t written = 0;
    for (size_t i = 0; i < n; i++) {
        char c = line[i];
        if (c == '\\' && i + 1 < n) {
            c = line[++i];
            if (c == 'x' && i + 2 < n) {
                char digits[3] = { line[i + 1], line[i + 2], '\0' };
                c = (char)strtoul(digits, NULL, 16);
                i += 2;
            } else {
                c = c == 'n' ? '\n' : c == 't' ? '\t' : c == 'r' ? '\r' : c;
            }
        }
        line[written++] = c;
    }
    return written;
}

/* The next record, in golden->field[0..n); false at the end. */
static inline bool golden_next(struct golden *golden)
{
    ssize_t length;
    do {
        length = getline(&golden->line, &golden->capacity, golden->file);
        if (length < 0)
            return false;
    } while (golden->line[0] == '#');
    char *at = golden->line, *end = at + length - (golden->line[length - 1] == '\n');
    golden->n = 0;
    while (at && golden->n < GOLDEN_FIELDS) {
        char *tab = memchr(at, '\t', (size_t)(end - at));
        size_t field = (size_t)((tab ? tab : end) - at);
        golden->field[golden->n++] = (struct sl_str){ at, golden_unescape(at, field) };
        at = tab ? tab + 1 : NULL;
    }
    return true;
}

/* A field that is a number in base 10 or 16. */
static inline long long golden_number(const struct golden *golden, size_t field, int base)
{
    char digits[32] = "";
    if (field >= golden->n || golden->field[field].n >= sizeof digits)
        fail_msg("a golden record has no number in field %zu", field);
    memcpy(digits, golden->field[field].p, golden->field[field].n);
    return strtoll(digits, NULL, base);
}

/* Small random numbers: xorshift64* (Vigna 2016), the same ones every time. */
static inline uint32_t golden_random(uint64_t *state, uint32_t below)
{
    *state ^= *state >> 12;
    *state ^= *state << 25;
    *state ^= *state >> 27;
    return (uint32_t)((*state * 0x2545f4914f6cdd1du) >> 33) % below;
}

#endif
