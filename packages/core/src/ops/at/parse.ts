import { flattenNested } from "../../ir/nested.ts";
import { isTensor, type Tensor } from "../../ir/tensor.ts";
import { fromValues, type NestedValues } from "../../prims/convert.ts";
import type { TypedArray } from "../../types/dtype.ts";
import { formatShape, type Shape, sameShape } from "../../types/shape.ts";
import { describeValue } from "../../types/trees.ts";
import { IndexError } from "../../util/errors.ts";
import { indexOperand } from "../lookup.ts";
import { type Section, sectionOf } from "../sections.ts";
import { ellipsis, type Index, isRange } from "./range.ts";

/** What one index says, and of which axes: `axis` is the first of them. */
export type Item =
  | { readonly kind: "integer" | "range"; readonly axis: number; readonly section: Section }
  | { readonly kind: "new" | "ellipsis"; readonly axis: number }
  | { readonly kind: "indices" | "mask"; readonly axis: number; readonly indices: Tensor };

export type Advanced = Extract<Item, { readonly indices: Tensor }>;

export const isAdvanced = (item: Item): item is Advanced => item.kind === "indices" || item.kind === "mask";

/** An index before it is known which axis it is for. */
type Given =
  | { readonly kind: "range" | "integer" | "new" | "ellipsis"; readonly index: Index }
  | { readonly kind: "indices" | "mask"; readonly indices: Tensor };

/** How many axes an index is for. */
const span = (given: Given): number => {
  if (given.kind === "new" || given.kind === "ellipsis") return 0;
  return given.kind === "mask" ? given.indices.rank : 1;
};

function read(index: Index): Given {
  if (index === null) return { kind: "new", index };
  if (index === ellipsis) return { kind: "ellipsis", index };
  if (isRange(index)) return { kind: "range", index };
  if (typeof index === "number") return { kind: "integer", index };
  if (isTensor(index) || ArrayBuffer.isView(index)) return elements(index);
  if (Array.isArray(index)) {
    const { values } = flattenNested(index, "at");
    const isMask = values.length > 0 && values.every((value) => typeof value === "boolean");
    return elements(isMask ? fromValues(index, {}, "at") : index);
  }
  throw new IndexError(`an index is ${describeValue(index)}`, {
    operation: "at",
    remedy:
      "Use integers, range(start, stop, step), null, ellipsis, and tensors or arrays of integers or booleans",
  });
}

/** @throws DTypeError for what is neither whole nor a mask */
function elements(index: Tensor | NestedValues | TypedArray): Given {
  if (!isTensor(index) || index.dtype !== "bool") {
    return { kind: "indices", indices: indexOperand("at", index) };
  }
  if (index.rank > 0) return { kind: "mask", indices: index };
  throw new IndexError("a mask is a single boolean", {
    operation: "at",
    remedy: "A mask has the shape of the axes that it chooses from; where takes conditions of any shape",
  });
}

/** Indices for the axes of x, as many as it has: what an ellipsis, or the lack of one, leaves over are whole axes. */
export function parse(x: Tensor, indices: readonly Index[]): Item[] {
  const given = indices.map(read);
  const count = given.reduce((total, one) => total + span(one), 0);
  const ellipses = given.filter(({ kind }) => kind === "ellipsis").length;
  if (count > x.rank || ellipses > 1) {
    throw new IndexError(
      ellipses > 1
        ? `${ellipses} of the indices are an ellipsis`
        : `there are indices for ${count} axes of shape ${formatShape(x.shape)}`,
      {
        operation: "at",
        shapes: [x.shape],
        remedy:
          ellipses > 1
            ? "One stands for all axes that are left"
            : `Give ${x.rank} at most; null is a new axis`,
      },
    );
  }
  const rest = x.rank - count;
  const items: Item[] = [];
  let axis = 0;
  const whole = (): void => {
    for (let i = 0; i < rest; i++, axis++) {
      items.push({ kind: "range", axis, section: sectionOf(null, null, 1, x.shape[axis]) });
    }
  };
  for (const one of given) {
    items.push(itemAt(x, axis, one));
    if (one.kind === "ellipsis") whole();
    axis += span(one);
  }
  if (ellipses === 0) whole();
  return items;
}

function itemAt({ shape }: Tensor, axis: number, given: Given): Item {
  if ("indices" in given) {
    if (given.kind === "mask") checkMask(given.indices.shape, shape, axis);
    return { ...given, axis };
  }
  const { kind, index } = given;
  if (isRange(index)) {
    const section = sectionOf(index.start, index.stop, index.step, shape[axis]);
    return { kind: "range", axis, section };
  }
  return typeof index === "number"
    ? { kind: "integer", axis, section: placeOf(index, shape[axis], axis) }
    : { kind: kind as "new" | "ellipsis", axis };
}

function placeOf(index: number, size: number, axis: number): Section {
  const from = index < 0 ? index + size : index;
  if (Number.isInteger(index) && from >= 0 && from < size) {
    return { from, to: from + 1, by: 1, isReversed: false };
  }
  throw new IndexError(
    Number.isInteger(index)
      ? `index ${index} is out of range for axis ${axis} of size ${size}`
      : `index ${index} is not whole`,
    {
      operation: "at",
      remedy:
        size === 0
          ? "The axis has no elements"
          : `Indices lie between ${-size} and ${size - 1}, negative ones count from the end`,
    },
  );
}

function checkMask(mask: Shape, shape: Shape, axis: number): void {
  const chosen = shape.slice(axis, axis + mask.length);
  if (sameShape(mask, chosen)) return;
  throw new IndexError(
    `a mask of shape ${formatShape(mask)} does not fit ${formatShape(chosen)}, the axes of ${formatShape(shape)} from axis ${axis} on`,
    { operation: "at", shapes: [mask, shape], remedy: "It has the shape of the axes that it chooses from" },
  );
}
