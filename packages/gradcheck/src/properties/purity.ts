import {
  flattenTree,
  formatShape,
  type Graph,
  isTensor,
  replay,
  type Tensor,
  type TypedArray,
} from "@cotangent/core";
import { isAnything, type Subject } from "../check/subject.ts";
import { type Call, pulled, traced, tracedGraph } from "../graph/calls.ts";
import { dependentPlaces } from "../kinks/switches.ts";
import { Random } from "../numeric/random.ts";
import { Runner } from "../numeric/runner.ts";
import { sameBits } from "../numeric/vectors.ts";
import type { Culprit } from "../report/report.ts";
import { culpritAt } from "./culprit.ts";
import { type CheckResult, Tally } from "./tally.ts";
import { copies, directionsLike, movedBy, read, thrown } from "./tensors.ts";

/** How far inputs are moved, relative to themselves, to see whether the graph follows. */
const SHARE = 0.125;

/**
 * Two calls with the same inputs give the same bits, values and gradients; the inputs are what they were before; and the
 * graph holds no numbers that were read out of the inputs: replayed on other inputs it gives what a call gives. All of it on
 * the reference engine, where an operation gives the same bits wherever it stands.
 */
export function purityProperty(subject: Subject): CheckResult {
  const tally = new Tally("purity");
  inputsStay(subject, tally);
  if (callsAgree(subject, tally)) graphFollows(subject, tally);
  return tally.result();
}

/** The bits of the results, on the reference engine. */
const bitsOf = (outputs: readonly Tensor[], leaves: readonly Tensor[]): TypedArray[] =>
  new Runner(outputs, leaves).run(read(leaves));

function callsAgree(subject: Subject, tally: Tally): boolean {
  const { call, leaves, paths, seed } = subject;
  const inputs = copies(leaves);
  const first = tracedGraph(call, inputs);
  const second = tracedGraph(call, inputs);
  const culprit = () => firstDifference(first, second);
  const outputs = ({ program, tensors }: Graph) => program.outputs.map((place) => tensors[place]);
  const [results, again] = [first, second].map(outputs);
  const [values, others] = [results, again].map((list) => bitsOf(list, inputs));
  const remedy = remedyFor(second);
  const { resultPaths } = subject;
  let agree = true;
  results.forEach(({ shape }, i) => {
    const what = `In a second call with the same inputs ${resultPaths[i]}`;
    const same =
      tally.same(
        `The shape of ${resultPaths[i]} in a second call`,
        formatShape(again[i].shape),
        formatShape(shape),
      ) &&
      tally.compare({
        actual: others[i],
        expected: values[i],
        shape,
        output: resultPaths[i],
        what,
        instead: `in the first: ${remedy}`,
        culprit,
      });
    agree &&= same;
  });
  if (!agree) return false;
  const gradient = pulled(call, directionsLike(results, new Random(seed)));
  const [once, twice] = [0, 1].map(() => bitsOf(gradient(inputs), inputs));
  paths.forEach((path, i) => {
    const { shape } = inputs[i];
    const what = `In a second call with the same inputs the gradient by ${path}`;
    const instead = `in the first: ${remedy}`;
    agree =
      tally.compare({ actual: twice[i], expected: once[i], shape, input: path, what, instead }) && agree;
  });
  return agree;
}

const remedyFor = ({ program }: Graph): string =>
  program.nodes.some(({ prim }) => prim?.name === "randomBits")
    ? "it draws from the default generator. Pass a key to random operations"
    : "it depends on something that changes from call to call, such as Math.random or a counter. Pass that as an argument";

/** What only prepares operands for an operation. */
const PREPARES = new Set(["broadcast", "cast", "constant", "reshape"]);

/** The first operation that gives other bits in a second call. */
function firstDifference(first: Graph, second: Graph): Culprit | null {
  const { nodes } = second.program;
  if (first.tensors.length !== second.tensors.length) return null;
  const [once, again] = [first, second].map(({ tensors }) => bitsOf(tensors, []));
  const differ = nodes.flatMap(({ prim }, i) => (prim !== null && !sameBits(once[i], again[i]) ? [i] : []));
  const place = differ.find((i) => !PREPARES.has(nodes[i].prim?.name ?? "")) ?? differ[0];
  if (place === undefined) return null;
  const { prim, inputs } = nodes[place];
  return culpritAt(
    second,
    place,
    prim?.name ?? "",
    inputs,
    "it is the first that gives another result in a second call",
  );
}

/** On other inputs, the graph that a call has made gives what a call gives there. */
function graphFollows({ call, leaves, resultPaths, name, seed }: Subject, tally: Tally): void {
  const random = new Random(seed);
  const inputs = copies(leaves);
  const earlier = tracedGraph(call, inputs);
  const { program, tensors, leaves: others } = earlier;
  for (const moved of [movedBy(inputs, SHARE, random), thrown(inputs, random)]) {
    const called = calledAt(call, moved);
    if (called === null) {
      tally.note(`${name} refuses some other inputs`);
      continue;
    }
    const replayed = replay(program, [...moved, ...others]);
    const expected = bitsOf(
      program.outputs.map((place) => replayed[place]),
      moved,
    );
    const actual = bitsOf(called, moved);
    const what = (i: number) => `At other inputs ${resultPaths[i]}`;
    called.forEach(({ shape }, i) => {
      const output = resultPaths[i];
      if (
        !tally.same(
          `${what(i)} has a shape that`,
          formatShape(shape),
          formatShape(tensors[program.outputs[i]].shape),
          { output },
        )
      )
        return;
      tally.compare({
        actual: actual[i],
        expected: expected[i],
        shape,
        output,
        what: what(i),
        instead: `by the graph of the call before: ${name} reads values (item, dataSync, arraySync) and builds on them, which derivatives do not see. Write that as operations, such as where`,
        culprit: () => firstStale(earlier, tracedGraph(call, moved), moved),
      });
    });
  }
}

/** The first operation on an input that gives something else in a call than in the graph of an earlier one. */
function firstStale(earlier: Graph, again: Graph, moved: readonly Tensor[]): Culprit | null {
  if (earlier.tensors.length !== again.tensors.length) return null;
  const replayed = replay(earlier.program, [...moved, ...earlier.leaves]);
  const [expected, actual] = [replayed, again.tensors].map((tensors) => bitsOf(tensors, moved));
  const depends = dependentPlaces(again, moved.length);
  const place = again.program.nodes.findIndex(
    ({ prim }, i) => prim !== null && depends[i] === 1 && !sameBits(expected[i], actual[i]),
  );
  if (place < 0) return null;
  const { prim, inputs } = again.program.nodes[place];
  const detail = "it is the first that is given a number which was read out of an input";
  return culpritAt(again, place, prim?.name ?? "", inputs, detail);
}

/** A call at other inputs; null where the function refuses them, as one that checks values may. */
function calledAt(call: Call, inputs: readonly Tensor[]): Tensor[] | null {
  try {
    return traced(call, inputs);
  } catch (error) {
    if (error instanceof Error) return null;
    throw error;
  }
}

/** The function leaves what it is called with as it was. */
function inputsStay({ f, args, name }: Subject, tally: Tally): void {
  const before = tensorsIn(args);
  const values = read(before.map(({ leaf }) => leaf));
  const result = (f as (...all: unknown[]) => unknown)(...args);
  read(flattenTree(result, isAnything, "purity").leaves.filter(isTensor));
  const after = tensorsIn(args);
  const paths = (found: typeof before) => found.map(({ path }) => path).join(", ");
  if (!tally.same(`After a call of ${name} the list of tensors in its inputs`, paths(after), paths(before)))
    return;
  const now = read(after.map(({ leaf }) => leaf));
  after.forEach(({ leaf, path }, i) => {
    const instead = "before: a function leaves its inputs as they are";
    tally.compare({
      actual: now[i],
      expected: values[i],
      shape: leaf.shape,
      input: path,
      what: `After a call of ${name} ${path}`,
      instead,
    });
  });
}

function tensorsIn(args: readonly unknown[]): { readonly path: string; readonly leaf: Tensor }[] {
  const { leaves, paths } = flattenTree(args, isAnything, "purity");
  return leaves.flatMap((leaf, i) => (isTensor(leaf) ? [{ path: `inputs${paths[i]}`, leaf }] : []));
}
