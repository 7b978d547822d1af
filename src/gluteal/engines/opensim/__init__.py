"""OpenSim: geometry of any .osim model.

In: calls of OpenSim. Out: muscle force (the one muscle kernel knows it), anything that another engine shares.
"""
