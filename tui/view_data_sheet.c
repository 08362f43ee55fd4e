/* view_data_sheet.c: a contact sheet: small pictures of the records of one class, or of all, from the selected record
 * on and round to it again.
 *
 * Records are read as they come into sight, for a few milliseconds at a time, and kept small. Of records that are no
 * pictures, or cannot be read, nothing is shown. */
#include "view_data_private.h"

#include "app_private.h"
#include "human.h"
#include "view_step.h"

#include <stdio.h>
#include <stdlib.h>

enum { TILE_W = 18, TILE_H = 9, KEPT = 48, MOST = 2048, PAGE = 8 };

static const struct key_row keys[] = {
    { "arrows h j k l", "another picture", NULL, false },
    { "Enter", "its record", NULL, true },
    { "c", "its class, all", NULL, true },
    { "|", "raw, clean", NULL, true },
    { "i", "step through it", "goto N", true },
    { "PgUp PgDn", "two rows", NULL, false },
    { "v Esc q", "back", NULL, true },
    { 0 },
};
const struct inner_keys data_sheet_keys = { "contact sheet", keys };

struct sheet_tile {
    uint64_t record;
    struct picture raw, clean; /* pixels owned; NULL: not there, or the same */
    char label[32];
};

void data_sheet_release(struct data_sheet *sheet)
{
    for (int i = 0; i < sheet->n; i++) {
        free((void *)sheet->tiles[i].raw.pixels);
        free((void *)sheet->tiles[i].clean.pixels);
    }
    free(sheet->tiles);
    sheet->tiles = NULL;
    sheet->n = sheet->at = 0;
}

/* What the record is labelled with; "" when there is no label. */
static void label_of(const struct sl_row *row, struct sl_arena *arena, char *out, size_t size)
{
    const struct sl_chunk *chunk = row->raw_chunk;
    long column = -1;
    bool missing = true;
    for (size_t c = 0; chunk && c < chunk->schema->n; c++)
        if (chunk->schema->fields[c].target || (column < 0 && strcmp(chunk->schema->fields[c].name, "label") == 0))
            column = (long)c;
    struct sl_str text = column >= 0 ? record_cell(chunk, (size_t)column, row->raw, arena, &missing) : SL_STR("");
    size_t n = text.n < size - 1 ? text.n : size - 1;
    while (n && n < text.n && ((unsigned char)text.p[n] & 0xc0) == 0x80)
        n--;
    memcpy(out, n ? text.p : "", n);
    out[n] = '\0';
}

static void restart(struct app *app, struct data_view *view)
{
    struct data_sheet *sheet = &view->sheet;
    data_sheet_release(sheet);
    sheet->start = sheet->next = app_record(app);
    sheet->wrapped = sheet->complete = false;
    sheet->wanted = 8;
}

void data_sheet_open(struct app *app, struct data_view *view)
{
    const struct sl_row *row = data_selected(view);
    const struct sl_chunk *chunk = row && !row->rejected ? row->raw_chunk : NULL;
    if (!chunk || !data_picture(chunk, row->raw, &view->arena)) {
        app_message(app, STYLE_HINT, "this record has no picture");
        return;
    }
    struct data_sheet *sheet = &view->sheet;
    label_of(row, &view->arena, sheet->class, sizeof sheet->class);
    sheet->all = !sheet->class[0];
    view->mode = DATA_SHEET;
    restart(app, view);
}

static void add_tile(struct data_view *view, const struct sl_row *row, struct sl_arena *arena)
{
    struct data_sheet *sheet = &view->sheet;
    char label[sizeof sheet->class];
    const struct picture *raw = row->rejected ? NULL : data_picture(row->raw_chunk, row->raw, arena);
    if (!raw)
        return;
    label_of(row, arena, label, sizeof label);
    if (!sheet->all && strcmp(label, sheet->class) != 0)
        return;
    if (sheet->n % 64 == 0) {
        struct sheet_tile *more = realloc(sheet->tiles, (size_t)(sheet->n + 64) * sizeof *more);
        if (!more)
            return;
        sheet->tiles = more;
    }
    struct sheet_tile tile = { .record = row->record };
    const struct picture *clean = data_picture(row->after_chunk, 0, arena);
    snprintf(tile.label, sizeof tile.label, "%.*s", (int)sizeof tile.label - 1, label);
    if (!picture_shrink(raw, KEPT, KEPT, &tile.raw))
        return;
    if (clean && !(clean->pixels && clean->pixels == raw->pixels) && !picture_shrink(clean, KEPT, KEPT, &tile.clean))
        tile.clean.pixels = NULL;
    sheet->tiles[sheet->n++] = tile;
}

static void go_on(struct data_sheet *sheet, const struct sl_page *page)
{
    sheet->next = page->n && page->rows[page->n - 1].record + 1 > page->next ? page->rows[page->n - 1].record + 1
                                                                             : page->next;
    if (page->end && sheet->wrapped) {
        sheet->complete = true;
    } else if (page->end) {
        sheet->wrapped = true;
        sheet->next = 0;
        sheet->complete = sheet->start == 0;
    }
}

bool data_sheet_load(struct app *app, struct data_view *view, int budget_ms)
{
    struct data_sheet *sheet = &view->sheet;
    struct sl_browser *browser = sl_session_browser(app_session(app));
    struct sl_page page = { 0 };
    if (!browser || sheet->complete || sheet->n >= sheet->wanted || sheet->n >= MOST)
        return false;
    int had = sheet->n;
    if (sl_browser_page(browser, sheet->next, PAGE, false, SL_SHOW_ALL, NULL, view->stages, budget_ms, &page, NULL) !=
        SL_OK) {
        sheet->complete = true;
    } else {
        for (size_t i = 0; i < page.n && !(sheet->wrapped && page.rows[i].record >= sheet->start); i++)
            add_tile(view, &page.rows[i], &page.arena);
        bool round = sheet->wrapped && page.n && page.rows[page.n - 1].record >= sheet->start;
        go_on(sheet, &page);
        sheet->complete |= round;
    }
    sl_page_release(&page);
    if (sheet->n != had || sheet->complete)
        app_redraw(app);
    return !sheet->complete && sheet->n < sheet->wanted;
}

static void draw_head(const struct data_sheet *sheet, struct area area)
{
    char n[32], record[32];
    int x = screen_printf(area, 0, 1, STYLE_TITLE, "%s", sheet->all ? "all classes" : sheet->class) + 3;
    x += screen_printf(area, 0, x, STYLE_NORMAL, "%s%s pictures, %s", human_count((uint64_t)sheet->n, n, sizeof n),
                       sheet->complete ? "" : "+", sheet->clean ? "clean" : "raw") +
         2;
    if (sheet->at < sheet->n) {
        const struct sheet_tile *tile = &sheet->tiles[sheet->at];
        x += screen_printf(area, 0, x, STYLE_STRONG, "record %s %s", human_count(tile->record, record, sizeof record),
                           tile->label) +
             2;
    }
    if (!sheet->complete && sheet->n < sheet->wanted)
        screen_text(area, 0, x, -1, STYLE_HINT, SL_STR("reading"));
}

static void draw_tile(const struct data_sheet *sheet, int i, struct area area, int y, int x)
{
    const struct sheet_tile *tile = &sheet->tiles[i];
    char number[32], text[80];
    bool at = i == sheet->at;
    picture_fit(sheet->clean && tile->clean.pixels ? &tile->clean : &tile->raw,
                (struct area){ area.y + y, area.x + x, TILE_H, TILE_W });
    snprintf(text, sizeof text, "%s%s %s", at ? "=> " : "", human_count(tile->record, number, sizeof number),
             sheet->all ? tile->label : "");
    screen_text(area, y + TILE_H, x, TILE_W, at ? STYLE_SELECTED : STYLE_DIM, sl_str(text));
}

void data_sheet_draw(struct app *app, struct data_view *view, struct area area)
{
    struct data_sheet *sheet = &view->sheet;
    struct area body = { area.y + 1, area.x + 1, area.h - 1, area.w - 2 };
    int across = (body.w + 1) / (TILE_W + 1), down = body.h / (TILE_H + 1);
    across = across < 1 ? 1 : across;
    down = down < 1 ? 1 : down;
    sheet->across = across;
    sheet->at = sheet->at >= sheet->n && sheet->n ? sheet->n - 1 : sheet->at;
    int first = (sheet->at / across - (down - 1)) * across;
    first = first < 0 ? 0 : first;
    int wanted = first + across * (down + 1);
    if (wanted > sheet->wanted) {
        sheet->wanted = wanted;
        app_redraw(app);
    }
    draw_head(sheet, area);
    for (int i = first; i < sheet->n && i < first + across * down; i++)
        draw_tile(sheet, i, body, (i - first) / across * (TILE_H + 1), (i - first) % across * (TILE_W + 1));
    if (!sheet->n)
        screen_text(area, 2, 2, -1, STYLE_DIM, sl_str(sheet->complete ? "no pictures" : "reading"));
}

static void move(struct data_sheet *sheet, int by)
{
    int to = sheet->at + by;
    sheet->at = to < 0 ? 0 : to >= sheet->n ? sheet->n - (sheet->n > 0) : to;
}

/* Stand on the record, in the table. */
static void leave(struct app *app, struct data_view *view)
{
    struct data_sheet *sheet = &view->sheet;
    if (sheet->at < sheet->n) {
        uint64_t record = sheet->tiles[sheet->at].record;
        app_set_record(app, record);
        data_anchor(app, view, record, view->lines / 2);
    }
    view->mode = DATA_TABLE;
    data_sheet_release(sheet);
}

bool data_sheet_key(struct app *app, struct data_view *view, int key)
{
    struct data_sheet *sheet = &view->sheet;
    int across = sheet->across > 0 ? sheet->across : 1;
    switch (key) {
    case 'h':
    case K_LEFT: move(sheet, -1); break;
    case 'l':
    case K_RIGHT: move(sheet, 1); break;
    case 'k':
    case K_UP: move(sheet, -across); break;
    case 'j':
    case K_DOWN: move(sheet, across); break;
    case K_PAGE_UP: move(sheet, -2 * across); break;
    case ' ':
    case K_PAGE_DOWN: move(sheet, 2 * across); break;
    case '|': sheet->clean = !sheet->clean; break;
    case 'c':
        if (sheet->at < sheet->n && sheet->all)
            snprintf(sheet->class, sizeof sheet->class, "%s", sheet->tiles[sheet->at].label);
        sheet->all = !sheet->all || !sheet->class[0];
        if (sheet->at < sheet->n)
            app_set_record(app, sheet->tiles[sheet->at].record);
        restart(app, view);
        break;
    case 'i':
        leave(app, view);
        step_open(app, app_record(app), SIZE_MAX);
        break;
    case K_ENTER_KEY:
        leave(app, view);
        view->mode = DATA_RECORD;
        view->pane.top = 0;
        break;
    case 'v':
    case 'q':
    case K_ESC: leave(app, view); break;
    default: return false;
    }
    app_redraw(app);
    return true;
}
