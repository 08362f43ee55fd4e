/* textdiff_record.h: a whole record before and after, as folded text with its differences marked. */
#ifndef SL_TUI_TEXTDIFF_RECORD_H
#define SL_TUI_TEXTDIFF_RECORD_H

#include "screen.h"
#include "sluice/stage.h"

/* A cell as text: borrowed from the chunk, or made in the arena. Empty and *missing set when there is no value. */
struct sl_str record_cell(const struct sl_chunk *chunk, size_t column, uint32_t row, struct sl_arena *arena,
                          bool *missing);

/* The features of an encoded cell by name, the weightiest first; as record_cell() when it has none to name. */
struct sl_str record_features(const struct sl_chunk *chunk, size_t column, const struct sl_stage *stage,
                              struct sl_arena *arena, bool *missing);

/* Column i of `of`, by its name, in another schema; -1: not there. Most often it has the same place. */
long record_column(const struct sl_schema *of, size_t i, const struct sl_schema *in);

struct record_line;
struct record_pane {
    struct sl_arena arena;
    struct record_line *lines;
    size_t n, capacity;
    size_t top; /* first line shown */
    int width, rows;
    bool failed;
};

/* What to show: one record (row 0) of each chunk; `after` may be NULL (dropped), with `gone` saying why. */
struct record_pair {
    const char *title; /* provenance; first line */
    const struct sl_chunk *before, *after;
    const char *before_name, *after_name;
    const char *gone;
    const struct sl_stage *stage; /* that made `after`: it knows its features' names; may be NULL */
    bool changed_only;            /* leave out columns that are equal, but name how many */
};

/* Fold for this width; sides by side where it is wide. Texts are borrowed until the next build or release. */
void record_pane_build(struct record_pane *pane, const struct record_pair *pair, int width);
void record_pane_draw(struct record_pane *pane, struct area area);
/* Scrolling keys; false: not one of them. */
bool record_pane_key(struct record_pane *pane, int key);
void record_pane_release(struct record_pane *pane);

#endif
