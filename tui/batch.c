/* batch.c: messages on standard error and output on standard output.
 *
 * Output is written whole buffers at a time, without stdio: a failed write is seen at once, and its reason kept.
 * SIGPIPE is ignored (batch_signals.c), so that a reader who leaves ends the work in order. */
#include "batch.h"
#include "human.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

enum { REJECTS_SHOWN = 3 };

static bool pipe_broken;

/* All of it, or errno. */
static bool write_all(int fd, const char *p, size_t n)
{
    while (n) {
        ssize_t written = write(fd, p, n);
        if (written < 0 && errno != EINTR) {
            return false;
        }
        if (written > 0) {
            p += written;
            n -= (size_t)written;
        }
    }
    return true;
}

/* One write, so that lines of several programs on one terminal do not mix. */
static void say(struct sl_buf *text)
{
    sl_buf_putc(text, '\n');
    if (!text->failed) {
        (void)write_all(STDERR_FILENO, text->p, text->n); /* there is nowhere left to complain */
    }
    sl_buf_release(text);
}

void batch_error(const struct sl_error *err)
{
    char line[2048];
    struct sl_buf text = { 0 };
    sl_buf_printf(&text, "sluice: %s", sl_error_format(err, line, sizeof line));
    say(&text);
}

void batch_note(const char *format, ...)
{
    char line[2048];
    va_list args;
    va_start(args, format);
    vsnprintf(line, sizeof line, format, args);
    va_end(args);
    struct sl_buf text = { 0 };
    sl_buf_printf(&text, "sluice: %s", line);
    say(&text);
}

int batch_failed(const struct sl_error *err)
{
    if (err->status == SL_ECANCEL) {
        return batch_pipe_broken() ? EXIT_PIPE : EXIT_INTERRUPTED;
    }
    batch_error(err);
    return EXIT_FAILED;
}

/* The path as seen from here, when it lies below. */
static const char *near_path(const char *path)
{
    char here[4096];
    size_t n = getcwd(here, sizeof here) ? strlen(here) : 0;
    return n && strncmp(path, here, n) == 0 && path[n] == '/' ? path + n + 1 : path;
}

void batch_warn_rejects(const struct sl_reject *rejects, size_t n, uint64_t total, const char *const *files)
{
    if (total == 0) {
        return;
    }
    struct sl_buf text = { 0 };
    sl_buf_puts(&text, "sluice: ");
    batch_count(&text, total);
    sl_buf_puts(&text, total == 1 ? " record could not be read and is quarantined:"
                                  : " records could not be read and are "
                                    "quarantined:");
    for (size_t i = 0; i < n && i < REJECTS_SHOWN; i++) {
        sl_buf_puts(&text, "\n  ");
        if (files) {
            sl_buf_printf(&text, "%s:", near_path(files[rejects[i].origin.file]));
        }
        sl_buf_printf(&text, "%llu: %s", (unsigned long long)rejects[i].origin.line, rejects[i].reason);
    }
    if (total > REJECTS_SHOWN) {
        sl_buf_puts(&text, "\n  and ");
        batch_count(&text, total - (n < REJECTS_SHOWN ? n : REJECTS_SHOWN));
        sl_buf_puts(&text, " more");
    }
    say(&text);
}

/* Writing failed because the terminal is gone: go on without one. False: that is not why, or it is to end the work. */
static bool forget_terminal(void)
{
    bool gone = batch_survives() && (errno == EIO || (errno == EPIPE && batch_hung_up()));
    int saved = errno, nowhere = gone ? open("/dev/null", O_RDWR | O_CLOEXEC) : -1;
    if (nowhere >= 0) {
        dup2(nowhere, STDOUT_FILENO);
        dup2(nowhere, STDERR_FILENO);
        close(nowhere);
    }
    errno = saved;
    return nowhere >= 0;
}

int batch_flush(struct sl_buf *out, struct sl_error *err)
{
    int status = SL_OK;
    if (out->failed) {
        status = sl_fail_memory(err, "writing the output");
    } else if (out->n && pipe_broken) {
        status = sl_fail(err, SL_ECANCEL, "nobody reads the output");
    } else if (out->n && !write_all(STDOUT_FILENO, out->p, out->n) && !forget_terminal()) {
        pipe_broken = errno == EPIPE;
        status = pipe_broken ? sl_fail(err, SL_ECANCEL, "nobody reads the output")
                             : sl_fail_errno(err, "write", "standard output");
    }
    out->n = 0;
    return status;
}

bool batch_pipe_broken(void)
{
    struct pollfd out = { .fd = STDOUT_FILENO };
    return pipe_broken || (poll(&out, 1, 0) > 0 && (out.revents & POLLERR));
}

int batch_finish(struct sl_buf *out)
{
    struct sl_error err = SL_ERROR_INIT;
    int status = batch_flush(out, &err);
    sl_buf_release(out);
    return status ? batch_failed(&err) : EXIT_DONE;
}

bool batch_colour(const struct options *options, int fd)
{
    if (options->colour != COLOUR_AUTO) {
        return options->colour == COLOUR_ALWAYS;
    }
    const char *no = getenv("NO_COLOR"), *term = getenv("TERM");
    return !(no && *no) && term && *term && strcmp(term, "dumb") != 0 && isatty(fd);
}

bool batch_utf8(void)
{
    const char *const names[] = { "LC_ALL", "LC_CTYPE", "LANG" };
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        const char *value = getenv(names[i]);
        if (value && *value) {
            return strcasestr(value, "utf-8") || strcasestr(value, "utf8");
        }
    }
    return false;
}

int batch_width(int fd, int otherwise)
{
    struct winsize size;
    return ioctl(fd, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : otherwise;
}

void batch_count(struct sl_buf *out, uint64_t n)
{
    char text[32];
    sl_buf_puts(out, human_count(n, text, sizeof text));
}

void batch_duration(struct sl_buf *out, double seconds)
{
    if (!(seconds >= 0) || seconds > 1e9) {
        sl_buf_puts(out, "?");
    } else if (seconds < 0.1) {
        sl_buf_printf(out, "%.3g ms", seconds * 1e3);
    } else if (seconds < 9.95) {
        sl_buf_printf(out, "%.2f s", seconds);
    } else if (seconds < 120) {
        sl_buf_printf(out, "%.1f s", seconds);
    } else if (seconds < 7200) {
        sl_buf_printf(out, "%d min %d s", (int)(seconds / 60), (int)fmod(seconds, 60));
    } else {
        sl_buf_printf(out, "%.0f h %d min", floor(seconds / 3600), (int)(fmod(seconds, 3600) / 60));
    }
}

void batch_bytes(struct sl_buf *out, double bytes)
{
    static const char *const units[] = { "bytes", "kB", "MB", "GB", "TB" };
    size_t unit = 0;
    while (bytes >= 1000 && unit + 1 < sizeof units / sizeof *units) {
        bytes /= 1000;
        unit++;
    }
    sl_buf_printf(out, unit && bytes < 99.5 ? "%.1f %s" : "%.0f %s", bytes, units[unit]);
}
