import * as core from "@cotangent/core";
import fc from "fast-check";
import { interval, separated, signed } from "../support/domains.ts";
import { applyPrimitive } from "../support/primitive.ts";
import type { Row } from "../support/row.ts";
import { shapes, whole } from "../support/shapes.ts";
import { broadcasting, custom, unary } from "./build.ts";

type Tensor = core.Tensor;
const smooth = interval(-2, 2);
const float64 = { dtype: "float64" } as const;

const cell = core.variable(core.tensor([0.7, -1.3], float64), { name: "cell" });
const compiled = core.compile((x: Tensor, y: Tensor) => x.sin().mul(y).add(x.mul(0.5)));

/** sin(x) * x, summed: something to differentiate. */
const wave = (x: Tensor): Tensor => x.sin().mul(x).sum();

/** Derivatives as operations: their first and second order are the second and third of what is inside. */
const transforms: Row[] = [
  unary("grad", (x) => core.grad(wave)(x), smooth),
  unary("valueAndGrad", (x) => core.add(...core.valueAndGrad(wave)(x)), smooth),
  unary("gradients", (x) => core.gradients(wave(x), [x])[0], smooth),
  unary("vjp", (x) => core.vjp((z: Tensor) => z.mul(z).sin(), x)[1](x)[0], smooth),
  unary("jvp", (x) => core.jvp((z: Tensor) => z.mul(z).sin(), [x], [x.exp()])[1], smooth),
  unary("vmap", (x) => core.vmap((z: Tensor) => z.sub(z.mean()).mul(z.exp()))(x), smooth, {
    minRank: 1,
    nonEmpty: true,
  }),
  broadcasting("compile", (x, y) => compiled(x, y), [smooth, smooth]),
  unary("stopGradient of something else", (x) => x.mul(core.stopGradient(core.tensor(3, float64))), smooth, {
    covers: [],
  }),
  custom(
    "third order of prod",
    fc.tuple(shapes({ maxRank: 2, nonEmpty: true })).map(([shape]) => ({
      shapes: [shape],
      domains: [interval(-1.5, 1.5)],
      apply: (x) => core.grad((z: Tensor) => z.prod())(x),
    })),
    { covers: [] },
  ),
];

/** Constants, draws and variables beside an argument. */
const constants: Row[] = [
  unary(
    "constants",
    (x) => {
      const [n] = x.shape;
      const made = core
        .arange(n)
        .cast("float64")
        .add(core.ones([n], float64))
        .add(core.zeros([n], float64))
        .add(core.full([n], 0.5, float64));
      const tail = x.shape.slice(1).map(() => 1);
      return x
        .mul(made.reshape([n, ...tail]))
        .add(core.onesLike(x))
        .sub(core.zerosLike(x));
    },
    smooth,
    { minRank: 1, covers: ["arange", "ones", "zeros", "full", "onesLike", "zerosLike"] },
  ),
  unary(
    "eye",
    (x) => core.matmul(x, core.eye(x.shape[x.rank - 1], 3, float64)).add(core.tensor([1, 2, 3], float64)),
    smooth,
    { minRank: 1, covers: ["eye", "tensor"] },
  ),
  unary(
    "random draws",
    (x) =>
      x
        .mul(core.random.normal(x.shape, { seed: 3, dtype: "float64" }))
        .add(core.random.uniform(x.shape, { seed: 4, dtype: "float64" }))
        .sub(
          core.random
            .bits(x.shape, { key: core.random.split(core.random.key(5))[1] })
            .cast("float64")
            .mul(2 ** -32),
        ),
    smooth,
    { covers: ["random.normal", "random.uniform", "random.bits", "random.split", "random.key"] },
  ),
  unary("a variable", (x) => core.expandDims(x, -1).mul(cell), smooth, { maxRank: 3, covers: ["variable"] }),
  unary(
    "a variable with another value",
    (x) =>
      core.withValues(new Map([[cell, core.concat([x.reshape([1]), x.reshape([1]).exp()])]]), () =>
        cell.sin(),
      ),
    smooth,
    { maxRank: 0, covers: ["withValues"] },
  ),
  unary("a number of the library", (x) => x.mul(core.runtimeNumber(() => 1.5, "float64")), smooth, {
    covers: ["runtimeNumber"],
  }),
];

/** Compositions in which masks, sharing and special forms meet. */
const compositions: Row[] = [
  unary("log of softmax", (x) => core.log(core.softmax(x)).mul(x), smooth, {
    minRank: 1,
    covers: ["log", "softmax"],
  }),
  unary("moved log of softmax", (x) => core.log(core.flip(core.transpose(core.softmax(x)))).mul(2), smooth, {
    minRank: 2,
    covers: ["log", "softmax"],
  }),
  unary("softmax twice used", (x) => core.softmax(x).mul(core.softmax(x).log()).sum(-1), smooth, {
    minRank: 1,
    covers: ["log", "softmax"],
  }),
  unary(
    "gradient by a softmax",
    (x) => {
      const p = core.softmax(x);
      return core.gradients(core.log(p).mul(p.add(1)).sum(), [p])[0];
    },
    smooth,
    { minRank: 1, covers: ["log", "softmax", "gradients"] },
  ),
  broadcasting(
    "log of shifted exponentials",
    (x, y) => {
      const e = core.exp(core.expandDims(x.sub(y), 0));
      return core.log(e.div(e.sum(-1, { keepDims: true })));
    },
    [smooth, smooth],
    { aliased: null, covers: ["log"] },
  ),
  unary("masked log", (x) => core.where(x.greater(0), x.log(), 0), signed(0.4, 2), {
    covers: ["where", "log"],
  }),
  unary(
    "masked twice",
    (x) => core.where(x.greater(0), core.where(x.less(1), x.sqrt(), x.log()), x.neg().log()).mul(x),
    (random, size) =>
      Float64Array.from(
        { length: size },
        () => random.sign() * (random.chance(0.5) ? random.between(0.4, 0.8) : random.between(1.2, 2)),
      ),
    { covers: ["where"] },
  ),
  broadcasting(
    "masked sum of shared terms",
    (x, y) => {
      const term = x.log().mul(y);
      return core.where(x.greater(0), term.add(term.exp()), y).sum(undefined, { keepDims: true }).mul(y);
    },
    [signed(0.5, 2), smooth],
    { aliased: signed(0.5, 2), covers: ["where"] },
  ),
  unary(
    "shared subexpressions",
    (x) => {
      const a = x.sin();
      const b = a.mul(a).add(x);
      return b.mul(a).div(b.mul(b).add(1)).add(b);
    },
    smooth,
    { covers: [] },
  ),
  unary(
    "normalised",
    (x) => {
      const centred = x.sub(x.mean(-1, { keepDims: true }));
      return centred.div(x.variance(-1, { keepDims: true }).add(0.5).sqrt());
    },
    smooth,
    { minRank: 1, nonEmpty: true, covers: ["variance"] },
  ),
  unary(
    "greatest of squares",
    (x) => x.mul(x).max(-1).add(x.max()),
    (random, size, k) => separated(random, size, k).map(Math.exp).map(Math.sqrt),
    {
      minRank: 1,
      nonEmpty: true,
      covers: ["max"],
    },
  ),
  unary(
    "least of squares",
    (x) => x.mul(x).min(-1).mul(x.min()),
    (random, size, k) => separated(random, size, k).map((x) => Math.exp(x / 3)),
    {
      minRank: 1,
      nonEmpty: true,
      covers: ["min"],
    },
  ),
  custom(
    "attention",
    fc.tuple(whole(1, 3), whole(1, 3), whole(1, 2)).map(([n, k, heads]) => ({
      shapes: [
        [heads, n, k],
        [n, k],
        [heads, n, 2],
      ],
      domains: [smooth, smooth, smooth],
      apply: (q, keys, values) =>
        core.matmul(core.softmax(core.matmul(q, core.transpose(keys)).div(Math.sqrt(k))), values),
    })),
    {
      covers: [],
      aliased: fc.tuple(whole(1, 3), whole(1, 3)).map(([n, k]) => ({
        shapes: [[2, n, k]],
        domains: [smooth],
        apply: (x) => core.matmul(core.softmax(core.matmul(x, core.transpose(x, [0, 2, 1]))), x),
      })),
    },
  ),
];

/** Primitives with parameters that public operations reach only in derivatives, or not at all. */
const direct: Row[] = [
  custom(
    "pad with gaps",
    shapes({ minRank: 1, nonEmpty: true }).chain((shape) =>
      fc
        .tuple(
          whole(1, shape.length),
          fc.array(fc.tuple(whole(-1, 2), whole(0, 2), whole(0, 2)), { minLength: 4, maxLength: 4 }),
        )
        .map(([axes, all]) => {
          const own = all.slice(0, axes);
          const params = {
            low: own.map(([low], i) => (shape[shape.length - axes + i] > 1 ? low : 0)),
            high: own.map(([, high]) => high),
            interior: own.map(([, , interior]) => interior),
          };
          return {
            shapes: [shape],
            domains: [smooth],
            options: params,
            apply: (x: Tensor) => applyPrimitive("pad", [x], params),
          };
        }),
    ),
    { covers: [] },
  ),
  custom(
    "permutation of the last axes",
    shapes({ minRank: 2 }).map((shape) => ({
      shapes: [shape],
      domains: [smooth],
      apply: (x) => applyPrimitive("permute", [x], { axes: [-1, -2] }),
    })),
    { covers: [] },
  ),
  custom(
    "slice of the last axis",
    shapes({ minRank: 1, nonEmpty: true }).map((shape) => ({
      shapes: [shape],
      domains: [smooth],
      apply: (x) =>
        applyPrimitive("slice", [x], {
          start: [shape[shape.length - 1] > 1 ? 1 : 0],
          end: [shape[shape.length - 1]],
          step: [2],
        }),
    })),
    { covers: [] },
  ),
  unary("identity", (x) => applyPrimitive("identity", [x], {}).mul(x), smooth, { covers: [] }),
];

export const composedRows: readonly Row[] = [...transforms, ...constants, ...compositions, ...direct];
