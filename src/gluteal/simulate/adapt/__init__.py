"""Adapt: what the person could do instead of the movement held fixed, as posture or walking that costs least.

In: free coordinates, habit, the outer problem and its gradient, the record. Out: how a load is shared, figures, claims.
"""
