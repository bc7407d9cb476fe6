import { Storage } from "../ir/storage.ts";
import type { Tensor } from "../ir/tensor.ts";
import { applies } from "../prims/builder.ts";
import { data } from "../prims/leaves.ts";
import { builder } from "../transform/vjp.ts";
import { stridesOf } from "../types/shape.ts";

/** A position as JavaScript's slice takes it: negative from the end, limited to the axis. */
const position = (index: number, size: number): number =>
  Math.min(Math.max(index < 0 ? index + size : index, 0), size);

/** The elements of one axis: `from` to before `to` in steps of `by`, then perhaps in reverse order. */
export interface Section {
  readonly from: number;
  readonly to: number;
  readonly by: number;
  readonly isReversed: boolean;
}

/** Ends that are open are null; a negative step goes backwards from `start`. */
export function sectionOf(start: number | null, end: number | null, step: number, size: number): Section {
  if (step > 0) {
    const from = position(start ?? 0, size);
    return { from, to: Math.max(position(end ?? size, size), from), by: step, isReversed: false };
  }
  // Backwards, the first element is the one at `start`, and -1 is before the first place.
  const place = (index: number): number => Math.min(Math.max(index < 0 ? index + size : index, -1), size - 1);
  const first = place(start ?? size - 1);
  const count = Math.max(Math.ceil((first - (end === null ? -1 : place(end))) / -step), 0);
  if (count === 0) return { from: 0, to: 0, by: 1, isReversed: false };
  return { from: first + (count - 1) * step, to: first + 1, by: -step, isReversed: count > 1 };
}

/** The elements that sections name, one for each axis. */
export function sectioned(x: Tensor, sections: readonly Section[]): Tensor {
  const from = sections.map((section) => section.from);
  const result = builder.slice(
    x,
    from,
    sections.map(({ to }) => to),
    sections.map(({ by }) => by),
  );
  if (result !== x.node && sections.every(({ by }) => by === 1)) viewOfData(x.node, result, from);
  return builder.flip(result, reversedAxes(sections));
}

export const reversedAxes = (sections: readonly Section[]): number[] =>
  [...sections.keys()].filter((axis) => sections[axis].isReversed);

/**
 * Rows of given data that lie behind one another need no computation: the result looks at the same bytes. So a batch
 * out of a data set is a new binding of the same plan, whatever its position.
 */
function viewOfData(x: Tensor, result: Tensor, from: readonly number[]): void {
  const host = x.storage?.host;
  if (!applies(x, data) || host == null) return;
  const first = result.shape.findIndex((size) => size !== 1);
  const contiguous = result.shape.every((size, axis) => axis <= first || size === x.shape[axis]);
  if (!contiguous && result.size > 0) return;
  const strides = stridesOf(x.shape);
  const offset = from.reduce((sum, s, axis) => sum + s * strides[axis], 0);
  result.storage = new Storage(x.dtype, result.size, host.subarray(offset, offset + result.size));
}
