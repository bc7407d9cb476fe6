import {
  checkOptions,
  type DType,
  isFloating,
  StateError,
  type Tensor,
  type TensorLike,
} from "@cotangent/core";
import { compareElements, type Judge } from "./differences.ts";
import { assertOutcome, type Outcome } from "./outcome.ts";
import { readPair } from "./pair.ts";

/** What counts as equal besides equal numbers. */
export interface UlpOptions {
  /** Whether NaN is equal to NaN. Default false. */
  readonly equalNaN?: boolean;
  /** Whether 0 and -0 differ. Default false: they are 0 ulp apart. */
  readonly signedZeros?: boolean;
}

/**
 * Checks that each element of x is at most n floating-point numbers of its dtype away from that of y (n "units in the last
 * place"; the largest number and infinity are neighbours). Integers and booleans must be equal. Shapes and dtypes must be
 * the same; y may be numbers in arrays, which are rounded to the dtype of x.
 * @throws TensorMismatchError where they are further apart
 * @throws StateError where x is no tensor, or n is no whole number
 */
export function assertWithinUlp(x: Tensor, y: TensorLike, n: number, options: UlpOptions = {}): void {
  assertOutcome("assertWithinUlp", ulpCloseness("assertWithinUlp", x, y, n, options));
}

/** What becomes of `assertWithinUlp`, as a value. */
export function ulpCloseness(
  operation: string,
  x: unknown,
  y: TensorLike,
  n: number,
  options: UlpOptions,
): Outcome {
  checkOptions(operation, options, ["equalNaN", "signedZeros"]);
  if (!(Number.isSafeInteger(n) && n >= 0)) {
    throw new StateError(`n is a whole number of at least 0, not ${String(n)}`, {
      operation,
      remedy: "Pass how many units in the last place are allowed, such as 1",
    });
  }
  const pair = readPair(operation, x, y);
  if ("pass" in pair) return pair;
  return compareElements(pair, judgeOf(pair.dtype, n, options));
}

function judgeOf(dtype: DType, n: number, { equalNaN = false, signedZeros = false }: UlpOptions): Judge {
  const distance = isFloating(dtype)
    ? (a: number, b: number) => ulpDistance(a, b, dtype)
    : (a: number, b: number) => (a === b ? 0 : Number.POSITIVE_INFINITY);
  return {
    excess: (actual, expected) => {
      if (Object.is(actual, expected)) return Number.isNaN(actual) && !equalNaN ? Number.NaN : 0;
      if (actual === expected) return signedZeros ? Number.POSITIVE_INFINITY : 0;
      if (Number.isNaN(actual) || Number.isNaN(expected)) return Number.NaN;
      const ulp = distance(actual, expected);
      return ulp <= n ? 0 : ulp / Math.max(n, 1) + 1;
    },
    describe: (actual, expected) => {
      if (!isFloating(dtype) || Number.isNaN(actual) || Number.isNaN(expected)) return "";
      if (actual === expected) return "zeros of other sign";
      return `${distance(actual, expected)} ulp apart, allowed ${n}`;
    },
    agreement: isFloating(dtype) ? `within ${n} ulp` : "equal",
    remedy: isFloating(dtype)
      ? "If so much is right, allow more ulp"
      : "Integers and booleans are compared exactly",
  };
}

const singles = new Float32Array(1);
const singleBits = new Int32Array(singles.buffer);
const doubles = new Float64Array(1);
const doubleBits = new BigInt64Array(doubles.buffer);

/** How many steps lie between two numbers of a floating dtype; exact below 2^53. */
function ulpDistance(a: number, b: number, dtype: DType): number {
  if (dtype === "float32") return Math.abs(singlePlace(a) - singlePlace(b));
  const steps = doublePlace(a) - doublePlace(b);
  return Number(steps < 0n ? -steps : steps);
}

/** Places of numbers in their order, 0 and -0 at the same: sign and magnitude as one signed integer. */
function singlePlace(value: number): number {
  singles[0] = value;
  const bits = singleBits[0];
  return bits >= 0 ? bits : -(bits & 0x7fffffff);
}

function doublePlace(value: number): bigint {
  doubles[0] = value;
  const bits = doubleBits[0];
  return bits >= 0n ? bits : -(bits & 0x7fffffffffffffffn);
}
