/* options.c: argv read by the tables.
 *
 * The first word that is neither an option nor an option's argument says which command is meant, so options may stand
 * before it. `--` ends the options. Abbreviated options are not taken, but named in the error. */
#include "options.h"

#include "sluice/schema.h"

#include <stdlib.h>
#include <sys/stat.h>

static const struct option_row *find_long(const char *word, size_t n)
{
    for (const struct option_row *row = option_table; row->name; row++) {
        if (strlen(row->name) == n && memcmp(row->name, word, n) == 0) {
            return row;
        }
    }
    return NULL;
}

static const struct option_row *find_letter(char letter)
{
    for (const struct option_row *row = option_table; row->name; row++) {
        if (row->letter && row->letter == letter) {
            return row;
        }
    }
    return NULL;
}

/* The row of a word that begins with a dash, and its argument when it stands in the same word (else NULL). */
static const struct option_row *find_option(const char *word, const char **value)
{
    *value = NULL;
    if (word[1] != '-') {
        const struct option_row *row = find_letter(word[1]);
        if (row && word[2]) {
            *value = word + 2;
        }
        return row;
    }
    size_t n = strcspn(word, "=");
    if (word[n]) {
        *value = word + n + 1;
    }
    return find_long(word, n);
}

static bool is_option(const char *word)
{
    return word[0] == '-' && word[1];
}

static int unknown_option(const char *word, enum command command, struct sl_error *err)
{
    const char *names[64];
    size_t n = 0, length = strcspn(word, "=");
    const char *begins = NULL;
    for (const struct option_row *row = option_table; row->name && n < 63; row++) {
        if (row->commands & 1u << command) {
            names[n++] = row->name;
            if (length > 2 && strncmp(row->name, word, length) == 0) {
                begins = row->name;
            }
        }
    }
    names[n] = NULL;
    const char *nearest = begins ? begins : sl_nearest((struct sl_str){ word, length }, names);
    const char *name = command_table[command].name;
    sl_fail(err, SL_EPARAM, "there is no option \"%.*s\"", (int)length, word);
    if (nearest) {
        return sl_fix(err, "did you mean %s?", nearest);
    }
    return sl_fix(err, "see: sluice %s%s--help", name ? name : "", name ? " " : "");
}

static int take_option(struct options *out, int argc, char *const *argv, int *i, struct sl_error *err)
{
    const char *word = argv[*i], *value;
    const struct option_row *row = find_option(word, &value);
    const char *name = command_table[out->command].name;
    if (!row) {
        return unknown_option(word, out->command, err);
    }
    if (!(row->commands & 1u << out->command)) {
        sl_fail(err, SL_EPARAM, "%s is not an option of \"sluice%s%s\"", row->name, name ? " " : "", name ? name : "");
        return sl_fix(err, "leave it out; see: sluice %s%s--help", name ? name : "", name ? " " : "");
    }
    if (!row->argument && value) {
        sl_fail(err, SL_EPARAM, "%s takes no value, but has \"%s\"", row->name, value);
        return sl_fix(err, "write only %s", row->name);
    }
    if (row->argument && !value) {
        if (*i + 1 >= argc) {
            sl_fail(err, SL_EPARAM, "%s lacks its value", row->name);
            return sl_fix(err, "write %s %s", row->name, row->argument);
        }
        value = argv[++*i];
    }
    return options_store(row, value, out, err);
}

enum command options_command(const char *name)
{
    for (int c = 0; c < COMMAND_N; c++) {
        if (command_table[c].name && strcmp(command_table[c].name, name) == 0) {
            return (enum command)c;
        }
    }
    return COMMAND_N;
}

/* Index in argv of the word that names the command, or 0. */
static int find_command(int argc, char *const *argv, enum command *command)
{
    *command = COMMAND_WORKBENCH;
    for (int i = 1; i < argc; i++) {
        const char *value;
        if (strcmp(argv[i], "--") == 0) {
            return 0;
        }
        if (!is_option(argv[i])) {
            enum command found = options_command(argv[i]);
            *command = found == COMMAND_N ? COMMAND_WORKBENCH : found;
            return found == COMMAND_N ? 0 : i;
        }
        const struct option_row *row = find_option(argv[i], &value);
        i += row && row->argument && !value;
    }
    return 0;
}

/* A first word that is no command must be a file; one that looks like neither was probably meant as a command. */
static int check_file(const char *word, struct sl_error *err)
{
    struct stat info;
    if (strpbrk(word, "./") || strcmp(word, "-") == 0 || stat(word, &info) == 0) {
        return SL_OK;
    }
    const char *names[COMMAND_N + 1];
    size_t n = 0;
    for (int c = 0; c < COMMAND_N; c++) {
        if (command_table[c].name) {
            names[n++] = command_table[c].name;
        }
    }
    names[n] = NULL;
    const char *nearest = sl_nearest(sl_str(word), names);
    sl_fail(err, SL_EPARAM, "\"%s\" is neither a command nor a file", word);
    return nearest ? sl_fix(err, "did you mean: sluice %s?", nearest) : sl_fix(err, "see: sluice --help");
}

static int check_operands(const struct options *o, struct sl_error *err)
{
    const struct command_row *row = &command_table[o->command];
    /* With --like it is data that stand there. */
    size_t n = o->operands.n, most = o->like ? SIZE_MAX : row->most;
    if (n < row->least) {
        sl_fail(err, SL_EPARAM, n ? "\"sluice %s\" needs more" : "\"sluice %s\" needs to know on what", row->name);
    } else if (n > most) {
        sl_fail(err, SL_EPARAM, "\"%s\" is one too many for \"sluice %s\"", o->operands.word[row->most], row->name);
    } else if (n > 0 && o->command == COMMAND_WORKBENCH) {
        return check_file(o->operands.word[0], err);
    } else {
        return SL_OK;
    }
    struct sl_buf usage = { 0 };
    options_usage(o->command, &usage);
    int status = sl_fix(err, "write: %s", usage.p ? usage.p : row->name);
    sl_buf_release(&usage);
    return status;
}

int options_parse(struct options *out, int argc, char *const *argv, struct sl_error *err)
{
    *out = (struct options){ 0 };
    out->operands.word = calloc((size_t)argc + 1, sizeof *out->operands.word);
    out->sets.word = calloc((size_t)argc + 1, sizeof *out->sets.word);
    out->breaks.word = calloc((size_t)argc + 1, sizeof *out->breaks.word);
    out->watches.word = calloc((size_t)argc + 1, sizeof *out->watches.word);
    out->data.word = calloc((size_t)argc + 1, sizeof *out->data.word);
    if (!out->operands.word || !out->sets.word || !out->breaks.word || !out->watches.word || !out->data.word) {
        return sl_fail_memory(err, "reading the command line");
    }
    int named = find_command(argc, argv, &out->command);
    bool options = true;
    for (int i = 1; i < argc; i++) {
        if (i == named) {
            continue;
        }
        if (options && strcmp(argv[i], "--") == 0) {
            options = false;
        } else if (options && is_option(argv[i])) {
            int status = take_option(out, argc, argv, &i, err);
            if (status) {
                return status;
            }
        } else {
            out->operands.word[out->operands.n++] = argv[i];
        }
    }
    return out->help || out->version ? SL_OK : check_operands(out, err);
}

void options_release(struct options *options)
{
    free(options->operands.word);
    free(options->sets.word);
    free(options->breaks.word);
    free(options->watches.word);
    free(options->data.word);
    *options = (struct options){ 0 };
}
