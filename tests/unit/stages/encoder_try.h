/* encoder_try.h: an encoder on small columns, run as a pipeline runs it: several workers, chunks in any of their hands,
 * fit on some rows, then apply; or loaded, then predicting. */
#ifndef SLUICE_TESTS_ENCODER_TRY_H
#define SLUICE_TESTS_ENCODER_TRY_H

#include "sluice/recipe.h"

enum { TRY_WORKERS = 4, TRY_CHUNKS = 64 };

struct encoder {
    struct sl_arena arena;
    struct sl_schema in;
    struct sl_statement statement;
    struct sl_stage stage;
    void *scratch[TRY_WORKERS];
    struct sl_chunk chunk[TRY_CHUNKS];
    size_t chunks;
    struct sl_error err;
};

/* Bind a statement to columns, given as "name:text other:number". False when it is refused; e->err says why. Close it
 * in either case. */
bool encoder_open(struct encoder *e, const char *statement, const char *columns);
/* Assert that it binds. */
void encoder_must_open(struct encoder *e, const char *statement, const char *columns);
void encoder_close(struct encoder *e);

/* An empty chunk of n records, its next one when kept. */
struct sl_chunk encoder_chunk(struct encoder *e, uint32_t n);
void encoder_set_text(struct encoder *e, struct sl_chunk *chunk, size_t column, uint32_t i, const char *text);
void encoder_set_number(struct encoder *e, struct sl_chunk *chunk, size_t column, uint32_t i, double x);
/* One text column of n texts (NULL: missing), cut into chunks of `most`, kept in e->chunk. */
void encoder_texts(struct encoder *e, const struct sl_str *texts, uint32_t n, uint32_t most);

/* Fit on the kept chunks' records (rows[k]: bitmap of chunk k; NULL: all) by so many workers. Returns the status. */
int encoder_fit(struct encoder *e, size_t workers, uint64_t *const *rows);
/* Apply it to the kept chunks, each by another worker than the one that digested it. */
int encoder_apply(struct encoder *e, size_t workers);
/* Digest and apply one chunk with a scratch of its own, as predicting does. */
int encoder_predict(struct encoder *e, struct sl_chunk *chunk);
/* What the stage saves; and load it into another. */
struct sl_buf encoder_save(struct encoder *e);
int encoder_load(struct encoder *e, struct sl_str blob);
/* Assert that loading survives every cut and many changed bytes of this blob, and refuses the cuts. */
void encoder_check_damage(const char *statement, const char *columns, struct sl_str blob);

/* A parameter string of a golden file ("ngram_range=(1, 2) binary=True"; "default" is "") as a statement. */
void encoder_statement(char *out, size_t size, const char *stage, struct sl_str params);
/* Assert that row i of a sparse column is what fields k… of a golden record say ("column:value"). */
void assert_sparse_row(const struct sl_chunk *chunk, size_t column, uint32_t i, const struct sl_str *fields, size_t n,
                       double tolerance, const char *where);
/* Assert that two chunks hold the same sparse column, to the bit. */
void assert_same_sparse(const struct sl_chunk *a, const struct sl_chunk *b, size_t column);
/* Assert that a text vectorizer gives what tests/golden/FILE says, in one chunk and in many, fitted and loaded. */
void assert_vectorizer_golden(const char *stage, const char *file);

#endif
