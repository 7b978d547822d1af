"""Outcome: what a solved movement under a condition means beside the undisturbed one.

In: the comparison, the one rule of the verdict, checks, joint loads, energy, tables and their sentences. Out: engines,
figures, pages, and any second way to judge.
"""
