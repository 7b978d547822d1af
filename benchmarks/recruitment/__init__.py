"""Load sharing against other solvers: ``python -m benchmarks.recruitment``."""
