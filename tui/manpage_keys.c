/* manpage_keys.c: the keys of the workbench, from the tables of its views. */
#include "app_private.h"
#include "manpage_private.h"
#include "replay.h"

static void keys(const char *heading, const struct key_row *rows, struct sl_buf *out)
{
    sl_buf_printf(out, ".SS %s\n", heading);
    for (const struct key_row *row = rows; row && row->keys; row++) {
        man_item(out, row->keys, row->help);
    }
}

void man_keys(struct sl_buf *out)
{
    man_section(out, "KEYS");
    keys("Everywhere", app_keys, out);
    for (size_t i = 0; i < APP_VIEWS; i++) {
        const struct inner_keys *inner;
        keys(app_views[i]->name, app_views[i]->keys, out);
        for (size_t k = 0; app_views[i]->inner && (inner = app_views[i]->inner(k)); k++) {
            keys(inner->name, inner->keys, out);
        }
    }
    keys("Replay", replay_keys, out);
}
