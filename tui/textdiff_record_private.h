/* textdiff_record_private.h: lines of a record pane. */
#ifndef SL_TUI_TEXTDIFF_RECORD_PRIVATE_H
#define SL_TUI_TEXTDIFF_RECORD_PRIVATE_H

#include "picture.h"
#include "textdiff_draw.h"
#include "textdiff_record.h"

#define BESIDE_COLUMN 90 /* columns from which on the sides stand beside each other */
#define LABEL         9  /* columns of "before ~ " */

/* Texts compared; lives in the pane's arena. */
struct both {
    struct textdiff diff;
    struct sl_str a, b;
};

struct record_line {
    enum style style;
    const char *label;       /* "raw", at the left edge */
    struct sl_str text;      /* of a line that stands alone */
    const struct both *both; /* of a line of two texts, and then: */
    struct diff_place from, to;
    int side; /* 0, 1, or 2: beside each other */
    bool differs;
    struct picture_row picture[2]; /* beside each other */
};

#endif
