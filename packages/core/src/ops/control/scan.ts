import { isTensor, type Tensor } from "../../ir/tensor.ts";
import { checkpoint } from "../../transform/checkpoint.ts";
import { closeOver } from "../../transform/control/close.ts";
import { Loop } from "../../transform/control/loop.ts";
import { carryOf, loopCall, stackOf } from "../../transform/control/parts.ts";
import { checkBody, tensorTree, traceBody } from "../../transform/control/trace.ts";
import { builder } from "../../transform/vjp.ts";
import { checkOptions } from "../../types/options.ts";
import { formatShape, toShape } from "../../types/shape.ts";
import type { FlatTree } from "../../types/trees.ts";
import { describeValue } from "../../types/trees.ts";
import { ShapeError, StateError, TraceError } from "../../util/errors.ts";
import { type Carried, type Carry, settled } from "./carry.ts";
import { partAlong } from "./part.ts";

export interface ScanOptions {
  /** How many steps there are: needed where there are no sequences, else the length of their first axis. */
  readonly length?: number;
  /** From the last element to the first; results lie where their elements do. */
  readonly reverse?: boolean;
  /**
   * For reverse mode: keep what goes back needs of the carry only every that many steps, and compute the steps between once
   * more. Of n steps, n / k + k sets of values are kept rather than n.
   */
  readonly checkpointEvery?: number;
}

const OPERATION = "scan";

/**
 * `f(carry, x)` for each element x of the sequences, along their first axis; it returns `[carry, y]`. The result is the
 * last carry, and the ys along a new first axis. The loop is part of the graph: f is traced once, for whatever length.
 *
 * `init` and the sequences are tensors or trees of them; the carry keeps its shapes and dtypes (a number as `init` takes that
 * of what f returns). What f uses from outside is an input like any other: there are derivatives by it. Derivatives of any
 * order and vmap work; reverse mode stacks what it needs of each step (O(length) memory; see `checkpointEvery`).
 * Draws of random numbers differ from step to step, unless a key is given. That of `jax.lax.scan`.
 * @throws ShapeError, DTypeError, StateError where the carry or the sequences do not fit; TraceError where f reads a value
 */
export function scan<C extends Carry, X extends Carry, Y>(
  f: (carry: Carried<C>, x: Carried<X>) => readonly [unknown, Y],
  init: C,
  xs: X,
  options: ScanOptions = {},
): [Carried<C>, Carried<Y>] {
  checkBody(f, OPERATION, "the first argument", "scan((carry, x) => [carry.add(x), carry], 0, xs)");
  checkOptions(OPERATION, options, ["length", "reverse", "checkpointEvery"]);
  const sequences = tensorTree(xs, OPERATION).flat;
  const length = lengthOf(sequences, options.length);
  const { checkpointEvery: every, reverse = false } = options;
  const call = { f: f as ScanBody, init, sequences, length, reverse };
  if (every === undefined) return scanned(call) as [Carried<C>, Carried<Y>];
  if (!Number.isInteger(every) || every < 1) {
    throw new StateError(`checkpointEvery is ${every}`, {
      operation: OPERATION,
      remedy: "Give a whole number of steps, at least 1: about the square root of the length keeps least",
    });
  }
  return inPieces(call, every) as [Carried<C>, Carried<Y>];
}

type ScanBody = (carry: unknown, x: unknown) => readonly [unknown, unknown];

interface ScanCall {
  readonly f: ScanBody;
  readonly init: unknown;
  readonly sequences: FlatTree<Tensor>;
  readonly length: number;
  readonly reverse: boolean;
}

/** @throws ShapeError or StateError where there is no one length */
function lengthOf({ leaves, paths }: FlatTree<Tensor>, given: number | undefined): number {
  if (isTensor(given)) {
    throw new TraceError(
      "length is a tensor, and how many steps a scan has must be known when it is traced",
      {
        operation: OPERATION,
        remedy:
          "Use a number from outside of the compiled function; forLoop and whileLoop take as many steps as tensors say",
      },
    );
  }
  if (given !== undefined && (!Number.isInteger(given) || given < 0)) {
    throw new StateError(`length is ${given}`, {
      operation: OPERATION,
      remedy: "Give a whole number of steps, 0 or more",
    });
  }
  leaves.forEach((leaf, i) => {
    if (leaf.rank > 0) return;
    throw new ShapeError(`the sequence${paths[i] === "" ? "" : ` at ${paths[i]}`} is a scalar, of shape []`, {
      operation: OPERATION,
      shapes: [leaf.shape],
      remedy: "Sequences have a first axis to go along; what is the same at each step, f can use as it is",
    });
  });
  const lengths = leaves.map(({ shape }) => shape[0]);
  const length = given ?? lengths[0];
  if (length === undefined) {
    throw new StateError("there are no sequences, and no length", {
      operation: OPERATION,
      remedy: "Say how many steps there are: { length: 100 }",
    });
  }
  if (lengths.every((one) => one === length)) return length;
  throw new ShapeError(
    `sequences of ${leaves.map(({ shape }) => formatShape(shape)).join(", ")} for ${length} steps`,
    {
      operation: OPERATION,
      shapes: leaves.map(({ shape }) => shape),
      remedy: "All sequences have one first axis, of as many elements as there are steps",
    },
  );
}

function scanned({ f, init, sequences, length, reverse }: ScanCall): [unknown, unknown] {
  const elements = sequences.leaves.map(({ shape, dtype }) =>
    builder.constant(0, toShape(shape.slice(1)), dtype),
  );
  const counter = builder.constant(0, toShape([]), "int32");
  let ys: FlatTree<Tensor> | undefined;
  const { initial, body } = settled(OPERATION, init, (state) => {
    const like = [...state.leaves, ...elements, counter];
    const carries = state.leaves.length;
    const traced = traceBody(
      OPERATION,
      like,
      (all) =>
        pairOf(
          f(state.unflatten(all.slice(0, carries)), sequences.unflatten(all.slice(carries, all.length - 1))),
        ),
      like.length - 1,
    );
    const [carry, y] = traced.result.unflatten(traced.result.leaves) as [unknown, unknown];
    ys = tensorTree(y, OPERATION).flat;
    return { body: traced, next: tensorTree(carry, OPERATION).flat };
  });
  const { body: own, captured } = closeOver(body.parameters, body.result.leaves, body.first);
  const carries = initial.leaves.length;
  const call = loopCall(
    [...initial.leaves, ...sequences.leaves, ...captured],
    new Loop({
      operation: OPERATION,
      body: own,
      condition: null,
      carries,
      sequences: elements.length,
      counted: false,
      length,
      reverse,
    }),
  );
  const last = initial.leaves.map((_, i) => carryOf(call, i));
  const stacks = own.results.slice(carries).map((value) => stackOf(call, value));
  return [initial.unflatten(last), (ys as FlatTree<Tensor>).unflatten(stacks)];
}

/** @throws StateError unless f returned two things */
function pairOf(returned: unknown): readonly [unknown, unknown] {
  if (Array.isArray(returned) && returned.length === 2) return returned as unknown as [unknown, unknown];
  throw new StateError(`the function returned ${describeValue(returned)}`, {
    operation: OPERATION,
    remedy: "Return the new carry and what to stack: [carry, y]; null for y where there is nothing",
  });
}

/** Pieces of `every` steps, each of which keeps nothing but the carry that it began with. */
function inPieces(call: ScanCall, every: number): [unknown, unknown] {
  const { f, init, sequences, length, reverse } = call;
  const pieces = Math.floor(length / every);
  const whole = pieces * every;
  const slices = (from: number, to: number): Tensor[] =>
    sequences.leaves.map((x) => partAlong(x, 0, from, to));
  const rest = (state: unknown): [unknown, unknown] =>
    scanned({
      f,
      init: state,
      sequences: { ...sequences, leaves: slices(whole, length) },
      length: length - whole,
      reverse,
    });
  const all = (state: unknown): [unknown, unknown] => {
    const piece = checkpoint((carry: unknown, parts: unknown) =>
      scanned({ f, init: carry, sequences: tensorTree(parts, OPERATION).flat, length: every, reverse }),
    );
    const folded = slices(0, whole).map((x) => builder.reshape(x, [pieces, every, ...x.shape.slice(1)]));
    const [carry, ys] = scanned({
      f: (own, parts) => piece(own, parts),
      init: state,
      sequences: { ...sequences, leaves: folded },
      length: pieces,
      reverse,
    });
    const flat = tensorTree(ys, OPERATION).flat;
    const unfolded = flat.leaves.map((y) => builder.reshape(y, [whole, ...y.shape.slice(2)]));
    return [carry, flat.unflatten(unfolded)];
  };
  if (whole === length) return all(init);
  const [first, second] = reverse ? [rest, all] : [all, rest];
  const [middle, early] = first(init);
  const [carry, late] = second(middle);
  const [front, back] = (reverse ? [late, early] : [early, late]).map((ys) => tensorTree(ys, OPERATION).flat);
  return [carry, front.unflatten(front.leaves.map((y, i) => builder.concat([y, back.leaves[i]], 0)))];
}
