"""Pages: one HTML file each, without a request to anywhere; templates lie beside.

In: results, figures, templates. Out: numbers that are not in the result, links to anything but a source.
"""
