"""MuJoCo: geometry of the embedded body.

In: calls of MuJoCo. Out: muscle force (the one muscle kernel knows it), anything that another engine shares.
"""
