/* schema.h: named, typed columns.
 *
 * A schema is built once (reader, or a stage's bind) and then immutable; chunks borrow it. */
#ifndef SLUICE_SCHEMA_H
#define SLUICE_SCHEMA_H

#include "sluice/mem.h"

enum sl_type {
    SL_TEXT = 1,    /* UTF-8 */
    SL_NUMBER = 2,  /* double */
    SL_VECTOR = 4,  /* width floats, or bytes that stand for them; a picture of fixed size has an extent */
    SL_SPARSE = 8,  /* sorted (index, value) pairs below width */
    SL_IMAGE = 32,  /* a decoded picture of a size of its own, 8 bits a channel; `channels` is the field's */
    SL_TOKENS = 16, /* ids into a worker's vocabulary: what an encoder's `digest` leaves for its fit and apply */
    SL_ANY_TYPE = 0xff,
};

struct sl_field {
    char *name;
    enum sl_type type;
    uint32_t width; /* SL_VECTOR, SL_SPARSE: number of features; else 0 */
    bool bytes; /* SL_VECTOR: cells are bytes, each standing for byte × scale + offset: a `rescale` costs nothing */
    float scale, offset;
    uint32_t height, breadth, channels; /* SL_VECTOR that is a picture: rows × columns × channels; else 0 */
    bool encoded;                       /* made by an encoder: what a learner takes as features unless told otherwise */
    bool target;                        /* named by `label` */
};

struct sl_schema {
    struct sl_field *fields;
    size_t n;
};

/* Bytes that one cell of a vector column takes. */
static inline size_t sl_vector_bytes(const struct sl_field *field)
{
    return field->width * (field->bytes ? sizeof(uint8_t) : sizeof(float));
}
/* Does the same array mean the same values in both columns? Not when bytes stand for other numbers. */
static inline bool sl_field_alike(const struct sl_field *a, const struct sl_field *b)
{
    return a->type == b->type && a->width == b->width && a->bytes == b->bytes &&
           (!a->bytes ||
            (a->scale <= b->scale && a->scale >= b->scale && a->offset <= b->offset && a->offset >= b->offset));
}

void sl_schema_release(struct sl_schema *schema);
/* Deep copy into *to (released or zero before). */
int sl_schema_copy(struct sl_schema *to, const struct sl_schema *from, struct sl_error *err);
/* Append a column; the name is copied. */
int sl_schema_add(struct sl_schema *schema, struct sl_str name, enum sl_type type, struct sl_error *err);
/* Index of a column, or -1. */
long sl_schema_find(const struct sl_schema *schema, struct sl_str name);
/* The name most like `name` (for "did you mean"), or NULL when none is close. */
const char *sl_schema_nearest(const struct sl_schema *schema, struct sl_str name);
const char *sl_type_name(enum sl_type type);
/* Closest candidate to word by edit distance, or NULL; candidates ends with NULL. */
const char *sl_nearest(struct sl_str word, const char *const *candidates);

#endif
