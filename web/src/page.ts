/* The page: state, controls, solving on every move, and what is shown of it. */

import { Color } from "three";
import { BodyPicture, type ViewName } from "./body";
import { readBones } from "./bones";
import { type Change, compensators, jointForces, jointLoads, type Outcome, relieved, simulate, supportForces } from "./compare";
import { assemble, columnsOf, general, settle, Unmet } from "./condition";
import { BadScene, fromBase64, readContainer, unzip } from "./container";
import { drawCurve, percent } from "./curves";
import { $, debounce, draw, make, save } from "./dom";
import { type Entry, writeExplained } from "./glossary";
import { Kernel } from "./kernel";
import { hold, sayHold } from "./endurance";
import { type Label, showLabels } from "./labels";
import { type Opened, readOpened } from "./open";
import { readScene, type Scene, type Term } from "./scene";
import { sayOutcome } from "./sentences";
import { share, type Solution } from "./sharing";
import { fromAddress, type State, toAddress } from "./state";
import { fitTerm, termControl } from "./terms";
import { tolerance } from "./tolerance";
import { readTours, type Tour } from "./tours";

const SHAPES: Record<string, string> = { unchanged: "●", compensated: "◐", impossible: "✕", "cannot-be-judged": "?" };

interface Facts {
  task: string;
  sentence: string; // of what the page opens with; Python knows who must and who may
  ensemble: string | null;
  bands: { note: string; rows: { words: string; before: string; now: string; says: string }[] } | null;
  adapted: { adapted: string; held: string; say: string[] } | null; // two postures of one movement
  people: { task: string; target: string; say: string; source: string }[];
  glossary: Entry[];
  notice: string;
}

/** Everything that belongs to the movement on the stage. */
interface Stage {
  scene: Scene;
  baseline: Solution;
  outcome: Outcome;
  left: { scene: Scene; baseline: Solution } | null; // another posture of the same movement, to stand beside
}

export class Page {
  private readonly scenes = new Map<string, () => Promise<Scene>>();
  private readonly titles = new Map<string, string>();
  private readonly beside = new Map<string, string>(); // scene -> the one that stands at its left
  /** A page within a report has no address of its own. */
  private readonly framed = location.protocol === "about:";
  private readonly facts: Facts = JSON.parse($("facts").textContent!) as Facts;
  private readonly tours: Tour[] = readTours($("tours").textContent!);
  private readonly still = matchMedia("(prefers-reduced-motion: reduce)").matches;
  private state: State = { task: "", terms: [], frame: 0, look: "change", view: "", muscles: [], beside: false };
  private stage: Stage | null = null;
  private picture: BodyPicture | null = null;
  private unmet = false; // whether what is asked now cannot be solved, and says so
  private leftSolved: { key: string; outcome: Outcome } | null = null;
  private playing = 0;
  private pending = 0;
  private tour: { tour: Tour; step: number } | null = null;
  private readonly tolerances = new Map<string, number | null>();
  private readonly holds = new Map<string, { seconds: number; sentence: string } | null>();
  private readonly announce = debounce(() => this.sayVerdict(), 300);
  private readonly writeAddress = debounce(() => {
    if (!this.framed) history.replaceState(null, "", `#${toAddress(this.state)}`);
  }, 250);

  private constructor(private readonly kernel: Kernel) {}

  static async open(): Promise<Page> {
    const page = new Page(await Kernel.load(await unzip(fromBase64($("kernel").textContent!))));
    await page.start();
    return page;
  }

  private async start(): Promise<void> {
    for (const element of document.querySelectorAll<HTMLScriptElement>("script.scene")) {
      const name = element.dataset["name"]!;
      this.scenes.set(name, async () => readScene(await unzip(fromBase64(element.textContent!))));
      $("task").append(make("option", { value: name }, element.dataset["title"]!));
      this.titles.set(name, element.dataset["title"]!);
      if (element.dataset["beside"]) this.beside.set(name, element.dataset["beside"]);
    }
    $("savelink").hidden = this.framed;
    for (const tour of this.tours) $("tour").append(make("option", { value: tour.id }, tour.title));
    for (const { word, means } of this.facts.glossary) $("glossary").append(make("dt", {}, word), make("dd", {}, means));
    try {
      const bones = readBones(readContainer(await unzip(fromBase64($("bones").textContent!))));
      this.picture = new BodyPicture($("canvas"), bones, this.still);
      this.picture.onDraw = () => this.placeLabels();
      document.getElementById("static")?.remove();
    } catch {
      // Without WebGL the static picture stays; verdict, tables and curves work all the same.
      $("canvas").hidden = true;
    }
    this.listen();
    const asked = fromAddress(location.hash);
    const name = asked.task && this.scenes.has(asked.task) ? asked.task : [...this.scenes.keys()][0]!;
    await this.load(name, asked);
  }

  // --- a movement ---------------------------------------------------------------------------------

  async load(name: string, asked: Partial<State> = {}): Promise<void> {
    const scene = await this.scenes.get(name)!();
    const baseline = share(scene, this.kernel, assemble(scene, []));
    const opening = asked.terms ?? (this.stage ? this.state.terms : scene.header.opening);
    const terms = opening.map((t) => fitTerm(scene, t)).filter((t): t is Term => t !== null);
    for (const element of document.querySelectorAll<HTMLElement>("[data-explain]"))
      writeExplained(element, element.textContent!, this.facts.glossary);
    this.stop();
    this.tolerances.clear();
    this.holds.clear();
    this.state = {
      task: name,
      terms,
      frame: Math.min(asked.frame ?? 0, scene.frames - 1),
      look: asked.look ?? this.state.look,
      view: asked.view ?? "",
      muscles: asked.muscles ?? [],
      beside: asked.beside ?? this.state.beside,
    };
    this.stage = { scene, baseline, outcome: simulate(scene, this.kernel, [], baseline), left: await this.loadLeft(name, scene) };
    $<HTMLSelectElement>("task").value = name;
    $("over").textContent = `Virtual experiment on the body “${scene.header.body.name}”`;
    $("title").textContent = scene.header.task.title;
    $("made").textContent = `${this.facts.notice} Made by gluteal ${scene.header.version}.`;
    $("rule").textContent = `Rule of the verdict: ${scene.header.rule.words}`;
    for (const input of document.querySelectorAll<HTMLInputElement>("input[name=look]")) input.checked = input.value === this.state.look;
    this.picture?.show(scene, this.stage.left?.scene ?? scene);
    if (asked.frame === undefined || !asked.frame) this.state.frame = this.tellingFrame();
    this.showTerms();
    this.showPosture();
    this.solve();
    this.turnTo(this.state.view || this.bestView());
  }

  /** The choice between the posture as demanded and as a person would hold it, where there are both. */
  private showPosture(): void {
    const { adapted } = this.facts, { task } = this.state;
    $("posture").hidden = !adapted || (task !== adapted.adapted && task !== adapted.held);
    if (!adapted) return;
    $<HTMLInputElement>(task === adapted.adapted ? "postureadapted" : "postureheld").checked = true;
    $("instead").textContent = adapted.say.join(" ");
  }

  /** The posture that stands at the left of this one; null where the undisturbed movement does. */
  private async loadLeft(name: string, scene: Scene): Promise<Stage["left"]> {
    const other = this.scenes.get(this.beside.get(name) ?? "");
    if (!other) return null;
    const left = await other();
    // Bones are shared: a scene of another body cannot stand there.
    if (left.header.bones.join() !== scene.header.bones.join() || left.muscles !== scene.muscles) return null;
    return { scene: left, baseline: share(left, this.kernel, assemble(left, [])) };
  }

  private bestView(): ViewName {
    const side = this.state.terms[0]?.side === "l" ? "left" : "right";
    const view = this.stage!.scene.header.task.view;
    return view === "side" ? side : view;
  }

  private turnTo(name: string): void {
    const known: ViewName[] = ["front", "back", "right", "left", "top"];
    const view = known.find((v) => v === name) ?? this.bestView();
    this.picture?.view(view);
    for (const button of document.querySelectorAll<HTMLButtonElement>(".views button[data-view]"))
      button.setAttribute("aria-pressed", String(button.dataset["view"] === view));
  }

  /** Solve what is asked, from the last solution on, and show it. */
  private solve(): void {
    const stage = this.stage!, start = performance.now();
    try {
      stage.outcome = simulate(stage.scene, this.kernel, this.state.terms, stage.baseline, stage.outcome.changed);
      $("sentence").classList.remove("problem");
    } catch (error) {
      if (!(error instanceof Unmet)) throw error;
      this.unmet = true;
      $("spoken").setAttribute("aria-busy", "false");
      $("sentence").textContent = error.message;
      $("sentence").classList.add("problem");
      $("word").textContent = "This cannot be asked.";
      return;
    }
    this.unmet = false;
    this.showNumbers(true);
    performance.measure("solved and written", { start, end: performance.now() });
    cancelAnimationFrame(this.pending);
    this.pending = requestAnimationFrame(() => this.show());
    // Who listens hears the verdict when the slider rests, not every one on the way.
    $("spoken").setAttribute("aria-busy", "true");
    this.announce();
    this.writeAddress();
  }

  /** The frame that tells most: where most is missing, or where the two solutions differ most. */
  private tellingFrame(): number {
    const { scene, baseline } = this.stage!;
    let best = 0, most = -1;
    for (let t = 0; t < scene.frames; t++) if (baseline.effort[t]! > most) [best, most] = [t, baseline.effort[t]!];
    return best;
  }

  // --- words and tables ---------------------------------------------------------------------------

  private sayVerdict(): void {
    if (this.unmet) return; // what cannot be asked was said at once
    const { scene, outcome } = this.stage!;
    const word = scene.header.verdicts[outcome.verdict] ?? outcome.verdict;
    $("word").textContent = this.state.terms.length || outcome.verdict === "cannot-be-judged" ? word[0]!.toUpperCase() + word.slice(1) : "Undisturbed";
    writeExplained($("sentence"), this.isOpening() ? this.facts.sentence : sayOutcome(scene, outcome), this.facts.glossary);
    if (outcome.notDetermined().size) this.showNumbers();
    $("spoken").setAttribute("aria-busy", "false");
    this.sayHeld();
  }

  /** Fill tables; `quick` while a slider moves, when which muscles are not determined is not yet found out. */
  private showNumbers(quick = false): void {
    const { scene, outcome } = this.stage!;
    $("verdict").className = `verdict ${this.state.terms.length || outcome.verdict === "cannot-be-judged" ? outcome.verdict : ""}`;
    $("shape").textContent = SHAPES[outcome.verdict] ?? "";
    const rows = this.state.terms.length ? this.changedRows(quick) : this.busiestRows();
    $("morehead").textContent = this.state.terms.length ? "Who does more, and who less" : "Who works";
    $<HTMLTableElement>("table").tBodies[0]!.replaceChildren(...rows.map((c) => this.tableRow(c)));
    const loads = jointLoads(scene, outcome).map((j) => [j.words, Math.max(...j.before), Math.max(...j.now)] as const);
    const { force } = supportForces(scene, outcome.changed), was = supportForces(scene, outcome.baseline).force;
    const parts = scene.header.supports.length;
    const most = (values: Float64Array, p: number) => {
      let best = 0;
      for (let t = 0; t < scene.frames; t++) best = Math.max(best, Math.hypot(...values.subarray(3 * (t * parts + p), 3 * (t * parts + p) + 3)));
      return best / scene.header.body.weight;
    };
    const ground = scene.header.supports.map((s, p) => [`ground under ${s.words}`, most(was, p), most(force, p)] as const);
    $<HTMLTableElement>("loads").tBodies[0]!.replaceChildren(
      ...[...loads, ...ground].map(([words, before, now]) =>
        make("tr", {}, make("th", { scope: "row" }, words), make("td", {}, `× ${before.toFixed(2)}`), make("td", {}, `× ${now.toFixed(2)}`))),
    );
    const solved = outcome.changed.solved && outcome.baseline.solved;
    $("certificate").textContent = solved
      ? `Each frame is solved exactly: off the optimum by at most ${general(Math.max(outcome.changed.certificate, outcome.baseline.certificate), 2)} (${scene.header.rule.tolerance} is allowed). Effort is ${general(outcome.effortRatio)} times that of the undisturbed movement.`
      : "Some frames were not solved; nothing should be concluded from this.";
    $("sure").textContent =
      (this.facts.ensemble && this.isOpening() ? `${this.facts.ensemble} ` : "") +
      "This is one body by one way of sharing load, least effort. Published anatomies of the hip differ; gluteal simulate asks 24 of them.";
    this.showBands();
    this.showPeople();
    this.showCurves();
    this.drawStrip();
  }

  /** Bands of the opening condition, which Python worked out; of another condition nobody did. */
  private showBands(): void {
    const { bands } = this.facts;
    $("bands").hidden = !bands || !this.isOpening();
    if (!bands || $<HTMLTableElement>("bandstable").tBodies[0]!.rows.length) return;
    $("bandsnote").textContent = bands.note;
    $<HTMLTableElement>("bandstable").tBodies[0]!.replaceChildren(
      ...bands.rows.map((r) => make("tr", {}, make("th", { scope: "row" }, r.words), make("td", {}, r.before), make("td", {}, r.now), make("td", {}, r.says))),
    );
  }

  /** Whether the page shows what it was made with: only that was asked of all published bodies. */
  private isOpening(): boolean {
    const { header } = this.stage!.scene;
    return this.state.task === this.facts.task && JSON.stringify(this.state.terms) === JSON.stringify(header.opening);
  }

  private changedRows(quick: boolean): Change[] {
    const { scene, outcome } = this.stage!;
    const more = compensators(scene, outcome, quick).slice(0, 8), less = relieved(scene, outcome, quick).slice(0, 4);
    return [...outcome.actedOn.slice(0, 6), ...more, ...less.reverse()];
  }

  private busiestRows(): Change[] {
    return [...this.stage!.outcome.changes].sort((a, b) => b.peak - a.peak).slice(0, 14);
  }

  private tableRow(change: Change): HTMLTableRowElement {
    const chosen = this.state.muscles.includes(change.muscle);
    const swatch = make("span", { class: "swatch" });
    const colour = this.state.look === "change" && this.state.terms.length ? this.changeColour(change.peak - change.peakBefore) : this.activityColour(change.peak);
    swatch.style.background = `#${colour.getHexString()}`;
    const button = make("button", { "aria-pressed": String(chosen) }, swatch, change.muscle);
    button.addEventListener("click", () => this.choose(change.muscle));
    const sign = change.change > 0 ? "+" : "";
    return make("tr", {},
      make("td", {}, button),
      make("td", {}, percent(change.peakBefore)),
      make("td", {}, percent(change.peak)),
      make("td", {}, this.state.terms.length ? `${sign}${change.change.toFixed(0)}` : change.force.toFixed(0)));
  }

  private choose(muscle: string): void {
    const chosen = this.state.muscles;
    this.state.muscles = chosen.includes(muscle) ? chosen.filter((m) => m !== muscle) : [...chosen, muscle].slice(-4);
    this.showNumbers();
    this.writeAddress();
  }

  private showCurves(): void {
    const { scene, outcome } = this.stage!;
    const all = [...outcome.actedOn, ...outcome.changes];
    const chosen = this.state.muscles.map((name) => all.find((c) => c.muscle === name)).filter((c): c is Change => !!c);
    $("curves").replaceChildren(...chosen.map((c) => drawCurve(scene, outcome, c, this.state.frame)));
  }

  private showPeople(): void {
    const target = this.state.terms.map((t) => t.target);
    const fact = this.facts.people.find((p) => p.task === this.state.task && target.includes(p.target));
    $("people").hidden = !fact;
    if (fact) $("people").replaceChildren(make("strong", {}, "What people did: "), `${fact.say} (${fact.source})`);
  }

  private showTerms(): void {
    const { scene } = this.stage!;
    $("terms").replaceChildren(
      ...this.state.terms.map((term, at) =>
        termControl(scene, term, at, {
          change: (moved) => this.termChanged(term, at, moved),
          remove: (which) => {
            this.state.terms.splice(which, 1);
            this.showTerms();
            this.solve();
          },
          tolerated: (t) => this.tolerated(t),
          held: () => this.held(),
        })),
    );
    $<HTMLButtonElement>("add").hidden = this.state.terms.length >= 4;
    $("reset").hidden = !this.state.terms.length;
  }

  private termChanged(term: Term, at: number, moved = false): void {
    if (!moved) {
      const id = document.activeElement?.id;
      this.showTerms();
      if (id) document.getElementById(id)?.focus();
      else document.querySelector<HTMLElement>(`input[name=term${at}side][value=${term.side}]`)?.focus();
    }
    this.solve();
  }

  private tolerated(term: Term): Promise<number | null> {
    const { scene } = this.stage!, key = `${term.kind}/${term.target}/${term.side}`;
    return new Promise((resolve) => {
      setTimeout(() => {
        if (this.stage?.scene !== scene) return resolve(null);
        if (!this.tolerances.has(key)) {
          let loss: number | null = null;
          try {
            loss = tolerance(scene, this.kernel, settle(scene, [{ ...term, value: 0.01 }]).flatMap((t) => columnsOf(scene, t)))?.loss ?? null;
          } catch (error) {
            if (!(error instanceof Unmet)) throw error;
          }
          this.tolerances.set(key, loss);
        }
        resolve(this.tolerances.get(key)!);
      }, 60);
    });
  }

  /** How long the posture on the stage is held under all other changes; found out once for each of them. */
  private held(): Promise<{ seconds: number; sentence: string } | null> {
    const { scene, baseline } = this.stage!, others = this.state.terms.filter((t) => t.kind !== "fatigue");
    const key = `hold ${JSON.stringify(others)}`;
    return new Promise((resolve) => {
      setTimeout(() => {
        if (this.stage?.scene !== scene) return resolve(null);
        if (!this.holds.has(key)) {
          const { limit, verdict } = simulate(scene, this.kernel, others, baseline);
          const judged = verdict !== "impossible" && verdict !== "cannot-be-judged";
          const found = judged ? hold(scene, this.kernel, settle(scene, others), baseline, limit) : null;
          this.holds.set(key, found && { seconds: found.seconds, sentence: `${sayHold(scene, found)}` });
        }
        resolve(this.holds.get(key)!);
      }, 60);
    });
  }

  /** Other changes change how long a posture is held: say it anew beside the slider. */
  private sayHeld(): void {
    this.state.terms.forEach((term, at) => {
      const words = document.getElementById(`term${at}hold`);
      if (words && term.kind === "fatigue") void this.held().then((found) => (words.textContent = found?.sentence ?? ""));
    });
  }

  // --- picture ------------------------------------------------------------------------------------

  private get dark(): boolean {
    return matchMedia("(prefers-color-scheme: dark)").matches;
  }

  private ramp(colours: string[], value: number): Color {
    const at = Math.min(1, Math.max(0, value)) * (colours.length - 1), low = Math.floor(at);
    return new Color(colours[low]!).lerp(new Color(colours[Math.min(low + 1, colours.length - 1)]!), at - low);
  }

  private activityColour(value: number): Color {
    const { activity, activity_dark } = this.stage!.scene.header.colours;
    return this.ramp(this.dark ? activity_dark : activity, value);
  }

  /** The change of activation that gets the strongest colour. */
  private get changeLimit(): number {
    return this.stage!.scene.header.colours.change_limit;
  }

  private changeColour(value: number): Color {
    return this.ramp(this.stage!.scene.header.colours.change, 0.5 + value / (2 * this.changeLimit));
  }

  private show(): void {
    const { scene, outcome } = this.stage!, frame = this.state.frame;
    // Two bodies side by side are compared by one scale: how hard each works.
    const changing = this.state.look === "change" && this.state.terms.length > 0 && !this.isSplit();
    const at = (activation: Float64Array, m: number) => {
      const low = Math.floor(frame), high = Math.min(low + 1, scene.frames - 1), part = frame - low;
      return (1 - part) * activation[low * scene.muscles + m]! + part * activation[high * scene.muscles + m]!;
    };
    const now = Float64Array.from({ length: scene.muscles }, (_, m) => at(outcome.changed.activation, m));
    const before = Float64Array.from({ length: scene.muscles }, (_, m) => at(outcome.baseline.activation, m));
    if (this.picture) {
      const ghost = before.map((b, m) => (b > now[m]! + 0.04 ? b : -1));
      const thickness = now.slice();
      this.picture.colours(this.dark ? "#ffffff" : "#000000", this.dark ? "#4fc4c4" : "#0b7373");
      this.picture.update(
        frame,
        { thickness, colour: (m) => (changing ? this.changeColour(now[m]! - before[m]!) : this.activityColour(now[m]!)) },
        changing && ghost.some((g) => g >= 0) ? { thickness: ghost, colour: () => this.changeColour(-this.changeLimit / 2) } : null,
        supportForces(scene, outcome.changed),
        this.isSplit() ? this.leftLook(frame, before) : null,
      );
    }
    this.showCaptions();
    const { time } = scene.header.task, here = Math.round(frame);
    $("timebox").hidden = scene.frames < 2;
    const slider = $<HTMLInputElement>("time");
    slider.max = String(scene.frames - 1);
    slider.value = String(here);
    const words = scene.header.task.cyclic ? `${Math.round((100 * here) / Math.max(1, scene.frames - 1))} % of the cycle` : `${time[here]!.toFixed(2)} s`;
    slider.setAttribute("aria-valuetext", words + (outcome.missingFrames[here] ? ", not possible here" : ""));
    $("clock").textContent = words.replace(" of the cycle", "");
    this.showLegend(changing);
  }

  private isSplit(): boolean {
    return this.state.beside && (this.state.terms.length > 0 || this.stage!.left !== null);
  }

  /** How hard the body at the left works: undisturbed, or in the other posture under the same condition. */
  private leftLook(frame: number, before: Float64Array): { thickness: Float64Array; colour: (m: number) => Color } {
    const { left } = this.stage!;
    let now = before;
    if (left) {
      const { scene, baseline } = left, t = Math.min(Math.round(frame), scene.frames - 1);
      const key = `${this.state.task} ${JSON.stringify(this.state.terms)}`;
      if (this.leftSolved?.key !== key) this.leftSolved = { key, outcome: simulate(scene, this.kernel, this.state.terms, baseline) };
      const { changed } = this.leftSolved.outcome;
      now = Float64Array.from({ length: scene.muscles }, (_, m) => changed.activation[t * scene.muscles + m]!);
    }
    return { thickness: now, colour: (m) => this.activityColour(now[m]!) };
  }

  private showCaptions(): void {
    const possible = this.state.terms.length > 0 || this.stage!.left !== null, split = this.isSplit();
    $("beside").hidden = !possible || !this.picture;
    $("beside").setAttribute("aria-pressed", String(split));
    $("captions").hidden = !split || !this.picture;
    const { task } = this.state, left = this.titles.get(this.beside.get(task) ?? "");
    $("captionleft").textContent = this.stage!.left && left ? left : "undisturbed";
    $("captionright").textContent = this.stage!.left && left ? this.titles.get(task)! : "with the change";
  }

  private showLegend(changing: boolean): void {
    const { colours } = this.stage!.scene.header;
    const list = changing ? colours.change : this.dark ? colours.activity_dark : colours.activity;
    const ramp = make("div", { class: "ramp" });
    ramp.style.background = `linear-gradient(to right, ${list.join(", ")})`;
    const ends = changing ? ["less", "same", "more"] : ["rest", "full"];
    $("legend").replaceChildren(
      changing ? `activation, −${100 * this.changeLimit} to +${100 * this.changeLimit} %` : "activation, 0 to 100 %",
      ramp,
      make("div", { class: "ends" }, ...ends.map((e) => make("span", {}, e))),
    );
  }

  private placeLabels(): void {
    if (!this.stage) return;
    const { scene, outcome } = this.stage!, t = Math.round(this.state.frame);
    const centre = scene.has("joint_centre") ? scene.array("joint_centre") : null, joints = scene.header.joints.length;
    const labels: Label[] = [];
    const put = (x: number, y: number, z: number, text: string, name: string) => {
      const at = this.picture!.project(x, y, z);
      if (at) labels.push({ x: at[0], y: at[1], text, name });
    };
    if (centre) {
      const force = jointForces(scene, outcome.changed);
      for (let j = 0; j < joints; j++) {
        const at = 3 * (t * joints + j);
        const size = Math.hypot(force[at]!, force[at + 1]!, force[at + 2]!) / scene.header.body.weight;
        put(centre[at]!, centre[at + 1]!, centre[at + 2]!, `× ${size.toFixed(1)}`, "");
      }
    }
    const parts = scene.header.supports.length, { force, point } = supportForces(scene, outcome.changed);
    for (let p = 0; p < parts; p++) {
      const at = 3 * (t * parts + p), size = Math.hypot(force[at]!, force[at + 1]!, force[at + 2]!) / scene.header.body.weight;
      if (size > 0.05) put(point[at]!, point[at + 1]! - 0.05, point[at + 2]!, `× ${size.toFixed(2)}`, "ground");
    }
    showLabels($("labels"), labels);
  }

  private drawStrip(): void {
    const { scene, outcome } = this.stage!, strip = $("strip"), n = scene.frames;
    strip.replaceChildren();
    strip.setAttribute("viewBox", `0 0 ${n} 1`);
    strip.setAttribute("preserveAspectRatio", "none");
    strip.append(draw("rect", { width: n, height: 1, fill: "var(--line)" }));
    outcome.missingFrames.forEach((missing, t) => {
      if (missing) strip.append(draw("rect", { x: t, width: 1, height: 1, fill: "var(--bad)" }));
    });
    const failing = outcome.missingFrames.filter(Boolean).length;
    strip.setAttribute("aria-label", failing ? `Not possible in ${failing} of ${n} frames` : "Possible in every frame");
  }

  // --- time ---------------------------------------------------------------------------------------

  private seek(frame: number): void {
    this.state.frame = Math.min(Math.max(frame, 0), this.stage!.scene.frames - 1);
    this.show();
    this.writeAddress();
  }

  private stop(): void {
    cancelAnimationFrame(this.playing);
    this.playing = 0;
    $("play").textContent = "▶";
    $("play").setAttribute("aria-label", "Play");
  }

  private play(): void {
    if (this.playing) {
      this.stop();
      this.state.frame = Math.round(this.state.frame);
      return this.show();
    }
    $("play").textContent = "❚❚";
    $("play").setAttribute("aria-label", "Pause");
    const { scene } = this.stage!, { time } = scene.header.task, whole = time[scene.frames - 1]! - time[0]!;
    let last = performance.now();
    const step = (now: number) => {
      const frames = ((now - last) / 1000 / Math.max(whole, 0.2)) * (scene.frames - 1) * 0.4; // at two fifths of its speed
      last = now;
      this.state.frame = (this.state.frame + Math.min(frames, 3)) % (scene.frames - 1);
      this.show();
      this.playing = requestAnimationFrame(step);
    };
    this.playing = requestAnimationFrame(step);
  }

  // --- tours --------------------------------------------------------------------------------------

  async startTour(id: string): Promise<void> {
    const tour = this.tours.find((t) => t.id === id);
    this.tour = tour ? { tour, step: 0 } : null;
    await this.showStep();
  }

  private async showStep(): Promise<void> {
    $("tourbox").hidden = !this.tour;
    if (!this.tour) return;
    const { tour, step } = this.tour, now = tour.steps[step]!;
    if (this.scenes.has(now.task))
      await this.load(now.task, { terms: now.terms, frame: now.frame ?? 0, look: now.look ?? "change", view: now.view ?? "", muscles: now.expect.more ?? [] });
    $("say").textContent = now.say;
    $("where").textContent = `${step + 1} of ${tour.steps.length}`;
    $<HTMLButtonElement>("back").disabled = step === 0;
    $<HTMLButtonElement>("forth").disabled = step === tour.steps.length - 1;
  }

  // --- what people do -----------------------------------------------------------------------------

  private listen(): void {
    $("task").addEventListener("change", () => void this.load($<HTMLSelectElement>("task").value, { terms: this.state.terms }));
    for (const [id, which] of [["postureheld", "held"], ["postureadapted", "adapted"]] as const)
      $(id).addEventListener("change", () => {
        const { frame, muscles, view, terms } = this.state;
        void this.load(this.facts.adapted![which], { frame, muscles, view, terms }).then(() => $(id).focus());
      });
    $("add").addEventListener("click", () => {
      const { scene } = this.stage!;
      const nerve = scene.header.targets.find((t) => t.name === "superior gluteal nerve") ?? scene.header.targets[0]!;
      const kind = nerve.kind === "nerve" ? "block" : "weaken";
      this.state.terms.push({ kind, target: nerve.name, side: nerve.rows.r.length ? "r" : "both", value: 0.5 });
      this.showTerms();
      this.solve();
      document.getElementById(`term${this.state.terms.length - 1}value`)?.focus();
    });
    $("reset").addEventListener("click", () => {
      this.state.terms = [];
      this.showTerms();
      this.solve();
    });
    for (const input of document.querySelectorAll<HTMLInputElement>("input[name=look]"))
      input.addEventListener("change", () => {
        this.state.look = input.value as State["look"];
        this.showNumbers();
        this.show();
        this.writeAddress();
      });
    $("time").addEventListener("input", () => this.seek(Number($<HTMLInputElement>("time").value)));
    $("play").addEventListener("click", () => this.play());
    for (const button of document.querySelectorAll<HTMLButtonElement>(".views button[data-view]"))
      button.addEventListener("click", () => {
        this.state.view = button.dataset["view"]!;
        this.turnTo(this.state.view);
        this.writeAddress();
      });
    $("beside").addEventListener("click", () => {
      this.state.beside = !this.state.beside;
      this.show();
      this.turnTo(this.state.view || this.bestView());
      this.writeAddress();
    });
    document.addEventListener("keydown", (event) => {
      const busy = event.target instanceof HTMLElement && /^(INPUT|SELECT|BUTTON|TEXTAREA|SUMMARY)$/.test(event.target.tagName);
      if (busy || event.ctrlKey || event.metaKey || event.altKey || !this.stage) return;
      const views: Record<string, ViewName> = { "1": "front", "2": "right", "3": "left", "4": "back" };
      if (event.key === " " && this.stage.scene.frames > 1) this.play();
      else if (event.key === ",") this.seek(Math.round(this.state.frame) - 1);
      else if (event.key === ".") this.seek(Math.round(this.state.frame) + 1);
      else if (views[event.key]) this.turnTo((this.state.view = views[event.key]!));
      else return;
      event.preventDefault();
    });
    let down: [number, number] = [0, 0];
    $("canvas").addEventListener("pointerdown", (event) => (down = [event.offsetX, event.offsetY]));
    $("canvas").addEventListener("click", (event) => {
      if (Math.hypot(event.offsetX - down[0], event.offsetY - down[1]) > 5) return;
      const muscle = this.picture?.pick(event.offsetX, event.offsetY);
      if (muscle != null) this.choose(this.stage!.scene.header.body.muscles[muscle]!.label);
    });
    addEventListener("hashchange", () => {
      const asked = fromAddress(location.hash);
      if (asked.task && this.scenes.has(asked.task)) void this.load(asked.task, asked);
    });
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => {
      this.showNumbers();
      this.show();
    });
    $("tour").addEventListener("change", () => void this.startTour($<HTMLSelectElement>("tour").value));
    $("back").addEventListener("click", () => this.moveTour(-1));
    $("forth").addEventListener("click", () => this.moveTour(1));
    $("leave").addEventListener("click", () => {
      $<HTMLSelectElement>("tour").value = "";
      void this.startTour("");
    });
    this.listenToSaving();
  }

  private moveTour(by: number): void {
    if (!this.tour) return;
    this.tour.step += by;
    void this.showStep();
  }

  private listenToSaving(): void {
    const said = (text: string) => ($("saved").textContent = text);
    const name = () => this.state.task || "body";
    $("savelink").addEventListener("click", () => {
      const link = `${location.href.split("#")[0]}#${toAddress(this.state)}`;
      history.replaceState(null, "", `#${toAddress(this.state)}`);
      navigator.clipboard?.writeText(link).then(() => said("The link is copied."), () => said("The link is in the address bar."));
    });
    $("savepicture").addEventListener("click", () => {
      this.picture?.draw();
      $<HTMLCanvasElement>("canvas").toBlob((blob) => blob && save(`${name()}.png`, blob));
    });
    $("savedata").addEventListener("click", () => {
      const { outcome } = this.stage!;
      const rows = [...outcome.actedOn, ...outcome.changes].map((c) =>
        [c.muscle, c.peakBefore, c.peak, c.forceBefore, c.force].map((x) => (typeof x === "number" ? String(x) : `"${x.replace(/"/g, '""')}"`)).join(","));
      const head = "muscle,peak activation undisturbed (1),peak activation (1),mean force undisturbed (N),mean force (N)";
      save(`${name()}.csv`, new Blob([[head, ...rows].join("\n")], { type: "text/csv" }));
    });
    $("savefilm").addEventListener("click", () => this.film(said));
    $("file").addEventListener("change", () => {
      const input = $<HTMLInputElement>("file"), [file] = Array.from(input.files ?? []);
      input.value = ""; // else the same file, mended, would not be read again
      if (file) void this.openFile(file);
    });
    const holder = document.body;
    holder.addEventListener("dragover", (event) => event.preventDefault());
    holder.addEventListener("drop", (event) => {
      event.preventDefault();
      const [file] = Array.from(event.dataTransfer?.files ?? []);
      if (file) void this.openFile(file);
    });
  }

  private film(said: (text: string) => void): void {
    const canvas = $<HTMLCanvasElement>("canvas");
    if (!this.picture || this.stage!.scene.frames < 2 || typeof MediaRecorder === "undefined") return said("There is no movement to record here.");
    const recorder = new MediaRecorder(canvas.captureStream(30)), pieces: Blob[] = [];
    recorder.addEventListener("dataavailable", (event) => pieces.push(event.data));
    recorder.addEventListener("stop", () => save(`${this.state.task}.webm`, new Blob(pieces, { type: recorder.mimeType })));
    said("Recording one round …");
    recorder.start();
    if (!this.playing) this.play();
    setTimeout(() => {
      recorder.stop();
      this.stop();
      said("The animation is saved.");
    }, 5000);
  }

  /** Open a scene from a file; whatever is wrong with it ends in one sentence, and what was shown stays. */
  async openFile(file: Blob & { name?: string }): Promise<void> {
    try {
      const opened = await readOpened(file);
      for (const { name, title, scene } of opened) {
        this.scenes.set(name, () => Promise.resolve(scene));
        this.titles.set(name, title);
        if (![...$<HTMLSelectElement>("task").options].some((o) => o.value === name))
          $("task").append(make("option", { value: name }, title));
      }
      const [{ name, scene }] = opened as [Opened];
      await this.load(name, { terms: scene.header.opening });
      $("saved").textContent = "Opened.";
    } catch (error) {
      $("saved").textContent =
        error instanceof BadScene || error instanceof Unmet ? error.message : "This file cannot be opened: it is no scene that gluteal wrote.";
    }
  }
}
