import * as core from "@cotangent/core";
import { describe, test } from "vitest";
import { expectNumbers, ordersAt } from "../support/boundary.ts";

const [INF, NAN] = [Number.POSITIVE_INFINITY, Number.NaN];

describe("sort", () => {
  const squares = (x: core.Tensor): core.Tensor => core.sort(x).mul(core.sort(x));

  test("ties keep a derivative for each element", () => {
    const { value, first, second } = ordersAt(squares, [2, 1, 1, -0]);
    expectNumbers(value, [0, 1, 1, 4]);
    expectNumbers(first, [4, 2, 2, -0]);
    expectNumbers(second, [2, 2, 2, 2]);
  });

  test("infinities and NaN, which is last", () => {
    const { value, first } = ordersAt((x) => core.sort(x), [NAN, INF, 0, -INF]);
    expectNumbers(value, [-INF, 0, INF, NAN]);
    expectNumbers(first, [1, 1, 1, 1]);
  });
});
