import { commonDType } from "../../ir/apply.ts";
import type { BitwiseOp, CompareOp } from "../../ir/builder.ts";
import { callForm, Level, latexCall, within } from "../../ir/form.ts";
import { definePrimitive } from "../../ir/primitive.ts";
import { type DType, isFloating } from "../../types/dtype.ts";
import { DTypeError } from "../../util/errors.ts";
import { checkAccepts, equalShapes } from "./define.ts";

const COMPARISONS: Record<CompareOp, { fn: (x: number, y: number) => boolean; text: string; latex: string }> =
  {
    equal: { fn: (x, y) => x === y, text: "==", latex: "=" },
    notEqual: { fn: (x, y) => x !== y, text: "!=", latex: "\\neq" },
    less: { fn: (x, y) => x < y, text: "<", latex: "<" },
    lessEqual: { fn: (x, y) => x <= y, text: "<=", latex: "\\leq" },
    greater: { fn: (x, y) => x > y, text: ">", latex: ">" },
    greaterEqual: { fn: (x, y) => x >= y, text: ">=", latex: "\\geq" },
  };

/** Element by element; a comparison with NaN is false, except notEqual. */
export const compare = definePrimitive<{ readonly op: CompareOp }>({
  name: "compare",
  shape: (inputs, { op }) => equalShapes(op, inputs),
  dtype: (inputs, { op }) => {
    commonDType(op, inputs);
    return "bool";
  },
  derivative: { kind: "none" },
  batch: "same",
  reference: ([x, y], { op }, out) => {
    const { fn } = COMPARISONS[op];
    for (let i = 0; i < out.data.length; i++) out.data[i] = fn(x.data[i], y.data[i]) ? 1 : 0;
  },
  text: ([x, y], { op }) => ({
    text: `${within(x, Level.sum)} ${COMPARISONS[op].text} ${within(y, Level.sum)}`,
    level: Level.compare,
  }),
  latex: ([x, y], { op }) => ({
    text: `${within(x, Level.sum, true)} ${COMPARISONS[op].latex} ${within(y, Level.sum, true)}`,
    level: Level.compare,
  }),
});

const BITWISE: Record<BitwiseOp, { fn: (x: number, y: number) => number; latex: string }> = {
  and: { fn: (x, y) => x & y, latex: "\\land" },
  or: { fn: (x, y) => x | y, latex: "\\lor" },
  xor: { fn: (x, y) => x ^ y, latex: "\\oplus" },
};

/** Bit by bit; for bool this is the logical operation. */
export const bitwise = definePrimitive<{ readonly op: BitwiseOp }>({
  name: "bitwise",
  shape: (inputs, { op }) => equalShapes(op, inputs),
  dtype: (inputs, { op }) => {
    const dtype = commonDType(op, inputs);
    checkAccepts(op, dtype, "logical");
    return dtype;
  },
  derivative: { kind: "none" },
  batch: "same",
  reference: ([x, y], { op }, out) => {
    const { fn } = BITWISE[op];
    for (let i = 0; i < out.data.length; i++) out.data[i] = fn(x.data[i], y.data[i]);
  },
  text: ([x, y], { op }) => ({
    text: `${within(x, Level.compare)} ${op} ${within(y, Level.compare)}`,
    level: Level.or,
  }),
  latex: ([x, y], { op }) => ({
    text: `${within(x, Level.compare, true)} ${BITWISE[op].latex} ${within(y, Level.compare, true)}`,
    level: Level.or,
  }),
});

/** The second operand where the first is true, else the third: what is not chosen leaks neither NaN nor gradient. */
export const where = definePrimitive<Record<string, never>>({
  name: "where",
  shape: (inputs) => equalShapes("where", inputs),
  dtype: ([condition, x, y]) => {
    if (condition.dtype !== "bool") {
      throw new DTypeError(`the condition has dtype ${condition.dtype}`, {
        operation: "where",
        dtypes: [condition.dtype],
        remedy: "Use a comparison, such as x.greater(0)",
      });
    }
    return commonDType("where", [x, y]);
  },
  derivative: {
    kind: "elementwise",
    rules: [
      null,
      (b, t, [condition]) => b.where(condition, t, 0),
      (b, t, [condition]) => b.where(b.not(condition), t, 0),
    ],
  },
  batch: "same",
  reference: ([condition, x, y], _, out) => {
    for (let i = 0; i < out.data.length; i++) out.data[i] = condition.data[i] ? x.data[i] : y.data[i];
  },
  text: callForm("where"),
  latex: ([condition, x, y]) => ({
    text: `\\begin{cases}${x.text} & ${condition.text}\\\\${y.text} & \\text{otherwise}\\end{cases}`,
    level: Level.atom,
  }),
});

/** The largest and smallest values of the integer dtypes: casts from floating dtypes stop there. */
const INTEGER_RANGE: Partial<Record<DType, readonly [number, number]>> = {
  int32: [-(2 ** 31), 2 ** 31 - 1],
  uint32: [0, 2 ** 32 - 1],
};

/** Another dtype: to bool by comparison with zero, from floating to integer toward zero, NaN to 0, clamped to the range. */
export const cast = definePrimitive<{ readonly dtype: DType }>({
  name: "cast",
  shape: ([x]) => x.shape,
  dtype: (_, { dtype }) => dtype,
  derivative: {
    kind: "linear",
    transpose: (b, ct, [x]) => [isFloating(x.dtype) ? b.cast(ct, x.dtype) : null],
    mask: (_, mask) => [mask],
  },
  batch: "same",
  reference: ([x], { dtype }, out) => {
    const range = INTEGER_RANGE[dtype];
    if (dtype === "bool") {
      for (let i = 0; i < out.data.length; i++) out.data[i] = x.data[i] !== 0 ? 1 : 0;
    } else if (range !== undefined && isFloating(x.dtype)) {
      const [low, high] = range;
      for (let i = 0; i < out.data.length; i++)
        out.data[i] = Math.min(Math.max(Math.trunc(x.data[i]), low), high);
    } else {
      out.data.set(x.data);
    }
  },
  text: callForm(({ dtype }) => dtype),
  latex: latexCall(({ dtype }) => `\\mathrm{${dtype}}`),
});
