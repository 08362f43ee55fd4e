/* schedule.c: the defaults of each rule, and the learning rate as a function of the step.
 *
 * Source  Keras 3.15: the constructors of SGD, Adam, AdamW and RMSprop (keras/src/optimizers), ExponentialDecay with
 *         staircase and CosineDecay with warmup_target and initial_learning_rate=0
 * (schedules/learning_rate_schedule.py); cosine: Loshchilov and Hutter, SGDR, ICLR 2017; warm-up: Goyal et al. 2017
 * Other   A step here is one that moves the weights; Keras counts batches when it accumulates gradients. Computed in
 *         double, where Keras has float32 */
#include "sluice/optimizer.h"

#include <math.h>

static const double PI = 3.141592653589793;

void sl_optimizer_defaults(enum sl_optimizer rule, struct sl_optimizer_options *out)
{
    *out = (struct sl_optimizer_options){
        .update = { .rule = rule,
                    .beta1 = 0.9f,
                    .beta2 = 0.999f,
                    .rho = 0.9f,
                    .epsilon = 1e-7f,
                    .weight_decay = rule == SL_ADAMW ? 0.004f : 0,
                    .scale = 1 },
        .learning_rate = rule == SL_SGD ? 0.01 : 0.001,
        .schedule = SL_CONSTANT,
        .decay_rate = 0.1, /* Keras has none; PyTorch's StepLR gamma */
        .accumulate = 1,
    };
}

/* Steps the schedule runs over; 0: unknown, so that it stays at its beginning. */
static uint64_t steps_of_decay(const struct sl_optimizer_options *options)
{
    if (options->decay_steps) {
        return options->decay_steps;
    }
    return options->total_steps > options->warmup_steps ? options->total_steps - options->warmup_steps : 0;
}

double sl_learning_rate(const struct sl_optimizer_options *options, uint64_t t)
{
    double rate = options->learning_rate;
    if (t < options->warmup_steps) {
        return rate * ((double)t / (double)options->warmup_steps);
    }
    t -= options->warmup_steps;
    uint64_t steps = steps_of_decay(options);
    if (!steps) {
        return rate;
    }
    switch (options->schedule) {
    case SL_CONSTANT: break;
    case SL_STEP_DECAY: return rate * pow(options->decay_rate, (double)(t / steps));
    case SL_COSINE_DECAY: {
        double done = t < steps ? (double)t / (double)steps : 1;
        return rate * ((1 - options->alpha) * 0.5 * (1 + cos(PI * done)) + options->alpha);
    }
    }
    return rate;
}
