/* test_exchange.c: a session as a folder of plain text and pictures. */
#include "session_try.h"

#include <png.h>
#include <stdio.h>
#include <stdlib.h>

static struct sl_session *trained(const char *path)
{
    try_reviews("reviews.csv", 200);
    struct sl_session *s = try_open(path);
    try_lines(s, "read csv reviews.csv", "lowercase text", "label verdict", "split random_state=1", "tfidf text",
              "logistic", "note \"a \\\"quoted\\\" remark\"", "train", NULL);
    try_wait(s, SL_JOB_DONE);
    return s;
}

static size_t lines(const char *text)
{
    size_t n = 0;
    for (; *text; text++)
        n += *text == '\n';
    return n;
}

static void a_session_becomes_a_folder_of_plain_text(void **state)
{
    (void)state;
    struct sl_session *s = trained("a.session");
    const struct sl_point *points;
    try_lines(s, "export out what=all", NULL);
    char *recipe = try_read("out/recipe.sluice");
    assert_string_equal(recipe, "read csv reviews.csv\nlowercase text\nlabel "
                                "verdict\nsplit random_state=1\ntfidf text\nlogistic\n");
    free(recipe);
    char *metrics = try_read("out/metrics.csv");
    assert_int_equal(lines(metrics), sl_session_points(s, &points) + 1);
    assert_holds(metrics, "run,step,rows,loss,");
    struct sl_buf number = { 0 };
    sl_buf_printf(&number, "\n1,%llu,", (unsigned long long)points[0].step);
    sl_buf_printf(&number, "%llu,", (unsigned long long)points[0].rows);
    sl_buf_number(&number, points[0].loss);
    assert_holds(metrics, number.p);
    sl_buf_release(&number);
    free(metrics);
    char *result = try_read("out/result.json");
    assert_holds(result, "{\n  \"event\":\"result\",\n  \"accuracy\":");
    assert_holds(result, "\n  \"classes\":[\"bad\",\"good\"],\n");
    assert_holds(result, "\n}\n");
    free(result);
    sl_session_close(s);
}

static void events_are_json_lines_in_order_of_time(void **state)
{
    (void)state;
    struct sl_session *s = trained("a.session");
    try_lines(s, "export out what=all", NULL);
    char *events = try_read("out/events.jsonl");
    const char *const order[] = { "\"event\":\"opened\"", "\"line\":\"read csv reviews.csv\"",
                                  "\"event\":\"run\",\"run\":1,",
                                  "\"event\":\"prepared\",\"run\":1,\"step\":0,\"records\":200", "\"event\":\"done\"" };
    const char *at = events;
    for (size_t i = 0; i < sizeof order / sizeof *order; i++) {
        at = strstr(at, order[i]);
        if (!at)
            fail_msg("%s is not where it should be in\n%s", order[i], events);
    }
    assert_holds(events, "remark");
    /* The strict reader of the program finds every line to be an object. */
    struct sl_session *other = try_open(NULL);
    try_lines(other, "read jsonl out/events.jsonl", "export back.csv", NULL);
    assert_int_equal(sl_session_stage(other, 0)->in, lines(events));
    assert_int_equal(sl_session_stage(other, 0)->out, lines(events));
    sl_session_close(other);
    sl_session_close(s);
    free(events);
}

static void curves_become_pictures(void **state)
{
    (void)state;
    struct sl_session *s = trained("a.session");
    try_lines(s, "export out what=all", "export out what=all", NULL); /* the second replaces the first */
    static const char *const names[] = { "out/loss.png", "out/accuracy.png" };
    for (int i = 0; i < 2; i++) {
        png_image image = { .version = PNG_IMAGE_VERSION };
        assert_true(png_image_begin_read_from_file(&image, names[i]));
        assert_true(image.width == 1920 && image.height == 1200);
        png_image_free(&image);
    }
    char *svg = try_read("out/accuracy.svg");
    assert_holds(svg, "<title>a.session: accuracy, run 1</title>");
    assert_holds(svg, ">test records</text>");
    free(svg);
    sl_session_close(s);
}

static void without_a_training_there_is_less_to_write(void **state)
{
    (void)state;
    try_reviews("reviews.csv", 20);
    struct sl_session *s = try_open(NULL);
    try_lines(s, "read csv reviews.csv", "export out what=all", NULL);
    assert_true(try_exists("out/recipe.sluice") && try_exists("out/events.jsonl"));
    assert_false(try_exists("out/metrics.csv") || try_exists("out/result.json") || try_exists("out/loss.svg"));
    try_refused(s, "export reviews.csv what=all", SL_EIO, "is a file");
    try_refused(s, "export none/out what=all", SL_EIO, "none/out");
    sl_session_close(s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TRY(a_session_becomes_a_folder_of_plain_text),
        TRY(events_are_json_lines_in_order_of_time),
        TRY(curves_become_pictures),
        TRY(without_a_training_there_is_less_to_write),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
