/* images_list.c: the list of pictures, kept so small that a million of them does no harm.
 *
 * A picture takes its name and 17 bytes. The list is never thrown away, so that any picture can be read again by its
 * number. How it grows: images_grow.c. */
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

int sl_images_append(struct sl_images_list *list, struct sl_images_list *piece, struct sl_error *err)
{
    size_t room = list->room;
    bool ok = reserve((void **)&list->at, list->n, piece->n, &room, sizeof *list->at);
    room = list->room;
    ok = ok && reserve((void **)&list->hash, list->n, piece->n, &room, sizeof *list->hash);
    list->room = ok ? room : list->room;
    if (!ok || !reserve((void **)&list->names, list->bytes, piece->bytes, &list->names_room, 1)) {
        return sl_fail_memory(err, "listing pictures");
    }
    for (size_t i = 0; i < piece->n; i++) {
        list->at[list->n + i] = list->bytes + piece->at[i];
        list->hash[list->n + i] = 0;
    }
    put(list, (struct sl_str){ piece->names, piece->bytes });
    list->n += piece->n;
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
