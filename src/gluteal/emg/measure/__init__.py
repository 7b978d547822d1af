"""Measure: amplitude, endurance, curves, order, reliability: numbers with their errors, from bursts and signals.

In: arrays and small records. Out: files, sessions, words of a finding.
"""
