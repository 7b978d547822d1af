/* Guided tours: sentences with the state that shows them, as data that came with the page. */

import { $, make } from "./dom";
import type { Term } from "./scene";

export interface Step {
  say: string;
  task: string;
  terms: Term[];
  frame?: number;
  look?: "activity" | "change";
  view?: string;
  expect: { verdict: string; more?: string[]; quiet?: { muscle: string; below: number }[] };
}

export interface Tour {
  id: string;
  claim: string;
  title: string;
  people?: string;
  source?: string;
  steps: Step[];
}

/** Leads through a tour, step by step. */
export class Guide {
  private readonly tours = JSON.parse($("tours").textContent!) as Tour[];
  private tour: Tour | undefined;
  private step = 0;

  /** `go` brings a step's movement on the stage. */
  constructor(private readonly go: (step: Step) => Promise<void>) {
    const choice = $<HTMLSelectElement>("tour");
    for (const { id, title } of this.tours) choice.append(make("option", { value: id }, title));
    choice.addEventListener("change", () => this.start(choice.value));
    $("back").addEventListener("click", () => void this.show(this.step - 1));
    $("forth").addEventListener("click", () => void this.show(this.step + 1));
    $("leave").addEventListener("click", () => {
      choice.value = "";
      this.start("");
    });
  }

  private start(id: string): void {
    this.tour = this.tours.find((t) => t.id === id);
    void this.show(0);
  }

  private async show(step: number): Promise<void> {
    $("tourbox").hidden = !this.tour;
    if (!this.tour) return;
    const { steps } = this.tour, now = steps[step]!;
    this.step = step;
    await this.go(now);
    if (this.step !== step || this.tour?.steps !== steps) return; // who is quick is further on already
    $("say").textContent = now.say;
    $("where").textContent = `${step + 1} of ${steps.length}`;
    $<HTMLButtonElement>("back").disabled = step === 0;
    $<HTMLButtonElement>("forth").disabled = step === steps.length - 1;
  }
}
