import {
  arange,
  broadcastTo,
  type DType,
  flip,
  gradients,
  isFloating,
  logsumexp,
  matmul,
  oneHot,
  random,
  relu,
  type Shape,
  stack,
  std,
  type Tensor,
  variance,
  where,
} from "@cotangent/core";
import type { Grower } from "./grower.ts";

// What users write, in core's own operations: the shapes of graph that an engine fuses. Each returns what it made.

type Motif = (g: Grower) => readonly Tensor[] | null;

const floating = (g: Grower, accepts: (x: Tensor) => boolean = () => true): Tensor | null =>
  g.operand(g.choices.chance(75) ? "float32" : "float64", (x) => x.size > 0 && accepts(x));

const rows = ({ rank }: Tensor): boolean => rank >= 1;

const axisOf = (g: Grower, x: Tensor): number => (g.choices.chance(70) ? -1 : -g.choices.whole(1, x.rank));

/** A new variable or input of x's dtype. */
const parameter = (
  g: Grower,
  shape: Shape,
  { dtype }: { readonly dtype: DType },
  kind: "variable" | "data" = "variable",
): Tensor => g.slot(shape, dtype, { kind, values: { kind: "normal", seed: g.choices.below(1e6) } });

const softmaxes: Motif = (g) => {
  const x = floating(g, rows);
  if (x === null) return null;
  const axis = axisOf(g, x);
  return g.choices.of([
    () => [x.softmax(axis)],
    () => [x.logSoftmax(axis)],
    () => [logsumexp(x, axis)],
    () => [x.softmax(axis).log()],
    () => [x.sub(x.max(axis, { keepDims: true })).exp()],
  ])();
};

/** Layer normalisation, and what it is made of. */
const normalised: Motif = (g) => {
  const x = floating(g, rows);
  if (x === null) return null;
  const axis = axisOf(g, x);
  const centred = x.sub(x.mean(axis, { keepDims: true }));
  return g.choices.of([
    () => [centred.div(variance(x, axis, { keepDims: true }).add(1e-5).sqrt())],
    () => [std(x, axis), centred.mul(centred).sum(axis)],
    () => [x.div(x.mul(x).sum(axis, { keepDims: true }).add(1e-6).sqrt())],
  ])();
};

const activations: Motif = (g) => {
  const x = floating(g);
  if (x === null) return null;
  return g.choices.of([
    () => [x.mul(0.5).mul(x.mul(Math.SQRT1_2).erf().add(1))],
    () => [x.mul(x.sigmoid())],
    () => [relu(x)],
    () => [x.mul(x).neg().exp().mul(x.sin()).add(x.tanh())],
    () => [x.exp().log1p()],
    () => [x.greater(0).cast(x.dtype).mul(x)],
  ])();
};

/** v = momentum * v + g; w = w - rate * v: both are new values of variables. */
function momentum(g: Grower, w: Tensor, gradient: Tensor): Tensor[] {
  const v = parameter(g, w.shape, w);
  const rate = g.choices.chance(50) ? parameter(g, [], w, "data") : 0.1;
  const nextV = v.mul(0.9).add(gradient);
  const nextW = w.sub(nextV.mul(rate));
  g.assigned.set(v, nextV);
  g.assigned.set(w, nextW);
  return [nextV, nextW];
}

/** Variables of one shape, whose new values are made of the old values of each other. */
const coupled: Motif = (g) => {
  const { choices } = g;
  const dtype: DType = choices.chance(75) ? "float32" : "float64";
  const shape = g.shape(1, 3).map((size) => Math.max(1, size));
  const olds = Array.from({ length: choices.whole(2, 3) }, () => parameter(g, shape, { dtype }));
  const steps: readonly ((x: Tensor, y: Tensor, axis: number) => Tensor)[] = [
    (x, y) => x.sub(y.mul(0.1)),
    (x, y) => x.mul(0.5).maximum(y),
    (x, y, axis) => x.mul(y.softmax(axis)),
    (x, y, axis) => x.add(y.max(axis, { keepDims: true })),
    (x, y, axis) => x.sub(x.mul(y).mean(axis, { keepDims: true })),
    (x, y, axis) => x.add(flip(y, axis)),
    (_, y) => y.neg(),
    (x, y) => x.sub(stack([x, y]).mean(0)),
    (x, y) => x.add(gradients(x.mul(y.tanh()).sum(), [y])[0].mul(0.1)),
  ];
  return olds.map((x) => {
    const step = choices.of(steps);
    const next = step(x, choices.of(olds), axisOf(g, x));
    g.assigned.set(x, next);
    return next;
  });
};

/** A layer or two, a loss, its gradients, and an update of every variable. */
const training: Motif = (g) => {
  const { choices, style } = g;
  const x = floating(g, (t) => t.rank === 2 && 2 * t.size <= style.limit);
  if (x === null) return null;
  const longest = Math.max(1, ...x.shape);
  const sizes = [choices.of(style.sizes), ...choices.some([choices.of(style.sizes)])];
  // Neither activations nor weights shall be large.
  const most = Math.floor(Math.min(style.limit / longest, Math.sqrt(style.limit)));
  const units = sizes.map((n) => Math.max(1, Math.min(n, most)));
  const parameters: Tensor[] = [];
  let h = x;
  units.forEach((count, layer) => {
    const w = parameter(g, [h.shape[1], count], x);
    const b = parameter(g, [count], x);
    parameters.push(w, b);
    h = matmul(h, w).add(b);
    if (layer < units.length - 1)
      h = choices.of([relu, (t: Tensor) => t.tanh(), (t: Tensor) => t.sigmoid()])(h);
  });
  const labels = parameter(g, h.shape, x, "data");
  const loss = choices.of([
    () => labels.mul(h.logSoftmax()).sum(-1).mean().neg(),
    () => h.sub(labels).mul(h.sub(labels)).mean(),
    () => h.softmax().log().mul(labels).sum().neg(),
  ])();
  const grads = gradients(loss, parameters);
  const updated = choices.chance(60)
    ? parameters.flatMap((w, i) => momentum(g, w, grads[i]))
    : parameters.map((w, i) => {
        const next = w.sub(grads[i].mul(0.1));
        g.assigned.set(w, next);
        return next;
      });
  return [loss, ...updated];
};

/** The derivative of what is there by some of the inputs. */
const derivative: Motif = (g) => {
  const y = floating(g, ({ size }) => 4 * size <= g.style.limit);
  const xs = g.slots.map(({ tensor }) => tensor).filter(({ dtype, size }) => isFloating(dtype) && size > 0);
  if (y === null || xs.length === 0) return null;
  const chosen = g.choices.shuffled(xs).slice(0, 2);
  return gradients(y.mul(g.choices.chance(50) ? y : 1).sum(), chosen);
};

const attention: Motif = (g) => {
  const x = floating(
    g,
    ({ rank, shape, size }) => rank >= 2 && (size / shape[rank - 1]) * shape[rank - 2] <= g.style.limit,
  );
  if (x === null) return null;
  const turned = x.transpose(
    [...x.shape.keys()].map((axis) => (axis < x.rank - 2 ? axis : 2 * x.rank - 3 - axis)),
  );
  return [matmul(matmul(x, turned).mul(0.3).softmax(), x)];
};

const draws: Motif = (g) => {
  const key = g.slot([2], "uint32", { values: { kind: "wide", seed: g.choices.below(1000) } });
  const shape = g.shape(0, 3);
  const dtype = g.choices.of(["float32", "float64"] as const);
  if (g.choices.chance(40)) return [random.normal(shape, { key, dtype })];
  const x = floating(g);
  if (x === null) return [random.uniform(shape, { key, dtype, minval: -2, maxval: 3 })];
  // Dropout.
  return [x.mul(random.uniform(x.shape, { key, dtype: x.dtype }).less(0.7).cast(x.dtype)).div(0.7)];
};

const accuracy: Motif = (g) => {
  const x = floating(g, ({ rank }) => rank === 2);
  if (x === null) return null;
  const y = parameter(g, x.shape, x, "data");
  const hits = x.argmax(-1).equal(y.argmax(-1));
  return [hits.mean(), oneHot(x.argmax(-1), x.shape[1]), hits.cast("int32").sum()];
};

/** Class indices, some of them outside, against the places of an axis; masks, and what is masked by them twice. */
const masks: Motif = (g) => {
  const { choices } = g;
  const x = floating(g, rows);
  if (x === null) return null;
  const axis = axisOf(g, x);
  const size = x.shape[x.rank + axis];
  const place = choices.chance(80) ? axis : axisOf(g, x);
  const spread = choices.chance(85) ? axis : axisOf(g, x);
  const indexDtype = choices.of(["int32", "int32", "uint32", "float32"] as const);
  const index = g.slot(
    x.shape.map((n, i) => (i === x.rank + spread ? 1 : n)),
    indexDtype,
    { values: { kind: choices.of(["whole", "whole", "halves"]), seed: choices.below(1e6) } },
  );
  const counted = arange(0, x.shape[x.rank + place], 1, { dtype: indexDtype });
  const places = counted.reshape(x.shape.map((n, i) => (i === x.rank + place ? n : 1)));
  const hit = choices.chance(80) ? index.equal(broadcastTo(places, x.shape)) : x.greater(0);
  const any = hit.any(axis, { keepDims: choices.chance(80) || size === x.shape[0] });
  const mask = any.rank === x.rank ? broadcastTo(any, x.shape) : hit;
  const zero = choices.chance(85) ? 0 : choices.of([-0, 1]);
  const masked = where(hit, choices.chance(50) ? x : choices.of([0.25, -0.0, Number.NaN]), zero);
  return choices.of([
    () => [any, hit],
    () => [masked.sum(axis)],
    () => [mask.logicalAnd(hit), mask.logicalOr(hit)],
    () => [hit.logicalAnd(mask), hit.logicalOr(mask)],
    () => [where(mask, masked, 0)],
    () => [where(mask, masked.add(where(hit, x, 0)), zero)],
    () => [where(mask, masked.add(where(mask, x, 0)), 0)],
    () => [where(mask, where(mask, x, zero), 0), where(hit, where(mask, x, 0), 0)],
    () => gradients(where(hit, x.sub(logsumexp(x, axis, { keepDims: true })), 0).sum(), [x]),
  ])();
};

/** Every row with every other: two broadcasts, a reduction over what neither of them has. */
const distances: Motif = (g) => {
  const x = floating(g, ({ rank, shape, size }) => rank === 2 && size * shape[0] <= g.style.limit);
  if (x === null) return null;
  const [n, m] = x.shape;
  const difference = x.reshape([n, 1, m]).sub(x.reshape([1, n, m]));
  return [difference.mul(difference).sum(-1), difference.abs().max(-1)];
};

/** A long chain, whose steps look at few inputs. */
const chain: Motif = (g) => {
  const x = floating(g);
  if (x === null) return null;
  let y = x;
  for (let i = g.choices.whole(3, 12); i > 0; i--) {
    const other = g.choices.of([x, y, y.abs()]);
    y = g.choices.of([
      () => y.add(other),
      () => y.mul(0.5).sub(other),
      () => y.maximum(other),
      () => y.sin(),
      () => y.mul(y).add(1).sqrt(),
      () => y.div(other.abs().add(1)),
      () => y.tanh().mul(other),
      () => y.floor().add(0.25),
    ])();
  }
  return [y];
};

const MOTIFS: readonly (readonly [number, Motif])[] = [
  [4, softmaxes],
  [3, normalised],
  [3, activations],
  [4, training],
  [5, coupled],
  [3, derivative],
  [2, attention],
  [2, draws],
  [2, accuracy],
  [3, masks],
  [2, distances],
  [4, chain],
];

/** Adds something that users write. */
export function addMotif(g: Grower): void {
  const made = g.choices.weighted(MOTIFS)(g);
  for (const tensor of made ?? []) g.adopt(tensor.node);
}
