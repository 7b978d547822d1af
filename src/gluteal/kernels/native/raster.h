/* Triangles to pixels; `gluteal.kernels.raster` says what the buffers are and checks them. */
#ifndef GLUTEAL_RASTER_H
#define GLUTEAL_RASTER_H

#include "lanes.h"

typedef struct {
    const double *point, *normal; /* (V, 3) */
    const int64_t *faces;         /* (F, 3) */
    int64_t count, label;
    double *depth, *shade; /* (H, W), (H, W, 3) */
    int64_t *labels;       /* (H, W) */
    int64_t height, width;
} Picture;

/* The pixels of a row or column from low to high, within 0 .. most. */
INLINE I first_pixel(double low, I most) { return (I)dmin(dmax(__builtin_floor(low), 0.0), (double)most + 1.0); }
INLINE I last_pixel(double high, I most) { return (I)dmax(dmin(__builtin_ceil(high), (double)most), -1.0); }

static void draw_triangle(const Picture *s, const int64_t *corner) {
    const double *a = s->point + 3 * corner[0], *b = s->point + 3 * corner[1], *c = s->point + 3 * corner[2];
    const double *l = s->normal + 3 * corner[0], *m = s->normal + 3 * corner[1], *n = s->normal + 3 * corner[2];
    const double area = (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0]);
    if (area == 0.0 || !(dabs(area) < __builtin_inf())) return;
    const I left = first_pixel(dmin(dmin(a[0], b[0]), c[0]), s->width - 1);
    const I right = last_pixel(dmax(dmax(a[0], b[0]), c[0]), s->width - 1);
    const I top = first_pixel(dmin(dmin(a[1], b[1]), c[1]), s->height - 1);
    const I bottom = last_pixel(dmax(dmax(a[1], b[1]), c[1]), s->height - 1);
    for (I i = top; i <= bottom; i++)
        for (I j = left; j <= right; j++) {
            const double x = (double)j, y = (double)i; /* barycentric weights of the pixel's centre */
            const double wb = ((x - a[0]) * (c[1] - a[1]) - (y - a[1]) * (c[0] - a[0])) / area;
            const double wc = ((b[0] - a[0]) * (y - a[1]) - (b[1] - a[1]) * (x - a[0])) / area;
            const double wa = 1.0 - wb - wc;
            if (wa < 0.0 || wb < 0.0 || wc < 0.0) continue;
            const double z = wa * a[2] + wb * b[2] + wc * c[2];
            const I at = i * s->width + j;
            if (!(z > s->depth[at])) continue;
            s->depth[at] = z;
            s->labels[at] = s->label;
            for (int k = 0; k < 3; k++) s->shade[3 * at + k] = wa * l[k] + wb * m[k] + wc * n[k];
        }
}

#endif
