/* augment.c: `augment`, training pictures changed at random with the parameters of Keras's ImageDataGenerator.
 *
 * Names, meaning and defaults are Keras's; the draws are keyed (picture_augment.c), so that any of them can be made
 * again. The arithmetic is engine/image/augment*.c. */
#include "engine/stages/picture.h"

struct params {
    struct sl_names columns;
    double rotation_range;
    struct sl_amount width_shift_range, height_shift_range;
    struct sl_range brightness_range;
    double shear_range;
    struct sl_range zoom_range;
    double channel_shift_range;
    int fill_mode;
    double cval;
    bool horizontal_flip, vertical_flip;
    int64_t random_state;
};

/* In the order of enum sl_fill_mode. */
static const char *const fill_modes[] = { "nearest", "constant", "reflect", "wrap", NULL };

static const struct params defaults = {
    .width_shift_range = { .share = true },
    .height_shift_range = { .share = true },
    .brightness_range = { (double)NAN, (double)NAN },
    .zoom_range = { 0, (double)NAN },
    .fill_mode = SL_FILL_NEAREST,
};

static const struct sl_param params[] = {
    SL_COLUMNS(struct params, columns, .types = SL_VECTOR, .help = "columns of pictures; without any, all of them"),
    SL_REAL(struct params, rotation_range, .min = 0, .max = 360, .unit = "degrees", .help = "turned by up to this"),
    SL_AMOUNT(struct params, width_shift_range, .min = 0, .max = 65535, .over_one = true,
              .help = "moved left or right by up to this share of the width; from 1 on pixels, whole ones for an "
                      "integer"),
    SL_AMOUNT(struct params, height_shift_range, .min = 0, .max = 65535, .over_one = true,
              .help = "moved up or down by up to this share of the height; from 1 on pixels"),
    SL_RANGE(struct params, brightness_range, .min = 0, .max = 100, .none_ok = true,
             .help = "brightness times a factor from this range"),
    SL_REAL(struct params, shear_range, .min = 0, .max = 89, .unit = "degrees", .help = "sheared by up to this angle"),
    SL_RANGE(struct params, zoom_range, .min = 0, .max = 100,
             .help = "zoomed by a factor from this range, each axis apart; one number z stands for 1-z,1+z"),
    SL_REAL(struct params, channel_shift_range, .min = 0, .max = 255, .help = "all channels lifted or lowered by this"),
    SL_CHOICE(struct params, fill_mode, .choices = fill_modes, .help = "what stands where no picture was"),
    SL_REAL(struct params, cval, .min = 0, .max = 255, .help = "value of these pixels, for fill_mode=constant"),
    SL_BOOL(struct params, horizontal_flip, .help = "left and right exchanged, half of the time"),
    SL_BOOL(struct params, vertical_flip, .help = "top and bottom exchanged, half of the time"),
    SL_RANDOM_STATE(struct params, random_state),
    { 0 },
};

static const struct sl_example examples[] = {
    { "augment horizontal_flip=true random_state=1",
      .in = "hex: 00 00 08 03  00 00 00 03  00 00 00 01  00 00 00 03  01 02 03  01 02 03  01 02 03\n",
      .out = "image\n\"[3, 2, 1]\"\n\"[1, 2, 3]\"\n\"[3, 2, 1]\"\n",
      .note = "three pictures of 1×3, from an IDX file, in the first epoch" },
    { 0 },
};

static int refuse(const char *param, const char *what, const char *fix, struct sl_error *err)
{
    sl_fail(err, SL_EPARAM, "'%s' %s", param, what);
    sl_fix(err, "%s", fix);
    return sl_blame(err, SL_EPARAM, param);
}

static int bind(struct sl_stage *stage, const struct sl_schema *in, struct sl_schema *out, struct sl_error *err)
{
    (void)out;
    const struct params *p = stage->params;
    if (!isnan(p->brightness_range.low) && isnan(p->brightness_range.high)) {
        return refuse("brightness_range", "needs two factors", "give the least and the greatest, as 0.8,1.2", err);
    }
    if (isnan(p->zoom_range.high) && p->zoom_range.low > 1) {
        return refuse("zoom_range", "of one number above 1 has factors below 0",
                      "give a number below 1, or two factors, as 0.8,1.2", err);
    }
    return sl_bind_pictures(stage, &p->columns, SL_VECTOR, in, err);
}

/* What an amount says to the arithmetic: a whole number of pixels, or a share or pixels. */
static struct sl_augment augment_of(const struct params *p)
{
    bool one = isnan(p->zoom_range.high), brightness = !isnan(p->brightness_range.low);
    return (struct sl_augment){
        .rotation_range = p->rotation_range,
        .width_shift_range = p->width_shift_range.value,
        .height_shift_range = p->height_shift_range.value,
        .width_shift_whole = !p->width_shift_range.share,
        .height_shift_whole = !p->height_shift_range.share,
        .shear_range = p->shear_range,
        .zoom_low = one ? 1 - p->zoom_range.low : p->zoom_range.low,
        .zoom_high = one ? 1 + p->zoom_range.low : p->zoom_range.high,
        .channel_shift_range = p->channel_shift_range,
        .horizontal_flip = p->horizontal_flip,
        .vertical_flip = p->vertical_flip,
        .brightness = brightness,
        .brightness_low = brightness ? p->brightness_range.low : 1,
        .brightness_high = brightness ? p->brightness_range.high : 1,
        .fill_mode = (enum sl_fill_mode)p->fill_mode,
        .cval = p->cval,
    };
}

static struct sl_image_transform draw_transform(const struct sl_stage *stage, const struct sl_image_key *key,
                                                const struct sl_image *from)
{
    struct sl_augment augment = augment_of(stage->params);
    struct sl_image_transform transform;
    sl_augment_draw(&augment, key, from->width, from->height, &transform);
    return transform;
}

static bool is_identity(const struct sl_image_transform *t)
{
    return t->theta == 0 && t->tx == 0 && t->ty == 0 && t->shear == 0 && t->zx == 1 && t->zy == 1 &&
           !t->flip_horizontal && !t->flip_vertical && !t->has_channel_shift && !t->has_brightness;
}

static int change(const struct sl_stage *stage, void *scratch, const struct sl_image_key *key,
                  const struct sl_image *from, struct sl_image *to, bool *same, struct sl_error *err)
{
    struct sl_image_transform transform = draw_transform(stage, key, from);
    *same = is_identity(&transform);
    return *same ? SL_OK : sl_augment_bytes(scratch, from, &transform, to, err);
}

static int augment(const struct sl_stage *stage, void *scratch, const struct sl_draw *draw, struct sl_chunk *chunk,
                   struct sl_error *err)
{
    const struct params *p = stage->params;
    return sl_augment_pictures(stage, scratch, draw, p->random_state, chunk, change, err);
}

static void words(const struct sl_stage *stage, const struct sl_image_key *key, const struct sl_image *from,
                  struct sl_buf *to)
{
    struct sl_image_transform transform = draw_transform(stage, key, from);
    char text[256];
    sl_buf_puts(to, sl_image_transform_text(&transform, text, sizeof text));
}

static void drawn(const struct sl_stage *stage, const struct sl_draw *draw, const struct sl_chunk *chunk, uint32_t i,
                  struct sl_buf *to)
{
    const struct params *p = stage->params;
    sl_picture_drawn(stage, draw, p->random_state, chunk, i, words, to);
}

const struct sl_stage_class sl_stage_augment = {
    .name = "augment",
    .summary = "turn, shift, zoom, mirror and brighten training pictures at random",
    .details =
        "Training sees each picture changed in another way in each epoch; what is tested, looked at or predicted "
        "passes unchanged. Turning, shifting, shearing and zooming are one affine transform, read bilinearly. Put it "
        "before 'rescale' or behind, but behind 'resize', and before 'standardize'.\n\n"
        "Parameters, their meaning and their defaults are those of Keras's ImageDataGenerator. A shift below 1 is a "
        "share of the picture, a larger number is pixels; written without a point, whole pixels. What is drawn "
        "depends on random_state, the epoch, the record's number, and how many random statements stand before: "
        "nothing else in the recipe changes it, and neither do threads or the order of records.",
    .kind = SL_AUGMENT,
    .version = 1,
    .params = params,
    .params_size = sizeof(struct params),
    .defaults = &defaults,
    .examples = examples,
    .bind = bind,
    .unbind = sl_unbind_columns,
    .scratch_new = sl_picture_scratch_new,
    .scratch_free = sl_picture_scratch_free,
    .augment = augment,
    .drawn = drawn,
};
