import { type Graph, stopGradient, type Tensor, tensor, vjp, where } from "@cotangent/core";
import { unitCall, unitsIn } from "../blame/units.ts";
import type { Subject } from "../check/subject.ts";
import { type Call, tracedGraph } from "../graph/calls.ts";
import { sizeOf } from "../numeric/vectors.ts";
import type { Culprit } from "../report/report.ts";
import { culpritAt } from "./culprit.ts";
import { type CheckResult, Tally } from "./tally.ts";
import { copies, read } from "./tensors.ts";

/** Primitives at which a mask ends, as documented: contractions, and rules of a user's own, which are given values. */
const ENDS: Readonly<Record<string, string>> = {
  dot: "contractions",
  conv: "contractions",
  customCall: "functions with a rule of their own",
};

/** A way to make the branch that is not chosen dangerous. */
interface Danger {
  readonly text: string;
  /** What the function gets in the place of an input. */
  readonly make: (x: Tensor) => Tensor;
}

const DANGERS: readonly Danger[] = [
  {
    text: "whose derivative is infinite",
    // x again, with an infinite derivative.
    make: (x) => {
      const still = stopGradient(x);
      return still.add(x.sub(still).cbrt());
    },
  },
  { text: "that is NaN", make: (x) => x.mul(Number.NaN) },
];

/**
 * What `where` does not choose leaks nothing: where(false, f(z), 0) has gradients of zeros, although z has an infinite
 * derivative by the input, or is NaN. A mask ends at contractions and at functions with a rule of their own; where there
 * are such, a leak is noted, and is no fault.
 */
export function maskedNaNProperty(subject: Subject): CheckResult {
  const tally = new Tally("maskedNaN");
  const inputs = copies(subject.leaves);
  const graph = tracedGraph(subject.call, inputs);
  const ends = endsIn(graph);
  for (const danger of DANGERS) {
    tally.attempt(`The gradient behind a branch that is not chosen, of inputs ${danger.text},`, () =>
      check(subject, inputs, danger, ends, tally, () => culpritOf(graph, inputs.length, danger)),
    );
  }
  return tally.result();
}

/** What masks end at in a graph, for people. */
function endsIn({ program }: Graph): string[] {
  const found = program.nodes.flatMap(({ prim }) => ENDS[prim?.name ?? ""] ?? []);
  return [...new Set(found)];
}

function check(
  { call, paths }: Subject,
  inputs: readonly Tensor[],
  danger: Danger,
  ends: readonly string[],
  tally: Tally,
  culprit: () => Culprit | null,
): void {
  const found = read(maskedGradient(call, inputs, danger));
  const leaks = found.some((data) => data.some((x: number) => x !== 0));
  if (leaks && ends.length > 0) {
    tally.note(
      `what is not chosen leaks into gradients of inputs ${danger.text}, as it does behind ${ends.join(" and ")}`,
    );
    return;
  }
  found.forEach((actual, i) => {
    tally.compare({
      actual: Float64Array.from(actual, (x) => x + 0),
      expected: new Float64Array(actual.length),
      shape: inputs[i].shape,
      input: paths[i],
      what: `Behind a branch that is not chosen, of an input ${danger.text}, the gradient by ${paths[i]}`,
      instead: "is what it must be",
      culprit,
    });
  });
}

/** The gradients of where(false, f(z), 0). */
function maskedGradient(call: Call, inputs: readonly Tensor[], { make }: Danger): Tensor[] {
  const masked = (...all: Tensor[]): Tensor[] => call(all.map(make)).map((y) => where(nowhere(y), y, 0));
  const [results, pull] = vjp(masked, ...inputs);
  return pull(results.map(onesLike) as never);
}

/** False in every element; as data, which nobody can simplify. */
const nowhere = ({ shape }: Tensor): Tensor =>
  tensor(new Uint8Array(sizeOf(shape)), { shape, dtype: "bool" });

const onesLike = ({ shape, dtype }: Tensor): Tensor =>
  tensor(new Float64Array(sizeOf(shape)).fill(1), { shape, dtype });

/** The first operation that loses the mask on its own. */
function culpritOf(graph: Graph, count: number, danger: Danger): Culprit | null {
  const at = (places: readonly number[]): Tensor[] => places.map((place) => graph.tensors[place]);
  for (const unit of unitsIn(graph, count)) {
    const call = unitCall(unit, copies(at(unit.others)));
    const leaks = read(maskedGradient(call, copies(at(unit.operands)), danger)).some((data) => data.some((x: number) => x !== 0)); // biome-ignore format: one call
    if (leaks) {
      const detail = "what where does not choose leaks through its derivative into gradients";
      return culpritAt(graph, unit.place, unit.operation, unit.operands, detail);
    }
  }
  return null;
}
