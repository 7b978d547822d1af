"""Measured beside simulated: the EMG of a trial next to the activations that explain its movement.

Two different quantities that should go up and down together: the envelope of surface EMG (what an electrode saw, in
% of its own largest value in the window) and activation from load sharing (1). Their heights cannot be compared
without a maximal contraction; their timing can. Activation follows excitation by some tens of milliseconds (Zajac
1989, Crit Rev Biomed Eng 17:359, not read at source), so a simulation that is right would trail the EMG slightly.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr

from gluteal.emg.recording import Channel
from gluteal.emg.signal.conditioning import condition_signal
from gluteal.engines import compute_mechanics
from gluteal.errors import GlutealError, InputError
from gluteal.files import plain
from gluteal.held_against.recorded import RecordedAgreement, compare_recorded
from gluteal.mechanics.body import Body
from gluteal.movements.tasks import is_task
from gluteal.sharing.solution import solve_sharing
from gluteal.simulate.emg_tracking import SEEN_TOGETHER, Recorded
from gluteal.simulate.experiment import load_movement
from gluteal.vocabulary import Side
from gluteal.words import SIDES

#: A muscle is on above this share of the way from its rest to its largest value in the window; rest is the tenth
#: percentile, because the envelope of a noisy channel never comes down to zero. Ours, the same for both, so that
#: neither is favoured: 20 % is clear of what is left of the noise and well below half of the peak.
THRESHOLD, REST = 0.2, 0.10
#: Longest lag that is looked at, s. Ours: a fifth of a stride's second; more would be another burst.
LONGEST_LAG = 0.2
#: Shortest time both must cover, s.
SHORTEST = 0.3


@dataclass(frozen=True)
class MuscleBeside:
    """One muscle, measured beside simulated.

    Attributes
    ----------
    muscle : str
    side : "r" | "l"
    channel : str
    parts : tuple of str
        Muscles of the body whose activation is averaged, weighted by maximal force.
    overlap : float
        Share of the window in which both are on or both are off, 0-1.
    chance : float
        What `overlap` would be if the two had nothing to do with each other: p q + (1 - p)(1 - q).
    correlation : float
        Pearson's r of envelope and activation; nan where one does not change.
    lag_s : float
        By how much the simulation trails the EMG where they correlate best, within `LONGEST_LAG`; s.
    best_correlation : float
        At that lag.
    peak_activation : float
        Largest simulated activation in the window, 1.
    sentence : str
    """

    muscle: str
    side: Side
    channel: str
    parts: tuple[str, ...]
    overlap: float
    chance: float
    correlation: float
    lag_s: float
    best_correlation: float
    peak_activation: float
    sentence: str


@dataclass(frozen=True)
class Beside:
    """Recorded EMG beside simulated activation.

    Attributes
    ----------
    name : str
        Of the trial.
    muscles : tuple of MuscleBeside
    dataset : xarray.Dataset
        `envelope` (% of its largest in the window) and `activation` (1), both (muscle, time); `time` in s on the
        recording's clock.
    left_out : tuple of str
        Channels without a counterpart, and why.
    settings : dict
    agreement : RecordedAgreement or None
        At one delay for the recording, with gains and what the near-optimal bands cover; None where only activations
        are known.
    """

    name: str
    muscles: tuple[MuscleBeside, ...]
    dataset: xr.Dataset = field(repr=False)
    left_out: tuple[str, ...]
    settings: dict[str, Any]
    agreement: RecordedAgreement | None = None

    def to_json(self) -> dict[str, Any]:
        """Plain values; without the curves, which `to_rows` and the dataset hold."""
        return plain(
            {
                "trial": self.name,
                "muscles": [vars(m) for m in self.muscles],
                "left_out": self.left_out,
                "settings": self.settings,
                "agreement": None if self.agreement is None else self.agreement.to_json(),
            }
        )

    def to_rows(self) -> list[dict[str, Any]]:
        """Rows for the tidy table of `gluteal.emg.analysis.record.Analysis.to_table`."""
        rows = []
        for m in self.muscles:
            head = {"recording": self.name, "channel": m.channel, "muscle": m.muscle, "side": m.side}
            for measure, value, unit in (
                ("overlap with simulation", m.overlap, "1"),
                ("overlap by chance", m.chance, "1"),
                ("correlation with simulation", m.correlation, "1"),
                ("lag of simulation", m.lag_s, "s"),
                ("correlation at that lag", m.best_correlation, "1"),
                ("peak simulated activation", m.peak_activation, "1"),
            ):
                rows.append({**head, "measure": measure, "item": "window", "value": value, "unit": unit})
        return rows


def compare_with_trial(
    channels: Sequence[Channel],
    trial: str | Path,
    *,
    side: Side | None = None,
    usable: Mapping[str, Mapping[str, Any]] | None = None,
) -> Beside:
    """Simulate a measured trial and put its recorded EMG beside the activations.

    The clocks of recording and trial must be one: time stamps are compared as they are. (A trial whose files
    carry calendar time is shifted back by what the loader took off.)

    Parameters
    ----------
    channels : sequence of Channel
        Raw EMG channels.
    trial : str or Path
        As `gluteal.load_movement` takes it.
    side : "r" | "l", optional
        Of channels that state none.
    usable : mapping of channel to settings, optional
        Names of the channels whose quality allows it, and how a session conditioned each
        (`gluteal.emg.analysis.record.ChannelAnalysis.settings`); default: all, without notch or ECG high-pass.

    Raises
    ------
    InputError
        A task instead of a trial, no usable channel, no common time, or no common muscle.
    """
    if is_task(trial):
        raise InputError(
            f"{str(trial)!r} is no measured trial; give the folder or .toml of the one recorded with this EMG."
        )
    kept = [c for c in channels if usable is None or c.name in usable]
    if not kept:
        raise InputError("No channel is good enough to be compared; the report says what is wrong with each.")
    body, movement = load_movement(trial)
    recruitment = solve_sharing(compute_mechanics(body, movement))
    activation = recruitment.dataset["activation"]
    offset = float(movement.settings.get("time_offset_s", 0.0))
    activation = activation.assign_coords(time=activation["time"] + offset)
    beside = compare_with_activation(kept, activation, body, name=movement.title, side=side, conditioning=usable)
    recorded = _recorded(kept, body, side, offset, usable or {}, [m.channel for m in beside.muscles])
    return replace(beside, agreement=compare_recorded(recruitment, channels=recorded))


def _recorded(
    channels: Sequence[Channel],
    body: Body,
    side: Side | None,
    offset: float,
    conditioning: Mapping[str, Mapping[str, Any]],
    compared: Sequence[str],
) -> list[Recorded]:
    """Return the channels that were compared, whole, on the movement's clock."""
    found = []
    for channel in channels:
        which: Side | None = channel.side or side
        if channel.name not in compared or channel.muscle is None or which is None:
            continue
        envelope, _ = _envelope(channel, channel.time(), conditioning.get(channel.name, {}))
        found.append(
            Recorded(
                name=channel.name,
                muscle=channel.muscle,
                side=which,
                muscles=_parts(body, channel.muscle, which),
                time=channel.time() - offset,
                envelope=np.maximum(envelope, 0.0) / 100.0,
            )
        )
    return found


def compare_with_activation(
    channels: Sequence[Channel],
    activation: xr.DataArray,
    body: Body,
    *,
    name: str = "simulation",
    side: Side | None = None,
    threshold: float = THRESHOLD,
    conditioning: Mapping[str, Mapping[str, Any]] | None = None,
) -> Beside:
    """Put raw EMG channels beside simulated activations, (time, muscle), 1, on one clock; see `Beside`.

    `conditioning` holds, by channel, the settings whose notch and ECG high-pass are applied here, too.
    """
    time = activation["time"].to_numpy()
    rows: list[MuscleBeside] = []
    envelopes, activations, labels, left_out = [], [], [], []
    conditioned: dict[str, None] = {}
    window = _window(channels, time)
    for channel in channels:
        which: Side | None = channel.side or side
        if channel.muscle is None or which is None:
            why = "no muscle is known" if channel.muscle is None else "no side is known; state it with --side"
            left_out.append(f"{channel.name}: {why}")
            continue
        try:
            parts = _parts(body, channel.muscle, which)
            envelope, filters = _envelope(channel, time[window], (conditioning or {}).get(channel.name, {}))
        except GlutealError as error:
            left_out.append(f"{channel.name}: {error}")
            continue
        weight = body.muscles["max_isometric_force"].sel(muscle=list(parts))
        pooled = xr.dot(activation.sel(muscle=list(parts)), weight / weight.sum(), dim="muscle").to_numpy()[window]
        rows.append(_compare(channel, which, parts, envelope, pooled, time[window], threshold))
        envelopes.append(envelope)
        activations.append(pooled)
        labels.append(f"{SIDES[which]}{channel.muscle}")
        conditioned[filters] = None
    if not rows:
        raise InputError(f"No channel has a muscle of body {body.name!r}: {'; '.join(left_out)}")
    dataset = xr.Dataset(
        {
            "envelope": (("muscle", "time"), np.array(envelopes), {"units": "% of largest in the window"}),
            "activation": (("muscle", "time"), np.array(activations), {"units": "1"}),
        },
        coords={"muscle": labels, "time": ("time", time[window], {"units": "s"})},
    )
    settings = {
        "threshold": threshold,
        "threshold_of": f"the way from the {100 * REST:.0f}th percentile to the largest value, each in the window",
        "longest_lag_s": LONGEST_LAG,
        "window_s": [float(time[window][0]), float(time[window][-1])],
        "envelope": "; ".join(conditioned),
        "clock": "time stamps of recording and trial taken as one clock",
    }
    return Beside(name, tuple(rows), dataset, tuple(left_out), settings)


def _window(channels: Sequence[Channel], time: np.ndarray) -> np.ndarray:
    """Frames that every channel covers."""
    start = max((c.start for c in channels), default=np.inf)
    end = min((c.start + (c.length - 1) / c.rate for c in channels), default=-np.inf)
    window = (time >= start) & (time <= end)
    if np.count_nonzero(window) < 2 or np.ptp(time[window]) < SHORTEST:
        raise InputError(
            f"Recording ({start:.3g} to {end:.3g} s) and trial ({time[0]:.3g} to {time[-1]:.3g} s) have less than "
            f"{SHORTEST:g} s in common; give the EMG of the same trial, on the same clock."
        )
    return window


def _parts(body: Body, muscle: str, side: Side) -> tuple[str, ...]:
    names = SEEN_TOGETHER.get(muscle, (muscle,))
    return tuple(dict.fromkeys(m for name in names for m in body.resolve(name, side=side)))


def _envelope(channel: Channel, time: np.ndarray, settings: Mapping[str, Any]) -> tuple[np.ndarray, str]:
    """Envelope at the frames, % of its largest there, and how it was made, in words."""
    made = condition_signal(
        channel.read(),
        channel.rate,
        unit=channel.unit,
        notch=next(iter(settings.get("notch_hz", ())), None),
        ecg_highpass=settings.get("ecg_highpass_hz"),
    )
    at = np.interp(time, channel.time(), made.envelope)
    if not (np.isfinite(at).all() and at.max() > 0.0):
        raise InputError("samples are missing in the window.")
    return 100.0 * at / at.max(), _filter_words(made.settings)


def _filter_words(settings: Mapping[str, Any]) -> str:
    low, high = settings["band_hz"]
    band = f"from {low:g} Hz" if high is None else f"{low:g}-{high:g} Hz"
    notch = f", notch at {settings['notch_hz'][0]:g} Hz" if settings["notch_hz"] else ""
    return f"{band}{notch}, rectified, {settings['envelope_hz']:g} Hz low-pass, no delay"


def _compare(
    channel: Channel,
    side: Side,
    parts: tuple[str, ...],
    envelope: np.ndarray,
    activation: np.ndarray,
    time: np.ndarray,
    threshold: float,
) -> MuscleBeside:
    measured, simulated = (above_rest(x) > threshold for x in (envelope, activation))
    p, q = float(measured.mean()), float(simulated.mean())
    overlap, chance = float((measured == simulated).mean()), p * q + (1.0 - p) * (1.0 - q)
    lag, best = _best_lag(envelope, activation, time)
    r = _correlation(envelope, activation)
    muscle = f"{SIDES[side]}{channel.muscle}".capitalize()
    if np.isfinite(r):
        trail = "trails" if lag > 0 else "leads"
        words = f"{muscle}: on or off together {100 * overlap:.0f} % of the time ({100 * chance:.0f} % by chance), "
        words += f"r = {r:.2f}" + (
            f"; the simulation {trail} the EMG by {abs(1000 * lag):.0f} ms (r = {best:.2f} there)." if lag else "."
        )
    else:
        words = f"{muscle}: the simulation does not use it here, so there is nothing to correlate."
    return MuscleBeside(
        str(channel.muscle), side, channel.name, parts, overlap, chance, r, lag, best, float(activation.max()), words
    )


def above_rest(course: np.ndarray) -> np.ndarray:
    """Return a course, (n,), as a share of the way from its rest (`REST` quantile) to its largest value; 0 if flat."""
    rest = float(np.quantile(course, REST))
    top = float(course.max()) - rest
    return (course - rest) / top if top > 0.0 else np.zeros_like(course)


def _correlation(a: np.ndarray, b: np.ndarray) -> float:
    if np.ptp(a) <= 1e-9 * max(float(np.abs(a).max()), 1e-9) or np.ptp(b) <= 1e-6:
        return float("nan")
    return float(np.corrcoef(a, b)[0, 1])


def _best_lag(envelope: np.ndarray, activation: np.ndarray, time: np.ndarray) -> tuple[float, float]:
    """Lag of `activation` behind `envelope`, s, at the largest correlation, and that correlation."""
    step = float(np.median(np.diff(time)))
    most = min(round(LONGEST_LAG / step), time.size // 3)
    best, at = -np.inf, 0
    for k in range(-most, most + 1):
        a = envelope[: envelope.size - k] if k >= 0 else envelope[-k:]
        b = activation[k:] if k >= 0 else activation[:k]
        r = _correlation(a, b)
        if np.isfinite(r) and (r > best + 1e-12 or (abs(r - best) <= 1e-12 and abs(k) < abs(at))):
            best, at = r, k
    return (at * step, best) if np.isfinite(best) else (float("nan"), float("nan"))
