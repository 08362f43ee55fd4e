/* affine_matrix.c: one matrix for rotation, shift, shear and zoom about the centre, as Keras's apply_affine_transform
 * (3.15.1, keras/src/legacy/preprocessing/image.py) multiplies it up. */
#include "engine/image/ops_private.h"

#include <math.h>

/* c = a b; the third row of each is 0 0 1. May not be done in place. */
static void product(const double a[2][3], const double b[2][3], double c[2][3])
{
    for (int i = 0; i < 2; i++) {
        for (int k = 0; k < 3; k++) {
            c[i][k] = a[i][0] * b[0][k] + a[i][1] * b[1][k] + (k == 2 ? a[i][2] : 0.0);
        }
    }
}

static void times(double a[2][3], const double b[2][3])
{
    double c[2][3];
    product(a, b, c);
    memcpy(a, c, sizeof c);
}

bool sl_affine_matrix(const struct sl_image_transform *t, uint32_t width, uint32_t height, struct affine_map *map)
{
    if (t->theta == 0 && t->tx == 0 && t->ty == 0 && t->shear == 0 && t->zx == 1 && t->zy == 1) {
        return false;
    }
    double theta = t->theta * (M_PI / 180), shear = t->shear * (M_PI / 180);
    double m[2][3] = { { cos(theta), -sin(theta), 0 }, { sin(theta), cos(theta), 0 } };
    times(m, (double[2][3]){ { 1, 0, t->tx }, { 0, 1, t->ty } });
    times(m, (double[2][3]){ { 1, -sin(shear), 0 }, { 0, cos(shear), 0 } });
    times(m, (double[2][3]){ { t->zx, 0, 0 }, { 0, t->zy, 0 } });
    double x = (t->keras_centre ? height : width) / 2.0 - 0.5, y = (t->keras_centre ? width : height) / 2.0 - 0.5;
    double centred[2][3];
    product((double[2][3]){ { 1, 0, x }, { 0, 1, y } }, m, centred);
    times(centred, (double[2][3]){ { 1, 0, -x }, { 0, 1, -y } });
    for (int k = 0; k < 2; k++) { /* the matrix is in (across, down), coordinates of pixels in (down, across) */
        map->down[k] = centred[1 - k][1];
        map->across[k] = centred[1 - k][0];
        map->offset[k] = centred[1 - k][2];
    }
    return true;
}
