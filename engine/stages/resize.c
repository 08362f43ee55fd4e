/* resize.c: pictures of any size become pictures of one size, as Pillow resizes them, byte for byte.
 *
 * The arithmetic is engine/image/resize*.c. A picture that has the size already is left alone. */
#include "engine/stages/picture.h"

struct params {
    struct sl_names columns;
    int64_t width, height;
    int interpolation, fit;
    int64_t pad;
};

/* In the order of enum sl_resize_filter and enum sl_resize_fit. */
static const char *const filters[] = { "bilinear", "nearest", "area", "hamming", "bicubic", "lanczos", NULL };
static const char *const fits[] = { "stretch", "crop", "pad", NULL };

static const struct params defaults = { .interpolation = SL_RESIZE_BILINEAR, .fit = SL_FIT_STRETCH };

static const struct sl_param params[] = {
    SL_COLUMNS(struct params, columns, .types = SL_IMAGE | SL_VECTOR,
               .help = "columns of pictures; without any, all of them"),
    SL_INT(struct params, width, .required = true, .min = 1, .max = 65535, .unit = "pixels", .help = "wanted width"),
    SL_INT(struct params, height, .required = true, .min = 1, .max = 65535, .unit = "pixels", .help = "wanted height"),
    SL_CHOICE(struct params, interpolation, .choices = filters, .cheaper = "nearest",
              .help = "how pixels are made of pixels; all but nearest look at everything a pixel covers"),
    SL_CHOICE(struct params, fit, .choices = fits,
              .help = "a picture of another shape: stretch it, crop its middle, or pad around it"),
    SL_INT(struct params, pad, .min = 0, .max = 255, .help = "value of the pixels around a padded picture"),
    { 0 },
};

static const struct sl_example examples[] = {
    { "resize width=1 height=2 interpolation=area",
      .in = "hex: 00 00 08 03  00 00 00 01  00 00 00 02  00 00 00 02  00 64 0a 14\n", .out = "image\n\"[50, 15]\"\n",
      .note = "a picture of 2×2, from an IDX file" },
    { "resize width=3 height=3 fit=pad pad=9",
      .in = "hex: 00 00 08 03  00 00 00 01  00 00 00 01  00 00 00 03  01 02 03\n",
      .out = "image\n\"[9, 9, 9, 1, 2, 3, 9, 9, 9]\"\n" },
    { 0 },
};

static int bind(struct sl_stage *stage, const struct sl_schema *in, struct sl_schema *out, struct sl_error *err)
{
    const struct params *p = stage->params;
    int status = sl_bind_pictures(stage, &p->columns, SL_IMAGE | SL_VECTOR, in, err);
    return status ? status : sl_picture_fields(stage, out, (uint32_t)p->height, (uint32_t)p->width, err);
}

static int resize(const struct sl_stage *stage, struct sl_image_worker *worker, const struct sl_image *from,
                  struct sl_image *to, struct sl_error *err)
{
    const struct params *p = stage->params;
    struct sl_resize how = { .width = (uint32_t)p->width,
                             .height = (uint32_t)p->height,
                             .filter = (enum sl_resize_filter)p->interpolation,
                             .fit = (enum sl_resize_fit)p->fit };
    memset(how.pad, (int)p->pad, sizeof how.pad);
    return sl_image_resize(worker, from, &how, to, err);
}

static int apply(const struct sl_stage *stage, void *scratch, struct sl_chunk *chunk, struct sl_error *err)
{
    return sl_map_pictures(stage, scratch, chunk, resize, true, err);
}

const struct sl_stage_class sl_stage_resize = {
    .name = "resize",
    .summary = "bring pictures to one width and height",
    .details =
        "What 'read images' gives has a size of its own for each picture; networks, and the stages that change "
        "pictures at random, need one size for all. The result is a vector of bytes with a height and a breadth.\n\n"
        "Pixels are those of Pillow's Image.resize, byte for byte. Where pictures shrink, bilinear, area (Pillow's "
        "BOX), hamming, bicubic and lanczos look at all pixels that a new one covers; nearest takes one. fit=stretch "
        "is what Keras's flow_from_directory does, fit=crop its keep_aspect_ratio=True, fit=pad is Pillow's "
        "ImageOps.pad.\n\n"
        "JPEG photos of several times the size asked for decode faster at a half, a quarter or an eighth: say "
        "'read images … at_least=' with the longer side given here. Pixels then differ a little from those of the "
        "photo decoded in full, so that this is done only when asked for.",
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
