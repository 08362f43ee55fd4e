/* test_photos.c: a training on a folder of pictures: verified, found again elsewhere, and used to predict pictures
 * from folders and lists. */
#include "session_try.h"

#include "sluice/verify.h"
#include "tests/unit/data/images_try.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

enum { MANY = 40 };

/* Pictures of class a are darker than those of class b. */
static void store_photo(const char *root, unsigned i, unsigned grey)
{
    char path[128];
    struct sl_buf png = images_png_bytes(4 + i % 3, 3 + i % 4, grey);
    mkdir(root, 0777);
    snprintf(path, sizeof path, "%s/%c", root, i % 2 ? 'b' : 'a');
    mkdir(path, 0777);
    snprintf(path, sizeof path, "%s/%c/%02u.png", root, i % 2 ? 'b' : 'a', i);
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(png.p, 1, png.n, file), png.n);
    assert_int_equal(fclose(file), 0);
    sl_buf_release(&png);
}

static void train_with(const char *random, const char *batch)
{
    for (unsigned i = 0; i < MANY; i++)
        store_photo("photos", i, i % 2 ? 160 + i : 20 + i);
    struct sl_session *session = try_open("a.session");
    try_lines(session, "read images photos", "split test_size=0.25 random_state=1 stratify=true",
              "resize image width=4 height=4", random, "rescale image scale=1/255", batch, "mlp hidden=8",
              "train optimizer=adam learning_rate=0.01 epochs=4", NULL);
    try_wait(session, SL_JOB_DONE);
    sl_session_close(session);
}

static void train(void)
{
    train_with("augment image horizontal_flip=true", "batch size=8");
}

/* Verify with the data here; agrees or not, with what is told of it first. */
static bool verify(const char *data, char *reason, size_t size)
{
    const char *const paths[] = { data, NULL };
    const struct sl_verify_options options = { .session = "a.session", .threads = 2, .paths = data ? paths : NULL };
    struct sl_verified *runs = NULL;
    size_t n = 0;
    struct sl_error err = SL_ERROR_INIT;
    if (sl_verify(&runs, &n, &options, &err))
        fail_msg("%s; %s", err.what, err.fix);
    assert_int_equal(n, 1);
    bool agrees = runs[0].agrees && runs[0].executed;
    snprintf(reason, size, "%s", runs[0].n_reasons ? runs[0].reasons[0].text : "");
    sl_verified_free(runs, n);
    return agrees;
}

static void a_training_on_a_folder_agrees_where_it_was_and_where_it_is_now(void **state)
{
    (void)state;
    char reason[400];
    train();
    assert_true(verify(NULL, reason, sizeof reason));
    assert_string_equal(reason, "");
    assert_int_equal(mkdir("elsewhere", 0777), 0);
    assert_int_equal(rename("photos", "elsewhere/photos"), 0);
    assert_false(verify(NULL, reason, sizeof reason));
    assert_holds(reason, "photos\" is not there");
    assert_true(verify("elsewhere", reason, sizeof reason));
    assert_int_equal(rename("elsewhere/photos", "moved"), 0);
    assert_true(verify("moved", reason, sizeof reason));
}

static void rows_made_again_and_mixed_are_verified_as_well(void **state)
{
    (void)state;
    char reason[400];
    train_with("mixup alpha=0.3", "batch size=8 cache=none workers=2");
    assert_true(verify(NULL, reason, sizeof reason));
    assert_string_equal(reason, "");
}

static void another_picture_is_found_by_verifying(void **state)
{
    (void)state;
    char reason[400];
    train();
    store_photo("photos", 6, 27);
    assert_false(verify(NULL, reason, sizeof reason));
    assert_true(reason[0] != '\0');
}

static size_t lines_with(const char *text, const char *words)
{
    size_t n = 0;
    for (const char *p = text; (p = strstr(p, words)) != NULL; p++)
        n++;
    return n;
}

static char *predict(const char *data)
{
    const char *const paths[] = { data, NULL };
    struct sl_quarantine rejects = { 0 };
    struct sl_error err = SL_ERROR_INIT;
    const struct sl_predict_options options = { .session = "a.session", .paths = paths, .out = "out.csv" };
    if (sl_predict(&options, &rejects, &err))
        fail_msg("%s: %s; %s", data, err.what, err.fix);
    sl_quarantine_release(&rejects);
    return try_read("out.csv");
}

static void folders_single_pictures_and_lists_are_predicted(void **state)
{
    (void)state;
    train();
    char *text = predict("photos");
    assert_int_equal(lines_with(text, "\n"), MANY + 1);
    free(text);
    text = predict("photos/b/39.png");
    assert_int_equal(lines_with(text, "\n"), 2);
    assert_int_equal(lines_with(text, "\n0,b,"), 1);
    free(text);
    try_write("list.csv", "path\nphotos/a/00.png\nphotos/b/39.png\nphotos/b/missing.png\n");
    text = predict("list.csv");
    assert_int_equal(lines_with(text, "\n"), 4);
    assert_int_equal(lines_with(text, "\n0,a,"), 1);
    assert_int_equal(lines_with(text, "\n1,b,"), 1);
    free(text);
}

static const struct sl_event *duplicates_of(struct sl_session *session)
{
    const struct sl_event *events, *found = NULL;
    size_t n = sl_session_events(session, &events);
    for (size_t i = 0; i < n; i++)
        if (strcmp(events[i].kind, "duplicates") == 0)
            found = &events[i];
    return found;
}

static void a_picture_on_both_sides_of_the_split_is_told(void **state)
{
    (void)state;
    for (unsigned i = 0; i < MANY; i++)
        store_photo("photos", i, i % 2 ? 160 + i : 20 + i);
    store_photo("more", 0, 222);
    store_photo("more", 7, 160 + 7); /* is photos/b/07.png, record 23 behind the 20 of class a */
    struct sl_session *session = try_open("a.session");
    try_lines(session, "read images photos", "read images more as=test", "resize image width=4 height=4",
              "rescale image scale=1/255", "batch size=8", "mlp hidden=8", "train optimizer=adam epochs=1", NULL);
    try_wait(session, SL_JOB_DONE);
    const struct sl_event *event = duplicates_of(session);
    assert_non_null(event);
    assert_string_equal(event->json, "{\"step\":0,\"across\":1,\"pairs\":[{\"record\":41,\"role\":\"test\","
                                     "\"first\":23,\"first_role\":\"train\"}]}");
    size_t said = 0;
    for (size_t i = 0; i < sl_session_log_lines(session); i++) {
        const char *line = sl_session_log(session, i);
        if (strncmp(line, "duplicates: ", 12) == 0) {
            assert_holds(line, "1 picture is the same file");
            assert_holds(line, "'b/07.png', record 42 (test) is 'b/07.png', record 24 (train);");
            said++;
        }
    }
    assert_int_equal(said, 1);
    sl_session_close(session);
}

static void pictures_alike_on_one_side_are_nothing_to_tell(void **state)
{
    (void)state;
    train(); /* among its pictures of few sizes and greys none are alike */
    store_photo("photos", 0, 20 + 0);
    store_photo("twin", 0, 20 + 0);
    struct sl_session *session = try_open("b.session");
    try_lines(session, "read images photos", "read images twin", "read images twin as=test", NULL);
    try_lines(session, "resize image width=4 height=4", "rescale image scale=1/255", "batch size=8", "mlp hidden=8",
              "train optimizer=adam epochs=1", NULL);
    try_wait(session, SL_JOB_DONE);
    const struct sl_event *event = duplicates_of(session);
    assert_non_null(event); /* of the two twins one is for training as well: only that across the split counts */
    assert_holds(event->json, "\"across\":1,");
    sl_session_close(session);
    session = try_open("a.session");
    assert_null(duplicates_of(session));
    sl_session_close(session);
}

static void layers_that_do_not_fit_are_blamed_on_the_network_not_on_train(void **state)
{
    (void)state;
    struct sl_train_state state_of;
    for (unsigned i = 0; i < MANY; i++)
        store_photo("photos", i, i % 2 ? 160 + i : 20 + i);
    struct sl_session *session = try_open("a.session");
    try_lines(session, "read images photos", "resize image width=4 height=4", "rescale image scale=1/255",
              "batch size=8", "cnn layers=flatten,conv8", "train optimizer=adam epochs=1", NULL);
    try_wait(session, SL_JOB_FAILED);
    sl_session_train_state(session, &state_of);
    assert_holds(state_of.error.what, "conv works on pictures");
    assert_string_equal(state_of.error.stage, "cnn");
    assert_string_equal(state_of.error.param, "layers");
    assert_int_equal(state_of.error.line, 5);
    sl_session_close(session);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TRY(a_training_on_a_folder_agrees_where_it_was_and_where_it_is_now),
        TRY(rows_made_again_and_mixed_are_verified_as_well),
        TRY(another_picture_is_found_by_verifying),
        TRY(folders_single_pictures_and_lists_are_predicted),
        TRY(a_picture_on_both_sides_of_the_split_is_told),
        TRY(layers_that_do_not_fit_are_blamed_on_the_network_not_on_train),
        TRY(pictures_alike_on_one_side_are_nothing_to_tell),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
