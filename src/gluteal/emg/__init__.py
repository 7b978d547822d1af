"""Measure: EMG onsets, order, amplitude and endurance, and whether a difference is real."""
