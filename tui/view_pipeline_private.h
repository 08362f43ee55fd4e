/* view_pipeline_private.h: the Pipeline view's state. */
#ifndef SL_TUI_VIEW_PIPELINE_PRIVATE_H
#define SL_TUI_VIEW_PIPELINE_PRIVATE_H

#include "textdiff_record.h"
#include "view.h"

struct pipeline_view {
    size_t selected;
    struct sl_page page; /* the record, before and after the selected stage */
    bool loaded, more, ended;
    uint64_t next, record;
    struct sl_error error;
    uint64_t signature;
    size_t stage; /* the page is of */
    struct record_pane pane;
    int pane_width;
    bool pane_valid;
    bool lower; /* keys go to the record */
};

/* The selected stage and what it does to the record. stage may be NULL. */
void pipeline_record_draw(struct app *app, struct pipeline_view *view, const struct sl_stage_view *stage,
                          struct area area);

#endif
