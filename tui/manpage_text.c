/* manpage_text.c: the parts of the manual page that no table holds. */
#include "manpage_private.h"

void man_description(struct sl_buf *out)
{
    man_section(out, "DESCRIPTION");
    man_paragraphs(
        out,
        "Sluice opens messy data in the terminal, shows every record raw and clean side by side, puts stages "
        "together into a pipeline, and trains a model in the background while its curves draw themselves. "
        "Everything done is kept in a session file, which can be opened again at any time, also after a crash, and "
        "be used to predict new records with the very code that trained.\n\n"
        "A pipeline is written as a recipe: plain text, one statement a line. The same statements are typed at the "
        "prompt, issued by a key, carried out by sluice run and kept in the session.\n\n"
        "A record that cannot be read is put into the quarantine, with file, line, byte and reason; records in are "
        "always records out, quarantined and dropped by a stage together.",
        ".PP\n");
}

void man_recipes(struct sl_buf *out)
{
    man_section(out, "RECIPES");
    man_paragraphs(
        out,
        "A statement is the name of a stage, its columns or other words, and parameter=value pairs. # begins a "
        "comment. Words with blanks are quoted as in the shell: '…' is taken as it is, in \"…\" the sequences "
        "\\\" \\\\ \\n and \\t stand for quote, backslash, line end and tab. A backslash before the end of a line "
        "goes on with the next. Paths are relative to the recipe's folder.\n\n"
        "The order matters: a reader first, then cleaning, label, split, encoders, and a learner last. A stage "
        "that learns from the data must not stand before split, since it would learn from the test records. A "
        "recipe that makes no sense is refused before any record is read, with line, stage, parameter and the "
        "fix.",
        ".PP\n");
    sl_buf_puts(out, ".PP\n");
    man_example(out, "read csv reviews.csv\n"
                     "lowercase review_text\n"
                     "strip_html review_text\n"
                     "label sentiment\n"
                     "split test_size=0.2 random_state=42\n"
                     "tfidf review_text stop_words=english max_features=1000\n"
                     "logistic C=1.0\n"
                     "train");
}

void man_json(struct sl_buf *out)
{
    man_section(out, "JSON OUTPUT");
    man_puts(out, "With --json, sluice run prints one object a line. Its member event says what it is:\n");
    man_item(out, "progress",
             "At most ten a second: phase (read, split, fit, encode, train), fraction of the whole, "
             "records_per_second, eta in seconds or null, step.");
    man_item(out, "metric",
             "A point of the curves, one for every iteration (of a network: batch): step, rows, loss, gradient_norm, "
             "train_accuracy, test_accuracy, test_loss (null when not evaluated), learning_rate where there is one, "
             "seconds.");
    man_item(out, "epoch",
             "What an epoch of a network came to: epoch, step, loss, accuracy, val_loss, val_accuracy (of validation "
             "records, else test), learning_rate, seconds, rows_per_second, wait_share, best.");
    man_item(out, "break",
             "With --break: hit, and if so breakpoint, passed (records before) and place: file, line, record, stage, "
             "statement, marks, changes (before and after), columns, explain, watches.");
    man_item(out, "error",
             "What went wrong: message, fix, and, where known, file, line, column, stage, parameter. "
             "interrupted is true when a signal ended the run.");
    man_item(
        out, "result",
        "The last line of a run that succeeded: accuracy, log_loss, roc_auc, confusion and classes of the test records "
        "(null without a model), train_accuracy, precision, recall and f1 by class, records, quarantined, dropped, "
        "seconds by phase, peak_rss_bytes, cache_hits and cache_misses (records) and more.");
}

static void files(struct sl_buf *out)
{
    man_section(out, "FILES");
    man_item(out, "*.sluice", "recipes");
    man_item(out, "*.session", "sessions: SQLite files with the journal, the curves, the fitted stages and the model");
    man_item(out, "*.session.lock", "tells which process is writing to a session");
    man_item(out, "~/.local/state/sluice/history", "lines typed at the prompt");
}

static void environment(struct sl_buf *out)
{
    man_section(out, "ENVIRONMENT");
    man_item(out, "NO_COLOR", "when set to anything but the empty string, no colours, unless --color says otherwise");
    man_item(out, "TERM", "the terminal; dumb or unset: no screen, use --plain");
    man_item(out, "LC_ALL, LC_CTYPE, LANG", "when they do not name UTF-8, the screen shows ASCII only");
    man_item(out, "INPUTRC", "settings of the prompt, see readline(3)");
    man_item(out, "XDG_STATE_HOME", "where history is kept, instead of ~/.local/state");
    man_item(out, "XDG_CACHE_HOME", "where the stage cache keeps files, below sluice/, instead of ~/.cache");
    man_item(out, "TMPDIR", "where records go that do not fit into the memory allowed");
}

static void status(struct sl_buf *out)
{
    man_section(out, "EXIT STATUS");
    man_item(out, "0", "done");
    man_item(out, "1", "failed; the reason and the fix are on standard error");
    man_item(out, "2", "wrong usage");
    man_item(out, "3", "a breakpoint of run --break stopped at a record; nothing was trained");
    man_item(out, "130", "interrupted by SIGINT or SIGTERM (without a session file also SIGHUP); the session is saved");
    man_item(out, "141", "nobody reads the output any more");
}

static void examples(struct sl_buf *out)
{
    man_section(out, "EXAMPLES");
    man_puts(out, "Look at a file, record by record:\n");
    man_example(out, "    sluice reviews.csv");
    sl_buf_puts(out, ".PP\nTrain, keep the session, and predict with it:\n");
    man_example(out, "    sluice run reviews.sluice --session reviews.session\n"
                     "    sluice predict reviews.session new.csv -o predicted.csv");
    sl_buf_puts(out, ".PP\nTry another parameter, and take the accuracy out of the result:\n");
    man_example(out, "    sluice run reviews.sluice --set tfidf.max_features=500 --json | tail -n 1 | jq .accuracy");
    sl_buf_puts(out, ".PP\nGo on with a training that was interrupted:\n");
    man_example(out, "    sluice resume reviews.session");
}

void man_surroundings(struct sl_buf *out)
{
    files(out);
    environment(out);
    status(out);
    examples(out);
    man_section(out, "SEE ALSO");
    sl_buf_puts(out, "\\fBreadline\\fR(3), \\fBsqlite3\\fR(1)\n");
}
