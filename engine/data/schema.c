/* schema.c: columns with a name and a type, and the nearest spelling of a name that is unknown.
 *
 * Spellings are compared by the optimal string alignment distance (insert, delete, replace, swap two neighbours; each
 * counts one), without regard to ASCII case. Names longer than NEAR_MAX bytes are never suggested: nobody mistypes
 * those, and the cost stays bounded. */
#include "sluice/schema.h"

#include <stdlib.h>

enum { NEAR_MAX = 64 };

void sl_schema_release(struct sl_schema *schema)
{
    if (!schema) {
        return;
    }
    for (size_t i = 0; i < schema->n; i++) {
        free(schema->fields[i].name);
    }
    free(schema->fields);
    *schema = (struct sl_schema){ 0 };
}

int sl_schema_add(struct sl_schema *schema, struct sl_str name, enum sl_type type, struct sl_error *err)
{
    size_t size;
    struct sl_field *fields = NULL;
    /* One more each time: a stage may have replaced the array by one of its own, so no spare room is assumed. */
    if (sl_add(schema->n, 1, &size) && sl_mul(size, sizeof *fields, &size)) {
        fields = realloc(schema->fields, size);
    }
    if (!fields) {
        return sl_fail_memory(err, "adding a column");
    }
    schema->fields = fields;
    char *copy = sl_add(name.n, 1, &size) ? malloc(size) : NULL;
    if (!copy) {
        return sl_fail_memory(err, "adding a column");
    }
    if (name.n) {
        memcpy(copy, name.p, name.n);
    }
    copy[name.n] = '\0';
    schema->fields[schema->n++] = (struct sl_field){ .name = copy, .type = type };
    return SL_OK;
}

int sl_schema_copy(struct sl_schema *to, const struct sl_schema *from, struct sl_error *err)
{
    struct sl_schema copy = { 0 };
    for (size_t i = 0; i < from->n; i++) {
        const struct sl_field *field = &from->fields[i];
        int status = sl_schema_add(&copy, sl_str(field->name), field->type, err);
        if (status) {
            sl_schema_release(&copy);
            return status;
        }
        char *name = copy.fields[i].name;
        copy.fields[i] = *field;
        copy.fields[i].name = name;
    }
    sl_schema_release(to);
    *to = copy;
    return SL_OK;
}

long sl_schema_find(const struct sl_schema *schema, struct sl_str name)
{
    for (size_t i = 0; i < schema->n; i++) {
        const char *z = schema->fields[i].name;
        if (strncmp(z, name.p ? name.p : "", name.n) == 0 && z[name.n] == '\0') {
            return (long)i;
        }
    }
    return -1;
}

const char *sl_type_name(enum sl_type type)
{
    switch (type) {
    case SL_TEXT: return "text";
    case SL_NUMBER: return "number";
    case SL_VECTOR: return "vector";
    case SL_SPARSE: return "sparse vector";
    case SL_IMAGE: return "image";
    case SL_TOKENS: return "tokens";
    case SL_ANY_TYPE: return "any type";
    }
    return "unknown type";
}

static char folded(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

static unsigned least(unsigned a, unsigned b)
{
    return a < b ? a : b;
}

/* Edit distance of two spans of at most NEAR_MAX bytes: rows of the usual table, the last three of them kept. */
static unsigned edit_distance(struct sl_str a, struct sl_str b)
{
    unsigned rows[3][NEAR_MAX + 1];
    unsigned *before = rows[0], *above = rows[1], *row = rows[2];
    for (size_t j = 0; j <= b.n; j++) {
        above[j] = before[j] = (unsigned)j;
    }
    for (size_t i = 1; i <= a.n; i++) {
        char c = folded(a.p[i - 1]);
        row[0] = (unsigned)i;
        for (size_t j = 1; j <= b.n; j++) {
            char d = folded(b.p[j - 1]);
            unsigned best = least(above[j], row[j - 1]) + 1;
            best = least(best, above[j - 1] + (c != d));
            if (i > 1 && j > 1 && c == folded(b.p[j - 2]) && d == folded(a.p[i - 2])) {
                best = least(best, before[j - 2] + 1);
            }
            row[j] = best;
        }
        unsigned *spare = before;
        before = above;
        above = row;
        row = spare;
    }
    return above[b.n];
}

/* How far candidate is from word, or UINT32_MAX when they are too unlike to be a slip of the fingers. */
static unsigned slip(struct sl_str word, struct sl_str candidate)
{
    if (word.n == 0 || word.n > NEAR_MAX || candidate.n > NEAR_MAX || candidate.n == 0) {
        return UINT32_MAX;
    }
    size_t longer = word.n > candidate.n ? word.n : candidate.n;
    unsigned distance = edit_distance(word, candidate);
    unsigned allowed = longer <= 2 ? 0 : (unsigned)(longer + 2) / 4 + (longer < 6);
    return distance <= allowed ? distance : UINT32_MAX;
}

const char *sl_schema_nearest(const struct sl_schema *schema, struct sl_str name)
{
    const char *nearest = NULL;
    unsigned best = UINT32_MAX;
    for (size_t i = 0; i < schema->n; i++) {
        unsigned distance = slip(name, sl_str(schema->fields[i].name));
        if (distance < best) {
            best = distance;
            nearest = schema->fields[i].name;
        }
    }
    return nearest;
}

const char *sl_nearest(struct sl_str word, const char *const *candidates)
{
    const char *nearest = NULL;
    unsigned best = UINT32_MAX;
    for (; *candidates; candidates++) {
        unsigned distance = slip(word, sl_str(*candidates));
        if (distance < best) {
            best = distance;
            nearest = *candidates;
        }
    }
    return nearest;
}
