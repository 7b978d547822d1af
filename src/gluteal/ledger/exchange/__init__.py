"""What leaves the ledger for other people's tools, and what comes in from them.

In: effects, claims and verdicts; tables and references of other programs. Out: bodies, movements, pages, solvers.
"""
