/* error.h: what went wrong, where, and what to do about it.
 *
 * Engine functions return an enum sl_status and fill the caller's struct sl_error; they never print, exit or abort on
 * bad input. The lowest layer writes the message, higher ones add where. Every pointer `err` may be NULL. */
#ifndef SLUICE_ERROR_H
#define SLUICE_ERROR_H

#include <stddef.h>
#include <stdint.h>

enum sl_status {
    SL_OK = 0,
    SL_ENOMEM,  /* out of memory, or over the budget */
    SL_EIO,     /* the system refused: open, read, write */
    SL_ESYNTAX, /* a recipe, expression or file does not parse */
    SL_EDATA,   /* a record or value is not what it should be */
    SL_ESCHEMA, /* columns or order of stages make no sense */
    SL_EPARAM,  /* a parameter is unknown, missing or out of range */
    SL_ELIMIT,  /* an explicit limit was hit */
    SL_ECANCEL, /* the caller asked to stop */
    SL_EEND,    /* no more input; not a failure */
    SL_ESTATE,  /* not possible now */
    SL_EFORMAT, /* a saved file is of another kind or version */
};

struct sl_error {
    int status;      /* enum sl_status */
    char what[320];  /* one sentence, lower case, names the subject in quotes */
    char fix[240];   /* what to do; "" when unknown */
    char file[256];  /* "" when not about a file */
    uint64_t line;   /* 1-based; 0 unknown */
    uint64_t column; /* 1-based byte in the line; 0 unknown */
    uint64_t byte;   /* 0-based offset in the file; UINT64_MAX unknown */
    char stage[48];  /* stage the error belongs to; "" none */
    char param[48];  /* its parameter; "" none */
};

#define SL_ERROR_INIT      \
    {                      \
        .byte = UINT64_MAX \
    }

/* Fill err (if not NULL) with a fresh message and return status. */
int sl_fail(struct sl_error *err, int status, const char *format, ...) __attribute__((format(printf, 3, 4)));

/* Add what to do. Returns err->status, never SL_OK (SL_EDATA when err is NULL), so that it can end a failing function.
 */
int sl_fix(struct sl_error *err, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Add where, if not known yet. byte may be UINT64_MAX. */
void sl_error_at(struct sl_error *err, const char *file, uint64_t line, uint64_t column, uint64_t byte);

/* Out of memory while doing `what`. Returns SL_ENOMEM. */
int sl_fail_memory(struct sl_error *err, const char *what);

/* `what` failed with errno. Returns SL_EIO (SL_ENOMEM for ENOMEM). */
int sl_fail_errno(struct sl_error *err, const char *what, const char *path);

/* "file:line:column: stage: what; fix" into out[size], always terminated. Returns out. */
char *sl_error_format(const struct sl_error *err, char *out, size_t size);

#endif
