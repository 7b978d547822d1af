/* How much capacity must be left at the least, by the direction of what is missing; see `gluteal.kernels.tolerance`. */
#ifndef GLUTEAL_TOLERANCE_H
#define GLUTEAL_TOLERANCE_H

#include "problem.h"

/* No ray carries more than this, in units of the support scale. Only bounds the rounding of S^T y <= 0. */
#define MOST_SUPPORT 100.0
/* What cancels down to this share of its terms is rounding. */
#define ROUNDING 1e-10
/* A vector is new to a base where more than this share of it lies outside. */
#define NEW 1e-9

typedef struct {
    double *base;   /* (Q, Q) orthonormal rows, of which `count` are in use */
    double *column; /* (Q,) */
    double *y;      /* (Q,) */
    double *most;   /* (M + R,) */
    I count;
} Search;

static Search make_search(Arena *arena, const Problem *p) {
    Search s;
    s.base = take_doubles(arena, p->rows * p->rows);
    s.column = take_doubles(arena, p->rows), s.y = take_doubles(arena, p->rows);
    s.most = take_doubles(arena, p->muscles + p->rays);
    s.count = 0;
    return s;
}

static double length_of(const double *v, I n) {
    double total = 0.0;
    for (I i = 0; i < n; i++) total += v[i] * v[i];
    return __builtin_sqrt(total);
}

/* Make v orthogonal to the base, twice: once leaves rounding. */
static void remove_base(const Search *s, I rows, double *v) {
    for (I k = 0; k < 2 * s->count; k++) {
        const double *row = s->base + k % s->count * rows;
        double share = 0.0;
        for (I q = 0; q < rows; q++) share += row[q] * v[q];
        for (I q = 0; q < rows; q++) v[q] -= share * row[q];
    }
}

/* Append what is new in the column to the base. */
static void append(Search *s, I rows) {
    const double before = length_of(s->column, rows);
    remove_base(s, rows, s->column);
    const double after = length_of(s->column, rows);
    if (after <= NEW * before) return;
    for (I q = 0; q < rows; q++) s->base[s->count * rows + q] = s->column[q] / after;
    s->count++;
}

/* The base of what is strictly inside its bounds: these columns lie in the nearest facet of what is in reach. */
static void span_inside(const Problem *p, I t, Search *s) {
    const I rows = p->rows, muscles = p->muscles, rays = p->rays;
    s->count = 0;
    for (I m = 0; m < muscles && s->count < rows; m++) {
        const I at = t * muscles + m;
        if (!(p->lower[at] < p->activation[at] && p->activation[at] < p->upper[at])) continue;
        for (I q = 0; q < rows; q++) s->column[q] = p->A[(t * rows + q) * muscles + m];
        append(s, rows);
    }
    for (I k = 0; k < rays && s->count < rows; k++) {
        if (!(p->support[t * rays + k] > 0.0)) continue;
        for (I q = 0; q < rows; q++) s->column[q] = p->S[(t * rows + q) * rays + k];
        append(s, rows);
    }
}

/* out = A^T y for a matrix (Q, n) of frame t. */
static void pull_along(const double *A, I rows, I n, const double *y, double *out) {
    for (I c = 0; c < n; c++) out[c] = 0.0;
    for (I q = 0; q < rows; q++)
        for (I c = 0; c < n; c++) out[c] += A[q * n + c] * y[q];
}

/* The bound on what is left that the unit direction y proves: (b.y - alpha) / beta. */
static double bound_by(const Problem *p, I t, const uint8_t *target, const Search *s) {
    const I rows = p->rows, muscles = p->muscles, rays = p->rays;
    const double *lower = p->lower + t * muscles, *upper = p->upper + t * muscles, *b = p->b + t * rows;
    double *pull = s->most, *lift = s->most + muscles;
    double value = 0.0, slope = 0.0, terms = 0.0;
    for (I q = 0; q < rows; q++) {
        value += b[q] * s->y[q];
        terms += dabs(b[q] * s->y[q]);
    }
    pull_along(p->A + t * rows * muscles, rows, muscles, s->y, pull);
    pull_along(p->S + t * rows * rays, rows, rays, s->y, lift);
    for (I m = 0; m < muscles; m++) {
        const double most = dmax(lower[m] * pull[m], upper[m] * pull[m]);
        terms += dabs(most);
        if (target[m]) slope += most;
        else value -= most;
    }
    for (I k = 0; k < rays; k++) value -= dmax(lift[k], 0.0) * MOST_SUPPORT * p->support_scale;
    if (slope > ROUNDING * terms) return value / slope;
    return value > ROUNDING * terms ? INF : -INF;
}

/* The better bound of two directions: the reserve without the trace of effort in it, and the reserve as it is. */
static void bound_frame(const Problem *p, I t, const uint8_t *target, Search *s, double *bound, double *direction) {
    const I rows = p->rows;
    const double *reserve = p->reserve + t * rows;
    *bound = -INF;
    for (I q = 0; q < rows; q++) direction[q] = 0.0;
    for (int pure = 1; pure >= 0; pure--) {
        for (I q = 0; q < rows; q++) s->y[q] = reserve[q];
        if (pure) {
            span_inside(p, t, s);
            remove_base(s, rows, s->y);
        }
        const double length = length_of(s->y, rows);
        if (length <= NEW * length_of(reserve, rows) || length == 0.0) continue;
        for (I q = 0; q < rows; q++) s->y[q] /= length;
        const double found = bound_by(p, t, target, s);
        if (found > *bound) {
            *bound = found;
            for (I q = 0; q < rows; q++) direction[q] = s->y[q];
        }
    }
}

#endif
