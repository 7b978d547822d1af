"""EMG: when each muscle switched on, in what order, how strongly, and how sure that is.

In: recordings and what they say. Out: bodies, movements, claims: measuring knows nothing of simulating.
"""
