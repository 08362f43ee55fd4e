/* picture_trial.c: see picture_trial.h. */
#include "picture_trial.h"

#include "sluice/pool.h"
#include "sluice/random.h"

#include <stdio.h>

enum { COLUMN = 1, MISSING = 3 };

static void make_picture(struct picture_trial *t, uint32_t i, uint32_t width, uint32_t height, uint32_t channels)
{
    assert_int_equal(sl_image_make(&t->picture[i], width, height, channels, &t->err), SL_OK);
    for (uint32_t k = 0; k < width * height * channels; k++) {
        t->picture[i].pixels[k] = (uint8_t)(sl_philox_real(3, SL_RANDOM_SAMPLE, 0, i, k) * 256);
    }
}

static void start(struct picture_trial *t, enum sl_type type, uint32_t channels)
{
    memset(t, 0, sizeof *t);
    sl_arena_init(&t->arena);
    assert_int_equal(sl_schema_add(&t->schema, SL_STR("id"), SL_NUMBER, NULL), SL_OK);
    assert_int_equal(sl_schema_add(&t->schema, SL_STR("image"), type, NULL), SL_OK);
    t->schema.fields[COLUMN].channels = channels;
}

static int bind(struct picture_trial *t, const char *statement, bool missing)
{
    if (missing) {
        assert_int_equal(sl_chunk_set_missing(&t->chunk, COLUMN, MISSING, &t->err), SL_OK);
    }
    for (uint32_t i = 0; i < TRIAL_RECORDS; i++) {
        t->chunk.origin[i] = (struct sl_origin){ .record = TRIAL_FIRST + i, .line = i + 1 };
    }
    int status = sl_statement_parse(sl_str(statement), NULL, &t->arena, &t->statement, &t->err);
    if (status != SL_OK) {
        return status;
    }
    t->stage = (struct sl_stage){ .class = t->statement.class, .params = t->statement.params, .in = &t->schema };
    assert_int_equal(sl_schema_copy(&t->stage.out, &t->schema, NULL), SL_OK);
    status = t->stage.class->bind(&t->stage, &t->schema, &t->stage.out, &t->err);
    if (status == SL_OK && t->stage.class->scratch_new) {
        assert_int_equal(t->stage.class->scratch_new(&t->stage, &t->scratch, &t->err), SL_OK);
    }
    t->before = t->chunk;
    trial_again(t);
    return status;
}

int trial_fixed(struct picture_trial *t, const char *statement, uint32_t width, uint32_t height, uint32_t channels,
                bool missing)
{
    start(t, SL_VECTOR, channels);
    struct sl_field *field = &t->schema.fields[COLUMN];
    field->height = height;
    field->breadth = width;
    field->width = width * height * channels;
    field->bytes = true;
    field->scale = 0.5f;
    field->offset = -3;
    assert_int_equal(sl_chunk_init(&t->chunk, &t->schema, TRIAL_RECORDS, &t->arena, &t->err), SL_OK);
    uint8_t *cells = sl_arena_array(&t->arena, (size_t)TRIAL_RECORDS * field->width, 1);
    t->chunk.columns[COLUMN].bytes = cells;
    for (uint32_t i = 0; i < TRIAL_RECORDS; i++) {
        make_picture(t, i, width, height, channels);
        memcpy(cells + (size_t)i * field->width, t->picture[i].pixels, field->width);
    }
    return bind(t, statement, missing);
}

int trial_sizes(struct picture_trial *t, const char *statement, uint32_t width, uint32_t height, uint32_t channels,
                bool missing)
{
    start(t, SL_IMAGE, channels);
    assert_int_equal(sl_chunk_init(&t->chunk, &t->schema, TRIAL_RECORDS, &t->arena, &t->err), SL_OK);
    struct sl_picture *cells = sl_arena_zero(&t->arena, TRIAL_RECORDS, sizeof *cells);
    t->chunk.columns[COLUMN].picture = cells;
    for (uint32_t i = 0; i < TRIAL_RECORDS; i++) {
        make_picture(t, i, width + i, height + i, channels);
        if (!missing || i != MISSING) {
            cells[i] = (struct sl_picture){ t->picture[i].pixels, height + i, width + i };
        }
    }
    return bind(t, statement, missing);
}

void trial_release(struct picture_trial *t)
{
    if (t->stage.class) {
        if (t->stage.class->scratch_free) {
            t->stage.class->scratch_free(&t->stage, t->scratch);
        }
        t->stage.class->unbind(&t->stage);
    }
    sl_schema_release(&t->stage.out);
    sl_schema_release(&t->schema);
    for (uint32_t i = 0; i < TRIAL_RECORDS; i++) {
        sl_image_release(&t->picture[i]);
    }
    sl_arena_release(&t->arena);
}

void trial_again(struct picture_trial *t)
{
    assert_int_equal(sl_chunk_share(&t->chunk, &t->before, &t->err), SL_OK);
}

static void must(struct picture_trial *t, int status)
{
    if (status) {
        char text[512];
        fail_msg("%s", sl_error_format(&t->err, text, sizeof text));
    }
    t->chunk.schema = &t->stage.out;
}

void trial_apply(struct picture_trial *t)
{
    must(t, t->stage.class->apply(&t->stage, t->scratch, &t->chunk, &t->err));
}

void trial_augment(struct picture_trial *t, uint32_t epoch, uint32_t draw)
{
    const struct sl_draw at = { epoch, draw };
    must(t, t->stage.class->augment(&t->stage, t->scratch, &at, &t->chunk, &t->err));
}

static struct sl_image out_of(const struct sl_chunk *chunk, uint32_t i)
{
    const struct sl_field *field = &chunk->schema->fields[COLUMN];
    const struct sl_column *column = &chunk->columns[COLUMN];
    if (field->type == SL_IMAGE) {
        const struct sl_picture *cell = &column->picture[i];
        return (struct sl_image){ .width = cell->width,
                                  .height = cell->height,
                                  .channels = field->channels,
                                  .pixels = (uint8_t *)(uintptr_t)cell->pixels };
    }
    return (struct sl_image){ .width = field->breadth,
                              .height = field->height,
                              .channels = field->channels,
                              .pixels = column->bytes + (size_t)i * field->width };
}

struct sl_image trial_out(const struct picture_trial *t, uint32_t i)
{
    return out_of(&t->chunk, i);
}

void assert_trial_picture(const struct picture_trial *t, uint32_t i, const struct sl_image *expected)
{
    struct sl_image out = trial_out(t, i);
    assert_int_equal(out.width, expected->width);
    assert_int_equal(out.height, expected->height);
    assert_int_equal(out.channels, expected->channels);
    assert_memory_equal(out.pixels, expected->pixels, (size_t)out.width * out.height * out.channels);
}

struct sl_image_key trial_key(uint64_t seed, uint32_t epoch, uint32_t draw, uint32_t i)
{
    return (struct sl_image_key){ .seed = seed, .epoch = epoch, .record = TRIAL_FIRST + i, .draw = draw };
}

const char *trial_drawn(struct picture_trial *t, uint32_t epoch, uint32_t draw, uint32_t i)
{
    static char text[1024];
    const struct sl_draw at = { epoch, draw };
    struct sl_buf to = { 0 };
    t->stage.class->drawn(&t->stage, &at, &t->before, i, &to);
    assert_false(to.failed);
    snprintf(text, sizeof text, "%s", to.p);
    sl_buf_release(&to);
    return text;
}

/* ---- the rules of random stages ---- */

enum { SIDE = 12, CHANNELS = 3, EPOCHS = 12 };

/* All pictures of an epoch, one behind the other. */
struct seen {
    size_t n;
    uint8_t *bytes;
};

static struct seen see(struct picture_trial *t, uint32_t epoch, uint32_t draw)
{
    trial_again(t);
    trial_augment(t, epoch, draw);
    size_t n = (size_t)TRIAL_RECORDS * t->stage.out.fields[COLUMN].width;
    struct seen seen = { n, malloc(n) };
    assert_non_null(seen.bytes);
    memcpy(seen.bytes, t->chunk.columns[COLUMN].bytes, n);
    return seen;
}

static bool same(struct seen a, struct seen b)
{
    return a.n == b.n && memcmp(a.bytes, b.bytes, a.n) == 0;
}

static void assert_other(struct picture_trial *t, struct seen first, uint32_t epoch, uint32_t draw, const char *what)
{
    struct seen other = see(t, epoch, draw);
    if (same(first, other)) {
        fail_msg("%s changes nothing: \"%s\"", what, t->stage.class->name);
    }
    free(other.bytes);
}

/* Record by record, with a scratch of its own for each. */
static void assert_same_alone(struct picture_trial *t, struct seen whole)
{
    const struct sl_draw at = { 2, 1 };
    size_t width = t->stage.out.fields[COLUMN].width;
    for (uint32_t i = TRIAL_RECORDS; i-- > 0;) {
        struct sl_chunk part;
        void *scratch = NULL;
        trial_again(t);
        assert_int_equal(sl_chunk_slice(&part, &t->chunk, i, 1, &t->err), SL_OK);
        assert_int_equal(t->stage.class->scratch_new(&t->stage, &scratch, &t->err), SL_OK);
        assert_int_equal(t->stage.class->augment(&t->stage, scratch, &at, &part, &t->err), SL_OK);
        assert_memory_equal(part.columns[COLUMN].bytes, whole.bytes + i * width, width);
        assert_int_equal(sl_valid(&part.columns[COLUMN], 0), i != MISSING);
        t->stage.class->scratch_free(&t->stage, scratch);
    }
}

enum { WORKERS = 4 };
struct threads {
    struct picture_trial *t;
    void *scratch[WORKERS];
    struct sl_arena arena[EPOCHS];
    uint8_t *bytes[EPOCHS];
    int status[EPOCHS];
};

static void work(void *ctx, size_t i, int worker)
{
    struct threads *all = ctx;
    const struct sl_stage *stage = &all->t->stage;
    const struct sl_draw at = { (uint32_t)i, 0 };
    struct sl_chunk source = all->t->before, chunk;
    source.arena = &all->arena[i];
    all->status[i] = sl_chunk_share(&chunk, &source, NULL);
    if (all->status[i] == SL_OK) {
        all->status[i] = stage->class->augment(stage, all->scratch[worker], &at, &chunk, NULL);
        all->bytes[i] = chunk.columns[COLUMN].bytes;
    }
}

static void assert_same_on_threads(struct picture_trial *t)
{
    struct threads all = { .t = t };
    struct sl_pool *pool = NULL;
    assert_int_equal(sl_pool_new(&pool, WORKERS, NULL), SL_OK);
    for (int w = 0; w < WORKERS; w++) {
        assert_int_equal(t->stage.class->scratch_new(&t->stage, &all.scratch[w], NULL), SL_OK);
    }
    for (int i = 0; i < EPOCHS; i++) {
        sl_arena_init(&all.arena[i]);
    }
    sl_pool_for(pool, EPOCHS, work, &all);
    sl_pool_free(pool);
    for (uint32_t i = 0; i < EPOCHS; i++) {
        assert_int_equal(all.status[i], SL_OK);
        struct seen alone = see(t, i, 0);
        assert_memory_equal(all.bytes[i], alone.bytes, alone.n);
        free(alone.bytes);
        sl_arena_release(&all.arena[i]);
    }
    for (int w = 0; w < WORKERS; w++) {
        t->stage.class->scratch_free(&t->stage, all.scratch[w]);
    }
}

void assert_random_stage(const char *statement, const char *seeded, bool keeps_size)
{
    struct picture_trial t, other;
    assert_int_equal(trial_fixed(&t, statement, SIDE, SIDE, CHANNELS, true), SL_OK);
    assert_int_equal(trial_fixed(&other, seeded, SIDE, SIDE, CHANNELS, true), SL_OK);
    assert_int_equal(t.stage.class->kind, SL_AUGMENT);
    const struct sl_field *out = &t.stage.out.fields[COLUMN];
    assert_true(out->bytes && out->scale >= 0.5f && out->scale <= 0.5f && out->offset >= -3 && out->offset <= -3);
    assert_int_equal(sl_field_alike(out, &t.schema.fields[COLUMN]), keeps_size);

    struct seen first = see(&t, 2, 1), again = see(&t, 2, 1), reseeded = see(&other, 2, 1);
    assert_true(same(first, again));
    assert_false(same(first, reseeded));
    assert_other(&t, first, 3, 1, "another epoch");
    assert_other(&t, first, 2, 2, "another draw");
    assert_same_alone(&t, first);
    assert_same_on_threads(&t);
    assert_string_equal(trial_drawn(&t, 2, 1, MISSING), "missing");
    for (uint32_t i = 0; i < TRIAL_RECORDS; i++) {
        assert_memory_equal(t.before.columns[COLUMN].bytes + (size_t)i * SIDE * SIDE * CHANNELS, t.picture[i].pixels,
                            (size_t)SIDE * SIDE * CHANNELS);
    }
    t.stage.place = 1;
    assert_other(&t, first, 2, 1, "another place");
    t.stage.place = 0;
    for (uint32_t i = 0; i < TRIAL_RECORDS; i++) {
        t.before.origin[i].record += 50;
    }
    assert_other(&t, first, 2, 1, "another record");
    free(first.bytes);
    free(again.bytes);
    free(reseeded.bytes);
    trial_release(&other);
    trial_release(&t);
}
