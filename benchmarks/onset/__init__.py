"""Benchmark of onset detection: test signals with known onsets, rivals, scores, a table and a plot."""
