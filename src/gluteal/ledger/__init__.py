"""Ledger: every claim with its evidence, the experiment run live, and a verdict by a stated rule.

In: claims, evidence, experiments that answer a claim. Out: figures, pages, engines by name; `evidence` knows
nothing of the rest of the house.
"""
