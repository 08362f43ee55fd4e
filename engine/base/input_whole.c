/* input_whole.c: a compressed file unpacked at once.
 *
 * A stream that is read beyond its first megabyte will mostly be read to its end. If it is a file of moderate size, and
 * its format has a faster way for a whole one, that way is taken: everything is unpacked to one piece of memory, from
 * which reads and seeks (also backward ones) are served, and which is given back as soon as the end was reached. The
 * beginning has been streamed by then, so that opening and looking at a file costs no more than its first block. A file
 * that cannot be unpacked so (several members, damage) goes on as a stream, and errors stay where they are.
 *
 * What a gzip file says of its length at its end is believed only as far as memory goes: up to MOST, and to what its
 * size can hold at all. */
#include "engine/base/input_private.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#define BEGUN   ((uint64_t)1 << 20)   /* bytes handed out before it pays */
#define LEAST   ((uint64_t)1 << 18)   /* of the file */
#define MOST    ((uint64_t)128 << 20) /* of the file, and of what comes out */
#define DENSEST 1040                  /* bytes that one compressed byte can stand for */
#define PAGE    ((size_t)2 << 20)

static bool read_all(const struct sl_input *input, char *to, size_t n)
{
    size_t at = 0;
    while (at < n) {
        ssize_t got = pread(input->fd, to + at, n - at, (off_t)(input->base + at));
        if (got <= 0 && !(got < 0 && errno == EINTR)) {
            return false;
        }
        at += got > 0 ? (size_t)got : 0;
    }
    return true;
}

/* Large pages: most of the time to fill fresh memory goes into being given it. */
static char *take_memory(size_t n)
{
    size_t rounded = (n + PAGE - 1) / PAGE * PAGE;
    char *p = aligned_alloc(PAGE, rounded ? rounded : PAGE);
    if (p) {
        madvise(p, rounded, MADV_HUGEPAGE);
    }
    return p;
}

void sl_input_try_whole(struct sl_input *input)
{
    if (!input->decoder->whole || !input->regular || input->size < LEAST || input->size > MOST) {
        input->whole_tried = true;
        return;
    }
    if (input->offset < BEGUN || input->failed.status) {
        return;
    }
    input->whole_tried = true;
    size_t n = (size_t)input->size;
    char *packed = take_memory(n);
    if (packed && read_all(input, packed, n)) {
        const unsigned char *end = (const unsigned char *)packed + n - 4;
        size_t room = end[0] | (size_t)end[1] << 8 | (size_t)end[2] << 16 | (size_t)end[3] << 24;
        char *to = room >= input->offset && room <= MOST && room / DENSEST <= n ? take_memory(room) : NULL;
        if (to && input->decoder->whole(packed, n, to, room)) {
            input->whole = to;
            input->whole_n = room;
            to = NULL;
        }
        free(to);
    }
    free(packed);
}

void sl_input_read_whole(struct sl_input *input, void *to, size_t size, size_t *got)
{
    size_t left = input->whole ? input->whole_n - (size_t)input->offset : 0;
    *got = left < size ? left : size;
    if (*got) {
        memcpy(to, input->whole + input->offset, *got);
        input->offset += *got;
        return;
    }
    free(input->whole);
    input->whole = NULL;
    input->whole_done = true;
}

void sl_input_drop_whole(struct sl_input *input)
{
    free(input->whole);
    input->whole = NULL;
    input->whole_tried = input->whole_done = false;
}
