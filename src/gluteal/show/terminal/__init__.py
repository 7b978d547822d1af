"""Terminal: results as text of at most the width there is.

In: rich and results. Out: JSON (results give it themselves) and anything that is not for a person.
"""
