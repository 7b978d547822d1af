"""How grainy a muscle's signal is: the mean time between the potentials of motor units that it is made of.

A burst of few units begins with single potentials: before the first that stands out there may be smaller ones. No model
of a level that rises smoothly knows of the wait for it, which is as long as the potentials are apart, longer where the
muscle rises slowly, and longer still where what the first small units add is far under the noise.
"""

from __future__ import annotations

import numpy as np

from gluteal.emg.onset.locate import Places
from gluteal.emg.onset.prepare import Power

#: Length of the blocks whose power is compared, s.
BLOCK = 0.020
#: Gamma shape per sample, in such blocks, of Gaussian noise after the detector's filters: grain adds to its spread.
SMOOTH_SHAPE = 0.35
#: From no grain to this interval between potentials, s, the waits below gain their full weight. Own choice: Gaussian
#: noise shows less than a third of it, recruited units more.
GRAINY = 0.0015
#: The same where a burst is told to begin before what is seen of it, on the inner side: none up to what Laplacian noise
#: shows at most, in full from twice that on.
SURELY_GRAINY = (0.0012, 0.0024)
#: Mean wait from the outermost potential to those that stand out, s, of an onset and of an offset: units begin together
#: when they are recruited, and end each at its own time. Of a step, and of a soft rise whose plateau lies USUAL_DB over
#: rest, where fewer and smaller units fire than there. Found with what follows on the recruited motor units of
#: `benchmarks.onset.tuning` (docs/emg-onsets.md).
WAIT_STEP, WAIT_SOFT = (0.0006, 0.0019), (0.0034, 0.0096)
#: What a soft rise adds to it, as a share of its length.
SLOW = (0.0175, 0.038)
#: How the wait of a soft rise changes with the amplitude of the plateau, as a power of it: over a quieter rest its
#: small units stand out sooner.
USUAL_DB, SOFT_POWER = 12.0, (-0.3, -0.6)
#: How long the last potentials of a burst die away under the noise, s; they begin at once.
FADE = 0.006
#: Longest interval between potentials and longest wait, s. Own choice: the recruited units stay below; power that
#: differs by more from block to block is a contraction that changes its strength.
LONGEST_INTERVAL, LONGEST_WAIT = 0.012, 0.060
#: Fewest pairs of blocks that tell how grainy bursts are.
FEWEST = 6


def potential_interval(power: Power, places: Places) -> float:
    """Mean time between the potentials of the bursts, s; 0 where nothing shows grain.

    For potentials that come at random at a rate r, the energy in a time T has a relative variance of 1 / (r T) beside
    that of Gaussian noise (Campbell's theorem for shot noise, potentials of like energy). Each block within a burst is
    held against itself and both neighbours, so that the burst's own rise and fall does not count: for three gamma
    values a, b, c of shape k and one mean, E[(3 b / (a + b + c) - 1)^2] = 2 / (3 k + 1), from the beta distribution of
    b / (a + b + c), and a power that rises by as much from a to b as from b to c leaves it as it is.
    """
    size = max(round(BLOCK * power.rate), 1)
    found = []
    for place in places.places:
        part = power.forward[place.first * places.size : place.last * places.size]
        n = part.size // size
        if n > 2:
            means = part[: n * size].reshape(n, size).mean(1)
            found.append((3.0 * means[1:-1] / (means[:-2] + means[1:-1] + means[2:]) - 1.0) ** 2)
    contrast = np.sort(np.concatenate(found)) if found else np.empty(0)
    if contrast.size < FEWEST:
        return 0.0
    mean = float(contrast[: int(0.95 * contrast.size)].mean())
    shape = max(2.0 / max(mean, 1e-12) - 1.0, 1e-6) / 3.0 / size
    excess = max(1.0 / shape - 1.0 / SMOOTH_SHAPE, 0.0) / size
    return float(min(BLOCK * excess, LONGEST_INTERVAL))


def outer_waits(rise: float, level_db: float, *, offset: bool) -> tuple[float, float]:
    """Mean wait, s, from the outermost potential of a grainy burst to those that stand out, of a step and a soft rise.

    Parameters
    ----------
    rise : float
        Length of the rise, s.
    level_db : float
        Power of the plateau over rest.
    offset : bool
        Whether it is the last potential that is sought, not the first.
    """
    over = 10 ** ((level_db - USUAL_DB) / 20)
    soft = (WAIT_SOFT[offset] + SLOW[offset] * rise) * over ** SOFT_POWER[offset]
    return WAIT_STEP[offset], min(soft, LONGEST_WAIT)


def graininess(interval: float) -> tuple[float, float]:
    """Weights of the waits on the outer and on the inner side, 0 to 1, from the mean time between potentials, s."""
    least, full = SURELY_GRAINY
    return min(interval / GRAINY, 1.0), min(max((interval - least) / (full - least), 0.0), 1.0)
