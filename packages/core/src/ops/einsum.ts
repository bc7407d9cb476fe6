import type { Tensor } from "../ir/tensor.ts";
import type { TensorLike } from "../prims/convert.ts";
import { builder } from "../transform/vjp.ts";
import { StateError } from "../util/errors.ts";
import { diagonalAlong } from "./diagonal.ts";
import { type Notation, parseEinsum } from "./einsumNotation.ts";
import { factors } from "./products.ts";

/** A tensor whose axes have labels, none of them twice. */
interface Labelled {
  readonly x: Tensor;
  readonly labels: readonly string[];
}

/**
 * The sum of products that the subscripts say, as in NumPy: a letter for each axis of each operand, behind the arrow those of
 * the result; letters that are not there are summed over. "ij,jk->ik" is the matrix product, "ii->i" the diagonal, "bij,bj->bi"
 * a batch of products, "...ij->...ji" swaps the last two axes whatever is before them. Without an arrow the result has the
 * letters that stand once, in alphabetical order. Axes behind "..." broadcast; letters do not.
 *
 * Several operands are multiplied pair by pair, first the pair whose product is smallest beside what goes into it; pairs run
 * on the matrix product. @throws StateError for subscripts that contradict themselves, ShapeError where shapes do
 */
export function einsum(subscripts: string, ...operands: readonly TensorLike[]): Tensor {
  if (operands.length === 0) {
    throw new StateError("there are no operands", {
      operation: "einsum",
      remedy: 'Such as einsum("ij,jk->ik", x, y)',
    });
  }
  const tensors = factors("einsum", operands);
  const notation = parseEinsum(subscripts, tensors);
  let rest = tensors.map((x, i) => onceEach(stretched(x, notation.inputs[i], notation.sizes)));
  rest = rest.map((one, i) => summed(one, neededBeside(notation, rest, [i])));
  while (rest.length > 1) {
    const [i, j] = cheapestPair(notation, rest);
    const product = multiplied(rest[i], rest[j], neededBeside(notation, rest, [i, j]));
    rest = [...rest.filter((_, k) => k !== i && k !== j), product];
  }
  return ordered(rest[0], notation.output);
}

/** Without axes of size 1 behind an ellipsis that are larger elsewhere: they are repeated where they are multiplied. */
function stretched(x: Tensor, labels: readonly string[], sizes: ReadonlyMap<string, number>): Labelled {
  const kept = labels.filter((label, axis) => x.shape[axis] === sizes.get(label));
  if (kept.length === labels.length) return { x, labels };
  return {
    x: builder.reshape(
      x,
      kept.map((label) => sizes.get(label) as number),
    ),
    labels: kept,
  };
}

/** Axes of one label become their diagonal. */
function onceEach({ x, labels }: Labelled): Labelled {
  const second = labels.findIndex((label, axis) => labels.indexOf(label) < axis);
  if (second < 0) return { x, labels };
  const first = labels.indexOf(labels[second]);
  const others = labels.filter((_, axis) => axis !== first && axis !== second);
  return onceEach({ x: diagonalAlong(x, first, second, 0), labels: [...others, labels[second]] });
}

/** The labels that the result or other operands than these have. */
function neededBeside(
  { output }: Notation,
  operands: readonly Labelled[],
  these: readonly number[],
): ReadonlySet<string> {
  const others = operands.filter((_, k) => !these.includes(k));
  return new Set([...output, ...others.flatMap(({ labels }) => labels)]);
}

/** Summed over what nobody needs. */
function summed({ x, labels }: Labelled, needed: ReadonlySet<string>): Labelled {
  const axes = [...labels.keys()].filter((axis) => !needed.has(labels[axis]));
  return { x: builder.reduce("sum", x, axes), labels: labels.filter((label) => needed.has(label)) };
}

const sizeOf = (labels: Iterable<string>, sizes: ReadonlyMap<string, number>): number => {
  let product = 1;
  for (const label of labels) product *= sizes.get(label) as number;
  return product;
};

/** The pair whose product is smallest beside what goes into it; among equals, the one with the fewest multiplications. */
function cheapestPair(notation: Notation, operands: readonly Labelled[]): [number, number] {
  let best: [number, number] = [0, 1];
  let bestGrowth = Number.POSITIVE_INFINITY;
  let bestWork = Number.POSITIVE_INFINITY;
  for (let i = 0; i < operands.length; i++) {
    for (let j = i + 1; j < operands.length; j++) {
      const needed = neededBeside(notation, operands, [i, j]);
      const both = new Set([...operands[i].labels, ...operands[j].labels]);
      const result = [...both].filter((label) => needed.has(label));
      const growth = sizeOf(result, notation.sizes) - operands[i].x.size - operands[j].x.size;
      const work = sizeOf(both, notation.sizes);
      if (growth > bestGrowth || (growth === bestGrowth && work >= bestWork)) continue;
      [best, bestGrowth, bestWork] = [[i, j], growth, work];
    }
  }
  return best;
}

/** The product of two operands, summed over the labels that nobody else needs. */
function multiplied(left: Labelled, right: Labelled, needed: ReadonlySet<string>): Labelled {
  const shared = left.labels.filter((label) => right.labels.includes(label));
  const batch = shared.filter((label) => needed.has(label));
  const contract = shared.filter((label) => !needed.has(label));
  const free = [left, right].map(({ labels }) => labels.filter((label) => !shared.includes(label)));
  const labels = [...batch, ...free[0], ...free[1]];
  // Without rows and columns, or without a sum, there is nothing that a matrix product is faster at.
  if (contract.length === 0) return elementwise(left, right, labels);
  if (batch.length > 0 && free[0].length === 0 && free[1].length === 0) {
    return summed(elementwise(left, right, [...batch, ...contract]), needed);
  }
  const axes = (list: readonly string[], one: Labelled) => list.map((label) => one.labels.indexOf(label));
  const x = builder.dot(left.x, right.x, {
    contract: [axes(contract, left), axes(contract, right)],
    batch: [axes(batch, left), axes(batch, right)],
  });
  return { x, labels };
}

function elementwise(left: Labelled, right: Labelled, labels: readonly string[]): Labelled {
  const sizes = new Map(
    [left, right].flatMap((one) => one.labels.map((label, i) => [label, one.x.shape[i]])),
  );
  const shape = labels.map((label) => sizes.get(label) as number);
  const [x, y] = [left, right].map((one) => {
    const own = labels.filter((label) => one.labels.includes(label));
    const apart = labels.map((label) => (own.includes(label) ? (sizes.get(label) as number) : 1));
    return builder.broadcast(builder.reshape(ordered(one, own), apart), shape);
  });
  return { x: builder.mul(x, y), labels };
}

const ordered = ({ x, labels }: Labelled, order: readonly string[]): Tensor =>
  builder.permute(
    x,
    order.map((label) => labels.indexOf(label)),
  );
