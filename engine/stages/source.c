/* source.c: what the statements that read files share: see source.h. */
#include "engine/stages/source.h"

const char *const sl_source_roles[] = { "train", "validation", "test", NULL };
