/* x^e, by whole powers and roots where e allows it: they are rounded alike everywhere, which a library's pow is not. */
#ifndef GLUTEAL_POWER_OF_H
#define GLUTEAL_POWER_OF_H

#include <math.h>

static double power_of(double x, double e) {
    if (e == 1.0) return x;
    if (e == 2.0) return x * x;
    if (e == 3.0) return x * x * x;
    if (e == 0.5) return __builtin_sqrt(x);
    return pow(x, e);
}

#endif
