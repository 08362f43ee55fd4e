/* csv_detect.c: encoding, delimiter and quoting of a file, from its beginning.
 *
 * Every delimiter is tried on the first records; the one that gives most of them the same number of fields is it.
 * Quotes are believed unless they do not work out while the text without quoting is perfectly regular: so it is with
 * tab-separated messages in which a quote is just a quote. What cannot be told apart from the beginning of a file is
 * left to the caller's options. Not recognised: quotes other than ", blanks as delimiters, several delimiters. */
#include "engine/data/csv.h"

#include <stdlib.h>

enum { RECORDS = 1000 };

static const char delimiters[] = { ',', '\t', ';', '|' };

/* What a dialect makes of the sample. */
struct trial {
    size_t records;
    size_t first;  /* fields of the first record */
    size_t usual;  /* number of fields that most records have, */
    size_t agree;  /* and how many do */
    size_t quoted; /* well-formed quoted fields */
    size_t broken; /* quotes that do not work out */
};

enum sl_encoding sl_csv_encoding(const char *p, size_t n, enum sl_encoding asked, size_t *bom)
{
    enum sl_encoding guess = sl_encoding_guess(p, n, bom);
    if (asked != SL_ENCODING_AUTO) {
        *bom = guess == asked ? *bom : 0;
        return asked;
    }
    if (guess != SL_LATIN1) {
        return guess;
    }
    /* Much that is valid beside a little that is not: damaged UTF-8, whose bad records should be known as such. */
    size_t valid = 0, invalid = 0, length;
    for (size_t i = 0; i < n; i += length) {
        bool high = (unsigned char)p[i] >= 0x80;
        bool good = sl_utf8_decode(p + i, n - i, &length) != 0xfffd || length == 3;
        valid += high && good;
        invalid += high && !good;
    }
    return valid >= 4 * invalid ? SL_UTF8 : SL_LATIN1;
}

static int by_size(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return (x > y) - (x < y);
}

/* The commonest of n counts; among equals the first record's, else the largest. */
static void find_usual(uint32_t *counts, struct trial *trial)
{
    size_t n = trial->records;
    qsort(counts, n, sizeof *counts, by_size);
    for (size_t i = 0, run; i < n; i += run) {
        for (run = 1; i + run < n && counts[i + run] == counts[i]; run++) {}
        if (run > trial->agree || (run == trial->agree && trial->usual != trial->first)) {
            trial->agree = run;
            trial->usual = counts[i];
        }
    }
}

/* Start of the line after the one with byte `at`. */
static size_t next_line(const struct sl_csv_sample *sample, const struct sl_csv_dialect *dialect, size_t at)
{
    struct sl_csv_scan scan;
    sl_csv_scan_init(&scan, dialect, sample->p, sample->n, at, 0);
    at = sl_csv_find(&scan, SL_CSV_END, at);
    return at + (at < sample->n);
}

bool sl_csv_sample_record(const struct sl_csv_sample *sample, const struct sl_csv_dialect *dialect,
                          struct sl_csv_scan *scan, size_t *at, struct sl_csv_field *fields, size_t room,
                          struct sl_csv_record *record)
{
    if (!sl_csv_split(scan, dialect, *at, fields, room, record)) {
        return false;
    }
    if (record->next == sample->n && !sample->whole) {
        return false;
    }
    *at = record->next;
    if (record->open != SIZE_MAX) {
        *at = next_line(sample, dialect, record->open);
        sl_csv_scan_init(scan, dialect, sample->p, sample->n, *at, 0);
    }
    return true;
}

static void try_dialect(const struct sl_csv_sample *sample, const struct sl_csv_dialect *dialect, uint32_t *counts,
                        struct trial *trial)
{
    struct sl_csv_scan scan;
    struct sl_csv_record record = { .open = SIZE_MAX, .after = SIZE_MAX };
    size_t at = 0;
    *trial = (struct trial){ 0 };
    sl_csv_scan_init(&scan, dialect, sample->p, sample->n, 0, 0);
    while (trial->records < RECORDS && sl_csv_sample_record(sample, dialect, &scan, &at, NULL, 0, &record)) {
        if (trial->records == 0) {
            trial->first = record.n;
        }
        trial->quoted += record.quoted;
        if (record.open != SIZE_MAX || record.after != SIZE_MAX) {
            trial->broken++;
        }
        counts[trial->records++] = record.n < UINT32_MAX ? (uint32_t)record.n : UINT32_MAX;
    }
    if (trial->records < RECORDS && !sample->whole && record.open != SIZE_MAX) {
        trial->broken++; /* a quote that is open to the end of the sample */
    }
    find_usual(counts, trial);
}

/* Are quotes just text? Where fields are separated by tabs, one that does not work out is enough to say so. In a table
 * with another delimiter it is more likely an accident: it takes several, and few that work out. */
static bool quotes_are_text(const struct trial *with, const struct trial *without, int delimiter)
{
    bool regular = without->records > 1 && without->agree == without->records && (without->usual > 1 || delimiter < 0);
    if (delimiter == '\t') {
        return regular && with->broken;
    }
    return regular && with->broken > with->quoted && with->broken >= (delimiter < 0 ? 1 : 3);
}

/* Try one delimiter, settling the quoting under it. */
static void try_delimiter(const struct sl_csv_sample *sample, struct sl_csv_dialect *dialect, uint32_t *counts,
                          struct trial *trial)
{
    bool free_quote = dialect->quote == 0;
    if (free_quote) {
        dialect->quote = '"';
    }
    try_dialect(sample, dialect, counts, trial);
    if (free_quote && trial->broken) {
        struct sl_csv_dialect plain = *dialect;
        struct trial without;
        plain.quote = -1;
        try_dialect(sample, &plain, counts, &without);
        if (quotes_are_text(trial, &without, dialect->delimiter)) {
            *dialect = plain;
            *trial = without;
        }
    }
}

static bool ends_in(const char *path, const char *end)
{
    size_t n = strlen(path), m = strlen(end);
    return n >= m && memcmp(path + n - m, end, m) == 0;
}

static bool named_tsv(const char *path)
{
    return ends_in(path, ".tsv") || ends_in(path, ".tab") || ends_in(path, ".tsv.gz") || ends_in(path, ".tsv.zst");
}

/* Does the trial show that the delimiter is one? Half of the records agreeing will do; fewer when the first, most often
 * the header, is among them. */
static bool convincing(const struct trial *trial)
{
    return trial->usual > 1 &&
           (2 * trial->agree >= trial->records || (4 * trial->agree >= trial->records && trial->first == trial->usual));
}

static bool better(const struct trial *a, const struct trial *b)
{
    size_t left = a->agree * b->records, right = b->agree * a->records;
    return left != right ? left > right : a->usual > b->usual;
}

int sl_csv_detect(const struct sl_csv_sample *sample, const char *path, struct sl_csv_dialect *dialect, size_t *columns,
                  struct sl_error *err)
{
    uint32_t *counts = calloc(RECORDS, sizeof *counts);
    if (!counts) {
        return sl_fail_memory(err, "looking at the beginning of a file");
    }
    struct trial best = { 0 };
    if (dialect->delimiter == 0) {
        struct sl_csv_dialect found = *dialect;
        found.delimiter = -1;
        for (size_t i = 0; i < sizeof delimiters; i++) {
            struct sl_csv_dialect candidate = *dialect;
            struct trial trial;
            candidate.delimiter = delimiters[i];
            try_delimiter(sample, &candidate, counts, &trial);
            bool named = delimiters[i] == '\t' && named_tsv(path);
            if (convincing(&trial) && (best.records == 0 || named || better(&trial, &best))) {
                best = trial;
                found = candidate;
                if (named) {
                    break;
                }
            }
        }
        *dialect = found;
    }
    if (best.records == 0) {
        try_delimiter(sample, dialect, counts, &best);
    }
    *columns = best.records ? best.usual : 0;
    free(counts);
    return SL_OK;
}
