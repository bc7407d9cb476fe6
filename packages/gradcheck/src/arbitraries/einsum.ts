import { checkOptions, type Shape } from "@cotangent/core";
import fc from "fast-check";
import { wholeOption } from "./limits.ts";

/** Which equations there are. */
export interface EinsumOptions {
  /** 3 unless given. */
  readonly maxOperands?: number;
  /** Letters of an operand; 3 unless given. */
  readonly maxRank?: number;
  /** The sizes of axes; 3 unless given. */
  readonly maxSize?: number;
}

/** What `einsum` takes, and the shapes that it is for. */
export interface EinsumEquation {
  readonly subscripts: string;
  readonly shapes: readonly Shape[];
}

const LETTERS = "ijkl";

/**
 * Equations for `einsum` with shapes that fit: letters that repeat in one operand, that are summed over, that stay, with
 * and without an arrow, and "..." for leading axes. They shrink towards one operand without axes.
 * @throws StateError for options that make no sense
 */
export function einsumEquations(options: EinsumOptions = {}): fc.Arbitrary<EinsumEquation> {
  const operation = "einsumEquations";
  checkOptions(operation, options, ["maxOperands", "maxRank", "maxSize"]);
  const maxOperands = wholeOption(operation, "maxOperands", options.maxOperands ?? 3, 1);
  const maxRank = wholeOption(operation, "maxRank", options.maxRank ?? 3, 0);
  const maxSize = wholeOption(operation, "maxSize", options.maxSize ?? 3, 1);
  const places = [...LETTERS].map((_, i) => i);
  const size = fc.oneof(
    { withCrossShrink: true },
    { weight: 20, arbitrary: fc.integer({ min: 1, max: maxSize }) },
    { weight: 1, arbitrary: fc.constant(0) },
  );
  const term = fc.array(fc.nat({ max: places.length - 1 }), { maxLength: maxRank, size: "max" });
  return fc
    .record({
      sizes: fc.tuple(size, size, size, size),
      terms: fc.array(term, { minLength: 1, maxLength: maxOperands, size: "max" }),
      order: fc.shuffledSubarray(places),
      arrow: fc.integer({ min: 0, max: 3 }),
      batch: fc.option(fc.array(fc.boolean(), { minLength: maxOperands, maxLength: maxOperands, size: "max" }), { freq: 3 }), // biome-ignore format: one option
    })
    .map(({ sizes, terms, order, arrow, batch }) => {
      const written = (list: readonly number[]): string => list.map((i) => LETTERS[i]).join("");
      const dots = batch === null ? "" : "...";
      const used = new Set(terms.flat());
      const kept = order.filter((i) => used.has(i));
      const left = terms.map((list) => dots + written(list)).join(",");
      return {
        // Without an arrow, letters that occur once stay, in the order of the alphabet.
        subscripts: arrow === 3 ? left : `${left}->${dots}${written(kept)}`,
        // Batches are of 2, or of 1 and repeated.
        shapes: terms.map((list, k) => [
          ...(batch === null ? [] : [batch[k] ? 2 : 1]),
          ...list.map((i) => sizes[i]),
        ]),
      };
    });
}
