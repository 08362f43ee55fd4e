/* options_value.c: the values of options: sizes, counts, choices, settings. */
#include "options.h"

#include "sluice/pool.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

enum { MOST_THREADS = 1024 };
#define LEAST_MEMORY (UINT64_C(16) << 20)

static int bad_size(const char *text, struct sl_error *err)
{
    sl_fail(err, SL_EPARAM, "\"%s\" is not a size", text);
    return sl_fix(err, "write a number and a unit, such as 512M, 2G or 50%%");
}

static double unit_factor(const char *unit, bool *known)
{
    static const char letters[] = "KMGT";
    *known = true;
    if (!*unit || strcmp(unit, "B") == 0 || strcmp(unit, "b") == 0) {
        return 1;
    }
    if (strcmp(unit, "%") == 0) {
        return (double)sl_memory_total() / 100;
    }
    char first = *unit >= 'a' && *unit <= 'z' ? (char)(*unit - 32) : *unit;
    const char *at = strchr(letters, first);
    *known = at &&
             (!unit[1] || strcmp(unit + 1, "B") == 0 || strcmp(unit + 1, "iB") == 0 || strcmp(unit + 1, "b") == 0);
    return *known ? ldexp(1024, 10 * (int)(at - letters)) : 0;
}

int options_size(const char *text, uint64_t *bytes, struct sl_error *err)
{
    char *end = NULL;
    bool known;
    if (*text < '0' || *text > '9' || strpbrk(text, "xX")) {
        return bad_size(text, err);
    }
    double number = strtod(text, &end);
    double value = number * unit_factor(end, &known);
    if (!known || !(value >= 0)) {
        return bad_size(text, err);
    }
    if (*end == '%' && number > 100) {
        sl_fail(err, SL_EPARAM, "\"%s\" is more than all memory", text);
        return sl_fix(err, "give at most 100%%");
    }
    if (value < (double)LEAST_MEMORY) {
        sl_fail(err, SL_EPARAM, "\"%s\" is too little memory to work in", text);
        return *end ? sl_fix(err, "give at least 16M") : sl_fix(err, "give a unit, such as %sM; at least 16M", text);
    }
    if (value > ldexp(1, 62)) {
        sl_fail(err, SL_EPARAM, "\"%s\" is more memory than there can be", text);
        return sl_fix(err, "give a size such as 2G, or a share such as 50%%");
    }
    *bytes = (uint64_t)value;
    return SL_OK;
}

/* `of`: what is counted, as the option is called. */
static int parse_count(const char *text, const char *of, int *out, struct sl_error *err)
{
    char *end = NULL;
    errno = 0;
    long value = strtol(text, &end, 10);
    if (*text < '0' || *text > '9' || *end || errno || value < 1 || value > MOST_THREADS) {
        sl_fail(err, SL_EPARAM, "\"%s\" is no number for %s", text, of);
        return sl_fix(err, "give a whole number from 1 to %d", MOST_THREADS);
    }
    *out = (int)value;
    return SL_OK;
}

static int parse_choice(const struct option_row *row, const char *text, int *out, struct sl_error *err)
{
    struct sl_buf list = { 0 };
    for (int i = 0; row->choices[i]; i++) {
        if (strcmp(row->choices[i], text) == 0) {
            *out = i;
            sl_buf_release(&list);
            return SL_OK;
        }
        sl_buf_printf(&list, "%s%s", i ? (row->choices[i + 1] ? ", " : " or ") : "", row->choices[i]);
    }
    sl_fail(err, SL_EPARAM, "\"%s\" is not a choice of %s", text, row->name);
    int status = sl_fix(err, "give %s", list.p ? list.p : "another");
    sl_buf_release(&list);
    return status;
}

/* STAGE.PARAMETER=VALUE, by its looks; whether there is such a stage is the session's to say. */
static int check_set(const char *text, struct sl_error *err)
{
    size_t stage = strcspn(text, ".="), name = strcspn(text, "=");
    if (stage > 0 && text[stage] == '.' && text[name] == '=' && name > stage + 1) {
        return SL_OK;
    }
    sl_fail(err, SL_EPARAM, "\"%s\" does not say what to set", text);
    return sl_fix(err, "write --set STAGE.PARAMETER=VALUE, such as --set tfidf.max_features=500");
}

int options_store(const struct option_row *row, const char *value, struct options *out, struct sl_error *err)
{
    char *field = (char *)out + row->offset;
    int status = SL_OK;
    switch (row->kind) {
    case OPTION_FLAG: *(bool *)field = true; return SL_OK;
    case OPTION_TEXT:
        if (!*value) {
            sl_fail(err, SL_EPARAM, "%s has an empty name", row->name);
            return sl_fix(err, "give a %s", row->argument);
        }
        *(const char **)(void *)field = value;
        return SL_OK;
    case OPTION_LIST: {
        struct option_words *words = (void *)field;
        if (row->complete == COMPLETE_SET) {
            status = check_set(value, err);
        } else if (!*value) {
            sl_fail(err, SL_EPARAM, "%s is empty", row->name);
            status = sl_fix(err, "give a %s", row->argument);
        }
        if (!status) {
            words->word[words->n++] = value;
        }
        return status;
    }
    case OPTION_COUNT: status = parse_count(value, row->name, (int *)(void *)field, err); break;
    case OPTION_SIZE: status = options_size(value, (uint64_t *)(void *)field, err); break;
    case OPTION_CHOICE: status = parse_choice(row, value, (int *)(void *)field, err); break;
    }
    if (status && err) {
        snprintf(err->param, sizeof err->param, "%s", row->name);
    }
    return status;
}
