/* read_jsonl.c: the statement that opens JSON Lines files. The reading itself is engine/data/jsonl*.c. */
#include "engine/stages/source.h"

#include <stdlib.h>

struct params {
    struct sl_names files;
    int as;
    int64_t depth;
    int64_t max_record;
    struct sl_names text;
    int64_t sample;
};

static const struct params defaults = { .depth = 4, .max_record = 16 << 20, .sample = 1000 };

static const struct sl_param params[] = {
    SL_NAMES(struct params, files, .positional = true, .required = true,
             .help = "files to read, one after the other; .gz and .zst are unpacked, - is standard input"),
    SL_SOURCE_AS(struct params, as),
    SL_INT(struct params, depth, .min = 1, .max = 64, .unit = "levels",
           .help = "objects nested so deep become columns a.b.c; what lies deeper stays JSON text"),
    SL_INT(struct params, max_record, .min = 1, .max = 1099511627776.0, .unit = "bytes",
           .help = "longer records are quarantined"),
    SL_NAMES(struct params, text, .help = "columns to read as text although they look like numbers"),
    SL_INT(struct params, sample, .min = 1, .max = 1e12, .unit = "records",
           .help = "how many records to look at for the columns; a key first met later is an error of its record"),
    { 0 },
};

static const struct sl_example examples[] = {
    { "read jsonl reviews.jsonl", .in = "{\"text\": \"good\", \"stars\": 5}\n{\"stars\": 1, \"text\": null}\n",
      .out = "text,stars\ngood,5\n,1\n", .note = "null and absent keys are missing values" },
    { "read jsonl nested.jsonl", .in = "{\"id\": 1, \"user\": {\"name\": \"Ann\", \"tags\": [\"a\", \"b\"]}}\n",
      .out = "id,user.name,user.tags\n1,Ann,\"[\"\"a\"\", \"\"b\"\"]\"\n", .note = "nested objects become columns" },
    { "read jsonl nested.jsonl depth=1", .in = "{\"id\": 1, \"user\": {\"name\": \"Ann\"}}\n",
      .out = "id,user\n1,\"{\"\"name\"\": \"\"Ann\"\"}\"\n", .note = "or stay text" },
    { "read jsonl ids.jsonl text=id", .in = "{\"id\": 7}\n{\"id\": 12}\n", .out = "id\n7\n12\n",
      .note = "the numbers are kept as they are written" },
    { 0 },
};

static int open_source(const struct sl_stage *stage, const char *base, struct sl_reader **out, struct sl_error *err)
{
    const struct params *p = stage->params;
    struct sl_jsonl_options options = { .depth = p->depth, .max_record = (uint64_t)p->max_record, .sample = p->sample };
    const char **text = calloc(p->text.n + 1, sizeof *text);
    if (!text) {
        return sl_fail_memory(err, "opening files");
    }
    for (size_t i = 0; i < p->text.n; i++) {
        text[i] = p->text.name[i];
    }
    options.text = text;
    int status = sl_jsonl_open(out, base, (const char *const *)p->files.name, p->files.n, &options, err);
    free(text);
    return status;
}

const struct sl_stage_class sl_stage_read_jsonl = {
    .name = "read jsonl",
    .summary = "read records from files with one JSON object a line",
    .details =
        "Each line holds one object; its keys are the columns. Nested objects become columns named a.b.c, down to "
        "depth levels; arrays and what lies deeper stay JSON text, as written. true and false are text. Of a key "
        "given twice the last value counts. Blank lines are passed over.\n\n"
        "The columns and their types come from the first records (sample=). A column is a number when all its "
        "values there are numbers that lose nothing (whole ones up to 2^53); otherwise it is text, and text= "
        "makes it so. A line that is no valid object, that has a key unknown to the columns, or text in a column "
        "of numbers goes to the quarantine with the reason.\n\n"
        "One JSON array around all records, and objects over several lines, are refused; jq -c '.[]' FILE and "
        "jq -c . FILE convert them.",
    .kind = SL_SOURCE,
    .version = 1,
    .params = params,
    .params_size = sizeof(struct params),
    .defaults = &defaults,
    .examples = examples,
    .open = open_source,
};
