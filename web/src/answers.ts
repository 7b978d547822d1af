/* What controls ask for beside the solution, each found out once, after the page has shown what it knows. */

import { simulate } from "./compare";
import { columnsOf, settle, Unmet } from "./condition";
import { hold, sayHold } from "./endurance";
import type { Kernel } from "./kernel";
import type { Scene, Term } from "./scene";
import type { Shown } from "./stage";
import { tolerance } from "./tolerance";

/** How long a hold lasts, s (infinite where nothing fails), and the sentence that says so. */
export interface Held {
  seconds: number;
  sentence: string;
}

/** The page shows its solution first, ms. */
const WAIT = 60;

export class Answers {
  private readonly known = new WeakMap<Scene, Map<string, unknown>>();

  constructor(
    private readonly kernel: Kernel,
    private readonly shown: () => Shown,
  ) {}

  /** The largest loss of a term's muscles that the movement tolerates; null where none can be told. */
  tolerated(term: Term): Promise<number | null> {
    return this.ask(`tolerance ${term.kind}/${term.target}/${term.side}`, (scene) => {
      try {
        const columns = settle(scene, [{ ...term, value: 0.01 }]).flatMap((t) => columnsOf(scene, t));
        return tolerance(scene, this.kernel, columns)?.loss ?? null;
      } catch (error) {
        if (error instanceof Unmet) return null;
        throw error;
      }
    });
  }

  /** How long the posture on the stage is held under all other changes; null where it is not possible even at first. */
  held(): Promise<Held | null> {
    const others = this.shown().state.terms.filter((t) => t.kind !== "fatigue");
    return this.ask(`hold ${JSON.stringify(others)}`, (scene) => {
      const { baseline } = this.shown().stage, { limit, verdict } = simulate(scene, this.kernel, others, baseline);
      if (verdict === "impossible" || verdict === "cannot-be-judged") return null;
      const found = hold(scene, this.kernel, settle(scene, others), baseline, limit);
      return { seconds: found.seconds, sentence: sayHold(scene, found) };
    });
  }

  /** Find out later, unless it is known; null where another movement has come on the stage meanwhile. */
  private ask<T>(key: string, find: (scene: Scene) => T): Promise<T | null> {
    const { scene } = this.shown().stage;
    return new Promise((resolve, reject) => {
      setTimeout(() => {
        if (this.shown().stage.scene !== scene) return resolve(null);
        const known = this.known.get(scene) ?? new Map<string, unknown>();
        this.known.set(scene, known);
        try {
          if (!known.has(key)) known.set(key, find(scene));
        } catch (error) {
          return reject(error);
        }
        resolve(known.get(key) as T);
      }, WAIT);
    });
  }
}
