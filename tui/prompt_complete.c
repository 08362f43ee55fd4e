/* prompt_complete.c: completions of the command language, and the list of them. */
#include "app_private.h"
#include "prompt_private.h"

#include <readline/readline.h>
#include <stdlib.h>
#include <string.h>

struct words {
    char **word;
    size_t n;
};

static bool add_word(struct words *words, const char *text)
{
    char **more = realloc(words->word, (words->n + 1) * sizeof *more);
    if (!more) {
        return false;
    }
    words->word = more;
    words->word[words->n] = strdup(text);
    return words->word[words->n] && ++words->n;
}

static void take_session_words(struct sl_session *session, size_t end, struct words *words)
{
    char **found = NULL;
    size_t n = 0;
    if (!session || sl_session_complete(session, rl_line_buffer, end, &found, &n) != SL_OK) {
        return;
    }
    for (size_t i = 0; i < n; i++) {
        add_word(words, found[i]);
        free(found[i]);
    }
    free(found);
}

static int by_name(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static void sort_and_unique(struct words *words)
{
    if (!words->n) {
        return;
    }
    qsort(words->word, words->n, sizeof *words->word, by_name);
    size_t kept = 1;
    for (size_t i = 1; i < words->n; i++) {
        if (strcmp(words->word[kept - 1], words->word[i]) == 0) {
            free(words->word[i]);
        } else {
            words->word[kept++] = words->word[i];
        }
    }
    words->n = kept;
}

static size_t common_start(const struct words *words)
{
    size_t n = strlen(words->word[0]);
    for (size_t i = 1; i < words->n; i++) {
        size_t same = 0;
        while (same < n && words->word[i][same] == words->word[0][same]) {
            same++;
        }
        n = same;
    }
    while (n && ((unsigned char)words->word[0][n] & 0xc0) == 0x80) {
        n--;
    }
    return n;
}

/* As readline wants it: what all have in common, then each, then NULL; one alone stands for both. */
static char **as_matches(struct words *words)
{
    char **matches = calloc(words->n + 2, sizeof *matches);
    char *common = matches ? strndup(words->word[0], common_start(words)) : NULL;
    if (!common) {
        free(matches);
        return NULL;
    }
    matches[0] = common;
    if (words->n > 1) {
        memcpy(matches + 1, words->word, words->n * sizeof *matches);
        words->n = 0;
    }
    return matches;
}

static bool wants_more(const char *word)
{
    size_t n = strlen(word);
    return n && strchr("=/.,", word[n - 1]) != NULL;
}

char **prompt_complete(const char *text, int start, int end)
{
    struct app *app = prompt_state.app;
    struct words words = { 0 };
    rl_attempted_completion_over = 1;
    if (!prompt_state.commands) {
        return NULL;
    }
    take_session_words(app->session, (size_t)end, &words);
    if (strspn(rl_line_buffer, " \t:") >= (size_t)start) {
        for (const struct app_command *c = app_commands; c->name; c++) {
            if (strncmp(c->name, text, strlen(text)) == 0) {
                add_word(&words, c->name);
            }
        }
    }
    sort_and_unique(&words);
    char **matches = words.n ? as_matches(&words) : NULL;
    rl_completion_append_character = matches && !matches[1] && wants_more(matches[0]) ? '\0' : ' ';
    rl_filename_completion_desired = 0;
    for (size_t i = 0; i < words.n; i++) {
        free(words.word[i]);
    }
    free(words.word);
    return matches;
}

void prompt_forget_matches(void)
{
    struct prompt_state *p = &prompt_state;
    for (size_t i = 0; i < p->n_matches; i++) {
        free(p->matches[i]);
    }
    free(p->matches);
    p->matches = NULL;
    p->n_matches = 0;
}

void prompt_list_matches(char **matches, int n, int longest)
{
    (void)longest;
    struct prompt_state *p = &prompt_state;
    struct words words = { 0 };
    prompt_forget_matches();
    for (int i = 1; i <= n; i++) {
        add_word(&words, matches[i]);
    }
    p->matches = words.word;
    p->n_matches = words.n;
    app_redraw(p->app);
}
