"""Sources: the published numbers that the house is fed and held against, each with where it was read.

In: the bibliography, declared parameters, tables of published figures, and their one schema. Out: computing, bodies.
"""
