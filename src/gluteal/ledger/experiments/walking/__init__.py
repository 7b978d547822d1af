"""Experiments on walking."""
