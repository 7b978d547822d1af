"""Nerves: what holds muscles back, takes them away or makes them work; a term a file.

In: terms, which say bounds, capacity and price per muscle and frame. Out: how a load is shared, engines, files.
"""
