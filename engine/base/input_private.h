/* input_private.h: what the input stream and its decoders know of each other. Private to base. */
#ifndef SLUICE_BASE_INPUT_PRIVATE_H
#define SLUICE_BASE_INPUT_PRIVATE_H

#include "sluice/input.h"

struct sl_decoder;

struct sl_input {
    int fd;
    char *path;
    bool standard;          /* standard input: not ours to close */
    bool regular;           /* can seek */
    bool at_end;            /* the descriptor has no more bytes */
    uint64_t base;          /* descriptor's offset when it was opened */
    uint64_t file_at, size; /* bytes read since base; bytes there are, 0 unknown */
    uint64_t offset;        /* uncompressed bytes handed out */
    unsigned char *buffer;  /* bytes read and not yet used: at..filled */
    size_t at, filled;
    const struct sl_decoder *decoder; /* NULL: plain */
    void *state;
    bool between; /* a member or frame is complete, the next not begun */
    char *whole;  /* everything, unpacked at once (input_whole.c); NULL: not */
    size_t whole_n;
    bool whole_tried, whole_done; /* done: all of it was handed out, and it is gone */
    struct sl_error failed;       /* status SL_OK: none; else every further read returns it */
};

/* One compression format. A state belongs to its input; reset starts over at the first byte. */
struct sl_decoder {
    const char *name;
    bool (*match)(const unsigned char *p, size_t n); /* are these a stream's first bytes? */
    int (*open)(struct sl_input *input, struct sl_error *err);
    int (*reset)(struct sl_input *input, struct sl_error *err);
    /* After a member or frame: begin the next one (input->between becomes false), or stay at the end of the file. */
    int (*next)(struct sl_input *input, struct sl_error *err);
    /* Decode from what is buffered into to; may make nothing. Sets input->between at the end of a member or frame. */
    int (*some)(struct sl_input *input, void *to, size_t size, size_t *made, struct sl_error *err);
    void (*close)(struct sl_input *input);
    /* Unpack n bytes of a whole file to exactly room bytes of `to`. False: it is not of that size, or not right; what
     * is wrong will be found by some(). NULL: it cannot. */
    bool (*whole)(const void *p, size_t n, void *to, size_t room);
};

#define SL_INPUT_BUFFER ((size_t)1 << 20)
enum { SL_MAGIC_MAX = 4 };

extern const struct sl_decoder sl_decoder_gz, sl_decoder_zst;

/* Unpack the file at once where that is possible and pays. */
void sl_input_try_whole(struct sl_input *input);
/* What of it comes next; *got == 0 is the end. */
void sl_input_read_whole(struct sl_input *input, void *to, size_t size, size_t *got);
void sl_input_drop_whole(struct sl_input *input);

/* How messages name it. */
const char *sl_input_shown(const struct sl_input *input);

/* One read from the descriptor into to; *got == 0 sets at_end. */
int sl_input_take(struct sl_input *input, void *to, size_t size, size_t *got, struct sl_error *err);
/* One read into the buffer, so that it holds at most `most` bytes; what was used moves out. */
int sl_input_fill(struct sl_input *input, size_t most, struct sl_error *err);
/* Have at least need bytes in the buffer (need ≤ SL_MAGIC_MAX), fewer only at the end of the file. */
int sl_input_need(struct sl_input *input, size_t need, struct sl_error *err);

/* Damage in compressed data, noticed at the next unused byte. Returns SL_EDATA. */
int sl_input_damaged(struct sl_input *input, struct sl_error *err, const char *why);
int sl_input_cut_off(struct sl_input *input, struct sl_error *err);
int sl_input_garbage(struct sl_input *input, struct sl_error *err);

#endif
