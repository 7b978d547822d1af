/* The method of `dual_newton.h` for quadratic costs without a linear part, on four frames at a time.
 *
 * Frames with the same zeros take the same steps on other numbers, so each goes through them in a lane of its own
 * (`lane_block.h` puts frames in and takes them out). Variables, tests and limits are those of `dual_newton.h`, where
 * they are explained.
 */
#ifndef GLUTEAL_LANE_NEWTON_H
#define GLUTEAL_LANE_NEWTON_H

#include "layout.h"

/* Steps of the search along a direction; halving alone comes to 1e-18 of it. */
enum { SEARCH_STEPS = 60 };

/* A block of rows and columns: one frame's in each lane. */
typedef struct {
    I rows, width;
    int parts;
    /* As in `Layout`, of this block. Entry (q, c) of part p lies at value[at[2 q + p] + c]; at itself may be negative. */
    const I *begin, *end, *first, *order;
    const I *row; /* (Q,) where the problem has each row */
    I *at;
    double ridge; /* 1 / (2 K) */
    double *value;                                                    /* (Q N, WIDTH) */
    double *lo, *hi, *gain, *z, *x, *curvature, *dz, *full, *scratch; /* (N, WIDTH); full: x after a whole step */
    double *b, *y, *tail, *d, *gradient, *reach;                      /* (Q, WIDTH); y + tail: the multipliers */
    double *H;                                                        /* (Q Q, WIDTH) */
    /* Whether a lane is taken, whether its multipliers are carried exactly, the rounding that its z has gathered, the
     * steps it has taken, its largest gain, and whether it is solved. */
    V busy, exact, carried, steps, steepest, settled;
} Bench;

static void make_bench(Bench *k, Arena *arena, I rows, I width) {
    k->value = take_doubles(arena, WIDTH * rows * width);
    double **column[] = {&k->lo, &k->hi, &k->gain, &k->z, &k->x, &k->curvature, &k->dz, &k->full, &k->scratch};
    for (int i = 0; i < 9; i++) *column[i] = take_doubles(arena, WIDTH * width);
    double **row[] = {&k->b, &k->y, &k->tail, &k->d, &k->gradient, &k->reach};
    for (int i = 0; i < 6; i++) *row[i] = take_doubles(arena, WIDTH * rows);
    k->H = take_doubles(arena, WIDTH * rows * rows);
    k->at = take_indices(arena, 2 * rows);
}

/* out = B^T y. */
static void lane_spread(const Bench *k, const double *y, double *out) {
    const V zero = fill(0.0);
    for (I c = 0; c < k->width; c++) store(out, c, zero);
    for (I q = 0; q < k->rows; q++) {
        V share = load(y, q);
        for (int part = 0; part < k->parts; part++) {
            const I at = k->at[2 * q + part];
            for (I c = k->begin[2 * q + part]; c < k->end[2 * q + part]; c++)
                store(out, c, multiply_add(share, load(k->value, at + c), load(out, c)));
        }
    }
}

/* total + rest = B^T (y + tail), in about twice the precision. */
static void lane_spread_exactly(const Bench *k, double *total, double *rest) {
    const V zero = fill(0.0);
    for (I c = 0; c < k->width; c++) store(total, c, zero), store(rest, c, zero);
    for (I q = 0; q < k->rows; q++) {
        const V w = load(k->y, q), last = load(k->tail, q);
        for (int part = 0; part < k->parts; part++) {
            const I at = k->at[2 * q + part];
            for (I c = k->begin[2 * q + part]; c < k->end[2 * q + part]; c++) {
                V v = load(k->value, at + c), product = v * w, error = product_error(v, w, product);
                V old = load(total, c), sum = old + product, half = sum - old; /* and its rounding error, after Knuth */
                error = error + ((old - (sum - half)) + (product - half));
                store(rest, c, load(rest, c) + (error + v * last));
                store(total, c, sum);
            }
        }
    }
}

/* z anew where it has gathered rounding, and in twice the precision where y is carried exactly. */
static void refresh(Bench *k) {
    M exact = k->exact > fill(0.0), stale = k->carried > fill(0.1 * NOISE);
    if (some(stale)) {
        lane_spread(k, k->y, k->scratch);
        for (I c = 0; c < k->width; c++) store(k->z, c, choose(stale, load(k->scratch, c), load(k->z, c)));
        k->carried = choose(stale, fill(0.0), k->carried);
    }
    if (!some(exact)) return;
    lane_spread_exactly(k, k->full, k->scratch);
    for (I c = 0; c < k->width; c++)
        store(k->z, c, choose(exact, load(k->full, c) + load(k->scratch, c), load(k->z, c)));
}

/* The inner minimum x(y), and the gain of each x that is free to move. */
static void lane_place(const Bench *k) {
    const V zero = fill(0.0);
    for (I c = 0; c < k->width; c++) {
        V slope = load(k->gain, c), free = slope * load(k->z, c);
        V best = smaller(larger(free, load(k->lo, c)), load(k->hi, c));
        store(k->x, c, best);
        store(k->curvature, c, choose(best == free, slope, zero));
    }
}

/* Gradient, Cholesky factor within the envelope (diagonal inverted) and Newton's direction. */
static void descend(const Bench *k) {
    const I rows = k->rows;
    const V least = fill(k->ridge), zero = fill(0.0);
    double *H = k->H, *d = k->d;
    for (I q = 0; q < rows; q++) {
        V rest = load(k->b, q) - least * load(k->y, q);
        for (int part = 0; part < k->parts; part++) {
            V total = zero;
            const I at = k->at[2 * q + part];
            for (I c = k->begin[2 * q + part]; c < k->end[2 * q + part]; c++) {
                V entry = load(k->value, at + c);
                total = multiply_add(entry, load(k->x, c), total);
                store(k->scratch, c, load(k->curvature, c) * entry);
            }
            rest = rest - total;
        }
        store(k->gradient, q, rest);
        for (I j = k->first[q]; j <= q; j++) {
            V total = j == q ? least : zero;
            for (int part = 0; part < k->parts; part++) {
                const I at = k->at[2 * j + part], stop = imin(k->end[2 * q + part], k->end[2 * j + part]);
                for (I c = imax(k->begin[2 * q + part], k->begin[2 * j + part]); c < stop; c++)
                    total = multiply_add(load(k->value, at + c), load(k->scratch, c), total);
            }
            store(H, q * rows + j, total);
        }
    }
    for (I q = 0; q < rows; q++) {
        V pivot = load(H, q * rows + q), entry = load(k->gradient, q);
        for (I j = k->first[q]; j < q; j++) {
            V total = load(H, q * rows + j);
            for (I i = imax(k->first[q], k->first[j]); i < j; i++)
                total = total - load(H, q * rows + i) * load(H, j * rows + i);
            total = total * load(H, j * rows + j);
            store(H, q * rows + j, total);
            pivot = pivot - total * total;
            entry = entry - total * load(d, j);
        }
        pivot = fill(1.0) / root(larger(pivot, least)); /* H is at least ridge I: a smaller pivot is rounding */
        store(H, q * rows + q, pivot);
        store(d, q, entry * pivot);
    }
    for (I q = rows - 1; q >= 0; q--) {
        V last = load(d, q) * load(H, q * rows + q);
        store(d, q, last);
        for (I j = k->first[q]; j < q; j++) store(d, j, load(d, j) - load(H, q * rows + j) * last);
    }
}

/* Bounds on the rounding errors of B^T (y + d), times the gains. */
static void bound_rounding(const Bench *k, M exact) {
    const V zero = fill(0.0), unit = fill(8.0 * EPS);
    double *out = k->scratch;
    for (I c = 0; c < k->width; c++) store(out, c, zero);
    for (I q = 0; q < k->rows; q++) {
        V share = unit * (size(load(k->d, q)) + choose(exact, zero, size(load(k->y, q))));
        for (int part = 0; part < k->parts; part++)
            for (I c = k->begin[2 * q + part]; c < k->end[2 * q + part]; c++)
                store(out, c, multiply_add(share, size(load(k->value, k->at[2 * q + part] + c)), load(out, c)));
    }
    for (I c = 0; c < k->width; c++) store(out, c, load(out, c) * load(k->gain, c));
}

/* How far to go along d: the root of the slope of g, which falls; 1 where a whole step is not too far. */
static V lane_search(const Bench *k, M must, V slope, V bend, V taken, V fall) {
    const V zero = fill(0.0);
    V t = fill(1.0), below = zero, above = t, value = slope - bend - taken;
    M seeking = must & (value < zero);
    for (int i = 0; i < SEARCH_STEPS; i++) {
        seeking = seeking & (size(value) > fill(SLACK) * slope);
        if (!some(seeking)) break;
        below = choose(value > zero, t, below);
        above = choose(value > zero, above, t);
        V near = t + value / (bend + fall);
        V middle = choose(below > zero, root(below * above), fill(0.01) * above);
        t = choose(seeking, choose((below < near) & (near < above), near, middle), t);
        taken = zero, fall = zero;
        for (I c = 0; c < k->width; c++) {
            V u = load(k->dz, c), g = load(k->gain, c), free = g * multiply_add(t, u, load(k->z, c));
            V best = smaller(larger(free, load(k->lo, c)), load(k->hi, c));
            taken = multiply_add(best - load(k->x, c), u, taken);
            fall = fall + choose(best == free, g * u * u, zero);
        }
        value = slope - bend * t - taken;
    }
    return t;
}

/* How sure a whole step is of its pieces, see `advance`. */
typedef struct {
    V unsure;       /* bound on the rounding of x */
    V slope, bend;  /* of g along d at its start, and of the reserves' part */
    V taken, fall;  /* change of x along d, and its derivative, at the end of a whole step */
    V off;          /* distance of x after a whole step from the piece that it started in */
} Step;

static Step take_whole_step(const Bench *k, M exact) {
    const V zero = fill(0.0);
    Step s = {zero, zero, zero, zero, zero, zero};
    V largest = zero; /* no term of B_c (y + d) is larger; where y is exact, none of B_c d */
    for (I q = 0; q < k->rows; q++) {
        V step = load(k->d, q);
        largest = largest + load(k->reach, q) * (size(step) + choose(exact, zero, size(load(k->y, q))));
        s.slope = multiply_add(load(k->gradient, q), step, s.slope);
        s.bend = multiply_add(step, step, s.bend);
    }
    s.bend = s.bend * fill(k->ridge);
    s.unsure = fill(8.0 * EPS) * largest * k->steepest;
    for (I c = 0; c < k->width; c++) {
        V u = load(k->dz, c), g = load(k->gain, c), old = load(k->x, c), free = g * (load(k->z, c) + u);
        V best = smaller(larger(free, load(k->lo, c)), load(k->hi, c));
        store(k->full, c, best);
        s.off = larger(size(best - choose(load(k->curvature, c) > zero, free, old)), s.off);
        s.taken = multiply_add(best - old, u, s.taken);
        s.fall = s.fall + choose(best == free, g * u * u, zero);
    }
    return s;
}

/* Largest distance from the piece beyond its own rounding (in scratch). */
static V excess_of(const Bench *k) {
    V excess = fill(-1.0);
    for (I c = 0; c < k->width; c++) {
        V free = load(k->gain, c) * (load(k->z, c) + load(k->dz, c));
        V guess = choose(load(k->curvature, c) > fill(0.0), free, load(k->x, c));
        excess = larger(size(load(k->full, c) - guess) - load(k->scratch, c), excess);
    }
    return excess;
}

/* Which of the arrived lanes are sharp enough to be done; `blurred` ones have their rounding in scratch. */
static V settle(const Bench *k, M arrived, M exact, M blurred, V unsure) {
    const V zero = fill(0.0);
    V change = zero, blur = zero;
    if (some(exact | blurred))
        for (I c = 0; c < k->width; c++) {
            V u = load(k->scratch, c), free = load(k->gain, c) * (load(k->z, c) + load(k->dz, c));
            M near = (free >= load(k->lo, c) - u) & (free <= load(k->hi, c) + u);
            blur = larger(choose(near, u, zero), blur);
            change = larger(size(load(k->curvature, c) * load(k->dz, c)), change);
        }
    M still = choose(exact, change, zero) < fill(STILL);
    M sharp = choose(exact, zero, smaller(unsure, choose(blurred, blur, unsure))) < fill(NOISE);
    return choose(arrived & still & sharp, fill(1.0), zero);
}

/* y + tail += length d, without rounding of the sum (two-sum of Knuth). */
static void lane_add(const Bench *k, V length) {
    for (I q = 0; q < k->rows; q++) {
        V old = load(k->y, q), change = length * load(k->d, q) + load(k->tail, q);
        V total = old + change, part = total - old;
        store(k->tail, q, (old - (total - part)) + (change - part));
        store(k->y, q, total);
    }
    for (I c = 0; c < k->width; c++) store(k->z, c, multiply_add(length, load(k->dz, c), load(k->z, c)));
}

/* Take every lane one step along d; return whether any lane is through. */
static int advance(Bench *k, double limit) {
    const V zero = fill(0.0), one = fill(1.0), kink = fill(KINK);
    const M busy = k->busy > zero, exact = k->exact > zero;
    const Step s = take_whole_step(k, exact);
    M must = busy & (s.off > kink + s.unsure);
    const M doubtful = busy & (s.off > kink) & (s.off <= kink + s.unsure);
    if (some(doubtful)) {
        bound_rounding(k, exact);
        must = must | (doubtful & (excess_of(k) > kink));
    }
    const V length = some(must) ? lane_search(k, must, s.slope, s.bend, s.taken, s.fall) : one;
    const M arrived = busy & ~must, blurred = arrived & (s.unsure >= fill(NOISE));
    if (some(blurred) && !some(doubtful)) bound_rounding(k, exact);
    k->settled = zero;
    if (some(arrived)) {
        k->settled = settle(k, arrived, exact, blurred, s.unsure);
        k->exact = choose(arrived, one - k->settled, k->exact);
    }
    lane_add(k, length);
    k->steps = k->steps + one;
    k->carried = k->carried + s.unsure;
    return some((k->settled > zero) | (busy & (k->steps >= fill(limit))));
}

#endif
