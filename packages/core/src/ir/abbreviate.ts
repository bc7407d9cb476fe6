import { formatShape, stridesOf } from "../types/shape.ts";
import type { Tensor } from "./tensor.ts";

const EDGE = 3;

/** One line on a tensor: dtype, shape and, if they are at hand, its first and last values. */
export function abbreviate(node: Tensor, kind: string): string {
  const head = `${kind} ${node.dtype}${formatShape(node.shape)}`;
  const data = node.storage?.host ?? null;
  if (data === null) return node.symbolic ? `${head} (symbolic)` : `${head} (not computed yet)`;
  const { shape } = node;
  const strides = stridesOf(shape);
  const level = (axis: number, offset: number): string => {
    if (axis === shape.length)
      return node.dtype === "bool" ? String(data[offset] !== 0) : short(data[offset]);
    const size = shape[axis];
    const parts: string[] = [];
    for (let i = 0; i < size; i++) {
      if (size > 2 * EDGE + 1 && i === EDGE) {
        parts.push("...");
        i = size - EDGE;
      }
      parts.push(level(axis + 1, offset + i * strides[axis]));
    }
    return `[${parts.join(", ")}]`;
  };
  return `${head} ${level(0, 0)}`;
}

const short = (value: number): string =>
  Number.isInteger(value) ? String(value) : String(Number(value.toPrecision(6)));
