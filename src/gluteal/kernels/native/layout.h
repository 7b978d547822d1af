/* How a frame falls apart into blocks: problems of their own, with their entries side by side in memory.
 *
 * A frame's matrix [A S] (Q x N: muscles, then rays) is mostly zero: a muscle crosses the coordinates of one or two
 * joints. Neighbouring rows that no column joins, such as those of the two legs of a measured walk, are blocks that
 * can be solved one by one. Within a block, columns are sorted by the first and the last row they cross, so that a
 * row has its entries in one stretch among muscles and one among rays, padded to what is taken at once.
 *
 * The order follows from the frame's zeros alone, so a frame's solution does not depend on the frames before it.
 */
#ifndef GLUTEAL_LAYOUT_H
#define GLUTEAL_LAYOUT_H

#include "problem.h"

/* Stretches of a frame solved alone begin and end at multiples of this; frames solved in lanes need no padding. */
enum { PAD = 8 };

/* Block k has the rows from row[k] to row[k + 1] and the places from column[k] to column[k + 1]. At each place is the
 * column order[place]; N is none, a column of zeros. Columns without an entry come after the last block. */
typedef struct {
    I rows, muscles, rays, pad, blocks, places;
    I *low, *high;        /* (N,) first and last row of each column; Q and -1 without an entry */
    I *order;             /* (N + 2 Q pad,) */
    I *row, *column;      /* (Q + 1,) */
    I *begin, *end;       /* (Q, 2) a row's stretch among muscles and among rays, from the block's first place on */
    I *first;             /* (Q,) leftmost column of the Hessian's row, from the block's first row on */
    I *parts;             /* (Q,) of a block: 1 without rays, else 2 */
    uint8_t *muscle, *ray; /* (2, Q, M), (2, Q, R): where a frame with this layout must have an entry; where it has none */
    I *key, *sorted, *merged; /* (N,) scratch of the sorting */
    I *far, *block;           /* (Q + 1,) scratch: farthest row that a row reaches; block of a row */
} Layout;

static void make_layout(Layout *l, Arena *arena, I rows, I muscles, I rays, I pad) {
    const I width = muscles + rays;
    l->rows = rows, l->muscles = muscles, l->rays = rays, l->pad = pad, l->blocks = 0, l->places = 0;
    l->low = take_indices(arena, width), l->high = take_indices(arena, width);
    l->order = take_indices(arena, width + 2 * rows * pad);
    l->row = take_indices(arena, rows + 1), l->column = take_indices(arena, rows + 1);
    l->begin = take_indices(arena, 2 * rows), l->end = take_indices(arena, 2 * rows);
    l->first = take_indices(arena, rows), l->parts = take_indices(arena, rows);
    l->muscle = take_bytes(arena, 2 * rows * muscles), l->ray = take_bytes(arena, 2 * rows * rays);
    l->key = take_indices(arena, width), l->sorted = take_indices(arena, width), l->merged = take_indices(arena, width);
    l->far = take_indices(arena, rows + 1), l->block = take_indices(arena, rows + 1);
}

/* First and last row in which each of n columns has an entry (a NaN is one), and what fits that. */
static void mark(const double *A, I rows, I n, I *low, I *high, uint8_t *known) {
    for (I c = 0; c < n; c++) low[c] = rows, high[c] = -1;
    for (I q = 0; q < rows; q++)
        for (I c = 0; c < n; c++)
            if (A[q * n + c] != 0.0) {
                high[c] = q;
                if (q < low[c]) low[c] = q;
            }
    uint8_t *must = known, *none = known + rows * n;
    for (I q = 0; q < rows; q++)
        for (I c = 0; c < n; c++) {
            must[q * n + c] = q == low[c] || q == high[c];
            none[q * n + c] = q < low[c] || q > high[c];
        }
}

/* Whether the entries lie where `mark` found those of another frame. */
static int fits(const double *A, I count, const uint8_t *known) {
    const uint8_t *must = known, *none = known + count;
    I i = 0;
    for (; i + 64 <= count; i += 64) { /* leaves early, and lets the compiler keep whole vectors */
        unsigned bad = 0;
        for (I j = i; j < i + 64; j++) bad |= A[j] != 0.0 ? none[j] : must[j];
        if (bad) return 0;
    }
    unsigned bad = 0;
    for (; i < count; i++) bad |= A[i] != 0.0 ? none[i] : must[i];
    return !bad;
}

static int frame_fits(const Problem *p, I t, const Layout *l) {
    return fits(p->A + t * l->rows * l->muscles, l->rows * l->muscles, l->muscle) &&
           fits(p->S + t * l->rows * l->rays, l->rows * l->rays, l->ray);
}

/* The blocks of rows: one ends at a row that no column reaches beyond. */
static void find_blocks(Layout *l) {
    const I rows = l->rows, width = l->muscles + l->rays;
    for (I q = 0; q < rows; q++) l->far[q] = -1;
    for (I c = 0; c < width; c++)
        if (l->low[c] < rows) l->far[l->low[c]] = imax(l->far[l->low[c]], l->high[c]);
    I reach = -1, count = 0;
    l->row[0] = 0;
    for (I q = 0; q < rows; q++) {
        l->block[q] = count;
        reach = imax(imax(reach, l->far[q]), q);
        if (reach == q) l->row[++count] = q + 1;
    }
    l->block[rows] = count; /* of columns without an entry */
    l->blocks = count;
}

/* Columns by block, kind, first row and last row; equals stay as they come (merging runs of 1, 2, 4, ...). */
static void sort_columns(Layout *l) {
    const I rows = l->rows, width = l->muscles + l->rays, *key = l->key;
    for (I c = 0; c < width; c++) {
        const I kind = l->block[l->low[c]] * 2 + (c >= l->muscles);
        l->key[c] = (kind * (rows + 1) + l->low[c]) * (rows + 1) + l->high[c] + 1;
        l->sorted[c] = c;
    }
    for (I run = 1; run < width; run *= 2) {
        for (I start = 0; start < width; start += 2 * run) {
            const I middle = imin(start + run, width), stop = imin(start + 2 * run, width);
            I left = start, right = middle;
            for (I at = start; at < stop; at++) {
                const int second = left == middle || (right < stop && key[l->sorted[right]] < key[l->sorted[left]]);
                l->merged[at] = l->sorted[second ? right++ : left++];
            }
        }
        I *swap = l->sorted;
        l->sorted = l->merged, l->merged = swap;
    }
}

/* A place for every column, block by block, muscles before rays, both padded. */
static void place_columns(Layout *l) {
    const I muscles = l->muscles, width = muscles + l->rays, pad = l->pad, count = l->blocks;
    for (I i = 0; i < width + 2 * l->rows * pad; i++) l->order[i] = width;
    I place = 0, c = 0;
    for (I k = 0; k <= count; k++) {
        l->column[k] = place;
        for (int part = 0; part < 2; part++) {
            I found = 0;
            while (c < width && l->block[l->low[l->sorted[c]]] == k && (l->sorted[c] >= muscles) == part)
                l->order[place + found++] = l->sorted[c++];
            place += k < count ? (found + pad - 1) / pad * pad : found;
            if (k < count) l->parts[k] = part == 1 && found > 0 ? 2 : 1;
        }
    }
    l->places = place;
}

static int overlap(const Layout *l, I q, I j) {
    for (int part = 0; part < 2; part++)
        if (imax(l->begin[2 * q + part], l->begin[2 * j + part]) < imin(l->end[2 * q + part], l->end[2 * j + part]))
            return 1;
    return 0;
}

/* The stretches of every row of block k, and how far left its Hessian's rows reach. */
static void stretch(Layout *l, I k) {
    const I base = l->column[k], top = l->row[k], bottom = l->row[k + 1], width = l->muscles + l->rays, pad = l->pad;
    for (I q = top; q < bottom; q++) {
        I begin[2] = {0, 0}, end[2] = {0, 0};
        for (I at = base; at < l->column[k + 1]; at++) {
            const I c = l->order[at];
            if (c < width && l->low[c] <= q && q <= l->high[c]) {
                const int part = c >= l->muscles;
                if (end[part] == 0) begin[part] = at - base;
                end[part] = at - base + 1;
            }
        }
        for (int part = 0; part < 2; part++) {
            l->begin[2 * q + part] = begin[part] / pad * pad;
            l->end[2 * q + part] = (end[part] + pad - 1) / pad * pad;
        }
        I j = top;
        while (j < q && !overlap(l, q, j)) j++;
        l->first[q] = j - top;
    }
}

/* The layout of frame t, kept where it already fits. */
static void arrange(const Problem *p, I t, Layout *l) {
    if (l->blocks && frame_fits(p, t, l)) return;
    mark(p->A + t * l->rows * l->muscles, l->rows, l->muscles, l->low, l->high, l->muscle);
    mark(p->S + t * l->rows * l->rays, l->rows, l->rays, l->low + l->muscles, l->high + l->muscles, l->ray);
    find_blocks(l);
    sort_columns(l);
    place_columns(l);
    for (I k = 0; k < l->blocks; k++) stretch(l, k);
}

#endif
