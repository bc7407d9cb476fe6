import type { Shape, Tensor } from "@cotangent/core";
import fc from "fast-check";
import type { Domain } from "./domains.ts";

/** One way of calling an operation: the shapes it gets, where its arguments come from, and the call itself. */
export interface Setup {
  readonly shapes: readonly Shape[];
  /** For each argument. */
  readonly domains: readonly Domain[];
  /** The options of the call, for messages. */
  readonly options?: unknown;
  readonly apply: (...args: Tensor[]) => Tensor;
}

/** One row of the table: an operation and all ways of calling it. */
export interface Row {
  readonly name: string;
  /** The exported functions that this row checks. */
  readonly covers: readonly string[];
  readonly setups: fc.Arbitrary<Setup>;
  /** Calls that pass one tensor several times: `shapes` names it once. */
  readonly aliased?: fc.Arbitrary<Setup>;
  /** The relative rounding error of a value, where it is not that of float64. */
  readonly epsilon?: number;
  /** The share of the usual number of random cases: less for compositions whose graphs are long. */
  readonly share?: number;
}

/** One random case. The seed decides about all values. */
export interface Case {
  readonly row: Row;
  readonly setup: Setup;
  readonly aliased: boolean;
  readonly seed: number;
}

const ALIASED = 4;

/** The random cases of a row; four in ten are aliased where that is possible. */
export function casesOf(row: Row): fc.Arbitrary<Case> {
  const plain = row.setups.map((setup) => ({ setup, aliased: false }));
  const calls =
    row.aliased === undefined
      ? plain
      : fc.oneof(
          { weight: 10 - ALIASED, arbitrary: plain },
          { weight: ALIASED, arbitrary: row.aliased.map((setup) => ({ setup, aliased: true })) },
        );
  return fc
    .tuple(calls, fc.integer({ min: 0, max: 2 ** 31 - 1 }))
    .map(([{ setup, aliased }, seed]) => readable({ row, setup, aliased, seed }));
}

/** The case with a text of its own in fast-check's reports. */
function readable(item: Case): Case {
  const { setup, row, aliased, seed } = item;
  const text = [
    row.name,
    ...setup.shapes.map((shape) => `[${shape.join(", ")}]`),
    setup.options === undefined ? "" : JSON.stringify(setup.options),
    aliased ? "aliased" : "",
    `seed ${seed}`,
  ];
  return { ...item, [fc.toStringMethod]: () => text.filter((part) => part !== "").join(" ") } as Case;
}
