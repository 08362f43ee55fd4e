/* command_table.c: the commands of a session, described once for parsing, help and completion. */
#include "command.h"

static const struct sl_param insert_rows[] = {
    SL_INT(struct insert_params, place, .help = "number the new stage is to have", .min = 1, .max = 1e6,
           .required = true, .positional = true),
    SL_STRING(struct insert_params, statement, .help = "the stage, as in a recipe", .required = true,
              .positional = true, .rest = true),
    { 0 },
};
static const struct sl_param edit_rows[] = {
    SL_STRING(struct edit_params, stage, .help = "number or name of the stage to replace", .required = true,
              .positional = true),
    SL_STRING(struct edit_params, statement, .help = "the stage that takes its place", .required = true,
              .positional = true, .rest = true),
    { 0 },
};
static const struct sl_param place_rows[] = {
    SL_STRING(struct place_params, stage, .help = "number or name of a stage (lowercase, lowercase#2)",
              .required = true, .positional = true),
    { 0 },
};
static const struct sl_param move_rows[] = {
    SL_STRING(struct move_params, stage, .help = "number or name of the stage to move", .required = true,
              .positional = true),
    SL_INT(struct move_params, to, .help = "number it is to have then", .min = 1, .max = 1e6, .required = true,
           .positional = true),
    { 0 },
};
static const struct sl_param set_rows[] = {
    SL_STRING(struct set_params, change, .help = "STAGE.PARAMETER=VALUE; several with blanks between", .required = true,
              .positional = true, .rest = true),
    { 0 },
};
static const struct sl_param open_rows[] = {
    SL_NAMES(struct open_params, files, .help = "files to read instead of the present ones", .required = true,
             .positional = true),
    { 0 },
};
static const struct sl_param resume_rows[] = {
    SL_BOOL(struct resume_params, force, .help = "go on even though the data have changed since"),
    { 0 },
};
static const struct sl_param train_rows[] = {
    SL_STRING(struct train_params, change, .help = "parameters of the statement, which the recipe has then",
              .positional = true, .rest = true),
    { 0 },
};
static const struct sl_param tune_rows[] = {
    SL_STRING(struct tune_params, change, .help = "PARAMETER=VALUE of the learner; several with blanks between",
              .required = true, .positional = true, .rest = true),
    { 0 },
};
static const char *const whats[] = { "data",        "quarantine", "recipe",  "metrics", "points",
                                     "predictions", "all",        "weights", NULL };
static const struct sl_param export_rows[] = {
    SL_PATH(struct export_params, path, .help = "file to write, or the folder for all; replaced when it is there",
            .required = true, .positional = true),
    SL_CHOICE(struct export_params, what, .choices = whats,
              .help =
                  "the cleaned records, the rejected ones, the recipe, the final figures, the curves, what the model "
                  "says of each record, a network's weights as safetensors, or all: recipe, events, metrics, result "
                  "as text and the curves as pictures"),
    SL_STRING(struct export_params, checkpoint,
              .help =
                  "of weights: best (of the best epoch), last, or the step of a checkpoint that is kept; else those "
                  "the training ended with"),
    { 0 },
};
static const struct sl_param note_rows[] = {
    SL_STRING(struct note_params, text, .help = "text to keep", .required = true, .positional = true, .rest = true),
    { 0 },
};
static const struct sl_param break_rows[] = {
    SL_STRING(struct debug_text_params, text,
              .help = "where and when to stop: a stage's name, a colon, and "
                      "changed, dropped, empty, missing, error, "
                      "nonfinite, first N, every N, sample P or an expression "
                      "over the columns; without it: list them",
              .positional = true, .rest = true),
    { 0 },
};
static const struct sl_param watch_rows[] = {
    SL_STRING(struct debug_text_params, text,
              .help = "expression whose value is shown after every stage; "
                      "without it: list them",
              .positional = true, .rest = true),
    { 0 },
};
static const struct sl_param which_rows[] = {
    SL_STRING(struct debug_text_params, text, .help = "number from the list, or all", .required = true,
              .positional = true),
    { 0 },
};
static const struct sl_param goto_rows[] = {
    SL_STRING(struct debug_text_params, text,
              .help = "number of a record (from 0), FILE:LINE, :LINE, "
                      "STAGE@RECORD or STAGE@; the model is a stage too",
              .required = true, .positional = true),
    { 0 },
};
static const char *const ways[] = { "next",      "into",        "finish",        "continue",    "back-next",
                                    "back-into", "back-finish", "back-continue", "next-record", "previous-record",
                                    NULL };
static const struct step_params step_defaults = { .times = 1 };
static const struct sl_param step_rows[] = {
    SL_CHOICE(struct step_params, way, .choices = ways,
              .help = "next: to the next stage, then the next record; into: to "
                      "the next operation within the stage; "
                      "finish: out of the stage, or to the last; continue: on "
                      "to a breakpoint; back-…: the same way back",
              .positional = true),
    SL_INT(struct step_params, times, .help = "so many times", .min = 1, .max = 1e9, .positional = true),
    { 0 },
};
static const char *const lists[] = { "changed", "dropped", "emptied", "missing", "untouched", "conflicts",
                                     "leakage", "cell",    "wrong",   "guilty",  "none",      NULL };
static const struct sl_param records_rows[] = {
    SL_CHOICE(struct records_params, which, .choices = lists,
              .help = "changed, dropped, emptied or missing STAGE, untouched, "
                      "conflicts, leakage: of the audit; cell "
                      "TRUE PREDICTED: test records the model takes so, most "
                      "wrong first; wrong: all it takes for another class; "
                      "guilty: the batch whose loss was not finite; none: all records again",
              .required = true, .positional = true),
    SL_STRING(struct records_params, first, .help = "the stage, or the true class", .positional = true),
    SL_STRING(struct records_params, second, .help = "the class predicted", .positional = true),
    { 0 },
};
static const struct sl_param help_rows[] = {
    SL_STRING(struct help_params, name, .help = "a stage or a command", .positional = true, .rest = true),
    { 0 },
};
static const struct sl_param no_rows[] = { { 0 } };

#define COMMAND(name_, usage_, summary_, type)                                                                    \
    {                                                                                                             \
        .name = #name_, .usage = usage_, .summary = summary_, .params = name_##_rows, .params_size = sizeof(type) \
    }
#define SIMPLE(name_, summary_)                                                                 \
    {                                                                                           \
        .name = name_, .usage = name_, .summary = summary_, .params = no_rows, .params_size = 1 \
    }
#define PLACE(name_, summary_)                                                             \
    {                                                                                      \
        .name = name_, .usage = name_ " STAGE", .summary = summary_, .params = place_rows, \
        .params_size = sizeof(struct place_params)                                         \
    }

const struct sl_command sl_commands[] = {
    COMMAND(insert, "insert N STATEMENT", "put a stage at place N", struct insert_params),
    COMMAND(edit, "edit STAGE STATEMENT", "put another stage in a stage's place", struct edit_params),
    COMMAND(set, "set STAGE.PARAMETER=VALUE…", "change a stage's parameters", struct set_params),
    COMMAND(move, "move STAGE N", "move a stage to place N", struct move_params),
    PLACE("delete", "take a stage out"),
    PLACE("off", "keep a stage, but do not run it"),
    PLACE("on", "run a stage that was off again"),
    SIMPLE("undo", "take the last change back"),
    SIMPLE("redo", "make the change again that was taken back last"),
    COMMAND(open, "open FILE…", "read other data with the same stages", struct open_params),
    { .name = "train",
      .usage = "train [PARAMETER=VALUE…]",
      .summary = "train on the data, from the start; of a network: after setting how, as the statement `train` does",
      .params = train_rows,
      .params_size = sizeof(struct train_params) },
    SIMPLE("pause", "hold the training after the present iteration"),
    COMMAND(resume, "resume [force=true]", "go on with a training that was held, stopped or interrupted",
            struct resume_params),
    SIMPLE("stop", "end the training after the present iteration; its model is kept"),
    SIMPLE("once", "take one iteration, then hold; begins a training when none "
                   "is under way"),
    COMMAND(tune, "tune PARAMETER=VALUE…", "change the learner while it trains, from the next iteration on",
            struct tune_params),
    COMMAND(export, "export FILE [what=…]", "write the cleaned records, or something else, to a file",
            struct export_params),
    COMMAND(note, "note TEXT", "keep a remark in the session", struct note_params),
    COMMAND(break, "break [[STAGE:] CONDITION]", "stop at records that fulfil a condition, or list where to stop",
            struct debug_text_params),
    { .name = "unbreak",
      .usage = "unbreak N|all",
      .summary = "take a breakpoint out",
      .params = which_rows,
      .params_size = sizeof(struct debug_text_params) },
    { .name = "switch",
      .usage = "switch N|all",
      .summary = "switch a breakpoint off, or on again",
      .params = which_rows,
      .params_size = sizeof(struct debug_text_params) },
    COMMAND(watch, "watch [EXPRESSION]", "follow a value from stage to stage, or list what is followed",
            struct debug_text_params),
    { .name = "unwatch",
      .usage = "unwatch N|all",
      .summary = "take a watch out",
      .params = which_rows,
      .params_size = sizeof(struct debug_text_params) },
    { .name = "step",
      .usage = "step [WAY [N]]",
      .summary = "walk a record through the stages, both ways",
      .params = step_rows,
      .params_size = sizeof(struct step_params),
      .defaults = &step_defaults },
    COMMAND(goto, "goto RECORD|FILE:LINE|STAGE@RECORD", "step from another record or stage", struct debug_text_params),
    SIMPLE("audit", "count what the stages do to all records; find duplicates "
                    "and label conflicts"),
    COMMAND(records, "records WHICH [OF …]", "make a list of records to step through", struct records_params),
    COMMAND(help, "help [NAME]", "explain a stage or a command", struct help_params),
    { 0 },
};

const struct sl_command *command_find(struct sl_str name)
{
    for (const struct sl_command *command = sl_commands; command->name; command++)
        if (sl_str_equal(name, sl_str(command->name)))
            return command;
    return NULL;
}

int command_params(const struct sl_command *command, const struct sl_line *line, struct sl_arena *arena, void **params,
                   struct sl_error *err)
{
    return sl_params_parse(command->params, command->defaults, command->params_size, line, 1, arena, params, err);
}
