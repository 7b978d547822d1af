/* Elements made by name; what comes from a file is written as text, never as HTML. */

export const $ = <T extends HTMLElement>(id: string): T => document.getElementById(id) as T;

type Child = Node | string;

export function make<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Record<string, string> = {},
  ...children: Child[]
): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);
  return element;
}

const SVG = "http://www.w3.org/2000/svg";

export function draw(tag: string, attributes: Record<string, string | number>, ...children: Child[]): SVGElement {
  const element = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, String(value));
  element.append(...children);
  return element;
}

/** A call that waits until nobody has asked for it for a while. */
export interface Debounced {
  (): void;
  cancel(): void;
}

/** Call once nobody has asked for it for `wait` ms. */
export function debounce(run: () => void, wait: number): Debounced {
  let timer = 0;
  const ask = () => {
    clearTimeout(timer);
    timer = window.setTimeout(run, wait);
  };
  return Object.assign(ask, { cancel: () => clearTimeout(timer) });
}

export function save(name: string, content: Blob): void {
  const link = make("a", { href: URL.createObjectURL(content), download: name });
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}
