/* idx_header.c: the beginning of an IDX file, and everything that can be wrong with it.
 *
 * Nothing is allocated by what a header claims: a plain file is measured against it here, and a compressed one is read
 * piece by piece. A header in the wrong byte order is recognised by its first four bytes, or, when only its sizes are
 * wrong, by their fitting the file exactly once they are turned around. */
#include "engine/data/idx_private.h"

#include <inttypes.h>
#include <stdio.h>

const char *sl_idx_type_name(unsigned type)
{
    switch (type) {
    case SL_IDX_UBYTE: return "ubyte";
    case SL_IDX_BYTE: return "byte";
    case SL_IDX_SHORT: return "short";
    case SL_IDX_INT: return "int";
    case SL_IDX_FLOAT: return "float";
    case SL_IDX_DOUBLE: return "double";
    default: return NULL;
    }
}

static uint32_t type_width(unsigned type)
{
    switch (type) {
    case SL_IDX_SHORT: return 2;
    case SL_IDX_INT:
    case SL_IDX_FLOAT: return 4;
    case SL_IDX_DOUBLE: return 8;
    default: return 1;
    }
}

static int wrong(struct sl_error *err, int status, const char *path, uint64_t byte, const char *fix)
{
    sl_error_at(err, path, 0, 0, byte);
    sl_fix(err, "%s", fix);
    return status;
}

static const char *const again = "copy or download the file again";

/* As many of the bytes as there are. */
static int read_all(struct sl_input *input, void *to, size_t size, size_t *got, struct sl_error *err)
{
    size_t more = 1;
    int status = SL_OK;
    *got = 0;
    while (!status && more && *got < size) {
        status = sl_input_read(input, (char *)to + *got, size - *got, &more, err);
        *got += more;
    }
    return status;
}

/* Not the two zero bytes an IDX file begins with: what is it? */
static int refuse_start(const unsigned char *p, const char *path, struct sl_error *err)
{
    if (p[2] == 0 && p[3] == 0 && p[0] <= SL_IDX_RANK_MAX && sl_idx_type_name(p[1])) {
        sl_fail(err, SL_EDATA, "the header of '%.160s' looks little-endian: it begins with %02x %02x %02x %02x", path,
                p[0], p[1], p[2], p[3]);
        return wrong(err, SL_EDATA, path, 0, "write it big-endian: IDX has the most significant byte first");
    }
    if ((p[0] == 0x1f && p[1] == 0x8b) || (p[0] == 0x28 && p[1] == 0xb5 && p[2] == 0x2f && p[3] == 0xfd)) {
        sl_fail(err, SL_EDATA, "'%.160s' is compressed twice", path);
        return wrong(err, SL_EDATA, path, 0, p[0] == 0x1f ? "unpack it once: gunzip" : "unpack it once: unzstd");
    }
    sl_fail(err, SL_EDATA, "'%.160s' is no IDX file: it begins with %02x %02x %02x %02x, not with 00 00", path, p[0],
            p[1], p[2], p[3]);
    return wrong(err, SL_EDATA, path, 0, "name a file in IDX format, or read it with another reader");
}

static int check_start(const unsigned char *p, const char *path, struct sl_error *err)
{
    if (p[0] || p[1]) {
        return refuse_start(p, path, err);
    }
    if (!sl_idx_type_name(p[2])) {
        sl_fail(err, SL_EDATA, "'%.160s' has elements of type 0x%02x, which does not exist", path, p[2]);
        return wrong(err, SL_EDATA, path, 2,
                     "types are 0x08 ubyte, 0x09 byte, 0x0b short, 0x0c int, 0x0d float and 0x0e double");
    }
    if (p[3] < 1 || p[3] > SL_IDX_RANK_MAX) {
        sl_fail(err, SL_EDATA, "'%.160s' has %u dimensions", path, p[3]);
        return wrong(err, SL_EDATA, path, 3, "1 (numbers), 2 (vectors), 3 (pictures) and 4 (with channels) are read");
    }
    return SL_OK;
}

/* "28×28", for messages: the sizes of a record. */
static const char *show_sizes(const struct sl_idx_header *h, char out[64])
{
    int n = 0;
    out[0] = '\0';
    for (int k = 1; k < h->rank; k++) {
        n += snprintf(out + n, 64 - (size_t)n, "%s%" PRIu32, k > 1 ? "×" : "", h->sizes[k]);
    }
    return out;
}

static int check_sizes(struct sl_idx_header *h, const char *path, struct sl_error *err)
{
    char shown[64];
    uint64_t cells = 1;
    for (int k = 1; k < h->rank; k++) {
        if (h->sizes[k] == 0) {
            sl_fail(err, SL_EDATA, "size %d of %d in the header of '%.160s' is 0: its records have no elements", k + 1,
                    h->rank, path);
            return wrong(err, SL_EDATA, path, 4 + 4 * (uint64_t)k, again);
        }
        cells *= h->sizes[k];
        if (cells > SL_IDX_CELLS_MAX) {
            sl_fail(err, SL_ELIMIT, "a record of '%.160s' has %s elements by its header, more than %d", path,
                    show_sizes(h, shown), SL_IDX_CELLS_MAX);
            return wrong(err, SL_ELIMIT, path, 4 + 4 * (uint64_t)k,
                         "if the header is right, cut the records into smaller ones");
        }
    }
    h->cells = (uint32_t)cells;
    h->record = cells * h->width;
    return SL_OK;
}

/* Do the sizes fit the file when their bytes are turned around? */
static bool fits_turned(const struct sl_idx_header *h, uint64_t bytes)
{
    uint64_t total = h->width;
    for (int k = 0; k < h->rank; k++) {
        if (__builtin_mul_overflow(total, (uint64_t)__builtin_bswap32(h->sizes[k]), &total)) {
            return false;
        }
    }
    return total == bytes && bytes > 0;
}

static int refuse_turned(const struct sl_idx_header *h, uint64_t bytes, const char *path, struct sl_error *err)
{
    if (!fits_turned(h, bytes) || (h->sizes[0] == __builtin_bswap32(h->sizes[0]) && h->rank == 1)) {
        return SL_OK;
    }
    sl_fail(err, SL_EDATA, "the sizes in the header of '%.160s' look little-endian: %" PRIu32 " records as written, %u",
            path, h->sizes[0], __builtin_bswap32(h->sizes[0]));
    return wrong(err, SL_EDATA, path, 4, "write them big-endian: IDX has the most significant byte first");
}

/* A plain file tells at once whether there is anything of what the header announces. */
static int check_file(const struct sl_idx_header *h, const char *path, uint64_t size, struct sl_error *err)
{
    uint64_t bytes = size > h->start ? size - h->start : 0;
    if (h->sizes[0] == 0 || bytes >= h->record) {
        return SL_OK;
    }
    sl_fail(err, SL_EDATA,
            "the header of '%.140s' announces %" PRIu32 " records of %" PRIu64 " bytes, but only %" PRIu64
            " bytes follow it",
            path, h->sizes[0], h->record, bytes);
    return wrong(err, SL_EDATA, path, h->start, again);
}

static int check_whole(struct sl_idx_header *h, const char *path, uint64_t size, struct sl_error *err)
{
    uint64_t bytes = size > h->start ? size - h->start : 0, total = 0;
    int status = SL_OK;
    for (int k = 0, fits = size > 0; k < h->rank && fits; k++) {
        total = k ? total : h->width;
        fits = !__builtin_mul_overflow(total, (uint64_t)h->sizes[k], &total);
    }
    if (size && total != bytes) {
        status = refuse_turned(h, bytes, path, err);
    }
    status = status ? status : check_sizes(h, path, err);
    return status || !size ? status : check_file(h, path, size, err);
}

int sl_idx_header_read(struct sl_input *input, const char *path, uint64_t size, struct sl_idx_header *out,
                       struct sl_error *err)
{
    unsigned char p[4 + 4 * SL_IDX_RANK_MAX];
    size_t got = 0;
    int status = read_all(input, p, 4, &got, err);
    if (!status && got == 0) {
        sl_fail(err, SL_EDATA, "'%.160s' is empty", path);
        return wrong(err, SL_EDATA, path, 0, again);
    }
    status = status || got < 4 ? status : check_start(p, path, err);
    uint32_t rank = got < 4 ? 0 : p[3], start = 4 + 4 * rank;
    size_t more = 0;
    if (!status && got == 4) {
        status = read_all(input, p + 4, 4 * (size_t)rank, &more, err);
        got += more;
    }
    if (status) {
        return status;
    }
    if (got < start || rank == 0) {
        sl_fail(err, SL_EDATA, "the header of '%.160s' is cut off: it has %zu of %u bytes", path, got, start);
        return wrong(err, SL_EDATA, path, got, again);
    }
    struct sl_idx_header h = { .type = p[2], .rank = (uint8_t)rank, .width = type_width(p[2]), .start = start };
    for (uint32_t k = 0; k < rank; k++) {
        const unsigned char *q = p + 4 + 4 * k;
        h.sizes[k] = (uint32_t)q[0] << 24 | (uint32_t)q[1] << 16 | (uint32_t)q[2] << 8 | q[3];
    }
    status = check_whole(&h, path, size, err);
    if (!status) {
        *out = h;
    }
    return status;
}
