/* job_digest.c: the digests of a training, kept with it for `sluice verify`.
 *
 * What the data came to is written in the transaction that says they are prepared, what was learned in the one that
 * ends the training. A session without a file keeps none. */
#include "job.h"

#include "sluice/digest.h"

#include <stdio.h>
#include <stdlib.h>

int job_digests_begin(struct job *job, struct sl_run_options *options, struct sl_error *err)
{
    int status = job->book->path ? sl_digests_new(&job->digests, err) : SL_OK;
    options->digests = job->digests;
    return status;
}

void job_digest_weights(struct job *job)
{
    float *w = NULL;
    size_t n = 0;
    if (!job->digests)
        return;
    if (!job->class->copy_weights) {
        job->has_weights_digest =
            sl_digest_weights(job->learner, job->data->n_classes, job->data->train.width, &job->weights_digest);
        return;
    }
    job->has_weights_digest = job->class->copy_weights(job->learner, &w, &n, NULL) == SL_OK;
    if (job->has_weights_digest)
        job->weights_digest = sl_digest_bytes(w, n * sizeof *w);
    free(w);
}

/* --- rows of the table --- */

struct noting {
    struct book *book;
    sqlite3_stmt *insert;
    int64_t run;
    int code;
};

static int noting_begin(struct noting *n, struct job *job, struct sl_error *err)
{
    static const char sql[] = "INSERT OR REPLACE INTO digest VALUES(?,?,?,?,?)";
    *n = (struct noting){ .book = job->book, .run = job->run };
    n->code = sqlite3_prepare_v2(job->book->db, sql, -1, &n->insert, NULL);
    return n->code == SQLITE_OK ? SL_OK : book_fail(job->book, n->code, err);
}

static int noting_end(struct noting *n, struct sl_error *err)
{
    sqlite3_finalize(n->insert);
    return n->code == SQLITE_OK ? SL_OK : book_fail(n->book, n->code, err);
}

static void note_text(struct noting *n, const char *kind, uint64_t position, uint64_t record, const char *hash)
{
    if (n->code != SQLITE_OK)
        return;
    sqlite3_bind_int64(n->insert, 1, n->run);
    sqlite3_bind_text(n->insert, 2, kind, -1, SQLITE_STATIC);
    sqlite3_bind_int64(n->insert, 3, (int64_t)position);
    sqlite3_bind_int64(n->insert, 4, (int64_t)record);
    sqlite3_bind_text(n->insert, 5, hash, -1, SQLITE_STATIC);
    sqlite3_step(n->insert);
    n->code = sqlite3_reset(n->insert);
}

static void note(struct noting *n, const char *kind, uint64_t position, uint64_t record, uint64_t hash)
{
    char hex[20];
    snprintf(hex, sizeof hex, "%016llx", (unsigned long long)hash);
    note_text(n, kind, position, record, hex);
}

static void note_checks(struct noting *n, uint64_t position, const struct sl_block_digest *block)
{
    static const char digits[] = "0123456789abcdef";
    char hex[2 * SL_CHUNK_RECORDS + 1];
    uint32_t most = block->n_checks < SL_CHUNK_RECORDS ? block->n_checks : SL_CHUNK_RECORDS;
    for (uint32_t i = 0; i < most; i++) {
        hex[2 * i] = digits[block->checks[i] >> 4];
        hex[2 * i + 1] = digits[block->checks[i] & 15];
    }
    hex[2 * most] = '\0';
    note_text(n, "checks", position, block->good, hex);
}

/* Blocks, and where the files begin among them. */
static void note_blocks(struct noting *n, const struct sl_digests *d)
{
    for (size_t i = 0; i < d->n_blocks; i++) {
        const struct sl_block_digest *block = &d->blocks[i];
        if (i == 0 || block->mark.file != d->blocks[i - 1].mark.file)
            note(n, "file", block->mark.file, block->mark.record, i);
        note(n, "block", i, block->mark.record, block->hash);
        note_checks(n, i, block);
    }
}

int job_note_digests(struct job *job, struct sl_error *err)
{
    const struct sl_digests *d = job->digests;
    struct noting n;
    int status = d ? book_run(job->book, err, "DELETE FROM digest WHERE run = ?", "i", job->run) : SL_OK;
    if (!d || status)
        return status;
    status = noting_begin(&n, job, err);
    if (status)
        return status;
    note_blocks(&n, d);
    if (d->n_blocks)
        note(&n, "records", 0, job->counts->records, d->records);
    for (size_t i = 0; i < SL_MAX_STAGES; i++)
        if (d->known[i])
            note(&n, "stage", i + 1, job->progress.stages[i].out, d->stage[i]);
    note(&n, "split", 0, d->n_train, d->train);
    note(&n, "split", 1, d->n_test, d->test);
    note(&n, "rows", 0, d->n_train, d->train_rows);
    note(&n, "rows", 1, d->n_test, d->test_rows);
    return noting_end(&n, err);
}

int job_note_learnt(struct job *job, struct sl_error *err)
{
    uint64_t hash[SL_MAX_STAGES];
    bool has[SL_MAX_STAGES];
    struct noting n;
    if (!job->digests || !job->weights.n)
        return SL_OK;
    int status = noting_begin(&n, job, err);
    if (status)
        return status;
    if (sl_digest_models((struct sl_str){ job->stages.p, job->stages.n }, hash, has))
        for (size_t i = 0; i < SL_MAX_STAGES; i++)
            if (has[i])
                note(&n, "model", i + 1, 0, hash[i]);
    if (job->has_weights_digest)
        note(&n, "weights", 0, job->last.step, job->weights_digest);
    return noting_end(&n, err);
}
