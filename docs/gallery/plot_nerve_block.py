"""
Half a nerve, and who takes over
================================

Single-leg stance with 52 % of the right superior gluteal nerve blocked: which muscles do more,
and does the posture hold?
"""

import gluteal
from gluteal.show.figures.outcome import plot_compensation

body = gluteal.load_body("myo")
stance = gluteal.load_task("single-leg-stance", body)
block = gluteal.Condition.block("superior gluteal", loss=0.52, side="r")
outcome = gluteal.simulate(body, stance, condition=block)
print(outcome.sentence)

# %%
# The muscles that change most, before and after.
plot_compensation(outcome)
