"""The claims nearest to a question as text in a terminal."""

from __future__ import annotations

from rich.console import Console
from rich.padding import Padding
from rich.text import Text

from gluteal.ledger.ask.answer import EXAMPLES, Answers, claim_command, task_command
from gluteal.ledger.ask.known import Known
from gluteal.show.terminal.tones import TONES


def show_answers(console: Console, answers: Answers) -> None:
    """Print each claim with its plain answer and how sure that is; then what to read, try or use."""
    if not answers.found:
        _show_nothing(console, answers)
        return
    if claims := answers.of("claim"):
        console.print("Each answer is to the claim in bold, as it is written there.\n", style="dim", highlight=False)
        for hit in claims:
            _show_claim(console, hit.known)
    for hit in answers.of("page"):
        console.print(Text("Read: ") + Text(f"{hit.known.title} ({hit.known.name})"))
    for hit in answers.of("task"):
        console.print(Text("Try:  ") + Text(f"{task_command(hit.known)}  # {hit.known.title}"))
    for hit in answers.of("command"):
        console.print(Text("Use:  ") + Text(f"gluteal {hit.known.name}  # {hit.known.title}"))


def _show_claim(console: Console, claim: Known) -> None:
    answer = claim.answer
    console.print(Text(claim.title, style="bold"))
    console.print(Padding(Text(answer["plain"], style=TONES[answer["verdict"]]), (0, 0, 0, 2)))
    for words in filter(None, (answer["number"], answer["certainty_words"])):
        console.print(Padding(Text(words), (0, 0, 0, 2)))
    console.print(Padding(Text(claim_command(claim), style="dim"), (0, 0, 1, 2)))


def _show_nothing(console: Console, answers: Answers) -> None:
    unknown = ", ".join(answers.asked.unknown)
    console.print(Text("Nothing found: the ledger has claims about gluteal muscles, hips and back, none near to this."))
    if unknown:
        console.print(Text(f"Not understood: {unknown}."))
    console.print("You could ask:")
    for example in EXAMPLES:
        console.print(Padding(Text(f'gluteal ask "{example}"'), (0, 0, 0, 2)))
    console.print("gluteal list claims shows all of them.", style="dim", highlight=False)
