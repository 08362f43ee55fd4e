/* request.c: commands that one process leaves in the session's file (request_ask.c), and another, which has it open,
 * carries out.
 *
 * The one that asks commits a row of table request and rings: it touches PATH.lock, which the owner watches (inotify),
 * so that an idle owner need not look again and again. While a training runs the owner also looks by itself, in case
 * the bell is broken. The answer is committed into the same row. An owner that ends leaves requests unanswered; the one
 * that asked withdraws them, and the next owner refuses what it finds.
 *
 * Only commands that steer a training are taken: whoever may write to the file could ask for anything. */
#include "request.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/inotify.h>
#include <time.h>
#include <unistd.h>

#define LOOK_NS UINT64_C(100000000)
#define RUNG_NS 200000000

enum { AT_ONCE = 16 };

bool request_is(const char *line)
{
    static const char *const names[] = { "pause", "resume", "stop", "tune", "once", "note" };
    line += strspn(line, " \t");
    size_t n = strcspn(line, " \t\r\n#");
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (strlen(names[i]) == n && strncmp(line, names[i], n) == 0)
            return true;
    return false;
}

/* In two lines: what, and how to mend it. */
static void put_answer(const struct sl_error *err, struct sl_buf *out)
{
    sl_buf_puts(out, err->what);
    sl_buf_putc(out, '\n');
    sl_buf_puts(out, err->fix);
}

static int answer(struct sl_session *session, int64_t id, int status, const char *text)
{
    struct sl_error err = SL_ERROR_INIT;
    int failed = book_begin(session->book, &err);
    if (!failed)
        failed = book_end(session->book,
                          book_run(session->book, &err, "UPDATE request SET status = ?, reply = ? WHERE id = ?", "iti",
                                   (int64_t)status, text, id),
                          &err);
    return failed;
}

static int serve(struct sl_session *session, int64_t id, const char *line)
{
    struct sl_error err = SL_ERROR_INIT;
    struct sl_buf reply = { 0 };
    int status;
    if (request_is(line)) {
        status = sl_session_command(session, line, &reply, &err);
    } else {
        status = sl_fail(&err, SL_EPARAM, "another process cannot ask for this");
        sl_fix(&err, "it may ask for: pause, resume, stop, tune, once, note");
    }
    sl_session_say(session, "another process asked for: %s%s%s", line, status ? ": refused: " : "",
                   status ? err.what : "");
    if (status)
        put_answer(&err, &reply);
    int failed = answer(session, id, status, reply.p && !reply.failed ? reply.p : "");
    sl_buf_release(&reply);
    return failed;
}

struct waiting {
    int64_t id;
    char line[LINE_MOST];
};

static size_t read_waiting(struct book *book, struct waiting *at, size_t most)
{
    sqlite3_stmt *query = NULL;
    size_t n = 0;
    book_hold(book);
    if (book_query(book, &query, NULL, "SELECT id, line FROM request WHERE status IS NULL ORDER BY id LIMIT ?", "i",
                   (int64_t)most) == SL_OK)
        for (; n < most && book_row(book, query, NULL) == SL_OK; n++) {
            at[n].id = sqlite3_column_int64(query, 0);
            snprintf(at[n].line, sizeof at[n].line, "%s", book_text(query, 1));
        }
    sqlite3_finalize(query);
    book_release(book);
    return n;
}

/* The training thread may have the file for a commit: who rang is worth waiting for a little, else the next poll looks.
 */
static bool hold_soon(struct sl_session *session)
{
    struct timespec until;
    if (!session->requests->rung)
        return pthread_mutex_trylock(&session->book->lock) == 0;
    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_nsec += RUNG_NS;
    until.tv_sec += until.tv_nsec / 1000000000;
    until.tv_nsec %= 1000000000;
    return pthread_mutex_timedlock(&session->book->lock, &until) == 0;
}

/* Has anybody else committed since? */
static bool file_changed(struct sl_session *session)
{
    struct requests *r = session->requests;
    sqlite3_stmt *query = NULL;
    int64_t version = r->version;
    if (!hold_soon(session))
        return false;
    if (book_query(session->book, &query, NULL, "PRAGMA data_version", "") == SL_OK &&
        book_row(session->book, query, NULL) == SL_OK)
        version = sqlite3_column_int64(query, 0);
    sqlite3_finalize(query);
    book_release(session->book);
    bool changed = version != r->version;
    r->version = version;
    r->looked = sl_now();
    return changed;
}

static void hear(struct requests *r)
{
    char events[1024];
    ssize_t n = r->bell >= 0 ? read(r->bell, events, sizeof events) : -1;
    r->rung = r->rung || n > 0;
}

bool requests_serve(struct sl_session *session)
{
    struct requests *r = session->requests;
    if (!r || r->serving)
        return false;
    hear(r);
    bool due = r->rung || (training_running(session) && sl_now() - r->looked >= LOOK_NS);
    if (!due || !file_changed(session))
        return false;
    struct waiting *waiting = calloc(AT_ONCE, sizeof *waiting);
    size_t n = waiting ? read_waiting(session->book, waiting, AT_ONCE) : 0;
    r->rung = n == AT_ONCE; /* there may be more */
    r->version -= r->rung;
    r->serving = true;
    for (size_t i = 0; i < n; i++)
        serve(session, waiting[i].id, waiting[i].line);
    r->serving = false;
    free(waiting);
    return n > 0;
}

static void hang_bell(struct sl_session *session, struct requests *r)
{
    struct epoll_event ready = { .events = EPOLLIN };
    r->bell = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
    if (r->bell >= 0 && (inotify_add_watch(r->bell, session->book->lock_path, IN_ATTRIB) < 0 ||
                         epoll_ctl(session->poll_fd, EPOLL_CTL_ADD, r->bell, &ready) != 0)) {
        close(r->bell);
        r->bell = -1;
    }
}

/* What was asked of an owner that is gone is not done behind anybody's back. */
static int refuse_old(struct book *book, struct sl_error *err)
{
    int status = book_begin(book, err);
    if (status)
        return status;
    status = book_run(book, err,
                      "UPDATE request SET status = ?, reply = 'the process it was asked of has ended'"
                      " WHERE status IS NULL",
                      "i", (int64_t)SL_ESTATE);
    return book_end(book, status, err);
}

int requests_open(struct sl_session *session, struct sl_error *err)
{
    if (!session->book->path || session->book->read_only)
        return SL_OK;
    struct requests *r = session->requests = calloc(1, sizeof *r);
    if (!r)
        return sl_fail_memory(err, "opening a session");
    hang_bell(session, r);
    r->rung = true; /* the first poll looks what came while it opened */
    return refuse_old(session->book, err);
}

void requests_close(struct sl_session *session)
{
    if (session->requests && session->requests->bell >= 0)
        close(session->requests->bell);
    free(session->requests);
    session->requests = NULL;
}
