"""The command line: parse, call, print. Everything here can be done in Python with the same names.

Exit codes: 0 done, 1 our error, 2 bad usage or bad input, 3 a scientific "no".
"""

from __future__ import annotations

import json
import os
import shlex
import sys
import traceback
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

from cyclopts import App, CycloptsError, Group, Parameter, Token

from gluteal.errors import GlutealError, InputError, UnknownName

if TYPE_CHECKING:
    from rich.console import Console

    from gluteal.mechanics.body import Body
    from gluteal.mechanics.movement import Movement
    from gluteal.nerves.condition import Condition

DONE, OUR_ERROR, BAD_INPUT, SCIENTIFIC_NO = 0, 1, 2, 3
#: What the shell reports for a program stopped by Ctrl-C, or by a reader that went away.
INTERRUPTED, PIPE_CLOSED = 130, 141
ENDINGS = (".html", ".csv", ".nc")
Listing = Literal["tasks", "muscles", "groups", "nerves", "movements", "claims"]
Sides = Literal["r", "l", "both"]

_CONDITION = Group("Condition (each may be repeated)", sort_key=1)
_OUTPUT = Group("Output", sort_key=2)

#: Columns of a listing that a terminal has no room for.
_ONLY_IN_FILES = (
    "source",
    "optimal_fiber_length",
    "tendon_slack_length",
    "pennation_angle",
    "max_contraction_velocity",
    "passive_onset_strain",
    "passive_strain",
)


def _whole(_: Any, tokens: Sequence[Token]) -> int:
    """Read a whole number; one with decimals is refused, not rounded."""
    try:
        return int(tokens[0].value)
    except ValueError:
        raise ValueError(f"{tokens[0].value!r} is not a whole number.") from None


Weaken = Annotated[
    list[str] | None,
    Parameter(group=_CONDITION, help="M=LOSS: share (0..1) of the motor units of a muscle or group gone."),
]
Inhibit = Annotated[list[str] | None, Parameter(group=_CONDITION, help="M=CEILING: activation stays at or below it.")]
Squeeze = Annotated[list[str] | None, Parameter(group=_CONDITION, help="M=FLOOR: activation stays at or above it.")]
Delay = Annotated[
    list[str] | None, Parameter(group=_CONDITION, help="M=SECONDS: activation trails its undisturbed course.")
]
Nerve = Annotated[
    list[str] | None, Parameter(group=_CONDITION, help="N=LOSS: share (0..1) of a nerve's muscles blocked.")
]
StrengthLoss = Annotated[
    list[str] | None,
    Parameter(group=_CONDITION, help="MOVEMENT=LOSS: the block that costs this share of its strength."),
]
Side = Annotated[Sides, Parameter(group=_CONDITION, help="Side of every condition whose name has none.")]
Json = Annotated[bool, Parameter(name="--json", group=_OUTPUT, help="JSON on standard output.")]
Out = Annotated[list[Path] | None, Parameter(group=_OUTPUT, help="Write an .html, .csv or .nc file. Repeatable.")]
BodyName = Annotated[str | None, Parameter(name="--body", help='"myo" (default) or an OpenSim model (.osim).')]

app = App(
    name="gluteal",
    help="Weaken, block, inhibit or delay a muscle; see who takes over and whether the movement still works.",
    version=version("gluteal"),
    default_parameter=Parameter(negative=(), consume_multiple=False),
    help_epilogue='Example: gluteal simulate single-leg-stance --nerve "superior gluteal"=0.52 --side r',
    suppress_keyboard_interrupt=False,
)


@app.command
def simulate(
    movement: Annotated[str, Parameter(help="Name of a task, or path of a trial (folder or .toml).")],
    /,
    *,
    body: BodyName = None,
    set_: Annotated[
        list[str] | None, Parameter(name="--set", help="NAME=VALUE: parameter of the task. May be repeated.")
    ] = None,
    exponent: Annotated[float, Parameter(help="Exponent of the effort, 2 or more.")] = 2.0,
    spread: Annotated[
        int | None,
        Parameter(converter=_whole, help="Bands over so many random people (0: none) and a family of criteria."),
    ] = None,
    weaken: Weaken = None,
    inhibit: Inhibit = None,
    squeeze: Squeeze = None,
    delay: Delay = None,
    nerve: Nerve = None,
    strength_loss: StrengthLoss = None,
    side: Side = "both",
    json_: Json = False,
    out: Out = None,
) -> int:
    """Do a movement undisturbed and under a condition, and compare. Exits with 3 where it is impossible."""
    _check_targets(out)
    if spread is not None and spread < 0:
        raise InputError(f"--spread {spread} is below 0; give a number of people, or 0 for criteria alone.")
    condition = _condition(side, weaken, inhibit, squeeze, delay, nerve, strength_loss)
    with _progress("Loading the body and the movement"):
        who, what = _load_movement(movement, body, set_)
    with _progress("Computing mechanics and recruitment"):
        from gluteal.simulate.experiment import simulate as run

        outcome = run(who, what, condition=condition, exponent=exponent)
    bands = None
    if spread is not None:
        with _progress(f"Repeating it with {spread} random people under all criteria"):
            from gluteal.simulate.uncertainty import repeat_outcome

            bands = repeat_outcome(outcome, people=spread)
    for path in out or []:
        with _progress(f"Writing {path.name}"):
            match path.suffix.lower():
                case ".html":
                    outcome.to_html(path, command=_command_line(), spread=bands)
                case ".csv":
                    outcome.to_csv(path)
                case _:
                    outcome.to_netcdf(path)
    if json_:
        from gluteal.simulate.uncertainty import SEED

        added = {} if bands is None else {"spread": {**bands.to_json(), "seed": SEED}}
        _print_json(outcome.to_json() | added)
    else:
        from gluteal.show.terminal.outcome import show_outcome

        show_outcome(_stdout(), outcome)
        if bands is not None:
            _stdout().print(bands.sentence, highlight=False)
    _say_written(out)
    return SCIENTIFIC_NO if outcome.verdict == "impossible" else DONE


@app.command(help_epilogue='Example: gluteal strength "hip abduction" --nerve "superior gluteal"=0.52 --side r')
def strength(
    movement: Annotated[str, Parameter(help='Such as "hip abduction"; see gluteal list movements.')],
    /,
    *,
    body: BodyName = None,
    posture: Annotated[
        list[str] | None, Parameter(help="COORDINATE=DEGREES: replaces the movement's own posture.")
    ] = None,
    weaken: Weaken = None,
    inhibit: Inhibit = None,
    squeeze: Squeeze = None,
    nerve: Nerve = None,
    strength_loss: StrengthLoss = None,
    side: Annotated[Literal["r", "l"], Parameter(help="Side measured, and of every condition.")] = "r",
    json_: Json = False,
    out: Out = None,
) -> int:
    """Measure a movement's isometric strength on the virtual dynamometer."""
    _check_targets(out)
    condition = _condition(side, weaken, inhibit, squeeze, None, nerve, strength_loss)
    held = dict(_pair("posture", text, "hip_flexion=30") for text in posture or []) or None
    with _progress("Measuring"):
        from gluteal.held_against.strength import compare_strength, summarize_published
        from gluteal.simulate.dynamometer import compute_strength

        who = _load_body(body)
        reading = compute_strength(who, movement, side=side, condition=condition, posture=held)
        published = compare_strength(reading, who)
    result = {**reading.to_json(), "published": published}
    _save(out, reading.to_json()["muscles"], f"Strength: {movement}", f"{reading.moment:.3g} N·m")
    if json_:
        _print_json(result)
    else:
        from gluteal.show.terminal.outcome import show_strength

        show_strength(_stdout(), reading, summarize_published(published))
    _say_written(out)
    return DONE


@app.command(name="list", help_epilogue="Example: gluteal list tasks")
def list_(
    what: Annotated[Listing, Parameter(help="What to list.")],
    /,
    *,
    body: BodyName = None,
    json_: Json = False,
    out: Out = None,
) -> int:
    """List what names can be used: tasks, muscles, groups, nerves, movements of the dynamometer, or claims."""
    _check_targets(out)
    from gluteal.cli.listing import list_names

    with _progress("Reading"):
        rows = list_names(what, None if what in ("tasks", "movements", "claims") else _load_body(body))
    _save(out, rows, f"All {what}", "")
    if json_:
        _print_json(rows)
    else:
        from gluteal.show.terminal.outcome import show_claim_names, show_rows

        if what == "claims":
            show_claim_names(_stdout(), rows)
        else:
            show_rows(_stdout(), rows, hide=_ONLY_IN_FILES)
    _say_written(out)
    return DONE


@app.command(help_epilogue="Example: gluteal doctor")
def doctor(
    *,
    body: BodyName = None,
    reference: Annotated[
        Path | None, Parameter(help="OpenSim model (.osim) to compare the body with, muscle by muscle.")
    ] = None,
    json_: Json = False,
    out: Out = None,
) -> int:
    """Say what is installed and whether it works; with --reference, how the body differs from another."""
    _check_targets(out)
    if reference is not None:
        return _audit(body, reference, json_, out)
    with _progress("Checking the solver"):
        from gluteal.cli.selfcheck import self_check

        found = self_check(_load_body(body))
    checks = found["self_check"]["checks"]
    _save(out, checks, "Self-check", "")
    if json_:
        _print_json(found)
    else:
        from gluteal.show.terminal.outcome import show_doctor

        show_doctor(_stdout(), found)
    _say_written(out)
    return DONE if found["self_check"]["passed"] else OUR_ERROR


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit code; `arguments` default to those of the process."""
    tokens = list(sys.argv[1:] if arguments is None else arguments)
    _TOKENS[:] = tokens
    _register_commands()
    try:
        result = app(tokens, exit_on_error=False, print_error=False, result_action="return_value")
        sys.stdout.flush()
        return result if isinstance(result, int) else DONE
    except CycloptsError as error:
        return _fail(f"{error} See gluteal --help.", BAD_INPUT)
    except GlutealError as error:
        return _fail(str(error), BAD_INPUT)
    except KeyboardInterrupt:
        return _fail("stopped.", INTERRUPTED)
    except BrokenPipeError:
        # The reader went away; give the interpreter's last flush somewhere to go.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return PIPE_CLOSED
    except Exception as error:
        if os.environ.get("GLUTEAL_DEBUG"):
            traceback.print_exc()
        return _fail(
            f"this is our mistake, not yours ({type(error).__name__}: {error}). Please report it with the "
            "command line to the project's issue tracker; GLUTEAL_DEBUG=1 shows where it happened.",
            OUR_ERROR,
        )


@cache
def _register_commands() -> None:
    """Add the commands that live in modules of their own, which use the parameters defined here."""
    from gluteal.cli import claims, emg, exercises, plan, sources, study, tolerance

    claims.register(app)
    emg.register(app)
    exercises.register(app)
    plan.register(app)
    sources.register(app)
    study.register(app)
    tolerance.register(app)


#: The arguments of this run, for "how to repeat this" in reports.
_TOKENS: list[str] = []


def _fail(sentence: str, code: int) -> int:
    print(f"gluteal: {sentence}", file=sys.stderr)
    return code


def _command_line() -> str:
    return shlex.join(["gluteal", *_TOKENS])


def _condition(
    side: Sides,
    weaken: list[str] | None,
    inhibit: list[str] | None,
    squeeze: list[str] | None,
    delay: list[str] | None,
    nerve: list[str] | None,
    strength_loss: list[str] | None,
) -> Condition:
    from gluteal.nerves.condition import Condition, Effect, Kind

    given: list[tuple[str, Kind, list[str] | None, str]] = [
        ("weaken", "weaken", weaken, "glmax=0.5"),
        ("inhibit", "inhibit", inhibit, "vasti=0.3"),
        ("squeeze", "squeeze", squeeze, "glmax=0.2"),
        ("delay", "delay", delay, "glmax=0.05"),
        ("nerve", "block", nerve, "'superior gluteal'=0.52"),
        ("strength-loss", "strength-loss", strength_loss, "'hip abduction'=0.46"),
    ]
    effects = []
    for option, kind, texts, example in given:
        for text in texts or []:
            target, value = _pair(option, text, example)
            effects.append(Effect(kind, target, value, side))
    return Condition(tuple(effects))


def _pair(option: str, text: str, example: str) -> tuple[str, float]:
    """Read NAME=NUMBER; raises InputError with an example."""
    name, equals, value = text.rpartition("=")
    if not (equals and name.strip() and value.strip()):
        raise InputError(f"--{option} {text!r} is not NAME=VALUE; write, for example, --{option} {example}.")
    try:
        return name.strip(), float(value)
    except ValueError:
        hint = " (a share: 0.52 for 52 %)" if value.strip().endswith("%") else ""
        raise InputError(
            f"--{option} {text!r}: {value!r} is not a number{hint}; write, for example, --{option} {example}."
        ) from None


def _setting(text: str) -> tuple[str, float | str]:
    name, equals, value = text.partition("=")
    if not (equals and name.strip() and value.strip()):
        raise InputError(f"--set {text!r} is not NAME=VALUE; write, for example, --set side=l.")
    try:
        return name.strip(), float(value)
    except ValueError:
        return name.strip(), value.strip()


def _load_body(name: str | None) -> Body:
    from gluteal.engines import load_body

    return load_body(name or "myo")


def _load_movement(name: str, body: str | None, settings: list[str] | None) -> tuple[Body, Movement]:
    from gluteal.movements.tasks import list_tasks
    from gluteal.simulate.experiment import load_movement

    known = [task.name for task in list_tasks()]
    if name.strip().lower().replace("_", "-").replace(" ", "-") not in known and not Path(name).exists():
        raise UnknownName(
            "task", name, known, "gluteal list tasks, or give the path of a trial (its folder or .toml file)"
        )
    parameters: dict[str, Any] = dict(_setting(text) for text in settings or [])
    return load_movement(name, _load_body(body) if body else None, **parameters)


def _audit(body: str | None, reference: Path, json_: bool, out: list[Path] | None) -> int:
    from gluteal.engines import load_body
    from gluteal.held_against.body import audit_body, render_audit

    with _progress("Comparing the bodies"):
        audit = audit_body(_load_body(body), load_body(reference))
    _save(out, [row.as_dict() for row in audit.rows], f"{audit.body} against {audit.reference}", "")
    if json_:
        _print_json(audit.as_dict())
    else:
        render_audit(audit, _stdout())
    _say_written(out)
    return DONE


def _check_targets(out: list[Path] | None) -> None:
    """Find out before the work is done whether its result can be written."""
    from gluteal.files import check_target

    for path in out or []:
        check_target(path, ENDINGS)


def _save(out: list[Path] | None, rows: Any, title: str, sentence: str) -> None:
    for path in out or []:
        from gluteal.show.pages.outcome import write_table

        write_table(path, rows, title=title, over="gluteal", sentence=sentence, command=_command_line())


def _say_written(out: list[Path] | None) -> None:
    for path in out or []:
        print(f"Wrote {path}", file=sys.stderr)


def _print_json(data: Any) -> None:
    print(json.dumps(data, indent=2, ensure_ascii=False, allow_nan=False))


def _stdout() -> Console:
    from gluteal.show.terminal.outcome import Terminal

    return Terminal()


@contextmanager
def _progress(words: str) -> Iterator[None]:
    """Show that something is going on, on a terminal only."""
    if not sys.stderr.isatty():
        yield
        return
    from rich.console import Console

    with Console(stderr=True).status(f"{words} …"):
        yield
