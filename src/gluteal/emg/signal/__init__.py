"""Signal: what happens to one channel before anything is timed: filters, quality, crosstalk.

In: samples of a channel and numbers about them. Out: files, sessions, statements about people.
"""
