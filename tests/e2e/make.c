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
