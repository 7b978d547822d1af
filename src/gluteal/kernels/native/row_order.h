/* Where a frame has entries, and the order of rows that follows from it.
 *
 * Rows that share a column stand near each other, whatever order they come in: the Hessian's factor then has few entries
 * left of its diagonal, and a column's entries lie in few neighbouring rows. A pair of legs, joined by muscles that cross
 * both a hip and the spine, becomes a chain: one foot, its knee and hip, the spine, the other hip, and so on. It is the
 * order of Cuthill and McKee (1969, Proc 24th Nat Conf ACM:157-172) turned round, from an end of a longest path (George
 * and Liu 1979, ACM Trans Math Softw 5:284-295). Ties go by the rows' own order, so that it follows from the zeros alone.
 */
#ifndef GLUTEAL_ROW_ORDER_H
#define GLUTEAL_ROW_ORDER_H

#include "problem.h"

typedef uint64_t Bits __attribute__((vector_size(8 * WIDTH)));

/* A row's entries are bits of `words` numbers, those of its muscles before those of its rays. */
typedef struct {
    I rows, muscles, rays, words;
    uint64_t *entries; /* (Q, words) */
    uint8_t *linked;   /* (Q, Q) whether two rows share a column */
    uint8_t *placed;   /* (Q,) whether a row has its place */
    I *links, *depth;  /* (Q,) how many rows a row is linked to; how far it is from where a walk began, or -1 */
    I *order;          /* (Q,) rows in the order that they are solved in */
} RowOrder;

static I words_of(I n) { return (n + 63) / 64; }

static void make_row_order(RowOrder *o, Arena *arena, I rows, I muscles, I rays) {
    o->rows = rows, o->muscles = muscles, o->rays = rays, o->words = words_of(muscles) + words_of(rays);
    o->entries = take(arena, sizeof(uint64_t) * (size_t)(rows * o->words));
    o->linked = take_bytes(arena, rows * rows), o->placed = take_bytes(arena, rows);
    o->links = take_indices(arena, rows), o->depth = take_indices(arena, rows), o->order = take_indices(arena, rows);
}

/* Bit i is set where v[i] is not zero (a NaN is not); n is at most 64. */
INLINE uint64_t entries_of(const double *v, I n) {
    const V zero = fill(0.0);
    Bits bit = {1, 2, 4, 8}, found = {0, 0, 0, 0};
    I i = 0;
    for (; i + WIDTH <= n; i += WIDTH) {
        found |= (Bits)(get(v + i) != zero) & bit;
        bit <<= WIDTH;
    }
    uint64_t bits = found[0] | found[1] | found[2] | found[3];
    for (; i < n; i++) bits |= (uint64_t)(v[i] != 0.0) << i;
    return bits;
}

/* The entries of frame t: kept, or only held against the kept ones. Returns whether they are the same. */
INLINE int read_entries(RowOrder *o, const Problem *p, I t, int keep) {
    for (I q = 0; q < o->rows; q++) {
        const I n[2] = {o->muscles, o->rays};
        const double *row[2] = {p->A + (t * o->rows + q) * n[0], p->S + (t * o->rows + q) * n[1]};
        uint64_t *known = o->entries + q * o->words;
        for (int part = 0; part < 2; part++)
            for (I c = 0; c < n[part]; c += 64, known++) {
                /* A known number of turns is worth its own loop. */
                const uint64_t bits = n[part] - c >= 64 ? entries_of(row[part] + c, 64) : entries_of(row[part] + c, n[part] - c);
                if (keep) *known = bits;
                else if (bits != *known) return 0;
            }
    }
    return 1;
}

/* Which rows share a column; each is linked to itself. */
static void link_rows(RowOrder *o) {
    const I rows = o->rows, words = o->words;
    for (I q = 0; q < rows; q++) o->links[q] = 0;
    for (I q = 0; q < rows; q++)
        for (I j = 0; j <= q; j++) {
            uint64_t common = q == j;
            for (I w = 0; w < words; w++) common |= o->entries[q * words + w] & o->entries[j * words + w];
            o->linked[q * rows + j] = o->linked[j * rows + q] = common != 0;
            o->links[q] += common != 0, o->links[j] += common != 0;
        }
}

/* The rows that can be reached from one, nearest first, and among equals those of few links; returns how many. */
static I walk_rows(RowOrder *o, I start, I *queue) {
    for (I q = 0; q < o->rows; q++) o->depth[q] = -1;
    I count = 0;
    queue[count++] = start, o->depth[start] = 0;
    for (I head = 0; head < count; head++)
        for (I q = 0, known = count; q < o->rows; q++) {
            if (!o->linked[queue[head] * o->rows + q] || o->depth[q] >= 0) continue;
            o->depth[q] = o->depth[queue[head]] + 1;
            I at = count++;
            for (; at > known && o->links[queue[at - 1]] > o->links[q]; at--) queue[at] = queue[at - 1];
            queue[at] = q;
        }
    return count;
}

/* The rows that are linked to one, by a walk from the end of a longest path; returns how many. */
static I walk_longest(RowOrder *o, I start, I *queue) {
    for (I deepest = -1;;) {
        const I count = walk_rows(o, start, queue), depth = o->depth[queue[count - 1]];
        if (depth <= deepest) return count;
        deepest = depth, start = queue[count - 1];
        for (I i = count; i-- > 0 && o->depth[queue[i]] == depth;)
            if (o->links[queue[i]] < o->links[start]) start = queue[i];
    }
}

static void order_rows(RowOrder *o) {
    link_rows(o);
    for (I q = 0; q < o->rows; q++) o->placed[q] = 0;
    for (I first = 0, count = 0; first < o->rows; first++) {
        if (o->placed[first]) continue;
        I *queue = o->order + count, found = walk_longest(o, first, queue);
        for (I i = 0; i < found / 2; i++) {
            const I row = queue[i];
            queue[i] = queue[found - 1 - i], queue[found - 1 - i] = row;
        }
        for (I i = 0; i < found; i++) o->placed[queue[i]] = 1;
        count += found;
    }
}

#endif
