// Looks up the names that docs/operations.md gives to operations in TensorFlow.js, once `npm run bench` has installed it:
//
//     node test/operations/check-names.mjs

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

const tf = createRequire(new URL("../../bench/package.json", import.meta.url))("@tensorflow/tfjs");
const page = readFileSync(new URL("../../docs/operations.md", import.meta.url), "utf8");

const exists = (name) => name.split(".").reduce((found, part) => found?.[part], { tf }) !== undefined;

const names = [...page.matchAll(/^\|.*\|$/gm)].flatMap(([row]) =>
  [...row.matchAll(/`(tf\.[\w.]+)`/g)].map(([, name]) => name),
);
const missing = names.filter((name) => !exists(name));
for (const name of missing) console.log(`there is no ${name}`);
console.log(`${names.length} names, ${missing.length} of them missing`);
process.exitCode = missing.length > 0 || names.length === 0 ? 1 : 0;
