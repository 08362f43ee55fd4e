/* cpu_avx2.c: the vector code for processors with AVX2 and fused multiply-add. */
#if defined(__x86_64__)
#include "engine/device/vector_avx2.h"

#include "engine/device/vector_table.h"
#endif
