/* menu.c: a list to choose from; typing narrows it to the items that hold every word typed. */
#include "app_private.h"
#include "overlay.h"

#include <stdlib.h>
#include <string.h>

struct item {
    char *text, *note;
};

struct menu {
    struct layer layer;
    char *title;
    struct item *items;
    size_t n;
    size_t *shown; /* items that pass the filter */
    size_t n_shown, selected, first;
    int rows;
    char filter[64];
    size_t filter_n;
    void (*done)(struct app *app, void *ctx, long choice);
    void *ctx;
};

static const struct key_row menu_keys[] = {
    { "arrows", "move", NULL, true },
    { "letters", "narrow the list", NULL, true },
    { "Enter", "choose", NULL, true },
    { "Esc", "close", NULL, true },
    { 0 },
};

static bool passes(const struct item *item, const char *filter)
{
    while (*filter) {
        size_t n = strcspn(filter, " ");
        char word[64];
        memcpy(word, filter, n);
        word[n] = '\0';
        if (n && !strcasestr(item->text, word) && !(item->note && strcasestr(item->note, word))) {
            return false;
        }
        filter += n;
        filter += strspn(filter, " ");
    }
    return true;
}

static void narrow(struct menu *menu)
{
    menu->n_shown = 0;
    for (size_t i = 0; i < menu->n; i++) {
        if (passes(&menu->items[i], menu->filter)) {
            menu->shown[menu->n_shown++] = i;
        }
    }
    menu->selected = menu->first = 0;
    /* A name that begins with what was typed comes before one that only holds it. */
    for (size_t i = menu->n_shown; menu->filter_n && i-- > 0;) {
        if (strncasecmp(menu->items[menu->shown[i]].text, menu->filter, menu->filter_n) == 0) {
            menu->selected = i;
        }
    }
}

static int widest(const struct menu *menu)
{
    int width = 0;
    for (size_t i = 0; i < menu->n; i++) {
        int w = screen_width(sl_str(menu->items[i].text));
        width = w > width ? w : width;
    }
    return width;
}

static void menu_draw(struct app *app, struct layer *layer, struct area area)
{
    (void)app;
    struct menu *menu = (struct menu *)layer;
    int names = widest(menu), width = names + 2;
    for (size_t i = 0; i < menu->n; i++) {
        int w = menu->items[i].note ? names + 4 + screen_width(sl_str(menu->items[i].note)) : 0;
        width = w > width ? w : width;
    }
    width = width < 30 ? 30 : width > 96 ? 96 : width;
    struct area box = overlay_box(area, (int)(menu->n < 1000 ? menu->n : 1000) + 1, width, menu->title);
    int x = screen_text(box, 0, 0, -1, STYLE_KEY, SL_STR("> "));
    x += screen_text(box, 0, x, -1, STYLE_STRONG, (struct sl_str){ menu->filter, menu->filter_n });
    screen_cursor(box.y, box.x + x);
    if (!menu->filter_n) {
        screen_text(box, 0, x + 1, -1, STYLE_DIM, SL_STR("type to narrow"));
    }
    menu->rows = box.h - 1;
    menu->first = overlay_scroll(menu->first, menu->selected, menu->n_shown, menu->rows);
    for (int y = 0; y < menu->rows && menu->first + (size_t)y < menu->n_shown; y++) {
        size_t at = menu->first + (size_t)y;
        const struct item *item = &menu->items[menu->shown[at]];
        bool on = at == menu->selected;
        if (on) {
            screen_fill(box, y + 1, 0, box.w, STYLE_SELECTED, " ");
        }
        screen_text(box, y + 1, 0, 2, on ? STYLE_SELECTED : STYLE_NORMAL, on ? SL_STR("> ") : SL_STR("  "));
        screen_text(box, y + 1, 2, names, on ? STYLE_SELECTED : STYLE_NORMAL, sl_str(item->text));
        if (item->note) {
            screen_text(box, y + 1, names + 4, -1, on ? STYLE_SELECTED : STYLE_DIM, sl_str(item->note));
        }
    }
    if (!menu->n_shown) {
        screen_text(box, 1, 2, -1, STYLE_DIM, SL_STR("nothing by that name"));
    }
}

static void answer(struct app *app, struct menu *menu, long choice)
{
    void (*done)(struct app *, void *, long) = menu->done;
    void *ctx = menu->ctx;
    app_pop(app, &menu->layer);
    done(app, ctx, choice);
}

static void menu_key(struct app *app, struct layer *layer, int key)
{
    struct menu *menu = (struct menu *)layer;
    key = key == K_CTRL('N') ? K_DOWN : key == K_CTRL('P') ? K_UP : key;
    if (overlay_move(key, menu->n_shown, menu->rows, &menu->selected)) {
        return;
    }
    if (key == K_ESC) {
        answer(app, menu, -1);
    } else if (key == K_ENTER_KEY && menu->n_shown) {
        answer(app, menu, (long)menu->shown[menu->selected]);
    } else if (key == K_BACKSPACE && menu->filter_n) {
        menu->filter[--menu->filter_n] = '\0';
        narrow(menu);
    } else if (key == K_CTRL('U')) {
        menu->filter[menu->filter_n = 0] = '\0';
        narrow(menu);
    } else if (key >= ' ' && key < 0x7f && menu->filter_n + 1 < sizeof menu->filter) {
        menu->filter[menu->filter_n++] = (char)key;
        menu->filter[menu->filter_n] = '\0';
        narrow(menu);
    }
}

static void menu_free(struct layer *layer)
{
    struct menu *menu = (struct menu *)layer;
    for (size_t i = 0; menu->items && i < menu->n; i++) {
        free(menu->items[i].text);
        free(menu->items[i].note);
    }
    free(menu->items);
    free(menu->shown);
    free(menu->title);
    free(menu);
}

static const struct layer_class menu_class = {
    .keys = menu_keys, .draw = menu_draw, .key = menu_key, .free = menu_free
};

static bool copy_items(struct menu *menu, const char *const *items, const char *const *notes, size_t n)
{
    menu->items = calloc(n + 1, sizeof *menu->items);
    menu->shown = calloc(n + 1, sizeof *menu->shown);
    bool copied = menu->items && menu->shown && menu->title;
    menu->n = n;
    for (size_t i = 0; copied && i < n; i++) {
        menu->items[i].text = strdup(items[i]);
        menu->items[i].note = notes && notes[i] ? strdup(notes[i]) : NULL;
        copied = menu->items[i].text && (!notes || !notes[i] || menu->items[i].note);
    }
    return copied;
}

void app_choose(struct app *app, const char *title, const char *const *items, const char *const *notes, size_t n,
                void (*done)(struct app *app, void *ctx, long choice), void *ctx)
{
    struct menu *menu = calloc(1, sizeof *menu);
    if (menu) {
        *menu = (struct menu){ .layer.class = &menu_class, .title = strdup(title), .done = done, .ctx = ctx };
    }
    if (!menu || !copy_items(menu, items, notes, n)) {
        if (menu) {
            menu_free(&menu->layer);
        }
        app_message(app, STYLE_ERROR, "out of memory");
        done(app, ctx, -1);
        return;
    }
    narrow(menu);
    app_push(app, &menu->layer);
}
