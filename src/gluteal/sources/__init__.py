"""Sources: the published numbers that the house is fed and held against, each with where it was read.

Values, tables and the bibliography live here; nothing here computes, and nothing here knows a body.
"""
