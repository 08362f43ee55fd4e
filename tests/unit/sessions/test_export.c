/* test_export.c: what a session writes to files: whole, in order, or not at all. */
#include "session_try.h"

#include "sessions/output.h"
#include "sluice/pool.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static void assert_file(const char *path, const char *expected)
{
    char *text = try_read(path);
    assert_string_equal(text, expected);
    free(text);
}

static void cleaned_records_are_written_as_csv_in_input_order(void **state)
{
    (void)state;
    try_write(
        "in.csv",
        "Text,N,Label\n\"<b>Say \"\"HI\"\"</b>, you\",1,A\n<i></i>,2.5,B\n,3,A\n\"two\nlines\",-0.125,B\nDROP ME,5,\n");
    struct sl_session *s = try_open(NULL);
    try_lines(s, "read csv in.csv", "lowercase Text", "strip_html Text", "label Label", "split", "export out.csv",
              NULL);
    assert_file("out.csv", "Text,N,Label\n\"say \"\"hi\"\", you\",1,A\n\"\",2.5,B\n,3,A\n\"two\nlines\",-0.125,B\n");
    assert_int_equal(sl_session_stage(s, 0)->in, 5);
    assert_int_equal(sl_session_stage(s, 2)->out, 5);
    sl_session_close(s);
}

static void the_label_is_not_touched_by_stages_that_take_all_columns(void **state)
{
    (void)state;
    try_write("in.csv", "t,y\nABC,Yes\nDEF,No\n");
    struct sl_session *s = try_open(NULL);
    try_lines(s, "read csv in.csv", "lowercase", "label y", "split", "tfidf t", "logistic", "export out.csv", NULL);
    assert_file("out.csv", "t,y\nabc,Yes\ndef,No\n");
    sl_session_close(s);
}

static void a_column_alone_keeps_its_missing_records(void **state)
{
    (void)state;
    try_write("in.csv", "a,b\n1,x\nNA,y\n3,z\n");
    struct sl_session *s = try_open(NULL);
    try_lines(s, "read csv in.csv", "select a", "export out.csv", NULL);
    assert_file("out.csv", "a\n1\n\"\"\n3\n");
    sl_session_close(s);
}

static void many_blocks_and_threads_make_the_same_file(void **state)
{
    (void)state;
    try_reviews("reviews.csv", 30000);
    char *first = NULL;
    for (int threads = 1; threads <= 4; threads++) {
        struct sl_session *s = try_open_with(&(struct sl_session_options){ .threads = threads, .memory = 64 << 20 });
        try_lines(s, "read csv reviews.csv", "lowercase text", "export out.csv", NULL);
        char *text = try_read("out.csv");
        if (first)
            assert_string_equal(text, first);
        else
            first = strdup(text);
        assert_non_null(first);
        free(text);
        sl_session_close(s);
    }
    size_t lines = 0;
    for (const char *p = first; (p = strchr(p, '\n')); p++)
        lines++;
    assert_int_equal(lines, 30001);
    free(first);
}

static size_t files_here(void)
{
    size_t n = 0;
    DIR *dir = opendir(".");
    assert_non_null(dir);
    while (readdir(dir))
        n++;
    closedir(dir);
    return n;
}

static void what_fails_leaves_the_old_file(void **state)
{
    (void)state;
    try_write("in.csv", "a,b\n1,x\n");
    try_write("out.csv", "old\n");
    struct sl_session *s = try_open(NULL);
    size_t before = files_here();
    try_refused(s, "export out.csv", SL_ESCHEMA, "nothing says what to read");
    try_lines(s, "read csv in.csv", NULL);
    try_refused(s, "export no/where.csv", SL_EIO, "no/where.csv");
    try_refused(s, "export out.csv what=metrics", SL_ESTATE, "no training");
    try_refused(s, "export out.csv what=points", SL_ESTATE, "no training");
    try_refused(s, "export out.csv what=predictions", SL_ESTATE, "no trained model");
    try_refused(s, "export out.csv what=nonsense", SL_EPARAM, "nonsense");
    assert_file("out.csv", "old\n");
    assert_int_equal(files_here(), before);
    try_lines(s, "export out.csv", "export /dev/null", NULL);
    assert_file("out.csv", "a,b\n1,x\n");
    assert_int_equal(files_here(), before);
    sl_session_close(s);
}

static void the_quarantine_is_written_with_places_and_reasons(void **state)
{
    (void)state;
    try_write("in.csv", "a,b\n1,x\n2,y,z\n3,w\n4\n");
    struct sl_session *s = try_open(NULL);
    try_lines(s, "read csv in.csv", "export bad.csv what=quarantine", NULL);
    char *text = try_read("bad.csv");
    assert_holds(text, "record,file,line,byte,reason,excerpt\n1,");
    assert_holds(text, "in.csv,3,8,");
    assert_holds(text, "\n3,");
    free(text);
    sl_session_close(s);
}

static void recipe_curves_figures_and_predictions_are_written(void **state)
{
    (void)state;
    try_reviews("reviews.csv", 200);
    struct sl_session *s = try_open("a.session");
    try_lines(s, "read csv reviews.csv", "label verdict", "split random_state=1", "tfidf text", "logistic", "train",
              NULL);
    try_wait(s, SL_JOB_DONE);
    try_lines(s, "export r.sluice what=recipe", "export p.csv what=points", "export m.json what=metrics",
              "export y.csv what=predictions", NULL);
    assert_file("r.sluice", "read csv reviews.csv\nlabel verdict\nsplit random_state=1\ntfidf text\nlogistic\n");
    char *text = try_read("p.csv");
    assert_holds(text,
                 "step,rows,loss,gradient_norm,train_accuracy,test_accuracy,test_loss,seconds,learning_rate\n1,150,");
    free(text);
    text = try_read("m.json");
    assert_holds(text, "{\"event\":\"result\",\"accuracy\":");
    free(text);
    text = try_read("y.csv");
    assert_holds(text, "record,verdict,p_bad,p_good,note\n0,");
    assert_holds(text, "\n199,");
    free(text);
    sl_session_close(s);
}

/* --- the ordered file by itself --- */

static void put_piece(void *ctx, size_t i, int worker)
{
    struct output *output = ctx;
    struct sl_buf text = { 0 };
    struct sl_error err = SL_ERROR_INIT;
    (void)worker;
    if (i % 7 == 3)
        usleep(300);
    sl_buf_printf(&text, "%zu\n", i);
    assert_int_equal(output_put(output, i, &text, &err), SL_OK);
    sl_buf_release(&text);
}

static void pieces_made_in_any_order_are_written_in_theirs(void **state)
{
    (void)state;
    struct output output;
    struct sl_pool *pool = NULL;
    struct sl_buf expected = { 0 };
    assert_int_equal(sl_pool_new(&pool, 4, NULL), SL_OK);
    assert_int_equal(output_open(&output, "pieces", 4, NULL), SL_OK);
    assert_false(try_exists("pieces"));
    sl_pool_for(pool, 3000, put_piece, &output);
    assert_int_equal(output_close(&output, SL_OK, NULL), SL_OK);
    for (int i = 0; i < 3000; i++)
        sl_buf_printf(&expected, "%d\n", i);
    assert_file("pieces", expected.p);
    sl_buf_release(&expected);
    sl_pool_free(pool);
}

static void a_full_disk_is_an_error(void **state)
{
    (void)state;
    struct output output;
    struct sl_buf text = { 0 };
    struct sl_error err = SL_ERROR_INIT;
    if (!try_exists("/dev/full"))
        skip();
    assert_int_equal(output_open(&output, "/dev/full", 1, &err), SL_OK);
    sl_buf_puts(&text, "x");
    assert_int_equal(output_put(&output, 0, &text, &err), SL_EIO);
    assert_int_equal(output_close(&output, SL_OK, &err), SL_EIO);
    assert_holds(err.what, "write");
    sl_buf_release(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TRY(cleaned_records_are_written_as_csv_in_input_order),
        TRY(the_label_is_not_touched_by_stages_that_take_all_columns),
        TRY(a_column_alone_keeps_its_missing_records),
        TRY(many_blocks_and_threads_make_the_same_file),
        TRY(what_fails_leaves_the_old_file),
        TRY(the_quarantine_is_written_with_places_and_reasons),
        TRY(recipe_curves_figures_and_predictions_are_written),
        TRY(pieces_made_in_any_order_are_written_in_theirs),
        TRY(a_full_disk_is_an_error),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
