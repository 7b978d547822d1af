"""How grainy a muscle's signal is: the mean time between the potentials of motor units that it is made of.

A burst of few units begins with single potentials: before the first that stands out there may be smaller ones, and
the wait for it is as long as the potentials are apart. No model of a level that rises smoothly knows of that wait.
"""

from __future__ import annotations

import numpy as np

from gluteal.emg.onset.locate import Places
from gluteal.emg.onset.prepare import Power, block_contrast

#: Length of the blocks whose power is compared, s.
BLOCK = 0.020
#: Gamma shape per sample, in such blocks, of Gaussian noise after the detector's filters: grain adds to its spread.
SMOOTH_SHAPE = 0.35
#: The wait for the first potential that stands out, in mean intervals between potentials in the plateau: where a burst
#: begins fewer and smaller units fire than there. Found on recruited motor units (docs/emg-onsets.md).
WAIT = 3.5
#: Longest wait, s. Own choice: the recruited units stay below; power that differs by more from block to block is a
#: contraction that changes its strength.
LONGEST_WAIT = 0.012
#: Fewest pairs of blocks that tell how grainy bursts are.
FEWEST = 6


def first_wait(power: Power, places: Places) -> float:
    """Mean wait from the first potential of a burst to the first that stands out, s; 0 where nothing shows grain.

    For potentials that come at random at a rate r, the energy in a time T has a relative variance of 1 / (r T) beside
    that of Gaussian noise (Campbell's theorem for shot noise, potentials of like energy). Neighbouring blocks within
    bursts are compared, so that the burst's own rise and fall does not count.
    """
    size = max(round(BLOCK * power.rate), 1)
    found = []
    for place in places.places:
        part = power.forward[place.first * places.size : place.last * places.size]
        n = part.size // size
        if n > 1:
            found.append(block_contrast(part[: n * size].reshape(n, size).mean(1)))
    contrast = np.sort(np.concatenate(found)) if found else np.empty(0)
    if contrast.size < FEWEST:
        return 0.0
    mean = float(contrast[: int(0.95 * contrast.size)].mean())
    shape = max(1.0 / max(mean, 1e-12) - 1.0, 1e-6) / 2.0 / size
    excess = max(1.0 / shape - 1.0 / SMOOTH_SHAPE, 0.0) / size
    return float(min(WAIT * BLOCK * excess, LONGEST_WAIT))
