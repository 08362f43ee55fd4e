/* batch_report_column.c: what is in a column, in one line. */
#include "batch.h"
#include "human.h"

#include "sluice/profile.h"

#include <math.h>

enum { TOP_SHOWN = 5 };

void batch_report_column(const struct sl_column_profile *c, struct sl_buf *out)
{
    char a[32], b[32], m[32];
    sl_buf_printf(out, "%s: %s, ", c->name, c->kind);
    batch_count(out, c->n);
    sl_buf_puts(out, " records, ");
    batch_count(out, c->missing);
    sl_buf_printf(out, " missing, %s%s distinct", c->distinct_exact ? "" : "about ",
                  human_count((uint64_t)(c->distinct + 0.5), a, sizeof a));
    if (c->n > c->missing && isfinite(c->mean)) {
        sl_buf_printf(out, ", %s%s to %s, mean %s",
                      c->type == SL_NUMBER  ? ""
                      : c->type == SL_IMAGE ? "pixels "
                                            : "length ",
                      human_number(c->min, 6, a, sizeof a), human_number(c->max, 6, b, sizeof b),
                      human_number(c->mean, 6, m, sizeof m));
    }
    for (size_t i = 0; i < c->n_top && i < TOP_SHOWN && strcmp(c->kind, "category") == 0; i++) {
        sl_buf_printf(out, "%s%s (", i ? ", " : "; most frequent: ", c->top[i].value);
        batch_count(out, c->top[i].n);
        sl_buf_puts(out, ")");
    }
    sl_buf_putc(out, '\n');
}
