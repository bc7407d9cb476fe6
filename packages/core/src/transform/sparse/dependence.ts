import type { ConvParams, DotAxes, FoldParams, IndexingParams } from "../../ir/builder.ts";
import type { NDArray } from "../../ir/primitive.ts";
import type { Tensor } from "../../ir/tensor.ts";
import type { CumulativeParams } from "../../prims/cumulative.ts";
import { pad } from "../../prims/movement.ts";
import type { ComputedPrimitive } from "../../prims/names.ts";
import { layoutOf } from "../../prims/picking.ts";
import type { ReduceParams } from "../../prims/reduce.ts";
import { windows } from "../../prims/windows.ts";
import { type Shape, sizeOf, stridesOf, toShape } from "../../types/shape.ts";
import type { LinearMap } from "../linearMap.ts";
import { Sets } from "./sets.ts";

/** For each element the set of what it depends on; null for a tensor none of whose elements depends on anything. */
type Elements = Int32Array | null;

type Rule = (node: Tensor, inputs: readonly Elements[], sets: Sets) => Int32Array;

/** The same place of all inputs. */
const elementwise: Rule = (node, inputs, sets) => {
  const [first, ...rest] = inputs.filter((one) => one !== null);
  const result = first.slice();
  for (const other of rest) {
    for (let i = 0; i < node.size; i++) result[i] = sets.union(result[i], other[i]);
  }
  return result;
};

/** The value is the first input's. */
const first: Rule = (node, [x]) => x ?? new Int32Array(node.size);

const arrayOf = (data: Int32Array, { shape }: { shape: Shape }): NDArray => ({ data, shape, dtype: "int32" });

/** What only moves elements moves their sets as well; zeros that it puts in are empty sets. */
const moves: Rule = (node, inputs) => {
  const result = new Int32Array(node.size);
  const arrays = inputs.map((own, k) => arrayOf(own ?? new Int32Array(node.inputs[k].size), node.inputs[k]));
  node.prim.reference(arrays, node.params, arrayOf(result, node));
  return result;
};

/** For each group of elements one set: groups are what is left of the axes when `axes` are gone. */
function unite(sets: Sets, own: Int32Array, shape: Shape, axes: readonly number[]): Int32Array {
  const strides = stridesOf(shape);
  const kept = shape.flatMap((_, axis) => (axes.includes(axis) ? [] : [axis]));
  const outer = offsets(
    kept.map((axis) => shape[axis]),
    kept.map((axis) => strides[axis]),
  );
  const inner = offsets(
    axes.map((axis) => shape[axis]),
    axes.map((axis) => strides[axis]),
  );
  const members = new Int32Array(inner.length);
  return outer.map((from) => {
    for (let k = 0; k < inner.length; k++) members[k] = own[from + inner[k]];
    return sets.unionOf(members);
  });
}

/** Where the elements of a box of these sizes lie, in row-major order. */
function offsets(sizes: readonly number[], strides: readonly number[]): Int32Array {
  let result = new Int32Array(1);
  sizes.forEach((size, axis) => {
    const next = new Int32Array(result.length * size);
    result.forEach((from, i) => {
      for (let k = 0; k < size; k++) next[i * size + k] = from + k * strides[axis];
    });
    result = next;
  });
  return result;
}

const reduced: Rule = ({ inputs: [x], params }, [own], sets) =>
  unite(
    sets,
    own as Int32Array,
    x.shape,
    (params as ReduceParams).axes.map((axis) => axis + x.rank),
  );

/** Everything before in the direction of the walk. */
const cumulative: Rule = (node, inputs, sets) => {
  const { axis, reverse } = node.params as CumulativeParams;
  const result = elementwise(node, inputs, sets);
  const size = node.shape[node.rank + axis];
  const inner = sizeOf(node.shape.slice(node.rank + axis + 1));
  for (let i = 0; i < result.length; i++) {
    const from = reverse ? result.length - 1 - i : i;
    const place = Math.floor(from / inner) % size;
    const previous = reverse ? place + 1 : place - 1;
    if (previous < 0 || previous >= size) continue;
    result[from] = sets.union(result[from], result[from + (previous - place) * inner]);
  }
  return result;
};

/** Rows of the one operand, and columns of the other, each as a whole. */
const dot: Rule = (node, operands, sets) => {
  const { contract, batch } = node.params as DotAxes;
  const parts = operands.map((own, side) => {
    const { shape, rank } = node.inputs[side];
    if (own === null) return null;
    const kept = shape.flatMap((_, axis) => (contract[side].includes(axis) ? [] : [axis]));
    const rows = unite(sets, own, shape, contract[side]);
    const order = [...batch[side], ...kept.filter((axis) => !batch[side].includes(axis))];
    const strides = stridesOf(kept.map((axis) => shape[axis]) as unknown as Shape);
    const places = order.map((axis) => kept.indexOf(axis));
    const moved = offsets(
      order.map((axis) => shape[axis]),
      places.map((place) => strides[place]),
    );
    return { sets: moved.map((from) => rows[from]), free: rank - contract[side].length - batch[side].length };
  });
  const batches = sizeOf(node.shape.slice(0, batch[0].length));
  const split = node.rank - (parts[1]?.free ?? freeOf(node, 1));
  const [rows, columns] = [sizeOf(node.shape.slice(batch[0].length, split)), sizeOf(node.shape.slice(split))];
  const result = new Int32Array(node.size);
  const [x, y] = parts;
  for (let b = 0, to = 0; b < batches; b++) {
    for (let i = 0; i < rows; i++) {
      const left = x === null ? 0 : x.sets[b * rows + i];
      for (let k = 0; k < columns; k++)
        result[to++] = y === null ? left : sets.union(left, y.sets[b * columns + k]);
    }
  }
  return result;
};

const freeOf = ({ inputs, params }: Tensor, side: 0 | 1): number => {
  const { contract, batch } = params as DotAxes;
  return inputs[side].rank - contract[side].length - batch[side].length;
};

/** Each place of an image, the windows that it lies in. */
const fold: Rule = (node, [own], sets) => {
  const [x] = node.inputs;
  const { sizes, ...params } = node.params as FoldParams;
  const places = new Int32Array(x.size);
  const kernel = x.shape.slice(x.rank - sizes.length);
  const image = new Int32Array(node.size).map((_, i) => i);
  windows.reference([arrayOf(image, node)], { kernel, ...params }, arrayOf(places, x));
  const result = new Int32Array(node.size);
  places.forEach((place, i) => {
    result[place] = sets.union(result[place], (own as Int32Array)[i]);
  });
  return result;
};

/** The window of each place, channels as a whole, and each kernel as a whole. */
const conv: Rule = (node, [image, kernels], sets) => {
  const [x, w] = node.inputs;
  const { strides, low, high, inputDilation, kernelDilation } = node.params as ConvParams;
  const [groups, batch, outputs, ...places] = node.shape;
  const spatial = places.map((_, i) => i + 2);
  const count = sizeOf(toShape(places));
  let seen: Elements = null;
  if (image !== null) {
    const [, , , ...sizes] = x.shape;
    const kernel = w.shape.slice(3);
    const padded = toShape([
      groups,
      batch,
      ...sizes.map((size, i) => Math.max(0, size + (size - 1) * (inputDilation[i] - 1)) + low[i] + high[i]),
    ]);
    const spread = new Int32Array(sizeOf(padded));
    const channels = arrayOf(unite(sets, image, x.shape, [2]), { shape: toShape([groups, batch, ...sizes]) });
    const interior = inputDilation.map((step) => step - 1);
    pad.reference([channels], { low, high, interior }, arrayOf(spread, { shape: padded }));
    const windowed = toShape([groups, batch, ...places, ...kernel]);
    const cut = new Int32Array(sizeOf(windowed));
    const params = { kernel, strides, dilation: kernelDilation };
    windows.reference([arrayOf(spread, { shape: padded })], params, arrayOf(cut, { shape: windowed }));
    seen = unite(sets, cut, windowed, spatial.map((axis) => axis + places.length)); // biome-ignore format: one call
  }
  const own =
    kernels === null ? null : unite(sets, kernels, w.shape, w.shape.map((_, axis) => axis).slice(2));
  return new Int32Array(node.size).map((_, i) => {
    const kernel = Math.floor(i / count) % outputs;
    const example = Math.floor(i / (count * outputs));
    const left = seen === null ? 0 : seen[example * count + (i % count)];
    return own === null ? left : sets.union(left, own[Math.floor(example / batch) * outputs + kernel]);
  });
};

/** Whatever all inputs depend on, everywhere. */
const everything: Rule = (node, inputs, sets) => {
  const all = inputs.map((own) => (own === null ? 0 : sets.unionOf(own)));
  return new Int32Array(node.size).fill(sets.unionOf(all));
};

/** Indices that are known now: what else they could be is no matter. Null under vmap and compile, if they are mapped. */
const known = (indices: Tensor): NDArray | null =>
  indices.symbolic ? null : { data: indices.dataSync(), shape: indices.shape, dtype: indices.dtype };

const gather: Rule = (node, [own], sets) => {
  const [x, indices] = node.inputs;
  const params = node.params as IndexingParams;
  const result = new Int32Array(node.size);
  if (own === null) return result;
  const places = known(indices);
  if (places !== null) {
    node.prim.reference([arrayOf(own, x), places], params, arrayOf(result, node));
    return result;
  }
  // Any row of the batch.
  const { batch, row, picked } = layoutOf(x, indices, params);
  const rows = unite(sets, own, x.shape, [batch.length]);
  const [inner, count] = [sizeOf(row), sizeOf(picked)];
  return result.map((_, i) => rows[Math.floor(i / (inner * count)) * inner + (i % inner)]);
};

const scatter: Rule = (node, [own, , updates], sets) => {
  const [x, indices, values] = node.inputs;
  const params = node.params as IndexingParams;
  const result = own === null ? new Int32Array(node.size) : own.slice();
  if (updates === null) return result;
  const { batch, size, row, picked } = layoutOf(x, indices, params);
  const [inner, count] = [sizeOf(row), sizeOf(picked)];
  const places = known(indices);
  if (places === null) {
    const all = unite(sets, updates, [...batch, count, ...row] as unknown as Shape, [batch.length]);
    return result.map((set, i) => sets.union(set, all[Math.floor(i / (inner * size)) * inner + (i % inner)]));
  }
  for (let i = 0; i < values.size; i++) {
    const lane = Math.floor(i / (inner * count));
    const index = places.data[Math.floor(i / inner)];
    const to = (lane * size + (index < 0 ? index + size : index)) * inner + (i % inner);
    result[to] = sets.union(result[to], updates[i]);
  }
  return result;
};

type Alias = "identity" | "stopGradient" | "alternative" | "customCall" | "customResult";

/** What is neither here nor elementwise by its derivative depends on all of its inputs, everywhere. */
const RULES: Readonly<Partial<Record<ComputedPrimitive | Alias, Rule>>> = {
  identity: first, stopGradient: first, barrier: first, alternative: first, customCall: first, customResult: first,
  reshape: moves, permute: moves, broadcast: moves, slice: moves, flip: moves, pad: moves, concat: moves,
  add: elementwise, sub: elementwise, neg: elementwise, cast: elementwise, where: elementwise,
  reduceSum: reduced, reduceProd: reduced, reduceMax: reduced, reduceMin: reduced,
  cumulativeSum: cumulative, cumulativeProd: cumulative, cumulativeMax: cumulative, cumulativeMin: cumulative,
  cumulativeAffine: cumulative,
  dot, conv, windows: moves, fold, gather,
  scatterSet: scatter, scatterAdd: scatter, scatterMul: scatter, scatterMin: scatter, scatterMax: scatter,
}; // biome-ignore format: a table

function ruleFor({ prim }: Tensor): Rule {
  const own = RULES[prim.name as keyof typeof RULES];
  return own ?? (prim.derivative.kind === "elementwise" ? elementwise : everything);
}

/** Which elements of the sources each element of the results depends on: at least those, perhaps more. */
export function dependenceOf({ sources, results, nodes }: LinearMap): {
  readonly sets: Sets;
  readonly elements: readonly Elements[];
} {
  const total = sources.reduce((sum, { size }) => sum + size, 0);
  const sets = new Sets(total);
  const known = new Map<Tensor, Int32Array>();
  let offset = 1;
  for (const source of sources) {
    const from = offset;
    known.set(
      source,
      new Int32Array(source.size).map((_, i) => from + i),
    );
    offset += source.size;
  }
  for (const node of nodes) {
    const inputs = node.inputs.map((input) => known.get(input) ?? null);
    known.set(node, ruleFor(node)(node, inputs, sets));
  }
  return { sets, elements: results.map((result) => (result && known.get(result)) ?? null) };
}
