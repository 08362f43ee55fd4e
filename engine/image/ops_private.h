/* ops_private.h: what the files of picture arithmetic share. */
#ifndef SLUICE_IMAGE_OPS_PRIVATE_H
#define SLUICE_IMAGE_OPS_PRIVATE_H

#include "sluice/image_ops.h"

/* --- resizing --- */

enum { RESIZE_BITS = 22, RESIZE_LOW = 15, RESIZE_GROUP = 4 };

/* One direction of a resize: result i is the sum over k < count[i] of weight[i * taps + k] * source[first[i] + k].
 * taps is a multiple of RESIZE_GROUP and weights from count[i] on are 0. pair holds the same weights for vector code:
 * for each two taps, the high parts of both, then the low ones; weight = high << RESIZE_LOW | low. */
struct resize_table {
    uint32_t in, out;
    float from, to; /* the part of `in` that is taken */
    enum sl_resize_filter filter;
    uint32_t taps, pairs; /* pairs: two taps each, as many as the widest result needs */
    uint32_t *first, *count;
    int32_t *weight;
    int16_t *pair;
    void *memory;
    uint64_t used; /* when, to throw away the one unused longest */
};

enum { RESIZE_TABLES = 8 };

/* The cached table, made when it is not there. Borrowed until two more have been asked for. */
int sl_resize_table(struct sl_image_worker *worker, uint32_t in, float from, float to, uint32_t out,
                    enum sl_resize_filter filter, const struct resize_table **table, struct sl_error *err);

/* Rows of bytes: row i begins at bytes + i * stride; `end` is the first byte that must not be read. */
struct resize_rows {
    const uint8_t *bytes, *end;
    size_t stride;
};

/* Source rows first … first + n − 1 through a horizontal table into `to`, whose stride has SL_RESIZE_SLACK spare bytes.
 */
enum { RESIZE_SLACK = 16 };
typedef void resize_across_fn(const struct resize_table *table, uint32_t channels, const struct resize_rows *from,
                              uint32_t n, uint8_t *to, size_t stride);
/* One result row of `bytes` bytes from rows of `from`; row 0 of `from` is source row `base`. */
typedef void resize_down_fn(const struct resize_table *table, uint32_t row, const struct resize_rows *from,
                            uint32_t base, size_t bytes, uint8_t *to);

/* On other processors the two of each are one: see the end of this file. */
resize_across_fn sl_resize_across_portable, sl_resize_across_avx2;
resize_down_fn sl_resize_down_portable, sl_resize_down_avx2;
/* The portable code for results from `start` on in one row, and from byte `start` on. */
void sl_resize_across_rest(const struct resize_table *table, uint32_t channels, const uint8_t *row, uint32_t start,
                           uint32_t end, uint8_t *to);
void sl_resize_down_rest(const struct resize_table *table, uint32_t row, const struct resize_rows *from, uint32_t base,
                         size_t start, size_t end, uint8_t *to);

/* Nearest neighbour, as Pillow's affine scaling. */
int sl_resize_nearest(struct sl_image_worker *worker, const struct sl_image *from, const float box[4],
                      struct sl_image *to, struct sl_error *err);
/* Colours times alpha, and back, as Pillow between RGBA and RGBa. */
void sl_alpha_multiply(const struct sl_image *from, uint8_t *to);
void sl_alpha_divide(struct sl_image *image);

/* --- affine --- */

/* Where the pixels of one result row are read: of pixel j the upper left of four neighbours lies at byte at[j]; the
 * value is left + across[j] * (right − left), where left = upper + down[j] * (lower − upper), and right likewise. */
struct affine_row {
    uint32_t *at;
    float *across, *down;
};

struct affine_picture {
    const uint8_t *pixels;
    uint32_t channels, width, height;
    size_t right, below; /* bytes to these neighbours; 0 where the picture is one pixel wide or high */
    size_t bytes;
};

/* Where result (i, j) is read: coordinate k, 0 down and 1 across, is (i * down[k] + (first + step * j) * across[k]) +
 * offset[k], in SciPy's order of operations; first and step turn a row around. */
struct affine_map {
    double down[2], across[2], offset[2];
    double first, step;
    enum sl_fill_mode fill_mode;
    float cval;
};

typedef void affine_place_fn(const struct affine_map *map, const struct affine_picture *picture, uint32_t i,
                             uint32_t start, uint32_t end, const struct affine_row *row);
typedef void affine_sample_fn(const struct affine_picture *picture, const struct affine_row *row, uint32_t start,
                              uint32_t end, float *out);
affine_place_fn sl_affine_place_portable, sl_affine_place_avx2;
affine_sample_fn sl_affine_sample_portable, sl_affine_sample_avx2;

/* The rest of a row, where vectors do not reach. */
void sl_affine_place_rest(const struct affine_map *map, const struct affine_picture *picture, uint32_t i,
                          uint32_t start, uint32_t end, const struct affine_row *row);
void sl_affine_sample_one(const struct affine_picture *picture, const struct affine_row *row, uint32_t j, float *out);

/* Matrix of a transform; false when it is the identity, which Keras does not carry out. */
bool sl_affine_matrix(const struct sl_image_transform *transform, uint32_t width, uint32_t height,
                      struct affine_map *map);
int sl_affine_apply(struct sl_image_worker *worker, const struct sl_image *from,
                    const struct sl_image_transform *transform, float *out, struct sl_error *err);

/* --- what comes after it --- */

/* Add `by` and keep within the range that x had before. */
void sl_floats_shift(const struct sl_image_worker *worker, float *x, size_t n, float by);
/* 0…255 to whole numbers times the factor, as Pillow's Brightness; alpha as it is. */
void sl_floats_brighten(float *x, size_t n, uint32_t channels, double factor);
void sl_floats_to_bytes(const struct sl_image_worker *worker, const float *x, size_t n, uint8_t *out);
void sl_floats_from_bytes(const uint8_t *bytes, size_t n, float *out);

/* --- random numbers: number k of a key --- */

double sl_key_real(const struct sl_image_key *key, uint32_t k);                        /* [0, 1) */
double sl_key_uniform(const struct sl_image_key *key, uint32_t k, double a, double b); /* [a, b) */
uint32_t sl_key_below(const struct sl_image_key *key, uint32_t k, uint32_t n);         /* 0 … n − 1; n > 0 */

/* --- text --- */

/* Append to out, which has size bytes and *used taken; ", " before all but the first. */
void sl_text_add(char *out, size_t size, size_t *used, const char *format, ...) __attribute__((format(printf, 4, 5)));

struct sl_image_worker {
    bool portable; /* tests: no vector code */
    struct resize_table tables[RESIZE_TABLES];
    uint64_t clock;
    uint8_t *rows; /* after the horizontal pass */
    size_t rows_room;
    struct sl_image temp, second;
    void *row;
    size_t row_room;
    float *floats;
    size_t floats_room;
};

/* Where a result pixel of a nearest-neighbour affine transform is read, (column, row) = a (column, row, 1). */
void sl_rand_move(const struct sl_image *from, const double a[6], const uint8_t fill[4], struct sl_image *to);
/* degenerate + factor (image − degenerate), into image; alpha as it is. Pillow's Image.blend. */
void sl_rand_blend(struct sl_image *image, const uint8_t *degenerate, float factor);
void sl_rand_colour(struct sl_image *image, float factor);
void sl_rand_contrast(struct sl_image *image, float factor);
/* smooth has room for the picture */
void sl_rand_sharpness(struct sl_image *image, uint8_t *smooth, float factor);
/* Each channel but alpha through a table of its own; op is one of posterize, solarize, autocontrast, equalize. */
void sl_rand_tones(struct sl_image *image, const struct sl_rand_op *op);

/* Room for n bytes in *memory; contents are lost. */
int sl_worker_room(void **memory, size_t *room, size_t n, struct sl_error *err);
bool sl_worker_avx2(const struct sl_image_worker *worker);

#if !defined(__x86_64__)
#define sl_resize_across_avx2 sl_resize_across_portable
#define sl_resize_down_avx2   sl_resize_down_portable
#define sl_affine_place_avx2  sl_affine_place_portable
#define sl_affine_sample_avx2 sl_affine_sample_portable
#endif

#endif
