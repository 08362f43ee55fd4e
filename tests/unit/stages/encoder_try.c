/* encoder_try.c: running encoders in tests: see encoder_try.h. */
#include "encoder_try.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

static void add_columns(struct encoder *e, const char *columns)
{
    for (const char *p = columns; *p;) {
        size_t name = strcspn(p, ":"), all = strcspn(p, " ");
        assert_true(name < all);
        enum sl_type type = strncmp(p + name + 1, "number", 6) == 0 ? SL_NUMBER : SL_TEXT;
        assert_int_equal(sl_schema_add(&e->in, (struct sl_str){ p, name }, type, &e->err), SL_OK);
        p += all + (p[all] == ' ');
    }
}

bool encoder_open(struct encoder *e, const char *statement, const char *columns)
{
    *e = (struct encoder){ .err = SL_ERROR_INIT };
    sl_arena_init(&e->arena);
    add_columns(e, columns);
    if (sl_statement_parse(sl_str(statement), NULL, &e->arena, &e->statement, &e->err) != SL_OK) {
        return false;
    }
    e->stage = (struct sl_stage){ .class = e->statement.class, .params = e->statement.params, .in = &e->in };
    assert_int_equal(sl_schema_copy(&e->stage.out, &e->in, &e->err), SL_OK);
    return e->stage.class->bind(&e->stage, &e->in, &e->stage.out, &e->err) == SL_OK;
}

void encoder_must_open(struct encoder *e, const char *statement, const char *columns)
{
    if (!encoder_open(e, statement, columns)) {
        fail_msg("\"%s\" is refused: %s", statement, e->err.what);
    }
}

void encoder_close(struct encoder *e)
{
    for (size_t w = 0; w < TRY_WORKERS; w++) {
        if (e->scratch[w]) {
            e->stage.class->scratch_free(&e->stage, e->scratch[w]);
        }
    }
    if (e->stage.class && e->stage.class->unbind) {
        e->stage.class->unbind(&e->stage);
    }
    sl_schema_release(&e->stage.out);
    sl_schema_release(&e->in);
    sl_arena_release(&e->arena);
}

struct sl_chunk encoder_chunk(struct encoder *e, uint32_t n)
{
    struct sl_chunk chunk;
    assert_int_equal(sl_chunk_init(&chunk, &e->in, n, &e->arena, &e->err), SL_OK);
    for (uint32_t i = 0; i < n; i++) {
        chunk.origin[i] = (struct sl_origin){ .record = i, .line = i + 2 };
    }
    return chunk;
}

void encoder_set_text(struct encoder *e, struct sl_chunk *chunk, size_t column, uint32_t i, const char *text)
{
    if (text) {
        chunk->columns[column].text[i] = sl_str(text);
    } else {
        assert_int_equal(sl_chunk_set_missing(chunk, column, i, &e->err), SL_OK);
    }
}

void encoder_set_number(struct encoder *e, struct sl_chunk *chunk, size_t column, uint32_t i, double x)
{
    chunk->columns[column].number[i] = x;
    if (isnan(x)) {
        assert_int_equal(sl_chunk_set_missing(chunk, column, i, &e->err), SL_OK);
    }
}

void encoder_texts(struct encoder *e, const struct sl_str *texts, uint32_t n, uint32_t most)
{
    for (uint32_t first = 0; first < n; first += most) {
        uint32_t records = n - first < most ? n - first : most;
        assert_true(e->chunks < TRY_CHUNKS);
        struct sl_chunk *chunk = &e->chunk[e->chunks++];
        *chunk = encoder_chunk(e, records);
        for (uint32_t i = 0; i < records; i++) {
            if (texts[first + i].p) {
                chunk->columns[0].text[i] = texts[first + i];
            } else {
                encoder_set_text(e, chunk, 0, i, NULL);
            }
        }
    }
}

static void *worker_scratch(struct encoder *e, size_t w)
{
    if (!e->scratch[w] && e->stage.class->scratch_new) {
        assert_int_equal(e->stage.class->scratch_new(&e->stage, &e->scratch[w], &e->err), SL_OK);
    }
    return e->scratch[w];
}

static int digest_all(struct encoder *e, size_t workers)
{
    const struct sl_stage_class *class = e->stage.class;
    int status = SL_OK;
    for (size_t k = 0; class->digest && k < e->chunks && status == SL_OK; k++) {
        status = class->digest(&e->stage, worker_scratch(e, k % workers), &e->chunk[k], &e->err);
    }
    for (size_t w = 0; w < workers; w++) {
        worker_scratch(e, w);
    }
    return status == SL_OK && class->gather ? class->gather(&e->stage, e->scratch, workers, &e->err) : status;
}

int encoder_fit(struct encoder *e, size_t workers, uint64_t *const *rows)
{
    const struct sl_fit *fit = &e->stage.class->fit;
    void *partial[TRY_CHUNKS] = { 0 };
    size_t n = fit->exact ? workers : e->chunks;
    int status = digest_all(e, workers);
    for (size_t k = 0; k < n && status == SL_OK; k++) {
        status = fit->begin(&e->stage, &partial[k], &e->err);
    }
    for (size_t k = 0; k < e->chunks && status == SL_OK; k++) {
        /* Another worker fits a chunk than the one that digested it. */
        void *mine = partial[fit->exact ? (k + 1) % workers : k];
        status = fit->chunk(&e->stage, mine, &e->chunk[k], rows ? rows[k] : NULL, &e->err);
    }
    for (size_t k = 1; k < n && status == SL_OK; k++) {
        status = fit->merge(&e->stage, partial[0], partial[k], &e->err);
    }
    if (n == 0 && status == SL_OK) {
        status = fit->begin(&e->stage, &partial[0], &e->err);
    }
    status = status == SL_OK ? fit->end(&e->stage, partial[0], &e->err) : status;
    for (size_t k = 0; k < TRY_CHUNKS; k++) {
        if (partial[k]) {
            fit->drop(&e->stage, partial[k]);
        }
    }
    return status;
}

int encoder_apply(struct encoder *e, size_t workers)
{
    int status = SL_OK;
    for (size_t k = 0; k < e->chunks && status == SL_OK; k++) {
        status = e->stage.class->apply(&e->stage, worker_scratch(e, (k + 1) % workers), &e->chunk[k], &e->err);
        e->chunk[k].schema = &e->stage.out;
    }
    return status;
}

int encoder_predict(struct encoder *e, struct sl_chunk *chunk)
{
    const struct sl_stage_class *class = e->stage.class;
    void *scratch = NULL;
    int status = class->scratch_new ? class->scratch_new(&e->stage, &scratch, &e->err) : SL_OK;
    if (status == SL_OK && class->digest) {
        status = class->digest(&e->stage, scratch, chunk, &e->err);
    }
    status = status == SL_OK ? class->apply(&e->stage, scratch, chunk, &e->err) : status;
    chunk->schema = &e->stage.out;
    if (class->scratch_free) {
        class->scratch_free(&e->stage, scratch);
    }
    return status;
}

struct sl_buf encoder_save(struct encoder *e)
{
    struct sl_buf blob = { 0 };
    assert_int_equal(e->stage.class->save(&e->stage, &blob, &e->err), SL_OK);
    return blob;
}

int encoder_load(struct encoder *e, struct sl_str blob)
{
    return e->stage.class->load(&e->stage, blob, &e->err);
}

/* In memory of exactly its size, so that a read past its end is found. */
static int load_copy(struct encoder *e, const char *p, size_t n)
{
    char *copy = malloc(n ? n : 1);
    assert_non_null(copy);
    memcpy(copy, p, n);
    int status = encoder_load(e, (struct sl_str){ copy, n });
    free(copy);
    return status;
}

void encoder_check_damage(const char *statement, const char *columns, struct sl_str blob)
{
    struct encoder e;
    encoder_must_open(&e, statement, columns);
    for (size_t n = 0; n < blob.n; n++) {
        if (load_copy(&e, blob.p, n) == SL_OK) {
            fail_msg("%zu of %zu bytes of a saved model are taken for all", n, blob.n);
        }
    }
    char *changed = malloc(blob.n + 8);
    assert_non_null(changed);
    for (size_t i = 0; i < blob.n; i++) {
        static const unsigned char flips[] = { 0x01, 0x80, 0xff };
        for (size_t k = 0; k < sizeof flips; k++) {
            memcpy(changed, blob.p, blob.n);
            changed[i] = (char)(changed[i] ^ flips[k]);
            load_copy(&e, changed, blob.n); /* may even be another model; must not crash */
        }
    }
    memset(changed, 0, blob.n + 8);
    memcpy(changed, blob.p, blob.n);
    assert_int_not_equal(load_copy(&e, changed, blob.n + 8), SL_OK);
    assert_int_equal(load_copy(&e, blob.p, blob.n), SL_OK);
    free(changed);
    encoder_close(&e);
}
