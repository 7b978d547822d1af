/* Every operation of lanes.h on arrays, for a test that does the same in NumPy. */
#include "lanes.h"

/* a, b, c (n, WIDTH); out (10, n, WIDTH). Returns how many masks of `a > b` are set in some lane. */
__attribute__((visibility("default"))) int64_t use_lanes(const double *a, const double *b, const double *c, int64_t n,
                                                         double *out) {
    int64_t seen = 0;
    for (I i = 0; i < n; i++) {
        const V u = load(a, i), v = load(b, i), w = load(c, i);
        const M mask = ((u > v) & (w <= fill(0.3))) | (u == w);
        const V results[10] = {u + v, u - v, u / v, multiply_add(u, v, w), root(size(u)), smaller(u, v), larger(u, v),
                               choose(mask, u, v), product_error(u, v, u * v), fill(across(u))};
        for (int k = 0; k < 10; k++) store(out, k * n + i, results[k]);
        seen += some(u > v);
    }
    return seen;
}
