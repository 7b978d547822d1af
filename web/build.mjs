/* Builds the page's code: node build.mjs [FOLDER]. The same sources give the same bytes. */

import { build } from "esbuild";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";

const out = process.argv[2] ?? "../src/gluteal/show/live/asset";
mkdirSync(out, { recursive: true });
await build({
  entryPoints: ["src/main.ts"],
  bundle: true,
  minify: true,
  format: "iife",
  target: "es2023",
  charset: "utf8",
  legalComments: "none",
  outfile: `${out}/live.js`,
});
writeFileSync(`${out}/live.js.LICENSE.txt`, `three.js, in live.js:\n\n${readFileSync("node_modules/three/LICENSE", "utf8")}`);
