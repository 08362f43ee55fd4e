/* view_train_weights.c: what each unit of the first layer looks for: its weights as a picture, red where brightness
 * excites it and blue where it holds it back; where the input is no picture, as a row of signs. */
#include "picture.h"
#include "view_train_inside.h"

enum { TILES_ACROSS = 5, TILES_DOWN = 2, CAPTION = 9 };

/* Without pictures: a strip of one row for each unit, features from left to right. */
static void draw_strips(struct train_inside *inside, const struct sl_inspection *seen, struct area area)
{
    int n = (int)seen->n_units, at = inside->at[INSIDE_WEIGHTS];
    int first = train_tiles(inside, area, area.w < 1 ? 1 : area.w, 1, n, at);
    for (int i = first; i < n && i - first < area.h; i++) {
        struct picture p = { .height = 1,
                             .breadth = seen->width,
                             .channels = 1,
                             .at = seen->first + (size_t)i * seen->width,
                             .signs = true };
        picture_range(&p);
        int width = area.w - CAPTION < (int)seen->width ? area.w - CAPTION : (int)seen->width;
        screen_printf(area, i - first, 0, i == at ? STYLE_SELECTED : STYLE_DIM, "unit %d", i + 1);
        picture_draw(&p, (struct area){ area.y + i - first, area.x + CAPTION, 1, width });
    }
}

void train_weights_draw(struct train_inside *inside, const struct sl_inspection *seen, struct area area)
{
    if (!seen->n_units || !seen->first) {
        screen_text(area, 0, 0, -1, STYLE_HINT, SL_STR("no layer of it has weights on the inputs"));
        return;
    }
    if (!seen->height) {
        draw_strips(inside, seen, area);
        return;
    }
    struct picture p = { .height = seen->height, .breadth = seen->breadth, .channels = seen->channels, .signs = true };
    int most_h = area.h / TILES_DOWN - 1, most_w = area.w / TILES_ACROSS - 1, h, w;
    picture_size(&p, most_h < 1 ? 1 : most_h, most_w < 1 ? 1 : most_w, &h, &w);
    int width = w < CAPTION ? CAPTION : w, n = (int)seen->n_units, at = inside->at[INSIDE_WEIGHTS];
    int first = train_tiles(inside, area, width + 1, h + 1, n, at);
    for (int i = first; i < n && i < first + inside->across * inside->down; i++) {
        int y = (i - first) / inside->across * (h + 1), x = (i - first) % inside->across * (width + 1);
        p.at = seen->first + (size_t)i * seen->width;
        picture_range(&p);
        picture_draw(&p, (struct area){ area.y + y, area.x + x, h, w });
        screen_printf(area, y + h, x, i == at ? STYLE_SELECTED : STYLE_DIM, "unit %d", i + 1);
    }
}
