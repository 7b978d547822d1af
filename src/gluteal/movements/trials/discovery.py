"""Which files make a trial: found in a folder, or named in a TOML file."""

from __future__ import annotations

import os
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from gluteal.errors import InputError
from gluteal.movements.trials.external_loads import find_named, read_external_loads
from gluteal.movements.trials.file import TrialFile
from gluteal.movements.trials.loads import Carrier
from gluteal.movements.trials.tables import (
    FOREIGN,
    HIGHEST_PELVIS,
    MODELS,
    TableKind,
    describe_strangers,
    describe_surroundings,
    read_coordinate_names,
    sort_tables,
)
from gluteal.schema import load_toml
from gluteal.sto import ENDINGS
from gluteal.sto.rows import read_text

#: What leaves a file out although the folder has one.
NONE = "none"


@dataclass(frozen=True)
class Reason:
    """How a part of a trial was come by: named by the user, the only one found, guessed, or a default; and why."""

    how: Literal["named", "found", "guessed", "default"]
    why: str


NAMED = Reason("named", "as named")
LEFT_OUT = Reason("named", "left out by the trial file")


@dataclass(frozen=True)
class TrialFiles:
    """The files of a trial, and how it wants them treated (its TOML file, or the defaults).

    `why` says for model, coordinates, external_loads, forces and emg how each was come by; `ignored` names the files of
    the folder that are no part of the trial, each with the reason.
    """

    source: Path
    model: Path | None
    coordinates: Path
    external_loads: Path | None = None
    forces: Path | None = None
    carriers: tuple[Carrier, ...] = ()
    emg: Path | None = None
    options: TrialFile = field(default_factory=TrialFile)
    warnings: tuple[str, ...] = ()
    why: Mapping[str, Reason] = field(default_factory=dict)
    ignored: Mapping[str, str] = field(default_factory=dict)


def find_trial(path: Path, known: Collection[str] | None = None) -> TrialFiles:
    """Find the files of a trial in a folder, beside a coordinates file, or by a TOML file.

    A file ``trial.toml`` in a folder is that folder's TOML file.

    Parameters
    ----------
    path : Path
        A folder, a table of coordinates, or a TOML file.
    known : collection of str or None
        Coordinates of the body that does the trial; None takes those of the model in the folder.

    Raises
    ------
    InputError
        Nothing usable was found, or more than one candidate.
    """
    if not path.exists():
        raise InputError(
            f"There is no trial {str(path)!r}; give a folder, a coordinates file (.mot, .sto) or a TOML file."
        )
    if path.suffix == ".toml":
        return read_trial_file(path, known)
    if path.is_dir():
        own = path / "trial.toml"
        return read_trial_file(own, known) if own.is_file() else discover(path, TrialFile(), known, source=path)
    if path.name.lower().endswith(ENDINGS):
        # Not validated: a file's name may be no text.
        return discover(path.parent, TrialFile.model_construct(coordinates=path.name), known)
    hint = next((f" It is {what}." for e, what in FOREIGN.items() if path.name.lower().endswith(e)), "")
    raise InputError(
        f"{path.name} is no trial; give a folder, a coordinates file ({', '.join(ENDINGS)}) or a TOML file.{hint}"
    )


def read_trial_file(path: Path, known: Collection[str] | None) -> TrialFiles:
    """Read a trial's TOML file; what it does not name is looked for in its folder."""
    return discover(path.parent, load_toml(path, TrialFile, "Trial"), known, source=path)


def discover(
    folder: Path, options: TrialFile, known: Collection[str] | None, *, source: Path | None = None
) -> TrialFiles:
    """Find what `options` does not name: one model, one coordinates file, its loads, its EMG."""
    search = _Search(folder, options)
    model = search.find_model(needed=known is None)
    if known is None and model is not None:
        known = read_coordinate_names(model)
    tables = sort_tables(folder, known or (), options.coordinate_lengths)
    coordinates = search.find_coordinates(tables, known or ())
    tables.pop(coordinates, None)
    external, forces = search.find_loads(tables, coordinates)
    emg = search.find_emg(tables)
    used = {source, model, coordinates, external, forces, emg}
    if external is not None and external.is_file():
        used.add(read_external_loads(external).table)
    return TrialFiles(
        source=source or coordinates,
        model=model,
        coordinates=coordinates,
        external_loads=external,
        forces=forces,
        carriers=options.forces.carriers if options.forces else (),
        emg=emg,
        options=options,
        warnings=tuple(search.warnings),
        why=search.why,
        ignored=search.name_ignored(tables, used),
    )


class _Search:
    """A search in one folder, and what is to be told of it."""

    def __init__(self, folder: Path, options: TrialFile) -> None:
        self.folder, self.options = folder, options
        self.warnings: list[str] = []
        self.why: dict[str, Reason] = {}

    def named(self, key: str, named: str) -> Path:
        """Return the file that the trial file names."""
        path, moved = find_named(self.folder, named)
        self.why[key] = NAMED
        if moved:
            where = Path(os.path.relpath(path, self.folder)).as_posix()
            self.warnings.append(
                f"The trial file names {key} = {named!r}, where nothing is; {where} has the same name and was taken."
            )
        return path

    def found(self, key: str, path: Path, why: str, *, guessed: bool = False) -> Path:
        """Note why a file was taken."""
        self.why[key] = Reason("guessed" if guessed else "found", why)
        return path

    def find_model(self, *, needed: bool) -> Path | None:
        """Return the one model of the folder; None, or InputError where it is needed, for none or several."""
        if self.options.model:
            return self.named("model", self.options.model)
        found = [p for p in sorted(self.folder.iterdir()) if p.name.lower().endswith(MODELS)]
        if len(found) == 1:
            return self.found("model", found[0], "the only model of the folder")
        if needed and found:
            raise InputError(
                f"{self.folder.name} holds {len(found)} models: {', '.join(p.name for p in found)}. Name one in a "
                "TOML file (model = ...)."
            )
        if needed:
            raise InputError(
                f"There is no OpenSim model (.osim) in {self.folder}; add the subject's model, name one in a TOML "
                f"file (model = ...), or say which body does the trial.{describe_strangers(self.folder, ())}"
                f"{describe_surroundings(self.folder)}"
            )
        return None

    def find_coordinates(self, tables: Mapping[Path, TableKind], known: Collection[str]) -> Path:
        """Return the one table of coordinates; states of a simulation only where there is no other."""
        if self.options.coordinates:
            return self.named("coordinates", self.options.coordinates)
        names = ", ".join(sorted(known)[:3])
        for kind in ("coordinates", "states"):
            found = [p for p, k in tables.items() if k == kind]
            if len(found) > 1:
                raise InputError(
                    f"{self.folder.name} holds {len(found)} movements: {', '.join(p.name for p in found)}. "
                    f"Give the path of one of them, or a TOML file that names it (coordinates = ...)."
                )
            if found:
                return self.found("coordinates", found[0], f"the only table of {kind} with the model's coordinates")
        if high := [p for p, k in tables.items() if k == "too high"]:
            raise InputError(
                f"{high[0].name} has the model's coordinates as columns, but its pelvis_ty is beyond "
                f"{HIGHEST_PELVIS:g}, which is no height in metres. If its lengths are millimetres, say "
                'coordinate_lengths = "mm" in a TOML file; if it holds net moments and forces, add the table of joint '
                "angles."
            )
        raise InputError(
            f"No table in {self.folder} has the model's coordinates as columns; of the {len(tables)} tables "
            f"({', '.join(ENDINGS)}) none shares half of its columns with {names}, ..."
            f"{describe_strangers(self.folder, known)}{describe_surroundings(self.folder)}"
        )

    def find_loads(self, tables: Mapping[Path, TableKind], coordinates: Path) -> tuple[Path | None, Path | None]:
        """Return the external-loads file, or the table of forces; nothing for neither."""
        options = self.options
        if options.external_loads and options.forces:
            self.warnings.append(
                f"The trial file names forces and external_loads = {options.external_loads!r}: the latter was taken; "
                "leave one of them out."
            )
        if options.external_loads == NONE:
            self.why["external_loads"] = LEFT_OUT
            return None, None
        if options.external_loads:
            return self.named("external_loads", options.external_loads), None
        if options.forces:
            return None, self.named("forces", options.forces.file)
        described = []
        for path in sorted(p for p in self.folder.iterdir() if p.suffix.lower() == ".xml" and p.is_file()):
            if "<ExternalLoads" in read_text(path):
                if read_external_loads(path).table is not None:
                    described.append(path)
                else:
                    self.warnings.append(f"{path.name} names no data file: its loads are unknown and were left out.")
        if described:
            chosen, why = closest(described, coordinates, "external-loads files", "external_loads")
            return self.found("external_loads", chosen, why, guessed=len(described) > 1), None
        if measured := [p for p, kind in tables.items() if kind == "forces"]:
            chosen, why = closest(measured, coordinates, "force files", "forces")
            return None, self.found("forces", chosen, why, guessed=len(measured) > 1)
        self.warnings.append("No external loads were found: joint moments are those of a body that touches nothing.")
        if unknown := [p.name for p, kind in tables.items() if kind == "unknown"]:
            self.warnings.append(
                f"If {' or '.join(unknown)} holds the ground forces, name its columns in a TOML file: forces = "
                f'{{file = "{unknown[0]}", calcn_r = {{force = ["Fx1", "Fy1", "Fz1"], point = [...]}}}}.'
            )
        return None, None

    def find_emg(self, tables: Mapping[Path, TableKind]) -> Path | None:
        """Return the one table whose name says EMG; several give a warning and none."""
        if self.options.emg == NONE:
            self.why["emg"] = LEFT_OUT
            return None
        if self.options.emg:
            return self.named("emg", self.options.emg)
        found = [p for p, kind in tables.items() if kind == "emg"]
        if len(found) > 1:
            self.warnings.append(
                f"{len(found)} EMG files ({', '.join(p.name for p in found)}) were found and none was read; name "
                "one in a TOML file (emg = ...)."
            )
            return None
        return self.found("emg", found[0], "the only table whose name says EMG") if found else None

    def name_ignored(self, tables: Mapping[Path, TableKind], used: Collection[Path | None]) -> dict[str, str]:
        """Return the files of the folder that nothing was taken from, each with the reason."""
        ignored = {}
        for path in sorted(self.folder.iterdir()):
            if path in used or path.name == "trial.toml" or path.name.lower().startswith((".", "license", "readme")):
                continue
            ending = next((e for e in FOREIGN if path.name.lower().endswith(e)), None)
            if path in tables:
                ignored[path.name] = KINDS[tables[path]]
            elif path.is_dir():
                ignored[path.name] = "a folder; only files of the trial's own folder are looked at"
            elif ending:
                ignored[path.name] = FOREIGN[ending]
            elif path.name.lower().endswith(MODELS):
                ignored[path.name] = "another model"
            elif path.suffix.lower() == ".xml":
                ignored[path.name] = "no external loads of this trial"
        return ignored


#: Why a table of each kind was not taken.
KINDS: Mapping[TableKind, str] = {
    "coordinates": "another movement",
    "states": "states of a simulation; the table of coordinates was preferred",
    "speeds": "speeds or accelerations of coordinates",
    "moments": "net moments or forces of coordinates, no movement",
    "reactions": "joint reactions, no measured forces",
    "too high": "coordinates' names, but its pelvis_ty is no height in metres",
    "forces": "other ground forces",
    "emg": "other EMG",
    "unknown": "its columns are neither the model's coordinates nor forces with their points",
    "unreadable": "no OpenSim table: it has no line of labels that starts with 'time'",
}


def closest(found: Sequence[Path], coordinates: Path, what: str, key: str) -> tuple[Path, str]:
    """Return the only file, or the one whose name begins most like the coordinates file's, and why."""
    if len(found) == 1:
        return found[0], f"the only one among {what} of the folder"
    alike = [count_alike(p.name.lower(), coordinates.name.lower()) for p in found]
    best = max(alike)
    if best < 3 or alike.count(best) > 1:
        raise InputError(
            f"{coordinates.parent.name} holds {len(found)} {what}: {', '.join(p.name for p in found)}. None "
            f"belongs to {coordinates.name} by its name; name one in a TOML file ({key} = ...)."
        )
    return found[alike.index(best)], f"of {len(found)} {what} its name begins most like {coordinates.name}"


def count_alike(first: str, second: str) -> int:
    """Return how many characters two names have in common at their beginning.

    >>> count_alike("squats1_ik.mot", "squats1_grf.mot")
    8
    """
    pairs = enumerate(zip(first, second, strict=False))
    return next((i for i, (a, b) in pairs if a != b), min(len(first), len(second)))
