/* lines.h: what readers of a record a line share: the lines of a span, and files cut into blocks of whole lines. */
#ifndef SLUICE_ENGINE_DATA_LINES_H
#define SLUICE_ENGINE_DATA_LINES_H

#include "engine/data/reader_private.h"
#include "sluice/input.h"

/* Lines of a span, ended by LF, CR LF or CR. */
struct sl_lines {
    const char *p, *end; /* what is left */
    const char *lf, *cr; /* next of each at or after p, or end */
    bool last;           /* the span ends where the file does: what is left needs no line end */
};
void sl_lines_init(struct sl_lines *lines, const char *p, size_t n, bool last);
/* The next whole line without its end; *total counts that too. false: none, or it is not whole. */
bool sl_lines_next(struct sl_lines *lines, struct sl_str *line, size_t *total);
/* Nothing but blanks and tabs? */
bool sl_line_blank(struct sl_str line);

enum { SL_LINE_EXCERPT = 256 }; /* bytes kept of a record that is too long to keep */

/* flags of a block */
enum { SL_LINE_CUT_SHORT = 1 }; /* its one record was longer than max_record; only its beginning is here */

/* A reader's own struct begins with it. */
struct sl_line_reader {
    struct sl_reader base;
    uint64_t max_record;
    bool (*blank)(struct sl_str line); /* no record: passed over */
    const char *written;               /* "JSON Lines are UTF-8", for who finds something else */

    struct sl_input *input; /* of file here.file */
    struct sl_buf carry;    /* bytes read; those before `at` are done with */
    size_t at;
    bool ended;             /* nothing more to read in this file */
    struct sl_error broken; /* status SL_OK: not; else why no more can be read, once what was is handed out */
    struct sl_mark here;    /* place of carry.p[at] */
    uint64_t *sizes;        /* of the files on disk; 0 unknown */
};

/* Look at every file of base.paths before the first is read. */
int sl_line_look(struct sl_line_reader *r, struct sl_error *err);
/* What the shared part holds, base included. */
void sl_line_release(struct sl_line_reader *r);
int sl_line_open_file(struct sl_line_reader *r, uint32_t file, struct sl_error *err);
/* Read until `want` bytes are there after `at`, or the file has ended, or it is broken. */
int sl_line_fill(struct sl_line_reader *r, size_t want, struct sl_error *err);
/* The failure of a broken one, at the place where `at` stands; SL_OK: it is not. */
int sl_line_broken(const struct sl_line_reader *r, struct sl_error *err);
/* Slots of a reader's class. */
int sl_line_next(struct sl_reader *reader, struct sl_block *block, struct sl_error *err);
int sl_line_seek(struct sl_reader *reader, const struct sl_mark *mark, struct sl_error *err);

#endif
