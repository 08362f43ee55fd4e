/* reader.h: files of records, read in two steps so that parsing runs on all cores.
 *
 * next() is serial: it reads bytes, converts them to UTF-8 and cuts them into blocks of whole records, counting records
 * and lines. parse() turns one block into a chunk and may run on any thread. A record that cannot be read goes to the
 * quarantine; over a whole input, records counted by next() = records in chunks + records quarantined. */
#ifndef SLUICE_READER_H
#define SLUICE_READER_H

#include "sluice/chunk.h"
#include "sluice/text.h"

struct sl_reader;

/* A place in the input from which reading can go on: the start of a block. */
struct sl_mark {
    uint64_t sequence; /* of the block */
    uint64_t record;   /* number of its first record */
    uint64_t line;     /* 1-based line in its file */
    uint64_t byte;     /* offset in its file, after decompression and before conversion */
    uint32_t file;
};

/* A run of whole records. Zero it before first use; it keeps its buffer from one next() to another. */
struct sl_block {
    struct sl_buf data; /* UTF-8 as far as valid */
    struct sl_mark mark;
    uint32_t records;      /* in this block, bad ones included */
    struct sl_str cut_bad; /* reader's private note on a record it had to give up on while cutting */
    uint32_t flags;        /* reader's private */
};
void sl_block_release(struct sl_block *block);

/* One record that could not be read. */
struct sl_reject {
    struct sl_origin origin;
    char reason[200];  /* what, the offending value, the fix */
    char excerpt[120]; /* the record's first bytes, made printable */
};

/* Rejected records, in the order met. Counts are complete; entries are kept up to SL_REJECTS_KEPT, `n` of `total`. */
struct sl_quarantine {
    struct sl_reject *entries;
    size_t n, capacity;
    uint64_t total;
};
#define SL_REJECTS_KEPT 100000u
void sl_quarantine_release(struct sl_quarantine *quarantine);
int sl_quarantine_add(struct sl_quarantine *quarantine, const struct sl_reject *reject, struct sl_error *err);
/* Move all of `from` behind `to`. */
int sl_quarantine_merge(struct sl_quarantine *to, struct sl_quarantine *from, struct sl_error *err);
/* By file, then record number. */
void sl_quarantine_sort(struct sl_quarantine *quarantine);

struct sl_csv_options {
    int delimiter;             /* a byte; 0: detect among , tab ; | */
    int quote;                 /* a byte; 0: detect (none when stray quotes show they are text); -1: no quoting */
    int header;                /* 1 yes, 0 no, -1 detect */
    enum sl_encoding encoding; /* SL_ENCODING_AUTO: guess */
    const char *const *na;     /* NULL-terminated spellings of "missing"; NULL: sl_csv_na_default */
    const char *const *text; /* NULL-terminated names of columns to read as text whatever they look like; may be NULL */
    const char *const *names; /* column names instead of the header's or col1…; may be NULL */
    const char *comment;      /* lines that start so are skipped; NULL none */
    int64_t skip;             /* lines to skip at the top */
    uint64_t max_record;      /* bytes; longer records are quarantined; 0: 16 MiB */
    uint64_t max_columns;     /* 0: 16384 */
    bool ragged;              /* true: short rows are padded with missing values, instead of quarantined */
};
/* pandas' list: "", "#N/A", "N/A", "NA", "NULL", "NaN", "n/a", "nan", "null", "None", "<NA>", … */
extern const char *const sl_csv_na_default[];

struct sl_jsonl_options {
    int64_t depth;       /* objects nested so deep become columns "a.b.c"; below it, and arrays, stay JSON text; 0: 4 */
    uint64_t max_record; /* 0: 16 MiB */
    const char *const *text; /* as for CSV */
    int64_t sample; /* records looked at for the columns (in at most 4 KiB × sample bytes); a later unknown key is an
                     * error of the record; 0: 1000 */
};

struct sl_idx_options {
    const char *const *labels; /* files of labels, one for each file read, in their order; NULL: none */
    size_t n_labels;
};

enum { SL_ZERO_BASED_AUTO, SL_ZERO_BASED_TRUE, SL_ZERO_BASED_FALSE };
struct sl_svmlight_options {
    int zero_based;      /* auto: indices count from 0 when one of them is 0 */
    uint64_t n_features; /* 0: as many as the highest index in the files says, which are read through once to find it */
    bool query_id;       /* keep qid: as a column */
    uint64_t max_record; /* bytes; longer records are quarantined; 0: 16 MiB */
};

struct sl_images_options {
    const char *const *labels; /* NULL: the folder a picture lies in is its label; else a column of a CSV: [0] */
    int channels;              /* 1, 3 or 4: grayscale, rgb, rgba */
    uint32_t at_least_width;   /* JPEG: see struct sl_image_options; 0: decode whole */
    uint32_t at_least_height;
    uint64_t max_pixels, max_bytes; /* 0: those of sl_image_options */
    bool apply_gamma, ignore_orientation, any_name;
    bool labels_optional; /* for predicting: a source without labels is fine too */
};

/* Open files (n ≥ 1, all of one schema: that of the first; a later file whose header differs is refused by name),
 * detect what was not given from the first block, and stand before the first record. Only the first block is read,
 * whatever the size of the file. `base` is the folder relative paths are relative to (NULL: the current one). Errors
 * SL_EIO open or read; SL_EDATA nothing in it, or damaged compression; SL_EPARAM an option makes no sense */
int sl_csv_open(struct sl_reader **out, const char *base, const char *const *paths, size_t n,
                const struct sl_csv_options *options, struct sl_error *err);
int sl_jsonl_open(struct sl_reader **out, const char *base, const char *const *paths, size_t n,
                  const struct sl_jsonl_options *options, struct sl_error *err);
/* IDX: columns `image` (rank 3 and 4), `vector` (2) or `value` (1), and `label`, marked as target. */
int sl_idx_open(struct sl_reader **out, const char *base, const char *const *paths, size_t n,
                const struct sl_idx_options *options, struct sl_error *err);
/* svmlight, LIBSVM: columns `label`, marked as target, and `features`, sparse. */
int sl_svmlight_open(struct sl_reader **out, const char *base, const char *const *paths, size_t n,
                     const struct sl_svmlight_options *options, struct sl_error *err);
/* Pictures: folders with one sub-folder a class, or CSV files of paths (see sl_images_options). Columns `image`
 * (SL_IMAGE), `path` (text, relative to the folder) and `label` (text, marked as target where there are labels).
 * Records are in the order of Keras's flow_from_directory: classes sorted, then paths sorted. A block holds the bytes
 * of its files, so that they are hashed; parse() decodes. Folders are listed as reading goes on. */
int sl_images_open(struct sl_reader **out, const char *base, const char *const *paths, size_t n,
                   const struct sl_images_options *options, struct sl_error *err);
/* Hash of the bytes of a record's file; 0: not read yet, or no picture. Also of a chain that was read to its end. */
uint64_t sl_images_hash(const struct sl_reader *reader, uint64_t number);
/* Pictures whose files are the same byte for byte though they go to different roles (training, validation, test):
 * role[i] is that of record[i]. A record that has another role than the first with its bytes makes a pair with it; they
 * come by record. *total counts all, pairs[] gets the first `room` found. Records without pictures are passed over. */
struct sl_images_pair {
    uint64_t record, first;
    uint8_t role, first_role;
};
int sl_images_duplicates(const struct sl_reader *reader, const uint64_t *record, const uint8_t *role, size_t n,
                         struct sl_images_pair *pairs, size_t room, uint64_t *total, struct sl_error *err);
/* n ≥ 1 fresh readers one behind the other, as one: block and record numbers go on counting, files are numbered over
 * all. The columns are those of the first, by name; SL_ESCHEMA names the file that lacks one or has it otherwise. Takes
 * the readers over, also when it fails. */
int sl_chain_new(struct sl_reader **out, struct sl_reader **readers, size_t n, struct sl_error *err);
/* Which of a chain's readers a file is of; 0 for other readers. */
size_t sl_chain_link(const struct sl_reader *reader, uint32_t file);

/* What a reader is: the slots behind the functions below. */
struct sl_reader_class {
    const char *name;
    int (*next)(struct sl_reader *reader, struct sl_block *block, struct sl_error *err);
    int (*parse)(const struct sl_reader *reader, const struct sl_block *block, struct sl_arena *arena,
                 struct sl_chunk *chunk, struct sl_quarantine *rejects, struct sl_error *err);
    int (*seek)(struct sl_reader *reader, const struct sl_mark *mark, struct sl_error *err);
    void (*close)(struct sl_reader *reader);
    /* Record `number` alone, as a chunk of one (of none: rejected, and said in rejects), without moving the reader.
     * Thread-safe for a const reader that has been read to its end. NULL: this reader goes forward only. */
    int (*record)(const struct sl_reader *reader, uint64_t number, struct sl_arena *arena, struct sl_chunk *chunk,
                  struct sl_quarantine *rejects, struct sl_error *err);
};

/* The part all readers share; a reader's own struct begins with it. */
struct sl_reader {
    const struct sl_reader_class *class;
    struct sl_schema schema;
    char **paths; /* as opened */
    size_t n_paths;
    uint64_t block_bytes;  /* aim for blocks of this size; default SL_BLOCK_BYTES; tests set it tiny */
    _Atomic uint64_t size; /* bytes on disk of all files, 0 unknown; of pictures their number, once all are listed */
    _Atomic uint64_t consumed; /* of them, read so far */
    bool packed;               /* a file opened so far is compressed */
    bool refers;               /* records lie in other files than `paths`, which only lead to them */
    char note[160];            /* what was detected: "utf-8, comma, header" */
};
#define SL_BLOCK_BYTES (512u * 1024)

/* Next block. SL_EEND after the last. Blocks and their boundaries depend on the bytes and options only. At most
 * SL_CHUNK_RECORDS records a block. */
int sl_reader_next(struct sl_reader *reader, struct sl_block *block, struct sl_error *err);
/* The block's records as a chunk; text cells borrow the block and the arena. Thread-safe for a const reader. */
int sl_reader_parse(const struct sl_reader *reader, const struct sl_block *block, struct sl_arena *arena,
                    struct sl_chunk *chunk, struct sl_quarantine *rejects, struct sl_error *err);
/* Go on from a mark of this input: the next next() yields that block again. */
int sl_reader_seek(struct sl_reader *reader, const struct sl_mark *mark, struct sl_error *err);
/* One record by its number, anew; see `record`. SL_ESTATE: the reader cannot, or was not read to its end. */
int sl_reader_record(const struct sl_reader *reader, uint64_t number, struct sl_arena *arena, struct sl_chunk *chunk,
                     struct sl_quarantine *rejects, struct sl_error *err);
/* Can each record be read again by its number? Of a chain: of all its readers. */
bool sl_reader_rereads(const struct sl_reader *reader);
void sl_reader_close(struct sl_reader *reader);

#endif
