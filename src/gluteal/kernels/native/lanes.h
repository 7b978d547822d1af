/* Four frames at once: numbers that the processor treats as one.
 *
 * Frames of a few rows and tens of columns are too small for a compiler to vectorise well: loops end before they are
 * up to speed, and a Cholesky factor of five rows is one long chain. Taken across frames, every step of the work is
 * the same for all of them: one number of each frame lies in each lane. Comparisons give a mask, and `choose` takes
 * from either side. Each lane's arithmetic is its own, so what a frame comes to depends neither on the lane it is in
 * nor on the frames in the others.
 *
 * Nothing here is fused or taken in another order than written: a product is rounded before it is added. So every
 * processor comes to the same bits.
 */
#ifndef GLUTEAL_LANES_H
#define GLUTEAL_LANES_H

#include <stddef.h>
#include <stdint.h>

#if defined(__FAST_MATH__)
#error "Built with -ffast-math, sums would be taken in any order: leave the flag out."
#endif
#if defined(__FLT_EVAL_METHOD__) && __FLT_EVAL_METHOD__ != 0
#error "Doubles must be rounded to doubles: build for a processor with SSE2, not for the x87."
#endif
#if defined(__clang__)
#pragma STDC FP_CONTRACT OFF /* other compilers are told on the command line */
#endif

#if defined(__AVX2__)
#include <immintrin.h>
#endif

#define INLINE static inline __attribute__((always_inline))

typedef ptrdiff_t I;

/* Frames at a time: the doubles of one 256-bit register. Eight are no faster, also where registers have 512 bits. */
enum { WIDTH = 4 };

typedef double V __attribute__((vector_size(8 * WIDTH)));
typedef double Unaligned __attribute__((vector_size(8 * WIDTH), aligned(8), may_alias));
typedef int64_t M __attribute__((vector_size(8 * WIDTH)));

INLINE V fill(double v) { return (V){v, v, v, v}; }

/* Four doubles from p on, and back. */
INLINE V get(const double *p) { return *(const Unaligned *)p; }
INLINE void put(double *p, V v) { *(Unaligned *)p = v; }

/* The lanes at index i of an array of lanes (n, WIDTH), and back. */
INLINE V load(const double *p, I i) { return get(p + WIDTH * i); }
INLINE void store(double *p, I i, V v) { put(p + WIDTH * i, v); }

#if defined(__AVX2__)
INLINE V choose(M m, V yes, V no) { return (V)_mm256_blendv_pd((__m256d)no, (__m256d)yes, (__m256d)m); }
INLINE V smaller(V a, V b) { return (V)_mm256_min_pd((__m256d)a, (__m256d)b); } /* b where either is NaN */
INLINE V larger(V a, V b) { return (V)_mm256_max_pd((__m256d)a, (__m256d)b); }
INLINE V root(V a) { return (V)_mm256_sqrt_pd((__m256d)a); }
INLINE int some(M m) { return _mm256_movemask_pd((__m256d)m) != 0; }
#else
INLINE V choose(M m, V yes, V no) { return (V)(((M)yes & m) | ((M)no & ~m)); }
INLINE V smaller(V a, V b) { return choose(a < b, a, b); }
INLINE V larger(V a, V b) { return choose(a > b, a, b); }
INLINE V root(V a) {
    V r;
    for (int i = 0; i < WIDTH; i++) r[i] = __builtin_sqrt(a[i]);
    return r;
}
INLINE int some(M m) { return (m[0] | m[1] | m[2] | m[3]) != 0; }
#endif

INLINE V size(V a) { return (V)((M)a & (INT64_MAX + (M){0, 0, 0, 0})); }
INLINE V multiply_add(V a, V b, V c) { return a * b + c; }

/* a * b - product, exact if product is a * b rounded: halves of 26 bits, whose products are exact (Dekker 1971). */
INLINE V product_error(V a, V b, V product) {
    const V split = fill(134217729.0); /* 2^27 + 1 */
    V high_a = split * a, high_b = split * b;
    high_a = high_a - (high_a - a);
    high_b = high_b - (high_b - b);
    V low_a = a - high_a, low_b = b - high_b;
    return low_a * low_b - (((product - high_a * high_b) - low_a * high_b) - high_a * low_b);
}

/* The lanes' sum, in a fixed order. */
INLINE double across(V v) { return (v[0] + v[1]) + (v[2] + v[3]); }

INLINE I imin(I a, I b) { return a < b ? a : b; }
INLINE I imax(I a, I b) { return a > b ? a : b; }
INLINE double dmin(double a, double b) { return a < b ? a : b; }
INLINE double dmax(double a, double b) { return a > b ? a : b; }
INLINE double dabs(double a) { return __builtin_fabs(a); }

#endif
