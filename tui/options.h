/* options.h: the command line. One table of commands and one of options drive parsing, help, man page and completion.
 */
#ifndef SL_TUI_OPTIONS_H
#define SL_TUI_OPTIONS_H

#include "sluice/mem.h"

enum command {
    COMMAND_WORKBENCH, /* has no name: sluice [FILE…] */
    COMMAND_RUN,
    COMMAND_RESUME,
    COMMAND_ATTACH,
    COMMAND_PREDICT,
    COMMAND_RUNS,
    COMMAND_COMPARE,
    COMMAND_VERIFY,
    COMMAND_EXPORT,
    COMMAND_BENCH,
    COMMAND_STAGES,
    COMMAND_CHECK,
    COMMAND_SHELL,
    COMMAND_REPLAY,
    COMMAND_HELP,
    COMMAND_N
};

/* What a word of the command line may be; for completion. */
enum complete {
    COMPLETE_NOTHING,
    COMPLETE_FILE,
    COMPLETE_FOLDER,
    COMPLETE_ANY, /* recipes, sessions, data */
    COMPLETE_RECIPE,
    COMPLETE_SESSION,
    COMPLETE_DATA, /* the first a session, then data */
    COMPLETE_STAGE,
    COMPLETE_SET, /* stage.parameter= */
    COMPLETE_SIZE,
    COMPLETE_COMMAND,
    COMPLETE_CHOICE,
};

struct command_row {
    const char *name;     /* NULL: the workbench */
    const char *operands; /* as shown: "RECIPE" */
    const char *summary;  /* one line */
    const char *details;  /* sentences; may be NULL */
    size_t least, most;   /* operands */
    enum complete complete;
};
extern const struct command_row command_table[COMMAND_N];

extern const char *const picture_names[]; /* in the order of enum pictures */
enum colour { COLOUR_AUTO, COLOUR_ALWAYS, COLOUR_NEVER };

struct option_words {
    const char **word; /* borrowed from argv */
    size_t n;
};

/* What was asked for. Strings are borrowed from argv. */
struct options {
    enum command command;
    struct option_words operands;
    struct option_words sets;            /* --set */
    struct option_words breaks, watches; /* --break, --watch */
    struct option_words data;            /* --data */
    int run;                             /* --run; 0: the last */
    bool dry_run;
    const char *speed; /* of a replay */
    const char *session, *quarantine, *out, *like;
    int colour;      /* enum colour */
    int pictures;    /* enum pictures */
    int metric;      /* enum sl_metric */
    int sort;        /* enum compare_sort */
    int rounds;      /* 0: 3 */
    int threads;     /* 0: all cores */
    int prefetch;    /* blocks; 0: none */
    uint64_t memory; /* bytes; 0: a quarter of the machine's */
    bool train, ascii, plain, no_mouse, json, man, features, every, force, help, version;
};

enum option_kind { OPTION_FLAG, OPTION_TEXT, OPTION_LIST, OPTION_COUNT, OPTION_SIZE, OPTION_CHOICE };

struct option_row {
    const char *name;     /* with its dashes: "--memory" */
    char letter;          /* 'o' of -o; 0: none */
    const char *argument; /* as shown: "SIZE"; NULL: takes none */
    const char *help;
    unsigned commands; /* bit 1 << enum command */
    enum option_kind kind;
    size_t offset;              /* in struct options */
    const char *const *choices; /* OPTION_CHOICE; NULL-terminated */
    enum complete complete;
};
extern const struct option_row option_table[]; /* ends with a NULL name */

/* Read argv into *out, which options_release() frees, also after an error. Errors: SL_EPARAM names the word and the
 * fix. */
int options_parse(struct options *out, int argc, char *const *argv, struct sl_error *err);
void options_release(struct options *options);

/* "512M", "1.5G", "50%" as bytes. */
int options_size(const char *text, uint64_t *bytes, struct sl_error *err);
/* Read the value of an option into its field; NULL value for a flag. */
int options_store(const struct option_row *row, const char *value, struct options *out, struct sl_error *err);
/* Row of a command by its name, or COMMAND_N. */
enum command options_command(const char *name);

/* The help of a command; COMMAND_N: of the whole program. */
void options_help(enum command command, struct sl_buf *out);
/* One line: "sluice run RECIPE [--set …]". */
void options_usage(enum command command, struct sl_buf *out);
/* "-o, --out FILE". */
void options_name(const struct option_row *row, struct sl_buf *out);
/* What may stand for the last of words[n] (those after the program's name): a line with the kind of the candidates that
 * follow (":words", ":nospace": a value is to be added, ":files EXTENSION…", ":folders"), then one candidate a line.
 * Read by the shells' completion scripts. */
void options_complete(const char *const *words, size_t n, struct sl_buf *out);

#endif
