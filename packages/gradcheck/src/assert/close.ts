import {
  checkOptions,
  type DType,
  isFloating,
  StateError,
  type Tensor,
  type TensorLike,
} from "@cotangent/core";
import { roughly } from "../report/numbers.ts";
import { compareElements, type Judge } from "./differences.ts";
import { assertOutcome, type Outcome } from "./outcome.ts";
import { readPair } from "./pair.ts";

/** How close tensors must be: |x - y| <= atol + rtol |y|, element by element. */
export interface CloseOptions {
  /** Default 1.3e-6 for float32, 1e-7 for float64. */
  readonly rtol?: number;
  /** Default 1e-5 for float32, 1e-7 for float64. */
  readonly atol?: number;
  /** Whether NaN is equal to NaN. Default false. */
  readonly equalNaN?: boolean;
}

/** The defaults of `torch.testing.assert_close`; what is not floating is compared exactly. */
const TOLERANCES: Readonly<Record<DType, { readonly rtol: number; readonly atol: number }>> = {
  float32: { rtol: 1.3e-6, atol: 1e-5 },
  float64: { rtol: 1e-7, atol: 1e-7 },
  int32: { rtol: 0, atol: 0 },
  uint32: { rtol: 0, atol: 0 },
  bool: { rtol: 0, atol: 0 },
};

/**
 * Compares two tensors of one shape and dtype, element by element: |x - y| <= atol + rtol |y|. Infinities are close to
 * themselves alone. Integers and booleans are compared exactly. Nothing is broadcast; y may be numbers in arrays, which
 * are taken in the dtype of x.
 * @throws TensorMismatchError where they differ: how many elements, the first and the worst of them, where NaN stands
 * @throws StateError where x is no tensor, or for tolerances that make no sense
 */
export function assertCloseToTensor(x: Tensor, y: TensorLike, options: CloseOptions = {}): void {
  assertOutcome("assertCloseToTensor", closeness("assertCloseToTensor", x, y, options));
}

/** What becomes of `assertCloseToTensor`, as a value. */
export function closeness(operation: string, x: unknown, y: TensorLike, options: CloseOptions): Outcome {
  checkOptions(operation, options, ["rtol", "atol", "equalNaN"]);
  const pair = readPair(operation, x, y);
  if ("pass" in pair) return pair;
  return compareElements(pair, judgeOf(operation, pair.dtype, options));
}

function judgeOf(operation: string, dtype: DType, options: CloseOptions): Judge {
  const { rtol = TOLERANCES[dtype].rtol, atol = TOLERANCES[dtype].atol, equalNaN = false } = options;
  for (const [name, value] of Object.entries({ rtol, atol })) checkTolerance(operation, name, value);
  if (!isFloating(dtype) && (rtol > 0 || atol > 0)) {
    throw new StateError(`tensors of dtype ${dtype} are compared exactly`, {
      operation,
      dtypes: [dtype],
      remedy: "Leave rtol and atol out, or cast both to a floating dtype",
    });
  }
  const exact = rtol === 0 && atol === 0;
  return {
    excess: (actual, expected) => {
      if (actual === expected) return 0;
      if (Number.isNaN(actual) && Number.isNaN(expected)) return equalNaN ? 0 : Number.NaN;
      const off = Math.abs(actual - expected);
      if (!Number.isFinite(off)) return Number.isNaN(off) ? Number.NaN : Number.POSITIVE_INFINITY;
      const allowed = atol + rtol * Math.abs(expected);
      return allowed === 0 ? 1 + off : off / allowed;
    },
    describe: (actual, expected) => {
      const off = Math.abs(actual - expected);
      if (!Number.isFinite(off) || !isFloating(dtype)) return "";
      return `off by ${roughly(off)}, allowed ${roughly(atol + rtol * Math.abs(expected))}`;
    },
    agreement: exact ? "equal" : `within rtol ${roughly(rtol)} and atol ${roughly(atol)}`,
    remedy: isFloating(dtype)
      ? "If so much is right, say so: { rtol, atol }"
      : "Integers and booleans are compared exactly",
  };
}

function checkTolerance(operation: string, name: string, value: unknown): void {
  if (typeof value === "number" && value >= 0 && Number.isFinite(value)) return;
  throw new StateError(`${name} is a number of at least 0, not ${String(value)}`, {
    operation,
    remedy: "Pass one such as 1e-6",
  });
}
