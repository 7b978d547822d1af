/* The page: brings movements on the stage, solves at every move of a control, and has its parts show what came out. */

import { Answers } from "./answers";
import { BodyPicture, type ViewName } from "./body";
import { readBones } from "./bones";
import { Changes } from "./changes";
import { simulate } from "./compare";
import { assemble, Unmet } from "./condition";
import { BadScene, fromBase64, readContainer, unzip } from "./container";
import { $, debounce, make } from "./dom";
import { writeExplained } from "./glossary";
import { Kernel } from "./kernel";
import { Library, listenToFiles } from "./library";
import { type Opened, readOpened } from "./open";
import { drawStrip, Player, showClock } from "./player";
import { listenToSaving, sayAside } from "./saving";
import type { Scene, Term } from "./scene";
import { share } from "./sharing";
import { showCaptions, Sight } from "./sight";
import { bestView, type Facts, type Left, type Shown, type Stage, tellingFrame } from "./stage";
import { fromAddress, type State, toAddress } from "./state";
import { showNumbers } from "./tables";
import { fitTerm } from "./terms";
import { Guide, type Step } from "./tours";
import { holdVerdict, sayUnmet, sayVerdict, showShape } from "./verdict";

const VIEWS: readonly ViewName[] = ["front", "back", "right", "left", "top"];
/** Keys that turn the body. */
const TURNS: Record<string, ViewName> = { "1": "front", "2": "right", "3": "left", "4": "back" };
/** How long a slider rests before the verdict is said, and before the address is written, ms. */
const REST = 300, WRITE = 250;
/** A pointer that moves further than this between down and up has turned the body, and picked no muscle, px. */
const STEADY = 5;
/** Most muscles whose courses are drawn. */
const MOST_CURVES = 4;

export class Page {
  private readonly library = new Library();
  private readonly facts = JSON.parse($("facts").textContent!) as Facts;
  /** A page within a report has no address of its own. */
  private readonly framed = location.protocol === "about:";
  private readonly still = matchMedia("(prefers-reduced-motion: reduce)").matches;
  private readonly shown = (): Shown => ({ stage: this.stage!, state: this.state, facts: this.facts });
  private readonly player = new Player(this.shown, () => {
    this.show();
    this.writeAddress();
  });
  private readonly changes: Changes;
  private state: State = { task: "", terms: [], frame: 0, look: "change", view: "", muscles: [], beside: false };
  private stage: Stage | null = null;
  private picture: BodyPicture | null = null; // null without WebGL
  private sight: Sight | null = null;
  private pending = 0; // the animation frame that will show the last solution
  private loads = 0;
  private readonly sayLater = debounce(() => this.say(), REST);
  private readonly writeAddress = debounce(() => {
    if (!this.framed) history.replaceState(null, "", `#${toAddress(this.state)}`);
  }, WRITE);

  private constructor(private readonly kernel: Kernel) {
    this.changes = new Changes(this.shown, new Answers(kernel, this.shown), () => this.solve());
  }

  static async open(): Promise<void> {
    const page = new Page(await Kernel.load(await unzip(fromBase64($("kernel").textContent!))));
    await page.start();
  }

  private async start(): Promise<void> {
    this.library.readOwn();
    $("savelink").hidden = this.framed;
    for (const { word, means } of this.facts.glossary) $("glossary").append(make("dt", {}, word), make("dd", {}, means));
    for (const element of document.querySelectorAll<HTMLElement>("[data-explain]"))
      writeExplained(element, element.textContent!, this.facts.glossary);
    await this.drawBody();
    this.listen();
    const asked = fromAddress(location.hash);
    await this.load(asked.task && this.library.has(asked.task) ? asked.task : this.library.first, asked);
  }

  private async drawBody(): Promise<void> {
    try {
      const bones = readBones(readContainer(await unzip(fromBase64($("bones").textContent!))));
      this.picture = new BodyPicture($("canvas"), bones, this.still);
      this.sight = new Sight(this.kernel, this.picture, this.shown);
      document.getElementById("static")?.remove();
    } catch {
      // Without WebGL the static picture stays; verdict, tables and curves work all the same.
      $("canvas").hidden = true;
    }
  }

  // --- a movement ---------------------------------------------------------------------------------

  private async load(name: string, asked: Partial<State> = {}): Promise<void> {
    const load = ++this.loads;
    const scene = await this.library.read(name), left = await this.loadLeft(name, scene);
    if (load !== this.loads) return; // another movement was asked for meanwhile
    const baseline = share(scene, this.kernel, assemble(scene, []));
    const opening = asked.terms ?? (this.stage ? this.state.terms : scene.header.opening);
    this.player.stop();
    this.state = {
      task: name,
      terms: opening.map((t) => fitTerm(scene, t)).filter((t): t is Term => t !== null),
      frame: Math.min(asked.frame ?? 0, scene.frames - 1),
      look: asked.look ?? this.state.look,
      view: asked.view ?? "",
      muscles: asked.muscles ?? [],
      beside: asked.beside ?? this.state.beside,
    };
    this.stage = { scene, baseline, outcome: simulate(scene, this.kernel, [], baseline), left };
    this.showTitles(scene);
    this.picture?.show(scene, left?.scene ?? scene);
    this.changes.show();
    this.solve();
    if (!asked.frame) {
      this.state.frame = tellingFrame(this.stage);
      this.writeAddress();
    }
    this.turnTo(this.state.view);
  }

  private showTitles(scene: Scene): void {
    const { task, body, version, rule } = scene.header;
    $<HTMLSelectElement>("task").value = this.state.task;
    $("over").textContent = `Virtual experiment on the body “${body.name}”`;
    $("title").textContent = task.title;
    $("made").textContent = `${this.facts.notice} Made by gluteal ${version}.`;
    $("rule").textContent = `Rule of the verdict: ${rule.words}`;
    for (const input of document.querySelectorAll<HTMLInputElement>("input[name=look]")) input.checked = input.value === this.state.look;
    this.showPosture();
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
  private async loadLeft(name: string, scene: Scene): Promise<Left | null> {
    const other = this.library.leftOf(name);
    if (!other) return null;
    const left = await this.library.read(other);
    // Bones are shared: a scene of another body cannot stand there.
    if (left.header.bones.join() !== scene.header.bones.join() || left.muscles !== scene.muscles) return null;
    return { scene: left, baseline: share(left, this.kernel, assemble(left, [])) };
  }

  /** Turn the body; to where one sees most of it where no side is asked for. */
  private turnTo(name: string): void {
    const view = VIEWS.find((v) => v === name) ?? bestView(this.shown());
    this.picture?.view(view);
    for (const button of document.querySelectorAll<HTMLButtonElement>(".views button[data-view]"))
      button.setAttribute("aria-pressed", String(button.dataset["view"] === view));
  }

  private choose(muscle: string): void {
    const chosen = this.state.muscles;
    this.state.muscles = chosen.includes(muscle) ? chosen.filter((m) => m !== muscle) : [...chosen, muscle].slice(-MOST_CURVES);
    this.showNumbers();
    this.writeAddress();
  }

  // --- solving and showing ------------------------------------------------------------------------

  /** Solve what is asked, from the last solution on, and show it. */
  private solve(): void {
    const stage = this.stage!, start = performance.now();
    try {
      stage.outcome = simulate(stage.scene, this.kernel, this.state.terms, stage.baseline, stage.outcome.changed);
    } catch (error) {
      if (!(error instanceof Unmet)) throw error;
      this.sayLater.cancel();
      this.showNumbers(true); // what was solved last stays
      this.showSoon();
      return sayUnmet(error.message);
    }
    this.showNumbers(true);
    performance.measure("solved and written", { start, end: performance.now() });
    this.showSoon();
    holdVerdict();
    this.sayLater();
    this.writeAddress();
  }

  /** The verdict in words, once the slider rests; what is not determined is known then, and left out of the table. */
  private say(): void {
    sayVerdict(this.shown());
    if (this.stage!.outcome.notDetermined().size) this.showNumbers();
    this.changes.sayHeld();
  }

  private showNumbers(quick = false): void {
    const { scene, outcome } = this.stage!;
    showShape(this.shown());
    showNumbers(this.shown(), (muscle) => this.choose(muscle), quick);
    drawStrip(scene, outcome);
  }

  private showSoon(): void {
    cancelAnimationFrame(this.pending);
    this.pending = requestAnimationFrame(() => this.show());
  }

  private show(): void {
    this.sight?.show();
    showCaptions(this.shown(), this.sight !== null, (task) => this.library.titleOf(task), this.library.titleOf(this.library.leftOf(this.state.task)));
    showClock(this.shown());
  }

  // --- what people do -----------------------------------------------------------------------------

  private listen(): void {
    new Guide((step) => this.showStep(step));
    listenToSaving(this.shown, this.player, this.picture);
    listenToFiles((file) => void this.openFile(file));
    $("task").addEventListener("change", () => void this.load($<HTMLSelectElement>("task").value, { terms: this.state.terms }));
    for (const [id, which] of [["postureheld", "held"], ["postureadapted", "adapted"]] as const)
      $(id).addEventListener("change", () => {
        const { frame, muscles, view, terms } = this.state;
        void this.load(this.facts.adapted![which], { frame, muscles, view, terms }).then(() => $(id).focus());
      });
    for (const input of document.querySelectorAll<HTMLInputElement>("input[name=look]"))
      input.addEventListener("change", () => {
        this.state.look = input.value as State["look"];
        this.showNumbers();
        this.show();
        this.writeAddress();
      });
    $("time").addEventListener("input", () => this.player.seek(Number($<HTMLInputElement>("time").value)));
    $("play").addEventListener("click", () => this.player.toggle());
    for (const button of document.querySelectorAll<HTMLButtonElement>(".views button[data-view]"))
      button.addEventListener("click", () => this.turnAndKeep(button.dataset["view"]!));
    $("beside").addEventListener("click", () => {
      this.state.beside = !this.state.beside;
      this.show();
      this.turnTo(this.state.view);
      this.writeAddress();
    });
    document.addEventListener("keydown", (event) => this.press(event));
    this.listenToPicking();
    addEventListener("hashchange", () => {
      const asked = fromAddress(location.hash);
      if (asked.task && this.library.has(asked.task)) void this.load(asked.task, asked);
    });
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => {
      this.showNumbers();
      this.show();
    });
  }

  private press(event: KeyboardEvent): void {
    const busy = event.target instanceof HTMLElement && /^(INPUT|SELECT|BUTTON|TEXTAREA|SUMMARY)$/.test(event.target.tagName);
    if (busy || event.ctrlKey || event.metaKey || event.altKey || !this.stage) return;
    const turn = TURNS[event.key], here = Math.round(this.state.frame);
    if (event.key === " " && this.stage.scene.frames > 1) this.player.toggle();
    else if (event.key === ",") this.player.seek(here - 1);
    else if (event.key === ".") this.player.seek(here + 1);
    else if (turn) this.turnAndKeep(turn);
    else return;
    event.preventDefault();
  }

  private turnAndKeep(view: string): void {
    this.state.view = view;
    this.turnTo(view);
    this.writeAddress();
  }

  /** A tap on a muscle, rather than a turn of the body, chooses it. */
  private listenToPicking(): void {
    let down: [number, number] = [0, 0];
    $("canvas").addEventListener("pointerdown", (event) => (down = [event.offsetX, event.offsetY]));
    $("canvas").addEventListener("click", (event) => {
      if (Math.hypot(event.offsetX - down[0], event.offsetY - down[1]) > STEADY) return;
      const muscle = this.picture?.pick(event.offsetX, event.offsetY);
      if (muscle != null) this.choose(this.stage!.scene.header.body.muscles[muscle]!.label);
    });
  }

  private async showStep(step: Step): Promise<void> {
    const { task, terms, frame = 0, look = "change", view = "", expect } = step;
    if (this.library.has(task)) await this.load(task, { terms, frame, look, view, muscles: expect.more ?? [] });
  }

  /** Open a scene from a file; whatever is wrong with it ends in one sentence, and what was shown stays. */
  private async openFile(file: File): Promise<void> {
    try {
      const opened = await readOpened(file);
      for (const movement of opened) this.library.add(movement);
      const [{ name, scene }] = opened as [Opened];
      await this.load(name, { terms: scene.header.opening });
      sayAside("Opened.");
    } catch (error) {
      const known = error instanceof BadScene || error instanceof Unmet;
      sayAside(known ? error.message : "This file cannot be opened: it is no scene that gluteal wrote.");
    }
  }
}
