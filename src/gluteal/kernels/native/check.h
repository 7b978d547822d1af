/* Whether numbers make a problem: the first that does not, in one pass. */
#ifndef GLUTEAL_CHECK_H
#define GLUTEAL_CHECK_H

#include "problem.h"

/* Which array a number was found in; in the order of `gluteal.kernels.recruitment`'s sentences. */
enum { ALL_WELL, WRONG_B, WRONG_LOWER, WRONG_UPPER, WRONG_WEIGHT, WRONG_CAPACITY, WRONG_START, WRONG_A, WRONG_S };

INLINE int finite(double v) { return dabs(v) < INF; }

/* The index of the first number that is not finite, or -1. */
static int64_t find_not_finite(const double *v, int64_t n) {
    for (int64_t i = 0; i < n; i++)
        if (!finite(v[i])) return i;
    return -1;
}

/* The array with a wrong number, and the number's place in `at`. To be solved, the start must be finite, and A and S are
 * left to the solver, which reads them anyway; to be judged, A and S must be, and any point may be. */
static int check_problem(const Problem *p, int solving, int64_t *at) {
    const int64_t rows = p->frames * p->rows, muscles = p->frames * p->muscles;
    if ((*at = find_not_finite(p->b, rows)) >= 0) return WRONG_B;
    for (int64_t i = 0; i < muscles; i++) {
        const double lower = p->lower[i], upper = p->upper[i], weight = p->weight[i];
        *at = i;
        if (!(finite(lower) && lower >= 0.0)) return WRONG_LOWER;
        if (!(finite(upper) && upper >= lower)) return WRONG_UPPER;
        if (!(finite(weight) && weight > 0.0)) return WRONG_WEIGHT;
        if (p->capacity && !(finite(p->capacity[i]) && p->capacity[i] >= 0.0)) return WRONG_CAPACITY;
    }
    if (solving && (*at = find_not_finite(p->multiplier, rows)) >= 0) return WRONG_START;
    if (!solving && (*at = find_not_finite(p->A, rows * p->muscles)) >= 0) return WRONG_A;
    if (!solving && (*at = find_not_finite(p->S, rows * p->rays)) >= 0) return WRONG_S;
    return ALL_WELL;
}

#endif
