/* options_table.c: the commands of the program and their options. Written down here and nowhere else. */
#include "options.h"

#include "compare_report.h"

#include <stddef.h>

const struct command_row command_table[COMMAND_N] = {
    [COMMAND_WORKBENCH] = {
        .operands = "[FILE…]",
        .summary = "open the workbench on data, a recipe or a session",
        .details = "Data files (CSV, TSV, JSONL, also .gz and .zst) open as they are, several of them as one table. A recipe "
                   "(*.sluice) brings its data and stages with it. A session brings back everything: data, recipe, curves "
                   "and the trained model. Without FILE the workbench shows the sessions of the current folder.",
        .most = SIZE_MAX,
        .complete = COMPLETE_ANY,
    },
    [COMMAND_RUN] = {
        .name = "run",
        .operands = "RECIPE",
        .summary = "carry out a recipe and print what came of it",
        .details = "The stages are read first, then changed by --set, then the recipe's commands (train, export …) are carried "
                   "out in order, each to its end. A recipe with a learner but without train is trained all the same. "
                   "With --session everything is kept in a session file, which must not exist yet; without, it is gone at "
                   "the end. SIGINT or SIGTERM stops at the next iteration and saves the session; see resume. With --session the run "
                   "survives the terminal's hang-up (SIGHUP).",
        .least = 1,
        .most = 1,
        .complete = COMPLETE_RECIPE,
    },
    [COMMAND_RESUME] = {
        .name = "resume",
        .operands = "SESSION",
        .summary = "go on with a training that was interrupted or stopped",
        .details = "The last training of the session goes on from its last checkpoint to its end, and comes to the same bits as "
                   "one that was never interrupted; then its figures are printed, as by run. Refused when the data have "
                   "changed since (--force: all the same), and when another process has the session open. SIGINT or SIGTERM "
                   "stops at the next iteration and saves; another resume goes on. SIGHUP does not: the training survives "
                   "its terminal.",
        .least = 1,
        .most = 1,
        .complete = COMPLETE_SESSION,
    },
    [COMMAND_ATTACH] = {
        .name = "attach",
        .operands = "SESSION",
        .summary = "watch and steer a training that another process carries out",
        .details = "The workbench, on the session file as the other process writes it: its curves grow as they do there. The "
                   "commands pause, resume, stop, tune, once and note are handed over and carried out there; all else can be "
                   "looked at only. With --plain, or without a terminal, the points come line by line, with --json as run "
                   "prints them, until the training ends.",
        .least = 1,
        .most = 1,
        .complete = COMPLETE_SESSION,
    },
    [COMMAND_PREDICT] = {
        .name = "predict",
        .operands = "SESSION DATA…",
        .summary = "predict records with a trained session",
        .details = "The fitted stages and the model of the session are applied to the data, by the same code as in training. "
                   "What comes out is CSV with a line for every record read, in order: record, label, one probability p_CLASS "
                   "for each class, and note, which says why there is none. It appears whole or not at all.",
        .least = 2,
        .most = SIZE_MAX,
        .complete = COMPLETE_DATA,
    },
    [COMMAND_RUNS] = {
        .name = "runs",
        .operands = "[DIR]",
        .summary = "list the sessions of a folder, newest first",
        .most = 1,
        .complete = COMPLETE_FOLDER,
    },
    [COMMAND_COMPARE] = {
        .name = "compare",
        .operands = "SESSION…",
        .summary = "lay trainings side by side, and judge them",
        .details = "For each training the last and best value of --metric, its step, the time and a sketch of the curve; "
                   "of two alone also what differs: data, recipe, parameters, environment, result. Trainings that differ "
                   "in nothing but random_state are a group, with mean and deviation; groups are judged by a paired "
                   "t-test over equal seeds. Two single trainings on the same test records are judged by McNemar's exact "
                   "test, for which the data are read again. Better is what a test says is better at 5 %; else: cannot tell.",
        .least = 1,
        .most = SIZE_MAX,
        .complete = COMPLETE_SESSION,
    },
    [COMMAND_VERIFY] = {
        .name = "verify",
        .operands = "SESSION",
        .summary = "carry a training out again and compare everything, to the bit",
        .details = "The last training of the session (--run, --every: others) is carried out again from its recipe and data, with "
                   "what was done to it at the iteration at which it was done. Data, what each stage put out, split, features, "
                   "models, every point of the curves, weights and final figures are compared; of what does not agree the first "
                   "is shown with both values, and the likely cause: other data (file, record and line), another order of the "
                   "records, another parameter or seed, a file that was changed, another build or machine. With --dry-run, and "
                   "when the data are not there or of another size, nothing is carried out: it says which data are where and "
                   "what would differ. Status 0 when everything agrees, 1 when not. Times are not compared.",
        .least = 1,
        .most = 1,
        .complete = COMPLETE_SESSION,
    },
    [COMMAND_EXPORT] = {
        .name = "export",
        .operands = "SESSION DIR",
        .summary = "write a session as plain text and pictures",
        .details = "Into the folder DIR, which is made when it is not there: recipe.sluice, events.jsonl, metrics.csv and "
                   "result.json, made to be compared by git, and the curves of the last training as loss and accuracy "
                   "(.svg and .png). What the session has nothing for is left out. Paths in the recipe stay as they are: "
                   "relative to the session's data.",
        .least = 2,
        .most = 2,
        .complete = COMPLETE_SESSION,
    },
    [COMMAND_BENCH] = {
        .name = "bench",
        .operands = "RECIPE",
        .summary = "train a recipe with and without each help, and compare the times",
        .details = "The recipe is trained on one thread, on all, on all with a thread of its own that reads ahead "
                   "(prefetch), and on all with a cache before the learner: once to fill it, once from it. Every round does all of them; the median counts, and the ratio to the first line. "
                   "All come to the same figures, or the command fails. Then the verdict says what takes the time, and "
                   "what to do about it.",
        .least = 1,
        .most = 1,
        .complete = COMPLETE_RECIPE,
    },
    [COMMAND_STAGES] = {
        .name = "stages",
        .operands = "[NAME]",
        .summary = "list the stages, or explain one",
        .details = "Without NAME one stage a line, by kind. With NAME its parameters, defaults and examples; NAME may also be a "
                   "command of a session, such as train.",
        .most = 2,
        .complete = COMPLETE_STAGE,
    },
    [COMMAND_CHECK] = {
        .name = "check",
        .operands = "RECIPE",
        .summary = "check a recipe without running it",
        .details = "Every line is parsed and the stages are put together over the columns of the data, of which only the "
                   "beginning is read. Each error is printed with file, line, column and the fix.",
        .least = 1,
        .most = 1,
        .complete = COMPLETE_RECIPE,
    },
    [COMMAND_SHELL] = {
        .name = "shell",
        .operands = "[FILE]",
        .summary = "type commands at a prompt, or read them from a pipe",
        .details = "The commands of the workbench, with their replies as text. FILE is a session (made when it does not exist), "
                   "a recipe or data. From a pipe, a command waits until what the one before it started is done; an error "
                   "ends the program with status 1.",
        .most = 1,
        .complete = COMPLETE_ANY,
    },
    [COMMAND_REPLAY] = {
        .name = "replay",
        .operands = "SESSION",
        .summary = "play what happened in a session, as its views showed it",
        .details = "From the first command to the last point, on the screen: Space plays and pauses, . and , go a moment on and "
                   "back, ] and [ to the next and previous marker, 0 to 9 to tenths, + and - change the speed, b branches: a new "
                   "session goes on live from there. Time in which nothing happened counts for two seconds at most. With "
                   "--plain or --json, or without a terminal, every moment is a line, as fast as it can be written unless "
                   "--speed says otherwise.",
        .least = 1,
        .most = 1,
        .complete = COMPLETE_SESSION,
    },
    [COMMAND_HELP] = {
        .name = "help",
        .operands = "[COMMAND]",
        .summary = "explain the program, or one of its commands",
        .most = 1,
        .complete = COMPLETE_COMMAND,
    },
};

enum {
    WORKBENCH = 1 << COMMAND_WORKBENCH,
    RUN = 1 << COMMAND_RUN,
    RESUME = 1 << COMMAND_RESUME,
    ATTACH = 1 << COMMAND_ATTACH,
    PREDICT = 1 << COMMAND_PREDICT,
    RUNS = 1 << COMMAND_RUNS,
    COMPARE = 1 << COMMAND_COMPARE,
    VERIFY = 1 << COMMAND_VERIFY,
    BENCH = 1 << COMMAND_BENCH,
    STAGES = 1 << COMMAND_STAGES,
    SHELL = 1 << COMMAND_SHELL,
    REPLAY = 1 << COMMAND_REPLAY,
    ALL = (1 << COMMAND_N) - 1,
};

static const char *const colours[] = { "auto", "always", "never", NULL };

/* The macros check the field's type at compile time. */
#define FIELD(type, f)             \
    (offsetof(struct options, f) + \
     0 * sizeof(char[__builtin_types_compatible_p(type, __typeof__(((struct options *)0)->f)) ? 1 : -1]))
#define FLAG(f)         .kind = OPTION_FLAG, .offset = FIELD(bool, f)
#define TEXT(f)         .kind = OPTION_TEXT, .offset = FIELD(const char *, f)
#define LIST(f)         .kind = OPTION_LIST, .offset = FIELD(struct option_words, f)
#define COUNT(f)        .kind = OPTION_COUNT, .offset = FIELD(int, f)
#define SIZE(f)         .kind = OPTION_SIZE, .offset = FIELD(uint64_t, f), .complete = COMPLETE_SIZE
#define CHOICE(f, list) .kind = OPTION_CHOICE, .offset = FIELD(int, f), .choices = (list), .complete = COMPLETE_CHOICE

const char *const picture_names[] = { "auto", "blocks", "ascii", "kitty", "sixel", NULL };

const struct option_row option_table[] = {
    { "--train", 0, NULL, "start training at once", WORKBENCH, FLAG(train) },
    { "--set", 0, "STAGE.PARAMETER=VALUE", "change a parameter of the recipe before anything runs; may be repeated",
      RUN, LIST(sets), .complete = COMPLETE_SET },
    { "--break", 0, "STAGE: CONDITION",
      "before anything else run on to the first record that fulfils it, tell of it and end with status 3; may be "
      "repeated; as the command break",
      RUN, LIST(breaks) },
    { "--watch", 0, "EXPRESSION", "with --break: tell its value after every stage; may be repeated", RUN,
      LIST(watches) },
    { "--session", 0, "FILE", "keep everything in this session file", WORKBENCH | RUN | SHELL, TEXT(session),
      .complete = COMPLETE_SESSION },
    { "--like", 0, "SESSION",
      "take the recipe of this session, read the data that stand instead of RECIPE, and tell how "
      "they differ from the session's",
      RUN, TEXT(like), .complete = COMPLETE_SESSION },
    { "--json", 0, NULL, "print one JSON object a line",
      RUN | REPLAY | RESUME | ATTACH | RUNS | COMPARE | BENCH | VERIFY, FLAG(json) },
    { "--speed", 0, "X", "play at X times the speed, from 0.1 to 100, or max: as fast as possible", REPLAY,
      TEXT(speed) },
    { "--metric", 0, "NAME", "what to compare: test_accuracy, train_accuracy, test_loss, loss or gradient_norm",
      COMPARE, CHOICE(metric, sl_metric_names) },
    { "--sort", 0, "BY", "order of the table: as given, or by name, last, best, step or time", COMPARE,
      CHOICE(sort, compare_sort_names) },
    { "--every", 0, NULL, "every training of each session instead of the last", COMPARE | VERIFY, FLAG(every) },
    { "--run", 0, "N", "the N-th training of the session instead of the last", VERIFY, COUNT(run) },
    { "--data", 0, "PATH",
      "the data are now here: a file, or the folder that holds them; repeated, files in the "
      "recipe's order",
      VERIFY, LIST(data), .complete = COMPLETE_FILE },
    { "--dry-run", 0, NULL, "carry nothing out: say which data are where, and what would differ", VERIFY,
      FLAG(dry_run) },
    { "--force", 0, NULL, "go on even though the data have changed since", RESUME, FLAG(force) },
    { "--quarantine", 0, "FILE", "write the records that could not be read, with file, line and reason, as CSV",
      RUN | PREDICT, TEXT(quarantine), .complete = COMPLETE_FILE },
    { "--out", 'o', "FILE", "write there instead of to standard output", PREDICT, TEXT(out),
      .complete = COMPLETE_FILE },
    { "--features", 0, NULL, "write the features of each record instead of its prediction", PREDICT, FLAG(features) },
    { "--threads", 0, "N", "use so many threads instead of one for each core; the results are the same",
      WORKBENCH | REPLAY | RUN | RESUME | ATTACH | PREDICT | SHELL | COMPARE | VERIFY | BENCH, COUNT(threads) },
    { "--rounds", 0, "N", "measure so many times instead of three", BENCH, COUNT(rounds) },
    { "--memory", 0, "SIZE",
      "use at most about this much memory, such as 512M, 2G or 50%, instead of a quarter of the machine's",
      WORKBENCH | REPLAY | RUN | RESUME | ATTACH | PREDICT | SHELL | COMPARE | VERIFY | BENCH, SIZE(memory) },
    { "--prefetch", 0, "N",
      "read so many blocks of half a megabyte ahead, by a thread of its own: for slow disks (a few are, of "
      "compressed files, when nothing is said)",
      WORKBENCH | RUN | SHELL, COUNT(prefetch) },
    { "--man", 0, NULL, "print the manual page, as roff", STAGES, FLAG(man) },
    { "--plain", 0, NULL, "line by line, without a full screen: for screen readers and scripts",
      WORKBENCH | REPLAY | ATTACH, FLAG(plain) },
    { "--ascii", 0, NULL, "show nothing but ASCII", WORKBENCH | REPLAY | ATTACH, FLAG(ascii) },
    { "--pictures", 0, "HOW",
      "show pictures in blocks of two pixels, in ascii characters, or in real pixels with the kitty or sixel protocol; "
      "auto: the best the terminal says it can",
      WORKBENCH | REPLAY | ATTACH, CHOICE(pictures, picture_names) },
    { "--no-mouse", 0, NULL, "leave the mouse to the terminal", WORKBENCH | REPLAY | ATTACH, FLAG(no_mouse) },
    { "--color", 0, "WHEN", "use colours: auto (on a terminal, unless NO_COLOR is set), always or never", ALL,
      CHOICE(colour, colours) },
    { "--help", 'h', NULL, "explain the program, or the command it stands with", ALL, FLAG(help) },
    { "--version", 'V', NULL, "print the version", ALL, FLAG(version) },
    { 0 },
};
