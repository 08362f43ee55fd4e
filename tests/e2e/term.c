/* term.c: a pseudo-terminal with a program at one end and libvterm at the other.
 *
 * Whatever the program sends is fed to libvterm while waiting for something; what libvterm answers (cursor reports,
 * keys in the mode the program chose) is sent back. */
#include "term.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define TERMS 4

const char *e2e_program;
static struct term *terms[TERMS];

static int64_t now_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static void show_screens(void)
{
    for (int i = 0; i < TERMS; i++) {
        if (!terms[i])
            continue;
        char *text = term_text(terms[i]);
        printf("---- screen, %d rows by %d columns%s\n%s----\n", terms[i]->rows, terms[i]->columns,
               terms[i]->ended ? ", the program has ended" : "", text);
        free(text);
    }
}

void e2e_fail(const char *file, int line, const char *format, ...)
{
    va_list args;
    printf("%s:%d: ", file, line);
    va_start(args, format);
    vprintf(format, args);
    va_end(args);
    printf("\n");
    show_screens();
    fflush(stdout);
    for (int i = 0; i < TERMS; i++)
        if (terms[i] && !terms[i]->ended)
            kill(terms[i]->pid, SIGKILL);
    _exit(1);
}

static int on_property(VTermProp property, VTermValue *value, void *user)
{
    struct term *term = user;
    if (property == VTERM_PROP_ALTSCREEN)
        term->alternate = value->boolean;
    if (property == VTERM_PROP_CURSORVISIBLE)
        term->cursor_visible = value->boolean;
    return 1;
}

static void send_bytes(const char *p, size_t n, void *user)
{
    struct term *term = user;
    while (n && term->fd >= 0) {
        ssize_t sent = write(term->fd, p, n);
        if (sent < 0 && errno == EINTR)
            continue;
        if (sent <= 0)
            return;
        p += sent;
        n -= (size_t)sent;
    }
}

static void keep_raw(struct term *term, const char *p, size_t n)
{
    if (term->bytes + n + 1 > term->raw_capacity) {
        size_t capacity = (term->raw_capacity + n) * 2 + 4096;
        char *more = realloc(term->raw, capacity);
        if (!more)
            FAIL("out of memory");
        term->raw = more;
        term->raw_capacity = capacity;
    }
    memcpy(term->raw + term->bytes, p, n);
    term->bytes += n;
    term->raw[term->bytes] = '\0';
}

/* Take in what comes within some time. False: nothing did. */
static bool pump(struct term *term, int wait_ms)
{
    if (term->fd < 0) {
        poll(NULL, 0, wait_ms);
        return false;
    }
    struct pollfd poll_fd = { .fd = term->fd, .events = POLLIN };
    if (poll(&poll_fd, 1, wait_ms) <= 0)
        return false;
    char bytes[16384];
    ssize_t n = read(term->fd, bytes, sizeof bytes);
    if (n < 0 && (errno == EINTR || errno == EAGAIN))
        return false;
    if (n <= 0) { /* EIO: the program has closed its end */
        close(term->fd);
        term->fd = -1;
        return false;
    }
    keep_raw(term, bytes, (size_t)n);
    vterm_input_write(term->vt, bytes, (size_t)n);
    return true;
}

static void reap(struct term *term, bool wait)
{
    if (!term->ended && waitpid(term->pid, &term->status, wait ? 0 : WNOHANG) == term->pid)
        term->ended = true;
}

static void child(const struct term_options *options)
{
    const char *program = options->program ? options->program : e2e_program;
    const char *argv[16] = { program };
    for (int i = 0; options->args && options->args[i] && i < 14; i++)
        argv[i + 1] = options->args[i];
    for (int i = 0; options->env && options->env[i]; i++) {
        if (strchr(options->env[i], '='))
            putenv((char *)(uintptr_t)options->env[i]);
        else
            unsetenv(options->env[i]);
    }
    execvp(program, (char *const *)(uintptr_t)argv);
    fprintf(stderr, "cannot run %s: %s\n", program, strerror(errno));
    _exit(127);
}

struct term *term_start(const struct term_options *options)
{
    static const VTermScreenCallbacks callbacks = { .settermprop = on_property };
    int slot = 0;
    while (slot < TERMS && terms[slot])
        slot++;
    struct term *term = calloc(1, sizeof *term);
    if (slot == TERMS || !term)
        FAIL("no room for another terminal");
    term->rows = options->rows ? options->rows : 24;
    term->columns = options->columns ? options->columns : 80;
    term->cursor_visible = true;
    term->vt = vterm_new(term->rows, term->columns);
    term->screen = vterm_obtain_screen(term->vt);
    vterm_set_utf8(term->vt, 1);
    vterm_screen_enable_altscreen(term->screen, 1);
    vterm_screen_set_callbacks(term->screen, &callbacks, term);
    vterm_output_set_callback(term->vt, send_bytes, term);
    vterm_screen_reset(term->screen, 1);
    struct winsize size = { .ws_row = (unsigned short)term->rows, .ws_col = (unsigned short)term->columns };
    fflush(stdout);
    term->pid = forkpty(&term->fd, NULL, NULL, &size);
    if (term->pid < 0)
        FAIL("forkpty: %s", strerror(errno));
    if (term->pid == 0)
        child(options);
    fcntl(term->fd, F_SETFD, FD_CLOEXEC);
    terms[slot] = term;
    return term;
}

struct term *term_open(int rows, int columns, const char *a, const char *b, const char *c)
{
    const char *args[] = { a, b, c, NULL };
    return term_start(&(struct term_options){ .rows = rows, .columns = columns, .args = args });
}

void term_free(struct term *term)
{
    for (int i = 0; i < TERMS; i++)
        if (terms[i] == term)
            terms[i] = NULL;
    if (!term->ended) {
        kill(term->pid, SIGKILL);
        reap(term, true);
    }
    if (term->fd >= 0)
        close(term->fd);
    vterm_free(term->vt);
    free(term->raw);
    free(term);
}

void term_free_all(void)
{
    for (int i = 0; i < TERMS; i++)
        if (terms[i])
            term_free(terms[i]);
}

static bool key_code(const char *name, size_t n, VTermKey *key)
{
    static const struct {
        const char *name;
        VTermKey key;
    } keys[] = {
        { "Enter", VTERM_KEY_ENTER },  { "Esc", VTERM_KEY_ESCAPE },     { "Tab", VTERM_KEY_TAB },
        { "BS", VTERM_KEY_BACKSPACE }, { "Del", VTERM_KEY_DEL },        { "Up", VTERM_KEY_UP },
        { "Down", VTERM_KEY_DOWN },    { "Left", VTERM_KEY_LEFT },      { "Right", VTERM_KEY_RIGHT },
        { "PgUp", VTERM_KEY_PAGEUP },  { "PgDn", VTERM_KEY_PAGEDOWN },  { "Home", VTERM_KEY_HOME },
        { "End", VTERM_KEY_END },      { "F1", VTERM_KEY_FUNCTION(1) },
    };
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
        if (strlen(keys[i].name) == n && memcmp(keys[i].name, name, n) == 0) {
            *key = keys[i].key;
            return true;
        }
    return false;
}

/* One key of the form <…>. */
static void type_named(struct term *term, const char *name, size_t n)
{
    VTermKey key;
    if (n == 3 && name[0] == 'C' && name[1] == '-') {
        char control = (char)(name[2] & 31);
        send_bytes(&control, 1, term);
    } else if (n == 2 && memcmp(name, "lt", 2) == 0) {
        send_bytes("<", 1, term);
    } else if (n == 5 && memcmp(name, "Space", 5) == 0) {
        send_bytes(" ", 1, term);
    } else if (n == 5 && memcmp(name, "S-Tab", 5) == 0) {
        vterm_keyboard_key(term->vt, VTERM_KEY_TAB, VTERM_MOD_SHIFT);
    } else if (key_code(name, n, &key)) {
        vterm_keyboard_key(term->vt, key, VTERM_MOD_NONE);
        if (key == VTERM_KEY_ESCAPE) /* alone, not the start of another key */
            term_settle(term, 300);
    } else {
        FAIL("no key is called <%.*s>", (int)n, name);
    }
}

void term_type(struct term *term, const char *keys)
{
    while (*keys) {
        const char *end = *keys == '<' ? strchr(keys, '>') : NULL;
        if (end) {
            type_named(term, keys + 1, (size_t)(end - keys - 1));
            keys = end + 1;
        } else {
            send_bytes(keys++, 1, term);
        }
        while (pump(term, 0)) {}
    }
}

/* A terminal takes what is written to it, looked at or not: a full one would hold its program up. */
static void pump_others(const struct term *but)
{
    for (int i = 0; i < TERMS; i++)
        if (terms[i] && terms[i] != but && terms[i]->fd >= 0)
            for (int turns = 0; turns < 8 && pump(terms[i], 0); turns++) {}
}

static void pump_or_fail(struct term *term, int64_t deadline, const char *what, const char *text)
{
    pump_others(term);
    bool got = pump(term, 30);
    reap(term, false);
    if (!got && term->ended && term->fd < 0)
        FAIL("the program ended with status %#x while waiting %s \"%s\"", (unsigned)term->status, what, text);
    if (now_ms() > deadline)
        FAIL("waited %d s %s \"%s\"", E2E_PATIENCE, what, text);
}

/* What was waited for may have come with the first part of a frame: take in the rest. */
static void finish_frame(struct term *term)
{
    for (int64_t end = now_ms() + 400; now_ms() < end && pump(term, 40);) {}
}

void term_wait(struct term *term, const char *text)
{
    int64_t deadline = now_ms() + E2E_PATIENCE * 1000;
    while (!term_has(term, text))
        pump_or_fail(term, deadline, "for", text);
    finish_frame(term);
}

void term_wait_gone(struct term *term, const char *text)
{
    int64_t deadline = now_ms() + E2E_PATIENCE * 1000;
    while (term_has(term, text))
        pump_or_fail(term, deadline, "for the end of", text);
    finish_frame(term);
}

void term_wait_that(struct term *term, bool (*holds)(struct term *term, long value), long value, const char *what)
{
    int64_t deadline = now_ms() + E2E_PATIENCE * 1000;
    while (!holds(term, value))
        pump_or_fail(term, deadline, "until", what);
    finish_frame(term);
}

bool term_wait_either(struct term *term, const char *first, const char *second)
{
    int64_t deadline = now_ms() + E2E_PATIENCE * 1000;
    while (!term_has(term, first) && !term_has(term, second))
        pump_or_fail(term, deadline, "for", first);
    return term_has(term, first);
}

void term_type_until(struct term *term, const char *keys, const char *text)
{
    int64_t deadline = now_ms() + E2E_PATIENCE * 1000;
    while (!term_has(term, text)) {
        term_type(term, keys);
        for (int64_t until = now_ms() + 500; now_ms() < until && !term_has(term, text);)
            pump_or_fail(term, deadline, "for", text);
    }
}

void term_settle(struct term *term, int quiet_ms)
{
    int64_t last = now_ms(), end = last + 10000;
    while (now_ms() - last < quiet_ms && now_ms() < end)
        if (pump(term, 20))
            last = now_ms();
    reap(term, false);
}

void term_resize(struct term *term, int rows, int columns)
{
    struct winsize size = { .ws_row = (unsigned short)rows, .ws_col = (unsigned short)columns };
    while (pump(term, 0)) {}
    term->rows = rows;
    term->columns = columns;
    vterm_set_size(term->vt, rows, columns);
    if (term->fd >= 0 && ioctl(term->fd, TIOCSWINSZ, &size) != 0)
        FAIL("TIOCSWINSZ: %s", strerror(errno));
}

void term_signal(struct term *term, int signal)
{
    if (kill(term->pid, signal) != 0)
        FAIL("kill: %s", strerror(errno));
}

void term_hang_up(struct term *term)
{
    close(term->fd);
    term->fd = -1;
}

int term_end(struct term *term)
{
    int64_t deadline = now_ms() + E2E_PATIENCE * 1000;
    while (!term->ended || term->fd >= 0) {
        pump(term, 30);
        reap(term, false);
        if (now_ms() > deadline)
            FAIL("waited %d s for the program to end", E2E_PATIENCE);
    }
    return term->status;
}
