/* debug_account_audit.c: an audit as lines of text: what each stage does to the records, and records that a model would
 * learn by heart. */
#include "debugger.h"

static void put_count(const char *what, const struct sl_examples *e, struct sl_buf *out)
{
    enum { SHOWN = 5 };
    if (!e->n)
        return;
    sl_buf_printf(out, "  %s %llu (", what, (unsigned long long)e->n);
    for (size_t i = 0; i < e->kept && i < SHOWN; i++)
        sl_buf_printf(out, "%s%llu", i ? " " : "", (unsigned long long)e->record[i]);
    sl_buf_puts(out, e->n > SHOWN ? " …)" : ")");
}

static void put_stage(const struct sl_audit_stage *s, const char *name, size_t number, struct sl_buf *out)
{
    sl_buf_printf(out, "  %zu %s  in %llu", number, name, (unsigned long long)s->in);
    put_count("changed", &s->changed, out);
    put_count("dropped", &s->dropped, out);
    put_count("emptied", &s->emptied, out);
    put_count("made missing", &s->missing, out);
    put_count("not finite", &s->nonfinite, out);
    put_count("failed", &s->failed, out);
    sl_buf_putc(out, '\n');
}

static void put_pairs(const char *what, const struct sl_pairs *pairs, struct sl_buf *out)
{
    enum { SHOWN = 3 };
    sl_buf_printf(out, "%s: %llu records", what, (unsigned long long)pairs->records);
    for (size_t i = 0; i < pairs->kept && i < SHOWN; i++)
        sl_buf_printf(out, "%s%llu and %llu", i ? ", " : "; ", (unsigned long long)pairs->pair[i].a,
                      (unsigned long long)pairs->pair[i].b);
    sl_buf_puts(out, pairs->kept > SHOWN ? " …\n" : "\n");
}

void account_audit(const struct sl_audit *a, struct sl_pipeline *pipeline, struct sl_buf *out)
{
    sl_buf_printf(out, "%llu records, of which %llu cannot be read; numbers in brackets are examples\n",
                  (unsigned long long)a->records, (unsigned long long)a->rejected);
    for (size_t s = 0; s < a->stages; s++)
        put_stage(&a->stage[s], sl_pipeline_stage(pipeline, s)->class->name, s + 1, out);
    put_count("changed by no stage:", &a->untouched, out);
    sl_buf_puts(out, a->untouched.n ? "\n" : "");
    if (a->has_label)
        put_pairs("equal texts with different labels", &a->conflicts, out);
    if (a->has_roles) {
        put_pairs("test records whose text is in the training set too", &a->exact, out);
        put_pairs("the same, but for a few words", &a->near, out);
    }
}
