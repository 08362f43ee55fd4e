/* prompt_history.c: the lines typed before, kept in $XDG_STATE_HOME/sluice/history (default ~/.local/state).
 *
 * A line is appended when it is entered, so two workbenches open at once both add theirs. Failing to keep it is no
 * error. */
#include "prompt_private.h"

#include <readline/history.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#define KEPT 2000

static HISTORY_STATE *other; /* the state not in use */
static bool commands_in_use = true;
static char path[4096];

/* Each folder of the path, private to the user. */
static void make_folders(void)
{
    for (char *slash = strchr(path + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        mkdir(path, 0700);
        *slash = '/';
    }
}

void prompt_history_open(void)
{
    const char *state = getenv("XDG_STATE_HOME"), *home = getenv("HOME");
    int n = -1;
    if (state && state[0] == '/') {
        n = snprintf(path, sizeof path, "%s/sluice/history", state);
    } else if (home && home[0] == '/') {
        n = snprintf(path, sizeof path, "%s/.local/state/sluice/history", home);
    }
    if (n < 0 || (size_t)n >= sizeof path) {
        path[0] = '\0';
    }
    using_history();
    stifle_history(KEPT);
    if (path[0]) {
        read_history(path);
    }
}

void prompt_history_use(bool commands)
{
    if (commands != commands_in_use) {
        HISTORY_STATE *now = history_get_history_state();
        static HISTORY_STATE empty;
        history_set_history_state(other ? other : &empty);
        free(other);
        other = now;
        commands_in_use = commands;
    }
    using_history();
}

void prompt_history_add(const char *line)
{
    HIST_ENTRY *last = history_length > 0 ? history_get(history_base + history_length - 1) : NULL;
    if (last && strcmp(last->line, line) == 0) {
        return;
    }
    add_history(line);
    if (!path[0]) {
        return;
    }
    if (append_history(1, path) != 0) {
        make_folders();
        FILE *file = fopen(path, "ae");
        if (file) {
            fclose(file);
            append_history(1, path);
        }
    }
}
