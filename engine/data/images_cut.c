/* images_cut.c: files of pictures into blocks.
 *
 * A block holds whole files, each behind its name and label: up to 32 of them, about block_bytes, and not more than 64
 * MiB when decoded as far as their headers tell; one at least. So a worker's memory is bounded whatever the pictures
 * are, and the cuts depend on the files alone. A file that cannot be read is an entry with the reason in place of its
 * bytes: parse() puts it into the quarantine. The block's bytes are what the run hashes: names, labels and files. */
#include "engine/data/images_private.h"

#include "sluice/input.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

enum { GOOD, BAD };

/* ---- Entries ---- */

static void put_text(struct sl_buf *to, struct sl_str text)
{
    sl_buf_blob(to, text.p ? text.p : "", text.n);
}

static void put_head(const struct sl_images_file *file, struct sl_buf *to, uint32_t bad)
{
    sl_buf_u32(to, bad);
    sl_buf_u32(to, (uint32_t)file->kind);
    put_text(to, (struct sl_str){ file->name.p, file->name.n });
    put_text(to, (struct sl_str){ file->label.p, file->kind == '!' ? 0 : file->label.n });
}

void sl_images_entry_next(struct sl_blob *from, struct sl_images_entry *entry)
{
    entry->bad = sl_blob_u32(from) == BAD;
    entry->kind = (char)sl_blob_u32(from);
    entry->name = sl_blob_bytes(from);
    entry->label = sl_blob_bytes(from);
    entry->bytes = sl_blob_bytes(from);
}

/* ---- One file ---- */

static int open_file(const struct sl_images *images, const struct sl_images_file *file, struct stat *info, int *out)
{
    const char *folder = images->sources[file->path].folder;
    struct sl_str name = { file->name.p ? file->name.p : "", file->name.n };
    char *path = name.n && name.p[0] == '/' ? strdup(name.p) : sl_images_join(folder, name.p);
    if (!path) {
        return ENOMEM;
    }
    *out = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    int number = *out < 0 || fstat(*out, info) != 0 ? errno : 0;
    free(path);
    return number;
}

/* Why a file that was opened is no picture, into reason[]; false: it may be one. */
static bool refuse(const struct sl_images *images, const struct stat *info, char *reason, size_t size)
{
    if (!S_ISREG(info->st_mode)) {
        snprintf(reason, size, "is no file with a picture; leave it out");
    } else if (info->st_size <= 0) {
        snprintf(reason, size, "is empty; copy or download the file again, or leave it out");
    } else if ((uint64_t)info->st_size > images->file_limit) {
        snprintf(reason, size, "has %llu bytes, over the limit of %llu; leave it out, or raise max_bytes=",
                 (unsigned long long)info->st_size, (unsigned long long)images->file_limit);
    } else {
        return false;
    }
    return true;
}

/* The bytes of an open file behind their length; fewer when it became shorter meanwhile. Returns errno. */
static int read_file(int fd, size_t size, struct sl_buf *to)
{
    size_t place = to->n, got = 0;
    sl_buf_u64(to, 0);
    if (!sl_buf_reserve(to, size)) {
        return ENOMEM;
    }
    while (got < size) {
        ssize_t n = read(fd, to->p + to->n + got, size - got);
        if (n < 0 && errno == EINTR) {
            continue;
        }
        if (n < 0) {
            int number = errno;
            to->n = place;
            return number;
        }
        if (n == 0) {
            break;
        }
        got += (size_t)n;
    }
    to->n += got;
    to->p[to->n] = '\0';
    for (int i = 0; i < 8; i++) {
        to->p[place + (size_t)i] = (char)(uint8_t)((uint64_t)got >> 8 * i);
    }
    return 0;
}

static int put_bad(const struct sl_images_file *file, const char *reason, struct sl_buf *to, struct sl_error *err)
{
    put_head(file, to, BAD);
    put_text(to, sl_str(reason));
    return to->failed ? sl_fail_memory(err, "reading pictures") : SL_OK;
}

static int put_errno(const struct sl_images_file *file, int number, struct sl_buf *to, struct sl_error *err)
{
    char reason[160], space[96];
    if (number == ENOMEM || number == EMFILE || number == ENFILE) {
        errno = number;
        return sl_fail_errno(err, "open", file->name.p);
    }
    snprintf(reason, sizeof reason, "cannot be read: %s", strerror_r(number, space, sizeof space));
    return put_bad(file, reason, to, err);
}

static uint64_t hash_of(struct sl_str bytes)
{
    uint64_t hash = sl_hash64(bytes.p, bytes.n);
    return hash ? hash : 1;
}

int sl_images_put(const struct sl_images *images, const struct sl_images_file *file, uint64_t room, bool *fits,
                  uint64_t *hash, struct sl_buf *to, struct sl_error *err)
{
    struct stat info;
    char reason[200];
    int fd = -1, status = SL_OK;
    *fits = true;
    *hash = 0;
    if (file->kind == '!') {
        return put_bad(file, file->label.p ? file->label.p : "", to, err);
    }
    int number = open_file(images, file, &info, &fd);
    if (number) {
        status = put_errno(file, number, to, err);
    } else if (refuse(images, &info, reason, sizeof reason)) {
        status = put_bad(file, reason, to, err);
    } else if ((uint64_t)info.st_size > room) {
        *fits = false;
    } else {
        size_t before = to->n, bytes;
        put_head(file, to, GOOD);
        bytes = to->n + sizeof(uint64_t);
        number = read_file(fd, (size_t)info.st_size, to);
        to->n = number ? before : to->n;
        status = number ? put_errno(file, number, to, err) : SL_OK;
        *hash = number || to->failed ? 0 : hash_of((struct sl_str){ to->p + bytes, to->n - bytes });
    }
    if (fd >= 0) {
        close(fd);
    }
    return status || !to->failed ? status : sl_fail_memory(err, "reading pictures");
}

/* ---- Blocks ---- */

/* libjpeg's choice among 1/8, 1/4, 1/2 and 1 for the sizes that the options want at least. */
static uint32_t scale_of(const struct sl_image_options *options, const struct sl_image_info *info)
{
    bool turned = info->orientation >= 5 && !options->ignore_orientation;
    uint32_t width = turned ? info->height : info->width, height = turned ? info->width : info->height;
    if (info->kind != SL_IMAGE_JPEG || (!options->at_least_width && !options->at_least_height)) {
        return 1;
    }
    for (uint32_t by = 8; by > 1; by /= 2) {
        if (width / by >= options->at_least_width && height / by >= options->at_least_height) {
            return by;
        }
    }
    return 1;
}

/* Bytes of the last entry's picture when decoded, as its header says; 0 for what will not be decoded. */
static uint64_t decoded_bytes(const struct sl_images *images, struct sl_str entry)
{
    struct sl_blob from = { entry.p, entry.p + entry.n, false };
    struct sl_images_entry e;
    struct sl_image_info info;
    sl_images_entry_next(&from, &e);
    if (from.failed || e.bad || sl_image_probe(e.bytes, NULL, &info, NULL) != SL_OK) {
        return 0;
    }
    uint32_t by = scale_of(&images->decode, &info);
    uint64_t pixels = (uint64_t)(info.width / by + 1) * (info.height / by + 1);
    uint64_t limit = images->file_limit / images->decode.channels;
    return pixels > limit ? 0 : pixels * images->decode.channels;
}

static void note_read(struct sl_images *images, uint64_t hash)
{
    pthread_mutex_lock(&images->lock);
    images->list.hash[images->index] = hash;
    pthread_mutex_unlock(&images->lock);
    images->base.consumed = ++images->index;
}

/* Add the picture that comes next; *full when it must wait for the next block. */
static int add_file(struct sl_images *images, const struct sl_images_file *file, uint64_t *decoded,
                    struct sl_block *block, bool *full, struct sl_error *err)
{
    size_t before = block->data.n;
    uint64_t hash, room = images->base.block_bytes;
    bool fits;
    room = !block->records ? UINT64_MAX : room > before ? room - before : 0;
    int status = sl_images_put(images, file, room, &fits, &hash, &block->data, err);
    *full = !status && !fits;
    if (status || *full) {
        return status;
    }
    uint64_t bytes = decoded_bytes(images, (struct sl_str){ block->data.p + before, block->data.n - before });
    if (block->records && bytes > SL_IMAGES_BLOCK_PIXELS - *decoded) {
        block->data.n = before;
        *full = true;
        return SL_OK;
    }
    *decoded += bytes < SL_IMAGES_BLOCK_PIXELS - *decoded ? bytes : SL_IMAGES_BLOCK_PIXELS - *decoded;
    block->records++;
    note_read(images, hash);
    return SL_OK;
}

static void note_end(struct sl_images *images)
{
    pthread_mutex_lock(&images->lock);
    if (images->skipped && !strstr(images->base.note, " passed over")) {
        size_t n = strlen(images->base.note);
        snprintf(images->base.note + n, sizeof images->base.note - n, ", %llu other files passed over",
                 (unsigned long long)images->skipped);
    }
    pthread_mutex_unlock(&images->lock);
}

int sl_images_next(struct sl_reader *reader, struct sl_block *block, struct sl_error *err)
{
    struct sl_images *images = (struct sl_images *)reader;
    struct sl_images_file file = { 0 };
    uint64_t decoded = 0;
    bool full = false;
    int status = SL_OK;
    sl_images_begin(reader);
    while (!status && !full && block->records < SL_IMAGES_BLOCK_FILES) {
        if (block->records && block->data.n >= reader->block_bytes) {
            break; /* before the next class is listed for nothing */
        }
        status = sl_images_find(images, images->index, &file, err);
        if (status || (block->records && file.path != block->mark.file)) {
            break;
        }
        if (!block->records) {
            block->mark = (struct sl_mark){ images->here.sequence, images->here.record, file.line, 0, file.path };
        }
        status = add_file(images, &file, &decoded, block, &full, err);
    }
    sl_images_file_release(&file);
    if (status == SL_EEND) {
        note_end(images);
        status = block->records ? SL_OK : SL_EEND;
    }
    if (!status) {
        images->here.sequence++;
        images->here.record += block->records;
    }
    return status;
}

int sl_images_seek(struct sl_reader *reader, const struct sl_mark *mark, struct sl_error *err)
{
    struct sl_images *images = (struct sl_images *)reader;
    uint64_t first = 0;
    int status = sl_images_enter(images, mark->file, &first, err);
    if (status == SL_EEND) {
        status = SL_OK; /* there is nothing there any more */
    }
    images->here = *mark;
    images->index = first + (mark->line ? mark->line - 1 : 0);
    reader->consumed = images->index;
    return status;
}
