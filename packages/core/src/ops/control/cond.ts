import { isTensor, type Tensor } from "../../ir/tensor.ts";
import { asTensor } from "../../prims/convert.ts";
import { weakKind } from "../../prims/leaves.ts";
import { Branch } from "../../transform/control/branch.ts";
import { closeAll } from "../../transform/control/close.ts";
import { branchCall, resultOf } from "../../transform/control/parts.ts";
import { checkBody, type TracedBody, tensorTree, traceBody } from "../../transform/control/trace.ts";
import { builder } from "../../transform/vjp.ts";
import { formatShape, sameShape } from "../../types/shape.ts";
import { describeValue } from "../../types/trees.ts";
import { DTypeError, ShapeError, StateError } from "../../util/errors.ts";
import type { Carried } from "./carry.ts";

/**
 * `ifTrue(...operands)` where the predicate, a bool scalar, is true, else `ifFalse(...operands)`: only that one runs.
 * Both are traced, and give trees of equal structure, shapes and dtypes. What they use from outside is an input like the operands:
 * there are derivatives by it. Derivatives of any order flow through the branch that ran, which goes forth once more on the way
 * back. Under vmap with predicates that differ, both run and each lane takes its own (as `where`). That of `jax.lax.cond`.
 * @throws DTypeError or ShapeError unless the predicate is a bool scalar, and where branches give different things
 */
export function cond<A extends readonly unknown[], R>(
  predicate: Tensor | boolean,
  ifTrue: (...operands: A) => R,
  ifFalse: (...operands: A) => R,
  ...operands: { [K in keyof A]: A[K] extends Tensor ? Tensor | number : A[K] }
): Carried<R> {
  const operation = "cond";
  const chosen = scalarOf(predicate, operation, "the predicate", "bool");
  return choice(operation, builder.cast(chosen, "int32"), [ifFalse, ifTrue], operands, [
    "ifFalse",
    "ifTrue",
  ]) as Carried<R>;
}

/**
 * The branch that `index` names, an int32 scalar, called with the operands; the first or the last where it is out of range.
 * As `cond`. That of `jax.lax.switch`.
 * @throws DTypeError, ShapeError or StateError as `cond`
 */
export function switchCase<A extends readonly unknown[], R>(
  index: Tensor | number,
  branches: readonly ((...operands: A) => R)[],
  ...operands: { [K in keyof A]: A[K] extends Tensor ? Tensor | number : A[K] }
): Carried<R> {
  const operation = "switchCase";
  if (!Array.isArray(branches) || branches.length === 0) {
    throw new StateError("there are no branches", {
      operation,
      remedy: "Give at least one: switchCase(i, [(x) => x.sin(), (x) => x.cos()], x)",
    });
  }
  const given = typeof index === "number" ? asTensor([index], operation) : index;
  const chosen =
    typeof index === "number" && Number.isInteger(index)
      ? builder.reshape(builder.cast(given, "int32"), [])
      : scalarOf(index, operation, "the index", "int32");
  return choice(
    operation,
    chosen,
    branches,
    operands,
    branches.map((_, i) => `branch ${i}`),
  ) as Carried<R>;
}

/** @throws StateError, DTypeError or ShapeError unless it is a scalar of that dtype */
function scalarOf(given: unknown, operation: string, what: string, dtype: "bool" | "int32"): Tensor {
  const remedy =
    dtype === "bool"
      ? "Give a bool scalar: a comparison such as x.sum().greater(0), or a boolean"
      : 'Give a whole number or an int32 scalar: use cast("int32")';
  if (!isTensor(given) && typeof given !== "boolean") {
    const shown = typeof given === "number" ? given : describeValue(given);
    throw new StateError(`${what} is ${shown}`, { operation, remedy });
  }
  // A number of a function that is being compiled.
  if (dtype === "int32" && isTensor(given) && weakKind(given) === "integer")
    return builder.cast(given.node, dtype);
  const { node } = asTensor(given, operation);
  const fits = node.dtype === dtype || (dtype === "int32" && node.dtype === "uint32");
  if (!fits)
    throw new DTypeError(`${what} has dtype ${node.dtype}`, { operation, dtypes: [node.dtype], remedy });
  if (node.rank === 0) return builder.cast(node, dtype);
  throw new ShapeError(`${what} has shape ${formatShape(node.shape)}`, {
    operation,
    shapes: [node.shape],
    remedy:
      dtype === "bool" ? "Reduce it with all() or any(); to choose element by element, use where" : remedy,
  });
}

function choice(
  operation: string,
  index: Tensor,
  branches: readonly ((...operands: never[]) => unknown)[],
  operands: readonly unknown[],
  names: readonly string[],
): unknown {
  branches.forEach((f, i) => {
    checkBody(
      f,
      operation,
      names[i],
      operation === "cond"
        ? "cond(p, (x) => x.sin(), (x) => x.cos(), x)"
        : "switchCase(i, [(x) => x.sin(), (x) => x.cos()], x)",
    );
  });
  const { flat } = tensorTree(operands, operation);
  const traced = branches.map((f) =>
    traceBody(operation, flat.leaves, (all) => f(...(flat.unflatten(all) as never[]))),
  );
  const results = matched(operation, traced, names);
  const { bodies, captured } = closeAll(
    traced.map(({ parameters }, i) => ({ parameters, results: results[i] })),
    { first: traced[0].first, hoist: false },
  );
  const call = branchCall([index, ...flat.leaves, ...captured], new Branch(operation, bodies));
  return traced[0].result.unflatten(results[0].map((_, k) => resultOf(call, k)));
}

/** The results of all branches; numbers take the dtype of the others. @throws StateError, ShapeError, DTypeError */
function matched(operation: string, traced: readonly TracedBody[], names: readonly string[]): Tensor[][] {
  const [first] = traced;
  traced.forEach(({ result }, i) => {
    if (result.structure === first.result.structure) return;
    throw new StateError(
      `${names[0]} returns a tree of ${first.result.leaves.length} tensors, ${names[i]} another one, of ${result.leaves.length}`,
      { operation, remedy: "All branches return trees of one structure" },
    );
  });
  const typed = first.result.leaves.map((leaf, k) => {
    const own = traced.find(({ isNumber }) => !isNumber[k]);
    return own === undefined ? leaf : own.result.leaves[k];
  });
  return traced.map(({ result, isNumber }, i) =>
    result.leaves.map((leaf, k) => {
      const like = typed[k];
      const where = result.paths[k] === "" ? "" : ` at ${result.paths[k]}`;
      if (!sameShape(leaf.shape, like.shape)) {
        throw new ShapeError(
          `${names[i]} returns ${formatShape(leaf.shape)}${where}, another branch ${formatShape(like.shape)}`,
          {
            operation,
            shapes: [leaf.shape, like.shape],
            remedy: "All branches return the same shapes: use broadcastTo or reshape in one of them",
          },
        );
      }
      if (isNumber[k]) return builder.cast(leaf, like.dtype);
      if (leaf.dtype === like.dtype) return leaf;
      throw new DTypeError(`${names[i]} returns ${leaf.dtype}${where}, another branch ${like.dtype}`, {
        operation,
        dtypes: [leaf.dtype, like.dtype],
        remedy: "All branches return the same dtypes: use cast in one of them",
      });
    }),
  );
}
