/* export.c: `export FILE`: the records as the stages leave them, and other things, as files.
 *
 * The record stages before the first encoder run over the whole input, on all cores; each chunk is formatted by the
 * thread that made it and written in input order, so no more than a few chunks are ever in memory. `label` stays, since
 * stages know by it which column not to touch; `split` and what learns do not. */
#include "live.h"
#include "output.h"

#include <math.h>
#include <stdlib.h>

struct exporting {
    struct output output;
    struct sl_buf *text; /* one a worker */
};

static void put_header(const struct sl_schema *schema, struct sl_buf *out)
{
    for (size_t c = 0; c < schema->n; c++) {
        if (c)
            sl_buf_putc(out, ',');
        csv_put_text(out, sl_str(schema->fields[c].name));
    }
    sl_buf_putc(out, '\n');
}

static int write_chunk(void *ctx, const struct sl_chunk *chunk, const uint8_t *role, int worker, struct sl_error *err)
{
    struct exporting *e = ctx;
    struct sl_buf *text = &e->text[worker];
    size_t columns = chunk->schema->n;
    (void)role;
    text->n = 0;
    if (chunk->sequence == 0)
        put_header(chunk->schema, text);
    for (uint32_t i = 0; i < chunk->n; i++) {
        size_t before = text->n;
        for (size_t c = 0; c < columns; c++) {
            if (c)
                sl_buf_putc(text, ',');
            csv_put_cell(text, chunk, c, i);
        }
        if (text->n == before) /* a line with nothing on it would be no record */
            sl_buf_add(text, "\"\"", 2);
        sl_buf_putc(text, '\n');
    }
    return output_put(&e->output, chunk->sequence, text, err);
}

/* The statements whose work is exported; text of those kept goes to `recipe`. */
static size_t choose(const struct recipe *now, bool source_only, struct sl_statement *out, struct sl_buf *recipe)
{
    bool open = true;
    size_t n = 0;
    for (size_t i = 0; i < now->n; i++) {
        enum sl_stage_kind kind = now->at[i].class->kind;
        if (now->at[i].off)
            continue;
        open = open && kind != SL_ENCODER && kind != SL_LEARNER;
        bool wanted = kind == SL_SOURCE || (!source_only && (kind == SL_TARGET || (kind == SL_RECORD && open)));
        if (!wanted)
            continue;
        out[n] = now->at[i];
        out[n++].line = (uint32_t)i + 1;
        sl_buf_puts(recipe, now->at[i].text);
        sl_buf_putc(recipe, '\n');
    }
    return n;
}

struct pass {
    struct sl_pool *pool;
    struct sl_pipeline *pipeline;
    struct sl_progress *progress;
    struct sl_run *run;
    struct sl_buf recipe;
};

static int pass_begin(struct sl_session *session, bool source_only, struct pass *pass, struct sl_error *err)
{
    const struct recipe *now = history_now(&session->history);
    struct sl_pipeline_options options = { .base = session->base };
    struct sl_statement *statements = calloc(now->n + 1, sizeof *statements);
    *pass = (struct pass){ .progress = calloc(1, sizeof *pass->progress) };
    if (!statements || !pass->progress) {
        free(statements);
        return sl_fail_memory(err, "an export");
    }
    size_t n = choose(now, source_only, statements, &pass->recipe);
    int status = sl_pipeline_new(&pass->pipeline, statements, n, &options, err);
    free(statements);
    return status ? status : sl_pool_new(&pass->pool, session->options.threads, err);
}

struct running {
    struct pass *pass;
    const struct sl_run_options *options;
};

static int run_pass(void *ctx, struct sl_error *err)
{
    struct running *running = ctx;
    return sl_pipeline_run(&running->pass->run, running->pass->pipeline, running->options, err);
}

static int pass_run(struct sl_session *session, struct pass *pass, struct exporting *e, struct sl_error *err)
{
    struct sl_run_options options = { .pool = pass->pool,
                                      .memory = session->options.memory,
                                      .progress = pass->progress,
                                      .sink = e ? write_chunk : NULL,
                                      .ctx = e };
    const struct sl_progress *before = session->progress;
    if (!session->job)
        session->progress = pass->progress;
    struct running running = { .pass = pass, .options = &options };
    int status = session_busy(session, pass->progress, run_pass, &running, err);
    session->progress = before;
    return status;
}

static void pass_end(struct pass *pass)
{
    sl_run_free(pass->run);
    sl_pool_free(pass->pool);
    sl_pipeline_free(pass->pipeline);
    sl_buf_release(&pass->recipe);
    free(pass->progress);
}

static int open_text(struct exporting *e, struct pass *pass, const char *path, struct sl_error *err)
{
    int threads = sl_pool_threads(pass->pool);
    e->text = calloc((size_t)threads, sizeof *e->text);
    return e->text ? output_open(&e->output, path, threads, err) : sl_fail_memory(err, "an export");
}

int export_data(struct sl_session *session, const char *path, struct sl_buf *reply, struct sl_error *err)
{
    struct exporting e = { .output = { .fd = -1 } };
    struct pass pass;
    int status = pass_begin(session, false, &pass, err);
    bool opened = false;
    if (!status)
        opened = !(status = open_text(&e, &pass, path, err));
    if (!status)
        status = pass_run(session, &pass, &e, err);
    if (opened)
        status = output_close(&e.output, status, err);
    if (!status) {
        const struct sl_run_result *r = sl_run_result(pass.run);
        sl_buf_printf(reply, "%llu records written to %s (%llu quarantined, %llu dropped)\n",
                      (unsigned long long)r->kept, path, (unsigned long long)r->quarantined,
                      (unsigned long long)r->dropped);
        if (!session->job) {
            figures_from_progress(session, pass.progress, pass.recipe.p);
            session_views(session);
        }
    }
    for (int i = 0; e.text && i < sl_pool_threads(pass.pool); i++)
        sl_buf_release(&e.text[i]);
    free(e.text);
    pass_end(&pass);
    return status;
}

static void put_reject(const struct sl_reject *reject, const struct sl_reader *reader, struct sl_buf *out)
{
    const struct sl_origin *at = &reject->origin;
    sl_buf_printf(out, "%llu,", (unsigned long long)at->record);
    csv_put_text(out, sl_str(at->file < reader->n_paths ? reader->paths[at->file] : ""));
    sl_buf_printf(out, ",%llu,%llu,", (unsigned long long)at->line, (unsigned long long)at->byte);
    csv_put_text(out, sl_str(reject->reason));
    sl_buf_putc(out, ',');
    csv_put_text(out, sl_str(reject->excerpt));
    sl_buf_putc(out, '\n');
}

int export_quarantine(struct sl_session *session, const char *path, struct sl_buf *reply, struct sl_error *err)
{
    struct output output;
    struct sl_buf text = { 0 };
    struct pass pass;
    int status = pass_begin(session, true, &pass, err);
    if (!status)
        status = pass_run(session, &pass, NULL, err);
    if (!status) {
        const struct sl_quarantine *rejects = sl_run_result(pass.run)->quarantine;
        sl_buf_puts(&text, "record,file,line,byte,reason,excerpt\n");
        for (size_t i = 0; i < rejects->n; i++)
            put_reject(&rejects->entries[i], sl_pipeline_reader(pass.pipeline), &text);
        status = output_open(&output, path, 1, err);
        if (!status)
            status = output_close(&output, output_put(&output, 0, &text, err), err);
        if (!status)
            sl_buf_printf(reply, "%llu rejected records written to %s\n", (unsigned long long)rejects->total, path);
    }
    sl_buf_release(&text);
    pass_end(&pass);
    return status;
}
