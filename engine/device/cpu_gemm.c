/* cpu_gemm.c: matrix products on the processor: who computes them, and how they are cut for the pool.
 *
 * A network's batch makes products with one short side, where copying a matrix into a packed form costs as much as it
 * gains: those are computed as they lie (cpu_product.h), for which any cut gives the same bits. Large ones, and all on
 * processors without that code, go to OpenBLAS in tiles whose size depends on the shapes alone; it runs in the
 * calling thread. */
#include "engine/device/cpu_product.h"

#include <cblas.h>
#include <pthread.h>

enum {
    LARGE = 256,           /* all three sides at least so long: OpenBLAS is faster */
    BLAS_ROWS = 128,       /* a tile of it: rows … */
    BLAS_COLUMNS = 512,    /* … and columns */
    SLICE_DEPTH = 196,     /* weights' rows that make a part of a layer, at least … */
    ALIGNED = 16,          /* they begin at a multiple of it */
    SLICE_ROWS = 128,      /* … for batches of at most so many rows */
    TILE_ROWS = 48,        /* most rows of a tile of ours */
    TILE_WORK = 64 * 1024, /* multiply-adds of the least product that is worth waking others */
};

/* OpenBLAS is asked not to start threads of its own. A build of it without threads at all is not safe to use from
 * several (0.3.21: wrong results), so there its calls take turns. */
static pthread_once_t blas_once = PTHREAD_ONCE_INIT;
static pthread_mutex_t blas_turn = PTHREAD_MUTEX_INITIALIZER;
static bool blas_turns;

static void blas_begin(void)
{
    blas_turns = openblas_get_parallel() == OPENBLAS_SEQUENTIAL;
    openblas_set_num_threads(1);
}

static void blas(bool ta, bool tb, size_t m, size_t n, size_t k, const float *a, size_t lda, const float *b, size_t ldb,
                 float *c, size_t ldc, bool add)
{
    pthread_once(&blas_once, blas_begin);
    if (blas_turns)
        pthread_mutex_lock(&blas_turn);
    cblas_sgemm(CblasRowMajor, ta ? CblasTrans : CblasNoTrans, tb ? CblasTrans : CblasNoTrans, (blasint)m, (blasint)n,
                (blasint)k, 1, a, (blasint)lda, b, (blasint)ldb, add ? 1 : 0, c, (blasint)ldc);
    if (blas_turns)
        pthread_mutex_unlock(&blas_turn);
}

const struct cpu_product *sl_cpu_product(const struct cpu_vector *kind)
{
#if defined(__x86_64__)
    if (kind == &sl_cpu_avx512)
        return &sl_cpu_product_avx512;
    if (kind == &sl_cpu_avx2)
        return &sl_cpu_product_avx2;
#else
    (void)kind;
#endif
    return NULL;
}

/* A product, and what is to be done with each tile of it, before and behind. */
struct product {
    const struct cpu_product *own; /* NULL: OpenBLAS */
    const struct cpu_vector *vector;
    bool ta, tb, add;
    size_t m, n, k;
    const float *a, *b;
    float *c;
    size_t rows, columns, across, tiles; /* of a tile; tiles side by side; in all */
    const struct sl_places *from;        /* where a's rows (ta: its columns) lie; NULL: at a */
    float *gathered;                     /* then: room for each thread */
    bool behind;                         /* bias and activation follow */
    const float *bias;
    enum sl_activation f;
    float *pre;
};

static size_t divide_up(size_t n, size_t by)
{
    return (n + by - 1) / by;
}

static void cut(struct product *p, size_t threads)
{
    if (p->own) {
        size_t least = divide_up(p->m, TILE_ROWS), most = divide_up(p->m, p->own->rows);
        size_t high = divide_up(least, threads) * threads; /* tiles one over the other: as many for each worker */
        high = high < most ? high : most;
        p->rows = high ? divide_up(p->m, high) : 1;
        p->columns = p->n;
        size_t panels = divide_up(p->n, p->own->columns);
        if (high < threads) /* few rows: cut the columns too */
            p->columns = divide_up(panels, divide_up(threads, high)) * p->own->columns;
    } else {
        p->rows = BLAS_ROWS;
        p->columns = BLAS_COLUMNS;
    }
    p->across = p->n ? divide_up(p->n, p->columns) : 0;
    p->tiles = divide_up(p->m, p->rows) * p->across;
}

/* Our own code for a product of these sides; NULL: OpenBLAS's. */
static const struct cpu_product *own_product(const struct cpu_vector *vector, size_t m, size_t n, size_t k)
{
    return m >= LARGE && n >= LARGE && k >= LARGE ? NULL : sl_cpu_product(vector);
}

static struct product product(struct sl_device *d, bool ta, bool tb, size_t m, size_t n, size_t k, const float *a,
                              const float *b, float *c, bool add)
{
    const struct cpu_vector *vector = sl_cpu_own(d)->vector;
    struct product p = { .own = ta && tb ? NULL : own_product(vector, m, n, k),
                         .gathered = sl_cpu_own(d)->gathered,
                         .vector = vector,
                         .ta = ta,
                         .tb = tb,
                         .add = add,
                         .m = m,
                         .n = n,
                         .k = k,
                         .a = a,
                         .b = b,
                         .c = c };
    cut(&p, (size_t)sl_pool_threads(d->pool));
    return p;
}

/* A tile whose part of a is made of places, as much at a time as there is room for. */
static void run_gathered(const struct product *p, size_t i, size_t m, size_t n, const float *b, float *c, float *room)
{
    size_t most = SL_CPU_GATHERED / m;
    for (size_t q = 0; q < p->k; q += most) {
        size_t k = p->k - q < most ? p->k - q : most;
        if (p->ta)
            sl_cpu_gather_part(p->from, q, k, i, m, room, m);
        else
            sl_cpu_gather_part(p->from, i, m, q, k, room, k);
        p->own->tile(m, n, k, room, p->ta ? 1 : k, p->ta ? m : 1, b + q * p->n, p->n, c, p->n, p->add || q);
    }
}

static void run_tile(const struct product *p, size_t tile, int worker)
{
    size_t i = tile / p->across * p->rows, j = tile % p->across * p->columns;
    size_t m = p->m - i < p->rows ? p->m - i : p->rows, n = p->n - j < p->columns ? p->n - j : p->columns;
    const float *a = p->a + (p->ta ? i : i * p->k), *b = p->b + (p->tb ? j * p->k : j);
    float *c = p->c + i * p->n + j;
    if (p->from)
        run_gathered(p, i, m, n, b, c, p->gathered + (size_t)worker * SL_CPU_GATHERED);
    else if (!p->own)
        blas(p->ta, p->tb, m, n, p->k, a, p->ta ? p->m : p->k, b, p->tb ? p->k : p->n, c, p->n, p->add);
    else if (p->tb)
        p->own->dots(m, n, p->k, a, p->k, b, p->k, c, p->n, p->add);
    else
        p->own->tile(m, n, p->k, a, p->ta ? 1 : p->k, p->ta ? p->m : 1, b, p->n, c, p->n, p->add);
    if (p->behind)
        p->vector->bias_rows(m, n, p->n, p->bias ? p->bias + j : NULL, p->f, p->pre ? p->pre + i * p->n + j : NULL, c);
}

/* Several products in one loop. */
struct products {
    struct product of[2];
};

static void body(void *ctx, size_t i, int worker)
{
    const struct products *all = ctx;
    if (i < all->of[0].tiles)
        run_tile(&all->of[0], i, worker);
    else
        run_tile(&all->of[1], i - all->of[0].tiles, worker);
}

static void run(struct sl_device *d, struct products *all)
{
    size_t n = all->of[0].tiles + all->of[1].tiles;
    size_t work = all->of[0].m * all->of[0].n * all->of[0].k + all->of[1].m * all->of[1].n * all->of[1].k;
    sl_cpu_for(d, work < TILE_WORK ? 0 : SL_CPU_ALONE, n, body, all);
}

void sl_cpu_product_here(const struct cpu_vector *kind, size_t m, size_t n, size_t k, const float *a, size_t row,
                         size_t column, const float *b, size_t ldb, float *c, size_t ldc, bool add)
{
    const struct cpu_product *own = sl_cpu_product(kind);
    if (own)
        own->tile(m, n, k, a, row, column, b, ldb, c, ldc, add);
    else
        blas(row == 1 && column != 1, false, m, n, k, a, row == 1 && column != 1 ? column : row, b, ldb, c, ldc, add);
}

void sl_cpu_gemm(struct sl_device *d, bool ta, bool tb, size_t m, size_t n, size_t k, const float *a, const float *b,
                 float *c, bool add)
{
    struct products all = { { product(d, ta, tb, m, n, k, a, b, c, add) } };
    run(d, &all);
}

/* --- a layer forward --- */

/* Few rows times many weights, cut along the weights' rows (k): a worker reads the very weights that it moved a moment
 * ago (update() and the gradient are cut the same way), and no other's, which would come from another core's cache at a
 * fraction of the speed. Parts depend on the shape alone and are added up in their order. */
struct slices {
    const struct cpu_product *own;
    const struct cpu_vector *vector;
    size_t m, n, k, parts, across, columns;
    const struct sl_places *from; /* where the rows of x lie; NULL: at x */
    float *gathered;              /* then: room for each thread */
    const float *x, *w;
    float *partial; /* parts × m × n */
    size_t rows;    /* of a tile of the sum */
    const float *bias;
    enum sl_activation f;
    float *pre, *y;
};

static void slice(void *ctx, size_t i, int worker)
{
    const struct slices *s = ctx;
    size_t part = i / s->across, j = i % s->across * s->columns;
    size_t first = s->k * part / s->parts / ALIGNED * ALIGNED;
    size_t last = part + 1 < s->parts ? s->k * (part + 1) / s->parts / ALIGNED * ALIGNED : s->k, depth = last - first;
    size_t n = s->n - j < s->columns ? s->n - j : s->columns;
    const float *x = s->x + first;
    if (s->from) {
        float *room = s->gathered + (size_t)worker * SL_CPU_GATHERED;
        sl_cpu_gather_part(s->from, 0, s->m, first, depth, room, depth);
        x = room;
    }
    s->own->tile(s->m, n, depth, x, s->from ? depth : s->k, 1, s->w + first * s->n + j, s->n,
                 s->partial + part * s->m * s->n + j, s->n, false);
}

static void add_slices(void *ctx, size_t i, int worker)
{
    const struct slices *s = ctx;
    size_t first = i * s->rows, rows = s->m - first < s->rows ? s->m - first : s->rows, n = rows * s->n;
    const float *from = s->partial + first * s->n;
    float *y = s->y + first * s->n;
    (void)worker;
    s->vector->sum(n, from, from + s->m * s->n, y);
    for (size_t part = 2; part < s->parts; part++)
        s->vector->sum(n, y, from + part * s->m * s->n, y);
    s->vector->bias_rows(rows, s->n, s->n, s->bias, s->f, s->pre ? s->pre + first * s->n : NULL, y);
}

static bool sliced(struct sl_device *d, struct slices *s)
{
    size_t threads = (size_t)sl_pool_threads(d->pool);
    s->own = sl_cpu_product(s->vector);
    s->parts = s->k / SLICE_DEPTH;
    if (!s->own || s->m > SLICE_ROWS || s->parts < 2 || s->parts * s->m * s->n > SL_CPU_SCRATCH)
        return false;
    size_t panels = divide_up(s->n, s->own->columns);
    s->columns = divide_up(panels, divide_up(threads, s->parts)) * s->own->columns;
    s->across = divide_up(s->n, s->columns);
    s->partial = sl_cpu_own(d)->scratch;
    s->rows = divide_up(s->m, threads);
    sl_cpu_for(d, SL_CPU_ALONE, s->parts * s->across, slice, s);
    sl_cpu_for(d, s->parts * s->m * s->n, divide_up(s->m, s->rows), add_slices, s);
    return true;
}

static void dense(struct sl_device *d, const struct sl_places *from, size_t rows, size_t in, size_t out, const float *x,
                  const float *w, const float *b, enum sl_activation f, float *pre, float *y)
{
    struct slices slices = { .vector = sl_cpu_own(d)->vector,
                             .from = from,
                             .gathered = sl_cpu_own(d)->gathered,
                             .m = rows,
                             .n = out,
                             .k = in,
                             .x = x,
                             .w = w,
                             .bias = b,
                             .f = f,
                             .pre = pre,
                             .y = y };
    if (sliced(d, &slices))
        return;
    struct products all = { { product(d, false, false, rows, out, in, x, w, y, false) } };
    struct product *p = &all.of[0];
    p->from = from;
    p->behind = b || f != SL_LINEAR || pre;
    p->bias = b;
    p->f = f;
    p->pre = pre;
    run(d, &all);
}

void sl_cpu_dense(struct sl_device *d, size_t rows, size_t in, size_t out, const float *x, const float *w,
                  const float *b, enum sl_activation f, float *pre, float *y)
{
    dense(d, NULL, rows, in, out, x, w, b, f, pre, y);
}

/* What OpenBLAS computes has to lie side by side: then x is made, and used by both. */
static bool needs_x(struct sl_device *d, size_t rows, size_t in, size_t out)
{
    return !own_product(sl_cpu_own(d)->vector, rows, out, in);
}

void sl_cpu_gather_dense(struct sl_device *d, const struct sl_places *from, size_t rows, size_t in, size_t out,
                         float *x, const float *w, const float *b, enum sl_activation f, float *pre, float *y)
{
    if (needs_x(d, rows, in, out)) {
        sl_cpu_gather(d, from, rows, in, x);
        from = NULL;
    }
    dense(d, from, rows, in, out, x, w, b, f, pre, y);
}

/* dy before the activation, and the bias's gradient: by strips of columns. */
struct strips {
    const struct cpu_vector *vector;
    size_t rows, out;
    const float *pre, *y;
    enum sl_activation f;
    float *dy, *db;
    bool add;
};

static void strip(void *ctx, size_t i, int worker)
{
    const struct strips *s = ctx;
    size_t first = i * SL_CPU_COLUMNS, n = s->out - first < SL_CPU_COLUMNS ? s->out - first : SL_CPU_COLUMNS;
    (void)worker;
    s->vector->grad_rows(s->rows, n, s->out, s->pre ? s->pre + first : NULL, s->y ? s->y + first : NULL, s->f,
                         s->dy + first, s->db ? s->db + first : NULL, s->add);
}

static void dense_grad(struct sl_device *d, const struct sl_places *from, size_t rows, size_t in, size_t out,
                       const float *x, const float *w, const float *pre, const float *y, enum sl_activation f,
                       float *dy, float *dx, bool add_dx, float *dw, float *db, bool add_dw)
{
    struct strips strips = { sl_cpu_own(d)->vector, rows, out, pre, y, f, dy, db, add_dw };
    if (f != SL_LINEAR || db)
        sl_cpu_for(d, rows * out, divide_up(out, SL_CPU_COLUMNS), strip, &strips);
    struct products all = { 0 };
    if (dw)
        all.of[0] = product(d, true, false, in, out, rows, x, dy, dw, add_dw);
    all.of[0].from = from;
    if (dx)
        all.of[1] = product(d, false, true, rows, in, out, dy, w, dx, add_dx);
    if (dw || dx)
        run(d, &all);
}

void sl_cpu_dense_grad(struct sl_device *d, size_t rows, size_t in, size_t out, const float *x, const float *w,
                       const float *pre, const float *y, enum sl_activation f, float *dy, float *dx, bool add_dx,
                       float *dw, float *db, bool add_dw)
{
    dense_grad(d, NULL, rows, in, out, x, w, pre, y, f, dy, dx, add_dx, dw, db, add_dw);
}

void sl_cpu_gather_dense_grad(struct sl_device *d, const struct sl_places *from, size_t rows, size_t in, size_t out,
                              const float *x, const float *pre, const float *y, enum sl_activation f, float *dy,
                              float *dw, float *db, bool add_dw)
{
    dense_grad(d, needs_x(d, rows, in, out) ? NULL : from, rows, in, out, x, NULL, pre, y, f, dy, NULL, false, dw, db,
               add_dw);
}
