"""The live page: a body, its movements and the kernel in one file that needs nothing but a browser.

In: mechanics, pictures and outcomes. Out: what can be computed in the page itself; engines by name.
"""
