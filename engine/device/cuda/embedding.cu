/* embedding.cu: rows of a table by number, and the gradient, which adds rows up in the order of the ids.
 *
 * The gradient without atomic additions: a block for each place whose id has not been before; it looks through the
 * places after it, CUDA_THREADS at a time, and adds those of the same id, each thread its own columns. A sum of a bit
 * for each place skips the others. Ids beyond the vocabulary give zeros and take no gradient. */
#include "engine/device/cuda/kernel.h"

struct embedding_args {
    size_t n, vocabulary, width;
    const uint32_t *ids;
    const float *from;
    float *to;
};

KERNEL(embedding, embedding_args)
{
    ELEMENTS(i, a.n * a.width)
    {
        uint32_t id = a.ids[i / a.width];
        a.to[i] = id < a.vocabulary ? a.from[id * a.width + i % a.width] : 0.0f;
    }
}

void cuda_embedding(struct sl_device *d, size_t n, size_t vocabulary, size_t width, const uint32_t *ids,
                    const float *table, float *y)
{
    struct embedding_args args = {
        .n = n, .vocabulary = vocabulary, .width = width, .ids = ids, .from = table, .to = y
    };
    LAUNCH(d, embedding, cuda_blocks(n * width), CUDA_THREADS, args);
}

enum { WORDS = CUDA_THREADS / 32 };

KERNEL(embedding_grad, embedding_args)
{
    __shared__ bool same[CUDA_THREADS], before[CUDA_THREADS];
    __shared__ uint32_t bits[WORDS];
    for (size_t place = blockIdx.x; place < a.n; place += gridDim.x) {
        uint32_t id = a.ids[place];
        float *row = a.to + id * a.width;
        if (id >= a.vocabulary) {
            continue; /* the same for the whole block */
        }
        THREADS(t)
        {
            bool found = false;
            for (size_t i = t; i < place && !found; i += CUDA_THREADS) {
                found = a.ids[i] == id;
            }
            before[t] = found;
        }
        for (unsigned w = CUDA_THREADS / 2; w > 0; w /= 2) {
            THREADS(t)
            {
                if (t < w && before[t + w]) {
                    before[t] = true;
                }
            }
        }
        TAKE(bool, seen, before[0]);
        for (size_t first = seen ? a.n : place; first < a.n; first += CUDA_THREADS) {
            THREADS(t)
            {
                same[t] = first + t < a.n && a.ids[first + t] == id;
            }
            THREADS(t)
            {
                if (t < WORDS) {
                    uint32_t word = 0;
                    for (unsigned j = 0; j < 32; j++) {
                        word |= (uint32_t)same[32 * t + j] << j;
                    }
                    bits[t] = word;
                }
            }
            THREADS(t)
            {
                for (size_t i = t; i < a.width; i += CUDA_THREADS) {
                    float sum = row[i];
                    for (unsigned j = 0; j < CUDA_THREADS; j++) {
                        if (bits[j / 32] == 0) {
                            j += 31;
                        } else if (bits[j / 32] >> j % 32 & 1) {
                            sum += a.from[(first + j) * a.width + i];
                        }
                    }
                    row[i] = sum;
                }
            }
        }
    }
}

void cuda_embedding_grad(struct sl_device *d, size_t n, size_t vocabulary, size_t width, const uint32_t *ids,
                         const float *dy, float *dtable, bool add)
{
    if (!add) {
        cuda_zero(d, dtable, vocabulary * width * sizeof(float));
    }
    struct embedding_args args = {
        .n = n, .vocabulary = vocabulary, .width = width, .ids = ids, .from = dy, .to = dtable
    };
    LAUNCH(d, embedding_grad, cuda_rows(n), CUDA_THREADS, args);
}
