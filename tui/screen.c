/* screen.c: take the terminal over and give it back, whatever happens.
 *
 * Bytes that restore the terminal are taken from terminfo beforehand; a fatal signal's handler writes them and resets
 * the line settings, touching neither ncurses nor the heap. The ordinary ways out (return, exit) end ncurses properly.
 * The locale is the user's, but for numbers: those are written in the C locale everywhere. */
#include "screen_private.h"

#include "signals.h"

#include <curses.h>
#include <term.h>
#undef columns /* a macro of term.h */

#include <langinfo.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

struct screen_state screen_state = { .cursor_y = -1 };

static struct {
    SCREEN *screen;
    struct termios before;
    bool have_before;
    char bytes[256]; /* that restore the terminal */
    size_t n;
} saved;

static void save_string(const char *capability)
{
    const char *z = tigetstr(capability);
    if (z && z != (const char *)-1) {
        /* Padding ($<5>) is left out: nobody waits in a signal handler. */
        for (; *z && saved.n + 1 < sizeof saved.bytes; z++) {
            if (z[0] == '$' && z[1] == '<') {
                z += strcspn(z, ">");
                if (!*z) {
                    break;
                }
            } else {
                saved.bytes[saved.n++] = *z;
            }
        }
    }
}

static void save_restoring_bytes(bool mouse)
{
    static const char mouse_off[] = "\033[?1000l\033[?1006l", paste_off[] = "\033[?2004l";
    saved.n = 0;
    save_string("sgr0");
    save_string("op");
    save_string("cnorm");
    save_string("rmkx");
    if (mouse && saved.n + sizeof mouse_off < sizeof saved.bytes) {
        memcpy(saved.bytes + saved.n, mouse_off, sizeof mouse_off - 1);
        saved.n += sizeof mouse_off - 1;
    }
    if (saved.n + sizeof paste_off < sizeof saved.bytes) {
        memcpy(saved.bytes + saved.n, paste_off, sizeof paste_off - 1);
        saved.n += sizeof paste_off - 1;
    }
    save_string("rmcup");
}

/* In a signal handler: async-signal-safe calls only. */
static void rescue(void)
{
    if (saved.n) {
        ssize_t written = write(STDOUT_FILENO, saved.bytes, saved.n);
        (void)written;
    }
    if (saved.have_before) {
        tcsetattr(STDIN_FILENO, TCSANOW, &saved.before);
    }
}

static int choose_colours(int wanted)
{
    const char *no_color = getenv("NO_COLOR");
    if (wanted == 0 || (wanted < 0 && no_color && no_color[0]) || !has_colors()) {
        return 0;
    }
    start_color();
    use_default_colors();
    if (COLOR_PAIRS < STYLE_N + 1) {
        return 0;
    }
    const char *truecolor = getenv("COLORTERM");
    if (COLORS > 256) {
        return 1 << 24;
    }
    if (COLORS == 256) {
        return truecolor && (strcmp(truecolor, "truecolor") == 0 || strcmp(truecolor, "24bit") == 0) ? 1 << 24 : 256;
    }
    return COLORS >= 16 ? 16 : COLORS >= 8 ? 8 : 0;
}

static bool choose_ascii(bool wanted)
{
    const char *term = getenv("TERM");
    return wanted || strcmp(nl_langinfo(CODESET), "UTF-8") != 0 || (term && strcmp(term, "linux") == 0);
}

/* In the C locale only ASCII is shown; but keys are read as UTF-8, and ncurses then leaves out sequences (REP) that
 * some terminals do not know. */
static void widen_locale(void)
{
    if (strcmp(nl_langinfo(CODESET), "ANSI_X3.4-1968") == 0) {
        setlocale(LC_CTYPE, "C.UTF-8");
    }
}

static int take_terminal(struct sl_error *err)
{
    const char *term = getenv("TERM");
    if (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO)) {
        sl_fail(err, SL_EIO, "the workbench needs a terminal, and this is none");
        return sl_fix(err, "use \"sluice run RECIPE\", or --plain");
    }
    saved.have_before = tcgetattr(STDIN_FILENO, &saved.before) == 0;
    saved.screen = newterm(NULL, stdout, stdin);
    if (!saved.screen) {
        sl_fail(err, SL_EIO, "the terminal \"%s\" is not known here", term ? term : "");
        return sl_fix(err, "set TERM to what your terminal is, or use --plain");
    }
    set_term(saved.screen);
    return SL_OK;
}

int screen_open(const struct screen_options *options, struct sl_error *err)
{
    setlocale(LC_ALL, "");
    setlocale(LC_NUMERIC, "C");
    bool ascii = choose_ascii(options->ascii);
    widen_locale();
    int status = signals_open(rescue, err);
    if (status != SL_OK) {
        return status;
    }
    status = take_terminal(err);
    if (status != SL_OK) {
        signals_close();
        return status;
    }
    raw();
    noecho();
    nonl();
    set_escdelay(25);
    leaveok(stdscr, FALSE);
    curs_set(0);
    screen_state = (struct screen_state){ .open = true, .ascii = ascii, .mouse = options->mouse, .cursor_y = -1 };
    screen_state.colours = choose_colours(options->colour);
    screen_styles_open();
    screen_keys_open(options->mouse);
    refresh(); /* on our own screen, which is cleared: whatever a question looks like there is gone at once */
    screen_state.pictures = (enum pictures)options->pictures;
    screen_graphics_open(screen_state.pictures);
    screen_refresh();
    save_restoring_bytes(options->mouse);
    atexit(screen_close);
    return SL_OK;
}

void screen_close(void)
{
    if (!screen_state.open) {
        return;
    }
    screen_state.open = false;
    screen_keys_close();
    screen_pixels_close();
    screen_graphics_close();
    curs_set(1);
    endwin();
    delscreen(saved.screen);
    saved.screen = NULL;
    saved.n = 0;
    if (saved.have_before) {
        tcsetattr(STDIN_FILENO, TCSANOW, &saved.before);
    }
    signals_close();
}

void screen_size(int *rows, int *columns)
{
    *rows = screen_state.open ? LINES : 0;
    *columns = screen_state.open ? COLS : 0;
}

bool screen_ascii(void)
{
    return screen_state.ascii;
}

bool screen_blocks(void)
{
    return screen_state.colours >= 16 && !screen_state.ascii && screen_state.pictures != PICTURES_ASCII;
}

int screen_colours(void)
{
    return screen_state.colours;
}

int screen_fd(void)
{
    return STDIN_FILENO;
}

void screen_leave(void)
{
    curs_set(1);
    screen_paste_marks(false);
    endwin();
}

void screen_return(void)
{
    screen_paste_marks(true);
    screen_resize();
}

void screen_resize(void)
{
    struct winsize size;
    if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_row && size.ws_col) {
        resize_term(size.ws_row, size.ws_col);
    }
    screen_refresh(); /* terminals differ in what they keep */
}

void screen_refresh(void)
{
    clearok(curscr, TRUE);
    screen_graphics_all();
    for (int y = 0; y < LINES; y++) {
        screen_pixels_again(y);
    }
}

void screen_cursor(int y, int x)
{
    screen_state.cursor_y = y;
    screen_state.cursor_x = x;
}

static bool line_differs(int y)
{
    for (int x = 0; x < COLS; x++) {
        cchar_t ours, shown;
        memset(&ours, 0, sizeof ours);
        memset(&shown, 0, sizeof shown);
        if (mvwin_wch(stdscr, y, x, &ours) == ERR || mvwin_wch(curscr, y, x, &shown) == ERR ||
            memcmp(&ours, &shown, sizeof ours) != 0) {
            return true;
        }
    }
    return false;
}

/* Have changed lines sent whole. Else ncurses looks for lines that moved and scrolls them by several at once (SU, SD),
 * which some terminals that claim to be xterm do not know; on a screen made of panes nothing is lost without it. */
static void send_lines_whole(void)
{
    for (int y = 0; y < LINES; y++) {
        if (line_differs(y)) {
            screen_pixels_again(y);
            screen_graphics_again(y);
            wredrawln(stdscr, y, 1);
        }
    }
}

void screen_flush(void)
{
    screen_graphics_settle();
    send_lines_whole();
    bool shown = screen_state.cursor_y >= 0 && screen_state.cursor_y < LINES && screen_state.cursor_x >= 0 &&
                 screen_state.cursor_x < COLS;
    if (shown) {
        move(screen_state.cursor_y, screen_state.cursor_x);
    }
    wnoutrefresh(stdscr);
    doupdate();
    screen_pixels_flush();
    screen_graphics_flush();
    curs_set(shown); /* once on our screen: terminals keep it with each */
}
