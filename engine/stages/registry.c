/* registry.c: the list of all stages.
 *
 * One line a stage, in the order in which help shows them: the order of a recipe. A stage that is not named here does
 * not exist for the recipe language, for completion, for help or for the tests. */
#include "sluice/stage.h"

extern const struct sl_stage_class sl_stage_cache, sl_stage_read_csv, sl_stage_read_tsv, sl_stage_read_jsonl,
    sl_stage_read_idx, sl_stage_read_svmlight, sl_stage_read_images, sl_stage_lowercase, sl_stage_strip_html,
    sl_stage_replace, sl_stage_trim, sl_stage_normalize, sl_stage_select, sl_stage_rename, sl_stage_rescale,
    sl_stage_drop_missing, sl_stage_drop_duplicates, sl_stage_filter, sl_stage_impute, sl_stage_split, sl_stage_tfidf,
    sl_stage_count, sl_stage_hashing, sl_stage_onehot, sl_stage_standardize, sl_stage_minmax, sl_stage_logistic,
    sl_stage_batch, sl_stage_mlp, sl_stage_cnn, sl_stage_resnet, sl_stage_train, sl_stage_resize, sl_stage_crop,
    sl_stage_grayscale, sl_stage_augment, sl_stage_random_crop, sl_stage_cutout, sl_stage_random_erasing,
    sl_stage_randaugment, sl_stage_mixup, sl_stage_cutmix;

/* clang-format off */
const struct sl_stage_class *const sl_stage_registry[] = {
    &sl_stage_read_csv,
    &sl_stage_read_tsv,
    &sl_stage_read_jsonl,
    &sl_stage_read_idx,
    &sl_stage_read_svmlight,
    &sl_stage_read_images,
    &sl_stage_lowercase,
    &sl_stage_strip_html,
    &sl_stage_replace,
    &sl_stage_trim,
    &sl_stage_normalize,
    &sl_stage_select,
    &sl_stage_rename,
    &sl_stage_resize,
    &sl_stage_crop,
    &sl_stage_grayscale,
    &sl_stage_rescale,
    &sl_stage_drop_missing,
    &sl_stage_drop_duplicates,
    &sl_stage_filter,
    &sl_stage_cache,
    &sl_stage_label,
    &sl_stage_split,
    &sl_stage_augment,
    &sl_stage_random_crop,
    &sl_stage_cutout,
    &sl_stage_random_erasing,
    &sl_stage_randaugment,
    &sl_stage_mixup,
    &sl_stage_cutmix,
    &sl_stage_impute,
    &sl_stage_tfidf,
    &sl_stage_count,
    &sl_stage_hashing,
    &sl_stage_onehot,
    &sl_stage_standardize,
    &sl_stage_minmax,
    &sl_stage_logistic,
    &sl_stage_batch,
    &sl_stage_mlp,
    &sl_stage_cnn,
    &sl_stage_resnet,
    &sl_stage_train,
    NULL,
};
/* clang-format on */

const struct sl_stage_class *sl_stage_find(struct sl_str name)
{
    for (const struct sl_stage_class *const *class = sl_stage_registry; *class; class ++) {
        if (sl_str_equal(name, sl_str((*class)->name))) {
            return *class;
        }
    }
    return NULL;
}
