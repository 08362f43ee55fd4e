/* error.c: filling, completing and printing struct sl_error.
 *
 * A message is formatted aside before it replaces the old one, so that a higher layer may quote the text it rewrites.
 * What does not fit is cut between two UTF-8 characters. With err == NULL every call returns at once, without
 * formatting. sl_error_format() replaces control characters: a message may quote bytes of a hostile file and ends on a
 * terminal. */
#include "sluice/error.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

/* Longest piece of a path quoted in a message, so that the reason after it still fits. */
enum { PATH_SHOWN = 160 };

static bool continues_character(char c)
{
    return ((unsigned char)c & 0xc0) == 0x80;
}

/* Length of z without a UTF-8 sequence that was cut in its middle. */
static size_t whole_characters(const char *z, size_t n)
{
    size_t start = n;
    while (start > 0 && n - start < 4 && continues_character(z[start - 1])) {
        start--;
    }
    if (start == 0) {
        return n;
    }
    unsigned char lead = (unsigned char)z[start - 1];
    size_t need = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : lead >= 0xc0 ? 2 : 1;
    return n - (start - 1) < need ? start - 1 : n;
}

__attribute__((format(printf, 3, 0))) static void format_into(char *to, size_t size, const char *format, va_list args)
{
    int saved = errno;
    int n = vsnprintf(to, size, format, args);
    if (n < 0) {
        to[0] = '\0';
    } else if ((size_t)n >= size) {
        to[whole_characters(to, size - 1)] = '\0';
    }
    errno = saved;
}

/* Copy z, keeping its end when it is too long: the last parts of a path tell most. z may lie within to. */
static void copy_tail(char *to, size_t size, const char *z)
{
    size_t n = strlen(z);
    if (n < size) {
        memmove(to, z, n + 1);
        return;
    }
    const char *tail = z + n - (size - 4);
    while (continues_character(*tail)) {
        tail++;
    }
    memmove(to + 3, tail, strlen(tail) + 1);
    memcpy(to, "...", 3);
}

int sl_fail(struct sl_error *err, int status, const char *format, ...)
{
    if (!err) {
        return status;
    }
    char text[sizeof err->what];
    va_list args;
    va_start(args, format);
    format_into(text, sizeof text, format, args);
    va_end(args);
    *err = (struct sl_error){ .status = status, .byte = UINT64_MAX };
    memcpy(err->what, text, strlen(text) + 1);
    return status;
}

int sl_fix(struct sl_error *err, const char *format, ...)
{
    if (!err)
        return SL_EDATA;
    char text[sizeof err->fix];
    va_list args;
    va_start(args, format);
    format_into(text, sizeof text, format, args);
    va_end(args);
    memcpy(err->fix, text, strlen(text) + 1);
    return err->status ? err->status : SL_EDATA;
}

/* A place in another file than the one already named says who asked, not where it went wrong: the first one stands. */
void sl_error_at(struct sl_error *err, const char *file, uint64_t line, uint64_t column, uint64_t byte)
{
    if (!err) {
        return;
    }
    if (file && file[0]) {
        char name[sizeof err->file];
        copy_tail(name, sizeof name, file);
        if (err->file[0] && strcmp(err->file, name) != 0) {
            return;
        }
        memcpy(err->file, name, strlen(name) + 1);
    }
    if (!err->line) {
        err->line = line;
        err->column = column;
    } else if (!err->column && err->line == line) {
        err->column = column;
    }
    if (err->byte == UINT64_MAX) {
        err->byte = byte;
    }
}

int sl_fail_memory(struct sl_error *err, const char *what)
{
    sl_fail(err, SL_ENOMEM, "out of memory while %s", what);
    sl_fix(err, "close other programs, or give a smaller --memory");
    return SL_ENOMEM;
}

static const char *fix_of_errno(int number)
{
    switch (number) {
    case ENOENT: return "check the spelling and the folder";
    case EACCES:
    case EPERM: return "check its permissions";
    case EISDIR: return "name a file, not a folder";
    case ENOSPC:
    case EDQUOT: return "make room on the disk";
    case EROFS: return "choose a folder that can be written to";
    case EMFILE:
    case ENFILE: return "close some files, or raise the limit with ulimit -n";
    default: return "";
    }
}

int sl_fail_errno(struct sl_error *err, const char *what, const char *path)
{
    int number = errno;
    int status = number == ENOMEM ? SL_ENOMEM : SL_EIO;
    if (!err) {
        return status;
    }
    char reason_space[96];
    const char *reason = strerror_r(number, reason_space, sizeof reason_space);
    if (path) {
        char shown[PATH_SHOWN];
        copy_tail(shown, sizeof shown, path);
        sl_fail(err, status, "cannot %s '%s': %s", what, shown, reason);
    } else {
        sl_fail(err, status, "cannot %s: %s", what, reason);
    }
    if (fix_of_errno(number)[0]) {
        sl_fix(err, "%s", fix_of_errno(number));
    }
    errno = number;
    return status;
}

struct line {
    char *out;
    size_t size, n;
};

__attribute__((format(printf, 2, 3))) static void append(struct line *line, const char *format, ...)
{
    if (line->n + 1 >= line->size) {
        return;
    }
    va_list args;
    va_start(args, format);
    format_into(line->out + line->n, line->size - line->n, format, args);
    va_end(args);
    line->n += strlen(line->out + line->n);
}

static void append_place(struct line *line, const struct sl_error *err)
{
    if (err->file[0]) {
        append(line, "%s:", err->file);
        if (err->line) {
            append(line, "%" PRIu64 ":", err->line);
            if (err->column) {
                append(line, "%" PRIu64 ":", err->column);
            }
        } else if (err->byte != UINT64_MAX) {
            append(line, " byte %" PRIu64 ":", err->byte);
        }
        append(line, " ");
    } else if (err->line && err->column) {
        append(line, "line %" PRIu64 ", column %" PRIu64 ": ", err->line, err->column);
    } else if (err->line) {
        append(line, "line %" PRIu64 ": ", err->line);
    } else if (err->byte != UINT64_MAX) {
        append(line, "byte %" PRIu64 ": ", err->byte);
    }
}

/* C0 controls and DEL become '?' (tab and line ends a blank), and so do both bytes of a C1 control in UTF-8. */
static void hide_controls(char *z)
{
    for (; *z; z++) {
        unsigned char c = (unsigned char)z[0], next = (unsigned char)z[1];
        if (c == '\t' || c == '\n' || c == '\r') {
            z[0] = ' ';
        } else if (c < 0x20 || c == 0x7f) {
            z[0] = '?';
        } else if (c == 0xc2 && next >= 0x80 && next < 0xa0) {
            z[0] = z[1] = '?';
        }
    }
}

static const char *status_text(int status)
{
    static const char *const texts[] = {
        [SL_OK] = "no error",
        [SL_ENOMEM] = "out of memory",
        [SL_EIO] = "input or output failed",
        [SL_ESYNTAX] = "syntax error",
        [SL_EDATA] = "damaged data",
        [SL_ESCHEMA] = "columns or stages do not fit together",
        [SL_EPARAM] = "parameter out of range",
        [SL_ELIMIT] = "a limit was reached",
        [SL_ECANCEL] = "cancelled",
        [SL_EEND] = "end of input",
        [SL_ESTATE] = "not possible now",
        [SL_EFORMAT] = "file of another kind or version",
    };
    if (status < 0 || (size_t)status >= sizeof texts / sizeof *texts) {
        return "unknown error";
    }
    return texts[status];
}

char *sl_error_format(const struct sl_error *err, char *out, size_t size)
{
    if (!size) {
        return out;
    }
    out[0] = '\0';
    if (!err) {
        return out;
    }
    struct line line = { out, size, 0 };
    append_place(&line, err);
    if (err->stage[0] && err->param[0]) {
        append(&line, "stage '%s' (parameter '%s'): ", err->stage, err->param);
    } else if (err->stage[0]) {
        append(&line, "stage '%s': ", err->stage);
    } else if (err->param[0]) {
        append(&line, "parameter '%s': ", err->param);
    }
    append(&line, "%s", err->what[0] ? err->what : status_text(err->status));
    if (err->fix[0]) {
        append(&line, "; %s", err->fix);
    }
    hide_controls(out);
    return out;
}
