/* book.h: the session's file: an SQLite database with our mark, one writer, one transaction a commit.
 *
 * The connection is shared by the session's thread and the training thread; whoever is between book_begin() (or
 * book_hold()) and its end has it alone. */
#ifndef SL_SESSIONS_BOOK_H
#define SL_SESSIONS_BOOK_H

#include "sluice/mem.h"

#include <pthread.h>
#include <sqlite3.h>
#include <sys/types.h>

#define BOOK_APPLICATION 0x534c5543 /* "SLUC", PRAGMA application_id */
#define BOOK_VERSION     3          /* PRAGMA user_version */

struct book {
    sqlite3 *db;
    pthread_mutex_t lock;
    char *path;      /* NULL: in memory */
    char *lock_path; /* PATH.lock, held while writing */
    int lock_fd;     /* -1: none */
    bool read_only;
    bool follow;          /* read_only, while another process writes */
    bool fresh;           /* made by this opening */
    int64_t newest_model; /* of a replay: models of later trainings do not count; 0: all do, -1: none does */
    int version;          /* of the format: below BOOK_VERSION only when read_only; its tables since are not there */
    /* book_here.c: among those this process has open */
    struct book *next;
    dev_t device;
    ino_t inode;
};

extern const char book_schema[], book_schema_2[], book_schema_3[];

/* Open, or create when there is none (path NULL: in memory). Errors as sl_session_open(). */
int book_open(struct book **out, const char *path, bool read_only, struct sl_error *err);
/* To look at while another process writes to it, and to leave requests in it. */
int book_follow(struct book **out, const char *path, struct sl_error *err);
void book_close(struct book *book);

/* A transaction. end commits when status is SL_OK, else rolls back; returns status, or what went wrong committing. */
int book_begin(struct book *book, struct sl_error *err);
int book_end(struct book *book, int status, struct sl_error *err);
/* For reading: alone, without a transaction. */
void book_hold(struct book *book);
void book_release(struct book *book);

/* Run one statement. `types` has a letter for each parameter: i int64_t, d double (NaN: NULL), t const char * (NULL:
 * NULL), b const void * and size_t. */
int book_run(struct book *book, struct sl_error *err, const char *sql, const char *types, ...);
/* Prepare a query, to be stepped with book_row() (SL_EEND after the last row) and ended with sqlite3_finalize(). */
int book_query(struct book *book, sqlite3_stmt **query, struct sl_error *err, const char *sql, const char *types, ...);
int book_row(struct book *book, sqlite3_stmt *query, struct sl_error *err);
/* A column as text ("" for NULL), number (NaN for NULL) or bytes, borrowed until the next row. */
const char *book_text(sqlite3_stmt *query, int column);
double book_real(sqlite3_stmt *query, int column);
struct sl_str book_blob(sqlite3_stmt *query, int column);
/* What SQLite has to say about result code `code`, as an error. */
int book_fail(struct book *book, int code, struct sl_error *err);
/* Seconds since 1970. */
double book_time(void);

/* PATH.lock: one writer at a time. */
int book_lock(struct book *book, struct sl_error *err);
void book_unlock(struct book *book);
/* The process that holds it: 0 none, -1 its number is not known. The lock is not taken from anybody. */
long book_owner(const char *path);
/* Have the owner of the session look for requests. */
void book_ring(const struct book *book);

/* book_here.c: the session files that this process has open. */
void book_here_add(struct book *book);
void book_here_remove(struct book *book);
bool book_here(const char *path);

#endif
