/* count: the counts of scikit-learn's CountVectorizer. What it shares with tfidf is tested in test_tfidf.c. */
#include "encoder_try.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

static void every_golden_setting_gives_the_counts_of_scikit_learn(void **state)
{
    (void)state;
    assert_vectorizer_golden("count", "tfidf_count.tsv");
    assert_vectorizer_golden("count", "tfidf_count_bigrams.tsv");
    assert_vectorizer_golden("count", "tfidf_count_binary.tsv");
}

/* The same texts, dealt to workers in every way, give the same bytes. */
static void the_number_of_workers_changes_nothing(void **state)
{
    (void)state;
    static const char *const words[] = { "red", "green", "blue", "Violet", "ultramarine-blue", "été", "中文", "of" };
    struct sl_buf text = { 0 }, first = { 0 };
    for (size_t workers = 1; workers <= TRY_WORKERS; workers++) {
        struct encoder e;
        struct sl_str texts[50];
        encoder_must_open(&e, "count text ngram_range=1,3 min_df=2", "text:text");
        for (uint32_t i = 0; i < 50; i++) {
            text.n = 0;
            for (uint32_t k = 0; k < 12; k++) {
                sl_buf_printf(&text, "%s ", words[(i * 31 + k * k * 7 + i * k) % 8]);
            }
            texts[i] = (struct sl_str){ sl_arena_strndup(&e.arena, text.p, text.n), text.n };
        }
        encoder_texts(&e, texts, 50, (uint32_t)workers);
        assert_int_equal(encoder_fit(&e, workers, NULL), SL_OK);
        struct sl_buf blob = encoder_save(&e);
        if (workers == 1) {
            sl_buf_add(&first, blob.p, blob.n);
        }
        assert_int_equal(blob.n, first.n);
        assert_memory_equal(blob.p, first.p, blob.n);
        sl_buf_release(&blob);
        encoder_close(&e);
    }
    sl_buf_release(&text);
    sl_buf_release(&first);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_golden_setting_gives_the_counts_of_scikit_learn),
        cmocka_unit_test(the_number_of_workers_changes_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
