"""Experiments on postures and exercises."""
