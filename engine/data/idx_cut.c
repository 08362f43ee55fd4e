/* idx_cut.c: bytes of IDX files to blocks of whole records, and what is no whole record.
 *
 * Records have one length, so a block is so many of them: what fits into block_bytes, at least one. Its data are the
 * records as they stand in the file, read (or unpacked) to where they stay, and behind them the labels. Three things
 * can be wrong behind the header, and each is one record in the quarantine, a block of its own:
 *
 *   the file ends before the announced number of records: the first that is not whole; the others were never there
 *   the labels do: the first record without a label; what follows it is left out, since it has none either
 *   something follows the last record, or the last label
 *
 * A block of the last kind has its mark at the end of the data, or one byte behind for the labels. */
#include "engine/data/idx_private.h"

#include <inttypes.h>

enum { AT_ONCE = 4 << 20, EXCERPT = 16, COUNTED_MOST = 1 << 20 };

static void note_consumed(struct sl_idx *idx)
{
    uint64_t consumed = idx->data ? sl_input_consumed(idx->data) : 0;
    consumed += idx->labels ? sl_input_consumed(idx->labels) : 0;
    for (uint32_t k = 0; k < idx->here.file; k++) {
        consumed += idx->files[k].size + (idx->labelled ? idx->files[idx->n_data + k].size : 0);
    }
    idx->base.consumed = consumed;
}

static uint64_t place_of(const struct sl_idx *idx, uint64_t index)
{
    const struct sl_idx_header *h = sl_idx_data(idx, idx->here.file);
    return h->start + index * h->record;
}

/* Stand before record `index` of the file. */
static void stand(struct sl_idx *idx, uint64_t index)
{
    idx->index = index;
    idx->here.line = index + 1;
    idx->here.byte = place_of(idx, index);
}

static void close_files(struct sl_idx *idx)
{
    sl_input_close(idx->data);
    sl_input_close(idx->labels);
    idx->data = idx->labels = NULL;
}

static int enter(struct sl_idx *idx, uint32_t file, struct sl_error *err)
{
    close_files(idx);
    idx->here.file = file;
    idx->rest = SL_IDX_NONE;
    idx->checked = 0;
    int status = sl_idx_open_one(idx, file, &idx->data, err);
    if (!status && idx->labelled) {
        status = sl_idx_open_one(idx, idx->n_data + file, &idx->labels, err);
    }
    if (status) {
        close_files(idx);
        return status;
    }
    stand(idx, 0);
    return SL_OK;
}

/* Append n bytes, or as many as there are, also before a failure (which the next read tells of again). What a header
 * claims is not believed: large records get memory as their bytes come. */
static int read_into(struct sl_input *input, struct sl_buf *to, uint64_t n, uint64_t *got, struct sl_error *err)
{
    size_t more = 1;
    int status = SL_OK;
    *got = 0;
    while (!status && more && *got < n) {
        uint64_t want = n - *got, most = *got > AT_ONCE ? *got : AT_ONCE;
        want = want < most ? want : most;
        if (!sl_buf_reserve(to, (size_t)want)) {
            return sl_fail_memory(err, "reading records");
        }
        status = sl_input_read(input, to->p + to->n, (size_t)want, &more, err);
        to->n += more;
        *got += more;
    }
    return status;
}

/* A block of one record that is none. */
static int give_reject(struct sl_idx *idx, struct sl_block *block, uint32_t flags, struct sl_error *err)
{
    block->mark = idx->here;
    block->records = 1;
    block->flags = flags;
    idx->here.sequence++;
    idx->here.record++;
    return block->data.failed ? sl_fail_memory(err, "reading records") : SL_OK;
}

static int give_cut(struct sl_idx *idx, struct sl_block *block, struct sl_error *err)
{
    bool labels = idx->rest == SL_IDX_LABELS_CUT;
    const struct sl_idx_header *h = labels ? sl_idx_labels(idx, idx->here.file) : sl_idx_data(idx, idx->here.file);
    uint64_t count = h->sizes[0], missing = count - idx->index - 1;
    block->data.n = 0;
    sl_buf_printf(&block->data,
                  "the file of %s ends %" PRIu64 " bytes into this record, which has %" PRIu64 "; its header announces "
                  "%" PRIu64 " records, so %" PRIu64 " more are missing\n",
                  labels ? "labels" : "data", idx->part, h->record, count, missing);
    int status = give_reject(idx, block, SL_IDX_BAD | (labels ? SL_IDX_BAD_LABELS : 0), err);
    idx->rest = SL_IDX_NONE;
    idx->index = count;
    idx->checked = 2;
    return status;
}

static void add_hex(struct sl_buf *to, const unsigned char *p, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        sl_buf_printf(to, "%s%02x", i ? " " : "", p[i]);
    }
}

/* What follows the last record of an input: *n bytes, of which the first few are kept. */
static int count_rest(struct sl_input *input, unsigned char first[EXCERPT], uint64_t *n, struct sl_error *err)
{
    unsigned char piece[4096];
    size_t got = 1;
    int status = SL_OK;
    *n = 0;
    while (!status && got && *n < COUNTED_MOST) {
        status = sl_input_read(input, piece, sizeof piece, &got, err);
        for (size_t i = 0; i < got && *n + i < EXCERPT; i++) {
            first[*n + i] = piece[i];
        }
        *n += got;
    }
    return status;
}

/* Behind the last record: is that the end of both files? A block when not; SL_EEND when it is. */
static int check_end(struct sl_idx *idx, struct sl_block *block, struct sl_error *err)
{
    while (idx->checked < (idx->labelled ? 2u : 1u)) {
        bool labels = idx->checked == 1;
        struct sl_input *input = labels ? idx->labels : idx->data;
        unsigned char first[EXCERPT];
        uint64_t n = 0;
        int status = count_rest(input, first, &n, err);
        if (status) {
            return status;
        }
        note_consumed(idx);
        idx->checked++;
        if (n == 0) {
            continue;
        }
        idx->here.byte = place_of(idx, idx->index) + labels;
        sl_buf_printf(&block->data, "%s%" PRIu64 " bytes follow the last of the %" PRIu64 " %s the header announces\n",
                      n >= COUNTED_MOST ? "at least " : "", n, idx->index, labels ? "labels" : "records");
        add_hex(&block->data, first, n < EXCERPT ? (size_t)n : EXCERPT);
        return give_reject(idx, block, SL_IDX_BAD | (labels ? SL_IDX_BAD_LABELS : 0), err);
    }
    return SL_EEND;
}

/* What an input had to say behind the last records that could be read. */
static int tell_failure(struct sl_idx *idx, struct sl_error *err)
{
    char byte;
    size_t got;
    int status = sl_input_read(idx->data, &byte, 1, &got, err);
    if (!status && idx->labelled) {
        status = sl_input_read(idx->labels, &byte, 1, &got, err);
    }
    return status ? status : sl_fail(err, SL_EIO, "'%.200s' cannot be read on", idx->base.paths[idx->here.file]);
}

/* Labels for the n records that are in the block; fewer of them leave fewer records. */
static int take_labels(struct sl_idx *idx, struct sl_block *block, uint32_t *n, struct sl_error *err)
{
    const struct sl_idx_header *h = sl_idx_data(idx, idx->here.file), *l = sl_idx_labels(idx, idx->here.file);
    uint64_t got = 0;
    int status = read_into(idx->labels, &block->data, *n * l->record, &got, err);
    uint32_t labelled = (uint32_t)(got / l->record);
    if (labelled < *n) {
        size_t whole = labelled * (size_t)l->record;
        memmove(block->data.p + labelled * h->record, block->data.p + *n * h->record, whole);
        block->data.n = labelled * (size_t)(h->record + l->record);
        idx->rest = status ? SL_IDX_FAILED : SL_IDX_LABELS_CUT;
        idx->part = got - whole;
        *n = labelled;
    }
    return labelled ? SL_OK : status;
}

/* The next records of this file, or SL_EEND when there are none left that are whole. */
static int take_records(struct sl_idx *idx, struct sl_block *block, struct sl_error *err)
{
    const struct sl_idx_header *h = sl_idx_data(idx, idx->here.file);
    uint64_t left = h->sizes[0] - idx->index, fit = idx->base.block_bytes / h->record, got = 0;
    fit = fit > SL_CHUNK_RECORDS ? SL_CHUNK_RECORDS : fit ? fit : 1;
    uint32_t want = (uint32_t)(left < fit ? left : fit);
    int status = read_into(idx->data, &block->data, want * h->record, &got, err);
    uint32_t n = (uint32_t)(got / h->record);
    if (status && n == 0) {
        return status;
    }
    block->data.n = n * (size_t)h->record;
    if (n < want) {
        idx->rest = status ? SL_IDX_FAILED : SL_IDX_CUT;
        idx->part = got - n * h->record;
    }
    status = n && idx->labelled ? take_labels(idx, block, &n, err) : SL_OK;
    note_consumed(idx);
    if (status || n == 0) {
        return status ? status : SL_EEND;
    }
    block->mark = idx->here;
    block->records = n;
    idx->here.sequence++;
    idx->here.record += n;
    stand(idx, idx->index + n);
    return SL_OK;
}

int sl_idx_next(struct sl_reader *reader, struct sl_block *block, struct sl_error *err)
{
    struct sl_idx *idx = (struct sl_idx *)reader;
    int status = SL_EEND;
    while (status == SL_EEND) {
        if (!idx->data) {
            status = enter(idx, idx->here.file, err);
            if (status) {
                return status;
            }
            status = SL_EEND;
        }
        if (idx->rest == SL_IDX_FAILED) {
            return tell_failure(idx, err);
        }
        if (idx->rest != SL_IDX_NONE) {
            return give_cut(idx, block, err);
        }
        if (idx->index < sl_idx_data(idx, idx->here.file)->sizes[0]) {
            status = take_records(idx, block, err);
            continue;
        }
        status = check_end(idx, block, err);
        if (status != SL_EEND) {
            return status;
        }
        if (idx->here.file + 1 == idx->n_data) {
            return SL_EEND;
        }
        int entered = enter(idx, idx->here.file + 1, err);
        if (entered) {
            return entered;
        }
    }
    return status;
}

int sl_idx_seek(struct sl_reader *reader, const struct sl_mark *mark, struct sl_error *err)
{
    struct sl_idx *idx = (struct sl_idx *)reader;
    if (mark->file >= idx->n_data) {
        return sl_fail(err, SL_EPARAM, "the mark is of file %u, which holds labels", (unsigned)mark->file + 1);
    }
    int status = SL_OK;
    if (!idx->data || mark->file != idx->here.file) {
        status = enter(idx, mark->file, err);
    }
    if (status) {
        return status;
    }
    const struct sl_idx_header *h = sl_idx_data(idx, mark->file);
    uint64_t end = place_of(idx, h->sizes[0]);
    bool behind = mark->byte > end;
    uint64_t index = behind ? h->sizes[0] : mark->byte < h->start ? 0 : (mark->byte - h->start) / h->record;
    status = sl_input_seek(idx->data, place_of(idx, index), err);
    if (!status && idx->labelled) {
        const struct sl_idx_header *l = sl_idx_labels(idx, mark->file);
        status = sl_input_seek(idx->labels, l->start + index * l->record, err);
    }
    idx->rest = SL_IDX_NONE;
    idx->checked = behind;
    idx->here = *mark;
    idx->index = index;
    note_consumed(idx);
    return status;
}
