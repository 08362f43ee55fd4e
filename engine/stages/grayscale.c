/* grayscale.c: colours become grey, with Pillow's weights. Transparency stays; grey pictures are left alone. */
#include "engine/stages/picture.h"

struct params {
    struct sl_names columns;
};

static const struct params defaults = { 0 };

static const struct sl_param params[] = {
    SL_COLUMNS(struct params, columns, .types = SL_IMAGE | SL_VECTOR,
               .help = "columns of pictures; without any, all of them"),
    { 0 },
};

static const struct sl_example examples[] = {
    { "grayscale", .in = "hex: 00 00 08 04  00 00 00 01  00 00 00 01  00 00 00 02  00 00 00 03  ff 00 00 0a 14 1e\n",
      .out = "image\n\"[76, 18]\"\n", .note = "two pixels, red and a dark blue, from an IDX file" },
    { 0 },
};

static uint32_t channels_after(uint32_t channels)
{
    return channels >= 3 ? channels - 2 : channels;
}

static int bind(struct sl_stage *stage, const struct sl_schema *in, struct sl_schema *out, struct sl_error *err)
{
    const struct params *p = stage->params;
    int status = sl_bind_pictures(stage, &p->columns, SL_IMAGE | SL_VECTOR, in, err);
    const struct sl_bound_columns *bound = stage->state;
    for (size_t k = 0; status == SL_OK && k < bound->n; k++) {
        struct sl_field *field = &out->fields[bound->column[k]];
        uint32_t channels = channels_after(field->channels);
        if (field->type == SL_IMAGE) {
            field->channels = channels;
        } else {
            status = sl_picture_field(field, field->height, field->breadth, channels, err);
        }
    }
    return status;
}

/* A picture of its own size into memory of its own. */
static int grey_picture(struct sl_arena *arena, const struct sl_image *from, struct sl_picture *to,
                        struct sl_error *err)
{
    size_t bytes = (size_t)from->width * from->height * channels_after(from->channels);
    struct sl_image grey = { .pixels = sl_arena_array(arena, bytes, 1), .room = bytes };
    if (!grey.pixels) {
        return sl_fail_memory(err, "making pictures grey");
    }
    int status = sl_image_grey(from, &grey, err);
    *to = (struct sl_picture){ grey.pixels, from->height, from->width };
    return status;
}

static int grey_pictures(const struct sl_field *in, struct sl_chunk *chunk, struct sl_column *column,
                         struct sl_error *err)
{
    struct sl_picture *cells = sl_arena_zero(chunk->arena, chunk->n ? chunk->n : 1, sizeof *cells);
    int status = cells ? SL_OK : sl_fail_memory(err, "making pictures grey");
    for (uint32_t i = 0; status == SL_OK && i < chunk->n; i++) {
        struct sl_image from;
        if (sl_picture_at(column, in, i, &from)) {
            status = grey_picture(chunk->arena, &from, &cells[i], err);
        }
    }
    if (status == SL_OK) {
        *column = (struct sl_column){ .valid = column->valid, .picture = cells };
    }
    return status;
}

static int grey_vectors(const struct sl_field *in, const struct sl_field *out, struct sl_chunk *chunk,
                        struct sl_column *column, struct sl_error *err)
{
    size_t bytes;
    uint8_t *cells = sl_mul(chunk->n, out->width, &bytes) ? sl_arena_array(chunk->arena, bytes, 1) : NULL;
    int status = cells ? SL_OK : sl_fail_memory(err, "making pictures grey");
    for (uint32_t i = 0; status == SL_OK && i < chunk->n; i++) {
        struct sl_image from, to = sl_picture_room(cells + (size_t)i * out->width, out);
        if (sl_picture_at(column, in, i, &from)) {
            status = sl_image_grey(&from, &to, err);
        } else {
            memset(to.pixels, 0, out->width);
        }
    }
    if (status == SL_OK) {
        *column = (struct sl_column){ .valid = column->valid, .bytes = cells };
    }
    return status;
}

static int apply(const struct sl_stage *stage, void *scratch, struct sl_chunk *chunk, struct sl_error *err)
{
    (void)scratch;
    const struct sl_bound_columns *bound = stage->state;
    int status = SL_OK;
    for (size_t k = 0; status == SL_OK && k < bound->n; k++) {
        size_t c = bound->column[k];
        const struct sl_field *in = &stage->in->fields[c], *out = &stage->out.fields[c];
        if (in->channels == out->channels) {
            continue;
        }
        status = in->type == SL_IMAGE ? grey_pictures(in, chunk, &chunk->columns[c], err)
                                      : grey_vectors(in, out, chunk, &chunk->columns[c], err);
    }
    return status;
}

const struct sl_stage_class sl_stage_grayscale = {
    .name = "grayscale",
    .summary = "make colour pictures grey",
    .details = "Grey is 0.299 red + 0.587 green + 0.114 blue, with the rounding of Pillow's convert(\"L\"). Pictures "
               "leave with one channel, or with two where they have transparency.",
    .kind = SL_RECORD,
    .version = 1,
    .params = params,
    .params_size = sizeof(struct params),
    .defaults = &defaults,
    .examples = examples,
    .bind = bind,
    .unbind = sl_unbind_columns,
    .apply = apply,
};
