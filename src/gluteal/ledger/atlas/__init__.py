"""The exercise atlas: what was published of gluteal muscles in exercises, and what simulation adds where it may.

In: tables of published EMG, built-in tasks done undisturbed. Out: advice for a person, claims, verdicts.
"""
