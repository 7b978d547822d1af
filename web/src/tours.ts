/* Guided tours: sentences with the state that shows them, as data that came with the page. */

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

export function readTours(text: string): Tour[] {
  const found = JSON.parse(text) as Tour[];
  return Array.isArray(found) ? found : [];
}
