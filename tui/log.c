/* log.c: a ring of lines, and the pipe standard error ends in. */
#include "log.h"

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

/* Sanitizers print, then leave without exit handlers: their last chance to be heard. Absent in other builds. */
void __sanitizer_set_death_callback(void (*callback)(void)) __attribute__((weak));

static struct {
    char *lines[LOG_LINES];
    size_t first, n;
    char partial[1024]; /* of a line not ended yet */
    size_t partial_n;
} ring;

static struct {
    bool on;
    int before; /* standard error as it was */
    int pipe[2];
} caught = { .before = -1, .pipe = { -1, -1 } };

void log_capture(void)
{
    if (caught.on || !isatty(STDERR_FILENO) || pipe2(caught.pipe, O_CLOEXEC | O_NONBLOCK) != 0) {
        return;
    }
    caught.before = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 3);
    if (caught.before < 0 || dup2(caught.pipe[1], STDERR_FILENO) < 0) {
        close(caught.pipe[0]);
        close(caught.pipe[1]);
        return;
    }
    caught.on = true;
    if (__sanitizer_set_death_callback) {
        __sanitizer_set_death_callback(log_release);
    }
}

void log_release(void)
{
    if (!caught.on) {
        return;
    }
    caught.on = false;
    dup2(caught.before, STDERR_FILENO);
    char bytes[512];
    for (ssize_t n; (n = read(caught.pipe[0], bytes, sizeof bytes)) > 0;) {
        if (write(STDERR_FILENO, bytes, (size_t)n) < 0) {
            break;
        }
    }
    close(caught.before);
    close(caught.pipe[0]);
    close(caught.pipe[1]);
}

void log_free(void)
{
    for (size_t i = 0; i < LOG_LINES; i++) {
        free(ring.lines[i]);
        ring.lines[i] = NULL;
    }
    ring.first = ring.n = ring.partial_n = 0;
}

int log_fd(void)
{
    return caught.on ? caught.pipe[0] : -1;
}

static void add_line(struct sl_str line)
{
    char *copy = malloc(line.n + 1);
    if (!copy) {
        return;
    }
    if (line.n) {
        memcpy(copy, line.p, line.n);
    }
    copy[line.n] = '\0';
    size_t at = (ring.first + ring.n) % LOG_LINES;
    if (ring.n == LOG_LINES) {
        ring.first = (ring.first + 1) % LOG_LINES;
    } else {
        ring.n++;
    }
    free(ring.lines[at]);
    ring.lines[at] = copy;
}

void log_add(struct sl_str text)
{
    while (text.n) {
        const char *end = memchr(text.p, '\n', text.n);
        size_t n = end ? (size_t)(end - text.p) : text.n;
        add_line((struct sl_str){ text.p, n });
        n += end != NULL;
        text.p += n;
        text.n -= n;
    }
}

bool log_read(void)
{
    bool added = false;
    char bytes[512];
    for (ssize_t n; caught.on && (n = read(caught.pipe[0], bytes, sizeof bytes)) > 0;) {
        for (ssize_t i = 0; i < n; i++) {
            if (bytes[i] != '\n') {
                ring.partial[ring.partial_n++] = bytes[i];
            }
            if (bytes[i] == '\n' || ring.partial_n == sizeof ring.partial) {
                add_line((struct sl_str){ ring.partial, ring.partial_n });
                ring.partial_n = 0;
                added = true;
            }
        }
    }
    return added;
}

size_t log_lines(void)
{
    return ring.n;
}

struct sl_str log_line(size_t i)
{
    return i < ring.n ? sl_str(ring.lines[(ring.first + i) % LOG_LINES]) : (struct sl_str){ 0 };
}
