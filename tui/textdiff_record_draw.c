/* textdiff_record_draw.c: the lines of a record pane that are in sight, and scrolling. */
#include "textdiff_record_private.h"

#include "overlay.h"

#include <stdlib.h>

static void draw_pair(const struct record_pane *pane, const struct record_line *line, struct area area, int y)
{
    const struct both *both = line->both;
    if (line->side < 2) {
        diff_draw_line(area, y, LABEL, &both->diff, both->a, both->b, line->side, &line->from, &line->to);
        return;
    }
    int half = (pane->width - 3) / 2;
    diff_draw_line(area, y, 0, &both->diff, both->a, both->b, 0, &line->from, &line->to);
    screen_text(area, y, half + 1, 1, line->differs ? STYLE_WARNING : STYLE_DIM,
                sl_str(line->differs ? "~" : screen_glyph("│", "|")));
    diff_draw_line(area, y, half + 3, &both->diff, both->a, both->b, 1, &line->from, &line->to);
}

static void draw_line(const struct record_pane *pane, const struct record_line *line, struct area area, int y)
{
    if (line->label) {
        screen_text(area, y, 0, LABEL - 2, STYLE_DIM, sl_str(line->label));
    }
    if (line->differs && line->side < 2) {
        screen_text(area, y, LABEL - 2, 1, STYLE_WARNING, SL_STR("~"));
    }
    for (int i = 0; i < 2; i++) {
        if (line->picture[i].of) {
            picture_draw_row(&line->picture[i], area, y);
        }
    }
    if (line->both) {
        draw_pair(pane, line, area, y);
    } else if (line->text.n) {
        screen_text(area, y, line->label ? LABEL : 0, -1, line->style, line->text);
    }
}

void record_pane_draw(struct record_pane *pane, struct area area)
{
    pane->rows = area.h;
    size_t rows = area.h > 0 ? (size_t)area.h : 1, most = pane->n > rows ? pane->n - rows : 0;
    pane->top = pane->top > most ? most : pane->top;
    for (int y = 0; y < area.h && pane->top + (size_t)y < pane->n; y++) {
        draw_line(pane, &pane->lines[pane->top + (size_t)y], area, y);
    }
    if (pane->top < most) {
        screen_text(area, area.h - 1, area.w - 2, -1, STYLE_DIM, sl_str(screen_glyph(" ↓", " v")));
    }
}

bool record_pane_key(struct record_pane *pane, int key)
{
    size_t rows = pane->rows > 0 ? (size_t)pane->rows : 1;
    size_t most = pane->n > rows ? pane->n - rows : 0;
    key = key == 'j' ? K_DOWN : key == 'k' ? K_UP : key == ' ' ? K_PAGE_DOWN : key == 'G' ? K_END_KEY : key;
    return overlay_move(key, most + 1, (int)rows, &pane->top);
}

void record_pane_release(struct record_pane *pane)
{
    sl_arena_release(&pane->arena);
    free(pane->lines);
    *pane = (struct record_pane){ 0 };
}
