/* view_data_preview.c: the picture of the selected record, raw and clean, at the right of a table without side panes.
 */
#include "view_data_private.h"

#define LEAST_WIDTH 70 /* of the view, and of its height, from which on there is room */
#define LEAST_ROWS  12
#define MOST_WIDTH  44

const struct picture *data_picture(const struct sl_chunk *chunk, uint32_t i, struct sl_arena *arena)
{
    const struct picture *found = NULL;
    for (size_t c = 0; chunk && c < chunk->schema->n && !found; c++)
        found = picture_of_cell(chunk, c, i, arena);
    return found;
}

static bool has_pictures(const struct sl_chunk *chunk)
{
    for (size_t c = 0; chunk && c < chunk->schema->n; c++)
        if (chunk->schema->fields[c].type == SL_IMAGE || chunk->schema->fields[c].height)
            return true;
    return false;
}

int data_preview_width(const struct data_view *view, struct area area)
{
    const struct sl_row *row = data_selected(view);
    if (view->mode != DATA_TABLE || area.w < LEAST_WIDTH || area.h < LEAST_ROWS || !row || row->rejected ||
        !has_pictures(row->raw_chunk))
        return 0;
    int width = area.w * 2 / 5;
    return width < MOST_WIDTH ? width : MOST_WIDTH;
}

static int draw_one(const struct picture *picture, const char *name, const char *size, struct area area)
{
    int h, w;
    picture_size(picture, area.h - 1, area.w, &h, &w);
    int x = screen_text(area, 0, 0, -1, STYLE_STRONG, sl_str(name)) + 1;
    screen_text(area, 0, x, -1, STYLE_DIM, sl_str(size));
    picture_draw(picture, (struct area){ area.y + 1, area.x, h, w });
    return h + 1;
}

static const char *size_of(const struct picture *p, struct sl_buf *text)
{
    text->n = 0;
    sl_buf_printf(text, "%u×%u", p->height, p->breadth);
    sl_buf_putc(text, '\0');
    return text->failed ? "" : text->p;
}

void data_preview_draw(struct data_view *view, struct area area)
{
    const struct sl_row *row = data_selected(view);
    struct sl_buf text = { 0 };
    if (!row || row->rejected)
        return;
    const struct picture *raw = data_picture(row->raw_chunk, row->raw, &view->arena);
    const struct picture *clean = data_picture(row->after_chunk, 0, &view->arena);
    if (clean && raw && clean->pixels && clean->pixels == raw->pixels)
        clean = NULL; /* the very same */
    int half = clean && raw ? area.h / 2 : area.h, y = 0;
    if (raw)
        y = draw_one(raw, "raw", size_of(raw, &text), (struct area){ area.y, area.x, half, area.w });
    if (clean)
        draw_one(clean, "clean", size_of(clean, &text), (struct area){ area.y + y, area.x, area.h - y, area.w });
    else if (row->dropped_by >= 0)
        screen_text(area, y, 0, -1, STYLE_WARNING, SL_STR("x dropped"));
    sl_buf_release(&text);
}
