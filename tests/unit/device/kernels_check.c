/* kernels_check.c: see kernels_check.h. */
#include "tests/unit/device/kernels_check.h"

static struct check new_check(struct sl_device *device, bool compare)
{
    return (struct check){ .d = device,
                           .k = device->kernels,
                           .compare = compare,
                           .random = 0x9e3779b97f4a7c15u,
                           .digest = 0xcbf29ce484222325u };
}

static void check_all(struct check *c)
{
    check_memory(c);
    check_elements(c);
    check_reductions(c);
    check_losses(c);
    check_learning(c);
    check_products(c);
}

int check_kernels(struct sl_device *device)
{
    struct check c = new_check(device, true);
    check_all(&c);
    check_differences(&c);
    return c.failures;
}

uint64_t check_bits(struct sl_device *device)
{
    struct check c = new_check(device, false);
    check_all(&c);
    return c.digest;
}
