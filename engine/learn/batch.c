/* batch.c: the statement `batch`: how rows come to a network.
 *
 * Names are those of tf.data and Keras where they have one. None of its settings but size, shuffle, drop_remainder and
 * random_state has a part in the result: cache, prefetch and workers only decide when the work is done. */
#include "network.h"

static const char *const caches[] = { "auto", "memory", "disk", "none", NULL };

static const struct batch_params defaults = {
    .size = 32,
    .shuffle = true,
    .prefetch = SL_NONE,
    .workers = SL_NONE,
};

static const struct sl_param params[] = {
    SL_INT(struct batch_params, size, .min = 1, .max = 1048576, .unit = "records", .help = "records a step"),
    SL_BOOL(struct batch_params, shuffle, .help = "another order of the training records in every epoch"),
    SL_CHOICE(struct batch_params, cache, .choices = caches,
              .help = "where encoded rows are kept: memory: there, within the budget, what is over it in a mapped "
                      "file; disk: all in that file; none: nowhere, each is read and made again for every batch (of "
                      "pictures in files); auto: none for pictures that would take more than half of the budget, else "
                      "as memory, within a quarter of it"),
    SL_INT(struct batch_params, prefetch, .min = 0, .max = 4096, .unit = "batches", .none_ok = true,
           .none_word = "auto", .help = "batches made ahead of the trainer; 0: it makes them itself"),
    SL_INT(struct batch_params, workers, .min = 0, .max = 256, .unit = "threads", .none_ok = true, .none_word = "auto",
           .help = "threads that make batches; 0: the trainer itself; auto: as many as pay"),
    SL_BOOL(struct batch_params, drop_remainder, .help = "leave out the last, smaller batch of an epoch"),
    SL_INT(struct batch_params, random_state, .min = 0, .max = 4294967295.0, .help = "seed of the order"),
    { 0 },
};

const struct sl_stage_class sl_stage_batch = {
    .name = "batch",
    .summary = "cut the training records into shuffled batches for a network",
    .details = "Every epoch visits each training record once, in an order that follows from random_state and the "
               "epoch's number alone: a keyed permutation, of which only the place is kept. Records of the test split "
               "are never among them. Batches are made by the trainer itself as long as that is quicker, else by "
               "threads that are added while that makes the training faster; whatever is chosen, the result has the "
               "same bits.",
    .kind = SL_BATCH,
    .version = 1,
    .params = params,
    .params_size = sizeof(struct batch_params),
    .defaults = &defaults,
};
