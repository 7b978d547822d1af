/* Load sharing with quadratic costs: semismooth Newton on the dual, with an exact line search.
 *
 * One frame is  minimise sum_c (h_c x_c^2 / 2 + f_c x_c) + K |r|^2  subject to  B x + r = b, lo <= x <= hi;
 * h = 2 w and f = 0 for muscles with exponent 2. Its dual, with z = B^T y - f,
 *
 *   g(y) = b.y - |y|^2 / (4 K) + sum_c min_{lo <= x <= hi} (h_c x^2 / 2 - z_c x),
 *
 * is strongly concave and piecewise quadratic in the Q multipliers alone. The inner minimum is at
 * x_c(y) = clip(z_c / h_c, lo_c, hi_c), so that
 *
 *   grad g(y) = b - y / (2 K) - B x(y),
 *   -hess g(y) = I / (2 K) + sum_{c strictly inside its bounds} B_c B_c^T / h_c.
 *
 * Newton's direction d solves the piece that y lies in. If y + d lies in the same piece, it is the solution. Otherwise
 * g is maximised along d (up to d itself): its slope is piecewise linear and falls, and its root is bracketed. As the
 * curvature of g is bounded from both sides, every step gains a fixed share of what is left; there are finitely many
 * pieces, so the right one is found after finitely many steps (Qi and Sun 1993, Math Program 58:353-367, for semismooth
 * Newton; Hiriart-Urruty, Strodiot and Nguyen 1984, Appl Math Optim 11:43-56, for the generalised second derivative).
 *
 * Multipliers of a frame that cannot be balanced are as large as 2 K |r|, and z then is a small difference of large
 * terms. Where its rounding would show, y is carried as the unevaluated sum of two doubles and the products with it are
 * compensated (Ogita, Rump and Oishi 2005, SIAM J Sci Comput 26:1955-1988, Dot2), so that the solution is as exact
 * there as elsewhere.
 *
 * Here one frame is solved at a time, for `power.h`; `lane_newton.h` takes the same steps on several frames.
 */
#ifndef GLUTEAL_DUAL_NEWTON_H
#define GLUTEAL_DUAL_NEWTON_H

#include "columns.h"
#include "lane_newton.h"

/* One block of one frame. Arrays over columns have whole multiples of PAD entries. */
typedef struct {
    Columns B;
    double *b;                     /* (Q,) */
    const double *lo, *hi;         /* (N,) */
    double *gain, *linear;         /* (N,) 1 / h, 0 where lo = hi; f */
    double ridge;                  /* 1 / (2 K) */
    I limit;                       /* most steps */
    double *y, *x;                 /* (Q,) the start, then the multipliers; (N,) the solution */
    double *z, *curvature, *dz, *scratch; /* (N,) */
    double *d, *gradient, *tail, *reach;  /* (Q,) */
    double *H;                            /* (Q, Q) */
    /* Whether y is carried exactly; the rounding z has gathered; bound on the rounding of x after the step in hand;
     * the largest gain; change of x along d and its derivative, at the end of the step. */
    int exactly;
    double carried, unsure, steepest, taken, fall;
} Block;

static void make_block(Block *k, Arena *arena, I rows, I places) {
    double **column[] = {&k->gain, &k->linear, &k->z, &k->curvature, &k->dz, &k->scratch};
    for (int i = 0; i < 6; i++) *column[i] = take_doubles(arena, places);
    double **row[] = {&k->b, &k->y, &k->d, &k->gradient, &k->tail, &k->reach};
    for (int i = 0; i < 6; i++) *row[i] = take_doubles(arena, rows);
    k->H = take_doubles(arena, rows * rows);
    k->B.value = take_doubles(arena, rows * places);
}

static void start_from(Block *k) {
    for (I c = 0; c < k->B.width; c++) k->z[c] = -k->linear[c];
    spread_rows(&k->B, k->y, k->z);
}

/* z anew where it has gathered rounding, and in twice the precision where y is carried exactly. */
static void refresh_block(Block *k) {
    if (k->exactly) {
        for (I c = 0; c < k->B.width; c++) k->z[c] = -k->linear[c];
        spread_exactly(&k->B, k->y, k->tail, k->z, k->scratch);
    } else if (k->carried > 0.1 * NOISE) {
        start_from(k);
        k->carried = 0.0;
    }
}

/* x(y), the gradient and Newton's direction. */
static void descend_block(Block *k) {
    const I rows = k->B.rows;
    for (I c = 0; c < k->B.width; c += WIDTH) {
        V g = get(k->gain + c), free = g * get(k->z + c), best = smaller(larger(free, get(k->lo + c)), get(k->hi + c));
        put(k->x + c, best);
        put(k->curvature + c, choose(best == free, g, fill(0.0)));
    }
    for (I q = 0; q < rows; q++) k->gradient[q] = k->d[q] = (k->b[q] - along(&k->B, q, k->x)) - k->ridge * k->y[q];
    assemble_hessian(&k->B, k->curvature, k->ridge, k->scratch, k->H);
    factorise(&k->B, k->ridge, k->H);
    substitute(&k->B, k->H, k->d);
    for (I c = 0; c < k->B.width; c++) k->dz[c] = 0.0;
    spread_rows(&k->B, k->d, k->dz);
}

/* Bounds on the rounding errors of B^T (y + d), in scratch. */
static void bound_block(Block *k) {
    for (I c = 0; c < k->B.width; c++) k->scratch[c] = 0.0;
    spread_size(&k->B, k->d, k->scratch);
    if (!k->exactly) spread_size(&k->B, k->y, k->scratch);
    for (I c = 0; c < k->B.width; c++) k->scratch[c] *= 8.0 * EPS;
}

/* Change of x along d at y + t d, and its derivative; returns the distance from the piece that x started in. */
static double move_to(Block *k, double t) {
    const V zero = fill(0.0), step = fill(t);
    V sum = zero, drop = zero, most = zero;
    for (I c = 0; c < k->B.width; c += WIDTH) {
        V g = get(k->gain + c), u = get(k->dz + c), old = get(k->x + c);
        V free = g * multiply_add(step, u, get(k->z + c));
        V best = smaller(larger(free, get(k->lo + c)), get(k->hi + c));
        most = larger(size(best - choose(get(k->curvature + c) > zero, free, old)), most);
        sum = multiply_add(best - old, u, sum);
        drop = drop + choose(best == free, g * u * u, zero);
    }
    k->taken = across(sum), k->fall = across(drop);
    return dmax(dmax(most[0], most[1]), dmax(most[2], most[3]));
}

/* Whether y + d lies in another piece than y, beyond doubt by rounding. */
static int leaves_piece(Block *k) {
    double largest = 0.0; /* no term of B_c (y + d) is larger; where y is exact, none of B_c d */
    for (I q = 0; q < k->B.rows; q++)
        largest += k->reach[q] * (k->exactly ? dabs(k->d[q]) : dabs(k->y[q]) + dabs(k->d[q]));
    k->unsure = 8.0 * EPS * largest * k->steepest;
    const double off = move_to(k, 1.0);
    if (off > KINK + k->unsure || off <= KINK) return off > KINK;
    bound_block(k);
    for (I c = 0; c < k->B.width; c++) {
        double free = k->gain[c] * (k->z[c] + k->dz[c]), best = dmin(dmax(free, k->lo[c]), k->hi[c]);
        double guess = k->curvature[c] != 0.0 ? free : k->x[c];
        if (dabs(best - guess) > KINK + k->gain[c] * k->scratch[c]) return 1;
    }
    return 0;
}

/* How far to go along d: the root of the slope of g, which falls; 1 where a whole step is not too far. */
static double search_block(Block *k) {
    double slope = 0.0, bend = 0.0, below = 0.0, above = 1.0, t = 1.0;
    for (I q = 0; q < k->B.rows; q++) slope += k->gradient[q] * k->d[q], bend += k->ridge * k->d[q] * k->d[q];
    double value = slope - bend - k->taken;
    if (!(value < 0.0)) return t;
    for (int i = 0; i < SEARCH_STEPS && dabs(value) > SLACK * slope; i++) {
        if (value > 0.0) below = t;
        else above = t;
        t += value / (bend + k->fall);
        if (!(below < t && t < above)) t = below > 0.0 ? __builtin_sqrt(below * above) : 0.01 * above;
        move_to(k, t);
        value = slope - bend * t - k->taken;
    }
    return t;
}

/* Whether a whole step that stays in its piece is sharp enough to be the last. */
static int is_settled(Block *k) {
    double change = 0.0, noise = 0.0;
    if (k->exactly) {
        for (I c = 0; c < k->B.width; c++)
            if (k->curvature[c] != 0.0) change = dmax(dabs(k->gain[c] * k->dz[c]), change);
        return change < STILL;
    }
    if (k->unsure < NOISE) return 1;
    bound_block(k);
    for (I c = 0; c < k->B.width; c++) {
        double u = k->scratch[c] * k->gain[c], free = k->gain[c] * (k->z[c] + k->dz[c]);
        if (free >= k->lo[c] - u && free <= k->hi[c] + u) noise = dmax(u, noise);
    }
    return noise < NOISE;
}

/* y + tail += length d, without rounding of the sum (two-sum of Knuth). */
static void add_step(Block *k, double length) {
    for (I q = 0; q < k->B.rows; q++) {
        double change = length * k->d[q] + k->tail[q], total = k->y[q] + change, part = total - k->y[q];
        k->tail[q] = (k->y[q] - (total - part)) + (change - part);
        k->y[q] = total;
    }
}

/* Solve the block; return the steps it took, -1 where an entry is not finite. */
static I solve_quadratic(Block *k) {
    const I n = k->B.width;
    double whole = 0.0;
    k->exactly = 0, k->carried = 0.0, k->steepest = 0.0;
    for (I q = 0; q < k->B.rows; q++) {
        k->tail[q] = 0.0, k->reach[q] = measure(&k->B, q);
        whole += k->reach[q];
    }
    if (!(whole < INF)) return -1;
    for (I c = 0; c < n; c++) k->steepest = k->gain[c] > k->steepest ? k->gain[c] : k->steepest;
    start_from(k);
    for (I step = 1; step <= k->limit; step++) {
        refresh_block(k);
        descend_block(k);
        if (leaves_piece(k)) {
            const double length = search_block(k);
            add_step(k, length);
            for (I c = 0; c < n; c++) k->z[c] += length * k->dz[c];
            k->carried += k->unsure;
            continue;
        }
        const int settled = is_settled(k), exactly = k->exactly;
        add_step(k, 1.0);
        if (settled) {
            if (exactly)
                for (I c = 0; c < n; c++) k->z[c] += k->dz[c];
            else
                start_from(k);
            for (I c = 0; c < n; c++)
                if (k->curvature[c] != 0.0) k->x[c] = dmin(dmax(k->gain[c] * k->z[c], k->lo[c]), k->hi[c]);
            return step;
        }
        k->exactly = 1;
    }
    return k->limit;
}

#endif
