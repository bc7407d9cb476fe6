import { expect, test } from "vitest";
import { cnnData, elementwiseGradData, mlpData, oneHot } from "../peers/data.ts";
import { fingerprint } from "../peers/workload.ts";

// The numbers are those of python/data.py, whose peers must get the same.
test("the data are those of the Python peers", () => {
  expect([...elementwiseGradData({ kind: "elementwiseGrad", size: 3 }).x]).toEqual([
    -1.9689395427703857, 0.48927831649780273, -1.88090181350708,
  ]);
  const { x, labels, layers } = mlpData({
    kind: "mlp",
    sizes: [2, 3, 2],
    batch: 2,
    learningRate: 0.01,
    momentum: 0.9,
  });
  expect([...labels]).toEqual([0, 0]);
  expect(fingerprint(x)).toEqual([9.269880818234906, 13.165426123829839, 1.3838880062103271]);
  expect(fingerprint(layers[1].kernel)).toEqual([2.0672229871696377, 3.485536442074833, 2.372296154499054]);
});

test("so are images and the kernels of a convolutional network", () => {
  const { x, labels, convolutions, dense } = cnnData({
    kind: "cnn",
    size: 4,
    channels: [1, 2],
    classes: 3,
    batch: 2,
    learningRate: 0.01,
    momentum: 0.9,
  });
  expect([...labels]).toEqual([2, 2]);
  const prints = [x, convolutions[0].kernel, dense.kernel].flatMap(fingerprint);
  [
    2.8259814214443923, 3.818369250647921, 4.337694883346558, 1.6308322206466939, 2.3392351370782962,
    2.048080190550536, 2.5154718773787077, 3.6850564719252086, 4.79406712949276,
  ].forEach((value, i) => {
    expect(prints[i]).toBeCloseTo(value, 12);
  });
});

test("labels turn into rows with a one", () => {
  expect([...oneHot(Int32Array.of(2, 0), 3)]).toEqual([0, 0, 1, 1, 0, 0]);
});

test("a fingerprint sees values, their order and their signs", () => {
  const prints = [
    [1, 2, -3],
    [2, 1, -3],
    [1, 2, 3],
    [1, 2, -3.01],
  ].map((values) => fingerprint(values).join());
  expect(new Set(prints).size).toBe(4);
});
