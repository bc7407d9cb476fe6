import { tensor } from "@cotangent/core";
import { describe, expect, test } from "vitest";
import { accuracy } from "../src/index.ts";
import { quiet, sectors, trainerFor } from "./support/problems.ts";

const probabilities = tensor([
  [0.7, 0.2, 0.1],
  [0.1, 0.1, 0.8],
  [0.3, 0.4, 0.3],
  [0.5, 0.25, 0.25],
]);
const classes = [0, 2, 0, 1];

describe("accuracy", () => {
  const targets = {
    "class numbers": tensor(Int32Array.from(classes)),
    "class numbers as floats": tensor(classes),
    "class numbers in a column": tensor(Int32Array.from(classes), { shape: [4, 1] }),
    "one-hot rows": tensor(classes.map((label) => [0, 1, 2].map((i) => (i === label ? 1 : 0)))),
    "one-hot rows of booleans": tensor(classes.map((label) => [0, 1, 2].map((i) => i === label))),
  };
  test.each(Object.entries(targets))("of probabilities with %s", (_name, y) => {
    expect(accuracy(probabilities, y).item()).toBe(0.5);
  });

  test("of one output per example", () => {
    const outputs = tensor([0.9, 0.2, 0.6, 0.4]);
    const column = outputs.expandDims(-1);
    for (const y of [
      tensor([1, 0, 0, 1]),
      tensor([true, false, false, true]),
      tensor(Int32Array.of(1, 0, 0, 1)),
    ]) {
      expect(accuracy(outputs, y).item()).toBe(0.5);
      expect(accuracy(column, y).item()).toBe(0.5);
      expect(accuracy(column, y.expandDims(-1)).item()).toBe(0.5);
    }
    const logits = tensor([2, -1, 0.3, -0.2]);
    expect(accuracy(logits, tensor([1, 0, 1, 0]), { threshold: 0 }).item()).toBe(1);
  });

  test("of sequences", () => {
    const steps = probabilities.reshape([2, 2, 3]);
    expect(accuracy(steps, tensor(Int32Array.from(classes), { shape: [2, 2] })).item()).toBe(0.5);
  });

  test("refuses targets that do not fit", () => {
    expect(() => accuracy(probabilities, tensor([0, 1]))).toThrow(
      /accuracy: predictions \[4, 3\] and targets \[2\] do not fit\. Targets are class numbers/,
    );
    expect(() => accuracy(tensor([0.1, 0.9]), tensor([[1, 0, 0]]))).toThrow(/do not fit/);
  });
});

describe("metrics of a trainer", () => {
  test("may be functions, which are called by their names", async () => {
    const topTwo = (p: typeof probabilities, t: typeof probabilities) => accuracy(p, t);
    const data = sectors(6);
    const list = trainerFor(undefined, ["accuracy", topTwo]);
    expect(Object.keys(await list.evaluate(data))).toEqual(["loss", "accuracy", "topTwo"]);
    const named = trainerFor(undefined, { hits: "accuracy", mean: (p) => p.mean() });
    const logs = await named.evaluate(data);
    expect(Object.keys(logs)).toEqual(["loss", "hits", "mean"]);
    expect(logs.mean).toBeCloseTo(1 / 3, 6);
  });

  test("need names of their own, and one number", async () => {
    expect(() => trainerFor(undefined, ["accuracy", "accuracy"])).toThrow(
      /the name accuracy of a metric is taken/,
    );
    expect(() => trainerFor(undefined, { loss: "accuracy" })).toThrow(/loss/);
    const rows = trainerFor(undefined, { rows: (p) => p.sum(-1) });
    await expect(rows.fit(sectors(6), quiet)).rejects.toThrow(/metric rows has shape \[6\]/);
  });

  test("work with integer targets", async () => {
    const { x, labels } = sectors(100);
    const history = await trainerFor().fit({ x, y: labels }, { epochs: 10, ...quiet });
    expect(history.history.accuracy.at(-1)).toBeGreaterThan(0.7);
  });
});
