/* picture_trial.h: one statement on picture columns made here: of fixed size (bytes of a vector) or of sizes of their
 * own. */
#ifndef SLUICE_TESTS_PICTURE_TRIAL_H
#define SLUICE_TESTS_PICTURE_TRIAL_H

#include "sluice/image_ops.h"
#include "sluice/recipe.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

enum { TRIAL_RECORDS = 6, TRIAL_FIRST = 1000 }; /* records, and the number of the first */

struct picture_trial {
    struct sl_arena arena;
    struct sl_schema schema; /* a number "id", then "image" */
    struct sl_statement statement;
    struct sl_stage stage;
    struct sl_chunk chunk, before;
    void *scratch;
    struct sl_image picture[TRIAL_RECORDS]; /* as they come in */
    struct sl_error err;
};

/* Pictures of one size; record 3 is missing when `missing`. Returns bind's status; release in any case. */
int trial_fixed(struct picture_trial *t, const char *statement, uint32_t width, uint32_t height, uint32_t channels,
                bool missing);
/* Pictures of sizes from width × height on, each larger by one than the one before. */
int trial_sizes(struct picture_trial *t, const char *statement, uint32_t width, uint32_t height, uint32_t channels,
                bool missing);
void trial_release(struct picture_trial *t);

/* The chunk through the stage; fails the test when it cannot. Back to what came in with trial_again(). */
void trial_apply(struct picture_trial *t);
void trial_augment(struct picture_trial *t, uint32_t epoch, uint32_t draw);
void trial_again(struct picture_trial *t);
/* Picture i as it came out. */
struct sl_image trial_out(const struct picture_trial *t, uint32_t i);
void assert_trial_picture(const struct picture_trial *t, uint32_t i, const struct sl_image *expected);
/* The key of record i for a stage in the first place. */
struct sl_image_key trial_key(uint64_t seed, uint32_t epoch, uint32_t draw, uint32_t i);
/* What drawn() says, in a static buffer. */
const char *trial_drawn(struct picture_trial *t, uint32_t epoch, uint32_t draw, uint32_t i);

/* The rules of every random stage: the same key the same pictures, whatever the chunk, the thread and the scratch;
 * another epoch, draw, record, place or random_state other ones; what is missing stays so; what came in stays whole;
 * what bytes stand for stays. `seeded` is the statement with random_state=7. */
void assert_random_stage(const char *statement, const char *seeded, bool keeps_size);

#endif
