import { isTensor, type Tensor } from "../../ir/tensor.ts";
import { asTensor } from "../../prims/convert.ts";
import { weakKind } from "../../prims/leaves.ts";
import { closeOver } from "../../transform/control/close.ts";
import { Loop } from "../../transform/control/loop.ts";
import { carryOf, loopCall } from "../../transform/control/parts.ts";
import { checkBody, traceBody } from "../../transform/control/trace.ts";
import { builder } from "../../transform/vjp.ts";
import { isFloating } from "../../types/dtype.ts";
import { checkOptions } from "../../types/options.ts";
import { formatShape, toShape } from "../../types/shape.ts";
import { describeValue } from "../../types/trees.ts";
import { DTypeError, ShapeError, StateError } from "../../util/errors.ts";
import { type Carried, type Carry, settled } from "./carry.ts";

export interface LoopOptions {
  /** The most steps there can be: then there is reverse mode, which keeps what it needs for so many. */
  readonly maxSteps?: number;
}

/** @throws StateError for options that make no sense; @returns -1 where nothing is given */
function maxStepsOf(options: LoopOptions, operation: string): number {
  checkOptions(operation, options, ["maxSteps"]);
  const { maxSteps = -1 } = options;
  if (options.maxSteps === undefined || (Number.isInteger(maxSteps) && maxSteps >= 0)) return maxSteps;
  throw new StateError(`maxSteps is ${maxSteps}`, {
    operation,
    remedy: "Give the most steps that there can be, a whole number",
  });
}

const counterLike = (): Tensor => builder.constant(0, toShape([]), "int32");

/**
 * `body(state)` again and again, as long as `condition(state)` is true. Both are traced once; the state, a tensor or a tree of
 * tensors, keeps its shapes and dtypes. With `maxSteps` the loop ends after so many at the latest, and has derivatives in both
 * modes and of any order; without, forward mode alone. Under vmap it goes on as long as one lane does, and lanes that are
 * done keep what they have. That of `jax.lax.while_loop`.
 * @throws ShapeError, DTypeError or StateError where the state does not keep its form, or the condition is no bool scalar
 */
export function whileLoop<C extends Carry>(
  condition: (state: Carried<C>) => Tensor | boolean,
  body: (state: Carried<C>) => unknown,
  init: C,
  options: LoopOptions = {},
): Carried<C> {
  const operation = "whileLoop";
  const example = "whileLoop((x) => x.less(10), (x) => x.mul(2), 1)";
  checkBody(condition, operation, "the condition", example);
  checkBody(body, operation, "the body", example);
  const length = maxStepsOf(options, operation);
  const { initial, body: traced } = settled(operation, init, (state) => {
    const like = [...state.leaves, counterLike()];
    const made = traceBody(
      operation,
      like,
      (all) => body(state.unflatten(all.slice(0, -1)) as Carried<C>),
      like.length - 1,
    );
    return { body: made, next: made.result };
  });
  const decided = traceBody(operation, initial.leaves, (all) =>
    asBool(condition(initial.unflatten(all) as Carried<C>)),
  );
  const own = closeOver(traced.parameters, traced.result.leaves, traced.first);
  const goesOn = closeOver(decided.parameters, decided.result.leaves, decided.first);
  const call = loopCall(
    [...initial.leaves, ...own.captured, ...goesOn.captured],
    new Loop({
      operation,
      body: own.body,
      condition: goesOn.body,
      carries: initial.leaves.length,
      sequences: 0,
      counted: false,
      length,
      reverse: false,
    }),
  );
  return initial.unflatten(initial.leaves.map((_, i) => carryOf(call, i))) as Carried<C>;
}

/** @throws DTypeError or ShapeError unless it is a bool scalar */
function asBool(value: unknown): Tensor {
  if (typeof value === "boolean") return asTensor(value, "whileLoop").node;
  if (!isTensor(value)) {
    throw new StateError(`the condition returned ${describeValue(value)}`, {
      operation: "whileLoop",
      remedy: "Return a bool scalar: (x) => x.less(10)",
    });
  }
  if (value.dtype !== "bool") {
    throw new DTypeError(`the condition has dtype ${value.dtype}`, {
      operation: "whileLoop",
      dtypes: [value.dtype],
      remedy: "Return a bool scalar: (x) => x.less(10)",
    });
  }
  if (value.rank === 0) return value.node;
  throw new ShapeError(`the condition has shape ${formatShape(value.shape)}`, {
    operation: "whileLoop",
    shapes: [value.shape],
    remedy: "Return a bool scalar: reduce it with all() or any()",
  });
}

/**
 * `body(i, state)` for i from `start` up to, but not including, `end`; i is an int32 scalar. Where both are numbers, the loop has
 * as many steps as they say, and derivatives in both modes; where one is a tensor, the number of steps is found at run time,
 * and reverse mode needs `maxSteps`. No steps where `end` is not greater. That of `jax.lax.fori_loop`.
 * @throws ShapeError, DTypeError or StateError where the state does not keep its form, or a bound is no whole number
 */
export function forLoop<C extends Carry>(
  start: number | Tensor,
  end: number | Tensor,
  body: (i: Tensor, state: Carried<C>) => unknown,
  init: C,
  options: LoopOptions = {},
): Carried<C> {
  const operation = "forLoop";
  checkBody(body, operation, "the body", "forLoop(0, 10, (i, x) => x.add(i), 0)");
  const maxSteps = maxStepsOf(options, operation);
  const from = boundOf(start, operation);
  const to = boundOf(end, operation);
  const isStatic = typeof from === "number" && typeof to === "number";
  const length = isStatic ? Math.max(0, to - from) : maxSteps;
  if (isStatic && maxSteps >= 0 && length > maxSteps) {
    throw new StateError(`there are ${length} steps from ${from} to ${to}, and maxSteps is ${maxSteps}`, {
      operation,
      remedy: "Leave maxSteps out where both bounds are numbers",
    });
  }
  const first = typeof from === "number" ? builder.constant(from, toShape([]), "int32") : from;
  const { initial, body: traced } = settled(operation, init, (state) => {
    const like = [...state.leaves, counterLike()];
    const made = traceBody(
      operation,
      like,
      (all) => body(builder.add(all[all.length - 1], first), state.unflatten(all.slice(0, -1)) as Carried<C>),
      like.length - 1,
    );
    return { body: made, next: made.result };
  });
  const own = closeOver(traced.parameters, traced.result.leaves, traced.first);
  const count = isStatic
    ? []
    : [builder.sub(typeof to === "number" ? builder.constant(to, toShape([]), "int32") : to, first)];
  const call = loopCall(
    [...initial.leaves, ...count, ...own.captured],
    new Loop({
      operation,
      body: own.body,
      condition: null,
      carries: initial.leaves.length,
      sequences: 0,
      counted: !isStatic,
      length,
      reverse: false,
    }),
  );
  return initial.unflatten(initial.leaves.map((_, i) => carryOf(call, i))) as Carried<C>;
}

/** @throws StateError, DTypeError or ShapeError unless it is a whole number or an integer scalar */
function boundOf(bound: number | Tensor, operation: string): number | Tensor {
  const remedy = "Bounds are whole numbers or int32 scalars";
  if (!isTensor(bound)) {
    if (Number.isInteger(bound) && Math.abs(bound as number) < 2 ** 31) return bound;
    throw new StateError(`${typeof bound === "number" ? bound : describeValue(bound)} is no bound`, {
      operation,
      remedy,
    });
  }
  // A number of a function that is being compiled.
  if (weakKind(bound) === "integer") return builder.cast(bound.node, "int32");
  const { node } = asTensor(bound, operation);
  if (isFloating(bound.dtype) || bound.dtype === "bool") {
    throw new DTypeError(`a bound has dtype ${bound.dtype}`, { operation, dtypes: [bound.dtype], remedy });
  }
  if (bound.rank === 0) return builder.cast(node, "int32");
  throw new ShapeError(`a bound has shape ${formatShape(bound.shape)}`, {
    operation,
    shapes: [bound.shape],
    remedy,
  });
}
