/* progress_bar.c: the progress line of batch mode.
 *
 * Nothing but carriage returns and blanks is sent besides the text, so that it works on every terminal. The width is
 * asked for each time: a resized window is right at the next drawing. */
#include "progress_bar.h"

#include "batch.h"
#include "human.h"

#include "sluice/pool.h"
#include "sluice/text.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

enum { BAR_LEAST = 8, BAR_MOST = 20, NAME = 7 };
#define BETWEEN_NS UINT64_C(100000000)

struct parts {
    char text[8][40]; /* from left to right */
    int n;
};

__attribute__((format(printf, 2, 3))) static void add_part(struct parts *parts, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    vsnprintf(parts->text[parts->n++], sizeof *parts->text, format, args);
    va_end(args);
}

static void collect(const struct progress_view *view, struct parts *parts)
{
    char text[32];
    bool training = view->step > 0;
    if (isfinite(view->fraction)) {
        double share = view->fraction < 0 ? 0 : view->fraction > 1 ? 1 : view->fraction;
        add_part(parts, "%3d %%", (int)(share * 100));
    }
    if (training) {
        add_part(parts, "step %llu", (unsigned long long)view->step);
        if (isfinite(view->loss)) {
            add_part(parts, "loss %.4f", view->loss);
        }
        if (isfinite(view->test_accuracy)) { /* train/test */
            add_part(parts, "acc %.4f/%.4f", view->train_accuracy, view->test_accuracy);
        } else if (isfinite(view->train_accuracy)) {
            add_part(parts, "acc %.4f", view->train_accuracy);
        }
    }
    if (!training && view->rate > 0 && isfinite(view->rate)) {
        add_part(parts, "%s rec/s", human_short(view->rate, text, sizeof text));
    }
    if (isfinite(view->eta)) {
        add_part(parts, "eta %s", human_time(view->eta, text, sizeof text));
    }
}

static void put_bar(double fraction, int width, bool utf8, struct sl_buf *out)
{
    int full = isfinite(fraction) && fraction > 0 ? (int)((fraction > 1 ? 1 : fraction) * width) : 0;
    sl_buf_puts(out, utf8 ? " " : " [");
    for (int i = 0; i < width; i++) {
        sl_buf_puts(out, i < full ? (utf8 ? "█" : "#") : (utf8 ? "░" : "-"));
    }
    sl_buf_puts(out, utf8 ? "" : "]");
}

void progress_text(const struct progress_view *view, int width, bool utf8, struct sl_buf *out)
{
    struct parts parts = { 0 };
    collect(view, &parts);
    int frame = utf8 ? 1 : 3, left = width;
    if (left < 1) {
        return;
    }
    int name = (int)strlen(view->phase);
    int shown = name > left ? left : name;
    sl_buf_printf(out, "%.*s", shown, view->phase);
    left -= shown;
    int needed = 0;
    for (int i = 0; i < parts.n; i++) {
        needed += 2 + (int)strlen(parts.text[i]);
    }
    int pad = name < NAME ? NAME - name : 0;
    int bar = left - needed - pad - frame;
    bar = bar > BAR_MOST ? BAR_MOST : bar;
    if (bar >= BAR_LEAST) {
        sl_buf_printf(out, "%*s", pad, "");
        put_bar(view->fraction, bar, utf8, out);
        left -= pad + frame + bar;
    }
    for (int i = 0; i < parts.n; i++) {
        int n = 2 + (int)strlen(parts.text[i]);
        if (n <= left) {
            sl_buf_printf(out, "  %s", parts.text[i]);
            left -= n;
        } else {
            break;
        }
    }
}

void progress_bar_init(struct progress_bar *bar)
{
    *bar = (struct progress_bar){ .fd = isatty(STDERR_FILENO) ? STDERR_FILENO : -1, .utf8 = batch_utf8() };
}

static void send_line(const struct progress_bar *bar, struct sl_buf *text)
{
    if (!text->failed && text->n) {
        ssize_t written = write(bar->fd, text->p, text->n);
        (void)written; /* a line lost is drawn again */
    }
    sl_buf_release(text);
}

void progress_bar_draw(struct progress_bar *bar, const struct progress_view *view)
{
    uint64_t now = bar->fd < 0 ? 0 : sl_now();
    if (bar->fd < 0 || now < bar->due) {
        return;
    }
    bar->due = now + BETWEEN_NS;
    struct sl_buf text = { 0 };
    sl_buf_putc(&text, '\r');
    progress_text(view, batch_width(bar->fd, 80) - 1, bar->utf8, &text);
    int columns = text.failed ? 0 : (int)sl_utf8_length(text.p, text.n) - 1;
    if (columns < bar->shown) {
        sl_buf_printf(&text, "%*s", bar->shown - columns, "");
    }
    bar->shown = columns;
    send_line(bar, &text);
}

void progress_bar_clear(struct progress_bar *bar)
{
    if (bar->fd < 0 || bar->shown == 0) {
        return;
    }
    struct sl_buf text = { 0 };
    sl_buf_printf(&text, "\r%*s\r", bar->shown, "");
    bar->shown = 0;
    bar->due = 0;
    send_line(bar, &text);
}
