"""Movements: what a body can be asked to do, built in (`tasks`) or measured (`trials`).

In: reading and placing movements, the mechanics of corrections. Out: conditions, verdicts, engines by name.
"""
