"""Evidence: claims, the studies that bear on them, what they add up to, and how sure that is.

In: published findings and their synthesis. Out: bodies, movements, recordings, experiments of our own.
"""
