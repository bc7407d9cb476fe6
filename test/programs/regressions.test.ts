import {
  add,
  asinh,
  bitwiseAnd,
  cast,
  compile,
  concat,
  cummax,
  customJvp,
  customVjp,
  div,
  glu,
  hvp,
  hypot,
  less,
  linspace,
  mul,
  norm,
  pow,
  random,
  ravel,
  reshape,
  sigmoid,
  sinc,
  softmax,
  square,
  stack,
  sub,
  sum,
  type Tensor,
  tensor,
  transpose,
  variance,
} from "@cotangent/core";
import { wasmEngine } from "@cotangent/wasm";
import { expect, test } from "vitest";
import type { Point } from "./support/point.ts";
import { engineIsRight, gradientsAreRight } from "./support/properties.ts";

/** Random programs that have found a mistake, made small, each with the property that did not hold. */

const isRight = (point: Point): void => expect(gradientsAreRight(point)).toBe("right");

test("the rule of customVjp is run in float64 where a function of float32 is", () => {
  const inputs = [tensor([-0.28125], { shape: [], dtype: "float32" })];
  const f = (x0: Tensor) => {
    const v0 = customVjp((x: Tensor) => mul(x, sigmoid(x)), {
      forward: (x: Tensor) => [mul(x, sigmoid(x)), [x, sigmoid(x)]],
      backward: ([x, s], ct) => [mul(ct, add(s, mul(x, mul(s, sub(1, s)))))],
    })(x0);
    return v0;
  };
  isRight({ f, inputs });
});

test("the rule of customJvp is run in float64 where a function of float32 is", () => {
  const inputs = [
    tensor([-0.84375], { shape: [], dtype: "float32" }),
    tensor([-0.359375], { shape: [], dtype: "float32" }),
  ];
  const f = (x0: Tensor, x1: Tensor) => {
    const v0 = customJvp((a: Tensor, b: Tensor) => mul(a, b), {
      jvp: ([a, b], [s, t]) => [mul(a, b), add(mul(s, b), mul(a, t))],
    })(x1, x0);
    return v0;
  };
  isRight({ f, inputs });
});

test("what follows a rule of a user's own is run in float64, too", () => {
  const inputs = [tensor([0.46875, -1.390625], { shape: [2], dtype: "float32" })];
  const f = (x0: Tensor) => {
    const v0 = customVjp((x: Tensor) => mul(x, sigmoid(x)), {
      forward: (x: Tensor) => [mul(x, sigmoid(x)), [x, sigmoid(x)]],
      backward: ([x, s], ct) => [mul(ct, add(s, mul(x, mul(s, sub(1, s)))))],
    })(x0);
    const v1 = compile((z: Tensor) => mul(z, sum(z)))(v0);
    return v1;
  };
  isRight({ f, inputs });
});

test("constants that float32 rounds are no impurity", () => {
  const inputs = [
    tensor([0.6875, -0.046875, -1.671875, -0.171875, 0.28125, 1.828125], { shape: [2, 3], dtype: "float32" }),
  ];
  const f = (x0: Tensor) => {
    const v0 = square(x0);
    const v1 = sinc(add(v0, -2));
    return v1;
  };
  isRight({ f, inputs });
});

test("sums over results that are computed without an error have one", () => {
  const inputs = [tensor([0.5, 1.25, -0.75, 1.75, -1.5, 0.25], { shape: [2, 3], dtype: "float64" })];
  const f = (x0: Tensor) => {
    const v0 = random.randint([2, 3], { seed: 0, low: 0, high: 1 });
    const v1 = transpose(x0);
    return [cast(v0, "float64"), v1];
  };
  isRight({ f, inputs });
});

test("derivatives that cancel when they are added up are no poor rules", () => {
  const inputs = [tensor([0.59375, -1.765625, 0.15625], { shape: [1, 3], dtype: "float32" })];
  const f = (x0: Tensor) => {
    const v0 = asinh(x0);
    const v1 = sub(x0, v0);
    return v1;
  };
  isRight({ f, inputs });
});

test("roundings that few samples do not show are no faults", () => {
  const inputs = [
    tensor([-0.296875, -0.09375, -0.25, 0.015625, 0.375, -1.953125], { shape: [3, 2, 1], dtype: "float32" }),
  ];
  const steps = linspace(-1, 1, 6, { dtype: "float32" });
  const f = (x0: Tensor) => {
    const v0 = cummax(add(x0, reshape(steps, [3, 2, 1])), undefined, { reverse: false });
    const v1 = less(v0, add(v0, 1));
    const v2 = asinh(v0);
    const v3 = less(v2, add(v2, 0.3));
    const v4 = norm(add(v2, 0.13), { ord: 2, keepDims: false });
    const v5 = mul(v2, mul(cast(random.bits([6], { seed: 35 }), "float32"), 2.3283064365386963e-10));
    const v6 = bitwiseAnd(
      tensor([-4], { shape: [], dtype: "int32" }),
      tensor([0], { shape: [1], dtype: "int32" }),
    );
    return [cast(v1, "float32"), cast(v3, "float32"), v4, v5, cast(v6, "float32")];
  };
  isRight({ f, inputs });
});

test("a part of what is stacked is not taken for the part that was made last", () => {
  const inputs = [tensor([0.5], { shape: [1], dtype: "float64" })];
  const f = (x0: Tensor) => {
    const v0 = variance(concat([ravel(x0), tensor([0.5], { shape: [1], dtype: "float64" })]), undefined, {
      keepDims: false,
    });
    const v1 = softmax(x0);
    const v2 = glu(stack([v1, reshape(v0, [1])]), 0);
    return v2;
  };
  engineIsRight({ f, inputs }, wasmEngine);
});

test("roundings are seen where two operands are always tied", () => {
  const inputs = [
    tensor([0.15625, 0.734375, 0.4375, 0.34375, -1.15625, -0.015625, -0.390625, 1.890625, -0.359375], {
      shape: [1, 1, 3, 3],
      dtype: "float32",
    }),
  ];
  const f = (x0: Tensor) => {
    const v0 = hypot(add(x0, 0.7), add(x0, 0.7));
    const v1 = hvp(
      (z: Tensor) => sum(mul(div(z, add(square(z), 1)), z)),
      [mul(x0, 0.5)],
      [add(mul(v0, 0.5), -0.7)],
    );
    return v1;
  };
  isRight({ f, inputs });
});

test("x^0 has a derivative by x that depends on the exponent", () => {
  const inputs = [
    tensor([0.5], { shape: [], dtype: "float64" }),
    tensor([0], { shape: [1], dtype: "float64" }),
  ];
  const f = (_x0: Tensor, x1: Tensor) => {
    const v0 = pow(add(x1, 0.3), x1);
    return v0;
  };
  isRight({ f, inputs });
});
