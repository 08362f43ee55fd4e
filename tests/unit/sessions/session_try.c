/* session_try.c: see session_try.h. */
#include "session_try.h"

#include "sluice/input.h"

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static char before[4096], folder[64];

int try_enter(void **state)
{
    (void)state;
    snprintf(folder, sizeof folder, "/tmp/sluice-session-XXXXXX");
    return !getcwd(before, sizeof before) || !mkdtemp(folder) || chdir(folder) != 0;
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
    (void)st;
    (void)type;
    (void)ftw;
    return remove(path);
}

int try_leave(void **state)
{
    (void)state;
    return chdir(before) != 0 || nftw(folder, remove_one, 16, FTW_DEPTH | FTW_PHYS) != 0;
}

void try_write(const char *path, const char *text)
{
    struct sl_error err = SL_ERROR_INIT;
    if (sl_file_write(path, text, strlen(text), &err))
        fail_msg("%s", err.what);
}

char *try_read(const char *path)
{
    struct sl_error err = SL_ERROR_INIT;
    struct sl_buf text = { 0 };
    if (sl_file_read(path, 1 << 28, &text, &err))
        fail_msg("%s", err.what);
    sl_buf_putc(&text, '\0');
    assert_false(text.failed);
    return text.p;
}

bool try_exists(const char *path)
{
    return access(path, F_OK) == 0;
}

void try_reviews(const char *path, int n)
{
    static const char *const good[] = { "great", "lovely", "fine", "Superb", "<b>happy</b>", "warm" };
    static const char *const bad[] = { "awful", "dull", "poor", "Broken", "<i>sad</i>", "cold" };
    static const char *const plain[] = { "film", "story", "music", "actor", "scene", "camera", "evening", "popcorn" };
    struct sl_buf text = { 0 };
    uint32_t random = 12345;
    sl_buf_puts(&text, "text,stars,verdict\n");
    for (int i = 0; i < n; i++) {
        bool like = i % 2;
        sl_buf_puts(&text, i % 3 ? "\"" : "");
        for (int k = 0; k < 12; k++) {
            random = random * 1664525u + 1013904223u;
            uint32_t r = random >> 8;
            const char *word = k % 3 ? plain[r % 8] : ((r % 10 < 7) == like ? good : bad)[r / 16 % 6];
            sl_buf_printf(&text, "%s%s", k ? i % 3 && k == 5 ? ", " : " " : "", word);
        }
        sl_buf_puts(&text, i % 3 ? "\"" : "");
        sl_buf_printf(&text, ",%u,%s\n", random >> 30, like ? "good" : "bad");
    }
    assert_false(text.failed);
    try_write(path, text.p);
    sl_buf_release(&text);
}

struct sl_session *try_open_with(const struct sl_session_options *options)
{
    struct sl_error err = SL_ERROR_INIT;
    struct sl_session *session = NULL;
    char text[900];
    if (sl_session_open(&session, options, &err))
        fail_msg("%s", sl_error_format(&err, text, sizeof text));
    return session;
}

struct sl_session *try_open(const char *path)
{
    return try_open_with(&(struct sl_session_options){ .path = path, .threads = 2, .memory = 64 << 20 });
}

void try_lines(struct sl_session *session, ...)
{
    va_list args;
    va_start(args, session);
    for (const char *line; (line = va_arg(args, const char *));) {
        struct sl_error err = SL_ERROR_INIT;
        char text[900];
        if (sl_session_command(session, line, NULL, &err))
            fail_msg("\"%s\": %s", line, sl_error_format(&err, text, sizeof text));
    }
    va_end(args);
}

void assert_holds(const char *text, const char *words)
{
    if (!strstr(text, words))
        fail_msg("\"%s\" does not hold \"%s\"", text, words);
}

void try_refused(struct sl_session *session, const char *line, int status, const char *words)
{
    struct sl_error err = SL_ERROR_INIT;
    char text[900];
    int got = sl_session_command(session, line, NULL, &err);
    if (!got)
        fail_msg("\"%s\" was not refused", line);
    assert_holds(sl_error_format(&err, text, sizeof text), words);
    assert_int_equal(got, status);
}

void try_recipe(struct sl_session *session, const char *expected)
{
    struct sl_buf text = { 0 };
    sl_session_recipe_text(session, &text);
    assert_string_equal(text.p ? text.p : "", expected);
    sl_buf_release(&text);
}

void try_wait(struct sl_session *session, enum sl_job state)
{
    struct sl_train_state now;
    char text[900];
    while (!sl_session_wait(session, 60000))
        ;
    sl_session_train_state(session, &now);
    if (now.job != state)
        fail_msg("the training is %s, not %s: %s", sl_job_name(now.job), sl_job_name(state),
                 sl_error_format(&now.error, text, sizeof text));
}

void try_long_recipe(struct sl_session *session, int steps)
{
    char learner[96];
    snprintf(learner, sizeof learner, "logistic solver=adam learning_rate=0.001 batch_size=16 tol=1e-15 max_iter=%d",
             steps);
    try_lines(session, "read csv reviews.csv", "lowercase text", "strip_html text", "label verdict",
              "split random_state=1", "tfidf text", learner, NULL);
}
