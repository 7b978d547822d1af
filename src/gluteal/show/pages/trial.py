"""What a measured trial is made of, as a page."""

from __future__ import annotations

from gluteal.movements.trials.description import TrialDescription
from gluteal.show.pages.cells import plain_cell, type_cell
from gluteal.show.pages.report import Grid, Report, ReportHead
from gluteal.show.parts import say_part
from gluteal.show.terminal.trial import say_found

_LIMITS = (
    "This says what was found in the files, not whether the recording is a good one.",
    "What was guessed stands beside its reason. Write it down (--write trial.toml) and correct it there.",
)
_PERSON = (
    "A recording of a movement was looked through. Nothing is said here about the person who moved.",
    "Recordings can tell who somebody is; keep them as you would keep other health data.",
)


def report_trial(found: TrialDescription, *, command: str | None = None) -> Report:
    """Return the page of what was found of a measured trial, what was guessed and why, and what was left aside."""
    name = found.files.source.resolve().name
    guessed = sum(f.how == "guessed" for f in found.findings)
    usable = not found.problems
    problems = " ".join(map(plain_cell, found.problems))
    doubts = [*found.problems, *found.warnings]
    grids = (
        Grid(title="What is doubtful", columns=("what",), rows=[(plain_cell(text),) for text in doubts]),
        Grid(
            title="What was found",
            columns=("key in the trial’s file", "value", "how", "why"),
            rows=[(type_cell(f.key), type_cell(say_found(f.value)), f.how, plain_cell(f.why)) for f in found.findings],
        ),
        Grid(
            title="Measured forces",
            columns=("force", "acts on", "how"),
            rows=[(type_cell(f.name), say_part(f.segment) if f.segment else "not told", f.how) for f in found.loads],
        ),
        Grid(
            title="Left aside",
            columns=("file", "why"),
            rows=[(type_cell(file), plain_cell(why)) for file, why in found.files.ignored.items()],
        ),
    )
    return Report(
        answer=ReportHead(
            over="A measured trial",
            title=f"What is in the trial {name}?" if "_" not in name else "What is in this trial?",
            sentence="It can be used as it is." if usable else f"It cannot be used yet. {problems}",
            number=str(guessed),
            number_words="thing had to be guessed" if guessed == 1 else "things had to be guessed",
            certainty="What was named or is the only one of its kind is sure; what was guessed says why.",
            badge="Can be used" if usable else "Cannot be used yet",
            tone="unchanged" if usable else "cannot-be-judged",
            person=_PERSON,
        ),
        grids=[grid for grid in grids if grid.rows],
        limits=_LIMITS,
        settings={} if found.model_mass is None else {"mass of the model’s bodies": f"{found.model_mass:.1f} kg"},
        command=command,
        footer="A look through the files of a recording.",
    )
