/* complete.h: the words that may stand where the cursor is, as they are found. */
#ifndef SL_SESSIONS_COMPLETE_H
#define SL_SESSIONS_COMPLETE_H

#include "live.h"

struct completing {
    struct sl_session *session;
    struct sl_str prefix; /* of the word, without an opening quote */
    char **words;
    size_t n, capacity;
    bool failed;
};

/* A word that begins with the prefix is kept. */
void complete_word(struct completing *c, struct sl_str before, const char *word, const char *behind);
/* The same, quoted when it must be. */
void complete_name(struct completing *c, struct sl_str before, const char *name);
/* Files whose names begin with `start`, a path relative to the session's base. */
void complete_files(struct completing *c, struct sl_str before, struct sl_str start);
/* Stages of the recipe, with numbers where a name stands twice. */
void complete_stages(struct completing *c, const char *behind);
/* complete_debug.c: for the debugger's commands. False: nothing special. */
bool complete_debug(struct completing *c, const char *name, const struct sl_line *line);
/* Values of a parameter, behind `before` ("min_df="). */
void complete_values(struct completing *c, const struct sl_param *row, const struct sl_schema *schema,
                     struct sl_str before, struct sl_str start);

#endif
