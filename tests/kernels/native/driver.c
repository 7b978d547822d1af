/* Solves problems from files and writes what comes out, on any machine: `driver PROBLEM ... >ANSWERS`.
 *
 * A problem is T, Q, M, R (int64), p, K, eps, S0, tolerance (double), then A, S, b, lower, upper, weight, capacity and the
 * start. The answer is every array of `gluteal.kernels.native.problem.FrameSolutions`, one after the other.
 */
#include "kernel.c"

#include <stdio.h>
#include <stdlib.h>

static double *take_from(FILE *file, size_t count) {
    double *values = malloc(8 * count + 8);
    if (!values || fread(values, 8, count, file) != count) exit(2);
    return values;
}

static void solve_file(const char *path) {
    FILE *file = fopen(path, "rb");
    int64_t sizes[4];
    double costs[5];
    if (!file || fread(sizes, 8, 4, file) != 4 || fread(costs, 8, 5, file) != 5) exit(2);
    const size_t T = (size_t)sizes[0], Q = (size_t)sizes[1], M_ = (size_t)sizes[2], R = (size_t)sizes[3];
    const size_t in[8] = {T * Q * M_, T * Q * R, T * Q, T * M_, T * M_, T * M_, T * M_, T * Q};
    const size_t out[7] = {T * M_, T * R, T * Q, T * Q, T, T, T};
    double *given[8], *found[7];
    for (int i = 0; i < 8; i++) given[i] = take_from(file, in[i]);
    fclose(file);
    for (int i = 0; i < 7; i++) found[i] = i == 3 ? given[7] : calloc(out[i] + 1, 8);
    int64_t *iterations = calloc(T, 8), at;
    uint8_t *converged = calloc(T, 1);
    const Problem p = {
        .frames = sizes[0], .rows = sizes[1], .muscles = sizes[2], .rays = sizes[3],
        .A = given[0], .S = given[1], .b = given[2], .lower = given[3], .upper = given[4], .weight = given[5],
        .capacity = given[6], .exponent = costs[0], .reserve_cost = costs[1], .support_cost = costs[2],
        .support_scale = costs[3], .tolerance = costs[4], .activation = found[0], .support = found[1],
        .reserve = found[2], .multiplier = found[3], .stationarity = found[4], .feasibility = found[5],
        .complementarity = found[6], .iterations = iterations, .converged = converged, .limit = 200};
    const size_t bytes = (size_t)share_memory(&p);
    char *memory = malloc(bytes + 64);
    void *aligned = (void *)(((uintptr_t)memory + 63) & ~(uintptr_t)63);
    if (share_check(&p, 1, &at) != ALL_WELL) exit(3);
    share_solve(&p, 0, p.frames, aligned);
    for (int i = 0; i < 7; i++) fwrite(found[i], 8, out[i], stdout);
    fwrite(iterations, 8, T, stdout);
    fwrite(converged, 1, T, stdout);
    /* What else reads the answer, for the sanitizers. */
    uint8_t *target = calloc(M_ + 1, 1);
    double *bound = calloc(T + 1, 8), *direction = calloc(T * Q + 1, 8);
    for (size_t m = 0; m < M_; m += 3) target[m] = 1;
    share_bound(&p, target, bound, direction, aligned);
    share_judge(&p, aligned);
    for (int i = 0; i < 7; i++) {
        if (i != 3) free(found[i]);
    }
    for (int i = 0; i < 8; i++) free(given[i]);
    free(iterations), free(converged), free(memory), free(target), free(bound), free(direction);
}

int main(int count, char **paths) {
    for (int i = 1; i < count; i++) solve_file(paths[i]);
    return 0;
}
