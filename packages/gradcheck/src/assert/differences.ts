import { type DType, formatShape, type Shape } from "@cotangent/core";
import { counted } from "../report/words.ts";
import type { Outcome } from "./outcome.ts";
import type { Pair } from "./pair.ts";

/** How elements are compared, and how a difference is put into words. */
export interface Judge {
  /** How far apart two elements are, as a share of what is allowed: more than 1 is too far; NaN never passes. */
  excess(actual: number, expected: number): number;
  /** `off by 0.25, allowed 1.1e-5`. */
  describe(actual: number, expected: number): string;
  /** What holds where all pass: `within 4 ulp`. */
  readonly agreement: string;
  readonly remedy: string;
}

/** How many positions of NaN are listed. */
const LISTED = 6;

/** Compares all elements: how many differ, the first and the worst of them, where NaN stands. */
export function compareElements(pair: Pair, judge: Judge): Outcome {
  const { shape, dtype, actual, expected } = pair;
  const apart: number[] = [];
  let worst = -1;
  let most = 0;
  for (let at = 0; at < actual.length; at++) {
    const excess = judge.excess(actual[at], expected[at]);
    if (excess <= 1) continue;
    apart.push(at);
    if (excess > most || (worst === -1 && Number.isNaN(excess))) {
      worst = at;
      if (!Number.isNaN(excess)) most = excess;
    }
  }
  const size = counted(actual.length, "element");
  const of = `of shape ${formatShape(shape)}, ${dtype}`;
  if (apart.length === 0)
    return { pass: true, fact: `all ${size} (${of}) are ${judge.agreement}`, remedy: judge.remedy };
  const lines = [
    `${apart.length} of ${size} differ (${of})`,
    `  first${elementWords(pair, apart[0], judge)}`,
    ...(worst === apart[0] ? [] : [`  worst${elementWords(pair, worst, judge)}`]),
    ...nanWords(pair, apart),
  ];
  return { pass: false, fact: lines.join("\n"), remedy: judge.remedy };
}

function elementWords({ shape, dtype, actual, expected }: Pair, at: number, judge: Judge): string {
  const place = shape.length === 0 ? "" : ` at [${indexOf(shape, at).join(", ")}]`;
  const [x, y] = [actual[at], expected[at]];
  const off = judge.describe(x, y);
  return `${place}: ${elementText(x, dtype)}, expected ${elementText(y, dtype)}${off === "" ? "" : ` (${off})`}`;
}

/** Where one of both is NaN, or both are and that is not allowed. */
function nanWords({ shape, actual, expected }: Pair, apart: readonly number[]): string[] {
  const places = apart.filter((at) => Number.isNaN(actual[at]) || Number.isNaN(expected[at]));
  if (places.length === 0) return [];
  const sides: readonly [string, (at: number) => boolean][] = [
    ["NaN where a number is expected", (at) => !Number.isNaN(expected[at])],
    ["a number where NaN is expected", (at) => !Number.isNaN(actual[at])],
    [
      "NaN on both sides, which is equal only with { equalNaN: true }",
      (at) => Number.isNaN(actual[at]) && Number.isNaN(expected[at]),
    ],
  ];
  return sides.flatMap(([words, holds]) => {
    const found = places.filter(holds);
    if (found.length === 0) return [];
    const listed = found.slice(0, LISTED).map((at) => `[${indexOf(shape, at).join(", ")}]`);
    const more = found.length > LISTED ? ` and ${found.length - LISTED} more` : "";
    return [`  ${words}: at ${listed.join(", ")}${more}`];
  });
}

/** The index of the element that stands at a place in row-major order. */
function indexOf(shape: Shape, place: number): number[] {
  let rest = place;
  return shape
    .toReversed()
    .map((size) => {
      const index = rest % size;
      rest = Math.floor(rest / size);
      return index;
    })
    .toReversed();
}

/** An element as its dtype writes it: the shortest decimals that give the same number. */
export function elementText(value: number, dtype: DType): string {
  if (dtype === "bool") return value === 0 ? "false" : "true";
  if (Object.is(value, -0)) return "-0";
  if (dtype !== "float32" || !Number.isFinite(value)) return String(value);
  for (let digits = 1; digits <= 9; digits++) {
    const short = Number(value.toPrecision(digits));
    if (Math.fround(short) === value) return String(short);
  }
  return String(value);
}
