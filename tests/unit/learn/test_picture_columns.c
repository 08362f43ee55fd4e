/* test_picture_columns.c: which columns the statements `cnn` and `resnet` take, and what they say of others. */
#include "tests/unit/pipeline/recipe_try.h"

static char folder[] = "/tmp/sluice-columns-XXXXXX";

static void put(const char *name, const char *bytes, size_t n)
{
    char path[128];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    write_file(path, bytes, n);
}

static int set_up(void **state)
{
    (void)state;
    if (!mkdtemp(folder))
        return -1;
    put("a.csv", "a,b,kind\n1,2,x\n3,4,y\n", 21);
    put("p.idx", "\0\0\x08\x03\0\0\0\2\0\0\0\2\0\0\0\2abcdefgh", 24);
    put("v.idx", "\0\0\x08\x02\0\0\0\2\0\0\0\4abcdefgh", 20);
    put("l.idx", "\0\0\x08\x01\0\0\0\2\0\1", 10);
    return 0;
}

static int tear_down(void **state)
{
    char command[200];
    (void)state;
    snprintf(command, sizeof command, "rm -rf '%s'", folder);
    return system(command);
}

static int assemble(const char *text, struct sl_error *err)
{
    struct sl_pipeline_options options = { .base = folder };
    struct sl_pipeline *pipeline = NULL;
    struct recipe recipe;
    recipe_parse(&recipe, text);
    int status = sl_pipeline_new(&pipeline, recipe.statements, recipe.n, &options, err);
    sl_pipeline_free(pipeline);
    recipe_release(&recipe);
    return status;
}

static void refused(const char *text, const char *what, const char *fix)
{
    struct sl_error err = SL_ERROR_INIT;
    assert_int_not_equal(assemble(text, &err), SL_OK);
    if (!strstr(err.what, what) || !strstr(err.fix, fix))
        fail_msg("\"%s; %s\" does not say \"%s; %s\"", err.what, err.fix, what, fix);
}

static void pictures_are_taken(void **state)
{
    static const char *const good[] = {
        "read idx p.idx labels=l.idx\ncnn\n",
        "read idx p.idx labels=l.idx\nrescale image scale=1/255\ncnn image layers=conv4,bn,pool,dense3 padding=valid\n",
        "read idx p.idx labels=l.idx\nbatch size=2\nresnet depth=18 freeze=layer2\ntrain epochs=1\n",
    };
    (void)state;
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        struct sl_error err = SL_ERROR_INIT;
        if (assemble(good[i], &err))
            fail_msg("%s; %s", err.what, err.fix);
    }
}

static void other_columns_are_refused_with_a_way_out(void **state)
{
    (void)state;
    refused("read csv a.csv\nlabel kind\ncnn\n", "\"cnn\" finds no column of pictures to learn from", "take mlp");
    refused("read csv a.csv\nlabel kind\nresnet\n", "\"resnet\" finds no column of pictures", "read images or idx");
    refused("read csv a.csv\nlabel kind\nresnet a\n", "a", "");
    refused("read idx v.idx labels=l.idx\ncnn\n", "\"vector\" is a row of 4 numbers", "take mlp");
    refused("read idx v.idx labels=l.idx\nresnet vector\n", "\"vector\" is a row of 4 numbers", "take mlp");
}

static void a_word_that_is_no_layer_is_refused_when_the_recipe_is_read(void **state)
{
    (void)state;
    refused("read idx p.idx labels=l.idx\ncnn layers=conv8,relu\n", "'relu' (layer 2 of 2)", "conv32x5s2");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pictures_are_taken),
        cmocka_unit_test(other_columns_are_refused_with_a_way_out),
        cmocka_unit_test(a_word_that_is_no_layer_is_refused_when_the_recipe_is_read),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
