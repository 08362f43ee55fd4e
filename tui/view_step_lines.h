/* view_step_lines.h: lines of folded text, some of them a text before and after with its differences marked, scrolled
 * as one. */
#ifndef SL_TUI_VIEW_STEP_LINES_H
#define SL_TUI_VIEW_STEP_LINES_H

#include "picture.h"
#include "screen.h"
#include "sluice/step.h"
#include "textdiff_draw.h"

#define STEP_LABEL   9 /* columns of "before ~ " */
#define STEP_PIECES  12
#define STEP_ABREAST 6 /* pictures beside each other */

/* A text before and after. */
struct step_both {
    struct textdiff diff; /* runs in the arena */
    struct sl_str a, b;
};

struct step_piece {
    int x, width; /* width of a bar; of text -1: as long as it is */
    double share; /* ≥ 0: a bar filled so far */
    enum style style;
    struct sl_str text;
};
struct step_line {
    struct step_piece piece[STEP_PIECES];
    int pieces;
    const struct step_both *both; /* or NULL */
    struct diff_place from, to;
    int side; /* 0, 1, or 2: beside each other */
    const char *label;
    bool differs;
    struct picture_row picture[STEP_ABREAST];
};

struct step_lines {
    struct sl_arena arena;
    struct step_line *lines;
    size_t n, capacity;
    size_t top;   /* first line shown */
    size_t first; /* first line that is marked as different; SIZE_MAX: none */
    int width, rows;
};

void step_lines_begin(struct step_lines *lines, int width);
void step_lines_release(struct step_lines *lines);
/* A line to put pieces on; NULL: out of memory (pieces on it are ignored). */
struct step_line *step_line_add(struct step_lines *lines);
void step_line_text(struct step_line *line, int x, enum style style, struct sl_str text);
/* The same, printed into the arena; returns the column behind it. */
int step_line_printf(struct step_lines *lines, struct step_line *line, int x, enum style style, const char *format, ...)
    __attribute__((format(printf, 5, 6)));
void step_line_bar(struct step_line *line, int x, int width, enum style style, double share);
/* Text folded from column x on, at most `most` lines of it (0: all), with the label at the left edge of the first; both
 * are borrowed. */
void step_lines_fold(struct step_lines *lines, int x, enum style style, const char *label, struct sl_str text,
                     size_t most);
/* The same, printed into the arena. */
void step_lines_printf(struct step_lines *lines, int x, enum style style, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
/* Pictures from column x on, one or two beside each other (each may be NULL), as high as leaves room for the rest. */
void step_lines_pictures(struct step_lines *lines, int x, const struct picture *before, const struct picture *after);
/* Pictures beside each other, as many as there is room for, each with its words folded under it: a row of n. */
struct step_tile {
    const struct picture *picture;
    const char *title;   /* borrowed, like the words */
    struct sl_str words; /* may be empty */
};
void step_lines_tiles(struct step_lines *lines, const struct step_tile *tiles, int n);
/* How many tiles stand beside each other at this width. */
int step_lines_abreast(const struct step_lines *lines);
/* Mark the last line as one that differs. */
void step_lines_mark(struct step_lines *lines);
/* A text before and after, whose edits are known. */
void step_lines_both(struct step_lines *lines, struct sl_str before, struct sl_str after,
                     const struct sl_text_edit *edits, size_t n_edits);
/* A copy in the arena; NULL: out of memory. */
const char *step_lines_keep(struct step_lines *lines, struct sl_str text);

/* Scroll so that the first difference is in sight, when it is drawn next. */
void step_lines_draw(struct step_lines *lines, struct area area);
bool step_lines_key(struct step_lines *lines, int key);

#endif
