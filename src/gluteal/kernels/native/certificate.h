/* Optimality of a solution, judged from the solution alone.
 *
 * The problem is convex, so a point that satisfies the Karush-Kuhn-Tucker conditions is the solution. With the
 * multipliers y of the balance, the reduced gradients are
 *
 *   d_m = p w_m a_m^(p-1) - (A^T y)_m,    e_k = 2 eps s_k / S0 - S0 (S^T y)_k,    y = 2 K r,
 *
 * and the multipliers of the bounds are their positive and negative parts. Each is measured against the gradient at
 * full activation (or one body weight), plus CANCEL of the terms that cancel in it: a reserve of 50 N m has
 * multipliers of 1e5, whose rounding alone would otherwise be taken for an error.
 */
#ifndef GLUTEAL_CERTIFICATE_H
#define GLUTEAL_CERTIFICATE_H

#include "power_of.h"
#include "row_order.h"

/* Share of the cancelling terms of a gradient that counts as its scale. */
#define CANCEL 1e-8

/* What each frame's errors are made of. */
typedef struct {
    double *pull, *pull_size; /* (M,) A^T y and |A|^T |y| */
    double *lift, *lift_size; /* (R,) S^T y and |S|^T |y| */
} Pulls;

/* Largest errors so far; the parts are defined in `gluteal.kernels.recruitment.certify_frames`. */
typedef struct {
    double stationarity, feasibility, complementarity;
} Errors;

static Pulls make_pulls(Arena *arena, const Problem *p) {
    Pulls u;
    u.pull = take_doubles(arena, p->muscles), u.pull_size = take_doubles(arena, p->muscles);
    u.lift = take_doubles(arena, p->rays), u.lift_size = take_doubles(arena, p->rays);
    return u;
}

INLINE double sum_of(const double *v, I n) {
    V total = fill(0.0);
    I i = 0;
    for (; i + WIDTH <= n; i += WIDTH) total = total + get(v + i);
    double sum = across(total);
    for (; i < n; i++) sum += v[i];
    return sum;
}

/* The first of every four neighbouring bits of which one is set. */
INLINE uint64_t fours_of(uint64_t bits) {
    return (bits | bits >> 1 | bits >> 2 | bits >> 3) & UINT64_C(0x1111111111111111);
}

/* One row's force on values x, entry.x; adds y entry to pull, its size to pull_size, and |entry|.|x| to force_size.
 * Entries have a factor each, or none; those that are not zero are `known` by `entries_of`, most of a row is zeros. */
INLINE double weigh(const double *entry, const uint64_t *known, const double *factor, const double *x, I n, double y,
                    double *pull, double *pull_size, double *force_size) {
    V total = fill(0.0), sizes = total, price = fill(y);
    for (I base = 0; base < n; base += 64)
        for (uint64_t left = fours_of(known[base / 64]); left; left &= left - 1) {
            const I m = base + __builtin_ctzll(left);
            if (m + WIDTH > n) break;
            V e = get(entry + m);
            if (factor) e = e * get(factor + m);
            V force = e * get(x + m), cost = e * price;
            total = total + force, sizes = sizes + size(force);
            put(pull + m, get(pull + m) + cost);
            put(pull_size + m, get(pull_size + m) + size(cost));
        }
    double sum = across(total), whole = across(sizes);
    for (I m = n / WIDTH * WIDTH; m < n; m++) {
        double e = factor ? entry[m] * factor[m] : entry[m], force = e * x[m], cost = e * y;
        sum += force, whole += dabs(force);
        pull[m] += cost, pull_size[m] += dabs(cost);
    }
    *force_size += whole;
    return sum;
}

/* The balance of every row; fills the pulls, and the reserves (what is missing by the balance) if asked to. */
static void judge_rows(const Problem *p, I t, const RowOrder *o, int fill_reserve, const Pulls *u, Errors *e) {
    const I rows = p->rows, muscles = p->muscles, rays = p->rays;
    const double *a = p->activation + t * muscles, *s = p->support + t * rays, *y = p->multiplier + t * rows;
    const double *b = p->b + t * rows;
    const double ridge = 0.5 / p->reserve_cost;
    double *reserve = p->reserve + t * rows;
    for (I m = 0; m < muscles; m++) u->pull[m] = u->pull_size[m] = 0.0;
    for (I k = 0; k < rays; k++) u->lift[k] = u->lift_size[k] = 0.0;
    for (I q = 0; q < rows; q++) {
        const double *A = p->A + (t * rows + q) * muscles, *S = p->S + (t * rows + q) * rays;
        const uint64_t *known = o->entries + q * o->words;
        double whole = 1.0 + dabs(b[q]);
        double force = weigh(A, known, capacities(p, t), a, muscles, y[q], u->pull, u->pull_size, &whole);
        force += weigh(S, known + words_of(muscles), NULL, s, rays, y[q], u->lift, u->lift_size, &whole);
        if (fill_reserve) reserve[q] = b[q] - force;
        e->feasibility = dmax(dabs(reserve[q] - b[q] + force) / whole, e->feasibility);
        e->stationarity = dmax(dabs(reserve[q] - ridge * y[q]) / whole, e->stationarity);
    }
}

/* Muscles of an exponent of 2, four at a time; returns how many were judged. */
static I judge_squares(const Problem *p, I t, const Pulls *u, Errors *e) {
    const double *a = p->activation + t * p->muscles, *lower = p->lower + t * p->muscles;
    const double *upper = p->upper + t * p->muscles, *weight = p->weight + t * p->muscles;
    const V zero = fill(0.0);
    V still = zero, within = zero, off = zero;
    I m = 0;
    for (; m + WIDTH <= p->muscles; m += WIDTH) {
        V x = get(a + m), lo = get(lower + m), hi = get(upper + m), slope = fill(2.0) * get(weight + m);
        V d = (slope * x - get(u->pull + m)) / (slope + fill(CANCEL) * get(u->pull_size + m));
        still = larger(size(x - smaller(larger(x - d, lo), hi)), still);
        within = larger(larger(lo - x, x - hi), within);
        off = larger(size(choose(d > zero, d * (x - lo), d * (hi - x))), off);
    }
    for (int i = 0; i < WIDTH; i++) {
        e->stationarity = dmax(still[i], e->stationarity);
        e->feasibility = dmax(within[i], e->feasibility);
        e->complementarity = dmax(off[i], e->complementarity);
    }
    return m;
}

static void judge_muscles(const Problem *p, I t, const Pulls *u, Errors *e) {
    const double *a = p->activation + t * p->muscles, *lower = p->lower + t * p->muscles;
    const double *upper = p->upper + t * p->muscles, *weight = p->weight + t * p->muscles;
    const double exponent = p->exponent;
    for (I m = exponent == 2.0 ? judge_squares(p, t, u, e) : 0; m < p->muscles; m++) {
        double x = a[m], lo = lower[m], hi = upper[m], slope = exponent * weight[m];
        double steep = slope * (exponent == 2.0 ? x : power_of(dmax(x, 0.0), exponent - 1.0));
        double d = (steep - u->pull[m]) / (slope + CANCEL * u->pull_size[m]);
        e->stationarity = dmax(dabs(x - dmin(dmax(x - d, lo), hi)), e->stationarity);
        e->feasibility = dmax(dmax(lo - x, x - hi), e->feasibility);
        e->complementarity = dmax(dabs(d > 0.0 ? d * (x - lo) : d * (hi - x)), e->complementarity);
    }
}

static void judge_rays(const Problem *p, I t, const Pulls *u, Errors *e) {
    const double *support = p->support + t * p->rays;
    const double scale = p->support_scale, slope = 2.0 * p->support_cost;
    for (I k = 0; k < p->rays; k++) {
        double s = support[k] / scale, d = slope * s - scale * u->lift[k];
        d /= slope + CANCEL * scale * u->lift_size[k];
        e->stationarity = dmax(dabs(s - dmax(s - d, 0.0)), e->stationarity);
        e->feasibility = dmax(-s, e->feasibility);
        /* A negative multiplier has no bound to lean on: it counts in full. */
        e->complementarity = dmax(d > 0.0 ? dabs(d * s) / (1.0 + dabs(s)) : -d, e->complementarity);
    }
}

/* How far frame t, whose entries are known, is from optimal. */
static void judge(const Problem *p, I t, const RowOrder *o, int fill_reserve, const Pulls *u) {
    Errors e = {0.0, 0.0, 0.0};
    judge_rows(p, t, o, fill_reserve, u, &e);
    /* Comparisons pass over a NaN; a sum does not. */
    const double total = sum_of(p->activation + t * p->muscles, p->muscles) + sum_of(p->support + t * p->rays, p->rays) +
                         sum_of(p->reserve + t * p->rows, p->rows) + sum_of(p->multiplier + t * p->rows, p->rows);
    if (dabs(total) < INF) {
        judge_muscles(p, t, u, &e);
        judge_rays(p, t, u, &e);
    } else
        e.stationarity = e.feasibility = e.complementarity = INF;
    p->stationarity[t] = e.stationarity, p->feasibility[t] = e.feasibility, p->complementarity[t] = e.complementarity;
}

/* Reserves, certificate and verdict of a frame whose blocks are solved. */
static void finish(const Problem *p, I t, const RowOrder *o, const Pulls *u) {
    judge(p, t, o, 1, u);
    p->converged[t] = dmax(dmax(p->stationarity[t], p->feasibility[t]), p->complementarity[t]) <= p->tolerance;
}

#endif
