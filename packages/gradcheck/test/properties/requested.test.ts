import { random, type Tensor } from "@cotangent/core";
import { checkGradients, type Property } from "@cotangent/gradcheck";
import { expect, test } from "vitest";
import { draw, withBatchRule } from "./support.ts";

const ALL: readonly Property[] = ["purity", "vmap", "aliasing", "unused", "maskedNaN", "batchSizes"];

test("checkGradients checks all that is asked for", () => {
  const report = checkGradients((x: Tensor, y: Tensor) => x.mul(y).sin(), [draw([3, 2]), draw([3, 2], 1)], {
    also: ALL,
  });
  expect(report.findings).toEqual([]);
  const names = report.checks.map(({ check }) => check);
  expect(names.filter((name) => (ALL as readonly string[]).includes(name))).toEqual(ALL);
});

test("what is wrong about them fails the report, and reports survive JSON", () => {
  const report = withBatchRule(
    "sin",
    (b, [x]) => b.add(x, x),
    () => checkGradients((x: Tensor) => x.sin(), [draw([3])], { also: ["vmap"] }),
  );
  expect(report.verdict).toBe("wrong");
  expect(report.findings[0]).toMatchObject({ check: "vmap", culprit: { operation: "sin" } });
  expect(JSON.parse(JSON.stringify(report))).toEqual(report);
});

test("reports are the same every time", () => {
  const f = (x: Tensor) => x.mul(random.normal(x.shape, { seed: 3, dtype: "float64" })).add(x.floor());
  const [once, again] = [0, 1].map(() => checkGradients(f, [draw([4])], { also: ALL, seed: 5 }));
  expect(again).toEqual(once);
});

test("a property that is not known is refused", () => {
  const also = ["speed"] as unknown as Property[];
  expect(() => checkGradients((x: Tensor) => x, [draw([2])], { also })).toThrow('also cannot be "speed"');
});
