/* source.h: what the statements that read files share. */
#ifndef SLUICE_STAGES_SOURCE_H
#define SLUICE_STAGES_SOURCE_H

#include "sluice/stage.h"

/* The row `as`: what the records are for. Its names are those of enum sl_role. */
extern const char *const sl_source_roles[];
#define SL_SOURCE_AS(s, f)                                                                                       \
    SL_CHOICE(s, f, .choices = sl_source_roles,                                                                  \
              .help = "what the records are for: training (then divided by split, if there is one), validation " \
                      "or test")

#endif
