"""Session: several recordings of one person, from a TOML file, or made up as a demonstration.

In: what belongs to whom and when. Out: filters, onsets, statements.
"""
