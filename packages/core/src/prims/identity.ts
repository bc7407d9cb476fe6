import { type Form, transparent } from "../ir/form.ts";
import { definePrimitive, type NDArray } from "../ir/primitive.ts";
import type { Tensor } from "../ir/tensor.ts";
import type { DType } from "../types/dtype.ts";
import type { Shape } from "../types/shape.ts";
import { type ReadParams, read } from "./leaves.ts";

type NoParams = Record<string, never>;

const copyFirst = ([x]: readonly NDArray[], _params: object, out: NDArray): void => out.data.set(x.data);

/** x as a node of its own, so that a transform can tell its argument from what a closure captured. */
export const identity = definePrimitive<NoParams>({
  name: "identity",
  alias: true,
  shape: ([x]) => x.shape,
  dtype: ([x]) => x.dtype,
  derivative: { kind: "linear", transpose: (_, ct) => [ct], mask: (_, mask) => [mask] },
  batch: "same",
  reference: copyFirst,
  text: transparent,
  latex: transparent,
});

/** x, as a constant. */
export const stopGradient = definePrimitive<NoParams>({
  name: "stopGradient",
  alias: true,
  shape: ([x]) => x.shape,
  dtype: ([x]) => x.dtype,
  derivative: { kind: "none" },
  batch: "same",
  reference: copyFirst,
  text: transparent,
  latex: transparent,
});

/**
 * x as a value that is computed on its own: what is made of it is not the same computation as what is made of x, and runs
 * after all other operands are computed. `checkpoint` stands on it: without, engines would find that values computed again
 * are known, and keep them.
 */
export const barrier = definePrimitive<NoParams>({
  name: "barrier",
  shape: ([x]) => x.shape,
  dtype: ([x]) => x.dtype,
  derivative: {
    kind: "explicit",
    vjp: (_, ct, inputs) => inputs.map((_, k) => (k === 0 ? ct : null)),
    // What is computed again for the tangents waits for the tangents behind it, too: else all of them would be there at once.
    jvp: (b, [t, ...ofAfter], [, ...after]) =>
      t && b.barrier(t, [...ofAfter.filter((one) => one !== null), ...after]),
    mask: (_, mask, inputs) => inputs.map((_, k) => (k === 0 ? mask : null)),
  },
  reach: () => [0, 1],
  batch: (b, [x, ...after], [mapped], _, size) =>
    b.barrier(mapped ? x : b.broadcast(x, [size, ...x.shape]), after),
  reference: copyFirst,
  text: transparent,
  latex: transparent,
});

/**
 * The first operand, which is a better way to compute the second out of the third: `log(softmax(x))` as
 * `logSoftmax(x)`, both made of x. Derivatives go through the first, except for what only the second is made of (a
 * gradient by the softmax itself).
 */
export const alternative = definePrimitive<NoParams>({
  name: "alternative",
  alias: true,
  shape: ([x]) => x.shape,
  dtype: ([x]) => x.dtype,
  derivative: {
    kind: "linear",
    transpose: (_, ct) => [ct, null, null],
    mask: (_, mask) => [mask, null, null],
  },
  batch: (b, inputs, batched, _, size) => {
    const full = inputs.map((x, k) => (batched[k] ? x : b.broadcast(x, [size, ...x.shape])));
    return b.alternative(full[0], full[1], full[2]);
  },
  reference: copyFirst,
  text: transparent as Form<NoParams>,
  latex: transparent as Form<NoParams>,
});

export interface CompiledResultParams {
  readonly shape: Shape;
  readonly dtype: DType;
  /** The function's. */
  readonly name: string;
  /** Variables that the function assigns: the value depends on the versions before. */
  readonly assigned: readonly object[];
}

/**
 * What a compiled function returned: a value whose way of coming about is gone, beside what it depended on. A
 * derivative asked through it would be a silent zero, so it is an error.
 */
export const compiledResult = definePrimitive<CompiledResultParams>({
  name: "compiledResult",
  shape: (_, { shape }) => shape,
  dtype: (_, { dtype }) => dtype,
  derivative: { kind: "none" },
  batch: "same",
  reference: copyFirst,
  text: (_, { name }) => ({ text: `${name}(...)`, level: 7 }),
  latex: (_, { name }) => ({ text: `\\mathrm{${name}}(\\ldots)`, level: 7 }),
});

/**
 * Whether a derivative may come to a node: not to one that is a constant to derivatives (stopGradient, comparisons), and so
 * not beyond. Leaves and what a compiled function returned count: what they stem from is asked.
 */
export const mayVary = (node: Tensor): boolean =>
  node.inputs.length === 0 ||
  node.prim.derivative.kind !== "none" ||
  node.prim === (compiledResult as unknown as Tensor["prim"]);

/** Whether a node stands for a version of a variable, or is the result of a compiled function that assigned it. */
export function stemsFrom(node: Tensor, cell: object): boolean {
  if (node.prim === (read as unknown as Tensor["prim"])) {
    return (node.params as ReadParams).version.cell === cell;
  }
  if (node.prim !== (compiledResult as unknown as Tensor["prim"])) return false;
  return (node.params as CompiledResultParams).assigned.includes(cell);
}
