/* read_idx.c: the statement that opens IDX files. The reading itself is engine/data/idx*.c. */
#include "engine/stages/source.h"

struct params {
    struct sl_names files;
    struct sl_names labels;
    int as;
};

static const struct params defaults = { 0 };

static const struct sl_param params[] = {
    SL_NAMES(struct params, files, .positional = true, .required = true,
             .help = "files to read, one after the other; .gz and .zst are unpacked, - is standard input"),
    SL_NAMES(struct params, labels, .help = "files with their labels, one for each, in the same order"),
    SL_SOURCE_AS(struct params, as),
    { 0 },
};

static const struct sl_example examples[] = {
    { "read idx pictures-idx3-ubyte",
      .in = "hex: 00 00 08 03  00 00 00 02  00 00 00 02  00 00 00 03  00 80 ff 00 80 ff  01 02 03 04 05 06\n",
      .out = "image\n\"[0, 128, 255, 0, 128, 255]\"\n\"[1, 2, 3, 4, 5, 6]\"\n", .note = "two pictures of 2×3" },
    { "read idx labels-idx1-ubyte", .in = "hex: 00 00 08 01  00 00 00 03  07 02 01\n", .out = "value\n7\n2\n1\n",
      .note = "one size: numbers" },
    { "read idx weights-idx2-float", .in = "hex: 00 00 0d 02  00 00 00 01  00 00 00 02  3f 80 00 00  c0 20 00 00\n",
      .out = "vector\n\"[1, -2.5]\"\n", .note = "two sizes: vectors" },
    { 0 },
};

static int open_source(const struct sl_stage *stage, const char *base, struct sl_reader **out, struct sl_error *err)
{
    const struct params *p = stage->params;
    const struct sl_idx_options options = { .labels = (const char *const *)p->labels.name, .n_labels = p->labels.n };
    return sl_idx_open(out, base, (const char *const *)p->files.name, p->files.n, &options, err);
}

const struct sl_stage_class sl_stage_read_idx = {
    .name = "read idx",
    .summary = "read pictures, vectors or numbers from IDX files, as MNIST has them",
    .details =
        "An IDX file is an array of numbers: its first size counts the records, and what is behind it is one of them. "
        "Three sizes are pictures (height, breadth) in a column image; four are pictures with channels, which come "
        "last; two are vectors in a column vector; one is numbers in a column value. Unsigned bytes are kept as "
        "bytes, one each; all other elements (byte, short, int, float, double) become 32-bit floats, or numbers when "
        "they stand alone.\n\n"
        "labels= names files of one size, whose numbers go to a column label: what is to be predicted, unless a label "
        "statement names another. Files must agree in type and sizes, and each file of labels in number with the file "
        "it belongs to.\n\n"
        "A file that ends early gives the records that are whole; the first that is not goes to the quarantine, with "
        "how many are missing. So does what follows the last record, and the first record without a label. A header "
        "that cannot be right (unknown type, size 0, little-endian, nothing behind it) is refused.",
    .kind = SL_SOURCE,
    .version = 1,
    .params = params,
    .params_size = sizeof(struct params),
    .defaults = &defaults,
    .examples = examples,
    .open = open_source,
};
