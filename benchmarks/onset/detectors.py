"""Every detector of the benchmark behind one signature: ours, and NeuroKit2 and BioSPPy where installed.

A detector takes a signal, its rate and a stretch known to be at rest (samples), and gives rows
(onset, offset, low and high of the onset's 95 % interval, low and high of the offset's), s; nan where
it says nothing. Ours and what NeuroKit2 does by default are not told about the rest.
"""

from __future__ import annotations

import contextlib
import io
import warnings
from collections.abc import Callable
from functools import partial

import numpy as np

from benchmarks.onset.bound import told_everything, told_the_recipe
from gluteal.emg.onset import METHODS, detect_bursts

Detector = Callable[[np.ndarray, float, slice], np.ndarray]


def own(signal: np.ndarray, rate: float, rest: slice, *, method: str, **settings: object) -> np.ndarray:
    """Method of `detect_bursts`; the published ones are given the rest, "rise" and "laplace" find it."""
    told = {} if method in ("rise", "laplace") else {"baseline": (rest.start / rate, rest.stop / rate)}
    found = detect_bursts(signal, rate, method=method, **told, **settings)
    rows = [(b.onset_s, b.offset_s, *b.onset_interval_s, *b.offset_interval_s) for b in found]
    return np.array(rows, float).reshape(-1, 6)


def _rows(onsets: np.ndarray, offsets: np.ndarray, rate: float) -> np.ndarray:
    """Pair each onset with the next offset."""
    offsets = np.sort(np.asarray(offsets, float))
    out = []
    for onset in np.sort(np.asarray(onsets, float)):
        later = offsets[offsets > onset]
        out.append((onset / rate, later[0] / rate if later.size else np.nan, *[np.nan] * 4))
    return np.array(out, float).reshape(-1, 6)


def neurokit(signal: np.ndarray, rate: float, rest: slice, *, method: str) -> np.ndarray:
    """NeuroKit2: clean, amplitude, activation, as emg_process does; "threshold" is its default."""
    import neurokit2 as nk

    clean = nk.emg_clean(signal, sampling_rate=rate)
    amplitude = None if method == "biosppy" else nk.emg_amplitude(clean)
    _, info = nk.emg_activation(emg_amplitude=amplitude, emg_cleaned=clean, sampling_rate=int(rate), method=method)
    return _rows(info["EMG_Onsets"], info["EMG_Offsets"], rate)


def biosppy(signal: np.ndarray, rate: float, rest: slice, *, method: str) -> np.ndarray:
    """BioSPPy; it mixes onsets and offsets in one array, read here as alternating."""
    from biosppy.signals import emg

    still = signal[rest]
    if method == "default":
        times = emg.find_onsets(signal=signal, sampling_rate=rate)["onsets"]
    elif method == "hodges_bui":
        times = emg.hodges_bui_onset_detector(signal, still, rate, size=round(0.025 * rate), threshold=3)["onsets"]
    else:
        times = emg.bonato_onset_detector(
            signal, still, rate, threshold=10, active_state_duration=round(0.030 * rate), samples_above_fail=1,
            fail_size=5,
        )["onsets"]  # fmt: skip
    return _rows(times[::2], times[1::2], rate)


def quiet(detector: Detector) -> Detector:
    """The same without its warnings; a crash counts as nothing found."""

    def run(signal: np.ndarray, rate: float, rest: slice) -> np.ndarray:
        with warnings.catch_warnings(), contextlib.redirect_stdout(io.StringIO()):
            warnings.simplefilter("ignore")
            try:
                return detector(signal, rate, rest)
            except Exception:
                return np.empty((0, 6))

    return run


OURS: dict[str, Detector] = {name: partial(own, method=name) for name in METHODS}
BELLS_KNOWN = "rise, told that bursts are bells"
RECIPE_KNOWN = "bound: told the recipe"
ALL_KNOWN = "bound: told the recipe and its period"
GAIT_ONLY: dict[str, Detector] = {
    BELLS_KNOWN: partial(own, method="rise", kinds=(0, 0, 1)),
    RECIPE_KNOWN: told_the_recipe,
    ALL_KNOWN: told_everything,
}
RIVALS: dict[str, Detector] = {
    "NeuroKit2 default": quiet(partial(neurokit, method="threshold")),
    "NeuroKit2 mixture": quiet(partial(neurokit, method="mixture")),
    "NeuroKit2 biosppy": quiet(partial(neurokit, method="biosppy")),
    "BioSPPy default": quiet(partial(biosppy, method="default")),
    "BioSPPy hodges_bui": quiet(partial(biosppy, method="hodges_bui")),
    "BioSPPy bonato": quiet(partial(biosppy, method="bonato")),
}


def rivals_installed() -> bool:
    """Whether NeuroKit2 and BioSPPy can be imported."""
    try:
        import biosppy.signals  # noqa: F401
        import neurokit2  # noqa: F401
    except ImportError:
        return False
    return True
