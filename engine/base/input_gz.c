/* input_gz.c: gzip files, of one member or several (RFC 1952), with zlib; whole ones with libdeflate, which is more
 * than twice as fast but needs all of the file and all of what comes out.
 *
 * Zero bytes after the last member are padding, as gzip has it; anything else there is an error. */
#include "engine/base/input_private.h"

#include <libdeflate.h>
#include <stdlib.h>
#include <zlib.h>

enum { ANY_WINDOW_GZIP = 15 + 16 };
#define OUT_MAX ((size_t)1 << 30)

struct gz {
    z_stream stream;
};

static bool match(const unsigned char *p, size_t n)
{
    return n >= 3 && p[0] == 0x1f && p[1] == 0x8b && p[2] == 8;
}

static int open_gz(struct sl_input *input, struct sl_error *err)
{
    struct gz *gz = calloc(1, sizeof *gz);
    if (!gz || inflateInit2(&gz->stream, ANY_WINDOW_GZIP) != Z_OK) {
        free(gz);
        return sl_fail_memory(err, "opening a gzip file");
    }
    input->state = gz;
    return SL_OK;
}

static int reset_gz(struct sl_input *input, struct sl_error *err)
{
    struct gz *gz = input->state;
    input->between = false;
    return inflateReset(&gz->stream) == Z_OK ? SL_OK : sl_fail(err, SL_ESTATE, "cannot start gzip decoding again");
}

static void close_gz(struct sl_input *input)
{
    struct gz *gz = input->state;
    if (gz) {
        inflateEnd(&gz->stream);
        free(gz);
        input->state = NULL;
    }
}

/* After a member: begin the next one (between becomes false), or stay at the end of the file. */
static int next_member(struct sl_input *input, struct sl_error *err)
{
    int status = sl_input_need(input, SL_MAGIC_MAX, err);
    if (status != SL_OK) {
        return status;
    }
    const unsigned char *p = input->buffer + input->at;
    if (match(p, input->filled - input->at)) {
        return reset_gz(input, err);
    }
    while (status == SL_OK && input->at < input->filled) {
        if (input->buffer[input->at] != 0) {
            return sl_input_garbage(input, err);
        }
        input->at++;
        status = sl_input_need(input, 1, err);
    }
    return status;
}

static int inflate_some(struct sl_input *input, void *to, size_t size, size_t *made, struct sl_error *err)
{
    struct gz *gz = input->state;
    z_stream *z = &gz->stream;
    size_t in = input->filled - input->at;
    size_t room = size < OUT_MAX ? size : OUT_MAX;
    z->next_in = input->buffer + input->at;
    z->avail_in = (uInt)in;
    z->next_out = to;
    z->avail_out = (uInt)room;
    int result = inflate(z, Z_NO_FLUSH);
    input->at += in - z->avail_in;
    *made = room - z->avail_out;
    input->between = result == Z_STREAM_END;
    if (result == Z_MEM_ERROR) {
        return sl_fail_memory(err, "reading a gzip file");
    }
    if (result != Z_OK && result != Z_STREAM_END && result != Z_BUF_ERROR) {
        return sl_input_damaged(input, err, z->msg ? z->msg : "not gzip data");
    }
    return SL_OK;
}

/* Of one member, whose check is right, without anything behind it. */
static bool inflate_whole(const void *p, size_t n, void *to, size_t room)
{
    struct libdeflate_decompressor *d = libdeflate_alloc_decompressor();
    size_t used = 0, made = 0;
    bool ok = d && libdeflate_gzip_decompress_ex(d, p, n, to, room, &used, &made) == LIBDEFLATE_SUCCESS && used == n &&
              made == room;
    libdeflate_free_decompressor(d);
    return ok;
}

const struct sl_decoder sl_decoder_gz = {
    .name = "gzip",
    .match = match,
    .open = open_gz,
    .reset = reset_gz,
    .next = next_member,
    .some = inflate_some,
    .close = close_gz,
    .whole = inflate_whole,
};
