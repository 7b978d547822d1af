"""Figures: every function takes what it shows first, draws into `ax`, and returns the axes.

In: matplotlib and labelled results. Out: windows, files, numbers that are not in the result.
"""
