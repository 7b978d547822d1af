/* One library for x86-64 with two instruction sets: AVX2 where the processor has it. Both give the same bits. */
#include <stddef.h>
#include <stdint.h>

#if defined(_WIN32)
#define EXPORT __declspec(dllexport)
#else
#define EXPORT __attribute__((visibility("default")))
#endif

static void cpuid(uint32_t leaf, uint32_t sub, uint32_t *r) {
    __asm__ volatile("cpuid" : "=a"(r[0]), "=b"(r[1]), "=c"(r[2]), "=d"(r[3]) : "a"(leaf), "c"(sub));
}

/* Whether processor and system do all that x86-64-v3 takes. */
static int find_v3(void) {
    uint32_t r[4], low, high;
    cpuid(0, 0, r);
    if (r[0] < 7) return 0;
    cpuid(0x80000000u, 0, r);
    if (r[0] < 0x80000001u) return 0;
    cpuid(0x80000001u, 0, r);
    if (!(r[2] >> 5 & 1)) return 0; /* LZCNT */
    cpuid(1, 0, r);
    const uint32_t first = 1u << 12 | 1u << 22 | 1u << 27 | 1u << 28 | 1u << 29; /* FMA, MOVBE, OSXSAVE, AVX, F16C */
    if ((r[2] & first) != first) return 0;
    __asm__ volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
    cpuid(7, 0, r);
    const uint32_t seventh = 1u << 3 | 1u << 5 | 1u << 8; /* BMI1, AVX2, BMI2 */
    return (low & 6) == 6 && (r[1] & seventh) == seventh; /* and the system saves the wide registers */
}

static int has_v3(void) {
    static int known = -1; /* threads write the same value */
    int yes = __atomic_load_n(&known, __ATOMIC_RELAXED);
    if (yes < 0) {
        yes = find_v3();
        __atomic_store_n(&known, yes, __ATOMIC_RELAXED);
    }
    return yes;
}

#define BOTH(result, name, parameters, arguments) \
    result name##_base parameters; \
    result name##_v3 parameters; \
    EXPORT result name parameters { return has_v3() ? name##_v3 arguments : name##_base arguments; }

typedef const void *P;
BOTH(const char *, share_stamp, (void), ())
BOTH(int64_t, share_memory, (P p), (p))
BOTH(int32_t, share_check, (P p, int32_t solving, int64_t *at), (p, solving, at))
BOTH(void, share_solve, (P p, int64_t start, int64_t stop, void *memory), (p, start, stop, memory))
BOTH(void, share_chunks, (P p, int64_t chunk, int64_t *next, void *memory), (p, chunk, next, memory))
BOTH(void, share_judge, (P p, void *memory), (p, memory))
BOTH(void, share_bound, (P p, const uint8_t *target, double *bound, double *direction, void *memory),
     (p, target, bound, direction, memory))
BOTH(int64_t, segment_levels,
     (const double *y, int64_t n, int64_t shortest, double penalty, int64_t longest, double *sums, int64_t *starts,
      int64_t *out),
     (y, n, shortest, penalty, longest, sums, starts, out))
BOTH(void, rise_likelihood, (P r), (r))
BOTH(void, rasterise, (P s), (s))

/* 3 where AVX2 is used, else 1: the level of x86-64. */
EXPORT int32_t share_level(void) { return has_v3() ? 3 : 1; }
