/**
 * What a loop costs besides the kernels of its body, and whether compiling it takes longer the longer it is: a recurrence of so
 * many units as `scan`, beside the same steps unrolled, whose plan is nothing but kernels.
 */
import {
  compile,
  getEngine,
  grad,
  programOf,
  random,
  scan,
  setEngine,
  type Tensor,
  tensor,
  zeros,
} from "@cotangent/core";
import { createWasmEngine } from "@cotangent/wasm";

const STEPS = 10_000;
/** A graph of that many steps is what JavaScript still builds in a moment. */
const UNROLLED = 1_000;
const ROUNDS = 30;

const given = (shape: readonly number[], seed: number): Tensor =>
  tensor(random.normal(shape, { seed }).dataSync(), { shape });

/** Milliseconds of each function, the least of several rounds by turns. */
function leastOf(functions: readonly (() => unknown)[]): number[] {
  const least = functions.map(() => Number.POSITIVE_INFINITY);
  for (let round = 0; round < ROUNDS; round++) {
    functions.forEach((f, i) => {
      const start = performance.now();
      f();
      least[i] = Math.min(least[i], performance.now() - start);
    });
  }
  return least;
}

setEngine(createWasmEngine({ threads: 1 }));
console.log(`A step of h = tanh(w h + x), in ns: of a scan of ${STEPS} steps, and unrolled`);
for (const units of [4, 16, 32, 64, 128]) {
  const w = given([units, units], 1).mul(0.1);
  w.dataSync();
  const x = given([STEPS, units], 2);
  const first = zeros([units]);
  const step = (h: Tensor, row: Tensor): Tensor => w.matmul(h).add(row).tanh();
  const looped = compile(
    (rows: Tensor) => scan((h: Tensor, row: Tensor) => [step(h, row), null], first, rows)[0],
  );
  const unrolled = compile((rows: Tensor) => {
    let h: Tensor = first;
    for (let i = 0; i < UNROLLED; i++) h = step(h, rows.at(i).get());
    return h;
  });
  const [loop, plain] = leastOf([() => looped(x).dataSync(), () => unrolled(x).dataSync()]);
  const [own, kernels] = [(1e6 * loop) / STEPS, (1e6 * plain) / UNROLLED];
  console.log(
    `${units} units: ${own.toFixed(0)} and ${kernels.toFixed(0)}, ratio ${(own / kernels).toFixed(2)}`,
  );
}

console.log("Compiling a recurrence with its gradient, in ms:");
const lengths = [10, 100, STEPS];
const programs = lengths.map((length) => {
  const loss = (rows: Tensor): Tensor =>
    scan((h: Tensor, row: Tensor) => [h.mul(0.9).add(row.sin()).tanh(), h.exp()], zeros([32]), rows)[1].sum();
  return programOf(grad(loss)(given([length, 32], 3))).program;
});
const times = leastOf(programs.map((program) => () => getEngine().compile(program).dispose()));
lengths.forEach((length, i) => {
  console.log(`${length} steps: ${times[i].toFixed(3)}`);
});
