import type { ScatterOp } from "../../ir/builder.ts";
import type { Tensor } from "../../ir/tensor.ts";
import { asTensor, type TensorLike } from "../../prims/convert.ts";
import { builder } from "../../transform/vjp.ts";
import type { Shape } from "../../types/shape.ts";
import type { Picked, Settled, ShapeOf } from "../../types/static/index.ts";
import { DTypeError, StateError } from "../../util/errors.ts";
import { fitted, updated } from "../lookup.ts";
import { masked, picked, written } from "./advanced.ts";
import { basicView, type Change, type View } from "./basic.ts";
import { type Item, isAdvanced, parse } from "./parse.ts";
import type { Index } from "./range.ts";

const CHANGES: Readonly<Record<ScatterOp, Change>> = {
  set: (_, value) => value,
  add: builder.add,
  mul: builder.mul,
  min: (old, value) => (old.dtype === "bool" ? builder.bitwise("and", old, value) : builder.min(old, value)),
  max: (old, value) => (old.dtype === "bool" ? builder.bitwise("or", old, value) : builder.max(old, value)),
};

/**
 * Some elements of a tensor, as `at` names them: `get` reads them, the others make a new tensor with these elements changed.
 * Values broadcast to the shape of what `get` reads, and take the tensor's dtype.
 */
export class Indexed<out X extends Shape = Shape, out S extends Shape = Shape> {
  /** @internal */
  readonly x: Tensor;
  /** @internal */
  readonly items: readonly Item[];
  /** @internal */
  readonly view: View;

  /** @internal */
  constructor(x: Tensor, items: readonly Item[]) {
    this.x = x;
    this.items = items;
    this.view = basicView(x.shape, items);
  }

  /** The elements. */
  get(): Tensor<S>;
  get(): Tensor {
    const y = this.view.get(this.x);
    return this.items.some(isAdvanced) ? picked(y, this.items) : y;
  }

  /**
   * The tensor with the elements replaced; of several values for one element the last stays, and gets the gradient.
   * @throws ShapeError, DTypeError for values that do not fit
   */
  set(values: TensorLike): Tensor<X>;
  set(values: TensorLike): Tensor {
    return changed(this, "set", values);
  }

  /** The tensor with values added to the elements; to one that is named several times, all of them. @throws ShapeError, DTypeError */
  add(values: TensorLike): Tensor<X>;
  add(values: TensorLike): Tensor {
    return changed(this, "add", values);
  }

  /**
   * The tensor with the elements multiplied by values; one that is named several times, by all of them. With index tensors,
   * the derivative by the values takes time in proportion to the square of their number, as `scatterMul`'s.
   * @throws ShapeError, DTypeError
   */
  mul(values: TensorLike): Tensor<X>;
  mul(values: TensorLike): Tensor {
    return changed(this, "mul", values);
  }

  /** The tensor with the elements limited to at most the values; ties share the gradient. @throws ShapeError, DTypeError */
  min(values: TensorLike): Tensor<X>;
  min(values: TensorLike): Tensor {
    return changed(this, "min", values);
  }

  /** The tensor with the elements raised to at least the values; ties share the gradient. @throws ShapeError, DTypeError */
  max(values: TensorLike): Tensor<X>;
  max(values: TensorLike): Tensor {
    return changed(this, "max", values);
  }

  /** The tensor with `f` of the elements in their places: `at(...).set(f(at(...).get()))`. @throws StateError, ShapeError */
  apply(f: (elements: Tensor<S>) => Tensor): Tensor<X> {
    if (typeof f === "function") return this.set(f(this.get()));
    throw new StateError(`${typeof f} is no function`, {
      operation: "at",
      remedy: "Pass a function of the elements, such as (e) => e.exp()",
    });
  }
}

function changed({ x, items, view }: Indexed, op: ScatterOp, given: TensorLike): Tensor {
  const [tensor, values] = updated("at", x, given);
  if (tensor.dtype === "bool" && (op === "add" || op === "mul")) {
    throw new DTypeError("dtype bool is not accepted", {
      operation: "at",
      dtypes: [tensor.dtype],
      remedy: "Cast it first, or use max for a logical or, min for a logical and",
    });
  }
  const change = CHANGES[op];
  if (!items.some(isAdvanced)) return view.put(tensor, fitted("at", values, view.shape), change);
  const y = view.get(tensor);
  const result =
    masked(y, items, values, change) ?? written(y, items, op, (shape: Shape) => fitted("at", values, shape));
  // What integers and ranges leave out of x stays as it is.
  return view.put(tensor, result, CHANGES.set);
}

/**
 * Elements of x as NumPy names them with brackets, to read or, in a new tensor, to change: `at(x, 0).get()` is `x[0]`,
 * `at(x, ellipsis, range(1, -1)).add(1)` adds to `x[..., 1:-1]`. See `Index` for what an index may be; those without tensors are
 * slices and reshapes. Tensors of indices broadcast together; the axes that they make stand where the first of them stood when
 * all of them, and the integers, stand side by side, else in front. A mask takes the places where it is true: reading those
 * needs its values; `set`, `add` and so on of numbers, or of what does not depend on how many they are, do not.
 * @throws IndexError for an integer out of range, more indices than axes, and, when the value is computed, elements of index
 * tensors that are out of range; DTypeError for tensors of other dtypes, TraceError for a mask without values
 */
export function at<X extends TensorLike, const I extends readonly Index[]>(
  x: X,
  ...indices: I
): Indexed<ShapeOf<X>, Settled<Picked<ShapeOf<X>, I>>>;
export function at(x: TensorLike, ...indices: readonly Index[]): Indexed {
  const tensor = asTensor(x, "at").node;
  return new Indexed(tensor, parse(tensor, indices));
}
