"""Held against nature: what bodies and movements do beside what people do, each number with its source.

In: comparisons of simulated with measured. Out: verdicts on claims, figures, and anything that tunes the model.
"""
