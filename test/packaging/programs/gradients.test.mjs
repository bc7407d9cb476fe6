// Plain functions of @cotangent/gradcheck under node:test; neither vitest nor fast-check is installed.
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  assertCloseToTensor,
  assertGradients,
  assertShape,
  assertWithinUlp,
  GradientCheckError,
  TensorMismatchError,
} from "@cotangent/gradcheck";
import { customVjp, ones, tensor } from "cotangent";

const point = tensor([1.5, -2]);
const wrong = customVjp((x) => x.mul(x), {
  forward: (x) => [x.mul(x), x],
  backward: (x, cotangent) => [cotangent.mul(x).mul(3)],
});

test("gradients that are right pass", () => assertGradients((x) => x.mul(x).sum(), [point], { order: 2 }));

test("gradients that are wrong fail with the report", () => {
  assert.throws(
    () => assertGradients((x) => wrong(x).sum(), [point], { modes: ["reverse"] }),
    (error) => {
      assert.ok(error instanceof GradientCheckError);
      assert.equal(error.report.verdict, "wrong");
      assert.match(error.message, /at fault .*\n.*gradients\.test\.mjs:\d+:\d+/);
      return true;
    },
  );
});

test("tensors", () => {
  assertCloseToTensor(ones([2]), [1, 1]);
  assertWithinUlp(ones([2]), ones([2]), 0);
  assertShape(ones([2, 3]), [2, 3]);
  assert.throws(() => assertCloseToTensor(ones([2]), [1, 2]), TensorMismatchError);
});

test("what needs vitest says so", () => assert.rejects(import("@cotangent/gradcheck/vitest"), /vitest/));
