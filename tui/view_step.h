/* view_step.h: what the rest of the workbench asks of the Step view. */
#ifndef SL_TUI_VIEW_STEP_H
#define SL_TUI_VIEW_STEP_H

#include "view.h"

/* Show a record in the Step view, at this stage of the pipeline (as in step.h; SIZE_MAX: its source). */
void step_open(struct app *app, uint64_t record, size_t stage);
/* Show the records of a cell of the confusion matrix, most wrong first. */
void step_open_cell(struct app *app, uint32_t truth, uint32_t predicted);
/* After every poll: when a training has failed and records are to blame, show them and say so. */
void step_watch_training(struct app *app);
/* A command of the debugger was carried out: its answer is the Step view, which is shown. False: none of those. */
bool step_answers(struct app *app, const char *line);
/* Is something of the debugger under way? And stop it. */
bool step_busy(struct app *app);
bool step_cancel(struct app *app);

#endif
