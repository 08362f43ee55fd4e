/* image_ops.h: arithmetic on pictures: sizes, crops, colour, and random changes for training.
 *
 * Nothing here knows files, recipes or threads. A worker has one struct sl_image_worker, which keeps tables and scratch
 * from picture to picture; one worker is used by one thread at a time. Results have the same bits on every processor.
 *
 * A random change is drawn in one step and carried out in another: draw (parameters, key) → numbers, apply (picture,
 * numbers) → picture, describe (numbers) → text. The same key always gives the same numbers. */
#ifndef SLUICE_IMAGE_OPS_H
#define SLUICE_IMAGE_OPS_H

#include "sluice/image.h"

struct sl_image_worker; /* tables and scratch of one thread */

int sl_image_worker_new(struct sl_image_worker **worker, struct sl_error *err);
void sl_image_worker_free(struct sl_image_worker *worker);

/* A rectangle of a picture: pixels x ≤ column < x + width, y ≤ row < y + height. */
struct sl_image_box {
    uint32_t x, y, width, height;
};

/* --- sizes --- */

enum sl_resize_filter {
    SL_RESIZE_BILINEAR, /* a triangle, widened when the picture shrinks (antialiased), as the four below */
    SL_RESIZE_NEAREST,  /* the pixel under the centre; never widened */
    SL_RESIZE_AREA,     /* the mean of what is covered: Pillow's BOX */
    SL_RESIZE_HAMMING,
    SL_RESIZE_BICUBIC, /* a = −0.5 */
    SL_RESIZE_LANCZOS, /* three lobes */
};

enum sl_resize_fit {
    SL_FIT_STRETCH, /* as flow_from_directory of Keras */
    SL_FIT_CROP,    /* the largest centred part of the wanted shape, then resized: Keras's keep_aspect_ratio=True */
    SL_FIT_PAD,     /* the whole picture inside, the rest in one colour: Pillow's ImageOps.pad */
};

struct sl_resize {
    uint32_t width, height;
    enum sl_resize_filter filter;
    enum sl_resize_fit fit;
    uint8_t pad[4]; /* the colour around SL_FIT_PAD, a value a channel of the picture */
};

/* Resize a picture.
 *
 * Shapes  to (height, width, channels of from); to must not be from
 * Errors  SL_EPARAM  a wanted size is 0, or over 65,535
 *         SL_ENOMEM  SL_ELIMIT
 * Source  Image.resize of Pillow 12 without reducing_gap, byte for byte: weights in 22 bits fixed point, rounded half
 * up to 8 bits after the horizontal pass and again after the vertical one; pictures with alpha are multiplied by it
 *         before and divided after (not for nearest). Pillow 13 takes the vertical pass first where a picture gets much
 *         lower and not much narrower, which can differ by 1 */
int sl_image_resize(struct sl_image_worker *worker, const struct sl_image *from, const struct sl_resize *how,
                    struct sl_image *to, struct sl_error *err);

/* Take a rectangle out of a picture. SL_EPARAM when it does not lie inside. */
int sl_image_crop(const struct sl_image *from, const struct sl_image_box *box, struct sl_image *to,
                  struct sl_error *err);
/* The centred rectangle of this size; an odd rest is cut at the right and the bottom, as Keras's CenterCrop does.
 * SL_EPARAM when the picture is smaller. */
int sl_image_crop_centre(const struct sl_image *from, uint32_t width, uint32_t height, struct sl_image *to,
                         struct sl_error *err);

/* --- colour --- */

/* Grey from RGB, (19595 R + 38470 G + 7471 B + 32768) >> 16: Pillow's convert("L"); alpha is kept, grey is copied. */
int sl_image_grey(const struct sl_image *from, struct sl_image *to, struct sl_error *err);
/* Three channels: grey three times, alpha dropped, as Pillow's convert("RGB"). */
int sl_image_rgb(const struct sl_image *from, struct sl_image *to, struct sl_error *err);
/* Left becomes right, and top becomes bottom, in place. */
void sl_image_flip_horizontal(struct sl_image *image);
void sl_image_flip_vertical(struct sl_image *image);

/* --- random changes --- */

/* What a draw depends on, and all it depends on. */
struct sl_image_key {
    uint64_t seed;
    uint32_t epoch;
    uint64_t record;
    uint32_t place; /* which statement of the recipe draws, below 256, so that two do not draw alike */
    uint32_t draw;  /* 0 is what training sees; others, below 4,096, stand beside it in the stepper */
};

enum sl_fill_mode { SL_FILL_NEAREST, SL_FILL_CONSTANT, SL_FILL_REFLECT, SL_FILL_WRAP };

/* Keras's ImageDataGenerator (3.15.1, keras/src/legacy/preprocessing/image.py). Start from SL_AUGMENT_INIT. */
struct sl_augment {
    double rotation_range;     /* degrees; uniform in ±range */
    double width_shift_range;  /* below 1 a share of the width, else pixels; uniform in ±range */
    double height_shift_range; /* … of the height */
    bool width_shift_whole;    /* the range was written as a whole number n: whole pixels, 0 … n − 1, either sign */
    bool height_shift_whole;   /* as Keras reads it; each equally likely */
    double shear_range;        /* degrees; uniform in ±range */
    double zoom_low, zoom_high;             /* factor per axis, drawn apart; a single range z means 1 − z, 1 + z */
    double channel_shift_range;             /* added to all channels; uniform in ±range, 0 … 255 */
    bool horizontal_flip, vertical_flip;    /* each with probability 1/2 */
    bool brightness;                        /* the two below are given */
    double brightness_low, brightness_high; /* factor */
    enum sl_fill_mode fill_mode;            /* outside of the picture: SciPy's modes of these names */
    double cval;                            /* for SL_FILL_CONSTANT, 0 … 255 */
    bool keras_centre;                      /* see struct sl_image_transform */
};
#define SL_AUGMENT_INIT                   \
    {                                     \
        .zoom_low = 1.0, .zoom_high = 1.0 \
    }

/* The numbers of one draw, under Keras's names. With neither shear nor zoom, a result pixel at d from the centre,
 * (across, down), is read at centre + R(theta) · (d + (tx, ty)); so a positive shift moves the picture left or up, a
 * zoom above 1 shrinks it. The matrix is R(theta) · T(tx, ty) · Shear(shear) · Z(zx, zy).
 *
 * Keras 3 applies tx across, yet draws it from height_shift_range, and takes the centre of a picture that is not square
 * with height and width exchanged. Here a draw puts width_shift_range across, as Keras's documentation has it, and the
 * centre is (width / 2 − 0.5, height / 2 − 0.5) unless keras_centre asks for theirs. Square pictures have no
 * difference. */
struct sl_image_transform {
    double theta, shear; /* degrees */
    double tx, ty;       /* pixels across and down */
    double zx, zy;       /* across and down; 1 leaves */
    bool flip_horizontal, flip_vertical;
    bool has_channel_shift, has_brightness;
    double channel_shift, brightness;
    enum sl_fill_mode fill_mode;
    double cval;
    bool keras_centre;
};
#define SL_IMAGE_TRANSFORM_INIT \
    {                           \
        .zx = 1.0, .zy = 1.0    \
    }

/* Draw for a picture of this size. Ranges are Keras's, its stream of random numbers is not. */
void sl_augment_draw(const struct sl_augment *augment, const struct sl_image_key *key, uint32_t width, uint32_t height,
                     struct sl_image_transform *transform);

/* Carry out a transform: affine (bilinear, as scipy.ndimage.affine_transform with order=1), channel shift (clipped to
 * the least and greatest value of the transformed picture), flips, brightness (Pillow's ImageEnhance: whole numbers
 * from there on). Keras's order.
 *
 * Shapes  out (H, W, channels), not rounded, in 0…255; coordinates are SciPy's doubles, samples are float32
 * Errors  SL_EDATA  the picture has no pixels;  SL_ENOMEM */
int sl_augment_floats(struct sl_image_worker *worker, const struct sl_image *from,
                      const struct sl_image_transform *transform, float *out, struct sl_error *err);
/* The same, rounded to the nearest byte (ties to even). to must not be from. */
int sl_augment_bytes(struct sl_image_worker *worker, const struct sl_image *from,
                     const struct sl_image_transform *transform, struct sl_image *to, struct sl_error *err);

/* "rotate +12.3°, shift x +17.9 px, flip left-right"; "unchanged" when nothing is done. Keras's numbers: see the signs
 * above. Always terminated. Returns out. */
char *sl_image_transform_text(const struct sl_image_transform *transform, char *out, size_t size);

/* A random rectangle of this size of a picture with `padding` pixels of 0 around it, as torchvision's RandomCrop. The
 * box is in the padded picture. SL_EPARAM when the padded picture is smaller. */
int sl_random_crop_draw(const struct sl_image_key *key, const struct sl_image *from, uint32_t width, uint32_t height,
                        uint32_t padding, struct sl_image_box *box, struct sl_error *err);
int sl_random_crop_apply(const struct sl_image *from, const struct sl_image_box *box, uint32_t padding,
                         struct sl_image *to, struct sl_error *err);

/* Cutout (DeVries and Taylor 2017): a square of side `size` around a uniformly drawn pixel, cut at the edges. */
void sl_cutout_draw(const struct sl_image_key *key, uint32_t width, uint32_t height, uint32_t size,
                    struct sl_image_box *box);

/* Random erasing (Zhong et al. 2017) as torchvision's RandomErasing: with this probability a rectangle of a share of
 * the area in scale, of a height by width in ratio, log-uniform; ten tries, then none. false: leave the picture. */
struct sl_erasing {
    double probability;
    double scale[2], ratio[2];
};
#define SL_ERASING_INIT                                                              \
    {                                                                                \
        .probability = 0.5, .scale = { 0.02, 1.0 / 3.0 }, .ratio = { 0.3, 10.0 / 3 } \
    }
bool sl_erasing_draw(const struct sl_erasing *erasing, const struct sl_image_key *key, uint32_t width, uint32_t height,
                     struct sl_image_box *box);
/* One value into all of a box; colour has a value a channel. The box must lie inside. */
void sl_image_fill(struct sl_image *image, const struct sl_image_box *box, const uint8_t colour[4]);

/* RandAugment (Cubuk et al. 2020) as torchvision's RandAugment does it on Pillow's pictures: nearest neighbour for what
 * moves pixels, black where nothing was, Pillow's ImageEnhance and ImageOps for the rest. */
enum sl_rand_kind {
    SL_RAND_IDENTITY,
    SL_RAND_SHEAR_X,
    SL_RAND_SHEAR_Y,
    SL_RAND_TRANSLATE_X,
    SL_RAND_TRANSLATE_Y,
    SL_RAND_ROTATE,
    SL_RAND_BRIGHTNESS,
    SL_RAND_COLOUR,
    SL_RAND_CONTRAST,
    SL_RAND_SHARPNESS,
    SL_RAND_POSTERIZE,
    SL_RAND_SOLARIZE,
    SL_RAND_AUTOCONTRAST,
    SL_RAND_EQUALIZE,
    SL_RAND_KINDS,
};

struct sl_rand_op {
    enum sl_rand_kind kind;
    double magnitude; /* tangent of the shear, pixels, degrees, change of the factor, bits kept, threshold */
};

enum { SL_RAND_MOST = 16 };

struct sl_rand_ops {
    uint32_t n;
    struct sl_rand_op op[SL_RAND_MOST];
};

/* num_ops (at most SL_RAND_MOST) ops, each of the 14 equally likely, at bin `magnitude` of `bins` (torchvision: 2, 9,
 * 31); magnitude < bins, bins ≥ 2. */
void sl_rand_ops_draw(uint32_t num_ops, uint32_t magnitude, uint32_t bins, const struct sl_image_key *key,
                      uint32_t width, uint32_t height, struct sl_rand_ops *ops);
/* In place. fill has a value a channel. Errors  SL_EDATA no pixels;  SL_ENOMEM */
int sl_rand_ops_apply(struct sl_image_worker *worker, const struct sl_rand_ops *ops, const uint8_t fill[4],
                      struct sl_image *image, struct sl_error *err);
/* "shear x −0.09, posterize to 6 bits". Always terminated. Returns out. */
char *sl_rand_ops_text(const struct sl_rand_ops *ops, char *out, size_t size);

/* --- two pictures --- */

/* lambda from Beta(alpha, alpha), alpha > 0 (Johnk 1964 below 1, else two gammas: Marsaglia and Tsang 2000). */
double sl_mix_lambda(const struct sl_image_key *key, double alpha);
/* mixup (Zhang et al. 2018): a = lambda a + (1 − lambda) b. */
void sl_mix_blend(size_t n, float *a, const float *b, float lambda);
/* cutmix (Yun et al. 2019) as torchvision's CutMix: a box of the share 1 − lambda around a uniform pixel, cut at the
 * edges. Returns lambda as it became by that: the share of the picture outside of the box. */
double sl_cutmix_draw(const struct sl_image_key *key, double lambda, uint32_t width, uint32_t height,
                      struct sl_image_box *box);
/* The box of b into a, both (height, width, channels). */
void sl_cutmix_paste(float *a, const float *b, uint32_t width, uint32_t channels, const struct sl_image_box *box);

#endif
