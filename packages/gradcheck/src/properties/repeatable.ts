import type { Subject } from "../check/subject.ts";
import { pulled, traced } from "../graph/calls.ts";
import { Random } from "../numeric/random.ts";
import type { Tally } from "./tally.ts";
import { directionsLike, read } from "./tensors.ts";

/** Whether two calls give the same bits, values and gradients. Where not, there is nothing to compare other calls with, and the tally says so. */
export function isRepeatable({ call, leaves, name, seed }: Subject, tally: Tally): boolean {
  const gradient = pulled(call, directionsLike(traced(call, leaves), new Random(seed)));
  const [once, again] = [0, 1].map(() => read([...traced(call, leaves), ...gradient(leaves)]));
  const same = once.every((data, i) => data.every((x: number, k: number) => Object.is(x, again[i][k])));
  if (!same) {
    const message = `${name} gives something else at each call, so there is nothing to compare with: pass a key to what it draws, or ask for purity to hear more`;
    tally.fault(message, { verdict: "inconclusive" });
  }
  return same;
}
