"""Ask: a question in anybody's words, and the claims, tasks, pages and commands that are nearest to it.

In: words that mean the same, answers kept with the package. Out: the network, models of language, computing a verdict
of its own: what is told of a claim is what the ledger says.
"""
