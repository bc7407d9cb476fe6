import type { Tensor } from "@cotangent/core";
import type { Builder } from "./rule.ts";

const zeros = (x: Tensor): number[] => x.shape.map(() => 0);

/** The lanes from `start` to `end`. */
const between = (b: Builder, x: Tensor, start: number, end: number): Tensor =>
  b.slice(x, zeros(x).with(0, start), [end, ...x.shape.slice(1)]);

/** What is done to the lanes of an operand, or of the result; null where it does not apply. */
export type LaneMutation = (b: Builder, x: Tensor) => Tensor | null;

/** Mistakes with the axis that is mapped, which comes first. */
export const LANE_MUTATIONS: Readonly<Record<string, LaneMutation>> = {
  "the first lane for all": (b, x) =>
    x.shape[0] < 2 ? null : b.broadcast(b.reshape(between(b, x, 0, 1), x.shape.slice(1)), x.shape),
  "the lanes rolled": (b, x) =>
    x.shape[0] < 2 ? null : b.concat([between(b, x, 1, x.shape[0]), between(b, x, 0, 1)], 0),
  "the lanes against the next axis": (b, x) =>
    x.rank < 2 || x.shape[0] < 2 || x.shape[0] !== x.shape[1]
      ? null
      : b.permute(x, [1, 0, ...[...x.shape.keys()].slice(2)]),
};
