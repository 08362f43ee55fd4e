/* train.c: the statement `train`: how a network learns.
 *
 * Names, defaults and meanings are Keras's: of its optimizers, Model.fit and EarlyStopping. */
#include "network.h"

#include "network_word.h"

static const char *const optimizers[] = { "adam", "adamw", "sgd", "rmsprop", NULL };
static const char *const losses[] = { "auto", "categorical_crossentropy", "mean_squared_error", NULL };
static const char *const schedules[] = { "constant", "step", "cosine", NULL };
static const char *const monitors[] = { "auto", "val_loss", "val_accuracy", "loss", "accuracy", NULL };

static char device_auto[] = "auto";

static const struct train_params defaults = {
    .learning_rate = NAN,
    .epochs = 1,
    .device = device_auto,
    .beta_1 = 0.9,
    .beta_2 = 0.999,
    .rho = 0.9,
    .epsilon = 1e-7,
    .weight_decay = NAN,
    .decay_steps = SL_NONE,
    .decay_rate = 0.1,
    .accumulate = 1,
    .steps_per_epoch = SL_NONE,
    .early_stopping = SL_NONE,
    .restore_best = true,
    .keep_checkpoints = 2,
};

static const struct sl_param params[] = {
    SL_CHOICE(struct train_params, optimizer, .choices = optimizers, .help = "the rule that moves the weights"),
    SL_REAL(struct train_params, learning_rate, .min = 1e-300, .max = 1e6, .none_ok = true, .none_word = "auto",
            .help = "how far a step goes; auto: 0.001, of sgd 0.01"),
    SL_INT(struct train_params, epochs, .min = 1, .max = 1e9, .help = "how often every training record is seen"),
    SL_STRING(struct train_params, device,
              .help = "where it computes: auto (a GPU that works, else the processor), "
                      "cpu, cuda, or cuda:N"),
    SL_CHOICE(struct train_params, loss, .choices = losses,
              .help = "auto: categorical_crossentropy for classes, mean_squared_error for a number"),
    SL_REAL(struct train_params, label_smoothing, .min = 0, .max = 0.999,
            .help = "this share of each target is spread evenly over all classes"),
    SL_NAMES(struct train_params, class_weight, .none_ok = true,
             .help = "what a record of each class counts, in the order of the classes, as 1,2,0.5; balanced: by the "
                     "inverse of their number of records"),
    SL_REAL(struct train_params, momentum, .min = 0, .max = 0.999999, .help = "of sgd and rmsprop"),
    SL_BOOL(struct train_params, nesterov, .help = "Nesterov's momentum, of sgd"),
    SL_REAL(struct train_params, beta_1, .min = 0, .max = 0.999999, .help = "of adam: memory of the mean gradient"),
    SL_REAL(struct train_params, beta_2, .min = 0, .max = 0.99999999,
            .help = "of adam: memory of the mean squared gradient"),
    SL_REAL(struct train_params, rho, .min = 0, .max = 0.999999,
            .help = "of rmsprop: memory of the mean squared gradient"),
    SL_REAL(struct train_params, epsilon, .min = 1e-300, .max = 1,
            .help = "of adam and rmsprop: against division by 0"),
    SL_REAL(struct train_params, weight_decay, .min = 0, .max = 1, .none_ok = true, .none_word = "auto",
            .help = "weights shrink by this times the rate in each step; auto: 0.004 of adamw, else 0"),
    SL_REAL(struct train_params, clipnorm, .min = 0, .max = 1e30,
            .help = "longest gradient of all weights together (Keras: global_clipnorm); 0: any"),
    SL_REAL(struct train_params, clipvalue, .min = 0, .max = 1e30, .help = "largest gradient of a weight; 0: any"),
    SL_CHOICE(struct train_params, schedule, .choices = schedules, .help = "how the rate falls from step to step"),
    SL_INT(struct train_params, decay_steps, .min = 1, .max = 1e15, .unit = "steps", .none_ok = true,
           .none_word = "auto", .help = "of the schedule; auto: all the steps there are (step: a third of them)"),
    SL_REAL(struct train_params, decay_rate, .min = 1e-12, .max = 1, .help = "of step: the factor"),
    SL_REAL(struct train_params, alpha, .min = 0, .max = 1, .help = "of cosine: share of the rate it ends at"),
    SL_INT(struct train_params, warmup_steps, .min = 0, .max = 1e15, .unit = "steps",
           .help = "the rate rises from 0 during these"),
    SL_INT(struct train_params, accumulate, .min = 1, .max = 1000000, .unit = "batches",
           .help = "batches whose gradients make one move (Keras: gradient_accumulation_steps)"),
    SL_INT(struct train_params, steps_per_epoch, .min = 1, .max = 1e12, .unit = "batches", .none_ok = true,
           .none_word = "auto", .help = "an epoch ends after so many; auto: when every record was seen"),
    SL_INT(struct train_params, early_stopping, .min = 0, .max = 1e9, .unit = "epochs", .none_ok = true,
           .help = "stop after so many epochs without a better one"),
    SL_CHOICE(struct train_params, monitor, .choices = monitors,
              .help = "what makes an epoch better; auto: val_loss when there are validation records, else loss"),
    SL_REAL(struct train_params, min_delta, .min = 0, .max = 1e30, .help = "by how much, at least"),
    SL_BOOL(struct train_params, restore_best, .help = "with early_stopping: end with the weights of the best epoch"),
    SL_INT(struct train_params, keep_checkpoints, .min = 1, .max = 1000,
           .help = "checkpoints of the last epochs that a session keeps, beside that of the best"),
    SL_INT(struct train_params, random_state, .min = 0, .max = 4294967295.0, .help = "seed of weights and dropout"),
    { 0 },
};

static int refuse(struct sl_error *err, const char *parameter, const char *value, const char *why, const char *fix)
{
    sl_fail(err, SL_EPARAM, "'%s' cannot be '%.60s': %s", parameter, value, why);
    word_blame(err, parameter);
    return sl_fix(err, "%s", fix), SL_EPARAM;
}

int train_class_weights(const struct train_params *p, float *weights, size_t max, size_t *n, bool *balanced,
                        struct sl_error *err)
{
    const struct sl_names *names = &p->class_weight;
    *n = 0;
    *balanced = names->n == 1 && strcmp(names->name[0], "balanced") == 0;
    for (size_t i = 0; i < names->n && !*balanced; i++) {
        double x = 0;
        if (!word_number(names->name[i], &x) || x < 0 || x > 1e30)
            return refuse(err, "class_weight", names->name[i], "it is no weight of a class",
                          "give none, balanced, or a number of at least 0 for each class, as in: class_weight=1,2,0.5");
        if (weights && i < max)
            weights[i] = (float)x;
        *n = i + 1;
    }
    return SL_OK;
}

static bool is_device(const char *name)
{
    if (strcmp(name, "auto") == 0 || strcmp(name, "cpu") == 0 || strcmp(name, "cuda") == 0)
        return true;
    if (strncmp(name, "cuda:", 5) != 0)
        return false;
    size_t n = strlen(name + 5);
    return n > 0 && n < 4 && strspn(name + 5, "0123456789") == n;
}

static int bind(struct sl_stage *stage, const struct sl_schema *in, struct sl_schema *out, struct sl_error *err)
{
    const struct train_params *p = stage->params;
    size_t n;
    bool balanced;
    (void)in, (void)out;
    if (!is_device(p->device ? p->device : ""))
        return refuse(err, "device", p->device ? p->device : "", "there is no such device",
                      "give auto, cpu, cuda, or cuda:0 for the first GPU");
    return train_class_weights(p, NULL, 0, &n, &balanced, err);
}

static double or_default(double x, double otherwise)
{
    return isnan(x) ? otherwise : x;
}

void train_options(const struct train_params *p, uint64_t total, struct sl_optimizer_options *out)
{
    static const enum sl_optimizer rules[] = { SL_ADAM, SL_ADAMW, SL_SGD, SL_RMSPROP };
    static const enum sl_schedule kinds[] = { SL_CONSTANT, SL_STEP_DECAY, SL_COSINE_DECAY };
    uint64_t accumulate = (uint64_t)p->accumulate;
    sl_optimizer_defaults(rules[p->optimizer], out);
    out->learning_rate = or_default(p->learning_rate, out->learning_rate);
    out->update.momentum = (float)p->momentum;
    out->update.nesterov = p->nesterov;
    out->update.beta1 = (float)p->beta_1;
    out->update.beta2 = (float)p->beta_2;
    out->update.rho = (float)p->rho;
    out->update.epsilon = (float)p->epsilon;
    out->update.weight_decay = isnan(p->weight_decay) ? out->update.weight_decay : (float)p->weight_decay;
    out->update.clip_norm = (float)p->clipnorm;
    out->update.clip_value = (float)p->clipvalue;
    out->schedule = kinds[p->schedule];
    out->total_steps = (total + accumulate - 1) / accumulate;
    out->decay_steps = p->decay_steps == SL_NONE ? 0 : (uint64_t)p->decay_steps;
    if (p->decay_steps == SL_NONE && out->schedule == SL_STEP_DECAY)
        out->decay_steps = (out->total_steps + 2) / 3;
    out->decay_rate = p->decay_rate;
    out->alpha = p->alpha;
    out->warmup_steps = (uint64_t)p->warmup_steps;
    out->accumulate = (uint32_t)accumulate;
}

const struct sl_stage_class sl_stage_train = {
    .name = "train",
    .summary = "how a network learns: optimizer, rate, epochs, device",
    .details = "The rule moves the weights after every batch. learning_rate, momentum, weight_decay and epochs may "
               "change while it trains (tune). The figures shown for an epoch are the mean over its batches, as Keras "
               "shows them, and those of the validation records, or of the test records when there are none. Early "
               "stopping watches validation records or the training itself, never the test records.",
    .kind = SL_TRAINER,
    .version = 1,
    .params = params,
    .params_size = sizeof(struct train_params),
    .defaults = &defaults,
    .bind = bind,
};
