/* Load sharing with an exponent p > 2: a sequence of quadratic problems.
 *
 * Above 2 the dual's curvature has no bound: x(z) = (z / (p w))^(1 / (p - 1)) has infinite slope at z = 0, where many
 * muscles sit. So the primal cost w x^p is approximated instead, by a parabola about the current x that has its
 * gradient there and the slope
 *
 *   h = (p w x^(p-1) - z) / (x - x(z)),    x(z) = clip((z / (p w))^(1 / (p - 1)), lo, hi),
 *
 * the secant to the point that the current multipliers ask for. At the solution x = x(z) and h is the second
 * derivative; away from it a muscle with unchanged multipliers gets there in one step, also from or to zero, where the
 * second derivative vanishes. `dual_newton.h` solves the quadratic problem exactly, bounds included; the true cost,
 * which is convex, is then minimised along the way there. (For the convergence of such convex models with a line
 * search: Tseng and Yun 2009, Math Program 117:387-423.)
 */
#ifndef GLUTEAL_POWER_H
#define GLUTEAL_POWER_H

#include "dual_newton.h"
#include "power_of.h"

/* Gradient left over, per p w, at which the sequence ends. */
#define TARGET 1e-10
/* Smallest h, per p w. A flatter parabola, of a muscle that hardly works, only spoils the conditioning; the gradients
 * that this one is slow to settle are below 1e-7 p w. */
#define FLATTEST 1e-5
/* Where the first parabola touches x^p. */
#define TOUCH 0.5
/* Share of the first slope of the cost that may be left where the search between two solutions ends. */
#define LEFT 0.1
/* Most quadratic problems of a frame, and most steps between two of them. */
enum { MOST = 100, HALVINGS = 30 };

/* A block and its true cost, sum_c w_c x_c^p_c. */
typedef struct {
    Block block;
    const double *weight, *power; /* (N,) */
    double *old, *change;         /* (N,) the solution before, and what it differs by */
    double *rest, *slack;         /* (Q,) the reserves before, and what they differ by */
} PowerBlock;

static void make_power_block(PowerBlock *k, Arena *arena, I rows, I places) {
    make_block(&k->block, arena, rows, places);
    k->old = take_doubles(arena, places), k->change = take_doubles(arena, places);
    k->rest = take_doubles(arena, rows), k->slack = take_doubles(arena, rows);
}

/* The gains of the parabolas that touch at TOUCH. */
static void start_parabolas(PowerBlock *k) {
    Block *b = &k->block;
    for (I c = 0; c < b->B.width; c++) {
        const double p = k->power[c], weight = k->weight[c];
        b->linear[c] = 0.0, b->gain[c] = 0.0;
        if (b->lo[c] != b->hi[c])
            b->gain[c] = p == 2.0 ? 1.0 / (2.0 * weight) : 1.0 / (p * weight * power_of(TOUCH, p - 2.0));
    }
}

/* Parabolas about x, by the secant to what the multipliers ask for. */
static void fit_parabolas(PowerBlock *k) {
    Block *b = &k->block;
    for (I c = 0; c < b->B.width; c++) b->z[c] = 0.0;
    spread_rows(&b->B, b->y, b->z);
    for (I c = 0; c < b->B.width; c++) {
        const double x = b->x[c], p = k->power[c], full = p * k->weight[c];
        k->old[c] = x;
        if (b->lo[c] == b->hi[c]) continue;
        const double steep = full * power_of(x, p - 1.0);
        const double wish = dmin(dmax(power_of(dmax(b->z[c], 0.0) / full, 1.0 / (p - 1.0)), b->lo[c]), b->hi[c]);
        double slope;
        if (dabs(wish - x) > 1e-4 * (wish + x))
            slope = full * (power_of(wish, p - 1.0) - power_of(x, p - 1.0)) / (wish - x);
        else
            slope = (p - 1.0) * full * (p == 2.0 ? 1.0 : power_of(0.5 * (wish + x), p - 2.0));
        slope = dmax(slope, FLATTEST * full);
        b->gain[c] = 1.0 / slope;
        b->linear[c] = steep - slope * x;
    }
}

/* Largest gradient of the true cost that the parabolas do not have at x, per p w. */
static double unfitted(const PowerBlock *k) {
    const Block *b = &k->block;
    double left = 0.0;
    for (I c = 0; c < b->B.width; c++) {
        if (b->lo[c] == b->hi[c]) continue;
        const double p = k->power[c], full = p * k->weight[c], model = b->linear[c] + b->x[c] / b->gain[c];
        left = dmax(dabs(full * power_of(b->x[c], p - 1.0) - model) / full, left);
    }
    return left;
}

/* Go from the old x towards the new one as far as the true cost falls. */
static void search_power(PowerBlock *k) {
    Block *b = &k->block;
    const I rows = b->B.rows, n = b->B.width;
    for (I c = 0; c < n; c++) k->change[c] = k->old[c] - b->x[c];
    for (I q = 0; q < rows; q++) {
        k->rest[q] = b->b[q] - along(&b->B, q, k->old);
        k->slack[q] = along(&b->B, q, k->change);
    }
    double start = 0.0, below = 0.0, above = 1.0, t = 0.0;
    for (int trial = 0; trial < HALVINGS; trial++) {
        double slope = 0.0;
        for (I q = 0; q < rows; q++) slope += (k->rest[q] + t * k->slack[q]) * k->slack[q] / b->ridge;
        for (I c = 0; c < n; c++) {
            const double change = b->x[c] - k->old[c], x = k->old[c] + t * change;
            slope += k->power[c] * k->weight[c] * power_of(x, k->power[c] - 1.0) * change;
        }
        if (trial == 0) {
            start = slope, t = 1.0;
            continue;
        }
        if (start >= 0.0) break;
        if (slope <= -LEFT * start) {
            if (t == 1.0 || slope >= LEFT * start) break;
            below = t;
        } else
            above = t;
        t = 0.5 * (below + above);
    }
    for (I c = 0; c < n; c++) b->x[c] = k->old[c] + t * (b->x[c] - k->old[c]);
}

/* Solve the block; return the steps of all its quadratic problems, -1 where an entry is not finite. */
static I solve_power(PowerBlock *k) {
    start_parabolas(k);
    I steps = solve_quadratic(&k->block);
    if (steps < 0) return -1;
    for (int problem = 0; problem < MOST; problem++) {
        fit_parabolas(k);
        const I more = solve_quadratic(&k->block);
        if (more < 0) return -1;
        steps += more;
        if (unfitted(k) <= TARGET || problem == MOST - 1) break;
        search_power(k);
    }
    return steps;
}

#endif
