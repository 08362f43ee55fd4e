/* prompt.c: readline through its callback interface, fed byte by byte and drawn as any other text.
 *
 * Readline neither reads nor writes the terminal here: its input is our queue, its output goes to /dev/null, it
 * installs no signal handlers and leaves the line settings alone. Its bindings, its editing modes and the user's
 * inputrc work as ever. Esc cancels where readline would only wait for more; in vi's insert mode and in searches it
 * means what it means there.
 *
 * Reading a terminal's description again makes ncurses' own current one change, so that is put back. */
#include "app_private.h"
#include "prompt_private.h"
#include "screen_cell.h"

#include <curses.h>
#include <term.h>
#undef columns

#include <poll.h>
#include <readline/history.h>
#include <readline/readline.h>
#include <stdio.h>
#include <stdlib.h>

struct prompt_state prompt_state;

static int take_byte(FILE *stream)
{
    (void)stream;
    struct prompt_state *p = &prompt_state;
    if (p->first == p->n) {
        /* In the middle of something of several bytes (a paste): the rest is on its way. */
        struct pollfd fd = { .fd = screen_fd(), .events = POLLIN };
        int byte = poll(&fd, 1, 200) == 1 ? screen_byte() : -1;
        return byte < 0 ? EOF : byte;
    }
    return p->bytes[p->first++];
}

static int bytes_wait(void)
{
    return prompt_state.first < prompt_state.n;
}

static void draw_later(void)
{
    if (prompt_state.app) {
        app_redraw(prompt_state.app);
    }
}

static void take_line(char *line)
{
    prompt_state.line = line;
    prompt_state.ended = true;
}

static void terminal_stays(int meta)
{
    (void)meta;
}

static void terminal_stays_too(void) {}

/* Once. */
static bool readline_open(void)
{
    static bool done;
    if (done) {
        return true;
    }
    FILE *nowhere = fopen("/dev/null", "r+e");
    if (!nowhere) {
        return false;
    }
    rl_instream = rl_outstream = nowhere;
    rl_readline_name = "sluice";
    rl_catch_signals = 0;
    rl_catch_sigwinch = 0;
    rl_change_environment = 0;
    rl_getc_function = take_byte;
    rl_input_available_hook = bytes_wait;
    rl_redisplay_function = draw_later;
    rl_prep_term_function = terminal_stays;
    rl_deprep_term_function = terminal_stays_too;
    rl_attempted_completion_function = prompt_complete;
    rl_completion_display_matches_hook = prompt_list_matches;
    rl_completer_word_break_characters = " \t";
    rl_completer_quote_characters = "";
    rl_variable_bind("show-all-if-ambiguous", "on"); /* the user's inputrc may say otherwise */
    TERMINAL *ours = cur_term;
    rl_initialize();
    set_curterm(ours);
    rl_variable_bind("bell-style", "none");
    prompt_history_open();
    done = true;
    return true;
}

bool prompt_active(void)
{
    return prompt_state.active;
}

static void set_text(const char *text, struct sl_str copied)
{
    if (copied.n) {
        /* Into the kill ring, where ^Y finds it. */
        char *z = strndup(copied.p, copied.n);
        if (z) {
            rl_replace_line(z, 0);
            rl_kill_text(0, rl_end);
        }
        free(z);
    }
    rl_replace_line(text, 0);
    rl_point = rl_end;
}

void app_prompt(struct app *app, const char *label, const char *text, bool commands,
                void (*done)(struct app *app, void *ctx, const char *line), void *ctx)
{
    prompt_close(app);
    char *copy = strdup(label);
    if (!copy || !readline_open()) {
        free(copy);
        app_message(app, STYLE_ERROR, "the prompt cannot be opened: out of memory or files");
        done(app, ctx, NULL);
        return;
    }
    prompt_state = (struct prompt_state){
        .app = app, .active = true, .commands = commands, .label = copy, .done = done, .ctx = ctx
    };
    screen_raw(true);
    prompt_history_use(commands);
    TERMINAL *ours = cur_term;
    rl_callback_handler_install("", take_line);
    set_curterm(ours);
    set_text(text, (struct sl_str){ app->copied.p, app->copied.n });
    app_redraw(app);
}

/* Leave the line; `line` (owned) goes to who asked. */
static void finish(struct app *app, char *line)
{
    struct prompt_state was = prompt_state;
    rl_callback_handler_remove();
    prompt_forget_matches();
    prompt_state.active = false;
    screen_raw(false);
    free(was.label);
    prompt_state.label = NULL;
    if (line && line[0] && was.commands) {
        prompt_history_add(line);
    } else if (line && line[0]) {
        add_history(line);
    }
    was.done(app, was.ctx, line);
    free(line);
    app_redraw(app);
}

void prompt_close(struct app *app)
{
    if (prompt_state.active) {
        rl_replace_line("", 0);
        finish(app, NULL);
    }
}

/* Within a search or another command of readline that wants the key itself. */
static bool readline_wants_key(void)
{
    return RL_ISSTATE(RL_STATE_ISEARCH | RL_STATE_NSEARCH | RL_STATE_NUMERICARG | RL_STATE_VIMOTION |
                      RL_STATE_MOREINPUT | RL_STATE_CHARSEARCH) != 0;
}

static bool vi_inserts(void)
{
    return rl_editing_mode == 0 && rl_get_keymap() == vi_insertion_keymap;
}

static void run_readline(struct app *app)
{
    struct prompt_state *p = &prompt_state;
    while (p->active && !p->ended && p->first < p->n) {
        rl_callback_read_char();
    }
    if (p->first == p->n) {
        p->first = p->n = 0;
    }
    if (p->active && p->ended) {
        char *line = p->line;
        p->line = NULL;
        finish(app, line);
    }
}

void prompt_byte(struct app *app, int byte)
{
    struct prompt_state *p = &prompt_state;
    app->message[0] = '\0';
    if (byte == K_CTRL('C') || (byte == K_CTRL('G') && !readline_wants_key())) {
        prompt_close(app);
        return;
    }
    if (p->n == sizeof p->bytes) {
        return;
    }
    p->bytes[p->n++] = (unsigned char)byte;
    if (byte != 27 || p->n > 1) { /* what an Esc means is known when more follows, or none: prompt_idle() */
        prompt_forget_matches();
        run_readline(app);
    }
}

void prompt_idle(struct app *app)
{
    struct prompt_state *p = &prompt_state;
    if (!p->active || p->first == p->n) {
        return;
    }
    struct pollfd fd = { .fd = screen_fd(), .events = POLLIN };
    if (poll(&fd, 1, 25) == 1) {
        return; /* the rest of a key's sequence */
    }
    if (readline_wants_key() || vi_inserts()) {
        run_readline(app);
    } else {
        prompt_close(app);
    }
}

/* Columns of the line up to byte `at`, and from there. */
static struct sl_str line_from(int at)
{
    return (struct sl_str){ rl_line_buffer + at, (size_t)(rl_end - at) };
}

static int draw_matches(struct area main_area)
{
    struct prompt_state *p = &prompt_state;
    int widest = 1;
    for (size_t i = 0; i < p->n_matches; i++) {
        int w = screen_width(sl_str(p->matches[i]));
        widest = w > widest ? w : widest;
    }
    int across = (main_area.w - 1) / (widest + 2), most = main_area.h < 8 ? main_area.h : 8;
    across = across < 1 ? 1 : across;
    int rows = (int)((p->n_matches + (size_t)across - 1) / (size_t)across);
    bool cut = rows > most;
    rows = cut ? most : rows;
    int top = main_area.h - rows;
    for (int y = 0; y < rows; y++) {
        screen_fill(main_area, top + y, 0, main_area.w, STYLE_NORMAL, " ");
        for (int x = 0; x < across; x++) {
            size_t i = (size_t)y * (size_t)across + (size_t)x;
            if (i < p->n_matches) {
                screen_text(main_area, top + y, 1 + x * (widest + 2), widest, STYLE_KEY, sl_str(p->matches[i]));
            }
        }
    }
    if (cut) {
        screen_text(main_area, main_area.h - 1, main_area.w - 6, -1, STYLE_DIM, SL_STR(" more"));
    }
    return top;
}

void prompt_draw(struct app *app, struct area main_area, struct area bottom)
{
    (void)app;
    struct prompt_state *p = &prompt_state;
    if (p->n_matches && main_area.h > 0) {
        int top = draw_matches(main_area);
        screen_fill(main_area, top - 1, 0, main_area.w, STYLE_DIM, screen_glyph("─", "-"));
    }
    screen_erase(bottom);
    const char *label = RL_ISSTATE(RL_STATE_ISEARCH | RL_STATE_NSEARCH) && rl_display_prompt ? rl_display_prompt
                                                                                             : p->label;
    int x = bottom.w > 8 ? 1 : 0;
    x += screen_text(bottom, 0, x, bottom.w / 2, STYLE_KEY, sl_str(label));
    int room = bottom.w - x - 1;
    if (room < 1) {
        return;
    }
    /* Scroll so that the cursor is in sight. */
    int before = screen_width((struct sl_str){ rl_line_buffer, (size_t)rl_point });
    p->left = before < p->left ? before : before > p->left + room ? before - room : p->left;
    int at = 0, columns = 0;
    struct cell cell;
    while (at < rl_end && columns < p->left) {
        cell_next(line_from(at), screen_ascii(), &cell);
        columns += cell.columns;
        at += (int)cell.bytes;
    }
    screen_text(bottom, 0, x, room + 1, STYLE_NORMAL, line_from(at));
    screen_cursor(bottom.y, bottom.x + x + before - columns);
}
