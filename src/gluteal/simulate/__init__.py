"""Simulate: the verbs a user calls on a body and a movement: experiment, dynamometer, people, spread, study.

In: calls that tie movements, conditions and load sharing together. Out: engines by name, figures, claims.
"""
