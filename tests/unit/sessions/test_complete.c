/* test_complete.c: what may stand at the cursor. */
#include "session_try.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

/* Completions at the end of line, sorted and joined by blanks. */
static char *complete(struct sl_session *s, const char *line)
{
    static char joined[8192];
    char **words = NULL;
    size_t n = 0, at = 0;
    assert_int_equal(sl_session_complete(s, line, strlen(line), &words, &n), SL_OK);
    for (size_t i = 1; i < n; i++)
        for (size_t k = i; k && strcmp(words[k - 1], words[k]) > 0; k--) {
            char *swap = words[k];
            words[k] = words[k - 1];
            words[k - 1] = swap;
        }
    joined[0] = '\0';
    for (size_t i = 0; i < n; i++) {
        at += (size_t)snprintf(joined + at, sizeof joined - at, "%s%s", i ? " " : "", words[i]);
        assert_true(at < sizeof joined);
        free(words[i]);
    }
    free(words);
    return joined;
}

static struct sl_session *begin(void)
{
    try_reviews("reviews.csv", 50);
    try_write("re view.csv", "a,b\n1,2\n");
    try_write(".hidden", "");
    assert_int_equal(mkdir("red", 0777), 0);
    try_write("red/data.csv", "a,b\n1,2\n");
    struct sl_session *s = try_open(NULL);
    try_lines(s, "read csv reviews.csv", "lowercase text", "label verdict", "split", "tfidf text", "logistic", NULL);
    return s;
}

static void first_words_are_stages_and_commands(void **state)
{
    (void)state;
    struct sl_session *s = begin();
    assert_string_equal(complete(s, "lo"), "logistic lowercase");
    assert_string_equal(complete(s, "re"), "read records redo rename replace rescale resize resnet resume");
    assert_string_equal(complete(s, "nonsense"), "");
    assert_holds(complete(s, ""), "tfidf");
    assert_string_equal(complete(s, "insert 2 strip"), "strip_html");
    assert_string_equal(complete(s, "help tf"), "tfidf");
    sl_session_close(s);
}

static void columns_parameters_and_values_follow(void **state)
{
    (void)state;
    struct sl_session *s = begin();
    assert_string_equal(complete(s, "strip_html t"), ""); /* behind tfidf there is no text any more */
    try_lines(s, "off tfidf", "delete tfidf", NULL);
    assert_string_equal(complete(s, "strip_html t"), "text");
    assert_string_equal(complete(s, "strip_html text mo"), "mode=");
    assert_string_equal(complete(s, "strip_html text mode="), "mode=clean mode=tags");
    assert_string_equal(complete(s, "strip_html text mode=c"), "mode=clean");
    assert_string_equal(complete(s, "tfidf text sublinear_tf=t"), "sublinear_tf=true");
    assert_string_equal(complete(s, "standardize s"), "stars");
    assert_string_equal(complete(s, "edit 2 trim te"), "text");
    assert_string_equal(complete(s, "resume fo"), "force=");
    assert_string_equal(complete(s, "export x.csv what=p"), "what=points what=predictions");
    sl_session_close(s);
}

static void stages_of_the_recipe_are_named(void **state)
{
    (void)state;
    struct sl_session *s = begin();
    try_lines(s, "insert 3 lowercase verdict", NULL);
    assert_string_equal(complete(s, "off l"), "label logistic lowercase lowercase#2");
    assert_string_equal(complete(s, "set tf"), "tfidf.");
    assert_string_equal(complete(s, "set tfidf.max_f"), "tfidf.max_features=");
    assert_string_equal(complete(s, "set logistic.solver=l"), "logistic.solver=lbfgs logistic.solver=liblinear");
    assert_string_equal(complete(s, "set nothing.x"), "");
    sl_session_close(s);
}

static void stages_conditions_columns_and_classes_are_named_to_the_debugger(void **state)
{
    (void)state;
    struct sl_session *s = begin();
    assert_string_equal(complete(s, "break l"), "label: len( logistic: lowercase:");
    assert_string_equal(complete(s, "break lowercase: ch"), "changed");
    assert_string_equal(complete(s, "watch st"), "stars");
    assert_string_equal(complete(s, "goto lo"), "logistic@ lowercase@");
    assert_string_equal(complete(s, "step back-c"), "back-continue");
    assert_string_equal(complete(s, "records le"), "leakage");
    assert_string_equal(complete(s, "records changed lo"), "logistic lowercase");
    assert_string_equal(complete(s, "records cell b"), "");
    try_lines(s, "train", NULL);
    try_wait(s, SL_JOB_DONE);
    assert_string_equal(complete(s, "records cell b"), "bad");
    assert_string_equal(complete(s, "records cell bad g"), "good");
    assert_string_equal(complete(s, "records cell bad good "), "");
    sl_session_close(s);
}

static void files_are_named_with_quotes_where_they_need_them(void **state)
{
    (void)state;
    struct sl_session *s = begin();
    assert_string_equal(complete(s, "read csv rev"), "reviews.csv");
    assert_string_equal(complete(s, "read csv re"), "'re view.csv' red/ reviews.csv");
    assert_string_equal(complete(s, "read csv 're"), "'re view.csv' red/ reviews.csv");
    assert_string_equal(complete(s, "read red/"), "red/data.csv");
    assert_string_equal(complete(s, "open red/d"), "red/data.csv");
    assert_string_equal(complete(s, "read csv .h"), ".hidden");
    assert_holds(complete(s, "read "), "jsonl");
    sl_session_close(s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TRY(first_words_are_stages_and_commands),
        TRY(columns_parameters_and_values_follow),
        TRY(stages_of_the_recipe_are_named),
        TRY(stages_conditions_columns_and_classes_are_named_to_the_debugger),
        TRY(files_are_named_with_quotes_where_they_need_them),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
