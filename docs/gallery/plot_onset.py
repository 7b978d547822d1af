"""
When did it switch on?
======================

A burst in noise, the onset that is found, and how sure that is.
"""

import matplotlib.pyplot as plt
import numpy as np

import gluteal

rate, onset = 2000.0, 0.8
time = np.arange(4000) / rate
rng = np.random.default_rng(1)
loud = 1.0 + 4.0 * np.clip((time - onset) / 0.05, 0.0, 1.0) * (time < 1.4)
emg = 0.01 * loud * rng.standard_normal(time.size)
(burst,) = gluteal.detect_bursts(emg, rate)
print(f"true {1000 * onset:.0f} ms, found {1000 * burst.onset_s:.0f} ± {1000 * burst.onset_sd_s:.0f} ms")

# %%
_, axes = plt.subplots(layout="constrained")
axes.plot(time, emg, linewidth=0.4, color="0.4")
axes.axvspan(*burst.onset_interval_s, color="tab:blue", alpha=0.3, label="95 % interval of the onset")
axes.axvline(onset, color="tab:red", linestyle="--", label="true onset")
axes.set_xlabel("time (s)")
axes.set_ylabel("EMG (mV)")
axes.legend(loc="lower left")
