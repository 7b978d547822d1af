"""The reference of the command line, from the commands themselves."""

from __future__ import annotations

import importlib
import re

from docs.site.places import MADE

from gluteal.cli import COMMANDS, app


def make_command_pages() -> None:
    """Make a page a command, and the one that lists them."""
    for name in COMMANDS:
        importlib.import_module(f"gluteal.cli.{name}")
    text = app.generate_docs(output_format="markdown", flatten_commands=True)
    # Everything before the first command is the list of all, which has a page of its own.
    sections = re.split(r"^# gluteal ", text, flags=re.MULTILINE)[1:]
    folder = MADE / "commands"
    folder.mkdir(exist_ok=True)
    names = []
    for section in sorted(sections):
        name, _, body = section.partition("\n")
        if name.startswith("-"):
            continue
        names.append(name)
        epilogue = app[name].help_epilogue
        # The program that makes this page was itself started as a module, and cyclopts would tell so.
        body = re.sub(rf"^gluteal {name} -m \S+", f"gluteal {name}", body, flags=re.MULTILINE)
        # A bold line of its own is a heading to a reader of the screen, and to this page.
        body = re.sub(r"^\*\*([A-Z][\w ]*)\*\*:$", r"## \1", body.strip(), flags=re.MULTILINE)
        body = re.sub(r"\[(required|default: |choices: )", r"\\[\1", body)
        example = (
            f"\n\n## Example\n\n```sh\n{_example(epilogue)}\n```\n" if isinstance(epilogue, str) and epilogue else ""
        )
        (folder / f"{name}.md").write_text(f"# `gluteal {name}`\n\n{body}{example}\n", encoding="utf-8")
    links = "\n".join(f"- [`gluteal {name}`](commands/{name}.md): {_first_line(name)}" for name in names)
    listed = "\n".join(f"commands/{name}" for name in names)
    (MADE / "commands.md").write_text(
        "# Commands\n\nEvery command prints words, or data with `--json`; `--out` writes a report. Exit codes: 0 done, "
        "1 our\nmistake, 2 bad input, 3 a scientific no (the movement is not possible this way, the claim is "
        f"contradicted), 4 it\ncannot be judged.\n\n{links}\n\n```{{toctree}}\n:hidden:\n\n{listed}\n```\n",
        encoding="utf-8",
    )


def _first_line(name: str) -> str:
    return (app[name].help or "").strip().partition("\n")[0].replace("<", "\\<")


def _example(epilogue: str) -> str:
    return epilogue.removeprefix("Example: ").strip()
