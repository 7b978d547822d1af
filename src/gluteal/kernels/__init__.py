"""Kernels: numerics on bare float64 arrays.

In: NumPy, SciPy and compiled loops. Out: labels, files, engines, words for people.
"""
