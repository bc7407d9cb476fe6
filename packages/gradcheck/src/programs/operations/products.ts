import { tame } from "../domains.ts";
import { type Draw, MAX_SIZE } from "../draw.ts";
import { call, type Expression } from "../expression.ts";
import { type Operand, sizeOf } from "../operand.ts";
import type { Decode, Operations } from "./operation.ts";

/** A first factor that leaves room for the product. */
const left = (draw: Draw): Operand => draw.float(tame, { minRank: 1, maxRank: 3, maxSize: 12 });

const last = (shape: readonly number[]): number => shape[shape.length - 1];

/** A vector, a matrix or a batch of matrices behind the last axis of x; x itself where it has that shape. */
const matmul: Decode = (draw) => {
  const x = left(draw);
  const k = last(x.shape);
  const columns = draw.genes.of([k, 1, 2, 3]);
  const batch = x.shape.slice(0, -2);
  const shapes = [[k, columns], [k], [...batch, k, columns]];
  const shape = draw.genes.of(shapes);
  const rows = sizeOf(x.shape.slice(0, -1));
  return call("matmul", x.expression, draw.shaped(rows * columns > MAX_SIZE ? [k] : shape).expression);
};

const dot: Decode = (draw) => {
  const x = left(draw);
  const k = last(x.shape);
  const shape = draw.genes.of([[k, 2], [k], [2, k, 1], []]);
  return call("dot", x.expression, draw.shaped(shape).expression);
};

const inner: Decode = (draw) => {
  const x = left(draw);
  const k = last(x.shape);
  return call("inner", x.expression, draw.shaped(draw.genes.of([[k], [2, k], []])).expression);
};

const outer: Decode = (draw) => {
  const x = draw.float(tame, { maxSize: 6 });
  return call("outer", x.expression, draw.float(tame, { maxSize: 6 }).expression);
};

/** Over a number of axes, or over pairs of them. */
const tensordot: Decode = (draw) => {
  const x = left(draw);
  const { length } = x.shape;
  if (draw.genes.yes()) {
    const axis = draw.axis(length);
    const y = draw.shaped([2, x.shape.at(axis) as number]);
    return call("tensordot", x.expression, y.expression, [[axis], [1]]);
  }
  const count = draw.genes.whole(0, length);
  const y = draw.shaped([...x.shape.slice(length - count), draw.genes.whole(1, 2)]);
  return call("tensordot", x.expression, y.expression, count);
};

const LETTERS = "ijklmnopqrst";

/** Subscripts for operands: axes of one size may share a letter, and each letter may stay. */
function subscripts(draw: Draw, operands: readonly Operand[]): string {
  const sizes: number[] = [];
  const terms = operands.map(({ shape }) =>
    shape.map((size) => {
      const alike = sizes.map((_, letter) => letter).filter((letter) => sizes[letter] === size);
      const letter = draw.genes.of([...alike, sizes.length]);
      sizes[letter] = size;
      return letter;
    }),
  );
  const kept = draw.genes.order(sizes.length).filter(() => !draw.genes.yes());
  while (sizeOf(kept.map((letter) => sizes[letter])) > MAX_SIZE) kept.pop();
  const written = (term: readonly number[]): string => term.map((letter) => LETTERS[letter]).join("");
  return `${terms.map(written).join(",")}->${written(kept)}`;
}

const einsum: Decode = (draw) => {
  const small = { maxRank: 3, maxSize: 9 };
  const x = draw.float(tame, small);
  if (draw.genes.whole(0, 3) === 3) {
    return call("einsum", "...,...->...", x.expression, draw.partner([x]).expression);
  }
  const more = Array.from({ length: draw.genes.whole(0, 2) }, () => draw.float(tame, small));
  const operands = [x, ...more];
  const list: Expression[] = operands.map(({ expression }) => expression);
  return call("einsum", subscripts(draw, operands), ...list);
};

/** Sums of products. */
export const products: Operations = { matmul, dot, inner, outer, tensordot, einsum };
