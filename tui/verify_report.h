/* verify_report.h: a verified training as text, and as JSON, one object a line. */
#ifndef SL_TUI_VERIFY_REPORT_H
#define SL_TUI_VERIFY_REPORT_H

#include "sluice/verify.h"

void verify_report(const struct sl_verified *run, const char *session, bool dry, bool colour, struct sl_buf *out);
void verify_json(const struct sl_verified *run, const char *session, struct sl_buf *out);

#endif
