/* workbench_command.h: the ways into the workbench from the command line. */
#ifndef SL_TUI_WORKBENCH_COMMAND_H
#define SL_TUI_WORKBENCH_COMMAND_H

#include "batch.h"

enum workbench_way { WORKBENCH_OPEN, WORKBENCH_ATTACH, WORKBENCH_REPLAY };

/* Is there a terminal that can place the cursor? */
bool workbench_terminal(void);
/* Open it on what the operands name, until the user leaves; returns the exit status. */
int workbench_run(const struct options *options, enum workbench_way way);

#endif
