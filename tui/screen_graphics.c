/* screen_graphics.c: pictures in real pixels, over the cells that show them anyway, where the terminal says it can.
 *
 * Strips of a row's height that stand under each other become one picture when the frame is sent. What stood there in
 * the frame before stays; what text lies over is taken away as a whole, and its cells show instead. The terminal is
 * asked once; what it answers late is swallowed where keys are read. */
#include "screen_private.h"

#include "graphics.h"

#include <curses.h>

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

enum { IMAGES = 128, ROWS = 512, ANSWER = 1024, WAIT_MS = 120 };

struct image {
    int y, x, h, w; /* cells */
    struct sl_buf pixels;
    uint32_t id;
    bool sent, covered;
};

static struct {
    enum pictures protocol; /* PICTURES_KITTY, PICTURES_SIXEL, or another: none */
    int cell_h, cell_w;
    bool waiting; /* for the rest of the answer */
    bool all;     /* send everything again */
    bool again[ROWS];
    struct image now[IMAGES], old[IMAGES];
    int n_now, n_old;
    uint32_t last_id;
} graphics;

static void forget(struct image *images, int *n)
{
    for (int i = 0; i < *n; i++)
        sl_buf_release(&images[i].pixels);
    *n = 0;
}

/* --- asking --- */

static int64_t now_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* What is typed meanwhile is kept for screen_key(). */
static struct graphics_answer ask(void)
{
    char bytes[ANSWER], typed[ANSWER];
    size_t n = 0;
    struct graphics_answer answer = { 0 };
    int64_t until = now_ms() + WAIT_MS;
    screen_send(graphics_question, strlen(graphics_question));
    while (!answer.over && n < sizeof bytes) {
        struct pollfd fd = { .fd = STDIN_FILENO, .events = POLLIN };
        int64_t left = until - now_ms();
        if (left <= 0 || poll(&fd, 1, (int)left) != 1)
            break;
        ssize_t got = read(STDIN_FILENO, bytes + n, sizeof bytes - n);
        if (got <= 0)
            break;
        n += (size_t)got;
        graphics_read_answer(bytes, n, &answer);
    }
    graphics.waiting = !answer.over;
    size_t kept = graphics_typed(bytes, n, typed);
    while (kept > 0)
        ungetch((unsigned char)typed[--kept]);
    return answer;
}

static void measure_cells(const struct graphics_answer *answer)
{
    struct winsize size;
    graphics.cell_h = answer->cell_h;
    graphics.cell_w = answer->cell_w;
    if (graphics.cell_h < 4 && ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_row && size.ws_col) {
        graphics.cell_h = size.ws_ypixel / size.ws_row;
        graphics.cell_w = size.ws_xpixel / size.ws_col;
    }
    bool usual = graphics.cell_h >= 4 && graphics.cell_h <= 128 && graphics.cell_w >= 2 && graphics.cell_w <= 64;
    if (!usual && graphics.protocol == PICTURES_KITTY) { /* it fits them to the cells */
        graphics.cell_h = 20;
        graphics.cell_w = 10;
    } else if (!usual) {
        graphics.protocol = PICTURES_BLOCKS;
    }
}

void screen_graphics_open(enum pictures wanted)
{
    memset(&graphics, 0, sizeof graphics);
    graphics.protocol = wanted;
    bool ask_it = wanted == PICTURES_AUTO ? screen_state.colours >= 256 && !screen_state.ascii
                                          : wanted == PICTURES_KITTY || wanted == PICTURES_SIXEL;
    if (!ask_it)
        return;
    struct graphics_answer answer = ask();
    if (wanted == PICTURES_AUTO)
        graphics.protocol = answer.kitty ? PICTURES_KITTY : answer.sixel ? PICTURES_SIXEL : PICTURES_BLOCKS;
    measure_cells(&answer);
}

bool screen_answer_waited(void)
{
    return graphics.waiting;
}

void screen_answer_come(void)
{
    graphics.waiting = false;
}

/* --- a frame --- */

static bool has_pixels(void)
{
    return graphics.protocol == PICTURES_KITTY || graphics.protocol == PICTURES_SIXEL;
}

bool screen_pixel_size(int *h, int *w)
{
    *h = graphics.cell_h;
    *w = graphics.cell_w;
    return screen_state.open && has_pixels();
}

void screen_frame(void)
{
    if (!has_pixels())
        return;
    for (int i = 0; i < graphics.n_old; i++) /* a frame that was never sent: what it should have taken away */
        graphics.all |= graphics.old[i].sent;
    forget(graphics.old, &graphics.n_old);
    memcpy(graphics.old, graphics.now, sizeof graphics.now);
    graphics.n_old = graphics.n_now;
    memset(graphics.now, 0, sizeof graphics.now);
    graphics.n_now = 0;
}

void screen_pixel_row(struct area area, int y, int x, int w, const uint8_t *rgb)
{
    int row = area.y + y, column = area.x + x;
    if (!has_pixels() || y < 0 || y >= area.h || x < 0 || x + w > area.w || row < 0 || row >= LINES - 1 || column < 0 ||
        column + w > COLS || w < 1)
        return;
    struct image *image = NULL;
    for (int i = graphics.n_now - 1; i >= 0 && !image; i--) {
        struct image *at = &graphics.now[i];
        if (at->x == column && at->w == w && at->y + at->h == row && !at->sent)
            image = at;
    }
    if (!image && graphics.n_now == IMAGES)
        return;
    if (!image) {
        image = &graphics.now[graphics.n_now++];
        *image = (struct image){ .y = row, .x = column, .w = w };
    }
    image->h++;
    sl_buf_add(&image->pixels, (const char *)rgb, (size_t)graphics.cell_h * (size_t)(w * graphics.cell_w) * 3);
}

void screen_graphics_over(int y, int x)
{
    for (int i = 0; i < graphics.n_now; i++) {
        struct image *at = &graphics.now[i];
        at->covered |= y >= at->y && y < at->y + at->h && x >= at->x && x < at->x + at->w;
    }
}

void screen_graphics_again(int y)
{
    if (y < ROWS)
        graphics.again[y] = true;
}

void screen_graphics_all(void)
{
    graphics.all = true;
}

static bool same(const struct image *a, const struct image *b)
{
    return a->y == b->y && a->x == b->x && a->h == b->h && a->w == b->w && a->pixels.n == b->pixels.n &&
           memcmp(a->pixels.p, b->pixels.p, a->pixels.n) == 0;
}

static void take_away(struct image *image)
{
    struct sl_buf out = { 0 };
    if (graphics.protocol == PICTURES_KITTY) {
        graphics_kitty_gone(&out, image->id);
        if (!out.failed)
            screen_send(out.p, out.n);
        sl_buf_release(&out);
    } else {
        int end = image->y + image->h + 1; /* the last band may reach below */
        for (int y = image->y; y < end && y < LINES; y++) {
            wredrawln(stdscr, y, 1);
            screen_pixels_again(y);
            screen_graphics_again(y);
        }
    }
    image->sent = false;
}

void screen_graphics_settle(void)
{
    if (!has_pixels())
        return;
    for (int i = 0; i < graphics.n_now; i++) {
        struct image *image = &graphics.now[i];
        image->covered |= image->pixels.failed;
        for (int k = 0; k < graphics.n_old && !image->sent && !image->covered; k++)
            if (graphics.old[k].sent && same(image, &graphics.old[k])) {
                image->sent = true;
                image->id = graphics.old[k].id;
                graphics.old[k].sent = false;
            }
        if (image->sent && image->covered)
            take_away(image);
    }
    for (int i = 0; i < graphics.n_old; i++)
        if (graphics.old[i].sent)
            take_away(&graphics.old[i]);
    forget(graphics.old, &graphics.n_old);
}

static bool was_drawn_over(const struct image *image)
{
    bool over = false;
    for (int y = image->y; y < image->y + image->h && y < ROWS; y++)
        over |= graphics.again[y];
    return over && graphics.protocol == PICTURES_SIXEL;
}

void screen_graphics_flush(void)
{
    struct sl_buf out = { 0 };
    if (!has_pixels())
        return;
    for (int i = 0; i < graphics.n_now; i++) {
        struct image *image = &graphics.now[i];
        if (image->covered || (image->sent && !graphics.all && !was_drawn_over(image)))
            continue;
        image->id = image->id ? image->id : ++graphics.last_id;
        sl_buf_puts(&out, out.n ? "" : "\0337");
        sl_buf_printf(&out, "\033[%d;%dH", image->y + 1, image->x + 1);
        int h = image->h * graphics.cell_h, w = image->w * graphics.cell_w;
        if (graphics.protocol == PICTURES_KITTY)
            graphics_kitty(&out, (const uint8_t *)image->pixels.p, h, w, image->h, image->w, image->id);
        else
            graphics_sixel(&out, (const uint8_t *)image->pixels.p, h, w);
        image->sent = true;
    }
    sl_buf_puts(&out, out.n ? "\0338" : "");
    if (!out.failed)
        screen_send(out.p, out.n);
    sl_buf_release(&out);
    graphics.all = false;
    memset(graphics.again, 0, sizeof graphics.again);
}

void screen_graphics_close(void)
{
    struct sl_buf out = { 0 };
    for (int i = 0; graphics.protocol == PICTURES_KITTY && i < graphics.n_now; i++)
        if (graphics.now[i].sent)
            graphics_kitty_gone(&out, graphics.now[i].id);
    if (!out.failed)
        screen_send(out.p, out.n);
    sl_buf_release(&out);
    forget(graphics.now, &graphics.n_now);
    forget(graphics.old, &graphics.n_old);
}
