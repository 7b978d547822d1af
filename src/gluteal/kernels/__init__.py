"""Kernels: numerics on bare float64 arrays.

In: NumPy, SciPy and loops in C. Out: labels, files, engines, words for people.
"""
