/* idx_private.h: the parts of the IDX reader.
 *
 *   idx_header  the beginning of a file: element type, sizes, and what is wrong with them
 *   idx_cut     next() and seek(): runs of whole records, and what is no whole record
 *   idx_parse   parse(): bytes of records into columns
 *   idx         open, close
 *
 * The format (LeCun, Cortes and Burges, the MNIST database): two zero bytes, the type of the elements, the number of
 * sizes; the sizes as 32-bit numbers, the first of which counts the records; then the elements. All is big-endian. */
#ifndef SLUICE_ENGINE_DATA_IDX_PRIVATE_H
#define SLUICE_ENGINE_DATA_IDX_PRIVATE_H

#include "engine/data/reader_private.h"
#include "sluice/input.h"

enum sl_idx_type {
    SL_IDX_UBYTE = 0x08,
    SL_IDX_BYTE = 0x09,
    SL_IDX_SHORT = 0x0b,
    SL_IDX_INT = 0x0c,
    SL_IDX_FLOAT = 0x0d,
    SL_IDX_DOUBLE = 0x0e,
};

enum {
    SL_IDX_RANK_MAX = 4,
    SL_IDX_CELLS_MAX = 1 << 26, /* elements of a record at most */
};

struct sl_idx_header {
    uint8_t type, rank;
    uint32_t sizes[SL_IDX_RANK_MAX];
    uint32_t cells;  /* of a record: product of the sizes behind the first */
    uint32_t width;  /* bytes of an element */
    uint32_t start;  /* bytes of the header */
    uint64_t record; /* bytes of a record */
};

struct sl_idx_file {
    struct sl_idx_header header;
    bool known;    /* the header was read */
    uint64_t size; /* on disk; 0 unknown */
};

/* What comes behind the records that are whole. */
enum sl_idx_rest {
    SL_IDX_NONE,
    SL_IDX_CUT,        /* the data end within or before the next record */
    SL_IDX_LABELS_CUT, /* the labels do */
    SL_IDX_FAILED,     /* reading failed there; the input says why */
};

struct sl_idx {
    struct sl_reader base;     /* paths: those of the data, then those of the labels */
    size_t n_data;             /* files of data */
    bool labelled;             /* as many of labels follow */
    struct sl_idx_file *files; /* as the paths */

    struct sl_input *data, *labels; /* of file here.file */
    struct sl_mark here;            /* of the next block */
    uint64_t index;                 /* record in the file that comes next */
    enum sl_idx_rest rest;
    uint64_t part;    /* bytes there are of the record that is cut off */
    unsigned checked; /* ends looked at: 0, 1 (data), 2 (labels, too) */
};

const char *sl_idx_type_name(unsigned type);
/* Read the header an input begins with. size: bytes of the file when it is plain and that is known, else 0. */
int sl_idx_header_read(struct sl_input *input, const char *path, uint64_t size, struct sl_idx_header *out,
                       struct sl_error *err);
/* Open a file, read its header and check it against what is known of it and of the first one of its kind. */
int sl_idx_open_one(struct sl_idx *idx, size_t k, struct sl_input **out, struct sl_error *err);

int sl_idx_next(struct sl_reader *reader, struct sl_block *block, struct sl_error *err);
int sl_idx_seek(struct sl_reader *reader, const struct sl_mark *mark, struct sl_error *err);
int sl_idx_parse(const struct sl_reader *reader, const struct sl_block *block, struct sl_arena *arena,
                 struct sl_chunk *chunk, struct sl_quarantine *rejects, struct sl_error *err);

/* flags of a block: it is one record that could not be read; its data is a line with the reason, one with the excerpt.
 */
enum { SL_IDX_BAD = 1, SL_IDX_BAD_LABELS = 2 };

static inline const struct sl_idx_header *sl_idx_data(const struct sl_idx *idx, uint32_t file)
{
    return &idx->files[file].header;
}
static inline const struct sl_idx_header *sl_idx_labels(const struct sl_idx *idx, uint32_t file)
{
    return &idx->files[idx->n_data + file].header;
}

#endif
