"""Forms of a rise, what each is worth before looking, and its course of power as a filtered signal shows it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from gluteal.emg.onset.prepare import step_spread


@dataclass(frozen=True)
class Form:
    """A form of rise: its length in s (0 is a step) and the amplitude it jumps to at once (0 is a linear ramp)."""

    rise: float
    jump: float


#: Linear ramps of 10 to 320 ms and flanks of a truncated Gaussian of 35 to 471 ms, in even steps of the logarithm;
#: flanks cut at 1 to 2.4 sigma (the range of Bonato et al. 1998): postural to slow voluntary bursts.
RAMPS = tuple(0.010 * 2 ** (i / 4) for i in range(21))
FLANKS = tuple(0.035 * 2 ** (i / 4) for i in range(16))
CUTS = (1.0, 1.2, 1.4, 1.6, 1.8, 2.0, 2.2, 2.4)
FORMS = (
    Form(0.0, 1.0),
    *(Form(t, 0.0) for t in RAMPS),
    *(Form(t, float(np.exp(-0.5 * c * c))) for t in FLANKS for c in CUTS),
)


@dataclass(frozen=True)
class Prior:
    """What forms are worth before looking.

    Attributes
    ----------
    kinds : (float, float, float)
        Factors on the weights of steps, ramps and flanks.
    ramp, flank : (float, float)
        Centre (s) and width (natural logarithm) of the log-normal weights over their lengths.
    cut : (float, float)
        Centre and width of the normal weights over where flanks are cut, sigma.
    """

    kinds: tuple[float, float, float]
    ramp: tuple[float, float]
    flank: tuple[float, float]
    cut: tuple[float, float]

    def weights(self, kinds: tuple[float, float, float]) -> np.ndarray:
        """Weight of each form, (forms,), sum 1, from those of steps, ramps and flanks."""
        ramps = _normal(np.log(RAMPS), np.log(self.ramp[0]), self.ramp[1])
        flanks = np.outer(
            _normal(np.log(FLANKS), np.log(self.flank[0]), self.flank[1]), _normal(np.array(CUTS), *self.cut)
        ).ravel()
        step, ramp, flank = np.array(kinds) * self.kinds
        out = np.r_[step, ramp * ramps / ramps.sum(), flank * flanks / flanks.sum()]
        return out / out.sum()


def _normal(x: np.ndarray, centre: float, width: float) -> np.ndarray:
    return np.exp(-0.5 * ((x - centre) / width) ** 2)


@lru_cache(maxsize=1024)
def power_share(form: Form, rate: float, zero_lag: tuple[float, float] | None) -> np.ndarray:
    """Share of the plateau's power in each sample of a rise.

    `zero_lag` is the band of the zero-lag filter that the signal has been through, made to look back: it and what
    follows it hold up the power by `step_spread`.
    """
    n = round(form.rise * rate)
    u = (np.arange(n) + 0.5) / max(n, 1)
    gain = u if form.jump == 0 else np.exp(np.log(form.jump) * (1 - u) ** 2)
    if zero_lag is None:
        return gain**2
    spread = step_spread(rate, zero_lag)
    before, after = np.zeros(spread.size - 1), np.ones(spread.size)
    return np.convolve(np.r_[before, gain**2, after], spread, "valid")


@lru_cache(maxsize=512)
def stacked_shares(
    forms: tuple[int, ...], rate: float, zero_lag: tuple[float, float] | None
) -> tuple[np.ndarray, np.ndarray]:
    """Shares of several forms one after the other, and where each begins."""
    parts = [power_share(FORMS[i], rate, zero_lag) for i in forms]
    return np.concatenate(parts), np.cumsum([0, *(p.size for p in parts)]).astype(np.int64)
