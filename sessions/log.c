/* log.c: the lines of the log pane. The oldest go when there are too many. */
#include "live.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

enum { LINES_MOST = 4096, LINES_FORGOTTEN = 512 };

static void add_line(struct said *log, const char *text, size_t n)
{
    if (log->n == LINES_MOST) {
        for (size_t i = 0; i < LINES_FORGOTTEN; i++)
            free(log->lines[i]);
        log->n -= LINES_FORGOTTEN;
        memmove(log->lines, log->lines + LINES_FORGOTTEN, log->n * sizeof *log->lines);
    }
    if (log->n == log->capacity) {
        size_t capacity = log->capacity ? log->capacity * 2 : 64;
        char **lines = realloc(log->lines, capacity * sizeof *lines);
        if (!lines)
            return;
        log->lines = lines;
        log->capacity = capacity;
    }
    char *copy = strndup(text, n);
    if (copy)
        log->lines[log->n++] = copy;
}

void said_add(struct sl_session *session, const char *text, size_t n)
{
    while (n) {
        const char *newline = memchr(text, '\n', n);
        size_t length = newline ? (size_t)(newline - text) : n;
        add_line(&session->log, text, length);
        session->changed = true;
        text += length + (newline != NULL);
        n -= length + (newline != NULL);
    }
}

void said_release(struct said *log)
{
    for (size_t i = 0; i < log->n; i++)
        free(log->lines[i]);
    free(log->lines);
    *log = (struct said){ 0 };
}

const char *sl_session_log(const struct sl_session *session, size_t i)
{
    return i < session->log.n ? session->log.lines[i] : NULL;
}

size_t sl_session_log_lines(const struct sl_session *session)
{
    return session->log.n;
}

void sl_session_say(struct sl_session *session, const char *format, ...)
{
    char *text = NULL;
    va_list args;
    va_start(args, format);
    int n = vasprintf(&text, format, args);
    va_end(args);
    if (n > 0)
        said_add(session, text, (size_t)n);
    if (n >= 0)
        free(text);
}
