/* images_parse.c: blocks of picture files into chunks of pixels, on any thread.
 *
 * A decoder is kept for each thread that decodes at once; they wait in a list when nobody needs them. Pixels are
 * decoded into the decoder's own picture and copied to the chunk's arena, exactly as many as there are. What cannot be
 * decoded goes to the quarantine with the library's reason and the picture's path. */
#include "engine/data/images_private.h"

#include "sluice/text.h"

#include <stdio.h>
#include <stdlib.h>

enum { PIXELS_KEPT = 32 << 20 };

struct sl_images_coder {
    struct sl_images_coder *next;
    struct sl_image_decoder *decoder;
    struct sl_image image;
};

static void coder_free(struct sl_images_coder *coder)
{
    sl_image_decoder_free(coder->decoder);
    sl_image_release(&coder->image);
    free(coder);
}

void sl_images_coders_free(struct sl_images_coder *idle)
{
    for (struct sl_images_coder *next; idle; idle = next) {
        next = idle->next;
        coder_free(idle);
    }
}

static int take_coder(const struct sl_images *images, struct sl_images_coder **out, struct sl_error *err)
{
    struct sl_images *shared = sl_images_shared(images);
    pthread_mutex_lock(&shared->lock);
    struct sl_images_coder *coder = shared->idle;
    if (coder) {
        shared->idle = coder->next;
    }
    pthread_mutex_unlock(&shared->lock);
    if (!coder && !(coder = calloc(1, sizeof *coder))) {
        return sl_fail_memory(err, "decoding pictures");
    }
    int status = coder->decoder ? SL_OK : sl_image_decoder_new(&coder->decoder, err);
    if (status) {
        coder_free(coder);
    } else {
        *out = coder;
    }
    return status;
}

static void give_coder(const struct sl_images *images, struct sl_images_coder *coder)
{
    struct sl_images *shared = sl_images_shared(images);
    if (coder->image.room > PIXELS_KEPT) {
        sl_image_release(&coder->image);
    }
    pthread_mutex_lock(&shared->lock);
    coder->next = shared->idle;
    shared->idle = coder;
    pthread_mutex_unlock(&shared->lock);
}

/* ---- One picture ---- */

struct batch {
    const struct sl_images *images;
    struct sl_images_coder *coder;
    struct sl_chunk *chunk;
    struct sl_quarantine *rejects;
    uint32_t n; /* good ones so far */
    long label;
};

/* What the decoder says without the name before it. */
static const char *bare_reason(const char *what)
{
    const char *end = what[0] == '\'' ? strstr(what, "' ") : NULL;
    for (const char *more = end; more && (more = strstr(more + 1, "' is ")) != NULL;) {
        end = more; /* a name may hold a quote */
    }
    return end ? end + 2 : what;
}

/* Text that is no UTF-8 gets U+FFFD where it is not. */
static int put_text(const struct sl_chunk *chunk, size_t column, uint32_t i, struct sl_str text, struct sl_error *err)
{
    struct sl_str *cell = &chunk->columns[column].text[i];
    *cell = text;
    if (sl_utf8_invalid(text.p, text.n) == text.n) {
        return SL_OK;
    }
    struct sl_buf clean = { 0 };
    size_t used = 0;
    sl_encoding_convert(SL_UTF8, text.p, text.n, &clean, &used, NULL);
    char *copy = clean.failed ? NULL : sl_arena_strndup(chunk->arena, clean.p ? clean.p : "", clean.n);
    *cell = (struct sl_str){ copy, clean.n };
    sl_buf_release(&clean);
    return copy ? SL_OK : sl_fail_memory(err, "reading pictures");
}

/* The label as the column's type has it. *reason: NULL when that can be. */
static int put_label(const struct batch *batch, const struct sl_images_entry *entry, const char **reason,
                     struct sl_error *err)
{
    const struct sl_chunk *chunk = batch->chunk;
    size_t c = (size_t)batch->label;
    struct sl_str missing = { NULL, 0 };
    *reason = NULL;
    if (chunk->schema->fields[c].type == SL_TEXT) {
        chunk->columns[c].text[batch->n] = missing;
        return entry->kind == '=' ? put_text(chunk, c, batch->n, entry->label, err) : SL_OK;
    }
    char digits[64], *end = digits;
    snprintf(digits, sizeof digits, "%.*s", (int)(entry->label.n < 63 ? entry->label.n : 63), entry->label.p);
    double x = strtod(digits, &end);
    if (entry->kind == '=' && (end == digits || *end || entry->label.n >= sizeof digits)) {
        *reason = "has a label that is no number; labels of the first source are";
    }
    chunk->columns[c].number[batch->n] = entry->kind == '=' ? x : (double)__builtin_nanf("");
    return SL_OK;
}

static int put_pixels(const struct batch *batch, struct sl_error *err)
{
    const struct sl_image *image = &batch->coder->image;
    size_t bytes = (size_t)image->width * image->height * image->channels;
    uint8_t *pixels = sl_arena_array(batch->chunk->arena, bytes, 1);
    if (!pixels) {
        return sl_fail_memory(err, "decoding pictures");
    }
    memcpy(pixels, image->pixels, bytes);
    batch->chunk->columns[0].picture[batch->n] = (struct sl_picture){ pixels, image->height, image->width };
    return SL_OK;
}

/* Decode into the coder's picture; a picture that cannot be has *reason. */
static int decode(const struct batch *batch, const struct sl_images_entry *entry, char *reason, size_t size,
                  struct sl_error *err)
{
    char name[256]; /* its end tells the kind, so the end is kept */
    struct sl_error own = SL_ERROR_INIT;
    size_t skip = entry->name.n >= sizeof name ? entry->name.n - sizeof name + 1 : 0;
    snprintf(name, sizeof name, "%.*s", (int)(entry->name.n - skip), entry->name.p + skip);
    reason[0] = '\0';
    int status =
        sl_image_decode(batch->coder->decoder, entry->bytes, name, &batch->images->decode, &batch->coder->image, &own);
    if (status != SL_EDATA && status != SL_ELIMIT) {
        if (status && err) {
            *err = own;
        }
        return status;
    }
    snprintf(reason, size, "%s; %s", bare_reason(own.what), own.fix);
    return SL_OK;
}

static int take_entry(struct batch *batch, const struct sl_origin *origin, const struct sl_images_entry *entry,
                      struct sl_error *err)
{
    char reason[640];
    const char *bad = NULL;
    if (entry->bad) {
        snprintf(reason, sizeof reason, "%.*s", (int)(entry->bytes.n < 600 ? entry->bytes.n : 600), entry->bytes.p);
        return sl_images_reject(batch->rejects, origin, entry->kind == '!' ? (struct sl_str){ "", 0 } : entry->name,
                                reason, err);
    }
    int status = decode(batch, entry, reason, sizeof reason, err);
    if (status || reason[0]) {
        return status ? status : sl_images_reject(batch->rejects, origin, entry->name, reason, err);
    }
    if (batch->label >= 0) {
        status = put_label(batch, entry, &bad, err);
        if (status || bad) {
            return status ? status : sl_images_reject(batch->rejects, origin, entry->name, bad, err);
        }
    }
    status = put_pixels(batch, err);
    status = status ? status : put_text(batch->chunk, 1, batch->n, entry->name, err);
    batch->chunk->origin[batch->n] = *origin;
    batch->n += !status;
    return status;
}

/* ---- Blocks and records ---- */

/* Labels that are not there, once it is known how many records remain. */
static int mark_missing(struct sl_chunk *chunk, size_t c, struct sl_error *err)
{
    bool text = chunk->schema->fields[c].type == SL_TEXT;
    int status = SL_OK;
    for (uint32_t i = 0; i < chunk->n && !status; i++) {
        double x = text ? 0 : chunk->columns[c].number[i];
        if (text ? !chunk->columns[c].text[i].p : x != x) {
            status = sl_chunk_set_missing(chunk, c, i, err);
        }
    }
    return status;
}

int sl_images_parse(const struct sl_reader *reader, const struct sl_block *block, struct sl_arena *arena,
                    struct sl_chunk *chunk, struct sl_quarantine *rejects, struct sl_error *err)
{
    const struct sl_images *images = (const struct sl_images *)reader;
    struct batch batch = { .images = images, .chunk = chunk, .rejects = rejects };
    struct sl_blob from = { block->data.p, block->data.p + block->data.n, false };
    batch.label = sl_schema_find(&reader->schema, SL_STR("label"));
    int status = sl_chunk_init(chunk, &reader->schema, block->records, arena, err);
    status = status ? status : take_coder(images, &batch.coder, err);
    if (status) {
        return status;
    }
    for (uint32_t i = 0; i < block->records && !status; i++) {
        const struct sl_origin origin = { block->mark.record + i, block->mark.line + i, 0, block->mark.file };
        struct sl_images_entry entry;
        sl_images_entry_next(&from, &entry);
        status = from.failed ? sl_fail(err, SL_EDATA, "a block of pictures is damaged")
                             : take_entry(&batch, &origin, &entry, err);
    }
    give_coder(images, batch.coder);
    chunk->n = batch.n;
    return status || batch.label < 0 ? status : mark_missing(chunk, (size_t)batch.label, err);
}
