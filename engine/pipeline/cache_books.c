/* cache_books.c: what a cache point keeps beside the chunks, as bytes: the books of the run that made them (counts,
 * quarantine, marks), what the stages before had learned, and behind the split the roles of the records. */
#include "cache_private.h"

#include <stdio.h>
#include <stdlib.h>

static void save_numbers(struct sl_buf *to, const uint64_t *p, uint64_t n)
{
    for (uint64_t i = 0; i < n; i++)
        sl_buf_u64(to, p[i]);
}

static void save_quarantine(struct sl_buf *to, const struct sl_quarantine *quarantine)
{
    sl_buf_u64(to, quarantine->total);
    sl_buf_u64(to, quarantine->n);
    for (size_t i = 0; i < quarantine->n; i++) {
        const struct sl_reject *reject = &quarantine->entries[i];
        sl_buf_u64(to, reject->origin.record);
        sl_buf_u64(to, reject->origin.line);
        sl_buf_u64(to, reject->origin.byte);
        sl_buf_u32(to, reject->origin.file);
        sl_buf_blob(to, reject->reason, strnlen(reject->reason, sizeof reject->reason));
        sl_buf_blob(to, reject->excerpt, strnlen(reject->excerpt, sizeof reject->excerpt));
    }
}

static void save_marks(struct sl_buf *to, const struct sl_kept *kept)
{
    sl_buf_u64(to, kept->n_marks);
    for (size_t i = 0; i < kept->n_marks; i++) {
        const struct sl_mark *mark = &kept->marks[i];
        sl_buf_u64(to, mark->sequence);
        sl_buf_u64(to, mark->record);
        sl_buf_u64(to, mark->line);
        sl_buf_u64(to, mark->byte);
        sl_buf_u32(to, mark->file);
        sl_buf_u64(to, kept->hashes[i]);
    }
}

void sl_kept_save(const struct sl_kept *kept, struct sl_buf *to)
{
    sl_buf_blob(to, kept->key.p, kept->key.n);
    sl_buf_u32(to, kept->late);
    sl_buf_u64(to, kept->records);
    save_quarantine(to, &kept->quarantine);
    save_marks(to, kept);
    sl_buf_u64(to, kept->n_counts);
    for (size_t i = 0; i < kept->n_counts; i++)
        save_numbers(to, kept->counts[i], KEPT_COUNTS);
    sl_buf_blob(to, kept->models.p, kept->models.n);
    if (!kept->late)
        return;
    sl_buf_u64(to, kept->n);
    sl_buf_u64(to, kept->n_train);
    sl_buf_u64(to, kept->n_test);
    sl_buf_u64(to, kept->n_validation);
    sl_buf_u32(to, kept->train != NULL);
    save_numbers(to, kept->record, kept->n);
    sl_buf_blob(to, kept->role, kept->n);
    if (kept->train) {
        save_numbers(to, kept->train, kept->n_train);
        save_numbers(to, kept->test, kept->n_test);
        save_numbers(to, kept->validation, kept->n_validation);
    }
}

/* ---- Reading: nothing is believed that the bytes left could not hold ---- */

static bool fits(struct sl_blob *from, uint64_t n, size_t least)
{
    if (from->failed || n > (uint64_t)(from->end - from->p) / least)
        from->failed = true;
    return !from->failed;
}

static uint64_t *load_numbers(struct sl_blob *from, uint64_t n)
{
    uint64_t *p = fits(from, n, 8) ? malloc((size_t)(n + 1) * sizeof *p) : NULL;
    if (!p)
        from->failed = true;
    for (uint64_t i = 0; p && i < n; i++)
        p[i] = sl_blob_u64(from);
    return p;
}

static void copy_text(struct sl_blob *from, char *to, size_t size)
{
    struct sl_str text = sl_blob_bytes(from);
    if (!from->failed)
        snprintf(to, size, "%.*s", (int)(text.n < size ? text.n : size - 1), text.p);
}

static void load_quarantine(struct sl_blob *from, struct sl_quarantine *quarantine)
{
    uint64_t total = sl_blob_u64(from), n = sl_blob_u64(from);
    if (!fits(from, n, 44) || n > total || n > SL_REJECTS_KEPT) {
        from->failed = true;
        return;
    }
    for (uint64_t i = 0; i < n && !from->failed; i++) {
        struct sl_reject reject = { 0 };
        reject.origin.record = sl_blob_u64(from);
        reject.origin.line = sl_blob_u64(from);
        reject.origin.byte = sl_blob_u64(from);
        reject.origin.file = sl_blob_u32(from);
        copy_text(from, reject.reason, sizeof reject.reason);
        copy_text(from, reject.excerpt, sizeof reject.excerpt);
        if (!from->failed && sl_quarantine_add(quarantine, &reject, NULL))
            from->failed = true;
    }
    quarantine->total = total;
}

static void load_marks(struct sl_blob *from, struct sl_kept *kept)
{
    uint64_t n = sl_blob_u64(from);
    if (!fits(from, n, 44))
        return;
    kept->marks = calloc((size_t)n + 1, sizeof *kept->marks);
    kept->hashes = calloc((size_t)n + 1, sizeof *kept->hashes);
    from->failed = !kept->marks || !kept->hashes;
    for (; kept->n_marks < n && !from->failed; kept->n_marks++) {
        struct sl_mark *mark = &kept->marks[kept->n_marks];
        mark->sequence = sl_blob_u64(from);
        mark->record = sl_blob_u64(from);
        mark->line = sl_blob_u64(from);
        mark->byte = sl_blob_u64(from);
        mark->file = sl_blob_u32(from);
        kept->hashes[kept->n_marks] = sl_blob_u64(from);
    }
}

static bool rising(const uint64_t *p, uint64_t n)
{
    for (uint64_t i = 1; i < n; i++)
        if (p[i] <= p[i - 1])
            return false;
    return true;
}

static void load_split(struct sl_blob *from, struct sl_kept *kept)
{
    kept->n = sl_blob_u64(from);
    kept->n_train = sl_blob_u64(from);
    kept->n_test = sl_blob_u64(from);
    kept->n_validation = sl_blob_u64(from);
    uint32_t split = sl_blob_u32(from);
    kept->record = load_numbers(from, kept->n);
    struct sl_str role = sl_blob_bytes(from);
    if (from->failed || role.n != kept->n || kept->n_train > kept->n || kept->n_test > kept->n - kept->n_train ||
        kept->n_validation > kept->n - kept->n_train - kept->n_test || split > 1 || !rising(kept->record, kept->n) ||
        !(kept->role = malloc(role.n + 1))) {
        from->failed = true;
        return;
    }
    memcpy(kept->role, role.n ? role.p : "", role.n);
    if (split) {
        kept->train = load_numbers(from, kept->n_train);
        kept->test = load_numbers(from, kept->n_test);
        kept->validation = load_numbers(from, kept->n_validation);
    }
}

int sl_kept_load(struct sl_kept *kept, struct sl_blob *from, struct sl_error *err)
{
    struct sl_str key = sl_blob_bytes(from);
    uint32_t late = sl_blob_u32(from);
    sl_buf_add(&kept->key, key.n ? key.p : "", key.n);
    kept->late = late == 1;
    kept->records = sl_blob_u64(from);
    load_quarantine(from, &kept->quarantine);
    if (!from->failed)
        load_marks(from, kept);
    uint64_t n = sl_blob_u64(from);
    from->failed |= n > SL_MAX_STAGES || late > 1;
    for (; kept->n_counts < n && !from->failed; kept->n_counts++)
        for (size_t k = 0; k < KEPT_COUNTS; k++)
            kept->counts[kept->n_counts][k] = sl_blob_u64(from);
    struct sl_str models = sl_blob_bytes(from);
    sl_buf_add(&kept->models, models.n ? models.p : "", models.n);
    if (late == 1 && !from->failed)
        load_split(from, kept);
    if (kept->key.failed || kept->models.failed)
        return sl_fail_memory(err, "reading a cache file");
    return from->failed ? sl_fail(err, SL_EFORMAT, "the books in it are damaged") : SL_OK;
}
