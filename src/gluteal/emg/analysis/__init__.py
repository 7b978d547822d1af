"""Analysis: from a session to everything that can be said about it, as one frozen record.

In: the order of the steps, findings, export. Out: the steps' own mathematics, figures, pages.
"""
