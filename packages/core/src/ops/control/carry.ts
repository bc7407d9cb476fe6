import type { Tensor } from "../../ir/tensor.ts";
import { type TracedBody, tensorTree } from "../../transform/control/trace.ts";
import { builder } from "../../transform/vjp.ts";
import { formatShape, sameShape } from "../../types/shape.ts";
import type { FlatTree } from "../../types/trees.ts";
import { DTypeError, ShapeError, StateError } from "../../util/errors.ts";

/** What a tree may be; that arrays of fixed length are among them makes `[x, y]` one, rather than an array of any length. */
export type Carry = [] | object | number | boolean | null | undefined;

/** A tree with tensors in the places of tensors and numbers. */
export type Carried<C> = C extends Tensor | number
  ? Tensor
  : C extends readonly unknown[] | object
    ? { -readonly [K in keyof C]: Carried<C[K]> }
    : C;

const at = (path: string): string => (path === "" ? "" : ` at ${path}`);

/**
 * Traces a body for a carry whose numbers have no dtype yet: they take that of what the body makes of them.
 * `trace` is called again where that is another one.
 */
export function settled(
  operation: string,
  init: unknown,
  trace: (initial: FlatTree<Tensor>) => { readonly body: TracedBody; readonly next: FlatTree<Tensor> },
): { readonly initial: FlatTree<Tensor>; readonly body: TracedBody } {
  const { flat, isNumber } = tensorTree(init, operation);
  let initial = flat;
  let { body, next } = trace(initial);
  const adapted = initial.leaves.map((leaf, i) => {
    const other = next.leaves[i];
    return isNumber[i] && other !== undefined && other.dtype !== leaf.dtype
      ? builder.cast(leaf, other.dtype)
      : leaf;
  });
  if (next.structure === initial.structure && adapted.some((leaf, i) => leaf !== initial.leaves[i])) {
    initial = { ...initial, leaves: adapted };
    ({ body, next } = trace(initial));
  }
  checkCarry(operation, initial, next);
  return { initial, body };
}

/** @throws StateError, ShapeError or DTypeError unless what a step makes of the carry is like it */
function checkCarry(operation: string, before: FlatTree<Tensor>, after: FlatTree<Tensor>): void {
  if (before.structure !== after.structure) {
    throw new StateError(
      `the carry is a tree of ${before.paths.length} tensors (${list(before.paths)}), and the function returns one of ` +
        `${after.paths.length} (${list(after.paths)})`,
      { operation, remedy: "Return the new carry in the form of the old one" },
    );
  }
  before.leaves.forEach((leaf, i) => {
    const other = after.leaves[i];
    const path = at(before.paths[i]);
    if (!sameShape(leaf.shape, other.shape)) {
      throw new ShapeError(
        `the carry${path} has shape ${formatShape(leaf.shape)}, and the function returns ${formatShape(other.shape)}`,
        {
          operation,
          shapes: [leaf.shape, other.shape],
          remedy:
            "A carry keeps its shape from step to step: begin with one of the final shape (zeros, broadcastTo)",
        },
      );
    }
    if (leaf.dtype !== other.dtype) {
      throw new DTypeError(
        `the carry${path} has dtype ${leaf.dtype}, and the function returns ${other.dtype}`,
        {
          operation,
          dtypes: [leaf.dtype, other.dtype],
          remedy: `Begin with ${other.dtype}, or return .cast("${leaf.dtype}")`,
        },
      );
    }
  });
}

const list = (paths: readonly string[]): string =>
  paths.length === 0 ? "none" : paths.map((path) => (path === "" ? "one tensor" : path)).join(", ");
