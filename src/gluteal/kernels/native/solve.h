/* Frames one after another: blocks laid out, solved and judged. */
#ifndef GLUTEAL_SOLVE_H
#define GLUTEAL_SOLVE_H

#include "certificate.h"
#include "lane_block.h"
#include "power.h"

/* Most frames that are read, solved and judged in one go: few enough to stay in the processor's cache. */
enum { RUN = 128 };

/* Columns that cross no row stay where they cost least. */
static void rest_idle(const Problem *p, I t, const Layout *l) {
    for (I c = l->column[l->blocks]; c < l->places; c++) {
        const I m = l->order[c];
        if (m < p->muscles) p->activation[t * p->muscles + m] = p->lower[t * p->muscles + m];
    }
}

/* An exponent of 2: frames that follow each other and have the same zeros, several at a time. */
static void solve_squares(const Problem *p, Arena *arena, I start, I stop) {
    Layout l;
    Bench bench;
    make_layout(&l, arena, p->rows, p->muscles, p->rays, 1);
    make_bench(&bench, arena, p->rows, p->muscles + p->rays);
    const Pulls pulls = make_pulls(arena, p);
    for (I t = start, end; t < stop; t = end) {
        arrange(p, t, &l);
        end = t + 1;
        while (end < imin(stop, t + RUN) && frame_fits(p, end, &l)) end++;
        for (I k = 0; k < l.blocks; k++) solve_block(&bench, p, t, end, &l, k);
        for (I i = t; i < end; i++) {
            rest_idle(p, i, &l);
            finish(p, i, &l.given, &pulls);
            if (p->iterations[i] >= p->limit) p->converged[i] = 0; /* of a power, they count the steps of many squares */
        }
    }
}

/* Bounds, weights and exponents of a frame's columns in their places. */
typedef struct {
    double *lo, *hi, *weight, *power, *x; /* (N + 2 Q PAD,) */
} Places;

static void place_frame(const Problem *p, I t, const Layout *l, const Places *at) {
    const I muscles = p->muscles, width = muscles + p->rays;
    for (I c = 0; c < l->places; c++) {
        const I m = l->order[c];
        at->lo[c] = at->hi[c] = at->x[c] = 0.0;
        at->weight[c] = 1.0, at->power[c] = 2.0;
        if (m < muscles) {
            at->lo[c] = p->lower[t * muscles + m], at->hi[c] = p->upper[t * muscles + m];
            at->weight[c] = p->weight[t * muscles + m], at->power[c] = p->exponent;
        } else if (m < width)
            at->hi[c] = INF, at->weight[c] = p->support_cost;
    }
}

/* Block k of frame t, on its own. */
static void pick_block(const Problem *p, I t, const Layout *l, I k, const Places *at, PowerBlock *out) {
    const I top = l->row[k], left = l->column[k], muscles = p->muscles, width = muscles + p->rays;
    const double *capacity = capacities(p, t);
    Columns *B = &out->block.B;
    B->rows = l->row[k + 1] - top, B->width = l->column[k + 1] - left, B->parts = (int)l->parts[k];
    B->begin = l->begin + 2 * top, B->end = l->end + 2 * top, B->first = l->first + top;
    for (I q = 0; q < B->rows; q++) {
        const I row = t * p->rows + l->given.order[top + q];
        const double *a = p->A + row * muscles, *s = p->S + row * p->rays;
        out->block.b[q] = p->b[row], out->block.y[q] = p->multiplier[row];
        for (int part = 0; part < B->parts; part++)
            for (I c = B->begin[2 * q + part]; c < B->end[2 * q + part]; c++) {
                const I m = l->order[left + c];
                double entry = 0.0;
                if (m < muscles) entry = capacity ? a[m] * capacity[m] : a[m];
                else if (m < width) entry = p->support_scale * s[m - muscles];
                B->value[q * B->width + c] = entry;
            }
    }
    out->block.lo = at->lo + left, out->block.hi = at->hi + left, out->block.x = at->x + left;
    out->block.ridge = 0.5 / p->reserve_cost, out->block.limit = (I)p->limit;
    out->weight = at->weight + left, out->power = at->power + left;
}

/* An exponent above 2: frame by frame. */
static void solve_powers(const Problem *p, Arena *arena, I start, I stop) {
    const I muscles = p->muscles, width = muscles + p->rays, places = width + 2 * p->rows * PAD;
    Layout l;
    PowerBlock block;
    make_layout(&l, arena, p->rows, muscles, p->rays, PAD);
    make_power_block(&block, arena, p->rows, places);
    const Places at = {take_doubles(arena, places), take_doubles(arena, places), take_doubles(arena, places),
                       take_doubles(arena, places), take_doubles(arena, places)};
    const Pulls pulls = make_pulls(arena, p);
    for (I t = start; t < stop; t++) {
        arrange(p, t, &l);
        place_frame(p, t, &l, &at);
        for (I k = 0; k < l.blocks; k++) {
            pick_block(p, t, &l, k, &at, &block);
            const I steps = solve_power(&block);
            for (I q = 0; q < block.block.B.rows; q++)
                p->multiplier[t * p->rows + l.given.order[l.row[k] + q]] = block.block.y[q];
            p->iterations[t] = steps >= 0 && p->iterations[t] >= 0 ? imax((I)p->iterations[t], steps) : -1;
        }
        for (I c = 0; c < l.column[l.blocks]; c++) {
            const I m = l.order[c];
            if (m < muscles) p->activation[t * muscles + m] = at.x[c];
            else if (m < width) p->support[t * p->rays + m - muscles] = p->support_scale * at.x[c];
        }
        rest_idle(p, t, &l);
        finish(p, t, &l.given, &pulls);
    }
}

/* The memory that `solve_squares` or `solve_powers` takes. */
static size_t count_memory(const Problem *p) {
    Layout l;
    Bench bench;
    PowerBlock block;
    Arena arena = {NULL, 0};
    const I width = p->muscles + p->rays, places = width + 2 * p->rows * PAD;
    make_layout(&l, &arena, p->rows, p->muscles, p->rays, PAD);
    if (p->exponent == 2.0) make_bench(&bench, &arena, p->rows, width);
    else {
        make_power_block(&block, &arena, p->rows, places);
        for (int i = 0; i < 5; i++) take_doubles(&arena, places);
    }
    make_pulls(&arena, p);
    return arena.used;
}

#endif
