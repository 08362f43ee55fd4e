/* session.c: a live session opened, waited for, closed. */
#include "debugger.h"
#include "live.h"
#include "replay.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

static int note_environment(struct sl_session *session, struct sl_error *err)
{
    int status = book_begin(session->book, err);
    if (status)
        return status;
    status = book_run(session->book, err,
                      "UPDATE environment SET threads = ? WHERE id = (SELECT max(id) "
                      "FROM environment)",
                      "i", (int64_t)(session->options.threads > 0 ? session->options.threads : sl_cores()));
    if (!status) /* a killed process left it running */
        status = book_run(session->book, err,
                          "UPDATE run SET state = 'interrupted' WHERE state IN "
                          "('preparing', 'training', 'paused')",
                          "");
    return book_end(session->book, status, err);
}

static int bring_back(struct sl_session *session, const struct sl_session_options *options, struct sl_error *err)
{
    int status = history_push(&session->history, NULL, 0, err);
    if (!status && options->replay)
        return replay_begin(session, err);
    if (!status)
        status = journal_fold(session, err);
    if (!status)
        status = base_choose(session, options->base, true, err);
    if (!status && !session->book->read_only)
        status = note_environment(session, err);
    if (!status)
        status = record_load_run(session, err);
    if (!status)
        flow_load(session);
    return status ? status : session_rebind(session, err);
}

int sl_session_open(struct sl_session **out, const struct sl_session_options *options, struct sl_error *err)
{
    struct sl_session *session = calloc(1, sizeof *session);
    if (!session)
        return sl_fail_memory(err, "opening a session");
    sl_arena_init(&session->arena);
    session->options = *options;
    if (!session->options.memory)
        session->options.memory = sl_memory_total() / 4;
    session->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    session->poll_fd = epoll_create1(EPOLL_CLOEXEC);
    struct epoll_event woken = { .events = EPOLLIN };
    bool ready = session->wake_fd >= 0 && session->poll_fd >= 0 &&
                 epoll_ctl(session->poll_fd, EPOLL_CTL_ADD, session->wake_fd, &woken) == 0;
    int status = ready ? SL_OK : sl_fail_errno(err, "open a session", options->path);
    if (!status)
        status = options->follow && options->path
                     ? book_follow(&session->book, options->path, err)
                     : book_open(&session->book, options->path, options->read_only || options->replay, err);
    if (!status)
        status = sl_cache_new(&session->cache, session->options.memory / 2, err);
    if (!status)
        status = bring_back(session, options, err);
    if (!status)
        status = session->book->follow ? follow_open(session, err) : requests_open(session, err);
    session->options.path = session->options.base = NULL;
    if (status)
        sl_session_close(session);
    else
        *out = session;
    return status;
}

void sl_session_close(struct sl_session *session)
{
    if (!session)
        return;
    training_close(session);
    debugger_close(session);
    requests_close(session);
    follow_close(session);
    replay_end(session);
    sl_cache_free(session->cache);
    sl_browser_free(session->browser);
    trained_release(&session->trained);
    binding_release(&session->binding);
    book_close(session->book);
    history_release(&session->history);
    run_row_release(&session->run);
    training_forget_inspection(session);
    free(session->epochs.at);
    figures_release(&session->figures);
    result_free(session->result);
    said_release(&session->log);
    sl_buf_release(&session->gathered);
    sl_arena_release(&session->arena);
    if (session->wake_fd >= 0)
        close(session->wake_fd);
    if (session->poll_fd >= 0)
        close(session->poll_fd);
    event_list_release(&session->events);
    free(session->guilty);
    free(session->points);
    free(session->views);
    free(session->browsed);
    free(session->base);
    free(session);
}

const char *sl_session_path(const struct sl_session *session)
{
    return session->book->path;
}

int sl_session_fd(const struct sl_session *session)
{
    return session->poll_fd;
}

/* How much the scan has seen, so that a poll can tell whether there is more. */
static bool poll_scan(struct sl_session *session)
{
    struct sl_scan_state state;
    if (!session->browser || !session->options.scan)
        return false;
    sl_browser_state(session->browser, &state);
    uint64_t seen = state.records * 4 + (uint64_t)state.running * 2 + (uint64_t)state.complete;
    bool changed = seen != session->scan_seen;
    session->scan_seen = seen;
    return changed;
}

bool sl_session_poll(struct sl_session *session)
{
    eventfd_t woken;
    eventfd_read(session->wake_fd, &woken);
    bool changed = session->changed;
    session->changed = false;
    changed = training_poll(session) || changed;
    changed = debugger_poll(session) || changed;
    changed = (session->follow ? follow_poll(session) : requests_serve(session)) || changed;
    return poll_scan(session) || changed;
}

bool sl_session_wait(struct sl_session *session, int timeout_ms)
{
    uint64_t end = sl_now() + (uint64_t)(timeout_ms > 0 ? timeout_ms : 0) * 1000000u;
    for (;;) {
        sl_session_poll(session);
        if (!debugger_busy(session) && !training_running(session) && !follow_busy(session))
            return true;
        uint64_t now = sl_now();
        if (timeout_ms >= 0 && now >= end)
            return false;
        int left = timeout_ms < 0 ? -1 : (int)((end - now + 999999) / 1000000u);
        struct pollfd fd = { .fd = session->poll_fd, .events = POLLIN };
        if (poll(&fd, 1, left) < 0 && errno == EINTR)
            return false;
    }
}
