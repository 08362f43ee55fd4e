/* screen_key.c: keys, the mouse, and the clipboard.
 *
 * ncurses decodes the terminal's sequences; keys are read through a pad, since reading through a window would draw it.
 * In raw mode decoding is off and the bytes come as they are, for readline, which has its own tables. */
#include "graphics.h"
#include "screen_private.h"

#include "sluice/text.h"

#include <curses.h>

#include <poll.h>
#include <stdio.h>
#include <unistd.h>

/* Codes for the marks around what is pasted; beyond those of ncurses. */
enum { PASTE_BEGIN = KEY_MAX + 1, PASTE_END };
#define PASTE_MOST ((size_t)1 << 20)

static WINDOW *input;
static struct sl_buf pasted;

void screen_keys_open(bool mouse)
{
    input = newpad(1, 1);
    if (!input) {
        return;
    }
    keypad(input, TRUE);
    nodelay(input, TRUE);
    define_key("\033[200~", PASTE_BEGIN);
    define_key("\033[201~", PASTE_END);
    screen_paste_marks(true);
    if (mouse) {
        mousemask(BUTTON1_PRESSED | BUTTON1_CLICKED | BUTTON4_PRESSED | BUTTON5_PRESSED, NULL);
        mouseinterval(0);
    }
}

void screen_keys_close(void)
{
    if (input) {
        screen_paste_marks(false);
        keypad(input, FALSE);
        delwin(input);
        input = NULL;
        sl_buf_release(&pasted);
    }
}

void screen_send(const char *text, size_t n)
{
    while (n > 0) {
        ssize_t sent = write(STDOUT_FILENO, text, n);
        if (sent <= 0) {
            return;
        }
        text += sent;
        n -= (size_t)sent;
    }
}

void screen_paste_marks(bool on)
{
    static const char begin[] = "\033[?2004h", end[] = "\033[?2004l";
    screen_send(on ? begin : end, sizeof begin - 1);
}

/* Everything up to the end mark, which is waited for a moment. */
static int read_paste(void)
{
    pasted.n = 0;
    for (int idle = 0; idle < 20;) {
        wint_t code;
        char bytes[4];
        int kind = wget_wch(input, &code);
        if (kind == KEY_CODE_YES && code == PASTE_END) {
            break;
        }
        if (kind == ERR) {
            struct pollfd fd = { .fd = STDIN_FILENO, .events = POLLIN };
            idle += poll(&fd, 1, 10) != 1;
        } else if (kind == OK && pasted.n < PASTE_MOST) {
            sl_buf_add(&pasted, bytes, sl_utf8_encode(code, bytes));
        }
    }
    return pasted.n ? K_PASTE_EVENT : KEY_NONE;
}

struct sl_str screen_pasted(void)
{
    return (struct sl_str){ pasted.p, pasted.n };
}

void screen_raw(bool raw_bytes)
{
    if (input) {
        keypad(input, !raw_bytes);
    }
}

int screen_byte(void)
{
    int c = input ? wgetch(input) : ERR;
    return c == ERR || c > 255 ? -1 : c;
}

static int mouse_key(void)
{
    MEVENT event;
    if (getmouse(&event) != OK) {
        return KEY_NONE;
    }
    screen_state.mouse_y = event.y;
    screen_state.mouse_x = event.x;
    screen_state.mouse_button = event.bstate & BUTTON4_PRESSED ? 4 : event.bstate & BUTTON5_PRESSED ? 5 : 1;
    return K_MOUSE_EVENT;
}

static int special_key(wint_t code)
{
    switch (code) {
    case KEY_UP: return K_UP;
    case KEY_DOWN: return K_DOWN;
    case KEY_LEFT: return K_LEFT;
    case KEY_RIGHT: return K_RIGHT;
    case KEY_PPAGE: return K_PAGE_UP;
    case KEY_NPAGE: return K_PAGE_DOWN;
    case KEY_HOME: return K_HOME_KEY;
    case KEY_END: return K_END_KEY;
    case KEY_DC: return K_DELETE;
    case KEY_BACKSPACE: return K_BACKSPACE;
    case KEY_ENTER: return K_ENTER_KEY;
    case KEY_BTAB: return K_SHIFT_TAB;
    case KEY_F(1): return K_F1;
    case KEY_MOUSE: return mouse_key();
    case PASTE_BEGIN: return read_paste();
    default: return KEY_NONE;
    }
}

static int plain_key(wint_t code)
{
    switch (code) {
    case '\r':
    case '\n': return K_ENTER_KEY;
    case '\t': return K_TAB;
    case 27: return K_ESC;
    case 8:
    case 127: return K_BACKSPACE;
    default: return (int)code;
    }
}

/* The rest of what the terminal answers late; what is no answer goes back. One that is still owed is waited for a
 * moment; another can only be there whole. */
static bool swallow_answer(void)
{
    enum { MOST = 512 };
    char bytes[MOST] = { 27 };
    size_t n = 1, length = 0;
    bool whole = false;
    int patience = screen_answer_waited() ? 10 : 0;
    for (int idle = 0; idle < 3 && n < MOST && !length;) {
        int c = wgetch(input);
        if (c == ERR) {
            struct pollfd fd = { .fd = STDIN_FILENO, .events = POLLIN };
            idle += poll(&fd, 1, patience) != 1 ? patience ? 1 : 3 : 0;
            continue;
        }
        if (c > 255) {
            ungetch(c);
            break;
        }
        bytes[n++] = (char)c;
        bool begins = bytes[1] == '_' || bytes[1] == '[';
        length = graphics_answer_length(bytes, n, &whole);
        if (!begins || (n >= 3 && !length)) {
            break;
        }
        length = whole ? length : 0;
    }
    if (length) {
        struct graphics_answer answer;
        graphics_read_answer(bytes, n, &answer);
        if (answer.over) {
            screen_answer_come();
        }
        return true;
    }
    while (n > 1) {
        ungetch((unsigned char)bytes[--n]);
    }
    return false;
}

int screen_key(void)
{
    wint_t code;
    int key = KEY_NONE;
    while (input && key == KEY_NONE) {
        int kind = wget_wch(input, &code);
        if (kind == ERR) {
            return KEY_NONE;
        }
        if (kind == OK && code == 27 && swallow_answer()) {
            continue;
        }
        key = kind == KEY_CODE_YES ? special_key(code) : plain_key(code);
    }
    return key;
}

bool screen_interrupted(void)
{
    enum { INTERRUPT = 3, KEPT = 64 };
    int typed[KEPT], n = 0, c;
    bool found = false;
    while (input && n < KEPT && (c = wgetch(input)) != ERR) {
        found |= c == INTERRUPT;
        typed[n++] = c;
    }
    while (!found && n > 0) {
        ungetch(typed[--n]);
    }
    return found;
}

void screen_mouse(int *y, int *x, int *button)
{
    *y = screen_state.mouse_y;
    *x = screen_state.mouse_x;
    *button = screen_state.mouse_button;
}

/* Terminals refuse longer ones, some at 74994 bytes of base64. */
#define COPY_MOST ((size_t)56000)

void screen_copy(struct sl_str text)
{
    struct sl_buf sequence = { 0 };
    text.n = text.n < COPY_MOST ? text.n : COPY_MOST;
    sl_buf_puts(&sequence, "\033]52;c;");
    graphics_base64(&sequence, (const uint8_t *)text.p, text.n);
    sl_buf_puts(&sequence, "\a");
    if (!sequence.failed && screen_state.open) {
        screen_send(sequence.p, sequence.n);
    }
    sl_buf_release(&sequence);
}
