/* command.h: the parameters of the session's commands, as command_table.c describes them. */
#ifndef SL_SESSIONS_COMMAND_H
#define SL_SESSIONS_COMMAND_H

#include "sluice/session.h"

struct insert_params {
    int64_t place;
    char *statement;
};
struct edit_params {
    char *stage, *statement;
};
struct place_params {
    char *stage;
};
struct move_params {
    char *stage;
    int64_t to;
};
struct set_params {
    char *change;
};
struct open_params {
    struct sl_names files;
};
struct resume_params {
    bool force;
};
struct train_params {
    char *change;
};
struct tune_params {
    char *change;
};
struct export_params {
    char *path;
    int what;
    char *checkpoint;
};
struct note_params {
    char *text;
};
struct debug_text_params { /* break, unbreak, switch, watch, unwatch, goto */
    char *text;
};
struct step_params {
    int way;
    int64_t times;
};
struct records_params {
    int which;
    char *first, *second;
};
struct help_params {
    char *name;
};

/* Row of sl_commands by name, or NULL. */
const struct sl_command *command_find(struct sl_str name);
/* Its parameters from the words behind the name. */
int command_params(const struct sl_command *command, const struct sl_line *line, struct sl_arena *arena, void **params,
                   struct sl_error *err);

/* The error that the line's first word is no stage and no command. */
int command_unknown(const struct sl_line *line, struct sl_error *err);

#endif
