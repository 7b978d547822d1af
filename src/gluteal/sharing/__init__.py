"""Load sharing: which muscles carry the joint moments, under what nerves allow, and up to which loss.

In: the problem, its solution, tolerance. Out: verdicts and tables for people, engines, files.
"""
