/* What people take away: a link, a picture, a film, the numbers. Nothing leaves the machine. */

import type { BodyPicture } from "./body";
import { $, save } from "./dom";
import type { Player } from "./player";
import type { Shown } from "./stage";
import { toAddress } from "./state";

/** How long a film is, ms, and how many pictures it has in a second. */
const FILM = 5000, RATE = 30;

const HEAD = "muscle,peak activation undisturbed (1),peak activation (1),mean force undisturbed (N),mean force (N)";

export const sayAside = (text: string): void => {
  $("saved").textContent = text;
};

/** Let the buttons of the page save; `picture` is null without WebGL. */
export function listenToSaving(shown: () => Shown, player: Player, picture: BodyPicture | null): void {
  const name = () => shown().state.task || "body";
  $("savelink").addEventListener("click", () => {
    const link = `${location.href.split("#")[0]}#${toAddress(shown().state)}`;
    history.replaceState(null, "", link);
    navigator.clipboard?.writeText(link).then(() => sayAside("The link is copied."), () => sayAside("The link is in the address bar."));
  });
  $("savepicture").addEventListener("click", () => {
    picture?.draw();
    $<HTMLCanvasElement>("canvas").toBlob((blob) => blob && save(`${name()}.png`, blob));
  });
  $("savedata").addEventListener("click", () => save(`${name()}.csv`, new Blob([writeTable(shown())], { type: "text/csv" })));
  $("savefilm").addEventListener("click", () => {
    if (!picture || shown().stage.scene.frames < 2 || typeof MediaRecorder === "undefined") return sayAside("There is no movement to record here.");
    film(name(), player);
  });
}

function writeTable({ stage: { outcome } }: Shown): string {
  const quoted = (text: string) => `"${text.replace(/"/g, '""')}"`;
  const rows = [...outcome.actedOn, ...outcome.changes].map((c) =>
    [quoted(c.muscle), c.peakBefore, c.peak, c.forceBefore, c.force].join(","));
  return [HEAD, ...rows].join("\n");
}

function film(name: string, player: Player): void {
  const recorder = new MediaRecorder($<HTMLCanvasElement>("canvas").captureStream(RATE)), pieces: Blob[] = [];
  recorder.addEventListener("dataavailable", (event) => pieces.push(event.data));
  recorder.addEventListener("stop", () => save(`${name}.webm`, new Blob(pieces, { type: recorder.mimeType })));
  sayAside("Recording …");
  recorder.start();
  player.play();
  setTimeout(() => {
    recorder.stop();
    player.stop();
    sayAside("The animation is saved.");
  }, FILM);
}
