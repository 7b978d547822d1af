/* A block of many frames: each goes into a lane, and out when it is solved.
 *
 * A lane whose frame is solved takes the next one at once, so a slow frame holds up nobody.
 */
#ifndef GLUTEAL_LANE_BLOCK_H
#define GLUTEAL_LANE_BLOCK_H

#include "lane_newton.h"

/* Bounds and gains of frame t's columns into a lane; returns the largest gain. */
static double enter_columns(Bench *k, const Problem *p, I t, int lane) {
    const I muscles = p->muscles;
    const double *lower = p->lower + t * muscles, *upper = p->upper + t * muscles, *weight = p->weight + t * muscles;
    double steepest = 0.0;
    for (I c = 0; c < k->width; c++) {
        const I m = k->order[c], at = WIDTH * c + lane;
        double low = 0.0, high = INF, slope = 0.5 / p->support_cost;
        if (m < muscles) {
            low = lower[m], high = upper[m];
            slope = low == high ? 0.0 : 0.5 / weight[m];
        }
        k->lo[at] = low, k->hi[at] = high, k->gain[at] = slope, k->z[at] = 0.0;
        steepest = slope > steepest ? slope : steepest;
    }
    return steepest;
}

/* Put frame t into a lane; return the sum of the sizes of its entries, which is finite if they are. */
static double enter(Bench *k, const Problem *p, I t, int lane) {
    const I muscles = p->muscles, rays = p->rays;
    const double *capacity = capacities(p, t);
    double whole = 0.0;
    k->steepest[lane] = enter_columns(k, p, t, lane);
    for (I q = 0; q < k->rows; q++) {
        const I row = t * p->rows + k->row[q], at = WIDTH * q + lane;
        const double *a = p->A + row * muscles, *s = p->S + row * rays;
        const double y = p->multiplier[row];
        double total = 0.0;
        for (I c = k->begin[2 * q]; c < k->end[2 * q]; c++) {
            const I m = k->order[c];
            const double entry = capacity ? a[m] * capacity[m] : a[m];
            k->value[WIDTH * (k->at[2 * q] + c) + lane] = entry;
            total += dabs(entry);
        }
        if (k->parts > 1)
            for (I c = k->begin[2 * q + 1]; c < k->end[2 * q + 1]; c++) {
                const double entry = p->support_scale * s[k->order[c] - muscles];
                k->value[WIDTH * (k->at[2 * q + 1] + c) + lane] = entry;
                total += dabs(entry);
            }
        if (y != 0.0)
            for (int part = 0; part < k->parts; part++)
                for (I c = k->begin[2 * q + part]; c < k->end[2 * q + part]; c++)
                    k->z[WIDTH * c + lane] += y * k->value[WIDTH * (k->at[2 * q + part] + c) + lane];
        k->y[at] = y, k->reach[at] = total, k->b[at] = p->b[row], k->tail[at] = 0.0;
        whole += total;
    }
    return whole;
}

/* Where the block's rows lie, end to end; returns how many entries they have. */
static I pack_rows(Bench *k, const Layout *l, I block) {
    const I top = l->row[block], left = l->column[block];
    k->rows = l->row[block + 1] - top, k->width = l->column[block + 1] - left, k->parts = (int)l->parts[block];
    k->begin = l->begin + 2 * top, k->end = l->end + 2 * top, k->first = l->first + top, k->order = l->order + left;
    k->row = l->given.order + top;
    I place = 0;
    for (I q = 0; q < k->rows; q++)
        for (int part = 0; part < k->parts; part++) {
            const I i = 2 * q + part;
            k->at[i] = place - k->begin[i];
            place += k->end[i] - k->begin[i];
        }
    return place;
}

/* Zeros into all lanes, of which some will stay empty. */
static void clear(Bench *k, I entries) {
    const V zero = fill(0.0);
    for (I i = 0; i < entries; i++) store(k->value, i, zero);
    for (I c = 0; c < k->width; c++)
        store(k->lo, c, zero), store(k->hi, c, zero), store(k->gain, c, zero), store(k->z, c, zero);
    for (I q = 0; q < k->rows; q++)
        store(k->b, q, zero), store(k->y, q, zero), store(k->tail, q, zero), store(k->reach, q, zero);
}

/* Take frame t's solution out of a lane. */
static void leave(const Bench *k, const Problem *p, I t, int lane) {
    const I muscles = p->muscles;
    const double *x = k->settled[lane] > 0.0 ? k->full : k->x;
    for (I c = 0; c < k->width; c++) {
        const I m = k->order[c];
        if (m < muscles) p->activation[t * muscles + m] = x[WIDTH * c + lane];
        else p->support[t * p->rays + m - muscles] = p->support_scale * x[WIDTH * c + lane];
    }
    for (I q = 0; q < k->rows; q++) p->multiplier[t * p->rows + k->row[q]] = k->y[WIDTH * q + lane];
    if (p->iterations[t] >= 0) p->iterations[t] = imax((I)p->iterations[t], (I)k->steps[lane]);
}

/* Solve a block of the frames from start to stop, which share a layout. */
static void solve_block(Bench *k, const Problem *p, I start, I stop, const Layout *l, I block) {
    const I entries = pack_rows(k, l, block);
    const double limit = (double)p->limit;
    k->ridge = 0.5 / p->reserve_cost;
    if (stop - start < WIDTH) clear(k, entries);
    k->busy = k->exact = k->carried = k->steps = k->steepest = k->settled = fill(0.0);
    I frame[WIDTH] = {-1, -1, -1, -1}, following = start;
    int busy = 0;
    for (;;) {
        for (int lane = 0; lane < WIDTH; lane++)
            for (; frame[lane] < 0 && following < stop; following++) {
                if (!(enter(k, p, following, lane) < INF)) {
                    p->iterations[following] = -1;
                    continue;
                }
                k->busy[lane] = 1.0, k->exact[lane] = k->carried[lane] = k->steps[lane] = 0.0;
                frame[lane] = following;
                busy++;
            }
        if (!busy) return;
        refresh(k);
        lane_place(k);
        descend(k);
        lane_spread(k, k->d, k->dz);
        if (!advance(k, limit)) continue;
        for (int lane = 0; lane < WIDTH; lane++) {
            if (frame[lane] < 0 || !(k->settled[lane] > 0.0 || k->steps[lane] >= limit)) continue;
            leave(k, p, frame[lane], lane);
            frame[lane] = -1, k->busy[lane] = 0.0;
            busy--;
        }
    }
}

#endif
