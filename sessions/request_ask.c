/* request_ask.c: the side of a request that asks: one who follows a session, of the process that has it open. */
#include "request.h"

#include <stdlib.h>
#include <unistd.h>

#define ANSWER_NS UINT64_C(400000000) /* waited for at once; later it is said */

enum { LOOK_US = 5000 };

/* One statement of one that only follows. */
static int write_once(struct book *book, const char *sql, const char *line, int64_t *id, struct sl_error *err)
{
    int status = book_run(book, err, "PRAGMA query_only=OFF", "");
    if (!status)
        status = book_begin(book, err);
    if (!status) {
        status = line ? book_run(book, err, sql, "dt", book_time(), line) : book_run(book, err, sql, "i", *id);
        if (line && !status)
            *id = sqlite3_last_insert_rowid(book->db);
        status = book_end(book, status, err);
    }
    book_run(book, NULL, "PRAGMA query_only=ON", "");
    return status;
}

static void withdraw(struct sl_session *session)
{
    write_once(session->book, "DELETE FROM request WHERE id = ? AND status IS NULL", NULL, &session->requests->asked,
               NULL);
    session->requests->asked = 0;
}

/* SL_EEND: none yet. */
static int read_answer(struct sl_session *session, struct sl_buf *reply, struct sl_error *err)
{
    sqlite3_stmt *query = NULL;
    struct book *book = session->book;
    book_hold(book);
    int status = book_query(book, &query, err, "SELECT status, reply FROM request WHERE id = ? AND status IS NOT NULL",
                            "i", session->requests->asked);
    if (!status)
        status = book_row(book, query, err);
    if (!status) {
        const char *text = book_text(query, 1), *fix = strchr(text, '\n');
        int answered = (int)sqlite3_column_int64(query, 0);
        session->requests->asked = 0;
        if (answered) {
            int n = fix ? (int)(fix - text) : (int)strlen(text);
            status = sl_fail(err, answered, "%.*s", n, text);
            if (fix && fix[1])
                sl_fix(err, "%s", fix + 1);
        } else if (reply) {
            sl_buf_puts(reply, text);
        }
    }
    sqlite3_finalize(query);
    book_release(book);
    return status;
}

static int nobody(struct sl_session *session, struct sl_error *err)
{
    sl_fail(err, SL_ESTATE, "nobody has the session \"%s\" open, so there is nobody to ask", session->book->path);
    sl_fix(err, "leave, and go on with: sluice resume %s", session->book->path);
    return SL_ESTATE;
}

static int begin_asking(struct sl_session *session, struct sl_error *err)
{
    if (!session->requests && !(session->requests = calloc(1, sizeof *session->requests)))
        return sl_fail_memory(err, "asking for something");
    session->requests->bell = -1;
    if (!session->requests->asked)
        return SL_OK;
    sl_fail(err, SL_ESTATE, "what was asked for before is not answered yet");
    return sl_fix(err, "wait; process %ld answers between two iterations", follow_owner(session)), SL_ESTATE;
}

int request_ask(struct sl_session *session, const char *line, struct sl_buf *reply, struct sl_error *err)
{
    struct sl_error own = SL_ERROR_INIT;
    err = err ? err : &own;
    if (follow_owner(session) == 0)
        return nobody(session, err);
    if (strlen(line) >= LINE_MOST)
        return sl_fail(err, SL_ELIMIT, "a line for another process may have %d bytes at most", LINE_MOST - 1);
    int status = begin_asking(session, err);
    if (!status)
        status = write_once(session->book, "INSERT INTO request(time, line) VALUES(?,?)", line,
                            &session->requests->asked, err);
    if (status)
        return status;
    book_ring(session->book);
    for (uint64_t end = sl_now() + ANSWER_NS; sl_now() < end; usleep(LOOK_US))
        if ((status = read_answer(session, reply, err)) != SL_EEND)
            return status;
    if (reply)
        sl_buf_printf(reply, "process %ld was asked, and answers when it can\n", follow_owner(session));
    return SL_OK;
}

bool request_answers(struct sl_session *session, bool owned)
{
    struct sl_error err = SL_ERROR_INIT;
    struct sl_buf reply = { 0 };
    char text[900];
    if (!session->requests || !session->requests->asked)
        return false;
    int status = read_answer(session, &reply, &err);
    if (status == SL_EEND && owned)
        return false;
    if (status == SL_EEND) {
        withdraw(session);
        sl_session_say(session, "the process has ended before it answered; what was asked is withdrawn");
    } else if (status) {
        session->requests->asked = 0;
        sl_session_say(session, "refused: %s", sl_error_format(&err, text, sizeof text));
    } else {
        sl_session_say(session, "done: %s", reply.p ? reply.p : "it was asked of the other process");
    }
    sl_buf_release(&reply);
    return true;
}
