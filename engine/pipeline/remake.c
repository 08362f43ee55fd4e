/* remake.c: records made again from their numbers, so that what is large of them need not be kept.
 *
 * Pictures are what this is for: a decoded photo takes a hundred times the room of its file, and decoding it once more
 * costs less than writing it down. What was kept of a record (its number, label, numbers, texts) stays as it was; cells
 * of pictures and vectors come from its file again, through the same stages, and have the same bits. */
#include "cache_private.h"
#include "run_private.h"

bool sl_pipeline_remakes(const struct sl_pipeline *p)
{
    for (size_t i = 0; i < p->n; i++)
        if (sl_stage_is_cache(&p->stages[i]))
            return false;
    return sl_reader_rereads(p->reader);
}

static int refuse(uint64_t number, const struct sl_quarantine *rejects, struct sl_error *err)
{
    sl_fail(err, SL_EIO, "record %llu is not what it was when it was first read: %s", (unsigned long long)number,
            rejects->n ? rejects->entries[0].reason : "a stage drops it now");
    return sl_fix(err, "leave the files alone while they are learned from, and begin anew"), SL_EIO;
}

int sl_pipeline_remake(struct sl_pipeline *p, uint64_t number, size_t last, struct sl_scratch *scratch,
                       struct sl_arena *arena, struct sl_chunk *out, struct sl_error *err)
{
    struct sl_quarantine rejects = { 0 };
    struct sl_chunk chunk;
    int status = sl_reader_record(p->reader, number, arena, &chunk, &rejects, err);
    if (!status && chunk.n)
        status = sl_pipeline_apply(p, 0, last, scratch, &chunk, &chunk, err);
    if (!status && chunk.n != 1)
        status = refuse(number, &rejects, err);
    sl_quarantine_release(&rejects);
    *out = chunk;
    return status;
}

static bool is_large(const struct sl_field *field)
{
    return field->type == SL_IMAGE || field->type == SL_VECTOR;
}

bool sl_run_remakes(const struct sl_run *run)
{
    const struct sl_schema *schema = &run->actual[run->late - 1];
    bool large = false;
    for (size_t c = 0; c < schema->n; c++)
        large |= is_large(&schema->fields[c]);
    return large && run->stored && sl_pipeline_remakes(run->pipeline);
}

void sl_run_leave_out(struct sl_chunk *chunk)
{
    for (size_t c = 0; c < chunk->schema->n; c++)
        if (is_large(&chunk->schema->fields[c])) /* which cells are missing is known without them */
            chunk->columns[c] = (struct sl_column){ .valid = chunk->columns[c].valid };
}

/* Room for the cells of a column, of which the store knows only which there are. */
static int make_room(struct sl_chunk *chunk, size_t c, struct sl_error *err)
{
    const struct sl_field *field = &chunk->schema->fields[c];
    size_t cell = field->type == SL_IMAGE ? sizeof(struct sl_picture) : sl_vector_bytes(field);
    void *cells = sl_arena_zero(chunk->arena, (size_t)chunk->n + 1, cell);
    if (!cells)
        return sl_fail_memory(err, "records made again");
    if (field->type == SL_IMAGE)
        chunk->columns[c].picture = cells;
    else
        chunk->columns[c].bytes = cells;
    return SL_OK;
}

static void put_cell(struct sl_chunk *chunk, size_t c, uint32_t i, const struct sl_chunk *from)
{
    const struct sl_field *field = &chunk->schema->fields[c];
    size_t cell = sl_vector_bytes(field);
    if (field->type == SL_IMAGE)
        chunk->columns[c].picture[i] = from->columns[c].picture[0];
    else if (sl_valid(&from->columns[c], 0))
        memcpy(chunk->columns[c].bytes + i * cell, from->columns[c].bytes, cell);
}

int sl_run_put_back(struct sl_run *run, struct worker *w, struct sl_chunk *chunk, struct sl_error *err)
{
    int status = SL_OK;
    for (size_t c = 0; c < chunk->schema->n && !status; c++)
        status = is_large(&chunk->schema->fields[c]) ? make_room(chunk, c, err) : SL_OK;
    for (uint32_t i = 0; i < chunk->n && !status; i++) {
        struct sl_chunk one;
        status =
            sl_pipeline_remake(run->pipeline, chunk->origin[i].record, run->late, w->scratch, &w->arena, &one, err);
        for (size_t c = 0; c < chunk->schema->n && !status; c++)
            if (is_large(&chunk->schema->fields[c]))
                put_cell(chunk, c, i, &one);
    }
    return status;
}
