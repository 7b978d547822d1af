"""Test signals with known onsets: envelopes, carriers, backgrounds.

A record is rest noise plus bursts; a burst is an envelope times a carrier of unit variance. Noise has
standard deviation 1, the envelope's peak is 10^(SNR/20) (Bonato et al. 1998, IEEE TBME 45:287). The sum
passes a zero-lag Butterworth band-pass of 10-450 Hz, as a conditioned recording would have.

True onset and offset: start and end of non-zero variance of the burst. For soft bursts the time where the
envelope first reaches 10 % of its peak is kept beside it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import signal as sps

#: What is recorded before and after and cut off after filtering, so that no record has a filter's transient, s.
MARGIN = 0.3
#: Records in a cell of the gait recipe, 40 edges each.
GAIT_RECORDS = 12
CARRIERS = ("gaussian", "laplacian", "motor units")
BACKGROUNDS = ("none", "tonic", "ecg", "mains 50", "mains 60")


@dataclass(frozen=True)
class Shape:
    """Envelope of a burst.

    Attributes
    ----------
    name : str
    rise : float
        Duration of the linear rise and fall, s; 0 is a step. Ignored for a bell.
    sigma : float
        Width of a truncated Gaussian, s; 0 where the shape is a step or ramp.
    alpha : float
        The truncated Gaussian is cut at +-alpha sigma.
    fall : Shape or None
        Where the burst falls otherwise than it rises: the shape whose mirrored rise that is. There is a plateau
        between the two.
    """

    name: str
    rise: float = 0.0
    sigma: float = 0.0
    alpha: float = 1.5
    fall: Shape | None = None

    def envelope(self, rate: float, plateau: float) -> np.ndarray:
        """Envelope from the first to the last sample of non-zero variance, peak 1."""
        if self.fall is not None:
            return np.r_[self.flank(rate), np.ones(round(plateau * rate)), self.fall.flank(rate)[::-1]]
        if self.sigma:
            half = round(self.alpha * self.sigma * rate)
            return np.exp(-0.5 * (np.arange(-half, half + 1) / (self.sigma * rate)) ** 2)
        n, rise = round((plateau + 2 * self.rise) * rate), round(self.rise * rate)
        envelope = np.ones(n)
        if rise:
            ramp = (np.arange(rise) + 0.5) / rise
            envelope[:rise], envelope[-rise:] = ramp, ramp[::-1]
        return envelope

    def flank(self, rate: float) -> np.ndarray:
        """What comes before the plateau, or before the peak of a bell."""
        if self.sigma:
            return np.exp(-0.5 * (np.arange(-round(self.alpha * self.sigma * rate), 0) / (self.sigma * rate)) ** 2)
        rise = round(self.rise * rate)
        return (np.arange(rise) + 0.5) / max(rise, 1)


STEP = Shape("step")
RAMPS = tuple(Shape(f"ramp {ms} ms", rise=ms / 1000) for ms in (20, 50, 100, 200))
BELLS = tuple(Shape(f"bell {ms} ms", sigma=ms / 1000) for ms in (50, 100, 150))
#: Bells cut elsewhere than at 1.5 sigma: early or late truncation, which the method's prior was not tuned on.
OFF_BELLS = (
    Shape("bell 100 ms, cut at 1 sigma", sigma=0.1, alpha=1.0),
    Shape("bell 100 ms, cut at 2 sigma", sigma=0.1, alpha=2.0),
)
OFF_PRIOR = tuple(s.name for s in OFF_BELLS)
#: Bursts that do not fall as they rise: the method takes it for as likely that they do.
UNEQUAL = tuple(
    Shape(f"{up.name} up, {down.name} down", up.rise, up.sigma, up.alpha, fall=down)
    for up, down in ((STEP, RAMPS[2]), (RAMPS[2], STEP), (RAMPS[0], BELLS[1]), (OFF_BELLS[1], RAMPS[0]))
)
SHAPES = {s.name: s for s in (STEP, *RAMPS, *BELLS, *OFF_BELLS, *UNEQUAL)}


@dataclass(frozen=True)
class Record:
    """One test signal and the truth about it: (bursts,) times in s."""

    signal: np.ndarray
    rate: float
    onset: np.ndarray
    offset: np.ndarray
    onset_tenth: np.ndarray
    offset_tenth: np.ndarray


def motor_unit_carrier(n: int, rate: float, rng: np.random.Generator) -> np.ndarray:
    """Interference pattern of 30 motor units, (n,), variance 1 in the long run.

    Each unit fires at 8-30 /s with a coefficient of variation of 0.15 and adds a second derivative of a
    Gaussian (a triphasic potential) of its own size (log-normal) and width (0.8-2.5 ms).
    """
    out = np.zeros(n)
    k = np.arange(-int(0.012 * rate), int(0.012 * rate) + 1) / rate
    for _ in range(30):
        firing, width = rng.uniform(8, 30), rng.uniform(0.0008, 0.0025)
        gaps = rng.normal(1.0, 0.15, int(n / rate * firing * 2) + 10).clip(0.3) / firing
        times = ((np.cumsum(gaps) - rng.uniform(0, 1) / firing) * rate).astype(int)
        train = np.zeros(n)
        train[times[(times >= 0) & (times < n)]] = rng.choice((-1.0, 1.0))
        wave = (1 - (k / width) ** 2) * np.exp(-0.5 * (k / width) ** 2)
        wave *= rng.lognormal(0.0, 0.5)
        energy = firing / rate * float(wave @ wave)
        out += sps.fftconvolve(train, wave, mode="same") / np.sqrt(energy * 30 / np.exp(0.5)) * 1.0
    return out


def carrier(kind: str, n: int, rate: float, rng: np.random.Generator) -> np.ndarray:
    """Stationary carrier of unit variance, (n,)."""
    if kind == "gaussian":
        return rng.standard_normal(n)
    if kind == "laplacian":
        return rng.laplace(0.0, np.sqrt(0.5), n)
    x = motor_unit_carrier(n + int(rate), rate, rng)
    return x[int(rate) :] / x.std()


def background(kind: str, n: int, rate: float, rng: np.random.Generator) -> np.ndarray:
    """What disturbs the rest besides noise, (n,), in noise standard deviations."""
    t = np.arange(n) / rate
    if kind == "none":
        return np.zeros(n)
    if kind == "tonic":
        return carrier("motor units", n, rate, rng)
    if kind == "ecg":
        out, beat = np.zeros(n), rng.uniform(0, 0.8)
        while beat < n / rate:
            for lag, size, width in ((-0.02, -0.8, 0.006), (0.0, 5.0, 0.009), (0.024, -1.3, 0.008)):
                out += size * np.exp(-0.5 * ((t - beat - lag) / width) ** 2)
            beat += rng.normal(0.85, 0.04)
        return out
    hertz = float(kind.split()[1])
    phase = rng.uniform(0, 2 * np.pi, 3)
    return sum(
        a * np.sin(2 * np.pi * hertz * h * t + p) for a, h, p in zip((1.0, 0.3, 0.2), (1, 3, 5), phase, strict=True)
    )


def conditioned(x: np.ndarray, rate: float) -> np.ndarray:
    """Zero-lag Butterworth band-pass, 10 to 450 Hz (or 0.45 of the rate), 4th order in all; MARGIN cut off."""
    sos = sps.butter(2, (10.0, min(450.0, 0.45 * rate)), "bandpass", fs=rate, output="sos")
    margin = round(MARGIN * rate)
    return sps.sosfiltfilt(sos, x)[margin : x.size - margin]


def make_record(
    rng: np.random.Generator,
    *,
    shape: Shape = STEP,
    snr_db: float = 10.0,
    carrier_kind: str = "gaussian",
    background_kind: str = "none",
    rate: float = 2000.0,
    bursts: int = 1,
    plateau: float = 1.0,
) -> Record:
    """Record with `bursts` bursts at random times: 3 s for none or one, 2.5 s more for each further one."""
    duration = 3.0 + 2.5 * max(bursts - 1, 0)
    margin = round(MARGIN * rate)
    n = round(duration * rate) + 2 * margin
    x = rng.standard_normal(n) + background(background_kind, n, rate, rng)
    rows = []
    for i in range(bursts):
        envelope = shape.envelope(rate, plateau if bursts == 1 else rng.uniform(0.3, 0.8))
        room = 2.8 * rate - envelope.size if bursts == 1 else 2.4 * rate - envelope.size
        first = round(min(rng.uniform(0.8, 1.4) * rate, room)) + round(i * 2.5 * rate)
        last = first + envelope.size
        x[margin + first : margin + last] += (
            10 ** (snr_db / 20) * envelope * carrier(carrier_kind, envelope.size, rate, rng)
        )
        strong = np.flatnonzero(envelope >= 0.1)
        rows.append((first, last, first + strong[0], first + strong[-1] + 1))
    times = np.array(rows, float).reshape(-1, 4).T / rate
    return Record(conditioned(x, rate), rate, *times)


def make_gait(
    rng: np.random.Generator,
    *,
    sigma: float,
    alpha: float,
    snr_db: float,
    rate: float = 2000.0,
    cycles: int = 20,
    carrier_kind: str = "gaussian",
) -> Record:
    """Cyclic gait recipe: one truncated Gaussian burst per 1 s cycle at half of it (Bonato 1998; Ghislieri 2021)."""
    envelope = Shape("gait", sigma=sigma, alpha=alpha).envelope(rate, 0.0)
    margin = round(MARGIN * rate)
    x = rng.standard_normal(round(cycles * rate) + 2 * margin)
    first = np.round((np.arange(cycles) + 0.5) * rate).astype(int) - envelope.size // 2
    for f in first:
        x[margin + f : margin + f + envelope.size] += (
            10 ** (snr_db / 20) * envelope * carrier(carrier_kind, envelope.size, rate, rng)
        )
    strong = np.flatnonzero(envelope >= 0.1)
    return Record(
        conditioned(x, rate),
        rate,
        first / rate,
        (first + envelope.size) / rate,
        (first + strong[0]) / rate,
        (first + strong[-1] + 1) / rate,
    )
