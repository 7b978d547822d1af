"""Numerics on bare arrays: no labels, no files, no engines."""
