// Two copies of the same version of core in one process, as when a bundle brings its own: one brand, one engine.
import { cpSync } from "node:fs";
import * as first from "@cotangent/core";

cpSync("node_modules/@cotangent/core", "copy-of-core", { recursive: true });
const second = await import("./copy-of-core/dist/index.js");

const w = first.variable(first.tensor([1, 2]), { name: "w" });
w.assign(w.mul(10));
const slope = second.grad((x) => second.sum(first.mul(x, w)))(first.tensor([5, 5]));
console.log(second.Tensor !== first.Tensor, slope.arraySync(), w.arraySync());

// One default generator: the second copy does not begin anew.
console.log(String(first.random.uniform([4]).arraySync()) !== String(second.random.uniform([4]).arraySync()));
