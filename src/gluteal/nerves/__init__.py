"""Nerves: what holds muscles back, takes them away or makes them work; a term a file.

In: terms, which say bounds, capacity and price per muscle and frame. Out: how a load is shared, engines, files.
A new term is one file beside `weaken`, one line in `registry` and one test; the command line, plans of studies,
lists and words find it there.
"""
