/* view_step_pictures.c: pictures among the lines of the Step view: before and after, and a row of them with words. */
#include "view_step_lines.h"

#include "overlay.h"

enum { UNKNOWN_ROWS = 14, LEAST_ROWS = 6, MOST_ROWS = 24, SPARED = 4, TILE = 22, WORDS = 6 };

/* Rows a picture may take, in a pane whose height is known from the frame before. */
static int most_rows(const struct step_lines *lines, int spared)
{
    int most = lines->rows > 0 ? lines->rows - spared : UNKNOWN_ROWS;
    return most < LEAST_ROWS ? LEAST_ROWS : most > MOST_ROWS ? MOST_ROWS : most;
}

void step_lines_pictures(struct step_lines *lines, int x, const struct picture *before, const struct picture *after)
{
    const struct picture *of[2] = { before ? before : after, before ? after : NULL };
    int h[2] = { 0 }, w[2] = { 0 }, room = lines->width - x;
    for (int i = 0; i < 2; i++)
        if (of[i])
            picture_size(of[i], most_rows(lines, SPARED), of[1] ? room / 2 - 2 : room, &h[i], &w[i]);
    for (int row = 0; row < h[0] || row < h[1]; row++) {
        struct step_line *line = step_line_add(lines);
        for (int i = 0; line && i < 2; i++)
            if (row < h[i])
                line->picture[i] = (struct picture_row){ of[i], i ? x + w[0] + 4 : x, row, h[i], w[i] };
    }
}

int step_lines_abreast(const struct step_lines *lines)
{
    int n = (lines->width + 2) / (TILE + 2);
    return n < 1 ? 1 : n > STEP_ABREAST ? STEP_ABREAST : n;
}

struct words {
    struct sl_str line[WORDS];
    size_t n;
};

static void take_words(void *ctx, size_t i, struct sl_str span)
{
    struct words *words = ctx;
    if (i < WORDS) {
        words->line[i] = span;
        words->n = i + 1;
    }
}

void step_lines_tiles(struct step_lines *lines, const struct step_tile *tiles, int n)
{
    int across = step_lines_abreast(lines), width = (lines->width + 2) / across - 2;
    int h[STEP_ABREAST] = { 0 }, w[STEP_ABREAST] = { 0 }, rows = 0;
    struct words words[STEP_ABREAST] = { 0 };
    size_t folded = 0;
    n = n < across ? n : across;
    struct step_line *line = step_line_add(lines);
    for (int i = 0; i < n; i++) {
        picture_size(tiles[i].picture, most_rows(lines, SPARED + 2), width, &h[i], &w[i]);
        rows = h[i] > rows ? h[i] : rows;
        if (tiles[i].words.n)
            overlay_wrap(tiles[i].words, width, take_words, &words[i]);
        folded = words[i].n > folded ? words[i].n : folded;
        step_line_text(line, i * (width + 2), STYLE_STRONG, sl_str(tiles[i].title));
    }
    for (int row = 0; row < rows; row++) {
        line = step_line_add(lines);
        for (int i = 0; line && i < n; i++)
            if (row < h[i])
                line->picture[i] = (struct picture_row){ tiles[i].picture, i * (width + 2), row, h[i], w[i] };
    }
    for (size_t k = 0; k < folded; k++) {
        line = step_line_add(lines);
        for (int i = 0; i < n; i++)
            if (k < words[i].n)
                step_line_text(line, i * (width + 2), STYLE_NORMAL, words[i].line[k]);
    }
}
