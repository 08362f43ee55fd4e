/* view_data_private.h: the Data view's state, and its parts. */
#ifndef SL_TUI_VIEW_DATA_PRIVATE_H
#define SL_TUI_VIEW_DATA_PRIVATE_H

#include "picture.h"
#include "textdiff_record.h"
#include "view.h"
#include "view_data_rows.h"

enum data_mode { DATA_TABLE, DATA_RECORD, DATA_PROFILE, DATA_SHEET };

/* A column of the table: of the raw records, the clean ones, or both. */
struct data_column {
    const char *name;
    long raw, clean; /* index, -1: not there */
    enum sl_type type;
    int width;
};

struct data_search {
    char text[256];
    bool running, backward, wrapped;
    uint64_t next, from;
};

/* Small pictures of many records; see view_data_sheet.c. */
struct data_sheet {
    struct sheet_tile *tiles;  /* owned */
    int n, at, across, wanted; /* loaded; under the cursor; side by side; how many the screen wants */
    uint64_t start, next;      /* record it began at, and to go on from */
    bool wrapped, complete;    /* from the first record again; there are no more */
    bool all, clean;           /* not of one class alone; as the stages leave them */
    char class[64];            /* shown; "" when there is no label */
};

struct data_view {
    struct rows rows;
    uint64_t signature;          /* of the recipe the rows were made with */
    size_t stages;               /* to apply for the clean side */
    long top, selected;          /* rows */
    long above;                  /* rows to keep above the selected one, when begun anew */
    int lines;                   /* of the table, as last drawn */
    struct data_column *columns; /* in arena */
    size_t n_columns, column, first_column, columns_shown;
    long shift; /* first column of texts shown; -1: each from its interesting place */
    enum data_mode mode;
    int beside;                 /* raw and clean side by side: 1, 0, or -1 when wide */
    bool g, wide, detail_focus; /* wide: with side panes */
    struct data_search search;
    struct data_sheet sheet;
    struct record_pane pane;
    uint64_t pane_record;
    int pane_width, pane_rows;
    bool pane_valid;
    size_t profile_first;
    struct sl_arena arena; /* of one frame */
};

/* Move so that the selected row is loaded and seen. */
void data_select(struct app *app, struct data_view *view, long row);
/* Begin anew around a record. */
void data_anchor(struct app *app, struct data_view *view, uint64_t record, long above);
const struct sl_row *data_selected(const struct data_view *view);
/* A cell of the selected column and row, for copying: text in the frame's arena. */
struct sl_str data_cell(struct data_view *view, bool whole_record);

extern const struct key_row data_keys[];
bool data_key(struct app *app, void *state, int pressed);
/* Load what the screen may need, for about budget_ms; true: there is more to do. */
bool data_load(struct app *app, struct data_view *view, int budget_ms);
#define DATA_FIRST_MS 15 /* before something is shown at all */

void data_table_draw(struct app *app, struct data_view *view, struct area area);
void data_record_draw(struct app *app, struct data_view *view, struct area area);
/* Columns for the picture of the selected record beside the table; 0: there is none, or no room. */
int data_preview_width(const struct data_view *view, struct area area);
void data_preview_draw(struct data_view *view, struct area area);
/* The first picture among a record's cells, in the arena; NULL: it has none. */
const struct picture *data_picture(const struct sl_chunk *chunk, uint32_t i, struct sl_arena *arena);
/* view_data_sheet.c: a contact sheet of the class of the selected record. */
extern const struct inner_keys data_sheet_keys;
void data_sheet_open(struct app *app, struct data_view *view);
void data_sheet_release(struct data_sheet *sheet);
/* Load some of what is wanted; true: there is more. */
bool data_sheet_load(struct app *app, struct data_view *view, int budget_ms);
void data_sheet_draw(struct app *app, struct data_view *view, struct area area);
bool data_sheet_key(struct app *app, struct data_view *view, int key);
void data_profile_draw(struct app *app, struct data_view *view, struct area area);
/* The selected column's profile, narrow. */
void data_profile_column_draw(struct app *app, struct data_view *view, struct area area);
/* Columns of the table, from the rows there are; and how wide those are that fit into `room`, from first_column on. */
void data_columns(struct data_view *view);
void data_columns_fit(struct data_view *view, int room);

void data_search_ask(struct app *app, struct data_view *view, bool backward);
void data_search_again(struct app *app, struct data_view *view, bool backward);
bool data_search_tick(struct app *app, struct data_view *view);
/* Where in the text the searched words are; false: nowhere. */
bool data_search_find(const struct data_view *view, struct sl_str text, size_t *at);

#endif
