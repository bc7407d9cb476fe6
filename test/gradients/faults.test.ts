import type { IndexingParams, Tensor } from "@cotangent/core";
import { describe, expect, test } from "vitest";
import {
  batchFault,
  derivativeFault,
  explicitFault,
  type Fault,
  ruleFault,
  transposeFault,
} from "./support/faults.ts";
import { mappedDerivatives, mappedValues } from "./support/lanes.ts";
import { firstOrder, type Property, secondOrder } from "./support/properties.ts";
import { finds } from "./support/run.ts";
import { rowOf } from "./table/index.ts";

/** Rows by name, properties, and a fault that the properties must find in that row. */
type Case = readonly [row: string, properties: readonly Property[], fault: Fault];

const reversed = (x: { shape: readonly number[] }): number[] => x.shape.map((_, i) => i).reverse();

const CASES: readonly Case[] = [
  [
    "sin",
    [firstOrder, secondOrder],
    ruleFault("sin", "wrong sign", 0, (rule) => (b, ...rest) => {
      const result = rule(b, ...rest);
      return result && b.neg(result);
    }),
  ],
  [
    "exp",
    [firstOrder, secondOrder],
    ruleFault("exp", "wrong factor", 0, () => (b, t, _, out) => b.mul(t, b.mul(out, 1.001))),
  ],
  [
    "tanh",
    [firstOrder, secondOrder],
    ruleFault("tanh", "a square forgotten", 0, () => (b, t, _, out) => b.mul(t, b.sub(1, out))),
  ],
  [
    "log",
    [firstOrder],
    ruleFault(
      "log",
      "a small constant in the denominator",
      0,
      () =>
        (b, t, [x]) =>
          b.div(t, b.add(x, 1e-6)),
    ),
  ],
  ["mul", [firstOrder, secondOrder], ruleFault("mul", "missing term", 1, null)],
  [
    "mul",
    [firstOrder],
    ruleFault(
      "mul",
      "the wrong operand",
      0,
      () =>
        (b, t, [x]) =>
          b.mul(t, x),
    ),
  ],
  [
    "div",
    [firstOrder],
    ruleFault(
      "div",
      "missing minus",
      1,
      () =>
        (b, t, [, y], out) =>
          b.mul(b.div(t, y), out),
    ),
  ],
  ["pow", [firstOrder], ruleFault("pow", "no derivative by the exponent", 1, null)],
  [
    "where",
    [firstOrder],
    ruleFault(
      "where",
      "a mask that is not inverted",
      2,
      () =>
        (b, t, [c]) =>
          b.where(c, t, 0),
    ),
  ],
  [
    "maximum",
    [firstOrder],
    ruleFault("max", "half of the gradient everywhere", 0, () => (b, t) => b.mul(t, 0.5)),
  ],
  ["sub", [firstOrder], transposeFault("sub", "missing minus", () => (_, ct) => [ct, ct])],
  [
    "add",
    [firstOrder],
    transposeFault("broadcast", "missing sum over what was repeated", () => (b, ct, [x]) => {
      const start = ct.shape.map(() => 0);
      const offset = ct.rank - x.rank;
      const end = ct.shape.map((size, axis) => (axis < offset ? 1 : Math.min(size, x.shape[axis - offset])));
      return [b.reshape(b.slice(ct, start, end), x.shape)];
    }),
  ],
  [
    "transpose",
    [firstOrder],
    transposeFault("permute", "a permutation that is not inverted", () => (b, ct, [x], params) => {
      const { axes } = params as { axes: readonly number[] };
      return [
        b.permute(
          ct,
          axes.map((axis) => axis + x.rank),
        ),
      ];
    }),
  ],
  ["flip", [firstOrder], transposeFault("flip", "not flipped back", () => (_, ct) => [ct])],
  [
    "slice",
    [firstOrder],
    transposeFault(
      "slice",
      "put back in the wrong place",
      (transpose) => (b, ct, inputs, params) =>
        transpose(b, ct, inputs, params).map((x) => x && b.flip(x, reversed(x))),
    ),
  ],
  [
    "concat",
    [firstOrder],
    transposeFault("concat", "the first part for all of one size", (transpose) => (...args) => {
      const parts = transpose(...args);
      return parts.map((part) => (part?.size === parts[0]?.size ? parts[0] : part));
    }),
  ],
  [
    "sum",
    [firstOrder],
    transposeFault(
      "reduceSum",
      "as if it were a mean",
      (transpose) => (b, ct, inputs, params) =>
        transpose(b, ct, inputs, params).map((x) => x && b.mul(x, (ct.size || 1) / (x.size || 1))),
    ),
  ],
  [
    "matmul",
    [firstOrder],
    derivativeFault("dot", "missing transpose", (original) => {
      if (original.kind !== "multilinear") throw new Error("dot is multilinear");
      return {
        kind: "multilinear",
        transpose: (b, ct, inputs, params, index, out) => {
          const right = original.transpose(b, ct, inputs, params, index, out);
          const square = right.rank === 2 && right.shape[0] === right.shape[1];
          return index === 1 && square ? b.permute(right, [1, 0]) : right;
        },
      };
    }),
  ],
  [
    "max",
    [firstOrder],
    explicitFault("reduceMax", "forward mode takes all elements", ({ vjp }) => ({
      vjp,
      jvp: (b, [t], [x], _, params) => {
        const { axes } = params as { axes: readonly number[] };
        const places = axes.map((axis) => axis + x.rank);
        return b.reduce("sum", t as NonNullable<typeof t>, places);
      },
    })),
  ],
  [
    "cumsum",
    [firstOrder],
    transposeFault("cumulativeSum", "walked in the same direction", () => (b, ct, [x], params) => {
      const { axis, reverse } = params as { axis: number; reverse: boolean };
      return [b.cumulative("sum", ct, axis + x.rank, reverse)];
    }),
  ],
  [
    "affineScan",
    [firstOrder],
    explicitFault("cumulativeAffine", "factors one step too early", ({ jvp }) => ({
      jvp,
      vjp: (b, ct, [a], out, params) => {
        const { axis, reverse } = params as { axis: number; reverse: boolean };
        const g = b.affine(a, ct, axis + a.rank, !reverse);
        return [b.mul(g, out), g];
      },
    })),
  ],
  [
    "cumprod",
    [firstOrder],
    explicitFault("cumulativeProd", "total / x, which is NaN at zeros", ({ jvp }) => ({
      jvp,
      vjp: (b, ct, [x], out, params) => {
        const { axis, reverse } = params as { axis: number; reverse: boolean };
        return [b.div(b.cumulative("sum", b.mul(ct, out), axis + x.rank, !reverse), x)];
      },
    })),
  ],
  [
    "cummax",
    [firstOrder],
    explicitFault("cumulativeMax", "the cotangent stays where it is", ({ jvp }) => ({
      jvp,
      vjp: (b, ct, [x], out) => [b.where(b.compare("equal", x, out), ct, 0)],
    })),
  ],
  [
    "prod",
    [firstOrder, secondOrder],
    explicitFault("reduceProd", "product / x, which is NaN at zeros", () => ({
      vjp: (b, ct, [x], out, params) => {
        const { axes } = params as { axes: readonly number[] };
        const kept = x.shape.map((size, axis) => (axes.includes(axis - x.rank) ? 1 : size));
        return [b.div(b.broadcast(b.reshape(b.mul(ct, out), kept), x.shape), x)];
      },
    })),
  ],
  [
    "takeAlongAxis",
    [firstOrder],
    explicitFault("gather", "of an index that occurs twice only one counts", ({ jvp }) => ({
      jvp,
      vjp: (b, ct, [x, indices], _, params) => [
        b.scatter("set", b.literal(0, x), indices, ct, params as IndexingParams),
        null,
      ],
    })),
  ],
  [
    "scatterSet",
    [firstOrder],
    explicitFault("scatterSet", "updates that were replaced get the gradient, too", ({ jvp, vjp }) => ({
      jvp,
      vjp: (b, ct, inputs, out, params) => [
        vjp?.(b, ct, inputs, out, params)[0] ?? null,
        null,
        b.gather(ct, inputs[1], params as IndexingParams),
      ],
    })),
  ],
  [
    "scatterMul",
    [firstOrder],
    explicitFault("scatterMul", "product / update, which is NaN at zeros", ({ jvp }) => ({
      jvp,
      vjp: (b, ct, [x, indices, updates], out, params) => [
        b.div(b.mul(ct, out), x),
        null,
        b.div(b.gather(b.mul(ct, out), indices, params as IndexingParams), updates),
      ],
    })),
  ],
  [
    "gather",
    [mappedValues],
    batchFault("gather", "lanes in reverse order", (batch) => (b, inputs, mapped, params, size) => {
      if (batch === "same") throw new Error("gather has a rule of its own");
      const right = batch(b, inputs, mapped, params, size);
      return b.flip(right, [0]);
    }),
  ],
  [
    "broadcastTo",
    [mappedValues],
    batchFault("broadcast", "lanes against the wrong axes", () => (b, [x], _, params, size) => {
      const { shape } = params as { shape: readonly number[] };
      return b.broadcast(x, [size, ...shape]);
    }),
  ],
  [
    "matmul",
    [mappedValues],
    batchFault("dot", "the mapped axis left where it is", (batch) => (b, inputs, batched, params, size) => {
      if (batch === "same") throw new Error("dot has a rule of its own");
      const right = batch(b, inputs, batched, params, size);
      return batched[0] || right.rank < 2
        ? right
        : b.permute(right, [1, 0, ...reversed(right).reverse().slice(2)]);
    }),
  ],
];

describe("a deliberate fault in a rule is found", () => {
  test.each(CASES.map((item) => [item[0], item[2].prim, item[2].what, item] as const))(
    "%s: %s, %s",
    (_name, _prim, _what, [name, properties, fault]) => {
      const row = rowOf(name);
      for (const property of properties) {
        expect(finds(row, property)).toBe(false);
        expect(fault.run(() => finds(row, property))).toBe(true);
      }
    },
  );

  test("there are at least ten of them, in as many rules", () => {
    expect(new Set(CASES.map(([, , { prim }]) => prim)).size).toBeGreaterThanOrEqual(10);
  });
});

describe("a fault that the first order does not show", () => {
  const constantSlope = ruleFault(
    "sigmoid",
    "a slope that is taken for a constant",
    0,
    () => (b, t, _, out) => b.mul(t, b.stopGradient(b.mul(out, b.sub(1, out)))),
  );
  const row = rowOf("sigmoid");

  test("is found by the second order", () => {
    expect(constantSlope.run(() => finds(row, firstOrder))).toBe(false);
    expect(constantSlope.run(() => finds(row, secondOrder))).toBe(true);
    expect(constantSlope.run(() => finds(row, mappedDerivatives))).toBe(false);
  });

  test("in one mode only is found by comparing the modes", () => {
    const wrongForward = explicitFault(
      "reduceMin",
      "forward mode loses its second order",
      ({ vjp, jvp }) => ({
        vjp,
        jvp: (b, tangents, inputs, out, params) =>
          b.stopGradient((jvp as NonNullable<typeof jvp>)(b, tangents, inputs, out, params) as Tensor),
      }),
    );
    expect(wrongForward.run(() => finds(rowOf("min"), firstOrder))).toBe(false);
    expect(wrongForward.run(() => finds(rowOf("least of squares"), secondOrder))).toBe(true);
  });
});

test("rules are as they were", () => {
  for (const name of ["sin", "mul", "broadcastTo", "matmul", "prod", "sigmoid"]) {
    expect(finds(rowOf(name), firstOrder)).toBe(false);
    expect(finds(rowOf(name), mappedValues)).toBe(false);
  }
});
