/* input.c: a stream of bytes from a file, unpacked on the way when its first bytes are those of a known format.
 *
 * Plain bytes are read straight into the caller's memory when that is large, else through the buffer. A failure is
 * remembered: what was decoded before it is handed out first, then every read reports it, until a seek starts over. */
#include "engine/base/input_private.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define SNIFF_SIZE ((size_t)64 << 10)

static const struct sl_decoder *const decoders[] = { &sl_decoder_gz, &sl_decoder_zst };

static int open_file(struct sl_input *input, struct sl_error *err)
{
    input->standard = strcmp(input->path, "-") == 0;
    input->fd = input->standard ? STDIN_FILENO : open(input->path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
    if (input->fd < 0) {
        return sl_fail_errno(err, "open", input->path);
    }
    struct stat info;
    if (fstat(input->fd, &info) != 0) {
        return sl_fail_errno(err, "open", sl_input_shown(input));
    }
    if (S_ISDIR(info.st_mode)) {
        errno = EISDIR;
        return sl_fail_errno(err, "read", sl_input_shown(input));
    }
    input->regular = S_ISREG(info.st_mode);
    if (input->regular) {
        off_t base = lseek(input->fd, 0, SEEK_CUR);
        input->base = base > 0 ? (uint64_t)base : 0;
        uint64_t size = info.st_size > 0 ? (uint64_t)info.st_size : 0;
        input->size = size > input->base ? size - input->base : 0;
        posix_fadvise(input->fd, 0, 0, POSIX_FADV_SEQUENTIAL);
    }
    return SL_OK;
}

static int choose_decoder(struct sl_input *input, struct sl_error *err)
{
    int status = sl_input_fill(input, SNIFF_SIZE, err);
    if (status == SL_OK) {
        status = sl_input_need(input, SL_MAGIC_MAX, err);
    }
    for (size_t i = 0; status == SL_OK && i < sizeof decoders / sizeof *decoders; i++) {
        if (decoders[i]->match(input->buffer, input->filled)) {
            input->decoder = decoders[i];
            return input->decoder->open(input, err);
        }
    }
    return status;
}

int sl_input_open(struct sl_input **out, const char *path, struct sl_error *err)
{
    struct sl_input *input = calloc(1, sizeof *input);
    if (!input) {
        return sl_fail_memory(err, "opening a file");
    }
    input->fd = -1;
    input->path = strdup(path);
    input->buffer = malloc(SL_INPUT_BUFFER);
    int status = input->path && input->buffer ? SL_OK : sl_fail_memory(err, "opening a file");
    if (status == SL_OK) {
        status = open_file(input, err);
    }
    if (status == SL_OK) {
        status = choose_decoder(input, err);
    }
    if (status != SL_OK) {
        sl_input_close(input);
        return status;
    }
    *out = input;
    return SL_OK;
}

void sl_input_close(struct sl_input *input)
{
    if (!input) {
        return;
    }
    if (input->decoder) {
        input->decoder->close(input);
    }
    if (input->fd >= 0 && !input->standard) {
        close(input->fd);
    }
    free(input->whole);
    free(input->buffer);
    free(input->path);
    free(input);
}

/* From here on a read goes straight into the caller's memory: a copy would cost more than the calls it saves. */
enum { DIRECT_READ = 64 * 1024 };

static int read_plain(struct sl_input *input, void *to, size_t size, size_t *got, struct sl_error *err)
{
    if (input->at == input->filled) {
        if (size >= DIRECT_READ) {
            return sl_input_take(input, to, size, got, err);
        }
        int status = sl_input_fill(input, SL_INPUT_BUFFER, err);
        if (status != SL_OK) {
            return status;
        }
    }
    size_t n = input->filled - input->at;
    n = n < size ? n : size;
    memcpy(to, input->buffer + input->at, n);
    input->at += n;
    *got = n;
    return SL_OK;
}

/* Decode until `to` is full, the file ends, or more would have to be waited for. Damage may come with *got filled: what
 * was decoded before it counts. */
static int read_decoded(struct sl_input *input, void *to, size_t size, size_t *got, struct sl_error *err)
{
    char *out = to;
    int status = SL_OK;
    while (status == SL_OK && *got < size) {
        if (input->between) {
            status = input->decoder->next(input, err);
            if (input->between) {
                break;
            }
        }
        size_t before = input->at, made = 0;
        status = input->decoder->some(input, out + *got, size - *got, &made, err);
        *got += made;
        if (status != SL_OK || made || input->at != before || input->between) {
            continue;
        }
        if (*got) {
            break;
        }
        status = sl_input_need(input, 1, err);
        if (status == SL_OK && input->at == input->filled) {
            status = sl_input_cut_off(input, err);
        }
    }
    return status;
}

int sl_input_read(struct sl_input *input, void *to, size_t size, size_t *got, struct sl_error *err)
{
    *got = 0;
    if (!size) {
        return SL_OK;
    }
    if (!input->whole_tried && input->decoder) {
        sl_input_try_whole(input);
    }
    if (input->whole || input->whole_done) {
        sl_input_read_whole(input, to, size, got);
        return SL_OK;
    }
    if (input->failed.status == SL_OK) {
        int (*read_into)(struct sl_input *, void *, size_t, size_t *, struct sl_error *) = input->decoder ? read_decoded
                                                                                                          : read_plain;
        input->failed.status = read_into(input, to, size, got, &input->failed);
        input->offset += *got;
    }
    if (*got || input->failed.status == SL_OK) {
        return SL_OK;
    }
    if (err) {
        *err = input->failed;
    }
    return input->failed.status;
}

/* Position a regular file at its n-th byte and forget what was read ahead. */
static int reposition(struct sl_input *input, uint64_t n, struct sl_error *err)
{
    uint64_t target;
    if (__builtin_add_overflow(input->base, n, &target) || target > INT64_MAX) {
        return sl_fail(err, SL_EPARAM, "offset %" PRIu64 " lies beyond any file", n);
    }
    if (lseek(input->fd, (off_t)target, SEEK_SET) < 0) {
        return sl_fail_errno(err, "seek in", sl_input_shown(input));
    }
    input->at = input->filled = 0;
    input->at_end = false;
    input->file_at = n;
    return SL_OK;
}

static int rewind_input(struct sl_input *input, struct sl_error *err)
{
    if (!input->regular) {
        sl_fail(err, SL_ESTATE, "cannot go back in '%s': it is not a file on disk", sl_input_shown(input));
        sl_fix(err, "store the data in a file first");
        return SL_ESTATE;
    }
    int status = reposition(input, 0, err);
    sl_input_drop_whole(input);
    if (status == SL_OK && input->decoder) {
        status = input->decoder->reset(input, err);
    }
    if (status == SL_OK) {
        input->offset = 0;
        input->failed = (struct sl_error)SL_ERROR_INIT;
    }
    return status;
}

static int skip_to(struct sl_input *input, uint64_t offset, struct sl_error *err)
{
    enum { SKIP_SIZE = 64 << 10 };
    if (input->offset == offset) {
        return SL_OK;
    }
    char *scratch = malloc(SKIP_SIZE);
    if (!scratch) {
        return sl_fail_memory(err, "skipping in a file");
    }
    int status = SL_OK;
    size_t got = 1;
    while (status == SL_OK && got && input->offset < offset) {
        uint64_t left = offset - input->offset;
        status = sl_input_read(input, scratch, left < SKIP_SIZE ? (size_t)left : SKIP_SIZE, &got, err);
    }
    free(scratch);
    return status;
}

int sl_input_seek(struct sl_input *input, uint64_t offset, struct sl_error *err)
{
    if (input->regular && !input->decoder) {
        int status = reposition(input, offset, err);
        if (status == SL_OK) {
            input->offset = offset;
            input->failed = (struct sl_error)SL_ERROR_INIT;
        }
        return status;
    }
    if (input->whole) {
        input->offset = offset < input->whole_n ? offset : input->whole_n;
        return SL_OK;
    }
    if (offset < input->offset || input->failed.status != SL_OK) {
        int status = rewind_input(input, err);
        if (status != SL_OK) {
            return status;
        }
    }
    return skip_to(input, offset, err);
}

uint64_t sl_input_size(const struct sl_input *input)
{
    return input->size;
}

bool sl_input_compressed(const struct sl_input *input)
{
    return input->decoder != NULL;
}
