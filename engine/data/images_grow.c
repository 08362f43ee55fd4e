/* images_grow.c: how the list of pictures grows: class folder by class folder, CSV block by block.
 *
 * Once reading begins a thread lists all that is left, so that how much there is to read is soon known and no class
 * waits to be listed. A piece (a class, a block of rows) is listed by itself and then put behind the others, under the
 * lock for that moment only: who reads the pictures known so far never waits for a folder of a million. Who wants one
 * that is not listed yet waits for the piece that is under way, or lists the next one itself; so the order, and what is
 * told of a folder that cannot be read, are the same with and without the thread. */
#include "engine/data/images_private.h"

#include <signal.h>
#include <stdlib.h>

/* ---- Looking up ---- */

void sl_images_file_release(struct sl_images_file *file)
{
    sl_buf_release(&file->name);
    sl_buf_release(&file->label);
}

static void describe(const struct sl_images *images, uint64_t number, struct sl_images_file *file)
{
    const struct sl_images_unit *unit = sl_images_unit_of(&images->list, number);
    const struct sl_images_path *source = &images->sources[unit->path];
    const char *name = images->list.names + images->list.at[number];
    file->path = unit->path;
    file->line = number - source->first + 1;
    file->kind = '-';
    file->name.n = file->label.n = 0;
    if (unit->class != SL_IMAGES_NO_CLASS) {
        const char *class = source->inside.folders[unit->class];
        file->kind = '=';
        sl_buf_puts(&file->label, class);
        sl_buf_puts(&file->name, class);
        sl_buf_putc(&file->name, '/');
    } else if (source->kind == SL_IMAGES_TABLE) {
        const char *label = name + strlen(name) + 1;
        file->kind = label[0];
        sl_buf_puts(&file->label, label + 1);
    }
    sl_buf_puts(&file->name, name);
}

/* ---- Growing ---- */

/* The pictures of the next class, the next rows of a CSV, or the only picture. Without the lock. */
static int list_piece(struct sl_images *images, struct sl_images_path *source, struct sl_images_list *piece,
                      uint64_t *skipped, struct sl_error *err)
{
    const char *path = images->base.paths[images->at], *slash = strrchr(path, '/');
    if (source->kind == SL_IMAGES_SINGLE) {
        return sl_images_add(piece, SL_STR(""), sl_str(slash ? slash + 1 : path), err);
    }
    if (source->kind == SL_IMAGES_TABLE) {
        long label = sl_schema_find(&images->base.schema, SL_STR("label"));
        bool number = label >= 0 && images->base.schema.fields[label].type == SL_NUMBER;
        return sl_images_table_more(source->table, number, piece, err);
    }
    bool classes = source->kind == SL_IMAGES_CLASSES;
    char *root = classes ? sl_images_join(source->folder, source->inside.folders[source->next_class])
                         : strdup(source->folder);
    int status = root ? SL_OK : sl_fail_memory(err, "listing pictures");
    status = status ? status : sl_images_walk(piece, root, false, &images->stop, skipped, err);
    free(root);
    return status;
}

/* Put a piece behind the others. What is left out after an error is listed again if somebody asks again; rows of a CSV
 * are read once, so those before the error stay. */
static int take_piece(struct sl_images *images, struct sl_images_path *source, struct sl_images_list *piece, int listed,
                      struct sl_error *err)
{
    bool table = source->kind == SL_IMAGES_TABLE, classes = source->kind == SL_IMAGES_CLASSES;
    size_t units = images->list.n_units;
    int status = SL_OK;
    if (listed && !table) {
        return listed;
    }
    if (classes) {
        status = sl_images_add_unit(&images->list, (uint32_t)images->at, (uint32_t)source->next_class, err);
    }
    status = status ? status : sl_images_append(&images->list, piece, err);
    if (status) {
        images->list.n_units = units;
        return status;
    }
    source->next_class++;
    source->done = table ? listed == SL_EEND : !classes || source->next_class == source->inside.n;
    return listed == SL_EEND ? SL_OK : listed;
}

/* List a piece more, with the lock held but for the listing; SL_EEND when all is listed. */
static int list_more(struct sl_images *images, struct sl_error *err)
{
    while (images->at < images->base.n_paths && images->sources[images->at].done) {
        images->at++;
    }
    if (images->at == images->base.n_paths) {
        images->base.size = images->list.n;
        return SL_EEND;
    }
    struct sl_images_path *source = &images->sources[images->at];
    struct sl_images_list piece = { 0 };
    uint64_t skipped = 0;
    int status = SL_OK;
    if (!source->entered) {
        bool classes = source->kind == SL_IMAGES_CLASSES;
        source->first = images->list.n;
        status = classes ? SL_OK : sl_images_add_unit(&images->list, (uint32_t)images->at, SL_IMAGES_NO_CLASS, err);
        source->entered = !status;
    }
    if (!status) {
        images->listing = true;
        pthread_mutex_unlock(&images->lock);
        status = list_piece(images, source, &piece, &skipped, err);
        pthread_mutex_lock(&images->lock);
        images->listing = false;
        status = take_piece(images, source, &piece, status, err);
        images->skipped += status ? 0 : skipped;
        pthread_cond_broadcast(&images->listed);
    }
    sl_images_list_release(&piece);
    return status;
}

/* The same, by whoever comes first: another's piece is waited for, and its error told. */
static int grow(struct sl_images *images, struct sl_error *err)
{
    if (images->listing) {
        pthread_cond_wait(&images->listed, &images->lock);
        return SL_OK;
    }
    if (!images->late) {
        return list_more(images, err);
    }
    int status = images->late;
    images->late = SL_OK;
    if (err) {
        *err = images->late_error;
    }
    return status;
}

/* ---- Looking up ---- */

int sl_images_find(struct sl_images *images, uint64_t number, struct sl_images_file *file, struct sl_error *err)
{
    int status = SL_OK;
    pthread_mutex_lock(&images->lock);
    while (!status && number >= images->list.n) {
        status = grow(images, err);
    }
    if (!status) {
        describe(images, number, file);
    }
    pthread_mutex_unlock(&images->lock);
    return !status && (file->name.failed || file->label.failed) ? sl_fail_memory(err, "listing pictures") : status;
}

int sl_images_enter(struct sl_images *images, uint32_t path, uint64_t *first, struct sl_error *err)
{
    int status = SL_OK;
    pthread_mutex_lock(&images->lock);
    while (!status && !images->sources[path].entered) {
        status = grow(images, err);
    }
    *first = images->sources[path].first;
    pthread_mutex_unlock(&images->lock);
    return status;
}

/* ---- The thread ---- */

static void *list_all(void *ctx)
{
    struct sl_images *images = ctx;
    struct sl_error err = SL_ERROR_INIT;
    int status = SL_OK;
    pthread_mutex_lock(&images->lock);
    while (!status && !images->stop && !images->late) {
        if (images->listing) {
            pthread_cond_wait(&images->listed, &images->lock);
        } else {
            status = list_more(images, &err);
        }
    }
    if (status && status != SL_EEND && !images->stop) {
        images->late = status;
        images->late_error = err;
    }
    pthread_mutex_unlock(&images->lock);
    return NULL;
}

void sl_images_begin(struct sl_reader *reader)
{
    struct sl_images *images = (struct sl_images *)reader;
    sigset_t all, before;
    if (reader->class != &sl_images_class || images->begun) {
        return;
    }
    images->begun = true;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    images->lists = pthread_create(&images->thread, NULL, list_all, images) == 0; /* else next() lists as it comes */
    pthread_sigmask(SIG_SETMASK, &before, NULL);
}

void sl_images_end(struct sl_images *images)
{
    images->stop = true;
    if (images->lists) {
        pthread_join(images->thread, NULL);
    }
    images->lists = false;
}
