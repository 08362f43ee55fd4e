/* Cutting texts into words: the default pattern by masks, other patterns by PCRE2, and the table of words. */
#include "engine/stages/token.h"
#include "sluice/text.h"
#include "tests/unit/base/text_golden.h"

enum { WORDS_MOST = 40000 };

struct words {
    char *text; /* of all words, one after the other */
    size_t bytes;
    uint32_t end[WORDS_MOST];
    size_t n;
};

static void cut(const struct sl_token_options *options, struct sl_str text, struct words *words)
{
    struct sl_error err = SL_ERROR_INIT;
    struct sl_token_rules rules;
    struct sl_tokenizer *t = malloc(sizeof *t);
    assert_non_null(t);
    assert_int_equal(sl_token_rules_init(&rules, options, &err), SL_OK);
    sl_tokenizer_init(t, &rules);
    assert_int_equal(sl_tokenizer_begin(t, text, &err), SL_OK);
    words->n = words->bytes = 0;
    words->text = malloc(4 * text.n + 64);
    assert_non_null(words->text);
    for (size_t n = 1; n;) {
        assert_int_equal(sl_tokenizer_next(t, &n, &err), SL_OK);
        for (size_t i = 0; i < n; i++) {
            size_t length = t->spans[2 * i + 1] - t->spans[2 * i];
            assert_true(words->n < WORDS_MOST && t->spans[2 * i + 1] <= t->n);
            memcpy(words->text + words->bytes, t->text + t->spans[2 * i], length);
            words->bytes += length;
            words->end[words->n++] = (uint32_t)words->bytes;
        }
    }
    sl_tokenizer_release(t);
    sl_token_rules_release(&rules);
    free(t);
}

static struct sl_str word(const struct words *words, size_t i)
{
    size_t begin = i ? words->end[i - 1] : 0;
    return (struct sl_str){ words->text + begin, words->end[i] - begin };
}

static void assert_words(const struct sl_token_options *options, const char *text, const char *expected)
{
    struct words words;
    struct sl_buf joined = { 0 };
    cut(options, sl_str(text), &words);
    for (size_t i = 0; i < words.n; i++) {
        sl_buf_putc(&joined, '[');
        sl_buf_add(&joined, word(&words, i).p, word(&words, i).n);
        sl_buf_putc(&joined, ']');
    }
    sl_buf_add(&joined, "", 0);
    if (strcmp(joined.p ? joined.p : "", expected) != 0) {
        fail_msg("\"%s\" is cut into %s, not %s", text, joined.p, expected);
    }
    sl_buf_release(&joined);
    free(words.text);
}

static void texts_are_lowered_and_cut_as_python_does(void **state)
{
    (void)state;
    struct sl_token_options options = { .lowercase = true };
    struct golden golden = golden_open("tests/golden/tokens.tsv");
    size_t seen = 0;
    while (golden_next(&golden)) {
        struct words words;
        cut(&options, golden.field[1], &words);
        assert_int_equal(words.n, golden_number(&golden, 3, 10));
        for (size_t i = 0; i < words.n; i++) {
            if (!sl_str_equal(word(&words, i), golden.field[4 + i])) {
                fail_msg("word %zu of \"%.*s\" is \"%.*s\"", i, (int)golden.field[1].n, golden.field[1].p,
                         (int)word(&words, i).n, word(&words, i).p);
            }
        }
        free(words.text);
        seen++;
    }
    golden_close(&golden);
    assert_true(seen > 50);
}

static void stop_words_are_those_of_scikit_learn(void **state)
{
    (void)state;
    struct golden golden = golden_open("tests/golden/stopwords.txt");
    size_t n = 0;
    for (; golden_next(&golden); n++) {
        assert_true(n < SL_STOPWORDS_ENGLISH);
        assert_true(sl_str_equal(golden.field[0], sl_str(sl_stopwords_english[n])));
    }
    assert_int_equal(n, SL_STOPWORDS_ENGLISH);
    golden_close(&golden);
}

/* A text of pieces that meet the elements' and batches' edges in every way. */
static size_t random_text(uint64_t *seed, char *out, size_t most)
{
    static const char *const pieces[] = {
        "a", "B", "_", "7", " ", ".", "é", "É", "中", "😀", "\xcc\x81", "ß", "-", "zz"
    };
    size_t n = 0;
    while (n + 70 < most) {
        const char *piece = pieces[golden_random(seed, sizeof pieces / sizeof pieces[0])];
        uint32_t times = golden_random(seed, 20) == 0 ? 1 + golden_random(seed, 15) : 1;
        for (uint32_t k = 0; k < times; k++) {
            memcpy(out + n, piece, strlen(piece));
            n += strlen(piece);
        }
    }
    return n;
}

/* The words of a lowered text, character by character. */
static void cut_slowly(struct sl_str text, struct words *words)
{
    size_t begin = 0, characters = 0, length = 0;
    words->n = words->bytes = 0;
    words->text = malloc(text.n + 1);
    assert_non_null(words->text);
    for (size_t i = 0; i <= text.n; i += length) {
        bool inside = i < text.n && sl_is_word(sl_utf8_decode(text.p + i, text.n - i, &length));
        begin = inside && characters == 0 ? i : begin;
        characters = inside ? characters + 1 : characters;
        if (!inside && characters >= 2) {
            memcpy(words->text + words->bytes, text.p + begin, i - begin);
            words->bytes += i - begin;
            words->end[words->n++] = (uint32_t)words->bytes;
        }
        characters = inside ? characters : 0;
        length = i == text.n ? 1 : length;
    }
}

static void long_texts_are_cut_as_one_character_after_the_other_would_be(void **state)
{
    (void)state;
    uint64_t seed = 42;
    struct sl_token_options options = { .lowercase = true };
    char *text = malloc(20000), *lower = malloc(3 * 20000 + 16);
    struct words *fast = malloc(sizeof *fast), *slow = malloc(sizeof *slow);
    assert_true(text && lower && fast && slow);
    for (size_t round = 0; round < 60; round++) {
        size_t n = random_text(&seed, text, round < 50 ? 100 + round * 37 : 20000);
        size_t m = sl_text_lower(text, n, lower);
        cut(&options, (struct sl_str){ text, n }, fast);
        cut_slowly((struct sl_str){ lower, m }, slow);
        assert_int_equal(fast->n, slow->n);
        assert_memory_equal(fast->end, slow->end, slow->n * sizeof *slow->end);
        assert_memory_equal(fast->text, slow->text, slow->bytes);
        free(fast->text);
        free(slow->text);
    }
    free(text);
    free(lower);
    free(fast);
    free(slow);
}

static void words_of_many_batches_stay_whole(void **state)
{
    (void)state;
    struct sl_token_options options = { .lowercase = false };
    struct words *words = malloc(sizeof *words);
    assert_non_null(words);
    for (size_t n = 4090; n < 4100; n++) {
        char *text = malloc(3 * n);
        assert_non_null(text);
        memset(text, 'x', 3 * n);
        text[n] = text[n + 2] = ' ';
        cut(&options, (struct sl_str){ text, 3 * n }, words);
        assert_int_equal(words->n, 2);
        assert_int_equal(words->end[0], n);
        assert_int_equal(words->end[1], n + 2 * n - 3);
        free(words->text);
        free(text);
    }
    free(words);
}

static void vector_and_portable_masks_are_the_same(void **state)
{
    (void)state;
    uint64_t seed = 7;
    char text[600], out[2][600 + SL_TOKEN_PAD];
    uint64_t word_mask[2][11], other[2][11];
    for (size_t n = 0; n < 600; n++) {
        for (size_t i = 0; i < n; i++) {
            text[i] = (char)golden_random(&seed, n % 2 ? 256 : 128);
        }
        bool lower = n % 3 != 0;
        bool a = sl_token_mask(text, n, lower, out[0], word_mask[0], other[0]);
        bool b = sl_token_mask_plain(text, n, lower, out[1], word_mask[1], other[1]);
        assert_int_equal(a, b);
        assert_memory_equal(out[0], out[1], n + SL_TOKEN_PAD);
        assert_memory_equal(word_mask[0], word_mask[1], (n / 64 + 1) * 8);
        assert_memory_equal(other[0], other[1], (n / 64 + 1) * 8);
    }
}

static void a_pattern_finds_what_re_findall_finds(void **state)
{
    (void)state;
    struct sl_token_options options = { .lowercase = true, .pattern = "(?u)\\b\\w\\w+\\b" };
    assert_words(&options, "It's a Test, été", "[it][test][été]");
    options.pattern = "(?u)\\w+";
    assert_words(&options, "It's a Test é", "[it][s][a][test][é]");
    options.pattern = "\\S+";
    assert_words(&options, "It's a\u00a0Test", "[it's][a][test]");
    options.pattern = "(\\w)\\w*";
    assert_words(&options, "one two 3", "[o][t][3]");
    options.pattern = "a(x)?";
    assert_words(&options, "a ax b", "[][x]");
    options.pattern = "x*";
    assert_words(&options, "axxb", "[][xx][][]"); /* re.findall("x*", "axxb") == ['', 'xx', '', ''] */
    options.pattern = "(?i)[A-C]+";
    assert_words(&options, "abcxcab", "[abc][cab]");
    options.pattern = "zzz";
    assert_words(&options, "nothing", "");
}

static void the_default_pattern_does_what_pcre2_would_do(void **state)
{
    (void)state;
    uint64_t seed = 99;
    /* The same language, in a spelling that is not recognised. */
    struct sl_token_options masks = { .lowercase = true }, pattern = { true, 0, "\\b\\w(?:\\w+)\\b" };
    struct words *a = malloc(sizeof *a), *b = malloc(sizeof *b);
    char *text = malloc(5000);
    assert_true(a && b && text);
    for (size_t round = 0; round < 20; round++) {
        size_t n = random_text(&seed, text, 5000);
        for (size_t i = 0; i + 1 < n; i++) { /* combining marks are \w for newer versions of PCRE2, not for Python */
            if ((unsigned char)text[i] == 0xcc) {
                text[i] = text[i + 1] = ' ';
            }
        }
        cut(&masks, (struct sl_str){ text, n }, a);
        cut(&pattern, (struct sl_str){ text, n }, b);
        assert_int_equal(a->n, b->n);
        assert_memory_equal(a->end, b->end, a->n * sizeof *a->end);
        assert_memory_equal(a->text, b->text, a->bytes);
        free(a->text);
        free(b->text);
    }
    free(a);
    free(b);
    free(text);
}

static void a_pattern_that_never_ends_is_an_error_of_the_text(void **state)
{
    (void)state;
    struct sl_error err = SL_ERROR_INIT;
    struct sl_token_options options = { .pattern = "(?:a|a|a|a)+(?:b|d)$" };
    struct sl_token_rules rules;
    struct sl_tokenizer *t = malloc(sizeof *t);
    assert_non_null(t);
    assert_int_equal(sl_token_rules_init(&rules, &options, &err), SL_OK);
    sl_tokenizer_init(t, &rules);
    size_t n;
    assert_int_equal(sl_tokenizer_begin(t, SL_STR("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaacb or not"), &err), SL_OK);
    assert_int_equal(sl_tokenizer_next(t, &n, &err), SL_EDATA);
    assert_true(err.fix[0]);
    sl_tokenizer_release(t);
    sl_token_rules_release(&rules);
    free(t);
}

static void accents_come_off_as_scikit_learn_takes_them_off(void **state)
{
    (void)state;
    struct sl_token_options options = { .lowercase = true, .strip_accents = SL_ACCENTS_UNICODE };
    assert_words(&options, "École ÑANDÚ e\u0301te\u0301 Ünïcödé ﬁne", "[ecole][nandu][ete][unicode][fine]");
    assert_words(&options, "Москва й 中文", "[москва][中文]");
    options.strip_accents = SL_ACCENTS_ASCII;
    assert_words(&options, "École Москва abc中文def", "[ecole][abcdef]");
    options = (struct sl_token_options){ .lowercase = false, .strip_accents = SL_ACCENTS_UNICODE };
    assert_words(&options, "École", "[Ecole]");
}

static void words_keep_their_ids_however_long_they_are(void **state)
{
    (void)state;
    struct sl_error err = SL_ERROR_INIT;
    struct sl_token_table table;
    char term[40];
    assert_int_equal(sl_token_table_init(&table, true, &err), SL_OK);
    assert_int_equal(table.stop, SL_STOPWORDS_ENGLISH);
    assert_int_equal(sl_token_table_word(&table, SL_STR("yourselves")), SL_STOPWORDS_ENGLISH - 1);
    for (int round = 0; round < 2; round++) {
        for (uint32_t k = 0; k < 20000; k++) {
            size_t n = (size_t)snprintf(term, sizeof term, "%u%.*s", k, (int)(k % 21), "xxxxxxxxxxxxxxxxxxxxxxx");
            uint32_t id = sl_token_table_word(&table, (struct sl_str){ term, n });
            assert_int_equal(id, SL_STOPWORDS_ENGLISH + k);
        }
    }
    uint32_t n = sl_vocab_size(table.vocab);
    assert_int_equal(sl_token_table_word(&table, SL_STR("a\0b")), n);
    assert_int_equal(sl_token_table_word(&table, SL_STR("a\0")), n + 1);
    assert_int_equal(sl_token_table_word(&table, SL_STR("")), n + 2);
    assert_int_equal(sl_token_table_word(&table, SL_STR("a")), 0); /* a stop word: not taken for "a\0" */
    table.frozen = true;
    assert_int_equal(sl_token_table_word(&table, SL_STR("unheard")), SL_NO_TERM);
    assert_int_equal(sl_token_table_word(&table, SL_STR("unheard of, and longer than the table's words")), SL_NO_TERM);
    assert_int_equal(sl_token_table_word(&table, SL_STR("a\0b")), n);
    assert_int_equal(sl_vocab_size(table.vocab), n + 3);
    sl_token_table_release(&table);
}

static void ids_of_a_text_leave_out_stop_words_and_mark_unknown_ones(void **state)
{
    (void)state;
    struct sl_error err = SL_ERROR_INIT;
    struct sl_token_options options = { .lowercase = true };
    struct sl_token_rules rules;
    struct sl_token_table table;
    struct sl_tokenizer *t = malloc(sizeof *t);
    uint32_t ids[16], stop = SL_STOPWORDS_ENGLISH;
    size_t n, kept;
    assert_non_null(t);
    assert_int_equal(sl_token_rules_init(&rules, &options, &err), SL_OK);
    assert_int_equal(sl_token_table_init(&table, true, &err), SL_OK);
    sl_tokenizer_init(t, &rules);
    for (int frozen = 0; frozen < 3; frozen++) {
        const char *text = frozen ? "The red unheard RED of internationalisations"
                                  : "Red, the internationalisations of red";
        table.frozen = frozen;
        assert_int_equal(sl_tokenizer_begin(t, sl_str(text), &err), SL_OK);
        assert_int_equal(sl_tokenizer_next(t, &n, &err), SL_OK);
        assert_int_equal(sl_token_table_ids(&table, t, n, frozen == 2, ids, &kept, &err), SL_OK);
        const uint32_t expected[3][4] = { { stop, stop + 1, stop },
                                          { stop, SL_NO_TERM, stop, stop + 1 },
                                          { stop, stop, stop + 1 } };
        assert_int_equal(kept, frozen == 1 ? 4 : 3);
        assert_memory_equal(ids, expected[frozen], kept * sizeof *ids);
    }
    sl_tokenizer_release(t);
    sl_token_table_release(&table);
    sl_token_rules_release(&rules);
    free(t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(texts_are_lowered_and_cut_as_python_does),
        cmocka_unit_test(stop_words_are_those_of_scikit_learn),
        cmocka_unit_test(long_texts_are_cut_as_one_character_after_the_other_would_be),
        cmocka_unit_test(words_of_many_batches_stay_whole),
        cmocka_unit_test(vector_and_portable_masks_are_the_same),
        cmocka_unit_test(a_pattern_finds_what_re_findall_finds),
        cmocka_unit_test(the_default_pattern_does_what_pcre2_would_do),
        cmocka_unit_test(a_pattern_that_never_ends_is_an_error_of_the_text),
        cmocka_unit_test(accents_come_off_as_scikit_learn_takes_them_off),
        cmocka_unit_test(words_keep_their_ids_however_long_they_are),
        cmocka_unit_test(ids_of_a_text_leave_out_stop_words_and_mark_unknown_ones),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
