/* export_command.c: sluice export SESSION DIR: the session as plain text and pictures. */
#include "batch.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

/* The folder as seen from anywhere: the command of the session counts from the session's own. */
static char *from_here(const char *path)
{
    char *here = path[0] == '/' ? NULL : getcwd(NULL, 0);
    struct sl_buf joined = { 0 };
    if (path[0] != '/' && !here) {
        return NULL;
    }
    sl_buf_printf(&joined, "%s%s%s", here ? here : "", here ? "/" : "", path);
    free(here);
    if (joined.failed) {
        sl_buf_release(&joined);
        return NULL;
    }
    return joined.p;
}

int command_export(const struct options *options)
{
    const struct sl_session_options how = { .path = options->operands.word[0], .read_only = true };
    struct sl_error err = SL_ERROR_INIT;
    struct sl_session *session = NULL;
    struct sl_buf line = { 0 }, reply = { 0 };
    char *path = NULL;
    int status = SL_OK;
    if (access(how.path, F_OK) != 0) {
        status = sl_fail_errno(&err, "open", how.path);
    }
    if (!status) {
        status = sl_session_open(&session, &how, &err);
    }
    if (!status && !(path = from_here(options->operands.word[1]))) {
        status = sl_fail_errno(&err, "find", "the current folder");
    }
    if (!status) {
        sl_buf_puts(&line, "export ");
        batch_quote(path, &line);
        sl_buf_puts(&line, " what=all");
        status = line.failed ? sl_fail_memory(&err, "an export") : sl_session_command(session, line.p, &reply, &err);
        err.line = err.column = 0; /* of a line the user never wrote */
    }
    sl_session_close(session);
    sl_buf_release(&line);
    free(path);
    if (status) {
        sl_buf_release(&reply);
        return batch_failed(&err);
    }
    return batch_finish(&reply);
}
