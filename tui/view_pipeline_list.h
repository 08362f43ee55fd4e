/* view_pipeline_list.h: the recipe as a list, in the Pipeline view and beside the records. */
#ifndef SL_TUI_VIEW_PIPELINE_LIST_H
#define SL_TUI_VIEW_PIPELINE_LIST_H

#include "view.h"

/* Stages with their figures as far as the width allows; `selected` SIZE_MAX: none. What is wrong with the recipe stands
 * below the stage it is about. */
void stage_list_draw(struct app *app, struct area area, size_t selected);
/* Lines the whole list takes. */
int stage_list_height(struct app *app, int width);

/* Changes whenever records looked at before, and their schemas, may be gone. */
uint64_t stage_signature(struct sl_session *session);

#endif
