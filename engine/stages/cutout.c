/* cutout.c: parts of training pictures painted over: `cutout`, a square of one size, and `random_erasing`, a rectangle
 * of any shape, half of the time. */
#include "engine/stages/picture.h"

struct cutout {
    struct sl_names columns;
    int64_t size, value;
    int64_t random_state;
};

struct erasing {
    struct sl_names columns;
    double probability;
    struct sl_range scale, ratio;
    int64_t value;
    int64_t random_state;
};

static const struct cutout cutout_defaults = { 0 };
static const struct erasing erasing_defaults = { .probability = 0.5,
                                                 .scale = { 0.02, 1.0 / 3.0 },
                                                 .ratio = { 0.3, 10.0 / 3 } };

static const struct sl_param cutout_params[] = {
    SL_COLUMNS(struct cutout, columns, .types = SL_VECTOR, .help = "columns of pictures; without any, all of them"),
    SL_INT(struct cutout, size, .required = true, .min = 1, .max = 65535, .unit = "pixels",
           .help = "width and height of the square; at the edges of the picture it is cut"),
    SL_INT(struct cutout, value, .min = 0, .max = 255, .help = "what is painted there"),
    SL_RANDOM_STATE(struct cutout, random_state),
    { 0 },
};

static const struct sl_param erasing_params[] = {
    SL_COLUMNS(struct erasing, columns, .types = SL_VECTOR, .help = "columns of pictures; without any, all of them"),
    SL_REAL(struct erasing, probability, .min = 0, .max = 1, .help = "how often a part is painted over"),
    SL_RANGE(struct erasing, scale, .min = 0, .max = 1, .help = "share of the picture, least and greatest"),
    SL_RANGE(struct erasing, ratio, .min = 1e-3, .max = 1e3, .help = "height by width, least and greatest"),
    SL_INT(struct erasing, value, .min = 0, .max = 255, .help = "what is painted there"),
    SL_RANDOM_STATE(struct erasing, random_state),
    { 0 },
};

static const struct sl_example cutout_examples[] = {
    { "cutout size=2 value=9",
      .in = "hex: 00 00 08 03  00 00 00 02  00 00 00 02  00 00 00 03  01 02 03 04 05 06  01 02 03 04 05 06\n",
      .out = "image\n\"[9, 9, 3, 9, 9, 6]\"\n\"[1, 9, 9, 4, 9, 9]\"\n",
      .note = "two pictures of 2×3, from an IDX file, in the first epoch" },
    { 0 },
};

static const struct sl_example erasing_examples[] = {
    { "random_erasing probability=1 scale=0.3,0.5 value=9",
      .in = "hex: 00 00 08 03  00 00 00 02  00 00 00 02  00 00 00 03  01 02 03 04 05 06  01 02 03 04 05 06\n",
      .out = "image\n\"[9, 9, 3, 4, 5, 6]\"\n\"[1, 9, 9, 4, 5, 6]\"\n",
      .note = "two pictures of 2×3, from an IDX file, in the first epoch" },
    { 0 },
};

/* The box of this draw; false: none. */
typedef bool draw_function(const void *params, const struct sl_image_key *key, const struct sl_image *from,
                           struct sl_image_box *box);

static bool draw_cutout(const void *params, const struct sl_image_key *key, const struct sl_image *from,
                        struct sl_image_box *box)
{
    const struct cutout *p = params;
    sl_cutout_draw(key, from->width, from->height, (uint32_t)p->size, box);
    return true;
}

static bool draw_erasing(const void *params, const struct sl_image_key *key, const struct sl_image *from,
                         struct sl_image_box *box)
{
    const struct erasing *p = params;
    const struct sl_erasing erasing = { p->probability,
                                        { p->scale.low, p->scale.high },
                                        { p->ratio.low, p->ratio.high } };
    return sl_erasing_draw(&erasing, key, from->width, from->height, box) && box->width && box->height;
}

static int paint(draw_function *draw, const void *params, int64_t value, const struct sl_image_key *key,
                 const struct sl_image *from, struct sl_image *to, bool *same, struct sl_error *err)
{
    struct sl_image_box box;
    *same = !draw(params, key, from, &box);
    int status = *same ? SL_OK : sl_image_make(to, from->width, from->height, from->channels, err);
    if (status || *same) {
        return status;
    }
    uint8_t colour[4];
    memset(colour, (int)value, sizeof colour);
    memcpy(to->pixels, from->pixels, (size_t)from->width * from->height * from->channels);
    sl_image_fill(to, &box, colour);
    return SL_OK;
}

static void say(draw_function *draw, const void *params, const struct sl_image_key *key, const struct sl_image *from,
                struct sl_buf *to)
{
    struct sl_image_box box;
    if (draw(params, key, from, &box)) {
        sl_buf_printf(to, "%u×%u at x %u, y %u painted over", (unsigned)box.width, (unsigned)box.height,
                      (unsigned)box.x, (unsigned)box.y);
    } else {
        sl_buf_puts(to, "unchanged");
    }
}

/* ---- cutout ---- */

static int bind_cutout(struct sl_stage *stage, const struct sl_schema *in, struct sl_schema *out, struct sl_error *err)
{
    (void)out;
    const struct cutout *p = stage->params;
    return sl_bind_pictures(stage, &p->columns, SL_VECTOR, in, err);
}

static int change_cutout(const struct sl_stage *stage, void *scratch, const struct sl_image_key *key,
                         const struct sl_image *from, struct sl_image *to, bool *same, struct sl_error *err)
{
    (void)scratch;
    const struct cutout *p = stage->params;
    return paint(draw_cutout, p, p->value, key, from, to, same, err);
}

static int augment_cutout(const struct sl_stage *stage, void *scratch, const struct sl_draw *draw,
                          struct sl_chunk *chunk, struct sl_error *err)
{
    const struct cutout *p = stage->params;
    return sl_augment_pictures(stage, scratch, draw, p->random_state, chunk, change_cutout, err);
}

static void words_cutout(const struct sl_stage *stage, const struct sl_image_key *key, const struct sl_image *from,
                         struct sl_buf *to)
{
    say(draw_cutout, stage->params, key, from, to);
}

static void drawn_cutout(const struct sl_stage *stage, const struct sl_draw *draw, const struct sl_chunk *chunk,
                         uint32_t i, struct sl_buf *to)
{
    const struct cutout *p = stage->params;
    sl_picture_drawn(stage, draw, p->random_state, chunk, i, words_cutout, to);
}

const struct sl_stage_class sl_stage_cutout = {
    .name = "cutout",
    .summary = "paint a square over each training picture",
    .details = "The square lies around a pixel drawn at random, another one in each epoch, and is cut at the edges "
               "(DeVries and Taylor 2017). What is tested, looked at or predicted passes unchanged.",
    .kind = SL_AUGMENT,
    .version = 1,
    .params = cutout_params,
    .params_size = sizeof(struct cutout),
    .defaults = &cutout_defaults,
    .examples = cutout_examples,
    .bind = bind_cutout,
    .unbind = sl_unbind_columns,
    .scratch_new = sl_picture_scratch_new,
    .scratch_free = sl_picture_scratch_free,
    .augment = augment_cutout,
    .drawn = drawn_cutout,
};

/* ---- random_erasing ---- */

static int bind_erasing(struct sl_stage *stage, const struct sl_schema *in, struct sl_schema *out, struct sl_error *err)
{
    (void)out;
    const struct erasing *p = stage->params;
    const char *one = isnan(p->scale.high) ? "scale" : isnan(p->ratio.high) ? "ratio" : NULL;
    if (one) {
        sl_fail(err, SL_EPARAM, "'%s' needs two numbers", one);
        sl_fix(err, "give the least and the greatest, as %s=0.3,0.5", one);
        return sl_blame(err, SL_EPARAM, one);
    }
    return sl_bind_pictures(stage, &p->columns, SL_VECTOR, in, err);
}

static int change_erasing(const struct sl_stage *stage, void *scratch, const struct sl_image_key *key,
                          const struct sl_image *from, struct sl_image *to, bool *same, struct sl_error *err)
{
    (void)scratch;
    const struct erasing *p = stage->params;
    return paint(draw_erasing, p, p->value, key, from, to, same, err);
}

static int augment_erasing(const struct sl_stage *stage, void *scratch, const struct sl_draw *draw,
                           struct sl_chunk *chunk, struct sl_error *err)
{
    const struct erasing *p = stage->params;
    return sl_augment_pictures(stage, scratch, draw, p->random_state, chunk, change_erasing, err);
}

static void words_erasing(const struct sl_stage *stage, const struct sl_image_key *key, const struct sl_image *from,
                          struct sl_buf *to)
{
    say(draw_erasing, stage->params, key, from, to);
}

static void drawn_erasing(const struct sl_stage *stage, const struct sl_draw *draw, const struct sl_chunk *chunk,
                          uint32_t i, struct sl_buf *to)
{
    const struct erasing *p = stage->params;
    sl_picture_drawn(stage, draw, p->random_state, chunk, i, words_erasing, to);
}

const struct sl_stage_class sl_stage_random_erasing = {
    .name = "random_erasing",
    .summary = "paint a rectangle over some training pictures",
    .details = "With this probability a rectangle of a random share of the picture, shape and place is painted over, "
               "another one in each epoch (Zhong et al. 2017). Parameters and defaults are those of torchvision's "
               "RandomErasing. What is tested, looked at or predicted passes unchanged.",
    .kind = SL_AUGMENT,
    .version = 1,
    .params = erasing_params,
    .params_size = sizeof(struct erasing),
    .defaults = &erasing_defaults,
    .examples = erasing_examples,
    .bind = bind_erasing,
    .unbind = sl_unbind_columns,
    .scratch_new = sl_picture_scratch_new,
    .scratch_free = sl_picture_scratch_free,
    .augment = augment_erasing,
    .drawn = drawn_erasing,
};
