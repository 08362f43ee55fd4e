/* crop.c: the middle of a picture, as Keras's CenterCrop takes it.
 *
 * A picture that is smaller on either side is resized instead, its largest middle part of the wanted shape filling it,
 * as CenterCrop does; here with Pillow's bilinear pixels. */
#include "engine/stages/picture.h"

struct params {
    struct sl_names columns;
    int64_t width, height;
};

static const struct params defaults = { 0 };

static const struct sl_param params[] = {
    SL_COLUMNS(struct params, columns, .types = SL_IMAGE | SL_VECTOR,
               .help = "columns of pictures; without any, all of them"),
    SL_INT(struct params, width, .required = true, .min = 1, .max = 65535, .unit = "pixels", .help = "wanted width"),
    SL_INT(struct params, height, .required = true, .min = 1, .max = 65535, .unit = "pixels", .help = "wanted height"),
    { 0 },
};

static const struct sl_example examples[] = {
    { "crop width=1 height=1",
      .in = "hex: 00 00 08 03  00 00 00 01  00 00 00 03  00 00 00 03  01 02 03 04 05 06 07 08 09\n",
      .out = "image\n[5]\n", .note = "a picture of 3×3, from an IDX file" },
    { 0 },
};

static int bind(struct sl_stage *stage, const struct sl_schema *in, struct sl_schema *out, struct sl_error *err)
{
    const struct params *p = stage->params;
    int status = sl_bind_pictures(stage, &p->columns, SL_IMAGE | SL_VECTOR, in, err);
    return status ? status : sl_picture_fields(stage, out, (uint32_t)p->height, (uint32_t)p->width, err);
}

static int crop(const struct sl_stage *stage, struct sl_image_worker *worker, const struct sl_image *from,
                struct sl_image *to, struct sl_error *err)
{
    const struct params *p = stage->params;
    uint32_t width = (uint32_t)p->width, height = (uint32_t)p->height;
    if (from->width >= width && from->height >= height) {
        return sl_image_crop_centre(from, width, height, to, err);
    }
    struct sl_resize how = { .width = width, .height = height, .filter = SL_RESIZE_BILINEAR, .fit = SL_FIT_CROP };
    return sl_image_resize(worker, from, &how, to, err);
}

static int apply(const struct sl_stage *stage, void *scratch, struct sl_chunk *chunk, struct sl_error *err)
{
    return sl_map_pictures(stage, scratch, chunk, crop, true, err);
}

const struct sl_stage_class sl_stage_crop = {
    .name = "crop",
    .summary = "keep the middle of each picture",
    .details = "An odd rest is cut at the right and at the bottom. A picture that is smaller than the part is resized: "
               "the largest middle part of the wanted shape fills it, as in Keras's CenterCrop. The result has one "
               "size for all pictures.\n\nFor parts at random places, while training, see 'random_crop'.",
    .kind = SL_RECORD,
    .version = 1,
    .params = params,
    .params_size = sizeof(struct params),
    .defaults = &defaults,
    .examples = examples,
    .bind = bind,
    .unbind = sl_unbind_columns,
    .scratch_new = sl_picture_scratch_new,
    .scratch_free = sl_picture_scratch_free,
    .apply = apply,
};
