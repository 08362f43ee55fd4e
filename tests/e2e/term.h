/* term.h: a program in a pseudo-terminal, seen through libvterm: type at it, wait for its screen, look at cells.
 *
 * Waiting functions give up after E2E_PATIENCE seconds, show the screen and end the test; time decides nothing else. */
#ifndef SL_E2E_TERM_H
#define SL_E2E_TERM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <vterm.h>

#define E2E_PATIENCE 120

struct term {
    VTerm *vt;
    VTermScreen *screen;
    int fd; /* the terminal's other end; -1 once the program has closed it */
    int pid;
    int rows, columns;
    bool ended;
    int status; /* as from waitpid, once ended */
    bool alternate, cursor_visible;
    uint64_t bytes; /* received in all */
    char *raw;      /* the same */
    size_t raw_capacity;
};

struct term_options {
    int rows, columns;       /* 0: 24 by 80 */
    const char *const *args; /* after the program's name; ends with NULL */
    const char *const *env;  /* "NAME=VALUE", "NAME": taken away; ends with NULL; may be NULL */
    const char *program;     /* NULL: the program under test */
};

/* The program under test; absolute. */
extern const char *e2e_program;

/* In the current folder. At most E2E_TERMS at a time; all are ended with the test. */
struct term *term_start(const struct term_options *options);
/* The same with the screen's size and up to three arguments. */
struct term *term_open(int rows, int columns, const char *a, const char *b, const char *c);
/* Text, and keys: <Enter> <Esc> <Tab> <S-Tab> <BS> <Del> <Up> <Down> <Left> <Right> <PgUp> <PgDn> <Home> <End> <F1>
 * <Space> <C-x>; <lt> is "<". */
void term_type(struct term *term, const char *keys);
/* Until the screen has this text in one row; or has it no more. */
void term_wait(struct term *term, const char *text);
void term_wait_gone(struct term *term, const char *text);
/* Until something holds. */
void term_wait_that(struct term *term, bool (*holds)(struct term *term, long value), long value, const char *what);
/* Until one of two texts shows: true for the first. */
bool term_wait_either(struct term *term, const char *first, const char *second);
/* Type keys again and again (half a second apart) until the text shows: for what needs a program that is ready. */
void term_type_until(struct term *term, const char *keys, const char *text);
/* Until nothing has been drawn for `quiet_ms` (or for ten seconds at most: a training draws all the time). */
void term_settle(struct term *term, int quiet_ms);
void term_resize(struct term *term, int rows, int columns);
void term_signal(struct term *term, int signal);
/* Close our end, as a terminal does that is closed. */
void term_hang_up(struct term *term);
/* Until the program has ended; its wait status. */
int term_end(struct term *term);
void term_free(struct term *term);
/* All that are left. */
void term_free_all(void);

/* What is on the screen now. */
bool term_has(struct term *term, const char *text);
/* Row as UTF-8 without trailing blanks; good until the next call. */
const char *term_row(struct term *term, int y);
/* All rows, each with a newline; owned by the caller. */
char *term_text(struct term *term);
/* First row with the text, or -1; *column gets where it starts (may be NULL). */
int term_find(struct term *term, const char *text, int *column);
VTermScreenCell term_cell(struct term *term, int y, int x);
bool cell_coloured(const VTermScreenCell *cell);

/* End the test as failed, with a reason and all screens. */
void e2e_fail(const char *file, int line, const char *format, ...) __attribute__((format(printf, 3, 4), noreturn));
#define FAIL(...) e2e_fail(__FILE__, __LINE__, __VA_ARGS__)
#define CHECK(condition)                                         \
    do {                                                         \
        if (!(condition))                                        \
            e2e_fail(__FILE__, __LINE__, "not so: " #condition); \
    } while (0)

#endif
