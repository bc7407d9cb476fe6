import { readdirSync, readFileSync } from "node:fs";
import type { DType } from "@cotangent/core";

/** A JSON number, or the name of what JSON cannot write. */
export type Numeral = number | "nan" | "inf" | "-inf" | "-0";

/** A tensor as the files write it. */
export interface TensorJson {
  readonly dtype: DType;
  readonly shape: readonly number[];
  readonly data: readonly Numeral[];
}

/** An argument: tensors, special numbers as `{ number: "inf" }`, and whatever else JSON says. */
export type Argument =
  | TensorJson
  | { readonly number: Numeral }
  | number
  | boolean
  | string
  | null
  | readonly Argument[]
  | { readonly [option: string]: Argument };

/** How far a value may be from the expected one: any of these is enough. Nothing given: not at all. */
export interface Tolerance {
  /** Steps between neighbouring numbers of the dtype. */
  readonly ulp?: number;
  /** Times 2^-52 (float64) or 2^-23 (float32), relative to |expected| + scale. */
  readonly eps?: number;
  /** For all elements, or for each. */
  readonly scale?: Numeral | readonly Numeral[];
  /** Times 2^-53, whatever the dtype: what totals in float64 may be off, beside `ulp`; 2^-24 where totals are float32. */
  readonly sum64?: readonly Numeral[];
}

/** The tolerance of derivatives; one scale for each argument. */
export interface DerivativeTolerance {
  readonly eps: number;
  readonly scale?: readonly number[];
  /** Of second derivatives. */
  readonly scale2?: readonly number[];
}

/** One call of an operation and what comes of it; see generate/common.py. */
export interface OracleCase {
  readonly op: string;
  /** The dtype that the case counts for. */
  readonly dtype: DType;
  readonly args: readonly Argument[];
  readonly out: TensorJson;
  readonly tol?: Tolerance;
  /** The cotangent of the result, and the gradients of the floating arguments in their order. */
  readonly ct?: readonly Numeral[];
  readonly grads?: readonly (readonly Numeral[])[];
  /** Directions, and the gradients of the sum of <u, gradient>. */
  readonly u?: readonly (readonly Numeral[])[];
  readonly second?: readonly (readonly Numeral[])[];
  readonly gtol?: DerivativeTolerance;
  readonly note?: string;
}

const FOLDER = new URL("../cases/", import.meta.url);

/** All cases of one file. */
export const casesOf = (name: string): OracleCase[] =>
  JSON.parse(readFileSync(new URL(`${name}.json`, FOLDER), "utf8"));

/** The names of all files of cases. */
export const caseFiles = (): string[] =>
  readdirSync(FOLDER)
    .filter((name) => name.endsWith(".json"))
    .map((name) => name.slice(0, -".json".length))
    .sort();

/** Cases by operation and dtype, such as "add float32". */
export function grouped(cases: readonly OracleCase[]): Map<string, OracleCase[]> {
  const groups = new Map<string, OracleCase[]>();
  for (const item of cases) {
    const key = `${item.op} ${item.dtype}`;
    const group = groups.get(key) ?? [];
    group.push(item);
    groups.set(key, group);
  }
  return groups;
}

const NAMED: Readonly<Record<string, number>> = {
  nan: Number.NaN,
  inf: Number.POSITIVE_INFINITY,
  "-inf": Number.NEGATIVE_INFINITY,
  "-0": -0,
};

/** The number that a numeral stands for. */
export const numberOf = (numeral: Numeral): number =>
  typeof numeral === "number" ? numeral : NAMED[numeral];
