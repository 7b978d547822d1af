"""Benchmarks, each a package with one command."""
