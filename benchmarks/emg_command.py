"""How long `gluteal emg` takes beside NeuroKit2's `emg_process` on the same 16 channels.

    python -m benchmarks.emg_command               # 60 s at 2 kHz; minutes, nearly all of them NeuroKit2's
    python -m benchmarks.emg_command --seconds 10

Both read the same EDF file in fresh processes: `gluteal emg` three times, of which the shortest counts; NeuroKit2
once. `gluteal emg --json` judges, filters, times with intervals, orders and measures; `emg_process` filters, makes an
envelope and thresholds it, once per channel. The ratio says how the two compare on this machine at this hour, which
seconds alone do not.
"""

from __future__ import annotations

import argparse
import os
import resource
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import edfio
import numpy as np
from scipy import signal as sps

RATE, CHANNELS = 2000, ("GMAX", "GMED", "BF", "ST", "RF", "VL", "VM", "TFL")
#: A burst of 0.4 s every 1.1 s, 26 dB over rest, as in brisk walking.
LASTS, APART, BURST, REST = 0.4, 1.1, 0.8, 0.04
RUNS = 3

_COMMAND = "import sys; from gluteal.cli import main; sys.exit(main())"
_RIVAL = """
import sys, warnings
import edfio, neurokit2
warnings.simplefilter("ignore")
for signal in edfio.read_edf(sys.argv[1]).signals:
    neurokit2.emg_process(signal.data, sampling_rate=int(signal.sampling_frequency))
"""


@dataclass(frozen=True)
class Spent:
    """Wall and processor time of a process, s."""

    wall: float
    processor: float


def write_session(path: Path, seconds: int, *, rng: np.random.Generator) -> None:
    """Write an EDF of both sides' CHANNELS, in mV: noise of 50-150 Hz, stronger in bursts that come in turn."""
    sos = sps.butter(1, (50.0, 150.0), "bandpass", fs=RATE, output="sos")
    signals = []
    for side, late in (("R", 0.0), ("L", 0.5)):
        for k, name in enumerate(CHANNELS):
            phase = (np.arange(seconds * RATE) / RATE - late - 0.1 * k) % APART
            envelope = np.where(phase < LASTS, BURST, REST)
            x = np.clip(envelope * sps.sosfilt(sos, rng.standard_normal(envelope.size)), -2.0, 2.0)
            signals.append(
                edfio.EdfSignal(x, RATE, label=f"{side} {name}", physical_dimension="mV", physical_range=(-2.0, 2.0))
            )
    edfio.Edf(signals, data_record_duration=1).write(path)


def run_process(code: str, *arguments: str) -> Spent:
    """Run a Python program in a process of its own; its output is not looked at."""
    before, started = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    subprocess.run([sys.executable, "-c", code, *arguments], stdout=subprocess.DEVNULL, check=True)
    after, ended = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    return Spent(ended - started, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)


def compare(seconds: int, runs: int) -> tuple[Spent, Spent]:
    """Times of `gluteal emg`, the shortest of `runs`, and of NeuroKit2."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "session.edf"
        write_session(path, seconds, rng=np.random.default_rng(1))
        ours = [run_process(_COMMAND, "emg", str(path), "--json") for _ in range(runs)]
        return min(ours, key=lambda s: s.wall), run_process(_RIVAL, str(path))


def main() -> None:
    """Parse the arguments, run, and print a table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.emg_command", description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=int, default=60)
    parser.add_argument("--runs", type=int, default=RUNS)
    given = parser.parse_args()
    ours, theirs = compare(given.seconds, given.runs)
    print(f"16 channels, {given.seconds} s at {RATE} Hz, {os.cpu_count()} processors")
    print("| what | wall time, s | processor time, s |\n| --- | --- | --- |")
    print(f"| gluteal emg --json, shortest of {given.runs} | {ours.wall:.1f} | {ours.processor:.1f} |")
    print(f"| NeuroKit2 emg_process | {theirs.wall:.1f} | {theirs.processor:.1f} |")
    print(f"| ratio | {ours.wall / theirs.wall:.3f} | {ours.processor / theirs.processor:.3f} |")


if __name__ == "__main__":
    main()
