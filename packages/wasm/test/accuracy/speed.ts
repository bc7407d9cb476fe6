import { type FloatType, makeKernel, nanosecondsPerElement } from "./kernel.ts";
import { arityOf, FUNCTIONS } from "./reference.ts";

/** Where a function is timed, if not on [-4, 4]: ordinary arguments, no slow paths. */
const INTERVALS: Readonly<Record<string, readonly [number, number]>> = {
  log: [0.1, 10],
  log1p: [-0.9, 10],
  log2: [0.1, 10],
  log10: [0.1, 10],
  lgamma: [0.1, 20],
  polygamma0: [0.1, 20],
  polygamma1: [0.1, 20],
  polygamma2: [0.1, 20],
  polygamma5: [0.1, 20],
  pow: [0.1, 10],
  acosh: [1, 20],
  atanh: [-0.99, 0.99],
  asin: [-1, 1],
  acos: [-1, 1],
  erfinv: [-0.99, 0.99],
};

const COUNT = 4096;

/** Nanoseconds for each element of an array in the level-1 cache, on one thread. */
export function measureSpeed(name: string, dtype: FloatType): number {
  const kernel = makeKernel(FUNCTIONS[dtype][name], dtype, arityOf(name), COUNT);
  const [low, high] = INTERVALS[name] ?? [-4, 4];
  kernel.inputs.forEach((x, argument) => {
    // The second argument runs through the interval several times, not along with the first.
    const step = argument === 0 ? 1 : 37;
    for (let i = 0; i < COUNT; i++) x[i] = low + ((high - low) * (((i * step) % COUNT) + 0.5)) / COUNT;
  });
  return nanosecondsPerElement(kernel, COUNT);
}
