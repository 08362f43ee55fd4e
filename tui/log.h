/* log.h: what was said: messages of the program and whatever libraries print to standard error.
 *
 * Standard error is led into a pipe while the workbench has the screen, so that nothing printed can disturb it. */
#ifndef SL_TUI_LOG_H
#define SL_TUI_LOG_H

#include "sluice/mem.h"

#define LOG_LINES 1000

/* Lead standard error here, when it is a terminal. */
void log_capture(void);
/* Give standard error back; what was caught since the last read is written to it. Safe in a signal handler. */
void log_release(void);
void log_free(void);
/* Readable when something was printed; -1: not captured. */
int log_fd(void);
/* Take over what was printed; true when a line was added. */
bool log_read(void);
/* Add text, line by line. */
void log_add(struct sl_str text);
/* Line i of log_lines(), oldest first; borrowed until the next addition. */
size_t log_lines(void);
struct sl_str log_line(size_t i);

#endif
