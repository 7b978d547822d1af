"""
How much can go
===============

How hard does single-leg stance become as the nerve of the hip abductors goes, and where does it end?
"""

import matplotlib.pyplot as plt
import numpy as np

import gluteal

body = gluteal.load_body("myo")
stance = gluteal.load_task("single-leg-stance", body)
mechanics = gluteal.compute_mechanics(body, stance)

# %%
# The engine's work is done once; a loss more takes microseconds.
losses = np.linspace(0.0, 0.99, 41)
working, missing = [], []
for loss in losses:
    block = gluteal.Condition.block("superior gluteal", loss=loss, side="r")
    solution = gluteal.solve_sharing(mechanics, condition=block)
    working.append(solution.activation.sel(muscle="glmed1_r").max().item())
    missing.append(abs(solution.residual()).max().item())

figure, (above, below) = plt.subplots(2, 1, sharex=True, layout="constrained")
above.plot(100 * losses, 100 * np.array(working))
above.set_ylabel("activation of what is left\nof gluteus medius, front (%)")
below.plot(100 * losses, missing, color="tab:red")
below.set_ylabel("largest moment\nthat is missing (N·m)")
below.set_xlabel("share of the right superior gluteal nerve that is gone (%)")

# %%
# The same limit, found exactly rather than by trying:
tolerance = gluteal.solve_tolerance(mechanics, "superior gluteal", side="r")
print(f"{tolerance.critical_loss:.1%} can go")
