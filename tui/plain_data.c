/* plain_data.c: records as lines: where each stood, and each column raw and, where it differs, clean.
 *
 * Control characters are shown as ?, line ends within a cell as a blank, and a long text is cut with its length said.
 */
#include "shell.h"

#include "sluice/text.h"

#include <stdio.h>
#include <unistd.h>

enum { CELL_SHOWN = 2000, BUDGET_MS = 200 };

struct data_params {
    int64_t first, n;
    int which;
};
static const struct data_params defaults = { .n = 5 };
static const char *const whichs[] = { "all", "changed", "dropped", "quarantined", NULL }; /* as enum sl_filter */
const struct sl_param plain_data_rows[] = {
    SL_INT(struct data_params, first, .help = "record to begin with, counted from 0", .max = 1e15, .positional = true),
    SL_INT(struct data_params, n, .help = "how many at most", .min = 1, .max = 10000),
    SL_CHOICE(struct data_params, which, .choices = whichs, .help = "all records, or only those that were changed …"),
    { 0 },
};
const void *const plain_data_defaults = &defaults;
const size_t plain_data_size = sizeof defaults;

static void put_cell(const struct sl_chunk *chunk, size_t column, uint32_t row, struct sl_buf *out)
{
    struct sl_buf text = { 0 };
    if (!sl_valid(&chunk->columns[column], row)) {
        sl_buf_puts(out, "(missing)");
        return;
    }
    sl_cell_brief(chunk, column, row, &text);
    size_t shown = 0;
    for (size_t i = 0; i < text.n && shown < CELL_SHOWN; shown++) {
        size_t length;
        uint32_t code = sl_utf8_decode(text.p + i, text.n - i, &length);
        char bytes[4];
        if (code == '\n' || code == '\r' || code == '\t') {
            sl_buf_putc(out, ' ');
        } else if (sl_utf8_width(code) < 0) {
            sl_buf_putc(out, '?');
        } else {
            sl_buf_add(out, bytes, sl_utf8_encode(code, bytes));
        }
        i += length;
    }
    if (shown == CELL_SHOWN) {
        sl_buf_printf(out, "… (%zu characters)", sl_utf8_length(text.p, text.n));
    }
    sl_buf_release(&text);
}

static void put_columns(const struct sl_row *row, struct sl_buf *out)
{
    const struct sl_chunk *raw = row->raw_chunk, *after = row->after_chunk;
    for (size_t c = 0; c < raw->schema->n; c++) {
        const char *name = raw->schema->fields[c].name;
        long at = after ? sl_schema_find(after->schema, sl_str(name)) : -1;
        bool changed = at >= 0 && after->schema->fields[at].type == raw->schema->fields[c].type &&
                       !sl_cell_equal(raw, c, row->raw, after, (size_t)at, 0);
        sl_buf_printf(out, changed ? "  %s raw: " : "  %s: ", name);
        put_cell(raw, c, row->raw, out);
        sl_buf_putc(out, '\n');
        if (changed) {
            sl_buf_printf(out, "  %s clean: ", name);
            put_cell(after, (size_t)at, 0, out);
            sl_buf_putc(out, '\n');
        }
    }
}

static void put_row(struct sl_session *session, const struct sl_row *row, struct sl_buf *out)
{
    sl_buf_printf(out, "record %llu, line %llu", (unsigned long long)row->record, (unsigned long long)row->origin.line);
    if (row->rejected) {
        sl_buf_printf(out, ", quarantined: %s: %s\n", row->reject.reason, row->reject.excerpt);
        return;
    }
    struct sl_pipeline *pipeline = sl_session_pipeline(session);
    if (row->dropped_by >= 0) {
        struct sl_stage *stage = pipeline ? sl_pipeline_stage(pipeline, (size_t)row->dropped_by) : NULL;
        sl_buf_printf(out, ", dropped by %s", stage ? stage->class->name : "a stage");
    } else if (row->changed) {
        sl_buf_puts(out, ", changed");
    }
    sl_buf_putc(out, '\n');
    put_columns(row, out);
}

/* The stages that clean: up to the first that makes features. */
static size_t clean_stages(struct sl_session *session)
{
    size_t n = 0, stages = sl_session_stages(session);
    for (size_t i = 0; i < stages; i++) {
        const struct sl_stage_view *stage = sl_session_stage(session, i);
        if (stage->bound < 0) {
            continue;
        }
        if (stage->class->kind == SL_ENCODER || stage->class->kind == SL_LEARNER) {
            break;
        }
        n = (size_t)stage->bound + 1;
    }
    return n;
}

int plain_show_data(struct sl_session *session, const void *params, struct sl_buf *out, struct sl_error *err)
{
    const struct data_params *p = params;
    struct sl_browser *browser = sl_session_browser(session);
    if (!browser) {
        sl_fail(err, SL_ESTATE, "nothing is open yet");
        return sl_fix(err, "type: read FILE");
    }
    size_t stages = clean_stages(session), left = (size_t)p->n;
    uint64_t first = (uint64_t)p->first;
    bool end = false;
    while (left && !end && !batch_signal()) {
        struct sl_page page = { 0 };
        int status =
            sl_browser_page(browser, first, left, false, (enum sl_filter)p->which, NULL, stages, BUDGET_MS, &page, err);
        if (status) {
            return status;
        }
        for (size_t i = 0; i < page.n; i++) {
            put_row(session, &page.rows[i], out);
        }
        left -= page.n < left ? page.n : left;
        first = page.next;
        end = !page.more;
        sl_page_release(&page);
    }
    if (left == (size_t)p->n) {
        sl_buf_puts(out, "no such record\n");
    }
    return SL_OK;
}
