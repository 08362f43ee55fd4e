/* images_record.c: one picture by its number, whenever it is asked for, and how one that cannot be read is told.
 *
 * A network that wants its pictures anew each epoch reads them through here, from any thread: the file is opened, read
 * and decoded again, so that no picture has to stay in memory. */
#include "engine/data/images_private.h"

int sl_images_reject(struct sl_quarantine *rejects, const struct sl_origin *origin, struct sl_str name,
                     const char *reason, struct sl_error *err)
{
    struct sl_reject r = { .origin = *origin };
    char shown[80];
    sl_printable(shown, sizeof shown, name.p, name.n);
    if (name.n) {
        sl_reject_reason(&r, "'%s' %s", shown, reason);
    } else {
        sl_reject_reason(&r, "%s", reason);
    }
    sl_reject_excerpt(&r, name);
    return sl_quarantine_add(rejects, &r, err);
}

/* Text cells borrow the block; of a record alone they are copied. */
static int keep_texts(struct sl_chunk *chunk, struct sl_error *err)
{
    for (size_t c = 0; c < chunk->schema->n && chunk->n; c++) {
        struct sl_str *text = chunk->schema->fields[c].type == SL_TEXT ? chunk->columns[c].text : NULL;
        if (text && text->p && !(text->p = sl_arena_strndup(chunk->arena, text->p, text->n))) {
            return sl_fail_memory(err, "reading pictures");
        }
    }
    return SL_OK;
}

/* A file that is another now than when the run read it is no longer the record that it was. */
static int refuse_changed(const struct sl_images *images, const struct sl_images_file *file,
                          const struct sl_origin *origin, struct sl_arena *arena, struct sl_chunk *chunk,
                          struct sl_quarantine *rejects, struct sl_error *err)
{
    int status = sl_chunk_init(chunk, &images->base.schema, 0, arena, err);
    return status ? status
                  : sl_images_reject(rejects, origin, (struct sl_str){ file->name.p, file->name.n },
                                     "has changed since it was first read; read the pictures anew", err);
}

int sl_images_record(const struct sl_reader *reader, uint64_t number, struct sl_arena *arena, struct sl_chunk *chunk,
                     struct sl_quarantine *rejects, struct sl_error *err)
{
    struct sl_images *images = sl_images_shared((const struct sl_images *)reader);
    struct sl_images_file file = { 0 };
    struct sl_block block = { 0 };
    uint64_t hash = 0, known = 0;
    bool fits;
    int status = sl_images_find(images, number, &file, err);
    if (status == SL_EEND) {
        status = sl_fail(err, SL_EPARAM, "there is no picture %llu", (unsigned long long)number + 1);
    }
    status = status ? status : sl_images_put(images, &file, UINT64_MAX, &fits, &hash, &block.data, err);
    if (!status) {
        block.mark = (struct sl_mark){ 0, number, file.line, 0, file.path };
        block.records = 1;
        pthread_mutex_lock(&images->lock);
        known = images->list.hash[number];
        pthread_mutex_unlock(&images->lock);
        const struct sl_origin origin = { number, file.line, 0, file.path };
        status = known && known != hash ? refuse_changed(images, &file, &origin, arena, chunk, rejects, err)
                                        : sl_images_parse(reader, &block, arena, chunk, rejects, err);
    }
    status = status ? status : keep_texts(chunk, err);
    sl_block_release(&block);
    sl_images_file_release(&file);
    return status;
}
