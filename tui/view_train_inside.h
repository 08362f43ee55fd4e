/* view_train_inside.h: looking into a network while it learns: its batch, its layers, its first weights; and what
 * it takes wrong once it has learnt. */
#ifndef SL_TUI_VIEW_TRAIN_INSIDE_H
#define SL_TUI_VIEW_TRAIN_INSIDE_H

#include "sluice/debug.h"

#include "view.h"

#define WRONG_TILES 512 /* pictures kept */

enum inside_page { INSIDE_BATCH, INSIDE_LAYERS, INSIDE_WEIGHTS, INSIDE_WRONG, INSIDE_PAGES };

struct train_inside {
    bool open;
    int page;             /* enum inside_page */
    int at[INSIDE_PAGES]; /* record of the batch, layer, unit, wrong one: what the cursor is on */
    int across;           /* of them side by side in the last frame */
    int down;             /* rows of them */
    struct wrong_tile *tiles;
    double wrong_loss; /* of the training whose wrong records were looked for; 0: none */
};

extern const struct inner_keys train_inside_keys;

/* Open it, and ask the session for what there is to see; tells the user when there is nothing. */
void train_inside_open(struct app *app, struct train_inside *inside);
void train_inside_close(struct app *app, struct train_inside *inside);
void train_inside_draw(struct app *app, struct train_inside *inside, struct area area);
/* False: not its key, so the Train view's. */
bool train_inside_key(struct app *app, struct train_inside *inside, int key);

/* The pages: each draws `seen` into area and keeps at[], across and down right. */
void train_batch_draw(struct train_inside *inside, const struct sl_inspection *seen, struct area area);
void train_layers_draw(struct train_inside *inside, const struct sl_inspection *seen, struct area area);
/* view_train_wrong.c */
void train_wrong_draw(struct app *app, struct train_inside *inside, struct area area);
/* Have them looked for, unless that has been done of this training, or it has not ended. */
void train_wrong_look(struct app *app, struct train_inside *inside, bool again);
void train_wrong_open(struct app *app, struct train_inside *inside);
const struct sl_record_list *train_wrong_list(struct app *app); /* NULL: not made */
void train_wrong_release(struct train_inside *inside);
void train_weights_draw(struct train_inside *inside, const struct sl_inspection *seen, struct area area);

/* Cells of a picture where many are shown: at least ten of them, more on a larger screen. */
void train_tile_room(struct area area, int *h, int *w);
/* Tiles of w × h cells in an area that holds n of them, of which `at` is to be seen: the first one shown. Sets across
 * and down. */
int train_tiles(struct train_inside *inside, struct area area, int w, int h, int n, int at);

#endif
