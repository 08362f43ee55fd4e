/* token.h: from a text to its words, as scikit-learn's vectorizers cut it; private to the stages.
 *
 * A text is prepared (lower case, accents), cut into spans of the prepared text, and the spans are looked up in a table
 * of words. Each step is a file: token_text.c, token_mask.c and token_cut.c (or token_pattern.c), token_table.c. */
#ifndef SLUICE_STAGES_TOKEN_H
#define SLUICE_STAGES_TOKEN_H

#include "sluice/param.h"
#include "sluice/vocab.h"

enum { SL_STOPWORDS_ENGLISH = 318 };
extern const char *const sl_stopwords_english[SL_STOPWORDS_ENGLISH]; /* in byte order */

#define SL_TOKEN_PATTERN "(?u)\\b\\w\\w+\\b"

enum sl_strip_accents { SL_ACCENTS_KEEP, SL_ACCENTS_UNICODE, SL_ACCENTS_ASCII };
extern const char *const sl_strip_accents_choices[];
extern const char *const sl_stop_words_choices[];

/* What a text is cut by. Words are never looked at by more than this. */
struct sl_token_options {
    bool lowercase;
    int strip_accents;   /* enum sl_strip_accents */
    const char *pattern; /* borrowed for the call */
};

/* Options checked and compiled; immutable, shared by all workers. */
struct sl_token_rules {
    bool lowercase;
    int strip_accents;
    void *code;     /* pcre2_code; NULL: the default pattern, cut by bit masks */
    uint32_t group; /* what of a match is the token */
};
int sl_token_rules_init(struct sl_token_rules *rules, const struct sl_token_options *options, struct sl_error *err);
void sl_token_rules_release(struct sl_token_rules *rules);

enum { SL_TOKEN_PAD = 64, SL_TOKEN_BATCH = 4096, SL_TOKEN_WORD = 64 };

struct sl_token_matcher;

/* A worker's cutter: one text at a time. */
struct sl_tokenizer {
    const struct sl_token_rules *rules;
    char *text; /* prepared, SL_TOKEN_PAD zero bytes behind it */
    size_t n, capacity;
    uint64_t *word, *other;           /* bit i: byte i is part of a word; is not ASCII */
    size_t mask_capacity;             /* in elements */
    bool ascii;                       /* the whole prepared text */
    size_t at;                        /* next mask element, or next byte (pattern) */
    uint64_t inside;                  /* does a word go on over the edge of the last element? (0 or 1) */
    uint32_t open;                    /* where it began */
    struct sl_token_matcher *matcher; /* pattern only */
    bool checked, nonempty;           /* pattern: subject's UTF-8 is checked; the next match may not be empty at `at` */
    struct sl_arena arena;            /* for accents */
    uint32_t spans[SL_TOKEN_BATCH + 2 * SL_TOKEN_WORD + 16]; /* begin, end; begin, end; … */
};
void sl_tokenizer_init(struct sl_tokenizer *tokenizer, const struct sl_token_rules *rules);
void sl_tokenizer_release(struct sl_tokenizer *tokenizer);
/* Prepare a text for cutting. It may be freed afterwards. Errors: SL_ELIMIT when it is too long (1 GiB). */
int sl_tokenizer_begin(struct sl_tokenizer *tokenizer, struct sl_str text, struct sl_error *err);
/* The next words of it, as *n spans of tokenizer->text in tokenizer->spans; *n is 0 at its end. */
int sl_tokenizer_next(struct sl_tokenizer *tokenizer, size_t *n, struct sl_error *err);

/* Its parts, apart for the tests. */

/* Copy n bytes to out (room for n + SL_TOKEN_PAD, which become 0; may be p itself), lowered when `lower`, and set the
 * bits of ASCII word bytes and of bytes that are not ASCII. The masks have n / 64 + 1 elements. Returns whether all are
 * ASCII. */
bool sl_token_mask(const char *p, size_t n, bool lower, char *out, uint64_t *word, uint64_t *other);
bool sl_token_mask_plain(const char *p, size_t n, bool lower, char *out, uint64_t *word, uint64_t *other);
/* Add the bits of the words' characters that are not ASCII. */
void sl_token_mask_others(const char *p, size_t n, uint64_t *word, const uint64_t *other);
int sl_token_prepare(struct sl_tokenizer *tokenizer, struct sl_str text, struct sl_error *err);
size_t sl_token_cut(struct sl_tokenizer *tokenizer);
int sl_token_pattern_compile(struct sl_token_rules *rules, const char *pattern, struct sl_error *err);
void sl_token_pattern_release(struct sl_token_rules *rules);
int sl_token_pattern_next(struct sl_tokenizer *tokenizer, size_t *n, struct sl_error *err);
void sl_token_pattern_end(struct sl_tokenizer *tokenizer);

/* Words and their ids. The first `stop` ids are the stop words. */
struct sl_token_table {
    struct sl_vocab *vocab;
    struct sl_token_slot *slots; /* words of 1 to 16 bytes without NUL; NULL: dropped, no look-ups any more */
    uint64_t mask;
    uint64_t used;
    uint32_t stop;
    bool frozen; /* look-ups add nothing: unknown words are SL_NO_TERM */
};
int sl_token_table_init(struct sl_token_table *table, bool stop_words, struct sl_error *err);
void sl_token_table_release(struct sl_token_table *table);
/* Forget what look-ups need, but keep the vocabulary. */
void sl_token_table_close(struct sl_token_table *table);
/* Id of one word, added when new and the table is not frozen; SL_NO_TERM: unknown, or out of memory. */
uint32_t sl_token_table_word(struct sl_token_table *table, struct sl_str word);
/* Ids of n spans into ids[n], stop words left out, and with `skip` also unknown words; *kept says how many. `plain`: no
 * span is empty or holds a NUL, and SL_TOKEN_PAD bytes after the text may be read. */
int sl_token_table_ids(struct sl_token_table *table, const struct sl_tokenizer *tokenizer, size_t n, bool skip,
                       uint32_t *ids, size_t *kept, struct sl_error *err);

/* Rows of the parameter table that every stage cutting texts has; its struct has fields of these names. */
#define SL_TOKEN_ROWS(s)                                                                                              \
    SL_BOOL(s, lowercase, .help = "put texts in lower case first"),                                                   \
        SL_CHOICE(s, strip_accents, .choices = sl_strip_accents_choices,                                              \
                  .help = "take accents off letters (é to e): unicode does so in every script; ascii also drops "    \
                          "what has no ASCII form"),                                                                  \
        SL_STRING(s, token_pattern, .help = "regular expression of a token; with one group, the group is the token"), \
        SL_CHOICE(s, stop_words, .choices = sl_stop_words_choices,                                                    \
                  .help = "words to leave out: english takes scikit-learn's list of 318"),                            \
        SL_PAIR(s, ngram_range, .min = 1, .max = 16, .unit = "words",                                                 \
                .help = "shortest and longest sequence of words to count: 1,1 words alone, 1,2 also pairs")

#endif
