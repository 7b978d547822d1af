/* The problem of load sharing, its limits, and the memory it is solved in.
 *
 * For each frame on its own, with activations a (M), forces along the support rays s (R) and reserve moments r (Q),
 *
 *   minimise  sum_m w_m a_m^p + eps sum_k (s_k / S0)^2 + K sum_q r_q^2
 *   subject to  A a + S s + r = b,   lo <= a <= hi,   s >= 0.
 *
 * `gluteal.kernels.recruitment` says what each of them is.
 */
#ifndef GLUTEAL_PROBLEM_H
#define GLUTEAL_PROBLEM_H

#include "lanes.h"

#define INF __builtin_inf()
#define EPS 2.220446049250313e-16
/* A variable this close to a bound counts as on either side of it (in units of the variable, about 1). */
#define KINK 1e-13
/* Rounding of a variable above which products with the multipliers are compensated. */
#define NOISE 1e-11
/* Change of a variable below which a step with compensated products counts as the last. */
#define STILL 1e-8
/* Share of the slope that is left where the search along a direction ends. The root within a piece is exact, so little
 * costs no more than much; with a hundredth left, steps of a millionth of d can go to and fro on a ridge. */
#define SLACK 1e-5

/* Arrays are dense, float64, the last index fastest. */
typedef struct {
    int64_t frames, rows, muscles, rays;
    const double *A;        /* (T, Q, M) */
    const double *S;        /* (T, Q, R) */
    const double *b;        /* (T, Q) */
    const double *lower;    /* (T, M) */
    const double *upper;    /* (T, M) */
    const double *weight;   /* (T, M) */
    const double *capacity; /* (T, M), a factor on the columns of A, or NULL */
    double exponent, reserve_cost, support_cost, support_scale;
    double tolerance;                       /* a frame is solved when no part of its certificate is larger */
    double *activation, *support, *reserve; /* (T, M), (T, R), (T, Q); the first two start as zeros */
    double *multiplier;                     /* (T, Q), holds the start */
    double *stationarity, *feasibility, *complementarity; /* (T,) */
    int64_t *iterations;                                  /* (T,), starts as zeros; -1 where A or S is not finite */
    uint8_t *converged;                                   /* (T,) */
    int64_t limit;                                        /* most Newton steps of a block */
} Problem;

/* The factors on the columns of frame t, or NULL. */
INLINE const double *capacities(const Problem *p, I t) { return p->capacity ? p->capacity + t * p->muscles : NULL; }

/* Memory comes from the caller and is dealt out in pieces, aligned to a cache line. Without memory it is only counted. */
typedef struct {
    char *memory;
    size_t used;
} Arena;

static void *take(Arena *arena, size_t bytes) {
    void *at = arena->memory ? arena->memory + arena->used : NULL;
    arena->used += (bytes + 63) & ~(size_t)63;
    return at;
}

static double *take_doubles(Arena *arena, I count) { return take(arena, sizeof(double) * (size_t)count); }
static I *take_indices(Arena *arena, I count) { return take(arena, sizeof(I) * (size_t)count); }
static uint8_t *take_bytes(Arena *arena, I count) { return take(arena, (size_t)count); }

#endif
