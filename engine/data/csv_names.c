/* csv_names.c: names of columns, each given once.
 *
 * Names are trimmed and made printable; a missing one becomes col<k>, and one that was given before gets ".1", ".2"
 * behind it, as in pandas. Each name remembers where its suffixes have got to, so that no search starts over. */
#include "engine/data/csv.h"

int sl_csv_names_init(struct sl_csv_names *names, size_t n, struct sl_arena *arena, struct sl_error *err)
{
    size_t size = 16;
    while (size < 4 * n) { /* each column puts at most two names in */
        size *= 2;
    }
    *names = (struct sl_csv_names){ .mask = size - 1, .arena = arena };
    names->table = sl_arena_zero(arena, size, sizeof *names->table);
    return names->table ? SL_OK : sl_fail_memory(err, "naming the columns");
}

/* Its entry, or the free one it would go to. */
static struct sl_csv_given *find(const struct sl_csv_names *names, struct sl_str name)
{
    for (size_t i = (size_t)sl_hash64(name.p, name.n);; i++) {
        struct sl_csv_given *given = &names->table[i & names->mask];
        if (!given->name.p || sl_str_equal(given->name, name)) {
            return given;
        }
    }
}

int sl_csv_name(struct sl_csv_names *names, size_t c, struct sl_str wish, struct sl_str *out, struct sl_error *err)
{
    char *plain = wish.n ? sl_arena_strndup(names->arena, wish.p, wish.n)
                         : sl_arena_printf(names->arena, "col%zu", c + 1);
    if (!plain) {
        return sl_fail_memory(err, "naming the columns");
    }
    *out = sl_str(plain);
    struct sl_csv_given *wished = find(names, *out), *given = wished;
    while (given->name.p) {
        char *suffixed = sl_arena_printf(names->arena, "%s.%u", plain, ++wished->next);
        if (!suffixed) {
            return sl_fail_memory(err, "naming the columns");
        }
        *out = sl_str(suffixed);
        given = find(names, *out);
    }
    given->name = *out;
    return SL_OK;
}

int sl_csv_clean_name(struct sl_str field, struct sl_arena *arena, struct sl_str *out, struct sl_error *err)
{
    struct sl_buf buf = { 0 };
    while (field.n && (field.p[0] == ' ' || field.p[0] == '\t')) {
        field.p++;
        field.n--;
    }
    while (field.n && (field.p[field.n - 1] == ' ' || field.p[field.n - 1] == '\t')) {
        field.n--;
    }
    sl_buf_reserve(&buf, field.n);
    for (size_t i = 0, length; i < field.n; i += length) {
        uint32_t code = sl_utf8_decode(field.p + i, field.n - i, &length);
        char utf8[4];
        sl_buf_add(&buf, utf8, sl_utf8_encode(code < 0x20 || code == 0x7f ? ' ' : code, utf8));
    }
    out->n = buf.n;
    out->p = buf.failed ? NULL : sl_arena_strndup(arena, buf.p, buf.n);
    sl_buf_release(&buf);
    return out->p ? SL_OK : sl_fail_memory(err, "reading a header");
}
