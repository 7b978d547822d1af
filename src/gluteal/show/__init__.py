"""Show: figures, pages and terminal words of what was computed elsewhere.

In: matplotlib, templates, rich. Out: nothing is computed here, no file is read, and only `cli` imports it.
"""
