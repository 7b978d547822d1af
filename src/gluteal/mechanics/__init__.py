"""Mechanics: the frozen nouns: a body, a movement, and both together as labelled arrays.

In: records and their labels. Out: engines, conditions, load sharing, files.
"""
