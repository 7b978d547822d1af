/* For tests: solve cases in Node and print what the page would show. node contract.mjs kernel.wasm SCENE CASES.json */

import { readFileSync } from "node:fs";
import { compensators, simulate } from "./compare";
import { assemble, columnsOf, describeCondition } from "./condition";
import { jointLoads, supportForces } from "./forces";
import { Kernel } from "./kernel";
import { readScene, type Term } from "./scene";
import { sayOutcome } from "./sentences";
import { share, type Solution } from "./sharing";
import { hold, sayHold } from "./endurance";
import { tolerance } from "./tolerance";

const bits = (values: Float64Array): string =>
  Buffer.from(values.buffer, values.byteOffset, values.byteLength).toString("base64");

const [, , wasm, sceneFile, casesFile] = process.argv as string[];
const kernel = await Kernel.load(readFileSync(wasm!));
const scene = readScene(new Uint8Array(readFileSync(sceneFile!)));
const baseline = share(scene, kernel, assemble(scene, []));
const tellHold = (terms: Term[]) => {
  const found = hold(scene, kernel, terms, baseline, simulate(scene, kernel, [], baseline).limit);
  return { seconds: found.seconds === Infinity ? null : found.seconds, sentence: sayHold(scene, found) };
};
const lines: unknown[] = [];
let previous: Solution | undefined;
for (const { terms, warm, tolerate, held } of JSON.parse(readFileSync(casesFile!, "utf8")) as {
  terms: Term[];
  warm?: boolean;
  tolerate?: boolean;
  held?: boolean;
}[]) {
  const outcome = simulate(scene, kernel, terms, baseline, warm ? previous : undefined);
  previous = outcome.changed;
  lines.push({
    sentence: sayOutcome(scene, outcome),
    condition: describeCondition(scene, outcome.terms),
    verdict: outcome.verdict,
    activation: bits(outcome.changed.activation),
    support: bits(outcome.changed.support.slice()),
    least: bits(outcome.changed.least),
    effort_ratio: outcome.effortRatio,
    certificate: outcome.changed.certificate,
    compensators: compensators(scene, outcome).map((c) => [c.muscle, c.change, c.peakBefore, c.peak]),
    joints: jointLoads(scene, outcome).map((j) => [j.name, Math.max(...j.before), Math.max(...j.now)]),
    supports: bits(supportForces(scene, outcome.changed).force),
    baseline: outcome.baseline === baseline ? null : bits(outcome.baseline.activation),
    hold: held ? tellHold(terms) : null,
    tolerance: tolerate ? tolerance(scene, kernel, terms.flatMap((t) => columnsOf(scene, t))) : null,
  });
}
console.log(JSON.stringify({ stamp: kernel.stamp, baseline: bits(baseline.activation), cases: lines }));
