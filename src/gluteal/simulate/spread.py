"""The spread of an outcome over criteria and people: every number with its band, and who compensates surely.

A *run* is one person under one criterion. Bands are the 5th to 95th percentile over all runs; `STATISTIC`
says so wherever one is shown.
"""

from __future__ import annotations

import time as clock
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from importlib.metadata import version
from typing import Any

import numpy as np
import pandas as pd
import scipy
import xarray as xr

from gluteal import anatomy
from gluteal.errors import InputError
from gluteal.mechanics.build import Mechanics
from gluteal.nerves.condition import Condition
from gluteal.outcome.compare import CONDITIONS
from gluteal.outcome.record import Outcome
from gluteal.outcome.tables import CHANGED_FORCE, list_records
from gluteal.outcome.verdict import VERDICT_COLUMNS, VERDICTS
from gluteal.sharing.criterion import Criterion, list_criteria
from gluteal.simulate.dynamometer import settle_strength_loss
from gluteal.simulate.people import SCATTER, Scatter, draw_from, same_people
from gluteal.simulate.runs import batch_size, run_people
from gluteal.vocabulary import side_of
from gluteal.words import SIDES

#: Exponents of the effort in the default family of criteria, each with and without weighting by volume.
EXPONENTS = (2.0, 3.0, 4.0, 5.0)
#: Seed of the random people where a command draws them: the same command gives the same people.
SEED = 1
#: Percentiles of every band: lower end, middle, upper end.
PERCENTILES = (5.0, 50.0, 95.0)
STATISTIC = "median and 5th to 95th percentile over all runs; a run is one person under one criterion"
#: People who are held in memory at once, each under every criterion; larger populations are a study.
MOST_IN_SPREAD = 100_000
#: Compensators this high in a run's ranking count as leading.
LEADERS = 3


@dataclass(frozen=True, repr=False)
class Spread:
    """An outcome over a family of criteria and random people.

    Attributes
    ----------
    dataset : xr.Dataset (criterion, person, ...)
        Random people; variables as `gluteal.outcome.compare.compare_solutions` returns them.
    nominal : xr.Dataset (criterion, ...)
        The body itself; its first criterion is that of `gluteal.simulate` unless another was asked for.
    seconds : float
        What running it took.
    """

    mechanics: Mechanics
    condition: Condition
    scatter: Scatter
    dataset: xr.Dataset
    nominal: xr.Dataset
    seconds: float

    def __repr__(self) -> str:
        people, criteria = self.dataset.sizes["person"], self.dataset.sizes["criterion"]
        return f"<Spread: {people} people, {criteria} criteria, {self.condition.name}>"

    @cached_property
    def runs(self) -> xr.Dataset:
        """All runs along ``run``: random people under every criterion, or the body alone where none were."""
        if self.dataset.sizes["person"] == 0:
            return self.nominal.rename(criterion="run")
        order = ("criterion", "person")
        return self.dataset.stack(run=order, create_index=False).transpose("run", ...)

    @property
    def nominal_verdict(self) -> str:
        """Verdict of the body itself under the first criterion."""
        return VERDICTS[int(self.nominal["verdict"][0])]

    @property
    def certificate(self) -> float:
        """Largest Karush-Kuhn-Tucker residual of all runs, 1."""
        return max(float(d["certificate"].max(skipna=False)) for d in (self.runs, self.nominal))

    # --- tables ------------------------------------------------------------------------------------

    @cached_property
    def verdicts(self) -> pd.DataFrame:
        """Share of runs per verdict, by criterion and over all.

        criterion, unchanged, compensated, impossible, cannot_be_judged (shares, 1), baseline_ok (share whose
        undisturbed movement needs no reserve above the verdict's limit), nominal (verdict of the body itself).
        """
        rows = []
        for name, part, nominal in self._by_criterion:
            verdict = np.atleast_1d(part["verdict"].to_numpy())
            shares: dict[str, float] = {
                VERDICT_COLUMNS[v]: float(np.mean(verdict == i)) for i, v in enumerate(VERDICTS)
            }
            ok = float(np.mean(part["baseline_ok"].to_numpy()))
            own = VERDICTS[int(nominal["verdict"][0])]
            rows.append({"criterion": name, **shares, "baseline_ok": ok, "nominal": own})
        return pd.DataFrame(rows)

    @cached_property
    def numbers(self) -> pd.DataFrame:
        """Effort ratio and deficit, by criterion and over all.

        quantity, unit, criterion, nominal (the body itself), median, low, high (percentiles over runs).
        criteria_low and criteria_high: least and largest over the criteria with the body itself, so that what
        the criterion does is told apart from what people do. Efforts of different exponents differ by their
        nature: read the effort ratio by criterion.
        """
        rows = []
        for quantity, unit in (("effort_ratio", "1"), ("deficit", "N m")):
            for name, part, nominal in self._by_criterion:
                values = part[quantity].to_numpy().reshape(-1, 1)
                band = _band(values, nominal[quantity].to_numpy().reshape(-1, 1))[0]
                rows.append({"quantity": quantity, "unit": unit, "criterion": name, **band})
        return pd.DataFrame(rows)

    @cached_property
    def _by_criterion(self) -> list[tuple[str, xr.Dataset, xr.Dataset]]:
        """Name, runs, and the body itself: over all criteria, then for each."""
        source = self.dataset if self.dataset.sizes["person"] else self.nominal
        each = [
            (str(name), source.isel(criterion=i), self.nominal.isel(criterion=[i]))
            for i, name in enumerate(self.nominal["criterion"].to_numpy())
        ]
        return [("all", self.runs, self.nominal), *each]

    @cached_property
    def compensation(self) -> pd.DataFrame:
        """Change of mean force of anatomical muscles by side that the condition does not act on, N.

        muscle, side, parts; nominal, median, low, high, criteria_low, criteria_high as in `numbers`;
        gains, loses (share of runs that change by at least 1 N), leads (share of runs in which it is among
        the three that gain most). Ranked by median, most gained first.
        """
        keys, change, nominal = self._changes
        top = np.argsort(-change, axis=1, kind="stable")[:, :LEADERS]
        leads = np.zeros(change.shape, bool)
        np.put_along_axis(leads, top, True, axis=1)
        leads &= change >= CHANGED_FORCE
        rows = []
        for i, ((muscle, side, parts), band) in enumerate(zip(keys, _band(change, nominal), strict=True)):
            shares = {
                "gains": float(np.mean(change[:, i] >= CHANGED_FORCE)),
                "loses": float(np.mean(change[:, i] <= -CHANGED_FORCE)),
                "leads": float(np.mean(leads[:, i])),
            }
            rows.append({"muscle": muscle, "side": side, "parts": parts, **band, **shares})
        columns = ["muscle", "side", "parts", *_BAND, "gains", "loses", "leads"]
        table = pd.DataFrame(rows, columns=columns)
        return table.sort_values("median", ascending=False, kind="stable").reset_index(drop=True)

    @cached_property
    def groups(self) -> pd.DataFrame:
        """Peak activation of groups by side: name, then baseline_* and condition columns as in `numbers`."""
        names = [str(g) for g in self.nominal["group"].to_numpy()]
        table = pd.DataFrame({"name": names})
        for prefix, condition in zip(("baseline_", ""), CONDITIONS, strict=True):
            runs, nominal = (d["group_peak"].sel(condition=condition).to_numpy() for d in (self.runs, self.nominal))
            bands = _band(runs, nominal)
            table = table.join(pd.DataFrame(bands).add_prefix(prefix))
        return table

    @cached_property
    def rank_stability(self) -> Mapping[str, float]:
        """How far runs agree on who compensates, over muscles whose median or nominal change is 1 N or more.

        ``concordance``: Kendall's coefficient W of the rankings of all runs (Kendall and Babington Smith
        1939), 1 is full agreement, 0 none; ``with_nominal``: mean Spearman correlation of a run's ranking
        with the body's own; ``same_leader``: share of runs led by the muscle that leads the body's own;
        ``muscles``: how many are ranked. nan where fewer than two are.
        """
        _, change, nominal = self._changes
        own = nominal[0]
        kept = (np.abs(np.median(change, axis=0)) >= CHANGED_FORCE) | (np.abs(own) >= CHANGED_FORCE)
        change, own = change[:, kept], own[kept]
        runs, n = change.shape
        if n < 2:
            nothing = {k: float("nan") for k in ("concordance", "with_nominal", "same_leader")}
            return {**nothing, "muscles": float(n)}
        ranks = scipy.stats.rankdata(change, axis=1)
        total = ranks.sum(axis=0)
        concordance = 12.0 * np.sum((total - total.mean()) ** 2) / (runs**2 * (n**3 - n))
        a, b = ranks - ranks.mean(axis=1, keepdims=True), scipy.stats.rankdata(own) - (n + 1) / 2
        size = np.sqrt((a**2).sum(axis=1) * (b**2).sum())
        with np.errstate(invalid="ignore"):
            correlation = (a @ b) / size
        return {
            "concordance": float(concordance),
            "with_nominal": float(np.mean(correlation)),
            "same_leader": float(np.mean(change.argmax(axis=1) == own.argmax())),
            "muscles": float(n),
        }

    @cached_property
    def _changes(self) -> tuple[list[tuple[str, str | None, int]], np.ndarray, np.ndarray]:
        """Whole muscles, and change of their mean force in every run (N, W) and of the body (C, W)."""
        acted_on = self.condition.affected(self.mechanics.body)
        muscles = self.mechanics.body.muscle_names
        members: dict[tuple[str, str | None], list[int]] = {}
        for i, m in enumerate(muscles):
            if m not in acted_on:
                key = SIDES[side_of(m)] + anatomy.anatomical_name(m), side_of(m)
                members.setdefault(key, []).append(i)
        pool = np.zeros((len(muscles), len(members)))
        for column, rows in enumerate(members.values()):
            pool[rows, column] = 1.0
        change, nominal = (d["force"].diff("condition").to_numpy()[:, 0] @ pool for d in (self.runs, self.nominal))
        return [(name, side, len(rows)) for (name, side), rows in members.items()], change, nominal

    # --- hand over ---------------------------------------------------------------------------------

    @property
    def sentence(self) -> str:
        """What is sure and what is not, in one sentence."""
        row = self.verdicts.iloc[0]
        count = self.runs.sizes["run"]
        likely = max(VERDICTS, key=lambda v: row[VERDICT_COLUMNS[v]])
        leaders = self.compensation.sort_values("leads", ascending=False, kind="stable")
        share, word = row[VERDICT_COLUMNS[likely]], likely.replace("-", " ")
        verb = "" if word.startswith("cannot") else "is "
        text = f"In {100 * share:.0f} % of {count} runs ({self.who}) the movement {verb}{word}"
        if len(leaders) and leaders.iloc[0]["leads"] > 0:
            first = leaders.iloc[0]
            text += f"; {first['muscle']} is among the three that gain most in {100 * first['leads']:.0f} %"
        return f"{text}."

    @property
    def who(self) -> str:
        """Over whom and what the spread runs, in words."""
        people, criteria = self.dataset.sizes["person"], self.dataset.sizes["criterion"]
        names = f"{criteria} {'criterion' if criteria == 1 else 'criteria'} of load sharing"
        return f"{people} random people and {names}" if people else f"the body itself and {names}"

    def to_json(self) -> dict[str, Any]:
        """Return every table as plain data; null is "no number"."""
        return {
            "task": self.mechanics.movement.name,
            "body": self.mechanics.body.name,
            "condition": {
                "name": self.condition.name,
                "effects": [e.to_json() for e in self.condition.effects],
            },
            "people": self.dataset.sizes["person"],
            "criteria": [str(c) for c in self.nominal["criterion"].to_numpy()],
            "scatter": self.scatter.to_json(),
            "scatter_sources": {name: row.cited for name, row in SCATTER.items()},
            "statistic": STATISTIC,
            "sentence": self.sentence,
            "verdicts": list_records(self.verdicts),
            "numbers": list_records(self.numbers),
            "compensation": list_records(self.compensation),
            "groups": list_records(self.groups),
            "rank_stability": {k: v if np.isfinite(v) else None for k, v in self.rank_stability.items()},
            "certificate": self.certificate,
            "seconds": self.seconds,
            "program": f"gluteal {version('gluteal')}",
        }


def compute_spread(
    mechanics: Mechanics,
    condition: Condition,
    *,
    people: int = 100,
    exponents: Sequence[float] = EXPONENTS,
    volume_weighting: Sequence[bool] = (False, True),
    first: Criterion | None = None,
    scatter: Scatter | None = None,
    rng: np.random.Generator,
) -> Spread:
    """Run a family of criteria with random people; report every number with its spread.

    Every criterion meets the same people, and the body itself.

    Parameters
    ----------
    people : int
        Random people; 0 gives the spread over criteria alone.
    exponents, volume_weighting : sequences
        All combinations are run.
    first : Criterion or None
        One more, run first; None is none.
    scatter : Scatter or None
        How much people differ; None is the sourced default (`gluteal.simulate.people.SCATTER`).

    Raises
    ------
    InputError, UnknownName
        Where a number is out of range, or the condition names what the body has not.

    Examples
    --------
    >>> import gluteal, numpy as np
    >>> body = gluteal.load_body("myo")
    >>> stance = gluteal.compute_mechanics(body, gluteal.load_task("single-leg-stance", body))
    >>> block = gluteal.Condition.block("superior gluteal", loss=0.52, side="r")
    >>> spread = compute_spread(stance, block, people=4, exponents=(2,), rng=np.random.default_rng(1))
    >>> dict(spread.dataset.sizes)["person"], spread.nominal_verdict
    (4, 'compensated')
    """
    if people < 0:
        raise InputError(f"{people} people cannot be drawn; ask for zero or more.")
    if people > MOST_IN_SPREAD:
        raise InputError(
            f"{people} people are too many for one spread; ask for {MOST_IN_SPREAD:,} at most, or write the plan of a "
            "study (see docs/studies.md)."
        )
    scatter = scatter or Scatter()
    criteria = list_criteria(exponents, volume_weighting)
    if first is not None and first not in criteria:
        criteria = (first, *criteria)
    condition = settle_strength_loss(condition, mechanics.body)
    condition.affected(mechanics.body)
    start = clock.perf_counter()
    streams = rng.spawn(people)
    step = batch_size(mechanics)
    runs: list[list[xr.Dataset]] = [[] for _ in criteria]
    for begin in range(0, people, step):
        batch = draw_from(mechanics.body, streams[begin : begin + step], scatter=scatter)
        for run, criterion in zip(runs, criteria, strict=True):
            run += run_people(mechanics, batch, conditions=[condition], criterion=criterion)
    same = same_people(mechanics.body)
    alone = [run_people(mechanics, same, conditions=[condition], criterion=c)[0] for c in criteria]
    names = pd.Index([c.name for c in criteria], name="criterion")
    nominal = xr.concat(alone, names, join="exact").isel(person=0)
    empty = alone[0].isel(person=slice(0))
    drawn = [xr.concat(run or [empty], "person", join="exact") for run in runs]
    return Spread(
        mechanics=mechanics,
        condition=condition,
        scatter=scatter,
        dataset=xr.concat(drawn, names, join="exact"),
        nominal=nominal,
        seconds=clock.perf_counter() - start,
    )


def repeat_outcome(outcome: Outcome, *, people: int, seed: int = SEED) -> Spread:
    """Repeat an outcome's experiment over the default family of criteria, its own first, and random people.

    Parameters
    ----------
    people : int
        Random people; 0 gives the spread over criteria alone.
    seed : int
        The same seed draws the same people.
    """
    own = outcome.changed.problem.criterion
    exponents = (own.exponent, *(p for p in EXPONENTS if p != own.exponent))
    rng = np.random.default_rng(seed)
    return compute_spread(outcome.mechanics, outcome.condition, people=people, exponents=exponents, first=own, rng=rng)


_BAND = ("nominal", "median", "low", "high", "criteria_low", "criteria_high")


def _band(runs: np.ndarray, nominal: np.ndarray) -> list[dict[str, float]]:
    """Bands of columns: runs (N, K), nominal (C, K) -> K rows. Not a number where any run is not."""
    low, median, high = np.percentile(runs, PERCENTILES, axis=0)
    columns = (nominal[0], median, low, high, nominal.min(axis=0), nominal.max(axis=0))
    return [dict(zip(_BAND, map(float, row), strict=True)) for row in zip(*columns, strict=True)]
