/* verify_data.c: the source's columns, blocks and records against those kept. */
#include "verify_inner.h"

#include <stdio.h>
#include <stdlib.h>

/* --- only reading --- */

int verify_hash(struct verifying *v, struct sl_error *err)
{
    struct sl_pipeline_options options = { .base = v->run->base, .paths = v->paths };
    struct sl_pipeline *pipeline = NULL;
    struct sl_run *run = NULL;
    size_t source = 0, n = 0;
    while (source < v->n_statements && v->statements[source].class->kind != SL_SOURCE)
        source++;
    while (source + n < v->n_statements && v->statements[source + n].class->kind == SL_SOURCE)
        n++;
    if (source == v->n_statements)
        return sl_fail(err, SL_EFORMAT, "the recipe reads nothing");
    int status = sl_digests_new(&v->now, err);
    if (!status)
        status = sl_pipeline_new(&pipeline, &v->statements[source], n, &options, err);
    const struct sl_run_options how = {
        .pool = v->pool, .memory = v->options->memory, .progress = v->options->progress, .anew = true, .digests = v->now
    };
    if (!status)
        status = sl_pipeline_run(&run, pipeline, &how, err);
    v->found = run;
    v->pipeline = pipeline;
    return status;
}

/* --- columns --- */

static bool has_word(const char *text, const char *word)
{
    static const char rest[] = "_abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
    size_t n = strlen(word);
    for (const char *at = strstr(text, word); n && at; at = strstr(at + 1, word))
        if ((at == text || !strchr(rest, at[-1])) && (!at[n] || !strchr(rest, at[n])))
            return true;
    return false;
}

/* The stages that speak of a column that is gone or of another type. */
static void list_stages(const struct verifying *v, const struct sl_schema *now, struct sl_buf *out)
{
    bool any = false;
    for (size_t i = 0; i < v->n_statements; i++) {
        bool concerned = false;
        for (size_t c = 0; c < v->columns.n && v->statements[i].class->kind != SL_SOURCE; c++) {
            long at = sl_schema_find(now, sl_str(v->columns.fields[c].name));
            bool same = at >= 0 && now->fields[at].type == v->columns.fields[c].type;
            concerned = concerned || (!same && has_word(v->statements[i].text, v->columns.fields[c].name));
        }
        if (concerned)
            sl_buf_printf(out, "%s%zu \"%.80s\"", any ? ", " : "; that concerns stage ", i + 1, v->statements[i].text);
        any = any || concerned;
    }
}

int verify_columns(struct verifying *v, struct sl_error *err)
{
    const struct sl_schema *then = &v->columns, *now = &sl_pipeline_stage(v->pipeline, 0)->out;
    size_t same = 0, n = then->n;
    struct sl_buf first = { 0 };
    for (size_t c = 0; c < then->n; c++) {
        const struct sl_field *field = &then->fields[c];
        long at = sl_schema_find(now, sl_str(field->name));
        if (at >= 0 && now->fields[at].type == field->type) {
            same++;
            continue;
        }
        if (at < 0)
            sl_buf_printf(&first, "%s\"%s\" is gone", first.n ? "; " : "", field->name);
        else
            sl_buf_printf(&first, "%s\"%s\" was %s, is %s", first.n ? "; " : "", field->name, sl_type_name(field->type),
                          sl_type_name(now->fields[at].type));
    }
    for (size_t c = 0; c < now->n; c++)
        if (sl_schema_find(then, sl_str(now->fields[c].name)) < 0) {
            sl_buf_printf(&first, "%s\"%s\" (%s) is new", first.n ? "; " : "", now->fields[c].name,
                          sl_type_name(now->fields[c].type));
            n++;
        }
    struct sl_verify_row *row = verify_row(v, "columns", same, n, err);
    int status = first.failed || !row ? sl_fail_memory(err, "verifying") : SL_OK;
    if (!status && first.n)
        status = verify_first(row, err, "%s", first.p);
    if (!status && first.n) {
        list_stages(v, now, &first);
        status = first.failed ? sl_fail_memory(err, "verifying")
                              : verify_reason(v, SL_CAUSE_DATA, err, "the columns are others: %s", first.p);
    }
    sl_buf_release(&first);
    return status;
}

/* --- blocks and records --- */

static int put_reason(struct verifying *v, const struct parting *p, bool reordered, const char *place,
                      struct sl_error *err)
{
    if (reordered)
        return verify_reason(v, SL_CAUSE_ORDER, err, "the same %llu records come in another order: %s",
                             (unsigned long long)p->n_now, place);
    if (p->n_now != p->n_then)
        return verify_reason(v, SL_CAUSE_DATA, err, "%llu %s: %s",
                             (unsigned long long)(p->n_now > p->n_then ? p->n_now - p->n_then : p->n_then - p->n_now),
                             p->n_now > p->n_then ? "records more" : "records are gone", place);
    return verify_reason(v, SL_CAUSE_DATA, err, "%s", place);
}

static int put_records(struct verifying *v, const struct parting *p, bool same, struct sl_error *err)
{
    uint64_t most = p->n_then > p->n_now ? p->n_then : p->n_now, agree = 0;
    for (size_t i = 0; !same && i < v->now->n_blocks; i++)
        agree += parting_alike(v, i);
    /* What no check tells is still not the same. */
    agree = same ? most : agree == most && most ? most - 1 : agree;
    struct sl_verify_row *row = verify_row(v, "records", agree, most, err);
    char text[2][40];
    if (!row || agree == most || p->n_then == p->n_now)
        return row ? SL_OK : SL_ENOMEM;
    for (int i = 0; i < 2; i++)
        snprintf(text[i], sizeof text[i], "%llu records", (unsigned long long)(i ? p->n_now : p->n_then));
    return verify_values(row, text[0], text[1], err);
}

static int put_rows(struct verifying *v, const struct parting *p, bool same_records, const char *place,
                    struct sl_error *err)
{
    size_t then = kept_count(v, "block"), now = v->now->n_blocks, n = then > now ? then : now;
    const struct kept_digest *a = kept_find(v, "block", p->block);
    struct sl_verify_row *row = verify_row(v, "blocks of data", n - p->blocks, n, err);
    int status = row ? SL_OK : SL_ENOMEM;
    if (!status && place)
        status = verify_first(row, err, "%s", place);
    if (!status && place && a && p->block < now)
        status = verify_hashes(row, a->hash, v->now->blocks[p->block].hash, err);
    return status ? status : put_records(v, p, same_records, err);
}

int verify_fingerprint(struct verifying *v, bool alone, struct sl_error *err)
{
    uint64_t now = sl_run_result(v->found)->fingerprint;
    bool same = !v->run->has_fingerprint || v->run->fingerprint == now;
    struct sl_verify_row *row =
        verify_row(v, "fingerprint", v->run->has_fingerprint && same, v->run->has_fingerprint, err);
    if (!row)
        return SL_ENOMEM;
    if (!v->run->has_fingerprint)
        return verify_first(row, err, "the session does not know the data's fingerprint");
    int status = verify_hashes(row, v->run->fingerprint, now, err);
    return same || status || !alone
               ? status
               : verify_reason(
                     v, SL_CAUSE_DATA, err,
                     "the data are others; where cannot be told, for the session has no hashes of their blocks");
}

int verify_data(struct verifying *v, struct sl_error *err)
{
    const struct kept_digest *records = kept_find(v, "records", 0), *source = kept_find(v, "stage", 1);
    struct parting p = { 0 };
    struct sl_buf place = { 0 };
    if (!records || !kept_count(v, "block"))
        return v->out->executed ? verify_fingerprint(v, true, err) : SL_OK;
    bool columns = true;
    for (size_t i = 0; i < v->out->n_rows; i++)
        if (strcmp(v->out->rows[i].what, "columns") == 0)
            columns = v->out->rows[i].agree == v->out->rows[i].n;
    int status = parting_find(v, &p, columns, err);
    bool same = records->hash == v->now->records && records->record == p.n_now;
    bool order = p.blocks && same && source && columns && source->hash != v->now->stage[0];
    if (!status && p.blocks)
        parting_tell(v, &p, &place);
    if (!status && place.failed)
        status = sl_fail_memory(err, "verifying");
    if (!status)
        status = put_rows(v, &p, same, place.p, err);
    if (!status && p.blocks)
        status = put_reason(v, &p, order, place.p, err);
    sl_buf_release(&place);
    return status;
}
