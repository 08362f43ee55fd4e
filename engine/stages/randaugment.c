/* randaugment.c: `randaugment`, a few of fourteen changes, all of one strength, drawn anew for each training picture in
 * each epoch: torchvision's RandAugment (Cubuk et al. 2020). The arithmetic is engine/image/augment_rand.c. */
#include "engine/stages/picture.h"

enum { BINS = 31 };

struct params {
    struct sl_names columns;
    int64_t num_ops, magnitude, num_magnitude_bins, fill;
    int64_t random_state;
};

static const struct params defaults = { .num_ops = 2, .magnitude = 9, .num_magnitude_bins = BINS };

static const struct sl_param params[] = {
    SL_COLUMNS(struct params, columns, .types = SL_VECTOR, .help = "columns of pictures; without any, all of them"),
    SL_INT(struct params, num_ops, .min = 1, .max = SL_RAND_MOST, .cheaper = "1",
           .help = "changes, one behind the other, for each picture"),
    SL_INT(struct params, magnitude, .min = 0, .max = 999, .help = "how strong; below num_magnitude_bins"),
    SL_INT(struct params, num_magnitude_bins, .min = 2, .max = 1000, .help = "steps of strength there are"),
    SL_INT(struct params, fill, .min = 0, .max = 255, .help = "value of pixels where no picture was"),
    SL_RANDOM_STATE(struct params, random_state),
    { 0 },
};

static const struct sl_example examples[] = {
    { "randaugment num_ops=4 magnitude=25",
      .in = "hex: 00 00 08 03  00 00 00 02  00 00 00 02  00 00 00 03  01 02 03 04 05 06  01 32 64 96 c8 fa\n",
      .out = "image\n\"[2, 0, 0, 5, 3, 0]\"\n\"[0, 0, 75, 159, 255, 255]\"\n",
      .note = "two pictures of 2×3, from an IDX file, in the first epoch" },
    { 0 },
};

static int bind(struct sl_stage *stage, const struct sl_schema *in, struct sl_schema *out, struct sl_error *err)
{
    (void)out;
    const struct params *p = stage->params;
    if (p->magnitude >= p->num_magnitude_bins) {
        sl_fail(err, SL_EPARAM, "'magnitude' cannot be %d: there are %d steps of strength, from 0", (int)p->magnitude,
                (int)p->num_magnitude_bins);
        sl_fix(err, "give at most %d, or more num_magnitude_bins=", (int)p->num_magnitude_bins - 1);
        return sl_blame(err, SL_EPARAM, "magnitude");
    }
    return sl_bind_pictures(stage, &p->columns, SL_VECTOR, in, err);
}

static struct sl_rand_ops draw_ops(const struct sl_stage *stage, const struct sl_image_key *key,
                                   const struct sl_image *from)
{
    const struct params *p = stage->params;
    struct sl_rand_ops ops;
    sl_rand_ops_draw((uint32_t)p->num_ops, (uint32_t)p->magnitude, (uint32_t)p->num_magnitude_bins, key, from->width,
                     from->height, &ops);
    return ops;
}

/* The ops exchange the picture's memory for the worker's, so they get memory of their own to work in. */
struct scratch {
    struct sl_image_worker *worker;
    struct sl_image image;
};

static int scratch_new(const struct sl_stage *stage, void **out, struct sl_error *err)
{
    (void)stage;
    struct scratch *scratch = sl_zalloc(1, sizeof *scratch);
    if (!scratch) {
        return sl_fail_memory(err, "changing pictures");
    }
    int status = sl_image_worker_new(&scratch->worker, err);
    if (status) {
        free(scratch);
        return status;
    }
    *out = scratch;
    return SL_OK;
}

static void scratch_free(const struct sl_stage *stage, void *memory)
{
    (void)stage;
    struct scratch *scratch = memory;
    if (scratch) {
        sl_image_worker_free(scratch->worker);
        sl_image_release(&scratch->image);
        free(scratch);
    }
}

static int change(const struct sl_stage *stage, void *memory, const struct sl_image_key *key,
                  const struct sl_image *from, struct sl_image *to, bool *same, struct sl_error *err)
{
    const struct params *p = stage->params;
    struct scratch *scratch = memory;
    struct sl_image *image = &scratch->image;
    struct sl_rand_ops ops = draw_ops(stage, key, from);
    uint8_t fill[4];
    memset(fill, (int)p->fill, sizeof fill);
    *same = false;
    int status = sl_image_make(image, from->width, from->height, from->channels, err);
    if (status == SL_OK) {
        memcpy(image->pixels, from->pixels, (size_t)from->width * from->height * from->channels);
        status = sl_rand_ops_apply(scratch->worker, &ops, fill, image, err);
    }
    *to = *image;
    return status;
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
    struct sl_rand_ops ops = draw_ops(stage, key, from);
    char text[512];
    sl_buf_puts(to, sl_rand_ops_text(&ops, text, sizeof text));
}

static void drawn(const struct sl_stage *stage, const struct sl_draw *draw, const struct sl_chunk *chunk, uint32_t i,
                  struct sl_buf *to)
{
    const struct params *p = stage->params;
    sl_picture_drawn(stage, draw, p->random_state, chunk, i, words, to);
}

const struct sl_stage_class sl_stage_randaugment = {
    .name = "randaugment",
    .summary = "change training pictures by a few of fourteen changes, drawn at random",
    .details = "Of shear, shift, turn, brightness, colour, contrast, sharpness, posterize, solarize, autocontrast, "
               "equalize and nothing, num_ops are drawn anew for each picture in each epoch, each as likely, and "
               "carried out one behind the other at one strength. Changes and strengths are those of torchvision's "
               "RandAugment on Pillow's pictures. What is tested, looked at or predicted passes unchanged.",
    .kind = SL_AUGMENT,
    .version = 1,
    .params = params,
    .params_size = sizeof(struct params),
    .defaults = &defaults,
    .examples = examples,
    .bind = bind,
    .unbind = sl_unbind_columns,
    .scratch_new = scratch_new,
    .scratch_free = scratch_free,
    .augment = augment,
    .drawn = drawn,
};
