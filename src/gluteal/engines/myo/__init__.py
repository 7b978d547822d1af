"""The embedded body: assembled from myo-sim's parts, corrected by the tables beside, each row with its source.

In: assembly and corrections. Out: movements, conditions, numbers without a source.
"""
