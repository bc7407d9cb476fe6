import { commonDType } from "../ir/apply.ts";
import type { Builder, CumulativeOp } from "../ir/builder.ts";
import { callForm, latexCall } from "../ir/form.ts";
import { type Derivative, definePrimitive, type NDArray, type Primitive } from "../ir/primitive.ts";
import type { Tensor } from "../ir/tensor.ts";
import { type DType, isFloating } from "../types/dtype.ts";
import { formatShape, sameShape, sizeOf, stridesOf } from "../types/shape.ts";
import { DTypeError, ShapeError } from "../util/errors.ts";
import { iotaLeaf } from "./leaves.ts";

export interface CumulativeParams {
  /** Negative. */
  readonly axis: number;
  /** From the last element to the first. */
  readonly reverse: boolean;
}

/** What stood one step before each element, in the direction of the walk; 0 (or false) where the walk begins. */
function before(b: Builder, x: Tensor, { axis, reverse }: CumulativeParams): Tensor {
  const along = (n: number) => x.shape.map((_, i) => (i === x.rank + axis ? n : 0));
  return b.pad(x, along(reverse ? -1 : 1), along(reverse ? 1 : -1));
}

/** True for the element with which the walk begins. */
function isFirst(b: Builder, x: Tensor, { axis, reverse }: CumulativeParams): Tensor {
  const place = x.rank + axis;
  return b.compare("equal", iotaLeaf(x.shape, place, "int32"), reverse ? x.shape[place] - 1 : 0);
}

const turned = (params: CumulativeParams): CumulativeParams => ({ ...params, reverse: !params.reverse });

/** Builds the operation again, on an operand of the same shape. */
const walk = (
  b: Builder,
  op: Exclude<CumulativeOp, "affine">,
  x: Tensor,
  { axis, reverse }: CumulativeParams,
) => b.cumulative(op, x, x.rank + axis, reverse);

const walkAffine = (b: Builder, a: Tensor, c: Tensor, { axis, reverse }: CumulativeParams) =>
  b.affine(a, c, a.rank + axis, reverse);

/**
 * The cotangents of the states h of h[t] = a[t] * h[t-1] + ..., given those of what is read of them: the same kind of
 * recurrence, walked backwards, g[t] = ct[t] + a[t+1] * g[t+1].
 */
const walkBack = (b: Builder, a: Tensor, ct: Tensor, params: CumulativeParams): Tensor =>
  walkAffine(b, before(b, a, turned(params)), ct, turned(params));

/** True for whatever an unmasked element later on depends on. */
function reaches(b: Builder, mask: Tensor, params: CumulativeParams): Tensor {
  return b.cast(walk(b, "max", b.cast(mask, "int32"), turned(params)), "bool");
}

interface CumulativeFacts {
  readonly op: CumulativeOp;
  /** The next total, given x[t] (for affine b[t], and a[t] as `factor`). Totals are float64. */
  readonly step: (total: number, value: number, factor: number) => number;
  /** For int32 and uint32, where float64 would lose bits. */
  readonly integerStep?: (total: number, value: number, factor: number) => number;
  readonly derivative: Derivative<CumulativeParams>;
}

function defineCumulative({ op, step, integerStep, derivative }: CumulativeFacts) {
  const word = op === "affine" ? "affine" : `cum${op}`;
  return definePrimitive<CumulativeParams>({
    name: `cumulative${op[0].toUpperCase()}${op.slice(1)}`,
    shape: ([x, y = x]) => {
      if (sameShape(x.shape, y.shape)) return x.shape;
      throw new ShapeError(`shapes ${formatShape(x.shape)} and ${formatShape(y.shape)} differ`, {
        operation: word,
        shapes: [x.shape, y.shape],
        remedy: "Broadcast them to one shape first",
      });
    },
    dtype: (inputs) => acceptNumbers(word, commonDType(word, inputs)),
    derivative,
    batch: "same",
    reference: (inputs, params, out) => {
      accumulate(
        inputs,
        params,
        out,
        integerStep !== undefined && !isFloating(out.dtype) ? integerStep : step,
      );
    },
    text: callForm(({ reverse }) => (reverse ? `${word}Reversed` : word)),
    latex: latexCall(({ reverse }) =>
      reverse ? `\\overleftarrow{\\operatorname{${word}}}` : `\\operatorname{${word}}`,
    ),
  });
}

function acceptNumbers(operation: string, dtype: DType): DType {
  if (dtype !== "bool") return dtype;
  throw new DTypeError("dtype bool is not accepted", {
    operation,
    dtypes: [dtype],
    remedy: "Cast it to int32",
  });
}

/** Walks along the axis from every element with which a walk begins; totals are float64 and rounded on storing. */
function accumulate(
  inputs: readonly NDArray[],
  { axis, reverse }: CumulativeParams,
  out: NDArray,
  step: (total: number, value: number, factor: number) => number,
): void {
  const values = inputs[inputs.length - 1].data;
  const factors = inputs[0].data;
  const place = out.shape.length + axis;
  const size = out.shape[place];
  const inner = stridesOf(out.shape)[place];
  const walks = size === 0 ? 0 : sizeOf(out.shape) / size;
  const stride = reverse ? -inner : inner;
  for (let i = 0; i < walks; i++) {
    let at = Math.floor(i / inner) * size * inner + (i % inner) + (reverse ? (size - 1) * inner : 0);
    let total = values[at];
    out.data[at] = total;
    for (let k = 1; k < size; k++) {
      at += stride;
      total = step(total, values[at], factors[at]);
      out.data[at] = total;
    }
  }
}

/** x[0], x[0] + x[1], ... */
export const cumulativeSum = defineCumulative({
  op: "sum",
  step: (total, value) => total + value,
  integerStep: (total, value) => (total + value) | 0,
  derivative: {
    kind: "linear",
    transpose: (b, ct, _, params) => [walk(b, "sum", ct, turned(params))],
    mask: (b, mask, _, params) => [reaches(b, mask, params)],
    adds: true,
  },
});

/** h[0] = b[0], h[t] = a[t] * h[t-1] + b[t]; what a[0] is does not matter. Closed under its own derivatives. */
export const cumulativeAffine = defineCumulative({
  op: "affine",
  step: (total, value, factor) => factor * total + value,
  integerStep: (total, value, factor) => (Math.imul(factor, total) + value) | 0,
  derivative: {
    kind: "explicit",
    vjp: (b, ct, [a], out, params) => {
      const g = walkBack(b, a, ct, params);
      return [b.mul(g, before(b, out, params)), g];
    },
    jvp: (b, [da, db], [a], out, params) => {
      const change = da && b.mul(da, before(b, out, params));
      return walkAffine(b, a, change && db ? b.add(change, db) : ((change ?? db) as Tensor), params);
    },
    mask: (b, mask, _, params) => {
      const reached = reaches(b, mask, params);
      return [reached, reached];
    },
  },
});

/** x[0], x[0] * x[1], ... */
export const cumulativeProd = defineCumulative({
  op: "prod",
  step: (total, value) => total * value,
  integerStep: Math.imul,
  // p[t] = x[t] * p[t-1] is affine in p, and p never divides by x: exact with zeros among the factors.
  derivative: {
    kind: "explicit",
    vjp: (b, ct, [x], out, params) => [b.mul(walkBack(b, x, ct, params), productBefore(b, out, params))],
    jvp: (b, [t], [x], out, params) =>
      walkAffine(b, x, b.mul(t as Tensor, productBefore(b, out, params)), params),
    mask: (b, mask, _, params) => [reaches(b, mask, params)],
  },
});

/** The product of all factors before each one; 1 where the walk begins. */
const productBefore = (b: Builder, out: Tensor, params: CumulativeParams): Tensor =>
  b.where(isFirst(b, out, params), 1, before(b, out, params));

function defineRunningExtremum(op: "max" | "min"): Primitive<CumulativeParams> {
  /** Where the extremum changes: with the first element, at each new record, at the first NaN. Ties change nothing. */
  const records = (b: Builder, out: Tensor, params: CumulativeParams): Tensor => {
    const last = before(b, out, params);
    const isNew = b.bitwise("and", b.compare("notEqual", out, last), b.not(b.isNaN(last)));
    return b.bitwise("or", isFirst(b, out, params), isNew);
  };
  return defineCumulative({
    op,
    step: op === "max" ? Math.max : Math.min,
    // Between two records the extremum stands still: h[t] = isRecord[t] ? x[t] : h[t-1], which is affine in h.
    derivative: {
      kind: "explicit",
      vjp: (b, ct, _, out, params) => {
        const isRecord = records(b, out, params);
        const keeps = b.cast(b.not(isRecord), ct.dtype);
        return [b.where(isRecord, walkBack(b, keeps, ct, params), 0)];
      },
      jvp: (b, [t], _, out, params) => {
        const isRecord = records(b, out, params);
        return walkAffine(b, b.cast(b.not(isRecord), out.dtype), b.where(isRecord, t as Tensor, 0), params);
      },
      mask: (b, mask, _, params) => [reaches(b, mask, params)],
    },
  });
}

export const cumulativeMax = defineRunningExtremum("max");
export const cumulativeMin = defineRunningExtremum("min");
