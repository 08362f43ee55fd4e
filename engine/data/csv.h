/* csv.h: what the files of the CSV reader know of each other. Private to them.
 *
 *   csv_scan    where quotes, delimiters and line ends are: bit masks of 64 bytes at a time
 *   csv_split   one record into fields
 *   csv_source  bytes of a file as UTF-8, with bytes given back
 *   csv_cut     next(): runs of whole records; csv_skip: what is no whole record
 *   csv_parse   parse(): a run of records into columns
 *   csv_number  numbers and the spellings of "missing"
 *   csv_start   the beginning of a file: encoding, lines to skip, header
 *   csv_detect  delimiter and quoting
 *   csv_header  header or not, types of the columns; csv_names: their names
 *   csv         open, seek, close
 *
 * Where a record ends is decided by one rule, in csv_cut and in csv_split alike: a quote directly at the start of a
 * field opens it, "" inside is a quote, the next single one closes; any other quote is text; a line end outside quotes
 * ends the record. Line ends are LF, CR LF and CR, also mixed. */
#ifndef SLUICE_ENGINE_DATA_CSV_H
#define SLUICE_ENGINE_DATA_CSV_H

#include "engine/data/reader_private.h"
#include "sluice/input.h"

#include <assert.h>

/* How the text is written. */
struct sl_csv_dialect {
    int delimiter;         /* a byte; -1: one column */
    int quote;             /* a byte; -1: none */
    struct sl_str comment; /* lines that start so are skipped; empty: none */
    uint64_t max_record;
};

/* ---- csv_scan.c ---- */

enum { SL_CSV_GROUPS = 64 }; /* of 64 bytes, looked at in one go */

/* Masks of one stretch of the text: bit i of word g is byte 64 g + i of it. A line end is an LF, or a CR that no LF
 * follows: so every line has exactly one. */
struct sl_csv_masks {
    uint64_t quotes[SL_CSV_GROUPS];
    uint64_t ends[SL_CSV_GROUPS];   /* line ends */
    uint64_t stops[SL_CSV_GROUPS];  /* delimiters and line ends; after sl_csv_scan_move(), those outside quotes */
    uint64_t finals[SL_CSV_GROUPS]; /* line ends outside quotes */
    uint64_t lines[SL_CSV_GROUPS];  /* line ends before the group, counted from where the scan began */
};

/* Fill quotes, ends, stops and lines for `groups` × 64 bytes at p; lf_follows: the byte after them is an LF. Returns
 * the line ends found, counted on from `lines`. */
typedef uint64_t sl_csv_kernel(const char *p, size_t groups, unsigned char quote, unsigned char delimiter,
                               bool lf_follows, uint64_t lines, struct sl_csv_masks *masks);
/* The kernels of this machine, fastest first; returns how many: all fill the same masks. */
sl_csv_kernel sl_csv_kernel_plain;
size_t sl_csv_kernels(sl_csv_kernel *out[3]);

struct sl_csv_scan {
    sl_csv_kernel *kernel;
    const char *p;
    size_t n;
    size_t from, to;                /* the stretch in the masks */
    uint64_t lines;                 /* line ends before `to` */
    unsigned char quote, delimiter; /* LF where there is none */
    bool quoting;
    uint64_t inside; /* ~0: `to` stands inside quotes */
    uint64_t
        may_open; /* 1: a quote there would open: a delimiter, a line end, a closing quote or nothing is before it */
    struct sl_csv_masks masks;
};

enum sl_csv_kind { SL_CSV_QUOTE, SL_CSV_END, SL_CSV_QUOTE_OR_END, SL_CSV_FINAL };

/* Look at text p of n bytes from `at` on, the start of a record; lines are counted from there, on from `lines`. */
void sl_csv_scan_init(struct sl_csv_scan *scan, const struct sl_csv_dialect *dialect, const char *p, size_t n,
                      size_t at, uint64_t lines);
/* Make the masks cover `at` < n. Stretches only move forwards. */
void sl_csv_scan_move(struct sl_csv_scan *scan, size_t at);
/* Line ends among the first n bytes of p; `after` bytes follow them there. */
uint64_t sl_csv_lines(const char *p, size_t n, size_t after);

/* Place of the first bit of a kind at or after `at`; n when there is none. */
static inline size_t sl_csv_find(struct sl_csv_scan *scan, enum sl_csv_kind kind, size_t at)
{
    const struct sl_csv_masks *m = &scan->masks;
    while (at < scan->n) {
        if (at >= scan->to) {
            sl_csv_scan_move(scan, at);
        }
        size_t g = (at - scan->from) >> 6, last = (scan->to - 1 - scan->from) >> 6;
        uint64_t wanted = ~UINT64_C(0) << ((at - scan->from) & 63);
        for (; g <= last; g++, wanted = ~UINT64_C(0)) {
            uint64_t word = kind == SL_CSV_QUOTE   ? m->quotes[g]
                            : kind == SL_CSV_END   ? m->ends[g]
                            : kind == SL_CSV_FINAL ? m->finals[g]
                                                   : m->quotes[g] | m->ends[g];
            if (word & wanted) {
                return scan->from + (g << 6) + (size_t)__builtin_ctzll(word & wanted);
            }
        }
        at = scan->to;
    }
    return scan->n;
}

/* Line ends from the start up to and with the one at `at`, which the masks cover. */
static inline uint64_t sl_csv_lines_through(const struct sl_csv_scan *scan, size_t at)
{
    size_t g = (at - scan->from) >> 6;
    uint64_t upto = ~UINT64_C(0) >> (63 - ((at - scan->from) & 63));
    return scan->masks.lines[g] + (uint64_t)__builtin_popcountll(scan->masks.ends[g] & upto);
}

/* ---- csv_split.c ---- */

struct sl_csv_field {
    const char *p; /* without the quotes around it */
    size_t n;
    bool quoted;
    bool doubled; /* holds doubled quotes */
};

struct sl_csv_record {
    size_t start, end;       /* bytes of it, its line end not among them */
    size_t next;             /* start of what follows */
    uint64_t lines;          /* line ends from the start of the text to `next` */
    size_t n;                /* fields in it, of which the first `room` were kept */
    size_t open;             /* a quote that is never closed in this text; SIZE_MAX none */
    size_t after;            /* text after a closing quote; SIZE_MAX none */
    size_t quoted, spanning; /* well-formed quoted fields, and those of several lines: counted only when room is 0 */
};

/* Is there a comment at `at`? */
bool sl_csv_is_comment(const struct sl_csv_dialect *dialect, const char *p, size_t n);
/* Nothing but blanks? (Delimiters are not blanks.) */
bool sl_csv_is_blank(const struct sl_csv_dialect *dialect, const char *p, size_t n);
/* The next record at or after `at`, past blank lines and comments; false when there is none. */
bool sl_csv_split(struct sl_csv_scan *scan, const struct sl_csv_dialect *dialect, size_t at,
                  struct sl_csv_field *fields, size_t room, struct sl_csv_record *record);
/* The text of a field with doubled quotes, into the arena. False: out of memory. */
bool sl_csv_undouble(const struct sl_csv_field *field, int quote, struct sl_arena *arena, struct sl_str *out);
/* The field's text; only when quotes are doubled it is written anew. */
static inline bool sl_csv_text(const struct sl_csv_field *field, int quote, struct sl_arena *arena, struct sl_str *out)
{
    out->p = field->p;
    out->n = field->n;
    return !field->doubled || sl_csv_undouble(field, quote, arena, out);
}

/* ---- csv_source.c ---- */

struct sl_csv_source {
    struct sl_input *input;
    enum sl_encoding encoding;
    bool ended;          /* the input has given its last byte */
    struct sl_buf raw;   /* read, not yet converted */
    struct sl_buf ahead; /* converted, given back: bytes from `ahead_from` on come next */
    size_t ahead_from;
};

void sl_csv_source_close(struct sl_csv_source *source);
/* Append to `to` until it holds `want` bytes or more, or *whole: nothing is left. *fresh grows by the bytes that came
 * from the input and not from `ahead`. */
int sl_csv_fill(struct sl_csv_source *source, struct sl_buf *to, size_t want, size_t *fresh, bool *whole,
                struct sl_error *err);
/* Give back all but the first `keep` bytes of buf, of which the last `fresh` came from the input since the fill began.
 */
int sl_csv_unread(struct sl_csv_source *source, struct sl_buf *buf, size_t keep, size_t fresh, struct sl_error *err);
/* How many bytes of the file n bytes of UTF-8 were. */
uint64_t sl_csv_source_bytes(enum sl_encoding encoding, const char *p, size_t n);

/* ---- csv_number.c ---- */

/* A decimal number, inf or nan with blanks around it; correctly rounded. */
bool sl_csv_number(const char *p, size_t n, double *x);
/* A number that a column of doubles can stand for: whole numbers above 2^53 cannot, nor those with leading zeros. */
bool sl_csv_number_fits(const char *p, size_t n);
/* A whole number above 2^53: a double would change its last digits. */
bool sl_csv_number_rounds(const char *p, size_t n);
bool sl_csv_all_blank(const char *p, size_t n);

/* Spellings of "missing", by first byte. */
struct sl_csv_na {
    struct sl_str *words; /* sorted; text owned */
    size_t n;
    size_t longest;
    bool empty;          /* "" is one */
    uint32_t first[257]; /* words beginning with byte b: first[b]..first[b + 1] */
};
int sl_csv_na_init(struct sl_csv_na *na, const char *const *words, struct sl_error *err);
void sl_csv_na_release(struct sl_csv_na *na);

static inline bool sl_csv_is_na(const struct sl_csv_na *na, const char *p, size_t n)
{
    if (n == 0 || n > na->longest) {
        return n == 0 && na->empty;
    }
    unsigned char b = (unsigned char)p[0];
    for (uint32_t i = na->first[b]; i < na->first[b + 1]; i++) {
        if (na->words[i].n == n && memcmp(na->words[i].p, p, n) == 0) {
            return true;
        }
    }
    return false;
}

/* ---- csv_names.c ---- */

/* Names given out so far: a hash table, so that a header of thousands of equal names costs no more than one of
 * different ones. Lives in the arena. */
struct sl_csv_names {
    struct sl_csv_given {
        struct sl_str name;
        unsigned next; /* suffix to try when it is asked for again */
    } * table;
    size_t mask;
    struct sl_arena *arena;
};
/* Room for n names. */
int sl_csv_names_init(struct sl_csv_names *names, size_t n, struct sl_arena *arena, struct sl_error *err);
/* The name of column c: as wished, or col<c + 1> for none, with ".1", ".2" behind it when it was given before. */
int sl_csv_name(struct sl_csv_names *names, size_t c, struct sl_str wish, struct sl_str *out, struct sl_error *err);
/* A header's field as a name: trimmed, without controls; what is not UTF-8 is replaced. */
int sl_csv_clean_name(struct sl_str field, struct sl_arena *arena, struct sl_str *out, struct sl_error *err);

/* ---- the reader ---- */

struct sl_csv {
    struct sl_reader base;
    struct sl_csv_dialect dialect;
    struct sl_csv_na na;
    bool ragged;
    bool has_header;
    int64_t skip;
    enum sl_encoding encoding; /* as asked for */
    uint64_t max_columns;
    struct sl_arena arena; /* holds what is constant: header, comment */
    struct sl_str *header; /* the first file's names; n_header may be one less than columns */
    size_t n_header;
    uint64_t *sizes;             /* on disk, of each file; 0 unknown */
    enum sl_encoding *encodings; /* of each file, SL_ENCODING_AUTO: not looked at yet */

    /* where next() stands */
    struct sl_csv_source source;
    struct sl_mark at;
    size_t expect; /* bytes the next block may need */
    bool ended;    /* the file has no more records */
};

/* csv_cut.c */
int sl_csv_next(struct sl_reader *reader, struct sl_block *block, struct sl_error *err);
/* csv_parse.c */
int sl_csv_parse(const struct sl_reader *reader, const struct sl_block *block, struct sl_arena *arena,
                 struct sl_chunk *chunk, struct sl_quarantine *rejects, struct sl_error *err);
/* A record that cutting gave up on, as it travels from next() to parse() behind the block's text. */
struct sl_csv_note {
    uint64_t text; /* bytes of block->data that are the record's beginning */
    char reason[200];
};

/* csv_start.c */

enum { SL_CSV_SAMPLE = 256 * 1024 };

/* Stand at the first line of a file that is no byte order mark and not to be skipped. */
int sl_csv_open_file(struct sl_csv *csv, uint32_t file, struct sl_error *err);
/* The same, then past its header, which must be that of the first file. */
int sl_csv_start_file(struct sl_csv *csv, uint32_t file, struct sl_error *err);
/* Past the header of the file just opened. */
int sl_csv_pass_header(struct sl_csv *csv, struct sl_error *err);

/* csv_detect.c */

/* The beginning of a file as UTF-8. */
struct sl_csv_sample {
    const char *p;
    size_t n;
    bool whole; /* the file ends here */
};
/* Set what is 0 in dialect: delimiter, quote. *columns: how many fields most records have. */
int sl_csv_detect(const struct sl_csv_sample *sample, const char *path, struct sl_csv_dialect *dialect, size_t *columns,
                  struct sl_error *err);
/* The next record of a sample, from *at on, which moves on: past the line of a quote that is never closed, as cutting
 * does. false: no further record is whole. */
bool sl_csv_sample_record(const struct sl_csv_sample *sample, const struct sl_csv_dialect *dialect,
                          struct sl_csv_scan *scan, size_t *at, struct sl_csv_field *fields, size_t room,
                          struct sl_csv_record *record);
/* The encoding of a file by its first bytes, when not asked for. *bom: bytes to skip. */
enum sl_encoding sl_csv_encoding(const char *p, size_t n, enum sl_encoding asked, size_t *bom);

/* csv_header.c: has_header, header and the schema, from the sample; `usual` fields in most records. */
int sl_csv_columns(struct sl_csv *csv, const struct sl_csv_options *options, const struct sl_csv_sample *sample,
                   size_t usual, struct sl_error *err);

#endif
