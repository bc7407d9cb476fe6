import { type Tensor, vjp } from "@cotangent/core";
import type { Subject } from "../check/subject.ts";
import { pulled } from "../graph/calls.ts";
import { Random } from "../numeric/random.ts";
import { isRepeatable } from "./repeatable.ts";
import { type CheckResult, Tally } from "./tally.ts";
import { copies, directionsLike, read, roundings, unitOf } from "./tensors.ts";

/** Powers of 2, so that scaling rounds nothing. */
const FACTORS = [2, -0.5] as const;

/**
 * What was saved for the backward pass serves it as often as it is asked: one pullback, called again with the same cotangents,
 * gives the same bits, and what it gives is linear in them. (Whether what was saved still depends on the inputs is told by the
 * second derivative, which `checkGradients` compares with differences besides.)
 */
export function doubleBackwardProperty(subject: Subject): CheckResult {
  const { call, paths, seed } = subject;
  const tally = new Tally("doubleBackward");
  if (!isRepeatable(subject, tally)) return tally.result();
  const random = new Random(seed);
  const leaves = copies(subject.leaves);
  const [outputs, pullback] = vjp((...all: Tensor[]) => call(all), ...leaves);
  const [one, other] = [directionsLike(outputs, random), directionsLike(outputs, random)];
  const [a, b] = FACTORS;
  const both = one.map((w, i) => w.mul(a).add(other[i].mul(b)));
  const [first, second, mixed, again] = [one, other, both, one].map((w) => read(pullback(w as never)));
  const unit = unitOf(call, leaves);
  const moved = [one, other].map((w) => roundings(pulled(call, w), leaves, unit, random));
  first.forEach((gradient, i) => {
    const place = { shape: leaves[i].shape, input: paths[i] };
    const what = `The gradient by ${paths[i]}`;
    const same = tally.compare({
      ...place,
      actual: again[i],
      expected: gradient,
      what: `${what} when the backward pass runs again`,
      instead: "the first time: what was saved for it has changed",
    });
    if (!same) return;
    tally.compare({
      ...place,
      actual: mixed[i],
      expected: Float64Array.from(gradient, (x, k) => a * x + b * second[i][k]),
      allowed: () => moved[0][i].map((x, k) => Math.abs(a) * x + Math.abs(b) * moved[1][i][k]),
      what: `${what} for a sum of two cotangents`,
      instead: "by adding up the gradients for each: a backward pass is linear in the cotangents",
    });
  });
  return tally.result();
}
