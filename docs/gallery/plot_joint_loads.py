"""
What the hip feels
==================

Force in the hip in single-leg stance, before and after half of a nerve: muscles that take over press on
the joint, too.
"""

import gluteal
from gluteal.show.figures.outcome import plot_joint_loads

body = gluteal.load_body("myo")
stance = gluteal.load_task("single-leg-stance", body)
block = gluteal.Condition.block("superior gluteal", loss=0.52, side="r")
outcome = gluteal.simulate(body, stance, condition=block)

# %%
plot_joint_loads(outcome)
