import { type Tensor, vjp } from "@cotangent/core";
import type { Subject } from "../check/subject.ts";
import { type Call, pulled, traced } from "../graph/calls.ts";
import { Random } from "../numeric/random.ts";
import { ruleCulprit } from "./culprit.ts";
import { isRepeatable } from "./repeatable.ts";
import { type CheckResult, Tally } from "./tally.ts";
import { copies, directionsLike, kindText, movedBy, read, roundings, unitOf } from "./tensors.ts";

/** How far the inputs of another call are from those of the first. */
const SHARE = 0.125;

/**
 * The same tensor in the places of two inputs of one shape and dtype: the value is that of equal tensors, the gradient the
 * sum of both gradients. And two calls in one graph do not disturb each other's gradients: not when both get the same
 * tensors, and not when the second gets others, which shows whether a rule keeps something between forward and backward
 * outside of its residuals.
 */
export function aliasingProperty(subject: Subject): CheckResult {
  const tally = new Tally("aliasing");
  if (!isRepeatable(subject, tally)) return tally.result();
  const check = new AliasCheck(subject, tally);
  const { leaves, paths } = subject;
  const pairs = leaves.flatMap((x, i) =>
    leaves.slice(i + 1).flatMap((y, k) => (kindText(x) === kindText(y) ? [[i, i + 1 + k] as const] : [])),
  );
  if (pairs.length === 0) tally.note("no two inputs have one shape and dtype");
  for (const [i, k] of pairs) {
    tally.attempt(`The same tensor as ${paths[i]} and ${paths[k]}`, () => check.pair(i, k));
  }
  tally.attempt("Two calls with the same tensors", () => check.twice(false));
  tally.attempt("Two calls with different tensors", () => check.twice(true));
  return tally.result();
}

class AliasCheck {
  private readonly inputs: readonly Tensor[];
  private readonly random: Random;
  private readonly unit: number;
  private readonly weights: readonly Tensor[];

  constructor(
    private readonly subject: Subject,
    private readonly tally: Tally,
  ) {
    this.inputs = copies(subject.leaves);
    this.random = new Random(subject.seed);
    this.unit = unitOf(subject.call, this.inputs);
    this.weights = directionsLike(traced(subject.call, this.inputs), this.random);
  }

  /** The tensor of input i in the place of input k, too. */
  pair(i: number, k: number): void {
    const { subject, tally, inputs, random, unit, weights } = this;
    const { call, paths, resultPaths } = subject;
    const equal = inputs.map((x, at) => (at === k ? copies([inputs[i]])[0] : x));
    const shared: Call = (leaves) => call(leaves.map((x, at) => (at === k ? leaves[i] : x)));
    const both = `the same tensor as ${paths[i]} and ${paths[k]}`;
    const values = read(traced(shared, equal));
    read(traced(call, equal)).forEach((expected, at) => {
      tally.compare({
        actual: values[at],
        expected,
        allowed: () => roundings(call, equal, unit, random)[at],
        shape: weights[at].shape,
        output: resultPaths[at],
        what: `With ${both} ${resultPaths[at]}`,
        instead: "with two equal tensors",
      });
    });
    const apart = read(pulled(call, weights)(equal));
    const together = read(pulled(shared, weights)(equal));
    const allowed = () => roundings(pulled(call, weights), equal, unit, random);
    const { shape } = inputs[i];
    tally.compare({
      actual: together[i],
      expected: sum(apart[i], apart[k]),
      allowed: () => {
        const each = allowed();
        return sum(each[i], each[k]);
      },
      shape,
      input: paths[i],
      what: `The gradient by ${both}`,
      instead: "as the sum of both gradients with two equal tensors",
      culprit: () => ruleCulprit(shared, equal, subject.seed),
    });
  }

  /** Two calls in one graph: with the same tensors, or with others the second time. */
  twice(other: boolean): void {
    const { subject, tally, inputs, random, unit, weights } = this;
    const { call, paths } = subject;
    const second = other ? movedBy(inputs, SHARE, random) : inputs;
    const both: Call = (all) => [...call(all), ...call(other ? second : all)];
    const [, pull] = vjp((...all: Tensor[]) => both(all), ...inputs);
    const others = directionsLike(weights, random);
    const actual = read(pull([...weights, ...others] as never) as Tensor[]);
    const own = pulled(call, weights);
    const rest = pulled(call, others);
    const expected = read(own(inputs));
    const more = other ? null : read(rest(inputs));
    paths.forEach((path, i) => {
      tally.compare({
        actual: actual[i],
        expected: more === null ? expected[i] : sum(expected[i], more[i]),
        allowed: () => {
          const each = roundings(own, inputs, unit, random)[i];
          return more === null ? each : sum(each, roundings(rest, inputs, unit, random)[i]);
        },
        shape: inputs[i].shape,
        input: path,
        what: other
          ? `With another call, at other inputs, in the same graph the gradient by ${path}`
          : `The gradient of two calls in the same graph by ${path}`,
        instead: other
          ? "without: a rule keeps something outside of its residuals, in a closure say"
          : "as the sum of the gradients of each",
        culprit: () => ruleCulprit(both, inputs, subject.seed),
      });
    });
  }
}

const sum = (a: ArrayLike<number>, b: ArrayLike<number>): Float64Array =>
  Float64Array.from(a, (x, i) => x + b[i]);
