import { commonDType } from "../../ir/apply.ts";
import type { ShiftOp } from "../../ir/builder.ts";
import { callForm, Level, latexCall, within } from "../../ir/form.ts";
import { definePrimitive } from "../../ir/primitive.ts";
import type { DType, TypedArray } from "../../types/dtype.ts";
import { DTypeError } from "../../util/errors.ts";
import { checkAccepts, equalShapes } from "./define.ts";

interface ShiftFacts {
  readonly fn: (x: number, count: number) => number;
  /** Counts outside of [0, 31] move all bits out: what is left then. */
  readonly beyond: (x: number) => number;
  readonly text: string;
  readonly latex: string;
}

const nothing = (): number => 0;

const SHIFTS: Record<ShiftOp, ShiftFacts> = {
  left: { fn: (x, count) => x << count, beyond: nothing, text: "<<", latex: "\\ll" },
  // On int32 the sign is what fills up; on uint32 the highest bit, as if it were one.
  arithmetic: { fn: (x, count) => x >> count, beyond: (x) => x >> 31, text: ">>", latex: "\\gg" },
  logical: { fn: (x, count) => x >>> count, beyond: nothing, text: ">>>", latex: "\\ggg" },
};

/** The bits of the first operand moved by as many places as the second says. */
export const shift = definePrimitive<{ readonly op: ShiftOp }>({
  name: "shift",
  shape: (inputs) => equalShapes("shift", inputs),
  dtype: (inputs) => {
    const dtype = commonDType("shift", inputs);
    checkAccepts("shift", dtype, "integer");
    return dtype;
  },
  derivative: { kind: "none" },
  batch: "same",
  reference: ([x, count], { op }, out) => {
    const { fn, beyond } = SHIFTS[op];
    for (let i = 0; i < out.data.length; i++) {
      const places = count.data[i];
      out.data[i] = places >= 0 && places < 32 ? fn(x.data[i], places) : beyond(x.data[i]);
    }
  },
  text: ([x, count], { op }) => ({
    text: `${within(x, Level.sum)} ${SHIFTS[op].text} ${within(count, Level.sum)}`,
    level: Level.compare,
  }),
  latex: ([x, count], { op }) => ({
    text: `${within(x, Level.sum, true)} ${SHIFTS[op].latex} ${within(count, Level.sum, true)}`,
    level: Level.compare,
  }),
});

/** Dtypes of 32 bits, each of which the others' bits can be read as. */
const WORDS: readonly DType[] = ["float32", "int32", "uint32"];

const bytesOf = ({ buffer, byteOffset, byteLength }: TypedArray): Uint8Array =>
  new Uint8Array(buffer, byteOffset, byteLength);

/** The same bits read as another dtype of the same size: not a number's, but a representation's business. */
export const bitcast = definePrimitive<{ readonly dtype: DType }>({
  name: "bitcast",
  shape: ([x]) => x.shape,
  dtype: ([x], { dtype }) => {
    if (WORDS.includes(x.dtype) && WORDS.includes(dtype)) return dtype;
    throw new DTypeError(`the bits of ${x.dtype} cannot be read as ${dtype}`, {
      operation: "bitcast",
      dtypes: [x.dtype, dtype],
      remedy: `Use ${WORDS.join(", ")} among themselves, or cast, which converts values`,
    });
  },
  derivative: { kind: "none" },
  batch: "same",
  reference: ([x], _, out) => {
    // Copied as bytes: as numbers, the bits of NaN might change.
    bytesOf(out.data).set(bytesOf(x.data));
  },
  text: callForm(({ dtype }) => `bitcast_${dtype}`),
  latex: latexCall(({ dtype }) => `\\mathrm{bitcast}_{\\mathrm{${dtype}}}`),
});
