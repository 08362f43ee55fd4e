/* shell_edit.c: GNU readline at the bottom of a terminal, by callbacks, so that news can be told while a line is typed.
 */
#include "prompt_private.h"
#include "shell.h"

#include <locale.h>
#include <readline/history.h>
#include <readline/readline.h>
#include <stdio.h>
#include <stdlib.h>

static struct shell *edited; /* readline's callbacks carry no context */
static bool hidden;
static char *saved_line;
static int saved_point;

static void take_line(char *line)
{
    if (!line) {
        edited->eof = true;
        sl_buf_puts(&edited->out, "\n");
        rl_callback_handler_remove();
        return;
    }
    if (*line) {
        prompt_history_add(line);
    }
    sl_buf_puts(&edited->in, line);
    sl_buf_putc(&edited->in, '\n');
    free(line);
}

static char **words;
static size_t n_words, next_word;

static char *give_word(const char *text, int state)
{
    (void)text;
    if (state == 0) {
        next_word = 0;
    }
    return next_word < n_words ? words[next_word++] : NULL;
}

static void add_word(const char *word, const char *begin)
{
    char **more = strncmp(word, begin, strlen(begin)) ? NULL : realloc(words, (n_words + 1) * sizeof *words);
    if (more) {
        words = more;
        words[n_words] = strdup(word);
        n_words += words[n_words] != NULL;
    }
}

static char **complete(const char *text, int start, int end)
{
    rl_attempted_completion_over = 1;
    size_t before = strspn(rl_line_buffer, " \t");
    words = NULL;
    n_words = 0;
    if (sl_session_complete(edited->session, rl_line_buffer, (size_t)end, &words, &n_words)) {
        words = NULL;
        n_words = 0;
    }
    if (before >= (size_t)start) {
        for (const struct shell_command *c = shell_commands; c->name; c++) {
            add_word(c->name, text);
        }
    } else if (strncmp(rl_line_buffer + before, "show ", 5) == 0 &&
               !memchr(rl_line_buffer + before + 5, ' ', strlen(rl_line_buffer + before + 5))) {
        for (const struct plain_show *show = plain_shows; show->name; show++) {
            add_word(show->name, text);
        }
    }
    char **matches = rl_completion_matches(text, give_word); /* owns the words now */
    for (; matches && next_word < n_words; next_word++) {
        free(words[next_word]);
    }
    free(words);
    words = NULL;
    size_t length = matches && !matches[1] ? strlen(matches[0]) : 0;
    rl_completion_append_character = length && strchr("=/.,", matches[0][length - 1]) ? '\0' : ' ';
    return matches;
}

void shell_edit_open(struct shell *shell)
{
    edited = shell;
    setlocale(LC_CTYPE, "");
    rl_readline_name = "sluice";
    rl_catch_signals = 0;
    rl_attempted_completion_function = complete;
    rl_completer_word_break_characters = " \t";
    rl_completer_quote_characters = "";
    prompt_history_open();
    rl_callback_handler_install("sluice> ", take_line);
}

void shell_edit_close(void)
{
    rl_callback_handler_remove();
    free(saved_line);
    saved_line = NULL;
}

void shell_edit_read(void)
{
    rl_callback_read_char();
}

void shell_edit_hide(void)
{
    if (hidden) {
        return;
    }
    hidden = true;
    saved_point = rl_point;
    saved_line = rl_copy_text(0, rl_end);
    rl_set_prompt("");
    rl_replace_line("", 0);
    rl_redisplay();
    fflush(rl_outstream);
}

void shell_edit_show(void)
{
    if (!hidden || edited->eof || edited->quit) {
        return;
    }
    hidden = false;
    rl_set_prompt("sluice> ");
    rl_replace_line(saved_line ? saved_line : "", 0);
    rl_point = saved_point;
    free(saved_line);
    saved_line = NULL;
    rl_forced_update_display();
}

void shell_edit_clear(void)
{
    rl_crlf();
    rl_on_new_line();
    rl_replace_line("", 1);
    rl_forced_update_display();
}
