import type { Builder, ReduceOp } from "../ir/builder.ts";
import { callForm, type Form, latexCall } from "../ir/form.ts";
import { type Derivative, definePrimitive, type NDArray, type Primitive } from "../ir/primitive.ts";
import type { Tensor } from "../ir/tensor.ts";
import { type DType, isFloating } from "../types/dtype.ts";
import { formatShape, type Shape, sizeOf, toShape } from "../types/shape.ts";
import { DTypeError, ShapeError } from "../util/errors.ts";

export interface ReduceParams {
  /** Negative, in ascending order; they are removed. */
  readonly axes: readonly number[];
}

const fromFront = (x: { readonly shape: Shape }, axes: readonly number[]): number[] =>
  axes.map((axis) => axis + x.shape.length);

function reducedShape({ shape }: Tensor, axes: readonly number[]): Shape {
  const kept: number[] = [];
  for (let axis = 0; axis < shape.length; axis++) {
    if (!axes.includes(axis - shape.length)) kept.push(shape[axis]);
  }
  return toShape(kept);
}

/** t, of the reduced shape, repeated along the axes that were reduced. */
function spread(b: Builder, t: Tensor, x: Tensor, axes: readonly number[]): Tensor {
  const kept = x.shape.map((size, axis) => (axes.includes(axis - x.rank) ? 1 : size));
  return b.broadcast(b.reshape(t, kept), x.shape);
}

interface ReduceFacts {
  readonly op: ReduceOp;
  readonly start: number;
  readonly step: (total: number, value: number) => number;
  /** For int32 and uint32, where float64 would lose bits. */
  readonly integerStep?: (total: number, value: number) => number;
  readonly accepts: (dtype: DType) => boolean;
  /** max and min of nothing do not exist. */
  readonly needsElements?: boolean;
  readonly derivative: Derivative<ReduceParams>;
  readonly latex: Form<object>;
}

function defineReduce(facts: ReduceFacts): Primitive<ReduceParams> {
  const { op } = facts;
  return definePrimitive<ReduceParams>({
    name: `reduce${op[0].toUpperCase()}${op.slice(1)}`,
    shape: ([x], { axes }) => {
      const empty = axes.some((axis) => x.shape[x.rank + axis] === 0);
      if (facts.needsElements && empty) {
        throw new ShapeError(`there is no ${op} of nothing: shape ${formatShape(x.shape)}`, {
          operation: op,
          shapes: [x.shape],
          remedy: "Give it at least one element, or concat one that is smaller or greater than all",
        });
      }
      return reducedShape(x, axes);
    },
    dtype: ([x]) => {
      if (facts.accepts(x.dtype)) return x.dtype;
      throw new DTypeError(`dtype ${x.dtype} is not accepted`, {
        operation: op,
        dtypes: [x.dtype],
        remedy: "Cast it first",
      });
    },
    derivative: facts.derivative,
    batch: "same",
    reference: ([x], { axes }, out) => {
      const step = facts.integerStep !== undefined && !isFloating(x.dtype) ? facts.integerStep : facts.step;
      accumulate(x, fromFront(x, axes), out, facts.start, step);
    },
    text: withSummand(op, callForm(op === "and" ? "all" : op === "or" ? "any" : op)),
    latex: withSummand(op, facts.latex),
  });
}

/** A sum remembers what it adds up, for whoever divides it by the number of elements. */
const withSummand =
  (op: ReduceOp, form: Form<object>): Form<object> =>
  (operands, params, node) =>
    op === "sum" ? { ...form(operands, params, node), sumOf: operands[0] } : form(operands, params, node);

/** Folds x into float64 totals, in row-major order, and rounds them into `out`. */
function accumulate(
  x: NDArray,
  axes: readonly number[],
  out: NDArray,
  start: number,
  step: (total: number, value: number) => number,
): void {
  const totals = new Float64Array(out.data.length).fill(start);
  const strides = new Array<number>(x.shape.length);
  let stride = 1;
  for (let axis = x.shape.length - 1; axis >= 0; axis--) {
    strides[axis] = axes.includes(axis) ? 0 : stride;
    if (strides[axis] !== 0) stride *= x.shape[axis];
  }
  const last = x.shape.length - 1;
  const inner = last < 0 ? 1 : x.shape[last];
  const innerStride = last < 0 ? 0 : strides[last];
  const index = new Array<number>(x.shape.length).fill(0);
  const from = x.data;
  let to = 0;
  for (let position = 0; position < from.length; ) {
    for (let i = 0, t = to; i < inner; i++, t += innerStride) totals[t] = step(totals[t], from[position++]);
    for (let axis = last - 1; axis >= 0; axis--) {
      to += strides[axis];
      if (++index[axis] < x.shape[axis]) break;
      to -= strides[axis] * x.shape[axis];
      index[axis] = 0;
    }
  }
  out.data.set(totals);
}

const notBool = (dtype: DType): boolean => dtype !== "bool";
const logical = (dtype: DType): boolean => dtype === "bool";

export const reduceSum = defineReduce({
  op: "sum",
  start: 0,
  step: (total, value) => total + value,
  integerStep: (total, value) => (total + value) | 0,
  accepts: notBool,
  derivative: {
    kind: "linear",
    transpose: (b, ct, [x], { axes }) => [spread(b, ct, x, axes)],
    mask: (b, mask, [x], { axes }) => [spread(b, mask, x, axes)],
  },
  latex: latexCall("\\sum"),
});

export const reduceProd = defineReduce({
  op: "prod",
  start: 1,
  step: (total, value) => total * value,
  integerStep: Math.imul,
  accepts: notBool,
  // The derivative of a tree of products: exact with zeros among the factors, to any order.
  derivative: {
    kind: "explicit",
    vjp: (b, ct, [x], _, { axes }) => {
      const copy = b.identity(x);
      return b.vjp(productTree(b, copy, fromFront(x, axes)), ct, [copy]);
    },
    mask: (b, mask, [x], { axes }) => [spread(b, mask, x, axes)],
  },
  latex: latexCall("\\prod"),
});

/** The product along `axes` by multiplying halves. */
function productTree(b: Builder, x: Tensor, axes: readonly number[]): Tensor {
  const kept = x.shape.map((_, axis) => axis).filter((axis) => !axes.includes(axis));
  const rows = kept.map((axis) => x.shape[axis]);
  const count = sizeOf(axes.map((axis) => x.shape[axis]));
  let factors = b.reshape(b.permute(x, [...kept, ...axes]), [...rows, count]);
  if (count === 0) return b.constant(1, rows, x.dtype);
  const zeros = rows.map(() => 0);
  for (let n = count; n > 1; ) {
    const half = Math.floor(n / 2);
    const product = b.mul(
      b.slice(factors, [...zeros, 0], [...rows, half]),
      b.slice(factors, [...zeros, half], [...rows, 2 * half]),
    );
    const rest = b.slice(factors, [...zeros, 2 * half], [...rows, n]);
    factors = n % 2 === 0 ? product : b.concat([product, rest], rows.length);
    n = half + (n % 2);
  }
  return b.reshape(factors, rows);
}

function defineExtremum(op: "max" | "min"): Primitive<ReduceParams> {
  /** 1/n for each of the n elements that attain the extremum (or are NaN, when it is), else 0. */
  const shares = (
    b: Builder,
    x: Tensor,
    out: Tensor,
    axes: readonly number[],
  ): { chosen: Tensor; count: Tensor } => {
    const attained = b.bitwise("or", b.compare("equal", x, spread(b, out, x, axes)), b.isNaN(x));
    return { chosen: attained, count: b.reduce("sum", b.cast(attained, x.dtype), fromFront(x, axes)) };
  };
  return defineReduce({
    op,
    start: op === "max" ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY,
    step: op === "max" ? Math.max : Math.min,
    accepts: notBool,
    needsElements: true,
    derivative: {
      kind: "explicit",
      vjp: (b, ct, [x], out, { axes }) => {
        const { chosen, count } = shares(b, x, out, axes);
        return [b.where(chosen, spread(b, b.div(ct, count), x, axes), 0)];
      },
      jvp: (b, [t], [x], out, { axes }) => {
        const { chosen, count } = shares(b, x, out, axes);
        return b.div(b.reduce("sum", b.where(chosen, t as Tensor, 0), fromFront(x, axes)), count);
      },
      mask: (b, mask, [x], { axes }) => [spread(b, mask, x, axes)],
    },
    latex: latexCall(`\\${op}`),
  });
}

export const reduceMax = defineExtremum("max");
export const reduceMin = defineExtremum("min");

const defineLogical = (op: "and" | "or", symbol: string) =>
  defineReduce({
    op,
    start: op === "and" ? 1 : 0,
    step: op === "and" ? (total, value) => total & value : (total, value) => total | value,
    accepts: logical,
    derivative: { kind: "none" },
    latex: latexCall(symbol),
  });

export const reduceAnd = defineLogical("and", "\\bigwedge");
export const reduceOr = defineLogical("or", "\\bigvee");

export interface ArgReduceParams {
  readonly op: "max" | "min";
  /** Negative. */
  readonly axis: number;
}

/** The index of the first extremum along an axis, int32; the first NaN wins. */
export const argReduce = definePrimitive<ArgReduceParams>({
  name: "argReduce",
  shape: ([x], { op, axis }) => {
    if (x.shape[x.rank + axis] === 0) {
      throw new ShapeError(`there is no ${op} of nothing: shape ${formatShape(x.shape)}`, {
        operation: `arg${op}`,
        shapes: [x.shape],
        remedy: "Give it at least one element, or concat one that is smaller or greater than all",
      });
    }
    return reducedShape(x, [axis]);
  },
  dtype: () => "int32",
  derivative: { kind: "none" },
  batch: "same",
  reference: ([x], { op, axis }, out) => {
    const place = x.shape.length + axis;
    const size = x.shape[place];
    const inner = sizeOf(x.shape.slice(place + 1));
    const better = op === "max" ? (a: number, b: number) => a > b : (a: number, b: number) => a < b;
    for (let i = 0; i < out.data.length; i++) {
      const first = Math.floor(i / inner) * size * inner + (i % inner);
      let best = 0;
      for (let k = 1; k < size; k++) {
        const value = x.data[first + k * inner];
        const champion = x.data[first + best * inner];
        if (!Number.isNaN(champion) && (Number.isNaN(value) || better(value, champion))) best = k;
      }
      out.data[i] = best;
    }
  },
  text: callForm(({ op }) => `arg${op}`),
  latex: latexCall(({ op }) => `\\arg\\${op}`),
});
