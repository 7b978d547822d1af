/* How a frame falls apart into blocks: problems of their own, with their entries side by side in memory.
 *
 * A frame's matrix [A S] (Q x N: muscles, then rays) is mostly zero: a muscle crosses the coordinates of one or two
 * joints. Rows are taken in the order of `row_order.h`. Rows that no column joins to others are blocks that can be
 * solved one by one. Within a block, columns are sorted by the first and the last row they cross, so that a row has its
 * entries in one stretch among muscles and one among rays, padded to what is taken at once.
 *
 * The order follows from the frame's zeros alone, so a frame's solution does not depend on the frames before it.
 */
#ifndef GLUTEAL_LAYOUT_H
#define GLUTEAL_LAYOUT_H

#include "row_order.h"

/* Stretches of a frame solved alone begin and end at multiples of this; frames solved in lanes need no padding. */
enum { PAD = 8 };

/* Block k has the rows from row[k] to row[k + 1] and the places from column[k] to column[k + 1]. At each place is the
 * column order[place]; N is none, a column of zeros. Columns without an entry come after the last block. */
typedef struct {
    I rows, muscles, rays, pad, blocks, places;
    RowOrder given;           /* rows as they come; from here on they are counted in the order that they are solved in */
    I *low, *high;            /* (N,) first and last row of each column; Q and -1 without an entry */
    I *order;                 /* (N + 2 Q pad,) */
    I *row, *column;          /* (Q + 1,) */
    I *begin, *end;           /* (Q, 2) a row's stretch among muscles and among rays, from the block's first place on */
    I *first;                 /* (Q,) leftmost column of the Hessian's row, from the block's first row on */
    I *parts;                 /* (Q,) of a block: 1 without rays, else 2 */
    I *key, *sorted, *merged; /* (N,) scratch of the sorting */
    I *far, *block;           /* (Q + 1,) scratch: farthest row that a row reaches; block of a row */
} Layout;

static void make_layout(Layout *l, Arena *arena, I rows, I muscles, I rays, I pad) {
    const I width = muscles + rays;
    l->rows = rows, l->muscles = muscles, l->rays = rays, l->pad = pad, l->blocks = 0, l->places = 0;
    make_row_order(&l->given, arena, rows, muscles, rays);
    l->low = take_indices(arena, width), l->high = take_indices(arena, width);
    l->order = take_indices(arena, width + 2 * rows * pad);
    l->row = take_indices(arena, rows + 1), l->column = take_indices(arena, rows + 1);
    l->begin = take_indices(arena, 2 * rows), l->end = take_indices(arena, 2 * rows);
    l->first = take_indices(arena, rows), l->parts = take_indices(arena, rows);
    l->key = take_indices(arena, width), l->sorted = take_indices(arena, width), l->merged = take_indices(arena, width);
    l->far = take_indices(arena, rows + 1), l->block = take_indices(arena, rows + 1);
}

/* First and last row in which each column has an entry. */
static void mark_columns(Layout *l) {
    const RowOrder *o = &l->given;
    for (I c = 0; c < l->muscles + l->rays; c++) l->low[c] = l->rows, l->high[c] = -1;
    for (I q = 0; q < l->rows; q++)
        for (I w = 0; w < o->words; w++) {
            const I among = words_of(l->muscles), base = w < among ? 64 * w : l->muscles + 64 * (w - among);
            for (uint64_t left = o->entries[o->order[q] * o->words + w]; left; left &= left - 1) {
                const I c = base + __builtin_ctzll(left);
                l->high[c] = q;
                if (q < l->low[c]) l->low[c] = q;
            }
        }
}

/* Whether frame t has its entries where the frame of this layout has them. */
static int frame_fits(const Problem *p, I t, Layout *l) { return read_entries(&l->given, p, t, 0); }

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
    read_entries(&l->given, p, t, 1);
    order_rows(&l->given);
    mark_columns(l);
    find_blocks(l);
    sort_columns(l);
    place_columns(l);
    for (I k = 0; k < l->blocks; k++) stretch(l, k);
}

#endif
