"""The loops in C: load sharing, tolerance, onsets, pictures; how they are built, loaded and run.

In: C sources, the compiler's command line, the library, threads. Out: a formula that is also written elsewhere, labels,
words for people but those of an argument that is wrong.
"""
