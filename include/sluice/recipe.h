/* recipe.h: the language. One statement a line: `name [word…] [parameter=value…]`, `#` comments, shell-like quotes
 * ('…' verbatim, "…" with \" \\ \n \t), `\` before a line's end continues it. */
#ifndef SLUICE_RECIPE_H
#define SLUICE_RECIPE_H

#include "sluice/param.h"
#include "sluice/stage.h"

struct sl_word {
    struct sl_str key;   /* "test_size" of test_size=0.2; empty for a plain word */
    struct sl_str value; /* unquoted */
    uint32_t column;     /* 1-based byte in the line */
    const char *raw;     /* where it begins in the source line, for parameters that take the rest of it */
};

/* A line cut into words. Words live in the arena. n_words == 0: blank or comment. Errors: SL_ESYNTAX with the column.
 */
struct sl_line {
    struct sl_word *words;
    size_t n;
    struct sl_str source;
};
int sl_line_split(struct sl_str source, struct sl_arena *arena, struct sl_line *out, struct sl_error *err);

/* Words from `first` on into a params struct that begins as a copy of defaults (zero when NULL). Positionals go to the
 * rows that are .positional, in order; the last one that holds several takes all that are left. Errors: SL_EPARAM
 * unknown parameter (with nearest), twice, missing though required, or a bad value; err->column is set. */
int sl_params_parse(const struct sl_param *rows, const void *defaults, size_t size, const struct sl_line *line,
                    size_t first, struct sl_arena *arena, void **params, struct sl_error *err);

/* A stage statement. */
struct sl_statement {
    const struct sl_stage_class *class;
    void *params;  /* in arena */
    char *text;    /* canonical: name, positionals, then parameters that are not the default; in arena */
    uint32_t line; /* 1-based in its file, or position in the recipe */
    bool off;      /* kept but not run */
};

/* Parse `source` as a stage statement; *out is untouched and SL_EEND returned when its name is no stage's (a command,
 * perhaps). `read FILE` without a format chooses it by the name's end, then by content. */
int sl_statement_parse(struct sl_str source, const char *base, struct sl_arena *arena, struct sl_statement *out,
                       struct sl_error *err);
/* Canonical text of a statement. */
void sl_statement_format(const struct sl_stage_class *class, const void *params, struct sl_buf *out);

/* Help for a stage, a row, or a whole table, as plain text of `width` columns; made from the tables alone. */
void sl_help_stage(const struct sl_stage_class *class, int width, struct sl_buf *out);
void sl_help_params(const struct sl_param *rows, const void *defaults, int width, struct sl_buf *out);

#endif
