"""Experiments on observers, recordings and published groups of people: synthetic, without a body."""
