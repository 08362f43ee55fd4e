/* input_buffer.c: the bytes of an input before they are unpacked, and what to say when they are damaged.
 *
 * One read(2) fetches as much as the buffer has room for. A signal or a descriptor that somebody made non-blocking is
 * no failure: the read is repeated, in the second case after a wait. */
#include "engine/base/input_private.h"

#include <errno.h>
#include <poll.h>
#include <unistd.h>

#define READ_MAX ((size_t)1 << 30)

const char *sl_input_shown(const struct sl_input *input)
{
    return input->standard ? "standard input" : input->path;
}

uint64_t sl_input_consumed(const struct sl_input *input)
{
    if (input->whole_done || (input->whole && input->whole_n == 0)) {
        return input->size;
    }
    if (input->whole) {
        return (uint64_t)((double)input->size * (double)input->offset / (double)input->whole_n);
    }
    return input->file_at - (input->filled - input->at);
}

int sl_input_take(struct sl_input *input, void *to, size_t size, size_t *got, struct sl_error *err)
{
    for (;;) {
        ssize_t n = read(input->fd, to, size < READ_MAX ? size : READ_MAX);
        if (n >= 0) {
            *got = (size_t)n;
            input->file_at += (size_t)n;
            input->at_end = n == 0;
            return SL_OK;
        }
        if (errno == EAGAIN) {
            poll(&(struct pollfd){ .fd = input->fd, .events = POLLIN }, 1, -1);
        } else if (errno != EINTR) {
            return sl_fail_errno(err, "read", sl_input_shown(input));
        }
    }
}

int sl_input_fill(struct sl_input *input, size_t most, struct sl_error *err)
{
    memmove(input->buffer, input->buffer + input->at, input->filled - input->at);
    input->filled -= input->at;
    input->at = 0;
    size_t got = 0;
    int status = sl_input_take(input, input->buffer + input->filled, most - input->filled, &got, err);
    input->filled += got;
    return status;
}

int sl_input_need(struct sl_input *input, size_t need, struct sl_error *err)
{
    int status = SL_OK;
    while (status == SL_OK && input->filled - input->at < need && !input->at_end) {
        status = sl_input_fill(input, SL_INPUT_BUFFER, err);
    }
    return status;
}

static int damaged(struct sl_input *input, struct sl_error *err, const char *fix)
{
    sl_error_at(err, sl_input_shown(input), 0, 0, sl_input_consumed(input));
    sl_fix(err, "%s", fix);
    return SL_EDATA;
}

int sl_input_damaged(struct sl_input *input, struct sl_error *err, const char *why)
{
    sl_fail(err, SL_EDATA, "the %s data of '%.160s' is damaged: %s", input->decoder->name, sl_input_shown(input), why);
    return damaged(input, err, "copy or download the file again");
}

int sl_input_cut_off(struct sl_input *input, struct sl_error *err)
{
    sl_fail(err, SL_EDATA, "the %s data of '%.160s' is cut off", input->decoder->name, sl_input_shown(input));
    return damaged(input, err, "copy or download the file again");
}

int sl_input_garbage(struct sl_input *input, struct sl_error *err)
{
    sl_fail(err, SL_EDATA, "the %s data of '%.160s' has ended and something else follows", input->decoder->name,
            sl_input_shown(input));
    return damaged(input, err, "cut the file at this byte, or copy it again; what comes before it was read");
}
