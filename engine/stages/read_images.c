/* read_images.c: the statement that opens folders of pictures. The reading itself is engine/data/images*.c. */
#include "engine/stages/source.h"

struct params {
    struct sl_names files;
    char *labels;
    int color_mode;
    int64_t at_least;
    int64_t max_pixels;
    int64_t max_bytes;
    bool apply_gamma;
    bool ignore_orientation;
    bool any_name;
    int as;
};

static const struct params defaults = { .max_pixels = 178956970, .max_bytes = 512 << 20 };

static const char *const modes[] = { "rgb", "grayscale", "rgba", NULL };

static const struct sl_param params[] = {
    SL_NAMES(struct params, files, .positional = true, .required = true,
             .help = "folders with one sub-folder a class; or CSV files of paths; or pictures"),
    SL_STRING(struct params, labels, .none_ok = true,
              .help = "the CSV's column of labels; none: the folder a picture lies in, or a column label"),
    SL_CHOICE(struct params, color_mode, .choices = modes, .help = "channels of the pictures: 3, 1 or 4"),
    SL_INT(struct params, at_least, .min = 0, .max = 65535, .unit = "pixels",
           .help = "decode a JPEG at 1/2, 1/4 or 1/8 of its size where neither side falls below this; 0: in full"),
    SL_INT(struct params, max_pixels, .min = 1, .max = 4294836225.0, .unit = "pixels",
           .help = "larger pictures are quarantined before they are decoded"),
    SL_INT(struct params, max_bytes, .min = 1048576, .max = 68719476736.0, .unit = "bytes",
           .help = "so are larger files, and those that would take more memory to decode"),
    SL_BOOL(struct params, apply_gamma, .help = "bring a PNG's own gamma to that of sRGB"),
    SL_BOOL(struct params, ignore_orientation, .help = "leave pictures as stored, whatever EXIF says is up"),
    SL_BOOL(struct params, any_name, .help = "take a PNG named .jpg and a JPEG named .png"),
    SL_SOURCE_AS(struct params, as),
    { 0 },
};

static const struct sl_example examples[] = {
    { "read images dots.png",
      .in =
          "hex: 89 50 4e 47 0d 0a 1a 0a 00 00 00 0d 49 48 44 52 00 00 00 03 00 00 00 02 08 02 00 00 00 12 16 f1 4d 00 00 00 "
          "16 49 44 41 54 78 da 63 f8 cf c0 c0 00 c3 0c 0d 0d 0d ff ff ff 07 00 3a 61 07 7b 02 9f df f4 00 00 00 00 49 "
          "45 4e 44 ae 42 60 82\n",
      .out = "image,path\n2×3×3 mean 106,dots.png\n", .note = "a picture alone; two rows of three pixels" },
    { 0 },
};

static int open_source(const struct sl_stage *stage, const char *base, struct sl_reader **out, struct sl_error *err)
{
    static const int channels[] = { 3, 1, 4 };
    const struct params *p = stage->params;
    const char *labels[] = { p->labels, NULL };
    const struct sl_images_options options = { .labels = p->labels ? labels : NULL,
                                               .labels_optional = stage->predicting,
                                               .channels = channels[p->color_mode],
                                               .at_least_width = (uint32_t)p->at_least,
                                               .at_least_height = (uint32_t)p->at_least,
                                               .max_pixels = (uint64_t)p->max_pixels,
                                               .max_bytes = (uint64_t)p->max_bytes,
                                               .apply_gamma = p->apply_gamma,
                                               .ignore_orientation = p->ignore_orientation,
                                               .any_name = p->any_name };
    return sl_images_open(out, base, (const char *const *)p->files.name, p->files.n, &options, err);
}

const struct sl_stage_class sl_stage_read_images = {
    .name = "read images",
    .summary = "read PNG and JPEG pictures from class folders, or as a CSV lists them",
    .details =
        "Each sub-folder of FOLDER is a class: its name is the label of all pictures in it and below it, what is to be "
        "predicted unless a label statement names another column. Classes are sorted, and in each the folders below it "
        "and their files, so that records come in the order of Keras's flow_from_directory. Files with other endings "
        "than .png, .jpg and .jpeg are passed over and counted; what begins with a dot is not seen; links to folders "
        "are followed for classes, not below them. A folder whose sub-folders hold no pictures gives the pictures in "
        "it without labels.\n\n"
        "A CSV lists pictures by their paths, relative to its own folder: in a column path, filename or file, else in "
        "the first. labels= names the column of labels; numbers stay numbers.\n\n"
        "Columns are image, path and label. Pictures are decoded as they are needed, so that a folder may be larger "
        "than memory, and folders are listed as reading comes to them. Pictures keep their own size: resize and crop "
        "make all alike.\n\n"
        "What a file is, its first bytes say. A file that is empty, cut off, damaged, larger than the limits, or a PNG "
        "named .jpg (unless any_name=true) goes to the quarantine with the decoder's reason. Transparent colours lose "
        "their alpha in rgb and grayscale, as in Keras; orientation in EXIF turns the picture unless "
        "ignore_orientation=true.",
    .kind = SL_SOURCE,
    .version = 1,
    .params = params,
    .params_size = sizeof(struct params),
    .defaults = &defaults,
    .examples = examples,
    .open = open_source,
};
