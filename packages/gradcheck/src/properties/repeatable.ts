import type { Subject } from "../check/subject.ts";
import { read, traced } from "./derivatives.ts";
import type { Tally } from "./tally.ts";

/** Whether two calls give the same bits. Where not, there is nothing to compare other calls with, and the tally says so. */
export function isRepeatable({ call, leaves, name }: Subject, tally: Tally): boolean {
  const [once, again] = [traced(call, leaves), traced(call, leaves)].map(read);
  const same = once.every((data, i) => data.every((x: number, k: number) => Object.is(x, again[i][k])));
  if (!same) {
    const message = `${name} gives something else at each call, so there is nothing to compare with: pass a key to what it draws, or ask for purity to hear more`;
    tally.fault(message, { verdict: "inconclusive" });
  }
  return same;
}
