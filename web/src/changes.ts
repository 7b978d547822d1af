/* The list of what is changed: its controls, one more, one less. */

import type { Answers } from "./answers";
import { $ } from "./dom";
import type { Scene, Term } from "./scene";
import type { Shown } from "./stage";
import { termControl } from "./terms";

/** Most changes at once. */
const MOST = 4;

export class Changes {
  /** `changed` is called after every change of the state's terms. */
  constructor(
    private readonly shown: () => Shown,
    private readonly answers: Answers,
    private readonly changed: () => void,
  ) {
    $("add").addEventListener("click", () => {
      this.set([...this.terms, firstChange(this.shown().stage.scene)]);
      document.getElementById(`term${this.terms.length - 1}value`)?.focus();
    });
    $("reset").addEventListener("click", () => this.set([]));
  }

  private get terms(): Term[] {
    return this.shown().state.terms;
  }

  private set(terms: Term[]): void {
    this.shown().state.terms = terms;
    this.show();
    this.changed();
  }

  /** Make all controls anew. */
  show(): void {
    const { scene } = this.shown().stage;
    $("terms").replaceChildren(
      ...this.terms.map((term, at) =>
        termControl(scene, term, at, {
          moved: () => this.changed(),
          chosen: () => this.chosen(term, at),
          remove: () => this.set(this.terms.filter((t) => t !== term)),
          tolerated: () => this.answers.tolerated(term),
          held: () => this.answers.held(),
        })),
    );
    $("add").hidden = this.terms.length >= MOST;
    $("reset").hidden = !this.terms.length;
  }

  /** Another kind, target or side has other controls; who was in them stays in them. */
  private chosen(term: Term, at: number): void {
    const id = document.activeElement?.id;
    this.show();
    if (id) document.getElementById(id)?.focus();
    else document.querySelector<HTMLElement>(`input[name=term${at}side][value=${term.side}]`)?.focus();
    this.changed();
  }

  /** Other changes change how long a posture is held: say it anew beside the slider. */
  sayHeld(): void {
    this.terms.forEach((term, at) => {
      const words = document.getElementById(`term${at}hold`);
      if (words && term.kind === "fatigue") void this.answers.held().then((found) => (words.textContent = found?.sentence ?? ""));
    });
  }
}

/** What a further change begins with: half of the nerve that most questions are about, where the body has it. */
function firstChange(scene: Scene): Term {
  const target = scene.header.targets.find((t) => t.name === "superior gluteal nerve") ?? scene.header.targets[0]!;
  return {
    kind: target.kind === "nerve" ? "block" : "weaken",
    target: target.name,
    side: target.rows.r.length ? "r" : "both",
    value: 0.5,
  };
}
