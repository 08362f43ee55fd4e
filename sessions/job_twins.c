/* job_twins.c: pictures that are for testing or validation although training has the same file, byte for byte.
 *
 * Figures on such pictures look better than they are, so it is said where the other messages of a run are, and kept as
 * the event "duplicates": {"step", "across": how many there are, "pairs": the first of them with their record numbers
 * and roles}. Reading has hashed the files (images_same.c), so that it costs a sort of as many numbers as there are
 * records. Nothing is dropped: that is for the one whose pictures they are to decide. */
#include "job.h"

#include <stdio.h>
#include <stdlib.h>

enum { PAIRS = 16, NAME_SHOWN = 100 };

struct twins {
    struct sl_images_pair pairs[PAIRS];
    uint64_t total;
};

static const char *role_name(uint8_t role)
{
    static const char *const names[] = { [SL_TRAIN] = "train", [SL_TEST] = "test", [SL_VALIDATION] = "validation" };
    return names[role];
}

static bool reads_pictures(const struct sl_reader *reader)
{
    for (size_t c = 0; c < reader->schema.n; c++)
        if (reader->schema.fields[c].type == SL_IMAGE)
            return true;
    return false;
}

static size_t put_roles(uint64_t *record, uint8_t *role, size_t at, const uint64_t *list, uint64_t n, enum sl_role of)
{
    for (uint64_t i = 0; list && i < n; i++, at++) {
        record[at] = list[i];
        role[at] = (uint8_t)of;
    }
    return at;
}

static int find(const struct sl_reader *reader, const struct sl_run_result *r, struct twins *twins,
                struct sl_error *err)
{
    size_t n = (size_t)(r->n_train + r->n_test + r->n_validation), at = 0;
    uint64_t *record = malloc((n + 1) * sizeof *record);
    uint8_t *role = malloc(n + 1);
    int status = record && role ? SL_OK : sl_fail_memory(err, "comparing pictures");
    if (!status) {
        at = put_roles(record, role, at, r->train_records, r->n_train, SL_TRAIN);
        at = put_roles(record, role, at, r->test_records, r->n_test, SL_TEST);
        at = put_roles(record, role, at, r->validation_records, r->n_validation, SL_VALIDATION);
        status = sl_images_duplicates(reader, record, role, at, twins->pairs, PAIRS, &twins->total, err);
    }
    free(record);
    free(role);
    return status;
}

/* Of a long name its end, which tells more; what would disturb a screen becomes "?". */
static void put_name(struct sl_str name, struct sl_buf *out)
{
    size_t from = name.n > NAME_SHOWN ? name.n - NAME_SHOWN : 0;
    while (from < name.n && from && ((unsigned char)name.p[from] & 0xc0) == 0x80)
        from++;
    if (from)
        sl_buf_puts(out, "…");
    for (size_t i = from; i < name.n; i++)
        sl_buf_putc(out, (unsigned char)name.p[i] < ' ' || name.p[i] == 0x7f ? '?' : name.p[i]);
}

/* Append "'cats/1.jpg', record 7 (test)"; without the name when the picture is not there any more. */
static void put_picture(const struct sl_reader *reader, uint64_t number, uint8_t role, struct sl_buf *out)
{
    struct sl_arena arena;
    struct sl_chunk chunk;
    struct sl_quarantine rejects = { 0 };
    sl_arena_init(&arena);
    int status = sl_reader_record(reader, number, &arena, &chunk, &rejects, NULL);
    long path = status ? -1 : sl_schema_find(chunk.schema, SL_STR("path"));
    if (path >= 0 && chunk.n) {
        sl_buf_putc(out, '\'');
        put_name(chunk.columns[path].text[0], out);
        sl_buf_puts(out, "', ");
    }
    sl_buf_printf(out, "record %llu (%s)", (unsigned long long)number + 1, role_name(role));
    sl_quarantine_release(&rejects);
    sl_arena_release(&arena);
}

static void say(struct job *job, const struct sl_reader *reader, const struct twins *twins)
{
    const struct sl_images_pair *pair = &twins->pairs[0];
    struct sl_buf text = { 0 };
    sl_buf_printf(&text,
                  "duplicates: %llu %s the same file as a picture across the split: ", (unsigned long long)twins->total,
                  twins->total == 1 ? "picture is" : "pictures are");
    put_picture(reader, pair->record, pair->role, &text);
    sl_buf_puts(&text, " is ");
    put_picture(reader, pair->first, pair->first_role, &text);
    sl_buf_puts(&text, twins->total > 1 ? ", and so on" : "");
    sl_buf_puts(&text, "; leave them out of one side, or figures look better than they are");
    if (!text.failed)
        job_say(job, text.p);
    sl_buf_release(&text);
}

static int note(struct job *job, const struct twins *twins, struct sl_error *err)
{
    struct sl_buf json = { 0 };
    size_t n = twins->total < PAIRS ? (size_t)twins->total : PAIRS;
    sl_buf_printf(&json, "{\"step\":0,\"across\":%llu,\"pairs\":[", (unsigned long long)twins->total);
    for (size_t i = 0; i < n; i++) {
        const struct sl_images_pair *pair = &twins->pairs[i];
        sl_buf_printf(&json, "%s{\"record\":%llu,\"role\":\"%s\",\"first\":%llu,\"first_role\":\"%s\"}", i ? "," : "",
                      (unsigned long long)pair->record, role_name(pair->role), (unsigned long long)pair->first,
                      role_name(pair->first_role));
    }
    sl_buf_puts(&json, "]}");
    return job_add_event(job, "duplicates", &json, err);
}

int job_twins(struct job *job, const struct sl_run_result *found, struct sl_error *err)
{
    const struct sl_reader *reader = sl_pipeline_reader(job->pipeline);
    struct twins twins = { .total = 0 };
    if (!found->train_records || !reads_pictures(reader))
        return SL_OK;
    int status = find(reader, found, &twins, err);
    if (status || !twins.total)
        return status;
    say(job, reader, &twins);
    return job->resume && job_has_event(job, "duplicates") ? SL_OK : note(job, &twins, err);
}
