/* picture.c: picture columns, and the loop over their cells.
 *
 * A picture of one size is made where its cell lies: an image operation that asks for room of exactly that shape finds
 * it there. Only where one hands back other memory are the pixels copied. */
#include "engine/stages/picture.h"

bool sl_is_fixed_picture(const struct sl_field *field)
{
    return field->type == SL_VECTOR && field->bytes && field->height && field->breadth && field->channels;
}

static int refuse(const struct sl_stage *stage, const struct sl_field *field, const char *what, const char *fix,
                  struct sl_error *err)
{
    sl_fail(err, SL_ESCHEMA, "column '%.80s' %s, '%s' works on pictures", field->name, what, stage->class->name);
    sl_fix(err, "%s", fix);
    return sl_blame(err, SL_ESCHEMA, "columns");
}

/* Is the column one that the stage can work on? */
static int check_field(const struct sl_stage *stage, const struct sl_field *field, unsigned types, struct sl_error *err)
{
    if (field->type == SL_IMAGE && !(types & SL_IMAGE)) {
        sl_fail(err, SL_ESCHEMA, "the pictures of column '%.80s' have sizes of their own, '%s' needs one size",
                field->name, stage->class->name);
        sl_fix(err, "put before it: resize %.60s width=… height=…", field->name);
        return sl_blame(err, SL_ESCHEMA, "columns");
    }
    if (field->type != SL_IMAGE && field->type != SL_VECTOR) {
        char what[64];
        snprintf(what, sizeof what, "is of type %s", sl_type_name(field->type));
        return refuse(stage, field, what, "name a column of pictures, or leave the name out", err);
    }
    if (field->type == SL_VECTOR && !(field->height && field->breadth && field->channels)) {
        return refuse(stage, field, "holds vectors that have no height and breadth",
                      "read the pictures with 'read images', or 'read idx' from a file of three or four sizes", err);
    }
    if (field->type == SL_VECTOR && !field->bytes) {
        return refuse(stage, field, "holds numbers that are no longer bytes",
                      "put this stage before the one that makes numbers of them, such as 'standardize'", err);
    }
    if (field->channels < 1 || field->channels > 4) {
        char what[64];
        snprintf(what, sizeof what, "holds %u channels", (unsigned)field->channels);
        return refuse(stage, field, what, "take pictures of 1 to 4 channels", err);
    }
    return SL_OK;
}

/* All picture columns but the target. */
static int take_all(struct sl_stage *stage, const struct sl_schema *in, struct sl_bound_columns *bound,
                    struct sl_error *err)
{
    bound->column = sl_zalloc(in->n, sizeof *bound->column);
    if (!bound->column) {
        return sl_fail_memory(err, "assembling the pipeline");
    }
    for (size_t c = 0; c < in->n; c++) {
        const struct sl_field *field = &in->fields[c];
        if (!field->target && (field->type == SL_IMAGE || (field->type == SL_VECTOR && field->height))) {
            bound->column[bound->n++] = c;
        }
    }
    if (!bound->n) {
        sl_fail(err, SL_ESCHEMA, "there is no column of pictures for '%s' to work on", stage->class->name);
        sl_fix(err, "read pictures, with 'read images' or 'read idx', or take the stage out");
        return sl_blame(err, SL_ESCHEMA, "columns");
    }
    return SL_OK;
}

int sl_bind_pictures(struct sl_stage *stage, const struct sl_names *names, unsigned types, const struct sl_schema *in,
                     struct sl_error *err)
{
    struct sl_bound_columns *bound = sl_zalloc(1, sizeof *bound);
    if (!bound) {
        return sl_fail_memory(err, "assembling the pipeline");
    }
    stage->state = bound;
    int status = names->n ? sl_stage_columns(stage, names, 0, in, &bound->column, &bound->n, err)
                          : take_all(stage, in, bound, err);
    for (size_t k = 0; status == SL_OK && k < bound->n; k++) {
        status = check_field(stage, &in->fields[bound->column[k]], types, err);
    }
    return status;
}

int sl_picture_field(struct sl_field *field, uint32_t height, uint32_t width, uint32_t channels, struct sl_error *err)
{
    size_t n;
    if (!sl_mul((size_t)height * width, channels, &n) || n > INT32_MAX) {
        sl_fail(err, SL_ELIMIT, "pictures of %u×%u pixels with %u channels are too large", (unsigned)width,
                (unsigned)height, (unsigned)channels);
        return sl_fix(err, "take a smaller size");
    }
    if (field->type == SL_IMAGE) {
        field->scale = 1;
        field->offset = 0;
    }
    field->type = SL_VECTOR;
    field->bytes = true;
    field->width = (uint32_t)n;
    field->height = height;
    field->breadth = width;
    field->channels = channels;
    return SL_OK;
}

int sl_picture_fields(const struct sl_stage *stage, struct sl_schema *out, uint32_t height, uint32_t width,
                      struct sl_error *err)
{
    const struct sl_bound_columns *bound = stage->state;
    int status = SL_OK;
    for (size_t k = 0; status == SL_OK && k < bound->n; k++) {
        struct sl_field *field = &out->fields[bound->column[k]];
        status = sl_picture_field(field, height, width, field->channels, err);
    }
    return status;
}

bool sl_picture_at(const struct sl_column *column, const struct sl_field *field, uint32_t i, struct sl_image *out)
{
    *out = (struct sl_image){ 0 };
    if (!sl_valid(column, i)) {
        return false;
    }
    const uint8_t *pixels;
    if (field->type == SL_IMAGE) {
        const struct sl_picture *picture = &column->picture[i];
        *out = (struct sl_image){ .width = picture->width, .height = picture->height, .channels = field->channels };
        pixels = picture->pixels;
    } else {
        *out = (struct sl_image){ .width = field->breadth, .height = field->height, .channels = field->channels };
        pixels = column->bytes + (size_t)i * field->width;
    }
    out->pixels = (uint8_t *)(uintptr_t)pixels;
    return pixels && out->width && out->height;
}

struct sl_image sl_picture_room(uint8_t *at, const struct sl_field *field)
{
    return (struct sl_image){ .pixels = at, .room = field->width };
}

int sl_picture_scratch_new(const struct sl_stage *stage, void **scratch, struct sl_error *err)
{
    (void)stage;
    struct sl_image_worker *worker = NULL;
    int status = sl_image_worker_new(&worker, err);
    *scratch = worker;
    return status;
}

void sl_picture_scratch_free(const struct sl_stage *stage, void *scratch)
{
    (void)stage;
    sl_image_worker_free(scratch);
}

/* Has every picture the wanted size, in one array? A single picture of any column has. */
static bool fits_already(const struct sl_chunk *chunk, const struct sl_column *column, const struct sl_field *in,
                         const struct sl_field *out)
{
    if (in->type == SL_VECTOR) {
        return in->height == out->height && in->breadth == out->breadth && in->channels == out->channels;
    }
    return chunk->n == 1 && sl_valid(column, 0) && column->picture[0].height == out->height &&
           column->picture[0].width == out->breadth && in->channels == out->channels;
}

static int map_cell(const struct sl_stage *stage, struct sl_image_worker *worker, sl_picture_function *function,
                    const struct sl_image *from, const struct sl_field *out, uint8_t *cell, struct sl_error *err)
{
    struct sl_image to = sl_picture_room(cell, out);
    int status = function(stage, worker, from, &to, err);
    if (status == SL_OK && to.pixels != cell) {
        memcpy(cell, to.pixels, out->width);
    }
    return status;
}

static int map_column(const struct sl_stage *stage, struct sl_image_worker *worker, struct sl_chunk *chunk, size_t c,
                      sl_picture_function *function, struct sl_error *err)
{
    const struct sl_field *in = &stage->in->fields[c], *out = &stage->out.fields[c];
    struct sl_column *column = &chunk->columns[c];
    size_t bytes;
    uint8_t *cells = sl_mul(chunk->n, out->width, &bytes) ? sl_arena_array(chunk->arena, bytes, 1) : NULL;
    if (!cells) {
        return sl_fail_memory(err, "making pictures");
    }
    for (uint32_t i = 0; i < chunk->n; i++) {
        struct sl_image from;
        uint8_t *cell = cells + (size_t)i * out->width;
        if (!sl_picture_at(column, in, i, &from)) {
            memset(cell, 0, out->width);
            continue;
        }
        int status = map_cell(stage, worker, function, &from, out, cell, err);
        if (status) {
            return sl_error_record(err, status, &chunk->origin[i]);
        }
    }
    *column = (struct sl_column){ .valid = column->valid, .bytes = cells };
    return SL_OK;
}

int sl_map_pictures(const struct sl_stage *stage, void *scratch, struct sl_chunk *chunk, sl_picture_function *function,
                    bool keeps_size, struct sl_error *err)
{
    const struct sl_bound_columns *bound = stage->state;
    int status = SL_OK;
    for (size_t k = 0; status == SL_OK && k < bound->n; k++) {
        size_t c = bound->column[k];
        struct sl_column *column = &chunk->columns[c];
        const struct sl_field *in = &stage->in->fields[c];
        if (keeps_size && fits_already(chunk, column, in, &stage->out.fields[c])) {
            uint8_t *cells = in->type == SL_IMAGE ? (uint8_t *)(uintptr_t)column->picture[0].pixels : column->bytes;
            *column = (struct sl_column){ .valid = column->valid, .bytes = cells };
        } else {
            status = map_column(stage, scratch, chunk, c, function, err);
        }
    }
    return status;
}
