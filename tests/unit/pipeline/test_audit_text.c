/* test_audit_text.c: fingerprints of texts, and finding those that are near each other. */
#include "step_try.h"

static char path[] = "/tmp/sluice-audittext-XXXXXX.csv";

static int set_up(void **state)
{
    (void)state;
    int fd = mkstemps(path, 4);
    return fd < 0 ? -1 : close(fd);
}

static int tear_down(void **state)
{
    (void)state;
    return unlink(path);
}

static void texts_that_differ_in_a_word_are_near_and_others_far(void **state)
{
    (void)state;
    static const char header[] = "text\n";
    char line[4000] = "";
    struct stepping s;
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    fputs(header, file);
    for (unsigned i = 0; i < 300; i++) {
        uint32_t draw[4];
        sl_philox(8, SL_RANDOM_SAMPLE, 0, i, 0, draw);
        snprintf(line + strlen(line), 12, "w%u ", draw[0] % 5000);
    }
    fprintf(file, "%s\n%sother\n", line, line);
    for (char *p = line; *p; p++)
        *p = *p == 'w' ? 'v' : *p;
    fprintf(file, "%s\n", line);
    assert_int_equal(fclose(file), 0);
    stepping_open(&s, path, "", 1, 0, false);
    struct sl_text_key key[3];
    for (uint64_t r = 0; r < 3; r++)
        assert_true(sl_text_key_make(step_at(&s, r, 0, 0)->after, 0, NULL, &key[r]));
    assert_true(key[0].text != key[1].text);
    assert_in_range(__builtin_popcountll(key[0].print ^ key[1].print), 0, 3);
    assert_in_range(__builtin_popcountll(key[0].print ^ key[2].print), 12, 64);
    stepping_close(&s);
}

static void near_fingerprints_are_found_whichever_bits_differ(void **state)
{
    (void)state;
    enum { KEYS = 600 };
    static struct sl_text_key keys[KEYS], plain[KEYS];
    static uint64_t roles[KEYS];
    for (unsigned distance = 0; distance <= 7; distance++) {
        uint64_t expected = 0;
        for (uint32_t i = 0; i < KEYS; i++) { /* pairs that differ in `distance` bits, or one more */
            uint32_t draw[4];
            sl_philox(4, SL_RANDOM_SAMPLE, distance, i / 2, 0, draw);
            uint64_t print = (uint64_t)draw[0] << 32 | draw[1];
            for (uint32_t flips = 0, k = 0; i % 2 && flips < distance + (draw[2] % 4 == 0); k++) {
                uint32_t bit[4];
                sl_philox(4, SL_RANDOM_SAMPLE, distance, i / 2, 1 + k, bit);
                uint64_t flipped = print ^ UINT64_C(1) << (bit[0] % 64);
                bool fresh = !((print ^ keys[i - 1].print) >> (bit[0] % 64) & 1);
                print = fresh ? flipped : print;
                flips += fresh;
            }
            keys[i] = (struct sl_text_key){ .text = i, .print = print, .record = i };
            roles[i] = (uint64_t)i << 2 | (i % 2 ? SL_TEST : SL_TRAIN);
        }
        memcpy(plain, keys, sizeof keys);
        for (size_t i = 0; i < KEYS; i++) {
            bool near = false;
            for (size_t j = 0; j < KEYS; j += 2)
                near |= i % 2 && (unsigned)__builtin_popcountll(plain[i].print ^ plain[j].print) <= distance;
            expected += near;
        }
        struct sl_arena arena;
        struct sl_error err = SL_ERROR_INIT;
        struct sl_pairs got = { 0 };
        sl_arena_init(&arena);
        struct sl_pairing p = {
            .keys = keys, .n = KEYS, .roles = roles, .n_roles = KEYS, .most = 10, .distance = distance, .arena = &arena
        };
        must(sl_find_near(&p, &got, &err), &err);
        assert_in_range(expected, KEYS / 4, KEYS / 2 - 1);
        assert_int_equal(got.records, expected);
        sl_arena_release(&arena);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(texts_that_differ_in_a_word_are_near_and_others_far),
        cmocka_unit_test(near_fingerprints_are_found_whichever_bits_differ),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
