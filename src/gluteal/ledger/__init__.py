"""The ledger: every claim with its evidence, the experiment run live, and a verdict by a stated rule."""
