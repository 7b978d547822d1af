"""Endurance of hip and back: how long postures are held, and which muscles give way first."""

from __future__ import annotations

from gluteal.ledger.bench import Bench
from gluteal.ledger.prediction import Experiment, Prediction, Published, Reading
from gluteal.simulate.endurance import Hold, compute_endurance
from gluteal.simulate.endurance_band import list_holding_times

BACK, BRIDGE = "back-extension-hold", "single-leg-bridge"
#: Rest before the second hold, s: the longest of wangprice2017.
REST = 540.0


def _hold(bench: Bench, task: str, **before: Hold | float) -> Hold:
    mechanics = bench.mechanics(task)
    return compute_endurance(bench.body, mechanics.movement, mechanics=mechanics, **before)  # type: ignore[arg-type]


def _people(task: str) -> Published:
    """Return the widest range of one standard deviation about the published means."""
    rows = list_holding_times(task)
    return Published(
        ";".join(dict.fromkeys(row["source"] for row in rows)),
        low=min(row["holding_s"] - row["sd_s"] for row in rows),
        high=max(row["holding_s"] + row["sd_s"] for row in rows),
        words="means and one standard deviation",
    )


def _holds(bench: Bench) -> list[Reading]:
    back, bridge = _hold(bench, BACK), _hold(bench, BRIDGE)
    again = _hold(bench, BACK, rested=back, rest=REST)
    right = back.groups[back.groups["side"] == "r"]
    tired = dict(zip(right["name"], right["fatigued"].astype(float), strict=True))
    return [
        Reading("back", "back extension held", back.seconds, "s", _people(BACK)),
        Reading("bridge", "single-leg bridge held", bridge.seconds, "s", _people(BRIDGE)),
        Reading(
            "again",
            "back extension held again after 9 minutes of rest / the first time",
            again.seconds / back.seconds,
            "1",
            Published("wangprice2017", words="still shorter, n 12"),
        ),
        Reading("spine", "share of erector spinae that is fatigued when it fails", tired["erector-spinae"], "1"),
        Reading("glmax", "share of gluteus maximus that is fatigued then", tired["glmax"], "1"),
        Reading("hamstrings", "share of the hamstrings that is fatigued then", tired["hamstrings"], "1"),
    ]


EXPERIMENTS: tuple[Experiment, ...] = (
    Experiment(
        "endurance-holds",
        "Held until the muscles give out",
        "The back extension test and the single-leg bridge are held; muscles tire and recover by published rates of "
        "joints, and the load is shared anew all along. Then the back extension again after 9 minutes. It is a "
        "control of the model: people's holding times are known.",
        "simulation",
        (),
        "Holding time goes with the square of strength, and the body's strength is off in some directions: it holds "
        "the bridge far too short and the back extension too long, so no claim is judged by it. No rates of the hip "
        "were published.",
        _holds,
    ),
)

PREDICTIONS: tuple[Prediction, ...] = ()

MISSING: dict[str, str] = {}
