"""
The virtual dynamometer
=======================

What is left of hip abduction strength, nerve block by nerve block? Losing half of the nerve is not
losing half of the strength.
"""

import matplotlib.pyplot as plt
import numpy as np

import gluteal

body = gluteal.load_body("myo")
losses = np.linspace(0.0, 1.0, 6)
moments = [
    gluteal.compute_strength(
        body, "hip abduction", condition=gluteal.Condition.block("superior gluteal", loss=loss, side="r")
    ).moment
    for loss in losses
]

_, axes = plt.subplots(layout="constrained")
axes.plot(100 * losses, 100 * np.array(moments) / moments[0], marker="o")
axes.set_xlabel("share of the right superior gluteal nerve that is gone (%)")
axes.set_ylabel("hip abduction strength left (%)")
axes.set_ylim(0, 105)
