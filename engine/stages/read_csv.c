/* read_csv.c: the statements that open CSV and TSV files. The reading itself is engine/data/csv*.c.
 *
 * `read tsv` is `read csv` with another default, so that both share their parameters, their checks and their text. */
#include "engine/stages/source.h"

#include <stdlib.h>

struct params {
    struct sl_names files;
    int as;
    char *delimiter;
    char *quote; /* NULL: none */
    int header;
    int encoding;
    struct sl_names na;
    bool keep_default_na;
    struct sl_names text;
    struct sl_names names;
    char *comment; /* NULL: none */
    int64_t skip;
    int64_t max_record;
    int64_t max_columns;
    bool ragged;
};

enum { HEADER_AUTO, HEADER_TRUE, HEADER_FALSE };

static const struct params csv_defaults = {
    .delimiter = "auto",
    .quote = "auto",
    .keep_default_na = true,
    .max_record = 16 << 20,
    .max_columns = 16384,
};

static const struct params tsv_defaults = {
    .delimiter = "tab",
    .quote = "auto",
    .keep_default_na = true,
    .max_record = 16 << 20,
    .max_columns = 16384,
};

static const char *const headers[] = { "auto", "true", "false", NULL };
/* In the order of enum sl_encoding. */
static const char *const encodings[] = { "auto", "utf8", "latin1", "utf16le", "utf16be", NULL };

static const struct sl_param params[] = {
    SL_NAMES(struct params, files, .positional = true, .required = true,
             .help = "files to read, one after the other; .gz and .zst are unpacked, - is standard input"),
    SL_SOURCE_AS(struct params, as),
    SL_STRING(struct params, delimiter, .none_ok = true,
              .help =
                  "what stands between fields: auto, comma, tab, semicolon, bar, blank, or one character; none: lines "
                  "are not divided"),
    SL_STRING(struct params, quote, .none_ok = true,
              .help = "what stands around fields that hold delimiters: auto, or one character; none: quotes are text"),
    SL_CHOICE(struct params, header, .choices = headers, .help = "does the first record name the columns?"),
    SL_CHOICE(struct params, encoding, .choices = encodings,
              .help = "how characters are written; latin1 is Windows-1252"),
    SL_NAMES(struct params, na, .help = "more spellings of a missing value, for example ?,-999"),
    SL_BOOL(struct params, keep_default_na,
            .help = "the usual ones (empty, NA, null, nan, None, ...) are missing, too"),
    SL_NAMES(struct params, text, .help = "columns to read as text although they look like numbers"),
    SL_NAMES(struct params, names, .help = "names for the columns, instead of the header's or col1, col2, ..."),
    SL_STRING(struct params, comment, .none_ok = true, .help = "lines that begin with this are passed over"),
    SL_INT(struct params, skip, .min = 0, .max = 1e12, .unit = "lines", .help = "pass over this many at the top"),
    SL_INT(struct params, max_record, .min = 1, .max = 1099511627776.0, .unit = "bytes",
           .help = "longer records are quarantined"),
    SL_INT(struct params, max_columns, .min = 1, .max = 1e9, .unit = "columns", .help = "refuse files with more"),
    SL_BOOL(struct params, ragged, .help = "fill up records that are too short with missing values"),
    { 0 },
};

static const struct sl_example csv_examples[] = {
    { "read csv reviews.csv", .in = "text,stars\n\"Good, very good\",5\n\"the \"\"best\"\"\",\n",
      .out = "text,stars\n\"Good, very good\",5\n\"the \"\"best\"\"\",\n",
      .note = "an empty field is a missing value" },
    { "read csv prices.csv", .in = "item;price\ntea;2.5\nmilk;1\n", .out = "item,price\ntea,2.5\nmilk,1\n",
      .note = "the delimiter is found" },
    { "read csv adult.data names=age,work na=?", .in = "39,State\n50,?\n", .out = "age,work\n39,State\n50,\n",
      .note = "without a header" },
    { "read csv codes.csv text=code", .in = "code,n\n70,1\n71,2\n", .out = "code,n\n70,1\n71,2\n",
      .note = "codes stay as they are written" },
    { "read csv short.csv ragged=true", .in = "a,b,c\n1,2,3\n4,5\n", .out = "a,b,c\n1,2,3\n4,5,\n",
      .note = "short records are filled up" },
    { 0 },
};

static const struct sl_example tsv_examples[] = {
    { "read tsv messages.tsv names=label,text", .in = "ham\tsee you, \"soon\"\nspam\t\"WIN now\n",
      .out = "label,text\nham,\"see you, \"\"soon\"\"\"\nspam,\"\"\"WIN now\"\n",
      .note = "a quote that is never closed shows that quotes are text" },
    { 0 },
};

static int refuse_byte(const char *name, const char *value, const char *words, struct sl_error *err)
{
    sl_fail(err, SL_EPARAM, "%s=\"%.40s\" is not one ASCII character", name, value);
    sl_fix(err, "give one character, or %s", words);
    if (err) {
        memcpy(err->param, name, strlen(name) + 1);
    }
    return SL_EPARAM;
}

/* A word for a character, or the character itself; 0 when it is neither. */
static int read_byte(const char *value)
{
    static const struct {
        const char *word;
        char byte;
    } words[] = {
        { "comma", ',' }, { "tab", '\t' },  { "\\t", '\t' },  { "semicolon", ';' }, { "bar", '|' },
        { "pipe", '|' },  { "blank", ' ' }, { "space", ' ' }, { "colon", ':' },
    };
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        if (strcmp(value, words[i].word) == 0) {
            return words[i].byte;
        }
    }
    return value[0] && !value[1] && (unsigned char)value[0] < 0x80 ? value[0] : 0;
}

static int set_bytes(const struct params *p, struct sl_csv_options *options, struct sl_error *err)
{
    options->delimiter = !p->delimiter ? -1 : strcmp(p->delimiter, "auto") == 0 ? 0 : read_byte(p->delimiter);
    if (options->delimiter == 0 && strcmp(p->delimiter, "auto") != 0) {
        return refuse_byte("delimiter", p->delimiter, "auto, comma, tab, semicolon, bar, blank or none", err);
    }
    options->quote = !p->quote ? -1 : strcmp(p->quote, "auto") == 0 ? 0 : read_byte(p->quote);
    if (options->quote == 0 && strcmp(p->quote, "auto") != 0) {
        return refuse_byte("quote", p->quote, "auto or none", err);
    }
    return SL_OK;
}

/* NULL-terminated lists for the reader, in one allocation: na, text, names. */
static const char **make_lists(const struct params *p, struct sl_csv_options *options)
{
    size_t n_default = 0;
    while (p->keep_default_na && sl_csv_na_default[n_default]) {
        n_default++;
    }
    const char **lists = calloc(n_default + p->na.n + p->text.n + p->names.n + 3, sizeof *lists), **to = lists;
    if (!lists) {
        return NULL;
    }
    options->na = to;
    for (size_t i = 0; i < n_default; i++) {
        *to++ = sl_csv_na_default[i];
    }
    for (size_t i = 0; i < p->na.n; i++) {
        *to++ = p->na.name[i];
    }
    options->text = ++to;
    for (size_t i = 0; i < p->text.n; i++) {
        *to++ = p->text.name[i];
    }
    options->names = p->names.n ? to + 1 : NULL;
    to++;
    for (size_t i = 0; i < p->names.n; i++) {
        *to++ = p->names.name[i];
    }
    return lists;
}

static int open_source(const struct sl_stage *stage, const char *base, struct sl_reader **out, struct sl_error *err)
{
    const struct params *p = stage->params;
    struct sl_csv_options options = {
        .header = p->header == HEADER_AUTO ? -1 : p->header == HEADER_TRUE,
        .encoding = (enum sl_encoding)p->encoding,
        .comment = p->comment,
        .skip = p->skip,
        .max_record = (uint64_t)p->max_record,
        .max_columns = (uint64_t)p->max_columns,
        .ragged = p->ragged,
    };
    int status = set_bytes(p, &options, err);
    if (status) {
        return status;
    }
    const char **lists = make_lists(p, &options);
    if (!lists) {
        return sl_fail_memory(err, "opening files");
    }
    status = sl_csv_open(out, base, (const char *const *)p->files.name, p->files.n, &options, err);
    free(lists);
    return status;
}

#define DETAILS                                                                                                       \
    "What is not given is found out from the beginning of the first file: its encoding, the delimiter (comma, tab, "  \
    "semicolon or bar), whether quotes are quotes, whether there is a header, and which columns hold numbers. A "     \
    "field in quotes may hold delimiters, line ends and doubled quotes; a quote elsewhere is text. Lines end in LF, " \
    "CR LF or CR. Lines of nothing but blanks are passed over.\n\n"                                                   \
    "A column is a number when all its values there are numbers that lose nothing: whole ones above 2^53 and those "  \
    "with leading zeros make it text. In number columns a blank field is missing, in all columns what na= lists.\n\n" \
    "A record goes to the quarantine with its place and the reason when it has too many or too few fields, a quote "  \
    "that is never closed or text behind a closing one, a NUL, a byte that is not UTF-8, text in a number column, "   \
    "or more than max_record bytes. After a quote that is never closed, reading goes on with the next line."

const struct sl_stage_class sl_stage_read_csv = {
    .name = "read csv",
    .summary = "read records from CSV files",
    .details = DETAILS,
    .kind = SL_SOURCE,
    .version = 1,
    .params = params,
    .params_size = sizeof(struct params),
    .defaults = &csv_defaults,
    .examples = csv_examples,
    .open = open_source,
};

const struct sl_stage_class sl_stage_read_tsv = {
    .name = "read tsv",
    .summary = "read records from files of tab-separated values",
    .details = "As read csv, with tabs between the fields.\n\n" DETAILS,
    .kind = SL_SOURCE,
    .version = 1,
    .params = params,
    .params_size = sizeof(struct params),
    .defaults = &tsv_defaults,
    .examples = tsv_examples,
    .open = open_source,
};
