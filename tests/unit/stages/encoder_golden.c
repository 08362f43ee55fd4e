/* encoder_golden.c: encoders against the records of tests/golden: see encoder_try.h. */
#include "encoder_try.h"

#include "tests/unit/base/text_golden.h"

#include <ctype.h>
#include <math.h>

void encoder_statement(char *out, size_t size, const char *stage, struct sl_str params)
{
    size_t n = (size_t)snprintf(out, size, "%s ", stage);
    bool none = sl_str_equal(params, SL_STR("default"));
    for (size_t i = 0; !none && i < params.n && n + 1 < size; i++) {
        bool after_comma = i > 0 && params.p[i - 1] == ',';
        if (params.p[i] != '(' && params.p[i] != ')' && !(params.p[i] == ' ' && after_comma)) {
            out[n++] = (char)tolower((unsigned char)params.p[i]);
        }
    }
    out[n] = '\0';
}

void assert_sparse_row(const struct sl_chunk *chunk, size_t column, uint32_t i, const struct sl_str *fields, size_t n,
                       double tolerance, const char *where)
{
    const struct sl_sparse *sparse = &chunk->columns[column].sparse;
    uint64_t first = sparse->start[i], count = sparse->start[i + 1] - first;
    if (count != n) {
        fail_msg("%s: row %u has %llu values, not %zu", where, i, (unsigned long long)count, n);
    }
    for (size_t k = 0; k < n; k++) {
        char *end;
        unsigned long index = strtoul(fields[k].p, &end, 10);
        double value = strtod(end + 1, NULL), got = (double)sparse->value[first + k];
        if (*end != ':' || sparse->index[first + k] != index || !(fabs(got - value) <= tolerance * fabs(value))) {
            fail_msg("%s: row %u has %u:%.9g, not %.*s", where, i, sparse->index[first + k], got, (int)fields[k].n,
                     fields[k].p);
        }
    }
}

void assert_same_sparse(const struct sl_chunk *a, const struct sl_chunk *b, size_t column)
{
    const struct sl_sparse *x = &a->columns[column].sparse, *y = &b->columns[column].sparse;
    assert_int_equal(a->n, b->n);
    assert_memory_equal(x->start, y->start, ((size_t)a->n + 1) * sizeof *x->start);
    assert_memory_equal(x->index, y->index, x->start[a->n] * sizeof *x->index);
    assert_memory_equal(x->value, y->value, x->start[a->n] * sizeof *x->value);
}

enum { CORPUS_MOST = 64 };

struct corpus {
    struct sl_str text[CORPUS_MOST];
    uint32_t fit, all; /* the texts to fit on come first */
};

static void read_corpus(struct corpus *corpus, struct sl_arena *arena)
{
    struct golden golden = golden_open("tests/golden/tfidf_corpus.tsv");
    while (golden_next(&golden)) {
        assert_true(golden.n == 3 && corpus->all < CORPUS_MOST);
        struct sl_str text = golden.field[2];
        corpus->text[corpus->all] = (struct sl_str){ sl_arena_strndup(arena, text.p, text.n), text.n };
        assert_non_null(corpus->text[corpus->all].p);
        corpus->all++;
        corpus->fit += sl_str_equal(golden.field[0], SL_STR("fit"));
    }
    golden_close(&golden);
    assert_true(corpus->fit > 0 && corpus->fit < corpus->all);
}

/* Where row i of a kind lies when the chunks have `most` records. */
static void check_row(struct encoder *e, const struct golden *golden, uint32_t row, uint32_t most, const char *where)
{
    const struct sl_chunk *chunk = &e->chunk[row / most];
    assert_sparse_row(chunk, 0, row % most, golden->field + 2, golden->n - 2, 1e-7, where);
}

static void check_term(struct encoder *e, const struct golden *golden, const char *where)
{
    struct sl_buf name = { 0 };
    uint32_t j = (uint32_t)golden_number(golden, 1, 10);
    e->stage.class->feature_name(&e->stage, 0, j, &name);
    if (!sl_str_equal(golden->field[2], (struct sl_str){ name.p, name.n })) {
        fail_msg("%s: feature %u is '%.*s', not '%.*s'", where, j, (int)name.n, name.p, (int)golden->field[2].n,
                 golden->field[2].p);
    }
    sl_buf_release(&name);
}

/* The rows of the file against the kept chunks: the texts that were fitted on, then the unseen ones. */
static void check_file(struct encoder *e, const char *path, const struct corpus *corpus, uint32_t most)
{
    struct golden golden = golden_open(path);
    size_t terms = 0, rows = 0;
    while (golden_next(&golden)) {
        uint32_t number = golden.n > 1 ? (uint32_t)strtoul(golden.field[1].p, NULL, 10) : 0;
        if (sl_str_equal(golden.field[0], SL_STR("size"))) {
            assert_int_equal(e->stage.out.fields[0].width, number);
        } else if (sl_str_equal(golden.field[0], SL_STR("term"))) {
            check_term(e, &golden, path);
            terms++;
        } else if (!sl_str_equal(golden.field[0], SL_STR("params"))) {
            bool fitted = sl_str_equal(golden.field[0], SL_STR("fit"));
            check_row(e, &golden, fitted ? number : corpus->fit + number, most, path);
            rows++;
        }
    }
    golden_close(&golden);
    assert_int_equal(terms, e->stage.out.fields[0].width);
    assert_int_equal(rows, corpus->all);
}

static void try_cut(const char *statement, const char *path, const struct corpus *corpus, uint32_t most, size_t workers)
{
    uint64_t bits[TRY_CHUNKS][1] = { { 0 } }, *rows[TRY_CHUNKS];
    struct encoder e, loaded;
    encoder_must_open(&e, statement, "text:text");
    encoder_texts(&e, corpus->text, corpus->all, most);
    for (uint32_t i = 0; i < corpus->fit; i++) {
        bits[i / most][0] |= UINT64_C(1) << (i % most);
    }
    for (size_t k = 0; k < TRY_CHUNKS; k++) {
        rows[k] = bits[k];
    }
    int status = encoder_fit(&e, workers, rows);
    status = status == SL_OK ? encoder_apply(&e, workers) : status;
    if (status != SL_OK) {
        fail_msg("%s: %s", statement, e.err.what);
    }
    check_file(&e, path, corpus, most);

    struct sl_buf blob = encoder_save(&e);
    encoder_must_open(&loaded, statement, "text:text");
    assert_int_equal(encoder_load(&loaded, (struct sl_str){ blob.p, blob.n }), SL_OK);
    encoder_texts(&loaded, corpus->text, corpus->all, most);
    for (size_t k = 0; k < loaded.chunks; k++) {
        assert_int_equal(encoder_predict(&loaded, &loaded.chunk[k]), SL_OK);
        assert_same_sparse(&loaded.chunk[k], &e.chunk[k], 0);
    }
    sl_buf_release(&blob);
    encoder_close(&loaded);
    encoder_close(&e);
}

void assert_vectorizer_golden(const char *stage, const char *file)
{
    char path[128], statement[256];
    struct corpus corpus = { .all = 0 };
    struct sl_arena arena;
    sl_arena_init(&arena);
    read_corpus(&corpus, &arena);
    snprintf(path, sizeof path, "tests/golden/%s", file);
    struct golden golden = golden_open(path);
    assert_true(golden_next(&golden) && sl_str_equal(golden.field[0], SL_STR("params")));
    encoder_statement(statement, sizeof statement, stage, golden.n > 1 ? golden.field[1] : SL_STR("default"));
    golden_close(&golden);
    try_cut(statement, path, &corpus, CORPUS_MOST, 1);
    try_cut(statement, path, &corpus, 7, 3);
    try_cut(statement, path, &corpus, 1, 4);
    sl_arena_release(&arena);
}
