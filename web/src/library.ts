/* The movements of the page: those that came with it, and those of files that people open. */

import { fromBase64, unzip } from "./container";
import { $, make } from "./dom";
import type { Opened } from "./open";
import { readScene, type Scene } from "./scene";

interface Movement {
  title: string;
  beside: string; // name of the scene that stands at its left; empty where none does
  read: () => Promise<Scene>;
}

export class Library {
  private readonly movements = new Map<string, Movement>();

  /** List the scenes in the page; each is unzipped when it is asked for. */
  readOwn(): void {
    for (const element of document.querySelectorAll<HTMLScriptElement>("script.scene")) {
      const { name, title, beside } = element.dataset;
      this.put(name!, { title: title!, beside: beside ?? "", read: async () => readScene(await unzip(fromBase64(element.textContent!))) });
    }
  }

  add({ name, title, scene }: Opened): void {
    this.put(name, { title, beside: "", read: () => Promise.resolve(scene) });
  }

  private put(name: string, movement: Movement): void {
    if (!this.has(name)) $("task").append(make("option", { value: name }, movement.title));
    this.movements.set(name, movement);
  }

  get first(): string {
    return [...this.movements.keys()][0]!;
  }

  has(name: string): boolean {
    return this.movements.has(name);
  }

  read(name: string): Promise<Scene> {
    return this.movements.get(name)!.read();
  }

  titleOf(name: string): string {
    return this.movements.get(name)?.title ?? "";
  }

  /** Name of the movement that stands at the left of another; empty where none does. */
  leftOf(name: string): string {
    const left = this.movements.get(name)?.beside ?? "";
    return this.has(left) ? left : "";
  }
}

/** Call `open` with each file that is chosen, or dropped on the page. */
export function listenToFiles(open: (file: File) => void): void {
  const input = $<HTMLInputElement>("file");
  input.addEventListener("change", () => {
    const file = input.files?.[0];
    input.value = ""; // else the same file, mended, would not be read again
    if (file) open(file);
  });
  document.body.addEventListener("dragover", (event) => event.preventDefault());
  document.body.addEventListener("drop", (event) => {
    event.preventDefault();
    const file = event.dataTransfer?.files[0];
    if (file) open(file);
  });
}
