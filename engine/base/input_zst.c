/* input_zst.c: Zstandard files (RFC 8878), of one frame or several, skippable ones included, with libzstd.
 *
 * What is decoded before damage is handed out, and must not depend on how much was asked for. The library forgets what
 * a call made when that same call finds damage, and decodes a small frame in one go when there is room for it. So a
 * call is given one block at most, a frame's first byte alone, and nothing while bytes may be left from the call
 * before.
 *
 * Windows over 128 MB (zstd --long=28 and more) are refused by the library, so that memory stays bounded. */
#include "engine/base/input_private.h"

#include <stdlib.h>
#include <zstd.h>
#include <zstd_errors.h>

static bool match(const unsigned char *p, size_t n)
{
    if (n < 4) {
        return false;
    }
    bool frame = p[0] == 0x28 && p[1] == 0xb5 && p[2] == 0x2f && p[3] == 0xfd;
    bool skippable = (p[0] & 0xf0) == 0x50 && p[1] == 0x2a && p[2] == 0x4d && p[3] == 0x18;
    return frame || skippable;
}

enum { BLOCK_HEAD = 3 };

struct zst {
    ZSTD_DStream *stream;
    size_t next;  /* bytes to give: as far as one block goes */
    bool pending; /* the last call filled all the room it had */
};

static int open_zst(struct sl_input *input, struct sl_error *err)
{
    struct zst *zst = calloc(1, sizeof *zst);
    if (zst) {
        zst->stream = ZSTD_createDStream();
    }
    if (!zst || !zst->stream) {
        free(zst);
        return sl_fail_memory(err, "opening a zstd file");
    }
    zst->next = 1;
    input->state = zst;
    return SL_OK;
}

static int reset_zst(struct sl_input *input, struct sl_error *err)
{
    struct zst *zst = input->state;
    input->between = false;
    zst->next = 1;
    zst->pending = false;
    size_t result = ZSTD_DCtx_reset(zst->stream, ZSTD_reset_session_only);
    return ZSTD_isError(result) ? sl_fail(err, SL_ESTATE, "cannot start zstd decoding again") : SL_OK;
}

static void close_zst(struct sl_input *input)
{
    struct zst *zst = input->state;
    if (zst) {
        ZSTD_freeDStream(zst->stream);
        free(zst);
        input->state = NULL;
    }
}

/* After a frame: begin the next one (between becomes false), or stay at the end of the file. */
static int next_frame(struct sl_input *input, struct sl_error *err)
{
    int status = sl_input_need(input, SL_MAGIC_MAX, err);
    size_t n = input->filled - input->at;
    if (status != SL_OK || n == 0) {
        return status;
    }
    if (!match(input->buffer + input->at, n)) {
        return sl_input_garbage(input, err);
    }
    input->between = false;
    return SL_OK;
}

static int decompress_some(struct sl_input *input, void *to, size_t size, size_t *made, struct sl_error *err)
{
    struct zst *zst = input->state;
    size_t n = input->filled - input->at;
    n = zst->pending ? 0 : n < zst->next ? n : zst->next;
    ZSTD_inBuffer in = { input->buffer + input->at, n, 0 };
    ZSTD_outBuffer out = { to, size, 0 };
    size_t result = ZSTD_decompressStream(zst->stream, &out, &in);
    input->at += in.pos;
    *made = out.pos;
    input->between = result == 0;
    if (!ZSTD_isError(result)) {
        /* What it hopes for is the rest of a block and the head of the next one. */
        zst->next = result > BLOCK_HEAD ? result - BLOCK_HEAD : result ? result : 1;
        bool was_pending = zst->pending;
        zst->pending = out.pos == size && result;
        return was_pending && !out.pos ? decompress_some(input, to, size, made, err) : SL_OK;
    }
    ZSTD_ErrorCode code = ZSTD_getErrorCode(result);
    if (code == ZSTD_error_memory_allocation) {
        return sl_fail_memory(err, "reading a zstd file");
    }
    return sl_input_damaged(input, err, ZSTD_getErrorName(result));
}

const struct sl_decoder sl_decoder_zst = {
    .name = "zstd",
    .match = match,
    .open = open_zst,
    .reset = reset_zst,
    .next = next_frame,
    .some = decompress_some,
    .close = close_zst,
};
