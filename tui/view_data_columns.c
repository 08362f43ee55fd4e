/* view_data_columns.c: which columns the table of records has, and how wide each is.
 *
 * A column is as wide as what is on the screen; columns of long text share what the others leave. */
#include "view_data_private.h"

#define NATURAL_MOST 22 /* columns a short value may take */
#define TEXT_LEAST   24 /* columns a long text should have */
#define PART_LEAST   10 /* of a column that does not fit as a whole */

static const struct sl_schema *schema_of(const struct data_view *view, bool clean)
{
    for (long i = view->top; i < view->top + view->lines + 1; i++) {
        const struct sl_row *row = rows_at(&view->rows, i);
        const struct sl_chunk *chunk = !row || row->rejected ? NULL : clean ? row->after_chunk : row->raw_chunk;
        if (chunk) {
            return chunk->schema;
        }
    }
    return NULL;
}

void data_columns(struct data_view *view)
{
    const struct sl_schema *raw = schema_of(view, false), *clean = schema_of(view, true);
    size_t most = (raw ? raw->n : 0) + (clean ? clean->n : 0);
    view->columns = sl_arena_zero(&view->arena, most + 1, sizeof *view->columns);
    view->n_columns = 0;
    for (size_t i = 0; view->columns && raw && i < raw->n; i++) {
        long other = clean ? record_column(raw, i, clean) : -1;
        view->columns[view->n_columns++] =
            (struct data_column){ raw->fields[i].name, (long)i, other, raw->fields[i].type, 0 };
    }
    for (size_t i = 0; view->columns && clean && i < clean->n; i++) {
        if (!raw || record_column(clean, i, raw) < 0) {
            view->columns[view->n_columns++] =
                (struct data_column){ clean->fields[i].name, -1, (long)i, clean->fields[i].type, 0 };
        }
    }
    if (view->column >= view->n_columns) {
        view->column = view->n_columns ? view->n_columns - 1 : 0;
    }
}

static int value_width(struct data_view *view, const struct sl_chunk *chunk, long column)
{
    bool missing;
    if (!chunk || column < 0) {
        return 0;
    }
    struct sl_str text = record_cell(chunk, (size_t)column, 0, &view->arena, &missing);
    return text.n > 200 ? 200 : missing ? 1 : screen_width(text);
}

static int natural_width(struct data_view *view, struct data_column *column)
{
    int width = screen_width(sl_str(column->name));
    width = width > NATURAL_MOST ? NATURAL_MOST : width;
    for (long i = view->top; i < view->top + view->lines; i++) {
        const struct sl_row *row = rows_at(&view->rows, i);
        if (row && !row->rejected) {
            int raw = value_width(view, row->raw_chunk, column->raw);
            int clean = value_width(view, row->after_chunk, column->clean);
            width = raw > width ? raw : width;
            width = clean > width ? clean : width;
        }
    }
    return width < 1 ? 1 : width;
}

/* Widths of columns first.. that fit into `room`; returns how many do. */
static size_t fit_columns(struct data_view *view, size_t first, int room)
{
    int used = 0;
    size_t n = first, texts = 0;
    for (; n < view->n_columns; n++) {
        struct data_column *c = &view->columns[n];
        int natural = natural_width(view, c);
        bool is_text = natural > NATURAL_MOST;
        c->width = is_text ? (natural < TEXT_LEAST ? natural : TEXT_LEAST) : natural;
        if (used + c->width > room && n > first) {
            if (room - used < PART_LEAST) {
                break;
            }
            c->width = room - used; /* a part of it, at the edge */
            is_text = false;
            used = room;
            n++;
            break;
        }
        used += c->width + 2;
        texts += is_text;
        if (is_text) {
            c->width = -natural; /* may grow */
        }
    }
    int rest = room - used + 2;
    for (size_t i = first; i < n; i++) {
        struct data_column *c = &view->columns[i];
        if (c->width < 0) {
            int natural = -c->width, least = natural < TEXT_LEAST ? natural : TEXT_LEAST;
            int share = rest > 0 ? rest / (int)texts : 0;
            c->width = least + share > natural ? natural : least + share;
            rest -= c->width - least;
            texts--;
        }
        c->width = c->width > room ? room : c->width;
    }
    return n - first;
}

/* Is the selected column shown, and as wide as it needs to be? */
static bool seen_well(struct data_view *view)
{
    struct data_column *c = &view->columns[view->column];
    if (view->column >= view->first_column + view->columns_shown) {
        return false;
    }
    int natural = natural_width(view, c);
    return c->width >= (natural < TEXT_LEAST ? natural : TEXT_LEAST);
}

void data_columns_fit(struct data_view *view, int room)
{
    if (view->column < view->first_column) {
        view->first_column = view->column;
    }
    view->columns_shown = fit_columns(view, view->first_column, room);
    while (view->first_column < view->column && !seen_well(view)) {
        view->first_column++;
        view->columns_shown = fit_columns(view, view->first_column, room);
    }
}
