/* make.c: data the tests make for themselves, the same every time. */
#include "e2e.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

void make_file(const char *name, const char *text)
{
    FILE *file = fopen(name, "w");
    if (!file || fputs(text, file) == EOF || fclose(file) != 0)
        FAIL("cannot write \"%s\"", name);
}

size_t file_size(const char *name)
{
    struct stat st;
    return stat(name, &st) == 0 ? (size_t)st.st_size : 0;
}

static uint32_t mix(uint32_t x)
{
    x ^= x >> 16;
    x *= 0x7feb352du;
    x ^= x >> 15;
    x *= 0x846ca68bu;
    return x ^ x >> 16;
}

#define BAD_EVERY 97

int reviews_bad(int n)
{
    return n / BAD_EVERY;
}

static void put_review(FILE *file, uint32_t i)
{
    static const char *const good[] = { "wonderful", "LOVED", "great", "excellent", "moving", "superb" };
    static const char *const bad[] = { "boring", "AWFUL", "dull", "worst", "waste", "terrible" };
    static const char *const plain[] = { "film", "story",  "actor",   "scene",  "music",    "ending",  "camera", "plot",
                                         "book", "screen", "evening", "friend", "director", "version", "sound" };
    bool positive = mix(i) % 2;
    fputc('"', file);
    for (uint32_t w = 0; w < 12; w++) {
        uint32_t r = mix(i * 31 + w * 7 + 1);
        bool telling = r % 5 == 0, liar = mix(r) % 6 == 0;
        const char *const *words = telling ? (positive != liar ? good : bad) : plain;
        size_t n = telling ? 6 : 15;
        fprintf(file, "%s%s%s", w ? " " : "", w == 3 && r % 3 == 0 ? "<br /><br />" : "", words[r / 7 % n]);
        if (w == 7 && r % 4 == 0)
            fputs(" &amp; \"\"so on\"\"", file);
    }
    fprintf(file, "\",%s\n", positive ? "positive" : "negative");
}

void make_reviews(const char *name, int n)
{
    FILE *file = fopen(name, "w");
    if (!file)
        FAIL("cannot write \"%s\"", name);
    fputs("review_text,sentiment\n", file);
    fputs("\"I LOVED it!<br /><br />Best film\",positive\n", file);
    for (int i = 1; i < n; i++) {
        if (i % BAD_EVERY == 0)
            fputs("one field,and,far,too many\n", file);
        else if (i % 53 == 0)
            fputs("\"I LOVED it!<br /><br />Best film\",positive\n", file);
        else
            put_review(file, (uint32_t)i);
    }
    if (fclose(file) != 0)
        FAIL("cannot write \"%s\"", name);
}

/* Big-endian, as IDX has its sizes. */
static FILE *begin_idx(const char *name, const char *what, const uint32_t *sizes, uint32_t rank)
{
    char path[64];
    snprintf(path, sizeof path, "%s-%s", name, what);
    FILE *file = fopen(path, "wb");
    const uint8_t magic[4] = { 0, 0, 8, (uint8_t)rank };
    if (!file || fwrite(magic, 1, 4, file) != 4)
        FAIL("cannot write \"%s\"", path);
    for (uint32_t i = 0; i < rank; i++)
        for (int shift = 24; shift >= 0; shift -= 8)
            fputc((int)(sizes[i] >> shift & 255), file);
    return file;
}

static void put_picture(FILE *file, uint32_t class, uint32_t seed)
{
    uint32_t top = class / 2 * 4, left = class % 2 * 4;
    for (uint32_t y = 0; y < 8; y++)
        for (uint32_t x = 0; x < 8; x++) {
            uint32_t noise = mix(seed * 64 + y * 8 + x) % 90;
            bool blob = y >= top && y < top + 4 && x >= left && x < left + 4;
            fputc((int)(blob ? 160 + noise : noise), file);
        }
}

void make_pictures(const char *name, int n)
{
    const uint32_t sizes[3] = { (uint32_t)n, 8, 8 };
    FILE *images = begin_idx(name, "images", sizes, 3), *labels = begin_idx(name, "labels", sizes, 1);
    uint32_t start = mix((uint32_t)name[1]); /* other pictures for another name */
    for (uint32_t i = 0; i < (uint32_t)n; i++) {
        uint32_t class = mix(start + i) % 4;
        put_picture(images, class, start + i);
        fputc((int)(i % 50 == 7 ? (class + 1) % 4 : class), labels);
    }
    if (fclose(images) != 0 || fclose(labels) != 0)
        FAIL("cannot write pictures");
}

static void write_recipe(const char *name, const char *learner)
{
    char text[512];
    snprintf(text, sizeof text,
             "read csv reviews.csv\nlowercase review_text\nstrip_html review_text\nlabel sentiment\n"
             "split test_size=0.2 random_state=42\ntfidf review_text max_features=500\n%s\n",
             learner);
    make_file(name, text);
}

void make_recipe(const char *name)
{
    write_recipe(name, "logistic C=1.0");
}

void make_long_recipe(const char *name, int iterations)
{
    char learner[128];
    snprintf(learner, sizeof learner, "logistic C=1.0 solver=sgd max_iter=%d tol=1e-12", iterations);
    write_recipe(name, learner);
}
