/* verify_report.c: see verify_report.h. */
#include "verify_report.h"

#include "batch.h"

#include <math.h>
#include <stdio.h>

enum { WHAT = 16, COUNT = 20 };

static const char *paint(bool colour, const char *code)
{
    return colour ? code : "";
}

/* "40,000 of 40,000" in so many columns. */
static void put_count(const struct sl_verify_row *row, struct sl_buf *out)
{
    size_t before = out->n;
    if (row->n) {
        batch_count(out, row->agree);
        sl_buf_puts(out, " of ");
        batch_count(out, row->n);
    } else {
        sl_buf_puts(out, "not compared");
    }
    for (size_t n = out->n - before; n < COUNT; n++) {
        sl_buf_putc(out, ' ');
    }
}

static void put_row(const struct sl_verify_row *row, bool colour, struct sl_buf *out)
{
    bool wrong = row->agree != row->n;
    sl_buf_puts(out, paint(colour && wrong, "\033[31m"));
    sl_buf_printf(out, "%-*s", WHAT, row->what);
    put_count(row, out);
    sl_buf_puts(out, paint(colour && wrong, "\033[0m"));
    sl_buf_puts(out, row->where ? row->where : "");
    while (out->n && !out->failed && out->p[out->n - 1] == ' ') {
        out->p[--out->n] = '\0';
    }
    sl_buf_putc(out, '\n');
    if (row->then && row->now) {
        sl_buf_printf(out, "%*sthen %s\n%*snow  %s\n", WHAT + COUNT, "", row->then, WHAT + COUNT, "", row->now);
    }
}

static void put_head(const struct sl_verified *run, const char *session, bool dry, struct sl_buf *out)
{
    sl_buf_printf(out, "%s, training %lld (%s): ", session, (long long)run->run, sl_job_name(run->job));
    if (run->executed) {
        sl_buf_puts(out, "carried out again in ");
        batch_duration(out, run->seconds);
        if (!isnan(run->seconds_then)) {
            sl_buf_puts(out, "; then it took ");
            batch_duration(out, run->seconds_then);
        }
        sl_buf_putc(out, '\n');
    } else {
        sl_buf_printf(out, "%s\n", run->why[0] ? run->why : dry ? "what carrying it out would come upon" : "");
    }
}

static void put_verdict(const struct sl_verified *run, bool colour, struct sl_buf *out)
{
    if (run->agrees) {
        sl_buf_printf(out, "%s%s%s\n", paint(colour, "\033[32m"),
                      run->executed ? "Everything agrees, to the bit." : "Nothing differs as far as looking tells.",
                      paint(colour, "\033[0m"));
    } else {
        sl_buf_printf(out, "%s%s%s\n", paint(colour, "\033[31m"),
                      run->executed ? "It does not agree." : "Carried out now, it would not be the same.",
                      paint(colour, "\033[0m"));
    }
}

void verify_report(const struct sl_verified *run, const char *session, bool dry, bool colour, struct sl_buf *out)
{
    put_head(run, session, dry, out);
    if (!run->n_rows) {
        return;
    }
    sl_buf_printf(out, "\n%-*s%-*s%s\n", WHAT, "what", COUNT, "agree", "the first that does not");
    for (size_t i = 0; i < run->n_rows; i++) {
        put_row(&run->rows[i], colour, out);
    }
    sl_buf_putc(out, '\n');
    put_verdict(run, colour, out);
    for (size_t i = 0; i < run->n_reasons; i++) {
        sl_buf_printf(out, "likely cause: %s: %s\n", sl_cause_names[run->reasons[i].cause], run->reasons[i].text);
    }
    for (size_t i = 0; i < run->n_notes; i++) {
        sl_buf_printf(out, "note: %s%s%s\n",
                      run->notes[i].cause == SL_CAUSE_UNKNOWN ? "" : sl_cause_names[run->notes[i].cause],
                      run->notes[i].cause == SL_CAUSE_UNKNOWN ? "" : ": ", run->notes[i].text);
    }
}

/* --- JSON --- */

static void put_text(struct sl_buf *out, const char *key, const char *text)
{
    sl_buf_printf(out, ",\"%s\":", key);
    if (text && text[0]) {
        sl_buf_json(out, sl_str(text));
    } else {
        sl_buf_puts(out, "null");
    }
}

static void put_seconds(struct sl_buf *out, const char *key, double x)
{
    sl_buf_printf(out, ",\"%s\":", key);
    if (isfinite(x)) {
        sl_buf_number(out, x);
    } else {
        sl_buf_puts(out, "null");
    }
}

static void put_reasons(const struct sl_verify_reason *reasons, size_t n, const char *event, struct sl_buf *out)
{
    for (size_t i = 0; i < n; i++) {
        sl_buf_printf(out, "{\"event\":\"%s\"", event);
        put_text(out, "cause", sl_cause_names[reasons[i].cause]);
        put_text(out, "text", reasons[i].text);
        sl_buf_puts(out, "}\n");
    }
}

void verify_json(const struct sl_verified *run, const char *session, struct sl_buf *out)
{
    for (size_t i = 0; i < run->n_rows; i++) {
        const struct sl_verify_row *row = &run->rows[i];
        sl_buf_puts(out, "{\"event\":\"check\"");
        put_text(out, "what", row->what);
        sl_buf_printf(out, ",\"agree\":%llu,\"of\":%llu", (unsigned long long)row->agree, (unsigned long long)row->n);
        put_text(out, "where", row->where);
        put_text(out, "then", row->then);
        put_text(out, "now", row->now);
        sl_buf_puts(out, "}\n");
    }
    put_reasons(run->reasons, run->n_reasons, "cause", out);
    put_reasons(run->notes, run->n_notes, "note", out);
    sl_buf_puts(out, "{\"event\":\"verified\"");
    put_text(out, "session", session);
    sl_buf_printf(out, ",\"run\":%lld", (long long)run->run);
    put_text(out, "state", sl_job_name(run->job));
    sl_buf_printf(out, ",\"executed\":%s,\"agrees\":%s", run->executed ? "true" : "false",
                  run->agrees ? "true" : "false");
    put_text(out, "why", run->why);
    put_seconds(out, "seconds_then", run->seconds_then);
    put_seconds(out, "seconds", run->seconds);
    sl_buf_puts(out, "}\n");
}
