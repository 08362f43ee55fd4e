/* images_list.c: the list of pictures, kept so small that a million of them does no harm.
 *
 * A picture takes its name and 17 bytes. The list grows as reading goes on: a class folder is listed when the first of
 * its pictures is asked for, a CSV block by block. It is never thrown away, so that any picture can be read again by
 * its number. */
#include "engine/data/images_private.h"

#include <stdlib.h>

/* Room for `more` elements behind n; grows by half. */
static bool reserve(void **p, size_t n, size_t more, size_t *room, size_t size)
{
    size_t need, bytes;
    if (!sl_add(n, more, &need)) {
        return false;
    }
    if (need <= *room) {
        return true;
    }
    size_t grown = *room + *room / 2;
    grown = grown < need ? need : grown;
    grown = grown < 64 ? 64 : grown;
    void *moved = sl_mul(grown, size, &bytes) ? realloc(*p, bytes) : NULL;
    if (!moved) {
        return false;
    }
    *p = moved;
    *room = grown;
    return true;
}

static bool reserve_records(struct sl_images_list *list)
{
    size_t room = list->room;
    bool ok = reserve((void **)&list->at, list->n, 1, &room, sizeof *list->at);
    room = list->room;
    ok = ok && reserve((void **)&list->hash, list->n, 1, &room, sizeof *list->hash);
    list->room = ok ? room : list->room;
    return ok;
}

static void put(struct sl_images_list *list, struct sl_str part)
{
    if (part.n) {
        memcpy(list->names + list->bytes, part.p, part.n);
    }
    list->bytes += part.n;
}

static void put_char(struct sl_images_list *list, char c)
{
    list->names[list->bytes++] = c;
}

static int begin(struct sl_images_list *list, size_t bytes, struct sl_error *err)
{
    if (!reserve_records(list) || !reserve((void **)&list->names, list->bytes, bytes, &list->names_room, 1)) {
        return sl_fail_memory(err, "listing pictures");
    }
    list->at[list->n] = list->bytes;
    list->hash[list->n++] = 0;
    return SL_OK;
}

int sl_images_add(struct sl_images_list *list, struct sl_str folder, struct sl_str name, struct sl_error *err)
{
    int status = begin(list, folder.n + name.n + 2, err);
    if (status) {
        return status;
    }
    put(list, folder);
    if (folder.n) {
        put_char(list, '/');
    }
    put(list, name);
    put_char(list, '\0');
    return SL_OK;
}

int sl_images_add_row(struct sl_images_list *list, struct sl_str name, char kind, struct sl_str label,
                      struct sl_error *err)
{
    int status = begin(list, name.n + label.n + 3, err);
    if (status) {
        return status;
    }
    put(list, name);
    put_char(list, '\0');
    put_char(list, kind);
    put(list, label);
    put_char(list, '\0');
    return SL_OK;
}

int sl_images_add_unit(struct sl_images_list *list, uint32_t path, uint32_t class, struct sl_error *err)
{
    if (!reserve((void **)&list->units, list->n_units, 1, &list->units_room, sizeof *list->units)) {
        return sl_fail_memory(err, "listing pictures");
    }
    list->units[list->n_units++] = (struct sl_images_unit){ list->n, path, class };
    return SL_OK;
}

/* The last unit that does not begin behind the picture: empty ones lie before it. */
const struct sl_images_unit *sl_images_unit_of(const struct sl_images_list *list, uint64_t number)
{
    size_t low = 0, high = list->n_units;
    while (high - low > 1) {
        size_t middle = low + (high - low) / 2;
        if (list->units[middle].first <= number) {
            low = middle;
        } else {
            high = middle;
        }
    }
    return &list->units[low];
}

void sl_images_list_release(struct sl_images_list *list)
{
    free(list->units);
    free(list->names);
    free(list->at);
    free(list->hash);
    *list = (struct sl_images_list){ 0 };
}

/* ---- Growing ---- */

static int list_class(struct sl_images *images, struct sl_images_path *source, struct sl_error *err)
{
    const char *class = source->kind == SL_IMAGES_CLASSES ? source->inside.folders[source->next_class] : "";
    uint32_t number = source->kind == SL_IMAGES_CLASSES ? (uint32_t)source->next_class : SL_IMAGES_NO_CLASS;
    char *root = class[0] ? sl_images_join(source->folder, class) : strdup(source->folder);
    int status = root ? SL_OK : sl_fail_memory(err, "listing pictures");
    size_t before = images->list.n, bytes = images->list.bytes;
    status = status ? status : sl_images_add_unit(&images->list, (uint32_t)images->at, number, err);
    if (!status) {
        status = sl_images_walk(&images->list, root, false, &images->skipped, err);
    }
    if (status && images->list.n_units && images->list.units[images->list.n_units - 1].first == before) {
        images->list.n = before; /* to be listed again if somebody asks again */
        images->list.bytes = bytes;
        images->list.n_units--;
    }
    free(root);
    source->next_class += !status;
    source->done = !status && (source->kind != SL_IMAGES_CLASSES || source->next_class == source->inside.n);
    return status;
}

static int list_single(struct sl_images *images, struct sl_images_path *source, struct sl_error *err)
{
    const char *path = images->base.paths[images->at], *slash = strrchr(path, '/');
    int status = sl_images_add(&images->list, SL_STR(""), sl_str(slash ? slash + 1 : path), err);
    source->done = !status;
    return status;
}

static int begin_source(struct sl_images *images, struct sl_images_path *source, struct sl_error *err)
{
    source->entered = true;
    source->first = images->list.n;
    return source->kind == SL_IMAGES_CLASSES
               ? SL_OK
               : sl_images_add_unit(&images->list, (uint32_t)images->at, SL_IMAGES_NO_CLASS, err);
}

/* List a piece more; SL_EEND when all is listed. */
static int list_more(struct sl_images *images, struct sl_error *err)
{
    while (images->at < images->base.n_paths && images->sources[images->at].done) {
        images->at++;
    }
    if (images->at == images->base.n_paths) {
        return SL_EEND;
    }
    struct sl_images_path *source = &images->sources[images->at];
    int status = source->entered ? SL_OK : begin_source(images, source, err);
    if (status) {
        return status;
    }
    switch (source->kind) {
    case SL_IMAGES_SINGLE: return list_single(images, source, err);
    case SL_IMAGES_TABLE: {
        long label = sl_schema_find(&images->base.schema, SL_STR("label"));
        bool number = label >= 0 && images->base.schema.fields[label].type == SL_NUMBER;
        status = sl_images_table_more(source->table, number, &images->list, err);
        source->done = status == SL_EEND;
        return source->done ? SL_OK : status;
    }
    default: return list_class(images, source, err);
    }
}

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

int sl_images_find(struct sl_images *images, uint64_t number, struct sl_images_file *file, struct sl_error *err)
{
    int status = SL_OK;
    pthread_mutex_lock(&images->lock);
    while (!status && number >= images->list.n) {
        status = list_more(images, err);
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
        status = list_more(images, err);
    }
    *first = images->sources[path].first;
    pthread_mutex_unlock(&images->lock);
    return status;
}
