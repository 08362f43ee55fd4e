/* view_step_lines_draw.c: the lines of a pane of the Step view that are in sight, and scrolling. */
#include "view_step_lines.h"

#include "overlay.h"

static void draw_both(const struct step_lines *lines, const struct step_line *line, struct area area, int y)
{
    const struct step_both *both = line->both;
    if (line->side < 2) {
        diff_draw_line(area, y, STEP_LABEL, &both->diff, both->a, both->b, line->side, &line->from, &line->to);
        return;
    }
    int half = (lines->width - 3) / 2;
    diff_draw_line(area, y, 0, &both->diff, both->a, both->b, 0, &line->from, &line->to);
    screen_text(area, y, half + 1, 1, line->differs ? STYLE_WARNING : STYLE_DIM,
                sl_str(line->differs ? "~" : screen_glyph("│", "|")));
    diff_draw_line(area, y, half + 3, &both->diff, both->a, both->b, 1, &line->from, &line->to);
}

static void draw_line(const struct step_lines *lines, const struct step_line *line, struct area area, int y)
{
    if (line->label) {
        screen_text(area, y, 0, STEP_LABEL - 2, STYLE_DIM, sl_str(line->label));
    }
    if (line->differs && line->side < 2) {
        screen_text(area, y, STEP_LABEL - 2, 1, STYLE_WARNING, SL_STR("~"));
    }
    if (line->both) {
        draw_both(lines, line, area, y);
    }
    for (int i = 0; i < STEP_ABREAST; i++) {
        if (line->picture[i].of) {
            picture_draw_row(&line->picture[i], area, y);
        }
    }
    for (int i = 0; i < line->pieces; i++) {
        const struct step_piece *p = &line->piece[i];
        if (p->share >= 0) {
            screen_bar(area, y, p->x, p->width, p->style, p->share);
        } else if (p->x < area.w) {
            screen_text(area, y, p->x, -1, p->style, p->text);
        }
    }
}

void step_lines_draw(struct step_lines *lines, struct area area)
{
    lines->rows = area.h > 0 ? area.h : 1;
    size_t rows = (size_t)lines->rows, most = lines->n > rows ? lines->n - rows : 0;
    if (lines->top == SIZE_MAX) { /* a new place: its first difference in sight, below a line or two around it */
        size_t first = lines->first == SIZE_MAX ? 0 : lines->first;
        lines->top = first + 2 < rows ? 0 : first - (rows > 3 ? 2 : 0);
    }
    lines->top = lines->top > most ? most : lines->top;
    for (int y = 0; y < area.h && lines->top + (size_t)y < lines->n; y++) {
        draw_line(lines, &lines->lines[lines->top + (size_t)y], area, y);
    }
    if (lines->top > 0 && area.h > 1) {
        screen_text(area, 0, area.w - 2, -1, STYLE_DIM, sl_str(screen_glyph(" ↑", " ^")));
    }
    if (lines->top < most) {
        screen_text(area, area.h - 1, area.w - 2, -1, STYLE_DIM, sl_str(screen_glyph(" ↓", " v")));
    }
}

bool step_lines_key(struct step_lines *lines, int key)
{
    size_t rows = lines->rows > 0 ? (size_t)lines->rows : 1, most = lines->n > rows ? lines->n - rows : 0;
    lines->top = lines->top > most ? most : lines->top;
    return overlay_move(key, most + 1, (int)rows, &lines->top);
}
