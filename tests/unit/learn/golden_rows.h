/* golden_rows.h: the problems of tests/golden/logistic_*.tsv as datasets. */
#ifndef SLUICE_TESTS_GOLDEN_ROWS_H
#define SLUICE_TESTS_GOLDEN_ROWS_H

#include "tests/unit/base/text_golden.h"

#include "sluice/learn.h"

#include <math.h>

enum { ROWS_A_BLOCK = 37 };

struct problem {
    struct golden golden;
    struct sl_dataset data;
    uint32_t n, features, classes;
    bool more; /* golden.field holds a record that has not been looked at */
};

static inline double number_at(struct sl_str field, size_t k)
{
    const char *p = field.p;
    char *end;
    double x = NAN;
    for (size_t i = 0; i <= k; i++) {
        x = strtod(p, &end);
        if (end == p)
            fail_msg("field has no number %zu", k);
        p = end;
    }
    return x;
}

static inline bool field_is(const struct golden *golden, size_t i, const char *text)
{
    return i < golden->n && sl_str_equal(golden->field[i], sl_str(text));
}

static inline void add_value(struct sl_rows *rows, uint32_t column, double value)
{
    uint32_t at = rows->start[rows->n + 1]++;
    rows->index[at] = column;
    rows->value[at] = (float)value;
}

static inline struct sl_rows *row_block(struct problem *p)
{
    struct sl_matrix *train = &p->data.train;
    struct sl_rows *rows = train->n_blocks ? &train->blocks[train->n_blocks - 1] : NULL;
    if (!rows || rows->n == ROWS_A_BLOCK) {
        rows = &train->blocks[train->n_blocks++];
        rows->start = calloc(ROWS_A_BLOCK + 1, sizeof *rows->start);
        rows->index = calloc(ROWS_A_BLOCK * (size_t)p->features, sizeof *rows->index);
        rows->value = calloc(ROWS_A_BLOCK * (size_t)p->features, sizeof *rows->value);
        rows->y = calloc(ROWS_A_BLOCK, sizeof *rows->y);
        rows->record = calloc(ROWS_A_BLOCK, sizeof *rows->record);
        assert_true(rows->start && rows->index && rows->value && rows->y && rows->record);
    }
    return rows;
}

static inline void add_row(struct problem *p)
{
    struct golden *g = &p->golden;
    struct sl_rows *rows = row_block(p);
    rows->start[rows->n + 1] = rows->start[rows->n];
    rows->y[rows->n] = (uint32_t)number_at(g->field[1], 0);
    for (size_t i = 2; i < g->n; i++) {
        const char *colon = memchr(g->field[i].p, ':', g->field[i].n);
        double value = colon ? strtod(colon + 1, NULL) : number_at(g->field[i], 0);
        if (value != 0)
            add_value(rows, colon ? (uint32_t)number_at(g->field[i], 0) : (uint32_t)i - 2, value);
    }
    rows->n++;
    p->data.train.n++;
    p->data.train.nonzeros += rows->start[rows->n] - rows->start[rows->n - 1];
}

static inline struct problem problem_open(const char *path)
{
    struct problem p = { .golden = golden_open(path) };
    while (golden_next(&p.golden)) {
        if (field_is(&p.golden, 0, "size")) {
            p.n = (uint32_t)number_at(p.golden.field[1], 0);
            p.features = (uint32_t)number_at(p.golden.field[2], 0);
            p.classes = (uint32_t)number_at(p.golden.field[3], 0);
            p.data.train.blocks = calloc(p.n / ROWS_A_BLOCK + 1, sizeof *p.data.train.blocks);
            p.data.train.width = p.data.test.width = p.features;
            p.data.n_classes = p.classes;
            p.data.classes = calloc(p.classes, sizeof *p.data.classes);
            for (uint32_t k = 0; k < p.classes; k++)
                p.data.classes[k] = strdup("class");
        } else if (field_is(&p.golden, 0, "x")) {
            add_row(&p);
        } else {
            p.more = true;
            break;
        }
    }
    assert_int_equal(p.data.train.n, p.n);
    return p;
}

static inline void problem_close(struct problem *p)
{
    struct sl_matrix *train = &p->data.train;
    for (size_t b = 0; b < train->n_blocks; b++) {
        free(train->blocks[b].start);
        free(train->blocks[b].index);
        free(train->blocks[b].value);
        free(train->blocks[b].y);
        free(train->blocks[b].record);
    }
    free(train->blocks);
    for (uint32_t k = 0; k < p->classes; k++)
        free(p->data.classes[k]);
    free(p->data.classes);
    golden_close(&p->golden);
}

/* Next record after the rows. */
static inline bool problem_next(struct problem *p)
{
    if (p->more) {
        p->more = false;
        return true;
    }
    return golden_next(&p->golden);
}

#endif
