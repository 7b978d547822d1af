/* Loops of onset detection; `gluteal.kernels.onset` says what they compute and checks what they are given. */
#ifndef GLUTEAL_ONSET_H
#define GLUTEAL_ONSET_H

#include "lanes.h"
#include <math.h>

/* Smallest mean whose logarithm is taken. */
#define LEAST_MEAN 1e-300

/* Boundaries of the best segmentation of y (n,), last first, in `out` (n + 1,); returns how many. `sums` holds 3 (n + 1)
 * doubles, `starts` 3 (n + 1) integers of scratch. */
static int64_t find_segments(const double *y, int64_t n, int64_t shortest, double penalty, int64_t longest, double *sums,
                             int64_t *starts, int64_t *out) {
    double *total = sums, *best = sums + n + 1, *value = best + n + 1;
    /* When a start was first beaten: it may still serve ends that are too near to start anew from there. */
    int64_t *last = starts, *alive = last + n + 1, *beaten = alive + n + 1, count = 0;
    total[0] = 0.0;
    for (int64_t i = 0; i < n; i++) total[i + 1] = total[i] + y[i];
    for (int64_t i = 0; i <= n; i++) best[i] = __builtin_inf(), last[i] = 0, beaten[i] = n + 1;
    best[0] = -penalty;
    for (int64_t end = shortest; end <= n; end++) {
        const int64_t start = end - shortest;
        int64_t kept = 0;
        if (best[start] < __builtin_inf()) alive[count++] = start;
        for (int64_t j = 0; j < count; j++) {
            const int64_t s = alive[j];
            if (end - s > longest || end - beaten[s] >= shortest) continue;
            alive[kept] = s;
            const double mean = dmax((total[end] - total[s]) / (double)(end - s), LEAST_MEAN);
            value[kept] = best[s] + (double)(end - s) * log(mean);
            if (value[kept] + penalty < best[end]) best[end] = value[kept] + penalty, last[end] = s;
            kept++;
        }
        count = kept;
        for (int64_t j = 0; j < count; j++)
            if (value[j] > best[end] && beaten[alive[j]] > end) beaten[alive[j]] = end;
    }
    int64_t found = 0;
    for (int64_t at = n; at > 0; at = last[at]) out[found++] = at;
    out[found++] = 0;
    return found;
}

typedef struct {
    const double *y;      /* (n,) */
    int64_t n;
    double rest;
    const double *shares; /* the forms, one after the other */
    const int64_t *bounds; /* (forms + 1,) where each begins */
    int64_t forms;
    const double *plateaus; /* (levels,) */
    int64_t levels, first, stop;
    const double *padded; /* (n + longest + 4,) y, then zeros */
    double *inverse;      /* (longest + 4,) */
    double *logs;         /* (longest + 1,) */
    double *sums;         /* (n + 1,) */
    double *out;          /* (forms, levels, stop - first), zeros */
} Rise;

/* One form of the rise to one plateau, for all onsets: four samples at a time, so that the inner loop knows no ends. */
static void add_form(const Rise *r, const double *share, I rise, double plateau, double *row) {
    const I count = r->stop - r->first;
    r->logs[0] = 0.0;
    for (I k = 0; k < rise; k++) {
        const double mean = r->rest + plateau * share[k];
        r->inverse[k] = 1.0 / r->rest - 1.0 / mean;
        r->logs[k + 1] = r->logs[k] + log(mean / r->rest);
    }
    for (I k = rise; k < rise + 4; k++) r->inverse[k] = 0.0;
    for (I k = 0; k < rise; k += 4) {
        const double w0 = r->inverse[k], w1 = r->inverse[k + 1], w2 = r->inverse[k + 2], w3 = r->inverse[k + 3];
        const double *part = r->padded + r->first + k;
        for (I t = 0; t < count; t++) row[t] += w0 * part[t] + w1 * part[t + 1] + w2 * part[t + 2] + w3 * part[t + 3];
    }
    for (I t = 0; t < count; t++) {
        const I begin = r->first + t;
        row[t] += r->sums[imin(begin + rise, r->n)] - r->logs[imin(rise, r->n - begin)];
    }
}

static void fill_likelihood(const Rise *r) {
    const I count = r->stop - r->first;
    for (I a = 0; a < r->levels; a++) {
        const double plateau = r->plateaus[a];
        const double flat = 1.0 / r->rest - 1.0 / (r->rest + plateau), flat_log = log(1.0 + plateau / r->rest);
        r->sums[r->n] = 0.0;
        for (I i = r->n - 1; i >= 0; i--) r->sums[i] = r->sums[i + 1] + r->y[i] * flat - flat_log;
        for (I f = 0; f < r->forms; f++)
            add_form(r, r->shares + r->bounds[f], r->bounds[f + 1] - r->bounds[f], plateau,
                     r->out + (f * r->levels + a) * count);
    }
}

#endif
