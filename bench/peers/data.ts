import type {
  AddChainWork,
  AttentionWork,
  CnnWork,
  CrossEntropyGradWork,
  ElementwiseGradWork,
  LayerNormWork,
  MatmulWork,
  MlpWork,
  RecurrentWork,
} from "../lines/line.ts";

/**
 * The data of every line, the same bits for all peers. Each number depends on its seed and its place alone, so that
 * `python/data.py`, which says the same in NumPy, can make them all at once.
 */

const GOLDEN = 0x9e3779b9;

/** A mixing of 32 bits: the "lowbias32" of Chris Wellons' hash prospector. */
function hash(seed: number, index: number): number {
  let h = (index + Math.imul(seed, GOLDEN)) >>> 0;
  h = Math.imul(h ^ (h >>> 16), 0x7feb352d);
  h = Math.imul(h ^ (h >>> 15), 0x846ca68b);
  return (h ^ (h >>> 16)) >>> 0;
}

/** Fills an array with numbers of [low, high), of 24 random bits each. */
function fill<A extends Float32Array | Float64Array>(values: A, seed: number, low: number, high: number): A {
  const scale = (high - low) / 2 ** 24;
  for (let i = 0; i < values.length; i++) values[i] = low + scale * (hash(seed, i) >>> 8);
  return values;
}

function floats(size: number, seed: number, low: number, high: number): Float32Array {
  return fill(new Float32Array(size), seed, low, high);
}

/** Class indices. */
function classes(size: number, seed: number, count: number): Int32Array {
  return Int32Array.from({ length: size }, (_, i) => hash(seed, i) % count);
}

/** Class indices as rows of zeros with a one, for peers that take no indices. */
export function oneHot(labels: Int32Array, count: number): Float32Array {
  const rows = new Float32Array(labels.length * count);
  labels.forEach((label, i) => {
    rows[i * count + label] = 1;
  });
  return rows;
}

export interface LayerData {
  readonly inputs: number;
  readonly units: number;
  /** [inputs, units]. */
  readonly kernel: Float32Array;
  /** [units], zeros. */
  readonly bias: Float32Array;
}

/**
 * Examples of the same length whatever their number of inputs, and weights that make the layers' outputs vary by about
 * 1, so that the learning rate of 0.01 suits all sizes and no step meets infinite or subnormal numbers.
 */
export function mlpData({ sizes, batch }: MlpWork) {
  const inputs = sizes[0];
  const bound = 8 / Math.sqrt(inputs);
  const layers = sizes.slice(1).map((units, i): LayerData => {
    const limit = i === 0 ? 0.4 : Math.sqrt(6 / sizes[i]);
    const kernel = floats(sizes[i] * units, 10 + i, -limit, limit);
    return { inputs: sizes[i], units, kernel, bias: new Float32Array(units) };
  });
  const count = sizes[sizes.length - 1];
  return { x: floats(batch * inputs, 1, -bound, bound), labels: classes(batch, 2, count), layers };
}

/** Images, class indices, kernels [3, 3, inputs, outputs] of the convolutions and [inputs, classes] of the dense layer. */
export function cnnData({ size, channels, classes: count, batch }: CnnWork) {
  const convolutions = channels.slice(1).map((outputs, i) => {
    const inputs = channels[i];
    const limit = Math.sqrt(6 / (9 * inputs));
    const kernel = floats(9 * inputs * outputs, 10 + i, -limit, limit);
    return { inputs, outputs, kernel, bias: new Float32Array(outputs) };
  });
  const side = size / 2 ** convolutions.length;
  const inputs = side * side * channels[channels.length - 1];
  const limit = Math.sqrt(6 / inputs);
  const dense = { inputs, kernel: floats(inputs * count, 20, -limit, limit), bias: new Float32Array(count) };
  return {
    x: floats(batch * size * size * channels[0], 1, -1, 1),
    labels: classes(batch, 2, count),
    convolutions,
    dense,
  };
}

export function elementwiseGradData({ size }: ElementwiseGradWork) {
  return { x: floats(size, 1, -2, 2) };
}

export function crossEntropyGradData({ rows, classes: count }: CrossEntropyGradWork) {
  return { logits: floats(rows * count, 1, -4, 4), labels: classes(rows, 2, count) };
}

export function matmulData({ size, dtype }: MatmulWork) {
  const matrix = (seed: number) => {
    const values = dtype === "float64" ? new Float64Array(size * size) : new Float32Array(size * size);
    return fill(values, seed, -1, 1);
  };
  return { a: matrix(1), b: matrix(2) };
}

export function layerNormData({ rows, columns }: LayerNormWork) {
  return {
    x: floats(rows * columns, 1, -2, 2),
    scale: floats(columns, 2, 0.5, 1.5),
    shift: floats(columns, 3, -0.5, 0.5),
    target: floats(rows * columns, 4, -1, 1),
  };
}

export function attentionData({ heads, length, depth }: AttentionWork) {
  const size = heads * length * depth;
  return {
    q: floats(size, 1, -2, 2),
    k: floats(size, 2, -2, 2),
    v: floats(size, 3, -2, 2),
    target: floats(size, 4, -1, 1),
  };
}

export function recurrentData({ units, steps }: RecurrentWork) {
  return { w: floats(units * units, 1, -0.2, 0.2), x: floats(steps * units, 2, -1, 1) };
}

export function addChainData({ size }: AddChainWork) {
  return { x: floats(size, 1, -1, 1), c: floats(size, 2, -1, 1) };
}
