/* prompt_private.h: the prompt's parts. */
#ifndef SL_TUI_PROMPT_PRIVATE_H
#define SL_TUI_PROMPT_PRIVATE_H

#include "prompt.h"
#include "view.h"

struct prompt_state {
    struct app *app;
    bool active, commands;
    char *label;
    void (*done)(struct app *app, void *ctx, const char *line);
    void *ctx;
    unsigned char bytes[4096]; /* typed, not yet read by readline */
    size_t first, n;
    bool ended;     /* readline gave a line (or none) */
    char *line;     /* owned; NULL: cancelled */
    char **matches; /* to be listed above the line */
    size_t n_matches;
    int left; /* first column of the line that is shown */
};
extern struct prompt_state prompt_state;

/* History of command lines, from and to its file. */
void prompt_history_open(void);
void prompt_history_add(const char *line);
/* Lines that are no commands (a search, a number) have a history of their own, which is not kept. */
void prompt_history_use(bool commands);

/* For readline: completions of the word from start to end. */
char **prompt_complete(const char *text, int start, int end);
void prompt_list_matches(char **matches, int n, int longest);
void prompt_forget_matches(void);

#endif
