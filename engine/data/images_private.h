/* images_private.h: the parts of the picture reader: what is in a folder (images_walk), rows of a CSV (images_table),
 * the list of all pictures (images_list) and how it grows (images_grow), files into blocks (images_cut), blocks into
 * chunks (images_parse), one picture again (images_record), which are the same (images_same), opening (images_look,
 * images). */
#ifndef SLUICE_ENGINE_DATA_IMAGES_PRIVATE_H
#define SLUICE_ENGINE_DATA_IMAGES_PRIVATE_H

#include "engine/data/reader_private.h"

#include "sluice/image.h"

#include <pthread.h>

enum {
    SL_IMAGES_BLOCK_FILES = 32,        /* files a block at most */
    SL_IMAGES_BLOCK_PIXELS = 64 << 20, /* decoded bytes a block aims at, at most */
};
#define SL_IMAGES_NO_CLASS UINT32_MAX

/* ---- images_list.c: every picture met so far, in order ----
 *
 * A name lies in one run of bytes with all others and ends with a 0; of a CSV's row its label follows, and ends with
 * one as well: '=' and the label, '-' when there is none, or '!' and why the row is no picture. */
struct sl_images_unit {   /* pictures that lie in one class folder, or come from one CSV */
    uint64_t first;       /* in the list */
    uint32_t path, class; /* index of the reader's path; of the class there, or SL_IMAGES_NO_CLASS */
};

struct sl_images_list {
    struct sl_images_unit *units;
    size_t n_units, units_room;
    char *names;
    size_t bytes, names_room;
    uint64_t *at;   /* where the name of each begins */
    uint64_t *hash; /* of its file's bytes; 0: not read yet */
    size_t n, room;
};

/* Append a name made of two parts (a folder and what is in it), or with a label; sets at, not the unit. */
int sl_images_add(struct sl_images_list *list, struct sl_str folder, struct sl_str name, struct sl_error *err);
int sl_images_add_row(struct sl_images_list *list, struct sl_str name, char kind, struct sl_str label,
                      struct sl_error *err);
int sl_images_add_unit(struct sl_images_list *list, uint32_t path, uint32_t class, struct sl_error *err);
/* Put a list without units behind another. */
int sl_images_append(struct sl_images_list *list, struct sl_images_list *piece, struct sl_error *err);
const struct sl_images_unit *sl_images_unit_of(const struct sl_images_list *list, uint64_t number);
void sl_images_list_release(struct sl_images_list *list);

/* ---- images_walk.c: the pictures below a folder ---- */

/* By its ending: .png, .jpg, .jpeg. */
bool sl_images_named(const char *name);
/* Append the pictures below `root`, sorted by folder, then name; *skipped grows by the other files. first: only the
 * first one met, to see whether there is any. SL_ECANCEL once *stop is true (NULL: never). */
int sl_images_walk(struct sl_images_list *list, const char *root, bool first, const _Atomic bool *stop,
                   uint64_t *skipped, struct sl_error *err);
/* The folders directly in `root`, sorted (malloc'ed, each and all), and how many pictures and other files lie there. */
struct sl_images_inside {
    char **folders;
    size_t n, room;
    uint64_t pictures, others;
};
int sl_images_look_inside(const char *root, struct sl_images_inside *inside, struct sl_error *err);
void sl_images_inside_release(struct sl_images_inside *inside);
/* "a/b"; malloc'ed, NULL without memory. */
char *sl_images_join(const char *folder, const char *name);

/* ---- images_table.c: a CSV of paths and labels ---- */

struct sl_images_table;
/* label: the column's name; NULL: "label" where there is one. optional: none is fine too. *number: it holds numbers;
 * *labelled: there is one. */
int sl_images_table_open(struct sl_images_table **out, const char *path, const char *label, bool optional,
                         bool *labelled, bool *number, struct sl_error *err);
void sl_images_table_close(struct sl_images_table *table);
/* Append the next rows; SL_EEND after the last. number: labels are read as such, else as text. */
int sl_images_table_more(struct sl_images_table *table, bool number, struct sl_images_list *list, struct sl_error *err);

/* ---- the reader ---- */

enum sl_images_kind { SL_IMAGES_CLASSES, SL_IMAGES_FLAT, SL_IMAGES_SINGLE, SL_IMAGES_TABLE };

struct sl_images_path { /* one of the reader's paths */
    enum sl_images_kind kind;
    char *folder; /* that names are relative to */
    struct sl_images_inside inside;
    struct sl_images_table *table;
    uint64_t first;     /* its first picture, once entered */
    size_t next_class;  /* to be listed */
    bool entered, done; /* done: all of it is listed */
};

struct sl_images {
    struct sl_reader base;
    struct sl_image_options decode;
    uint64_t file_limit; /* bytes a file may have */
    bool labelled;
    struct sl_images_path *sources; /* base.n_paths */
    pthread_mutex_t lock;           /* of what follows up to `idle`; other threads look records up meanwhile */
    pthread_cond_t listed;          /* a piece more, or an error */
    struct sl_images_list list;
    size_t at;    /* path that is being listed */
    bool listing; /* a piece, by one thread at a time, without the lock */
    int late;     /* status of the listing thread, and its error, until somebody is told */
    struct sl_error late_error;
    uint64_t skipped;
    struct sl_images_coder *idle; /* decoders that nobody uses */
    struct sl_mark here;          /* where reading stands, and its place in the list */
    uint64_t index;
    pthread_t thread; /* that lists what is left */
    bool begun, lists;
    _Atomic bool stop;
};

/* A picture to be read. Buffers are the caller's and reused. */
struct sl_images_file {
    struct sl_buf name;  /* relative to the folder */
    struct sl_buf label; /* empty text is a label as well */
    char kind;           /* of the label: '=', '-' or '!' */
    uint32_t path;
    uint64_t line; /* 1-based, within its path */
};
void sl_images_file_release(struct sl_images_file *file);

/* Picture `number` of the list, which grows as far as needed; SL_EEND behind the last. Thread-safe. */
int sl_images_find(struct sl_images *images, uint64_t number, struct sl_images_file *file, struct sl_error *err);
/* End the listing in the background, which sl_images_begin() of reader_private.h starts. */
void sl_images_end(struct sl_images *images);
/* Stand the list where a path begins: *first becomes the number of its first picture. */
int sl_images_enter(struct sl_images *images, uint32_t path, uint64_t *first, struct sl_error *err);

/* What kind of thing a path is, and what is in it. */
int sl_images_look(struct sl_images *images, uint32_t path, const struct sl_images_options *options, bool *labelled,
                   bool *number, struct sl_error *err);

/* Append a file to a block as an entry that entry_next() reads back. Of a file that cannot be read the reason is kept.
 * room: only when it has at most so many bytes, else *fits is false; *hash of its bytes, 0 when it was not read. */
int sl_images_put(const struct sl_images *images, const struct sl_images_file *file, uint64_t room, bool *fits,
                  uint64_t *hash, struct sl_buf *to, struct sl_error *err);
struct sl_images_entry {
    struct sl_str name, label, bytes; /* bytes: the file, or why there is none */
    char kind;                        /* of the label */
    bool bad;
};
void sl_images_entry_next(struct sl_blob *from, struct sl_images_entry *entry);

int sl_images_next(struct sl_reader *reader, struct sl_block *block, struct sl_error *err);
int sl_images_seek(struct sl_reader *reader, const struct sl_mark *mark, struct sl_error *err);
int sl_images_parse(const struct sl_reader *reader, const struct sl_block *block, struct sl_arena *arena,
                    struct sl_chunk *chunk, struct sl_quarantine *rejects, struct sl_error *err);
int sl_images_record(const struct sl_reader *reader, uint64_t number, struct sl_arena *arena, struct sl_chunk *chunk,
                     struct sl_quarantine *rejects, struct sl_error *err);
/* "'cats/1.png' is empty; …": the decoder's own words, with the whole path instead of the name it was given. */
int sl_images_reject(struct sl_quarantine *rejects, const struct sl_origin *origin, struct sl_str name,
                     const char *reason, struct sl_error *err);
/* What is guarded by the reader's own lock may be changed although the reader is const. */
static inline struct sl_images *sl_images_shared(const struct sl_images *images)
{
    return (struct sl_images *)(uintptr_t)images;
}
void sl_images_coders_free(struct sl_images_coder *idle);
extern const struct sl_reader_class sl_images_class;

#endif
