/* chunk.h: a few thousand records, column by column.
 *
 * Cells are never changed in place: a stage writes new cells into the arena and points its column at them, so that the
 * chunk before it stays whole, and what a stage changed is seen by comparing the two. Text cells are spans: a reader
 * leaves them pointing into its block, copying only what had to be unescaped. */
#ifndef SLUICE_CHUNK_H
#define SLUICE_CHUNK_H

#include "sluice/schema.h"

struct sl_vocab;

/* Where a record came from. */
struct sl_origin {
    uint64_t record; /* 0-based over the whole input, quarantined ones counted too */
    uint64_t line;   /* 1-based first line in its file */
    uint64_t
        byte; /* 0-based offset of its first byte in its file, after decompression and before conversion to UTF-8 */
    uint32_t file; /* index into the source's list of files */
};

struct sl_sparse {
    uint64_t *start; /* n + 1; cell i is start[i]..start[i+1] */
    uint32_t *index;
    float *value;
};

struct sl_tokens {
    uint64_t *start; /* n + 1 */
    uint32_t *id;
    const struct sl_vocab *vocab; /* that the ids belong to */
};

/* A picture of a size of its own: (height, width, channels of its field) bytes, row-major, without gaps. */
struct sl_picture {
    const uint8_t *pixels;
    uint32_t height, width;
};

struct sl_column {
    uint64_t *valid; /* bit i: cell i has a value; NULL: all have */
    union {
        struct sl_str *text;        /* n */
        double *number;             /* n; NaN where missing */
        float *vector;              /* n × width, row-major */
        uint8_t *bytes;             /* the same, where the field says so */
        struct sl_picture *picture; /* n */
        struct sl_sparse sparse;
        struct sl_tokens tokens;
    };
};

struct sl_chunk {
    const struct sl_schema *schema; /* borrowed */
    struct sl_arena *arena;         /* borrowed: all cells live here, in the block, or longer */
    uint64_t sequence;              /* place of this chunk in the input, from 0 */
    uint32_t n;                     /* records */
    struct sl_column *columns;      /* schema->n */
    struct sl_origin *origin;       /* n */
};

#define SL_CHUNK_RECORDS 4096u /* at most so many records a chunk */

static inline bool sl_valid(const struct sl_column *column, uint32_t i)
{
    return !column->valid || (column->valid[i >> 6] >> (i & 63) & 1);
}

/* An empty chunk with room for n records of this schema: text, number and image columns zeroed, others
 * NULL. */
int sl_chunk_init(struct sl_chunk *chunk, const struct sl_schema *schema, uint32_t n, struct sl_arena *arena,
                  struct sl_error *err);
/* `to` becomes a second view of the same cells with its own column array (what a stage starts from). */
int sl_chunk_share(struct sl_chunk *to, const struct sl_chunk *from, struct sl_error *err);
/* Mark cell i of a column missing, making its bitmap when there is none yet. Writes into the bitmap, and NaN into a
 * number array: a stage puts its own arrays in place first. */
int sl_chunk_set_missing(struct sl_chunk *chunk, size_t column, uint32_t i, struct sl_error *err);
/* Keep the records whose bit in keep[] is set, in order, in every column; new arrays in the arena. */
int sl_chunk_keep(struct sl_chunk *chunk, const uint64_t *keep, struct sl_error *err);
/* Records i..i+n-1 as a chunk of their own (cells shared). */
int sl_chunk_slice(struct sl_chunk *to, const struct sl_chunk *from, uint32_t first, uint32_t n, struct sl_error *err);
/* Do cell i of column ca in a and cell j of column cb in b hold the same value and validity? */
bool sl_cell_equal(const struct sl_chunk *a, size_t ca, uint32_t i, const struct sl_chunk *b, size_t cb, uint32_t j);
/* Cell i of a vector column as floats into out[width], whatever it is kept as. Bytes: byte × scale + offset, both
 * operations rounded to float. */
void sl_cell_vector(const struct sl_chunk *chunk, size_t column, uint32_t i, float *out);
/* Append cell i as text for people and CSV: text as is, numbers shortest, vectors as "[…]", pictures of their own size
 * as "375×500×3 mean 101"; nothing when missing. */
void sl_cell_format(const struct sl_chunk *chunk, size_t column, uint32_t i, struct sl_buf *out);
/* The same for a narrow place: a picture by its size and mean, "28×28 mean 72.9"; a long vector by its width and mean.
 */
void sl_cell_brief(const struct sl_chunk *chunk, size_t column, uint32_t i, struct sl_buf *out);

/* Append what element j of a picture is called: "3,14", or "3,14,0" with channels: row, column, channel, from 0.
 * Nothing for other columns. */
void sl_cell_place(const struct sl_field *field, uint32_t j, struct sl_buf *out);

/* Words of a bitmap of n bits. */
static inline size_t sl_bitmap_words(size_t n)
{
    return (n + 63) / 64;
}

/* A place for chunks between passes: serialised flat, in memory up to `budget` bytes, then in an unlinked temporary
 * file. put() from any thread; get() from any thread once sealed. */
struct sl_store;
int sl_store_new(struct sl_store **out, const struct sl_schema *schema, uint64_t budget, struct sl_error *err);
void sl_store_free(struct sl_store *store);
/* Copies the chunk's cells. Vocabularies are kept by reference. */
int sl_store_put(struct sl_store *store, const struct sl_chunk *chunk, struct sl_error *err);
/* No more puts; chunks get their order by sequence. */
int sl_store_seal(struct sl_store *store, struct sl_error *err);
size_t sl_store_chunks(const struct sl_store *store);
uint64_t sl_store_records(const struct sl_store *store);
/* First record (counted over the store) of chunk k. */
uint64_t sl_store_first(const struct sl_store *store, size_t k);
/* Chunk k in order; cells borrow the store, arrays that must be rebuilt come from arena. */
int sl_store_get(const struct sl_store *store, size_t k, struct sl_arena *arena, struct sl_chunk *out,
                 struct sl_error *err);
/* Chunk k is not asked for again: its memory goes. Thread-safe for different chunks. */
void sl_store_drop(struct sl_store *store, size_t k);
uint64_t sl_store_bytes(const struct sl_store *store, uint64_t *on_disk);

#endif
