import * as core from "@cotangent/core";
import fc from "fast-check";
import { interval } from "../support/domains.ts";
import { applyPrimitive } from "../support/primitive.ts";
import type { Row } from "../support/row.ts";
import { shapes, whole } from "../support/shapes.ts";
import { broadcasting, custom, unary } from "./build.ts";

type Tensor = core.Tensor;
const smooth = interval(-1.5, 1.5);
const small = { maxRank: 2, nonEmpty: true } as const;

/** A scalar whose second derivatives are full. */
const coupled = (x: Tensor): Tensor => x.sin().mul(x.sum()).add(x.mul(x).mul(x)).sum();

/** A scalar whose second derivatives are those of neighbors alone. */
const chained = (x: Tensor): Tensor => {
  const flat = x.reshape([x.size]);
  return flat.sin().mul(core.roll(flat, 1)).mul(flat).sum();
};

/** A map whose Jacobian is full. */
const mixed = (x: Tensor): Tensor => x.mul(x.mean()).sin().add(x);

const scale = core.variable(core.tensor(0.8, { dtype: "float64" }), { name: "scale" });

const swish = core.customVjp((x: Tensor) => x.mul(x.sigmoid()), {
  forward: (x) => {
    const gate = x.sigmoid();
    return [x.mul(gate), { gate, rest: [x] }] as const;
  },
  backward: ({ gate, rest: [x] }, ct) => [ct.mul(gate.add(x.mul(gate).mul(gate.neg().add(1))))],
});

/** Trees on both sides, and a static argument. */
const turned = core.customVjp(
  ({ x, y }: { x: Tensor; y: Tensor }, kind: string) => [x.mul(y.sin()), kind === "plain" ? x.exp() : x],
  {
    forward: ({ x, y }, kind) => [[x.mul(y.sin()), kind === "plain" ? x.exp() : x], { x, y, kind }],
    backward: ({ x, y, kind }, [first, second]) => [
      {
        x: first.mul(y.sin()).add(kind === "plain" ? second.mul(x.exp()) : second),
        y: first.mul(x).mul(y.cos()),
      },
      null,
    ],
  },
);

const softplus = core.customJvp((x: Tensor) => x.exp().add(1).log(), {
  jvp: ([x], [t]) => [x.exp().add(1).log(), t.mul(x.sigmoid())],
});

const product = core.customJvp((x: Tensor, y: Tensor) => x.mul(y), {
  jvp: ([x, y], [s, t]) => [x.mul(y), s.mul(y).add(x.mul(t))],
});

const twoSteps = core.checkpoint((x: Tensor, y: Tensor) => {
  const hidden = core.tanh(x.mul(y).mul(scale));
  return hidden.mul(hidden).add(y.sin());
});

const sameShapes = (apply: (x: Tensor, y: Tensor) => Tensor) =>
  shapes(small).map((shape) => ({ shapes: [shape, shape], domains: [smooth, smooth], apply }));

/** Rules of users, and derivatives of derivatives as operations. */
export const transformRows: readonly Row[] = [
  unary("customVjp", (x) => swish(x).mul(x), smooth),
  custom(
    "customVjp of trees",
    sameShapes((x, y) => {
      const [first, second] = turned({ x, y }, "plain");
      return first.add(second.mul(turned({ x: y, y: x }, "other")[1]));
    }),
    { covers: ["customVjp"] },
  ),
  unary("customVjp under vmap", (x) => core.vmap(swish)(x), smooth, {
    minRank: 1,
    nonEmpty: true,
    covers: ["customVjp", "vmap"],
  }),
  unary("gradient of customVjp", (x) => core.grad((z: Tensor) => swish(z).mul(z).sum())(x), smooth, {
    covers: ["customVjp", "grad"],
  }),
  unary("customJvp", (x) => softplus(x).mul(x), smooth),
  custom(
    "customJvp of two arguments",
    sameShapes((x, y) => product(x, y.sin()).add(product(x, x))),
    { covers: ["customJvp"] },
  ),
  unary("tangent of customJvp", (x) => core.jvp(softplus, [x], [x.cos()])[1], smooth, {
    covers: ["customJvp", "jvp"],
  }),
  broadcasting("checkpoint", (x, y) => twoSteps(x, y), [smooth, smooth]),
  unary(
    "nested checkpoints",
    (x) => core.checkpoint((z: Tensor) => twoSteps(z, swish(z)).mul(z))(x),
    smooth,
    {
      covers: ["checkpoint", "customVjp"],
    },
  ),
  unary("checkpoint under vmap", (x) => core.vmap((z: Tensor) => twoSteps(z, z.sum()))(x), smooth, {
    minRank: 1,
    nonEmpty: true,
    covers: ["checkpoint", "vmap"],
  }),
  unary("jacobian", (x) => core.jacobian(mixed)(x), smooth, { ...small, covers: ["jacobian"] }),
  custom(
    "jacobian of both modes",
    fc.tuple(whole(1, 3), whole(1, 3)).map(([n, m]) => ({
      shapes: [[n, m], [m]],
      domains: [smooth, smooth],
      apply: (w, x) => {
        const layer = (v: Tensor) => core.matmul(w, v).tanh();
        const forward = core.jacobian(layer, { mode: "forward" })(x);
        return forward.mul(core.jacobian(layer, { mode: "reverse" })(x.mul(0.5)));
      },
    })),
    { covers: ["jacobian"] },
  ),
  unary("hessian", (x) => core.hessian(coupled)(x), smooth, { ...small, covers: ["hessian"] }),
  custom(
    "hvp",
    sameShapes((x, v) => core.hvp(coupled, [x], [v])),
    { covers: ["hvp"] },
  ),
  custom(
    "linearize",
    sameShapes((x, v) => {
      const [value, along] = core.linearize(mixed, x);
      return value.add(along(v)).add(along(v.mul(x)));
    }),
    { covers: ["linearize"] },
  ),
  custom(
    "linearTranspose",
    sameShapes((x, ct) => core.linearTranspose((z: Tensor) => z.mul(x.sin()).add(z.sum()), x)(ct)[0]),
    { covers: ["linearTranspose"] },
  ),
  unary("hessianDiagonal", (x) => core.hessianDiagonal(coupled)(x), smooth, {
    ...small,
    covers: ["hessianDiagonal"],
  }),
  unary("sparseHessian", (x) => core.sparseHessian(chained)(x).values, smooth, {
    ...small,
    covers: ["sparseHessian"],
  }),
  unary("sparseJacobian", (x) => core.sparseJacobian(core.grad(chained))(x).toDense(), smooth, {
    ...small,
    covers: ["sparseJacobian"],
  }),
  custom(
    "gvp",
    sameShapes((x, v) =>
      core
        .gvp(mixed, (z: Tensor) => z.exp().sum())(x)(v)
        .add(core.gvp(mixed)(v)(x)),
    ),
    { covers: ["gvp"] },
  ),
  unary("gaussNewton", (x) => core.gaussNewton(mixed, coupled)(x), smooth, {
    ...small,
    covers: ["gaussNewton"],
  }),
  unary("barrier", (x) => applyPrimitive("barrier", [x.sin(), x.sum()], {}).mul(x), smooth, { covers: [] }),
];
