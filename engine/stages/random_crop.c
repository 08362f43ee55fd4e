/* random_crop.c: `random_crop`, another part of each training picture in each epoch, as torchvision's RandomCrop.
 *
 * What is tested or predicted gets the middle. The rest of a padded picture is 0. */
#include "engine/stages/picture.h"

struct params {
    struct sl_names columns;
    int64_t width, height, padding;
    int64_t random_state;
};

static const struct params defaults = { .width = SL_NONE, .height = SL_NONE };

static const struct sl_param params[] = {
    SL_COLUMNS(struct params, columns, .types = SL_VECTOR, .help = "columns of pictures; without any, all of them"),
    SL_INT(struct params, width, .min = 1, .max = 65535, .none_ok = true, .none_word = "same", .unit = "pixels",
           .help = "width of the part; same: that of the picture"),
    SL_INT(struct params, height, .min = 1, .max = 65535, .none_ok = true, .none_word = "same", .unit = "pixels",
           .help = "height of the part"),
    SL_INT(struct params, padding, .min = 0, .max = 65535, .unit = "pixels",
           .help = "pixels of 0 laid around the picture first"),
    SL_RANDOM_STATE(struct params, random_state),
    { 0 },
};

static const struct sl_example examples[] = {
    { "random_crop width=2 height=1",
      .in = "hex: 00 00 08 03  00 00 00 03  00 00 00 01  00 00 00 04  01 02 03 04  01 02 03 04  01 02 03 04\n",
      .out = "image\n\"[2, 3]\"\n\"[3, 4]\"\n\"[1, 2]\"\n",
      .note = "three pictures of 1×4, from an IDX file, in the first epoch" },
    { 0 },
};

static uint32_t wanted(int64_t size, uint32_t of)
{
    return size == SL_NONE ? of : (uint32_t)size;
}

static int bind(struct sl_stage *stage, const struct sl_schema *in, struct sl_schema *out, struct sl_error *err)
{
    const struct params *p = stage->params;
    int status = sl_bind_pictures(stage, &p->columns, SL_VECTOR, in, err);
    const struct sl_bound_columns *bound = stage->state;
    for (size_t k = 0; status == SL_OK && k < bound->n; k++) {
        struct sl_field *field = &out->fields[bound->column[k]];
        uint32_t width = wanted(p->width, field->breadth), height = wanted(p->height, field->height);
        if (width > field->breadth + 2 * p->padding || height > field->height + 2 * p->padding) {
            sl_fail(err, SL_EPARAM, "a part of %u×%u does not fit into the pictures of column '%.80s', %u×%u",
                    (unsigned)width, (unsigned)height, field->name, (unsigned)field->breadth, (unsigned)field->height);
            sl_fix(err, "take a smaller part, more padding=, or resize before");
            return sl_blame(err, SL_EPARAM, width > field->breadth ? "width" : "height");
        }
        status = sl_picture_field(field, height, width, field->channels, err);
    }
    return status;
}

/* The middle of the padded picture. */
static int centre(const struct sl_stage *stage, struct sl_image_worker *worker, const struct sl_image *from,
                  struct sl_image *to, struct sl_error *err)
{
    (void)worker;
    const struct params *p = stage->params;
    uint32_t padding = (uint32_t)p->padding;
    struct sl_image_box box = { .width = wanted(p->width, from->width), .height = wanted(p->height, from->height) };
    box.x = (from->width + 2 * padding - box.width) / 2;
    box.y = (from->height + 2 * padding - box.height) / 2;
    return sl_random_crop_apply(from, &box, padding, to, err);
}

static int apply(const struct sl_stage *stage, void *scratch, struct sl_chunk *chunk, struct sl_error *err)
{
    return sl_map_pictures(stage, scratch, chunk, centre, true, err);
}

static int draw_box(const struct sl_stage *stage, const struct sl_image_key *key, const struct sl_image *from,
                    struct sl_image_box *box, struct sl_error *err)
{
    const struct params *p = stage->params;
    return sl_random_crop_draw(key, from, wanted(p->width, from->width), wanted(p->height, from->height),
                               (uint32_t)p->padding, box, err);
}

static int change(const struct sl_stage *stage, void *scratch, const struct sl_image_key *key,
                  const struct sl_image *from, struct sl_image *to, bool *same, struct sl_error *err)
{
    (void)scratch;
    const struct params *p = stage->params;
    uint32_t padding = (uint32_t)p->padding;
    struct sl_image_box box;
    int status = draw_box(stage, key, from, &box, err);
    if (status) {
        return status;
    }
    *same = box.x == padding && box.y == padding && box.width == from->width && box.height == from->height;
    return *same ? SL_OK : sl_random_crop_apply(from, &box, padding, to, err);
}

static int augment(const struct sl_stage *stage, void *scratch, const struct sl_draw *draw, struct sl_chunk *chunk,
                   struct sl_error *err)
{
    const struct params *p = stage->params;
    return sl_augment_pictures(stage, scratch, draw, p->random_state, chunk, change, err);
}

static const char *sign(int64_t v)
{
    return v < 0 ? "−" : "+";
}

/* Places are those in the picture; what begins in the padding is below 0. */
static void words(const struct sl_stage *stage, const struct sl_image_key *key, const struct sl_image *from,
                  struct sl_buf *to)
{
    const struct params *p = stage->params;
    struct sl_image_box box;
    if (draw_box(stage, key, from, &box, NULL) == SL_OK) {
        int64_t x = box.x - p->padding, y = box.y - p->padding;
        sl_buf_printf(to, "%u×%u from x %s%u, y %s%u", (unsigned)box.width, (unsigned)box.height, sign(x),
                      (unsigned)(x < 0 ? -x : x), sign(y), (unsigned)(y < 0 ? -y : y));
    }
}

static void drawn(const struct sl_stage *stage, const struct sl_draw *draw, const struct sl_chunk *chunk, uint32_t i,
                  struct sl_buf *to)
{
    const struct params *p = stage->params;
    sl_picture_drawn(stage, draw, p->random_state, chunk, i, words, to);
}

const struct sl_stage_class sl_stage_random_crop = {
    .name = "random_crop",
    .summary = "take another part of each training picture in each epoch",
    .details = "Training sees a part at a random place; what is tested, looked at or predicted gets the middle. With "
               "padding=4 and no size, pictures are moved by up to 4 pixels and keep their size, as is usual for "
               "CIFAR-10. Results are those of torchvision's RandomCrop, its random numbers apart.",
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
    .apply = apply,
    .augment = augment,
    .drawn = drawn,
};
