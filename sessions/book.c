/* book.c: opening, creating and recognising session files.
 *
 * A file is ours when SQLite's header holds our application id; that is looked at before SQLite is, so that a foreign
 * file is never touched. A file of our own may still be damaged or hostile: triggers are off, cells are checked as they
 * are read, and every complaint of SQLite's becomes an error that names the file. Creation is one transaction: a killed
 * process leaves an empty file, which counts as none. */
#include "book.h"

#include "sluice/pool.h"
#include "sluice/session.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>

#define BOOK_STRING(x)  BOOK_STRING_(x)
#define BOOK_STRING_(x) #x

enum { HEADER = 100 };

static uint32_t big_endian(const unsigned char *p)
{
    return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

/* Does a log of this kind (-wal, -journal) with something in it stand beside the file? */
static bool has_log(const char *path, const char *kind)
{
    char *name = NULL;
    struct stat st;
    bool found = asprintf(&name, "%s%s", path, kind) < 0 || (stat(name, &st) == 0 && st.st_size > 0);
    free(name);
    return found;
}

/* The first bytes of the file; *size its length. False: it cannot be read, errno says why. */
static bool read_header(const char *path, unsigned char header[HEADER], off_t *size)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    if (fd < 0)
        return false;
    struct stat st;
    bool fine = fstat(fd, &st) == 0 && S_ISREG(st.st_mode);
    *size = fine ? st.st_size : 0;
    memset(header, 0, HEADER);
    fine = fine && pread(fd, header, HEADER, 0) >= 0;
    close(fd);
    if (!fine)
        errno = EINVAL;
    return fine;
}

bool sl_is_session(const char *path)
{
    unsigned char header[HEADER];
    off_t size = 0;
    if (path && book_here(path))
        return true;
    return path && read_header(path, header, &size) && size >= HEADER && memcmp(header, "SQLite format 3", 16) == 0 &&
           big_endian(header + 68) == BOOK_APPLICATION;
}

static int foreign(const char *path, struct sl_error *err)
{
    sl_fail(err, SL_EFORMAT, "\"%s\" is not a session", path);
    sl_fix(err, "give a file that sluice has saved (*.session)");
    return SL_EFORMAT;
}

/* Is there a file to open, and is it one of ours? *fresh: there is none, or it is empty. */
static int look(const char *path, bool read_only, bool *fresh, struct sl_error *err)
{
    unsigned char header[HEADER];
    off_t size = 0;
    *fresh = false;
    if (book_here(path))
        return SL_OK;
    if (!read_header(path, header, &size)) {
        if (errno == EINVAL)
            return foreign(path, err);
        *fresh = errno == ENOENT && !read_only;
        return *fresh ? SL_OK : sl_fail_errno(err, "open", path);
    }
    if (size == 0) {
        *fresh = true;
        return read_only ? foreign(path, err) : SL_OK;
    }
    /* Whoever made it was killed in the midst: SQLite takes that back, and then it is empty. */
    if (!read_only && has_log(path, "-journal"))
        return SL_OK;
    if (size < HEADER || memcmp(header, "SQLite format 3", 16) != 0 || big_endian(header + 68) != BOOK_APPLICATION)
        return foreign(path, err);
    if (big_endian(header + 60) > BOOK_VERSION) {
        sl_fail(err, SL_EFORMAT, "\"%s\" was saved by a newer program (format %u, this one knows %d)", path,
                big_endian(header + 60), BOOK_VERSION);
        sl_fix(err, "open it with that program, or update this one");
        return SL_EFORMAT;
    }
    return SL_OK;
}

/* A file: URI of the path, so that a session can be opened read-only without leaving -wal and -shm files behind. */
static char *uri_of(const char *path, bool immutable)
{
    struct sl_buf uri = { 0 };
    sl_buf_puts(&uri, "file:");
    if (path[0] == '/')
        sl_buf_puts(&uri, "//");
    for (const char *p = path; *p; p++)
        if (*p == '?' || *p == '#' || *p == '%')
            sl_buf_printf(&uri, "%%%02x", (unsigned char)*p);
        else
            sl_buf_putc(&uri, *p);
    sl_buf_puts(&uri, immutable ? "?immutable=1" : "");
    if (uri.failed) {
        sl_buf_release(&uri);
        return NULL;
    }
    return uri.p;
}

static int connect_file(struct book *book, struct sl_error *err)
{
    int flags = SQLITE_OPEN_URI | SQLITE_OPEN_FULLMUTEX;
    flags |= book->follow      ? SQLITE_OPEN_READWRITE
             : book->read_only ? SQLITE_OPEN_READONLY
                               : SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE;
    bool alone = book->path && book->read_only && !book->follow && !has_log(book->path, "-wal");
    char *uri = book->path ? uri_of(book->path, alone) : NULL;
    if (book->path && !uri)
        return sl_fail_memory(err, "opening a session");
    int code = sqlite3_open_v2(uri ? uri : ":memory:", &book->db, flags, NULL);
    free(uri);
    if (code != SQLITE_OK)
        return book_fail(book, code, err);
    sqlite3_extended_result_codes(book->db, 1);
    sqlite3_busy_timeout(book->db, 2000);
    sqlite3_db_config(book->db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
    sqlite3_db_config(book->db, SQLITE_DBCONFIG_ENABLE_TRIGGER, 0, NULL);
    sqlite3_db_config(book->db, SQLITE_DBCONFIG_ENABLE_VIEW, 0, NULL);
    return book_run(book, err, "PRAGMA trusted_schema=OFF", "") ||
                   book_run(book, err, "PRAGMA cell_size_check=ON", "") ||
                   book_run(book, err, "PRAGMA foreign_keys=ON", "")
               ? (err ? err->status : SL_EIO)
               : SL_OK;
}

static bool is_empty(struct book *book)
{
    sqlite3_stmt *query = NULL;
    bool empty = book_query(book, &query, NULL, "PRAGMA page_count", "") == SL_OK &&
                 book_row(book, query, NULL) == SL_OK && sqlite3_column_int64(query, 0) == 0;
    sqlite3_finalize(query);
    return empty;
}

/* What the formats behind `version` added. A code of SQLite. */
static int raise_format(struct book *book, int version)
{
    static const char *const added[] = { book_schema_2, book_schema_3 };
    int code = SQLITE_OK;
    for (int i = version; i < BOOK_VERSION && code == SQLITE_OK; i++)
        code = sqlite3_exec(book->db, added[i - 1], NULL, NULL, NULL);
    return code == SQLITE_OK
               ? sqlite3_exec(book->db, "PRAGMA user_version=" BOOK_STRING(BOOK_VERSION), NULL, NULL, NULL)
               : code;
}

static int create_tables(struct book *book, struct sl_error *err)
{
    int status = book_begin(book, err);
    if (status)
        return status;
    int code = sqlite3_exec(book->db, book_schema, NULL, NULL, NULL);
    if (code == SQLITE_OK)
        code = sqlite3_exec(book->db, "PRAGMA application_id=" BOOK_STRING(BOOK_APPLICATION), NULL, NULL, NULL);
    if (code == SQLITE_OK)
        code = raise_format(book, 1);
    book->version = BOOK_VERSION;
    return book_end(book, code == SQLITE_OK ? SL_OK : book_fail(book, code, err), err);
}

/* The header may say one thing and the write-ahead log another: ask SQLite too. */
static int check_mark(struct book *book, struct sl_error *err)
{
    sqlite3_stmt *query = NULL;
    int status = book_query(book, &query, err,
                            "SELECT application_id, user_version FROM pragma_application_id, pragma_user_version", "");
    if (!status)
        status = book_row(book, query, err);
    bool ours = !status && sqlite3_column_int64(query, 0) == BOOK_APPLICATION && sqlite3_column_int64(query, 1) >= 1 &&
                sqlite3_column_int64(query, 1) <= BOOK_VERSION;
    book->version = ours ? (int)sqlite3_column_int64(query, 1) : 0;
    sqlite3_finalize(query);
    return status ? status : ours ? SL_OK : foreign(book->path, err);
}

/* Bring the tables of an earlier format to this one. */
static int upgrade(struct book *book, struct sl_error *err)
{
    int status = book_begin(book, err);
    if (status)
        return status;
    int code = raise_format(book, book->version);
    status = book_end(book, code == SQLITE_OK ? SL_OK : book_fail(book, code, err), err);
    if (!status)
        book->version = BOOK_VERSION;
    return status;
}

static int note_environment(struct book *book, struct sl_error *err)
{
    struct utsname name = { 0 };
    uname(&name);
    return book_run(book, err,
                    "INSERT INTO environment(time, version, compiler, sqlite, system, machine, cores, memory)"
                    " VALUES(?,?,?,?,?,?,?,?)",
                    "dtttttii", book_time(), SL_VERSION, __VERSION__, sqlite3_libversion(), name.release, name.machine,
                    (int64_t)sl_cores(), (int64_t)sl_memory_total());
}

/* One that follows may leave a request, and changes nothing else; the log is the owner's to take in and to remove. */
static int follow_settings(struct book *book, struct sl_error *err)
{
    sqlite3_db_config(book->db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
    int status = book_run(book, err, "PRAGMA wal_autocheckpoint=0", "");
    if (!status)
        status = book_run(book, err, "PRAGMA synchronous=NORMAL", "");
    return status ? status : book_run(book, err, "PRAGMA query_only=ON", "");
}

static int settle(struct book *book, struct sl_error *err)
{
    int status = connect_file(book, err);
    if (!status && !book->read_only && is_empty(book))
        book->fresh = true;
    if (!status && book->fresh)
        status = book_run(book, err, "PRAGMA synchronous=OFF", "");
    if (!status && book->fresh)
        status = create_tables(book, err);
    if (!status && !book->fresh)
        status = check_mark(book, err);
    if (!status && book->follow)
        status = follow_settings(book, err);
    if (status || book->read_only)
        return status;
    if (book->path)
        status = book_run(book, err, "PRAGMA journal_mode=WAL", "");
    if (!status)
        status = book_run(book, err, "PRAGMA synchronous=NORMAL", "");
    if (!status && book->version < BOOK_VERSION)
        status = upgrade(book, err);
    if (status || book_begin(book, err))
        return status ? status : (err ? err->status : SL_EIO);
    status = note_environment(book, err);
    if (!status && book->fresh)
        status =
            book_run(book, err, "INSERT INTO meta VALUES('created', ?), ('version', ?)", "dt", book_time(), SL_VERSION);
    return book_end(book, status, err);
}

static int open_as(struct book **out, const char *path, bool read_only, bool follow, struct sl_error *err)
{
    struct sl_error own = SL_ERROR_INIT;
    err = err ? err : &own;
    bool fresh = true;
    int status = path ? look(path, read_only, &fresh, err) : SL_OK;
    if (status)
        return status;
    struct book *book = calloc(1, sizeof *book);
    if (!book)
        return sl_fail_memory(err, "opening a session");
    book->lock_fd = -1;
    book->read_only = read_only;
    book->follow = follow;
    book->fresh = fresh;
    pthread_mutex_init(&book->lock, NULL);
    if (path && !(book->path = strdup(path)))
        status = sl_fail_memory(err, "opening a session");
    if (!status && path && !read_only)
        status = book_lock(book, err);
    /* Someone may have made it between the look and the lock. */
    if (!status && path && !read_only)
        status = look(path, false, &book->fresh, err);
    if (!status)
        status = settle(book, err);
    if (status) {
        book_close(book);
        return status;
    }
    book_here_add(book);
    *out = book;
    return SL_OK;
}

int book_open(struct book **out, const char *path, bool read_only, struct sl_error *err)
{
    return open_as(out, path, read_only, false, err);
}

int book_follow(struct book **out, const char *path, struct sl_error *err)
{
    return open_as(out, path, true, true, err);
}

void book_close(struct book *book)
{
    if (!book)
        return;
    /* The last one to look tidies up what an owner that was looked at, or was killed, has left. */
    if (book->follow && book->db && book_owner(book->path) == 0 && book_lock(book, NULL) == SL_OK)
        sqlite3_db_config(book->db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 0, NULL);
    sqlite3_close_v2(book->db);
    book_here_remove(book);
    book_unlock(book);
    pthread_mutex_destroy(&book->lock);
    free(book->path);
    free(book);
}

double book_time(void)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}
