/* learners.c: the list of all learners, one line each, and where their settings are written. */
#include "linear.h"
#include "network.h"

const struct sl_learner_class *sl_learner_find(const struct sl_stage *stage)
{
    static const struct sl_learner_class *const learners[] = { &logistic_learner, &mlp_learner, &cnn_learner,
                                                               &resnet_learner };
    for (size_t i = 0; i < sizeof learners / sizeof *learners; i++)
        if (stage && stage->class == learners[i]->stage)
            return learners[i];
    return NULL;
}

const void *sl_learner_settings(struct sl_pipeline *pipeline, const struct sl_stage_class **class)
{
    const struct sl_stage *stage = sl_pipeline_find(pipeline, SL_LEARNER);
    if (stage && stage->class->network)
        return sl_pipeline_settings(pipeline, SL_TRAINER, class);
    *class = stage ? stage->class : NULL;
    return stage ? stage->params : NULL;
}
