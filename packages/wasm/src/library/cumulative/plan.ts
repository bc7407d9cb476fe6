import { bytesOf } from "../../compile/emit/vector.ts";
import type { CumulativeItem } from "../../compile/items.ts";

/**
 * How a unit of a kernel walks along the axis:
 * - wide: down 64 bytes of neighbouring columns, four vectors
 * - narrow: down 16 bytes of them, one vector
 * - four: along four rows (or columns, where there are few) that need not be neighbours, element by element: additions that
 *   wait for each other in one row leave time for the others
 * - one: along one row
 */
export const STYLES = ["wide", "narrow", "four", "one"] as const;
export type CumulativeStyle = (typeof STYLES)[number];

/** Words of a descriptor: addresses of the first elements (of reversed walks, those in the last places), then numbers. */
export const WORDS = {
  values: 0, factors: 1, result: 2, step: 3, size: 4, inner: 5, strips: 6, width: 7, walks: 8,
} as const; // biome-ignore format: a table

/** Bytes for the totals of a unit: at most four parts of two vectors. */
export const CUMULATIVE_SCRATCH = 128;

export const cumulativeName = (op: string, dtype: string, style: CumulativeStyle): string =>
  `cumulative.${op}.${dtype}.${style}`;

export interface CumulativePlan {
  readonly name: string;
  readonly units: number;
  /** What comes after the three addresses. */
  readonly words: readonly number[];
  /** Bytes from an operand's beginning to the elements with which walks begin. */
  readonly start: number;
}

/** The kernel for an axis, by its shape alone: every total is made in the order of its elements, whatever the kernel. */
export function planCumulative({ op, dtype, outer, size, inner, reverse }: CumulativeItem): CumulativePlan {
  const bytes = bytesOf(dtype);
  const walks = outer * inner;
  const style = styleFor(inner * bytes, walks);
  const width = style === "wide" ? 64 / bytes : style === "narrow" ? 16 / bytes : 1;
  const strips = Math.ceil(inner / width);
  const units = { wide: outer * strips, narrow: outer * strips, four: Math.ceil(walks / 4), one: walks };
  return {
    name: cumulativeName(op, dtype, style),
    units: units[style],
    words: [reverse ? -inner * bytes : inner * bytes, size, inner, strips, width, walks],
    start: reverse ? (size - 1) * inner * bytes : 0,
  };
}

function styleFor(rowBytes: number, walks: number): CumulativeStyle {
  if (rowBytes >= 64) return "wide";
  if (rowBytes >= 16) return "narrow";
  return walks >= 4 ? "four" : "one";
}
