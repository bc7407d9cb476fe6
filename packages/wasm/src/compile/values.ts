import type { DType } from "@cotangent/core";
import type { Affine } from "./affine.ts";

/** What a kernel computes at each point of its domain: operations on scalars, in an order in which inputs come first. */
export type Value =
  | { readonly op: "load"; readonly buffer: number; readonly access: Affine; readonly dtype: DType }
  | { readonly op: "constant"; readonly value: number; readonly dtype: DType }
  /** A number that depends on the point only: iota, and counters of random numbers. */
  | { readonly op: "index"; readonly access: Affine; readonly dtype: DType }
  /** The result of a reduction in the same kernel, by the number of the reduced node. */
  | { readonly op: "reduced"; readonly node: number; readonly dtype: DType }
  | ScalarValue;

/** A primitive, or one of the kernel's own operations, on scalars. */
export interface ScalarValue {
  readonly op: "scalar";
  readonly name: string;
  /** Which comparison, which bitwise operation, which order of polygamma, which word of a block of random bits. */
  readonly variant: string;
  readonly args: readonly number[];
  readonly dtype: DType;
}

const affineKey = ({ offset, strides }: Affine): string => `${offset}:${strides.join()}`;

function keyOf(value: Value): string {
  switch (value.op) {
    case "load":
      return `l${value.buffer}@${affineKey(value.access)}`;
    case "constant":
      return `c${value.dtype}${Object.is(value.value, -0) ? "-0" : value.value}`;
    case "index":
      return `i${value.dtype}@${affineKey(value.access)}`;
    case "reduced":
      return `r${value.node}`;
    case "scalar":
      return `${value.name}.${value.variant}.${value.dtype}(${value.args.join()})`;
  }
}

/** Values, each once. */
export class ValueList {
  readonly list: Value[] = [];
  private readonly known = new Map<string, number>();

  add(value: Value): number {
    const key = keyOf(value);
    const known = this.known.get(key);
    if (known !== undefined) return known;
    this.known.set(key, this.list.length);
    return this.list.push(value) - 1;
  }

  scalar(name: string, args: readonly number[], dtype: DType, variant = ""): number {
    return this.add({ op: "scalar", name, variant, args, dtype });
  }
}

/** About how many cycles a vector of four takes, to tell what is cheap to compute again. */
export function costOf(value: Value): number {
  if (value.op !== "scalar") return 0;
  return COSTS[value.name] ?? 1;
}

const COSTS: Readonly<Record<string, number>> = {
  div: 4, sqrt: 4, exp: 12, log: 12, expm1: 15, log1p: 15, exp2: 12, log2: 12, sin: 15, cos: 15, tan: 20, asin: 15,
  acos: 15, atan: 15, sinh: 20, cosh: 20, tanh: 20, asinh: 25, acosh: 25, atanh: 25, sigmoid: 15, erf: 25, erfc: 30,
  erfinv: 40, log10: 25, lgamma: 200, polygamma: 250, shift: 10, cbrt: 20, pow: 40, atan2: 25, mod: 20, quotient: 20, threefry: 80,
}; // biome-ignore format: a table
