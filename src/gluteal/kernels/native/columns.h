/* The matrix of one block of a frame, whose columns are muscles and rays, and the Cholesky factors made of it.
 *
 * `layout.h` sorts the columns so that each row has its entries in one stretch among muscles and one among rays; loops
 * run along these stretches, which are whole multiples of PAD. The matrices to factorise,
 * H = ridge I + sum_c curvature_c B_c B_c^T, have no entry left of the first row whose stretch overlaps theirs, and
 * fill-in stays right of it (George and Liu 1981, Computer Solution of Large Sparse Positive Definite Systems,
 * chapter 4).
 */
#ifndef GLUTEAL_COLUMNS_H
#define GLUTEAL_COLUMNS_H

#include "layout.h"

typedef struct {
    I rows, width;
    int parts;
    const I *begin, *end, *first; /* as in `Layout` */
    double *value;                /* (Q, N), read within the stretches alone */
} Columns;

/* Row q's columns: c is the first of four, stretch by stretch. */
#define EACH_FOUR(B, q, c) \
    for (int part = 0; part < (B)->parts; part++) \
        for (I c = (B)->begin[2 * (q) + part]; c < (B)->end[2 * (q) + part]; c += WIDTH)

/* out += B^T y */
static void spread_rows(const Columns *B, const double *y, double *out) {
    for (I q = 0; q < B->rows; q++) {
        const double *v = B->value + q * B->width;
        const V share = fill(y[q]);
        EACH_FOUR(B, q, c) put(out + c, multiply_add(share, get(v + c), get(out + c)));
    }
}

/* out += |B|^T |y| */
static void spread_size(const Columns *B, const double *y, double *out) {
    for (I q = 0; q < B->rows; q++) {
        const double *v = B->value + q * B->width;
        const V share = fill(dabs(y[q]));
        EACH_FOUR(B, q, c) put(out + c, multiply_add(share, size(get(v + c)), get(out + c)));
    }
}

/* out += B^T (y + tail), in about twice the precision (Dot2 of Ogita, Rump and Oishi 2005); rest is scratch. */
static void spread_exactly(const Columns *B, const double *y, const double *tail, double *out, double *rest) {
    for (I c = 0; c < B->width; c++) rest[c] = 0.0;
    for (I q = 0; q < B->rows; q++) {
        const double *value = B->value + q * B->width;
        const V w = fill(y[q]), last = fill(tail[q]);
        EACH_FOUR(B, q, c) {
            V v = get(value + c), total = get(out + c), product = v * w, error = product_error(v, w, product);
            V sum = total + product, half = sum - total;
            error = error + ((total - (sum - half)) + (product - half));
            put(rest + c, get(rest + c) + (error + v * last));
            put(out + c, sum);
        }
    }
    for (I c = 0; c < B->width; c++) out[c] += rest[c];
}

/* Row q of B times x. */
static double along(const Columns *B, I q, const double *x) {
    const double *v = B->value + q * B->width;
    V total = fill(0.0);
    EACH_FOUR(B, q, c) total = multiply_add(get(v + c), get(x + c), total);
    return across(total);
}

/* Sum of the sizes of row q's entries. */
static double measure(const Columns *B, I q) {
    const double *v = B->value + q * B->width;
    V total = fill(0.0);
    EACH_FOUR(B, q, c) total = total + size(get(v + c));
    return across(total);
}

/* The lower triangle of H = ridge I + B diag(curvature) B^T, within its envelope. */
static void assemble_hessian(const Columns *B, const double *curvature, double ridge, double *scratch, double *H) {
    const I rows = B->rows, n = B->width;
    for (I q = 0; q < rows; q++) {
        EACH_FOUR(B, q, c) put(scratch + c, get(curvature + c) * get(B->value + q * n + c));
        for (I j = B->first[q]; j <= q; j++) {
            V total = fill(0.0);
            for (int part = 0; part < B->parts; part++) {
                const I stop = imin(B->end[2 * q + part], B->end[2 * j + part]);
                for (I c = imax(B->begin[2 * q + part], B->begin[2 * j + part]); c < stop; c += WIDTH)
                    total = multiply_add(get(B->value + j * n + c), get(scratch + c), total);
            }
            H[q * rows + j] = across(total);
        }
        H[q * rows + q] += ridge;
    }
}

/* The Cholesky factor of H in its place, its diagonal inverted. H is at least ridge I: a smaller pivot is rounding. */
static void factorise(const Columns *B, double ridge, double *H) {
    const I rows = B->rows;
    for (I q = 0; q < rows; q++) {
        double pivot = H[q * rows + q];
        for (I j = B->first[q]; j < q; j++) {
            double entry = H[q * rows + j];
            for (I i = imax(B->first[q], B->first[j]); i < j; i++) entry -= H[q * rows + i] * H[j * rows + i];
            entry *= H[j * rows + j];
            H[q * rows + j] = entry;
            pivot -= entry * entry;
        }
        H[q * rows + q] = 1.0 / __builtin_sqrt(dmax(pivot, ridge));
    }
}

/* d = H^-1 d, by its factor. */
static void substitute(const Columns *B, const double *H, double *d) {
    const I rows = B->rows;
    for (I q = 0; q < rows; q++) {
        double entry = d[q];
        for (I j = B->first[q]; j < q; j++) entry -= H[q * rows + j] * d[j];
        d[q] = entry * H[q * rows + q];
    }
    for (I q = rows - 1; q >= 0; q--) {
        d[q] *= H[q * rows + q];
        for (I j = B->first[q]; j < q; j++) d[j] -= H[q * rows + j] * d[q];
    }
}

#endif
