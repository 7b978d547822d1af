"""
What studies add up to
======================

The studies behind one claim, each with its interval, and what they say together.
"""

import gluteal
from gluteal.show.figures.forest import plot_forest

ledger = gluteal.compile_ledger(gluteal.load_evidence(), ["lbp-hip-abductors-weaker"])
(entry,) = ledger.entries
print(entry.claim.statement)
print(entry.plain.sentence, entry.plain.number)

# %%
# The band is what would be too small to matter.
plot_forest(entry.evidence.main)
