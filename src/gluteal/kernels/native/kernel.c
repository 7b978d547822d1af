/* The native kernels of gluteal: load sharing and the largest loss tolerated, onsets, pictures.
 *
 * One C11 source for Python (ctypes) and the browser (WebAssembly), with the vectors of GCC and Clang. Nothing of it
 * allocates or keeps a state: the caller hands in all memory, so that threads may work at once on parts of the frames.
 *
 *   lanes        arithmetic on four frames at once             problem      the problem, its limits, memory
 *   row_order    which rows stand side by side                 layout       blocks of rows, order of columns
 *   lane_newton  Newton on the dual, four frames at a time     lane_block   frames into lanes and out
 *   columns      one block's matrix and its Cholesky factor    dual_newton  Newton on the dual, one frame
 *   power        exponents above 2                             certificate  how far from optimal
 *   solve        frames one after another                      tolerance    the largest loss tolerated
 *   check        arguments                                  onset, raster
 *
 * `gluteal.kernels.native.build` says how it is built, so that every platform takes the same roundings.
 */
#include "check.h"
#include "onset.h"
#include "raster.h"
#include "solve.h"
#include "tolerance.h"

#ifndef NAME
#define NAME(x) x /* compiled twice under two names where a library holds two instruction sets, see dispatch.c */
#endif
#ifndef STAMP
#define STAMP "" /* the hash of the sources, from the builder */
#endif
#if defined(__wasm__)
#define EXPORT(name) __attribute__((export_name(#name)))
#elif defined(_WIN32)
#define EXPORT(name) __declspec(dllexport)
#else
#define EXPORT(name) __attribute__((visibility("default")))
#endif

/* Which sources this was built from. */
EXPORT(share_stamp) const char *NAME(share_stamp)(void) { return STAMP; }

/* Bytes of memory, aligned to 64, that one thread needs for a problem of this shape and exponent. */
EXPORT(share_memory) int64_t NAME(share_memory)(const Problem *p) {
    Arena search = {NULL, 0};
    make_search(&search, p);
    const size_t solve = count_memory(p);
    return (int64_t)(solve > search.used ? solve : search.used);
}

/* The first wrong number, see `check.h`. */
EXPORT(share_check) int32_t NAME(share_check)(const Problem *p, int32_t solving, int64_t *at) {
    return check_problem(p, solving, at);
}

/* Solve the frames from start to stop. */
EXPORT(share_solve) void NAME(share_solve)(const Problem *p, int64_t start, int64_t stop, void *memory) {
    Arena arena = {memory, 0};
    if (p->exponent == 2.0) solve_squares(p, &arena, (I)start, (I)stop);
    else solve_powers(p, &arena, (I)start, (I)stop);
}

/* Solve chunks of frames in turn until none is left; threads share `next`, the first frame not yet taken. */
EXPORT(share_chunks) void NAME(share_chunks)(const Problem *p, int64_t chunk, int64_t *next, void *memory) {
    for (;;) {
        const int64_t start = __atomic_fetch_add(next, chunk, __ATOMIC_RELAXED);
        if (start >= p->frames) return;
        NAME(share_solve)(p, start, start + chunk < p->frames ? start + chunk : p->frames, memory);
    }
}

/* Judge a solution, whoever made it. */
EXPORT(share_judge) void NAME(share_judge)(const Problem *p, void *memory) {
    Arena arena = {memory, 0};
    RowOrder rows;
    make_row_order(&rows, &arena, p->rows, p->muscles, p->rays);
    const Pulls pulls = make_pulls(&arena, p);
    for (I t = 0; t < (I)p->frames; t++) {
        read_entries(&rows, p, t, 1);
        judge(p, t, &rows, 0, &pulls);
    }
}

/* The least share of the targets' capacity (T,) that each frame's reserve proves to be needed, and its direction. */
EXPORT(share_bound) void NAME(share_bound)(const Problem *p, const uint8_t *target, double *bound, double *direction,
                                           void *memory) {
    Arena arena = {memory, 0};
    Search search = make_search(&arena, p);
    for (I t = 0; t < (I)p->frames; t++) bound_frame(p, t, target, &search, bound + t, direction + t * p->rows);
}

EXPORT(segment_levels) int64_t NAME(segment_levels)(const double *y, int64_t n, int64_t shortest, double penalty,
                                                    int64_t longest, double *sums, int64_t *starts, int64_t *out) {
    return find_segments(y, n, shortest, penalty, longest, sums, starts, out);
}

EXPORT(rise_likelihood) void NAME(rise_likelihood)(const Rise *r) { fill_likelihood(r); }

EXPORT(rasterise) void NAME(rasterise)(const Picture *s) {
    for (I f = 0; f < (I)s->count; f++) draw_triangle(s, s->faces + 3 * f);
}
