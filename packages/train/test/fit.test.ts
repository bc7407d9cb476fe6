import { tensor, variable, zeros } from "@cotangent/core";
import { arrayDataset, batches } from "@cotangent/data";
import { dense, losses, Module, sequential } from "@cotangent/nn";
import { SGD } from "@cotangent/optim";
import { describe, expect, test } from "vitest";
import { Trainer } from "../src/index.ts";
import { counting } from "./support/counting.ts";
import { classifier, quiet, sectors, trainerFor } from "./support/problems.ts";

describe("fit", () => {
  test("learns, and its history tells how", async () => {
    const trainer = trainerFor();
    const history = await trainer.fit(sectors(300), {
      epochs: 20,
      batchSize: 32,
      validationSplit: 0.2,
      ...quiet,
    });
    expect(history.epochs).toHaveLength(20);
    expect(Object.keys(history.history).sort()).toEqual(["accuracy", "loss", "val_accuracy", "val_loss"]);
    expect(history.loss.at(-1)).toBeLessThan(0.5 * history.loss[0]);
    expect(history.history.val_accuracy.at(-1)).toBeGreaterThan(0.85);
    expect(history.epochs[3]).toMatchObject({ epoch: 3, steps: 8, logs: { loss: history.loss[3] } });
    const { loss, accuracy } = await trainer.evaluate(sectors(200, 2));
    expect(loss).toBeLessThan(0.5);
    expect(accuracy).toBeGreaterThan(0.85);
  });

  test("is the same every time for the same seed, another one for another", async () => {
    const run = async (seed: number) =>
      (await trainerFor().fit(sectors(50), { epochs: 3, batchSize: 8, seed, ...quiet })).loss;
    expect(await run(1)).toEqual(await run(1));
    expect(await run(1)).not.toEqual(await run(2));
  });

  test("gives what a loop written by hand gives", async () => {
    const data = sectors(40);
    const model = classifier();
    await trainerFor(model).fit(data, { epochs: 2, batchSize: 16, shuffle: false, ...quiet });
    const byHand = classifier();
    const optimizer = new SGD({ learningRate: 0.1, momentum: 0.9 });
    for (let step = 0; step < 6; step++) {
      const start = (step % 3) * 16;
      const { x, y } = { x: data.x.slice(start, start + 16), y: data.y.slice(start, start + 16) };
      optimizer.minimize(losses.categoricalCrossEntropy(byHand.forward(x), y), byHand);
    }
    expect(model.getState()).toEqual(byHand.getState());
  });

  test("weighs a short batch by its examples", async () => {
    const model = classifier();
    const optimizer = new SGD({ learningRate: 0 });
    const trainer = new Trainer(model, {
      optimizer,
      loss: losses.categoricalCrossEntropy,
      metrics: ["accuracy"],
    });
    const data = sectors(10);
    const whole = await trainer.evaluate(data, { batchSize: 10 });
    const history = await trainer.fit(data, { batchSize: 4, ...quiet });
    expect(history.loss[0]).toBeCloseTo(whole.loss, 6);
    expect(history.history.accuracy[0]).toBeCloseTo(whole.accuracy, 6);
    const dropped = await trainer.fit(data, { batchSize: 4, dropLast: true, ...quiet });
    expect(dropped.epochs[0].steps).toBe(2);
  });

  test("makes one plan for full batches and one for the short last one; a step is one run", async () => {
    await counting(async (counts) => {
      const trainer = trainerFor();
      const data = sectors(100);
      // The first step also makes the velocities.
      await trainer.fit(sectors(1), quiet);
      counts.reset();
      await trainer.fit(data, { epochs: 5, batchSize: 32, ...quiet });
      expect(counts.runs).toBe(20);
      expect(counts.compiled).toBe(2);
      // Forward through two layers, the gradients of both kernels and of the hidden layer: once a step.
      expect(counts.computed.get("dot")).toBe(5 * 20);
    });
  });

  test("takes data sets, batches and generators", async () => {
    const { x, y } = sectors(40);
    const options = { epochs: 2, ...quiet };
    const set = await trainerFor().fit(arrayDataset({ x, y }), { batchSize: 16, seed: 3, ...options });
    const ready = await trainerFor().fit(
      batches({ x, y }, { batchSize: 16, shuffle: true, seed: 3 }),
      options,
    );
    expect(ready.loss).toEqual(set.loss);
    async function* endless() {
      yield { x, y };
    }
    const generated = { [Symbol.asyncIterator]: endless };
    const history = await trainerFor().fit(generated, { ...options, validationData: { x, y } });
    expect(history.epochs.map(({ steps }) => steps)).toEqual([1, 1]);
  });

  test("learns a linear function", async () => {
    const x = tensor([[0], [1], [2], [3]]);
    const y = tensor([[1], [3], [5], [7]]);
    const model = sequential({ inputShape: [1], seed: 0 }, [dense(1)]);
    const trainer = new Trainer(model, {
      optimizer: new SGD({ learningRate: 0.05, momentum: 0.9 }),
      loss: losses.meanSquaredError,
    });
    await trainer.fit({ x, y }, { epochs: 300, ...quiet });
    expect((await trainer.predict(tensor([[10]]))).item()).toBeCloseTo(21, 2);
  });
});

/** Notes the mode in which it is run. */
class Noting extends Module {
  readonly inner = classifier();
  readonly modes: string[] = [];
  forward(x: Parameters<Module["forward"]>[0]) {
    this.modes.push(`${this.training ? "train" : "eval"}${this.inner.training ? "" : " inner eval"}`);
    return this.inner.forward(x);
  }
}

describe("modes", () => {
  test("are set for each job, and are what they were afterwards, inner ones too", async () => {
    const model = new Noting();
    model.inner.eval();
    const trainer = trainerFor(model as never);
    const data = sectors(8);
    await trainer.fit(data, { validationData: data, ...quiet });
    expect(model.modes).toEqual(["train", "eval inner eval"]);
    expect([model.training, model.inner.training]).toEqual([true, false]);
    await trainer.predict(data.x);
    await trainer.evaluate(data);
    expect(model.modes.slice(2)).toEqual(["eval inner eval", "eval inner eval"]);
    expect([model.training, model.inner.training]).toEqual([true, false]);
  });

  test("are put back when the job fails", async () => {
    const model = classifier();
    await expect(trainerFor(model).predict(zeros([3, 5]))).rejects.toThrow(/takes/);
    expect(model.training).toBe(true);
  });
});

describe("predict", () => {
  test("gives all rows, whatever the batch size", async () => {
    const trainer = trainerFor();
    const { x } = sectors(33);
    const all = await trainer.predict(x, { batchSize: 100 });
    expect(all.shape).toEqual([33, 3]);
    expect(await (await trainer.predict(x, { batchSize: 5 })).array()).toEqual(await all.array());
    expect(await all.array()).toEqual(
      await (trainer.model as ReturnType<typeof classifier>).forward(x).array(),
    );
  });

  test("names a missing batch axis, and its remedy", async () => {
    const trainer = trainerFor();
    const one = tensor([0.5, 1]);
    await expect(trainer.predict(one)).rejects.toThrow(
      /predict: x of shape \[2\] is one example without a batch axis; the model takes \[batch, 2\]\. .*expandDims\(0\)/,
    );
    expect((await trainer.predict(one.expandDims(0))).shape).toEqual([1, 3]);
    const unknown = trainerFor(new Noting() as never);
    await expect(unknown.predict(one)).rejects.toThrow(/expandDims\(0\)/);
    await expect(unknown.predict(zeros([3, 5]))).rejects.toThrow(/the model takes \[batch, 2\]/);
    await expect(trainer.evaluate({ x: one, y: zeros([2, 3]) })).rejects.toThrow(/expandDims\(0\)/);
  });
});

describe("what goes wrong is said", () => {
  const { x, y } = sectors(10);
  const trainer = () => trainerFor();
  const bad: [string, Promise<unknown> | (() => Promise<unknown>), RegExp][] = [
    [
      "lengths",
      () => trainer().fit({ x, y: y.slice(0, 8) }),
      /fit: x has 10 examples and y 8: .*\[10, 2\] and \[8, 3\]/,
    ],
    [
      "nothing",
      () => trainer().fit({ x: zeros([0, 2]), y: zeros([0, 3]) }),
      /fit: x is empty: shape \[0, 2\]/,
    ],
    ["a scalar", () => trainer().fit({ x: tensor(1), y }), /x is a scalar, .*expandDims/],
    [
      "arrays",
      () => trainer().fit({ x: [[1, 2]], y } as never),
      /x is an array of 1, not a tensor.*tensor\(x\)/,
    ],
    ["no y", () => trainer().fit({ x } as never), /the data have no y/],
    ["a tensor", () => trainer().fit(x as never), /Pass \{ x, y \}/],
    ["null", () => trainer().evaluate(null as never), /evaluate: the data are null/],
    [
      "batchSize 0",
      () => trainer().fit({ x, y }, { batchSize: 0 }),
      /fit: batchSize is 0\. Pass a whole number from 1/,
    ],
    ["half a batch", () => trainer().evaluate({ x, y }, { batchSize: 1.5 }), /evaluate: batchSize is 1.5/],
    ["predict's batch", () => trainer().predict(x, { batchSize: -1 }), /predict: batchSize is -1/],
    ["epochs", () => trainer().fit({ x, y }, { epochs: 0 }), /epochs is 0/],
    [
      "split 1",
      () => trainer().fit({ x, y }, { validationSplit: 1 }),
      /validationSplit is 1\. .*such as 0\.1/,
    ],
    ["split -0.1", () => trainer().fit({ x, y }, { validationSplit: -0.1 }), /validationSplit is -0\.1/],
    [
      "one example",
      () => trainer().fit({ x: x.slice(0, 1), y: y.slice(0, 1) }, { validationSplit: 0.5 }),
      /one example cannot be divided/,
    ],
    [
      "both",
      () => trainer().fit({ x, y }, { validationSplit: 0.5, validationData: { x, y } }),
      /Give one of them/,
    ],
    [
      "a typing mistake",
      () => trainer().fit({ x, y }, { batchsize: 3 } as never),
      /unknown option batchsize. Did you mean batchSize\?/,
    ],
    ["shuffle", () => trainer().fit({ x, y }, { shuffle: 1 } as never), /shuffle is 1. Pass true or false/],
    ["a seed", () => trainer().fit({ x, y }, { seed: 0.5 }), /seed 0.5 is not a whole number/],
    [
      "callbacks",
      () => trainer().fit({ x, y }, { callbacks: [() => 1] } as never),
      /a function is no callback.*onEpochEnd/,
    ],
    ["a stream", () => trainer().fit({ x, y }, { stream: {} } as never), /stream/],
    [
      "batches and batchSize",
      () => trainer().fit(batches({ x, y }, { batchSize: 4 }), { batchSize: 3 }),
      /batchSize means nothing/,
    ],
    [
      "batches and a split",
      () => trainer().fit(batches({ x, y }, { batchSize: 4 }), { validationSplit: 0.5 }),
      /trainValidationSplit/,
    ],
    ["predict's x", () => trainer().predict([1, 2] as never), /x is an array of 2, not a tensor/],
    [
      "an empty iterator",
      () => trainer().fit([][Symbol.iterator]() as never, quiet),
      /the data give no batch/,
    ],
  ];
  test.each(bad)("%s", async (_name, attempt, message) => {
    await expect(async () => (typeof attempt === "function" ? attempt() : attempt)).rejects.toThrow(message);
  });

  test("a loss that nobody knows names those that there are", () => {
    const optimizer = new SGD({ learningRate: 0.1 });
    const make = (loss: unknown) => () => new Trainer(classifier(), { optimizer, loss: loss as never });
    expect(make("toString")).toThrow(/the loss is string "toString".*softmaxCrossEntropy/);
    // It needs variances besides.
    expect(make("gaussianNegativeLogLikelihood")).toThrow(/the loss is/);
  });

  test("parts of a trainer", () => {
    const optimizer = new SGD({ learningRate: 0.1 });
    const loss = losses.meanSquaredError;
    const make = (model: unknown, options: unknown) => () => new Trainer(model as never, options as never);
    expect(make(null, { optimizer, loss })).toThrow(/Trainer: the model is null.*Sequential/);
    expect(make(classifier(), { optimizer: "sgd", loss })).toThrow(/the optimizer is string "sgd".*new SGD/);
    expect(make(classifier(), { optimizer, loss: "mse" })).toThrow(/the loss is string "mse".*losses\./);
    expect(make(classifier(), { optimizer, loss, metrics: ["f1"] })).toThrow(
      /no metric string "f1".*accuracy/,
    );
    expect(make(classifier(), { optimizer, loss, metrics: "accuracy" })).toThrow(/\["accuracy"\]/);
    expect(make(classifier(), undefined)).toThrow(/options are an object, not undefined/);
  });

  test("a loss that is no scalar", async () => {
    const optimizer = new SGD({ learningRate: 0.1 });
    const elementwise = new Trainer(classifier(), { optimizer, loss: (p, t) => p.sub(t).square() });
    await expect(elementwise.fit({ x, y }, quiet)).rejects.toThrow(
      /the loss has shape \[10, 3\].*loss\.mean\(\)/,
    );
    const none = new Trainer(classifier(), { optimizer, loss: (() => undefined) as never });
    await expect(none.fit({ x, y }, quiet)).rejects.toThrow(/the loss is undefined, not a tensor/);
  });

  test("a loss that is NaN, with the step", async () => {
    const rows = new Float32Array(await x.data());
    rows[13] = Number.NaN;
    const spoilt = tensor(rows, { shape: [10, 2] });
    const options = { batchSize: 2, shuffle: false, ...quiet };
    await expect(trainer().fit({ x: spoilt, y }, options)).rejects.toThrow(
      /fit: the loss is NaN in step 4 of epoch 1\. Frequent causes: a learning rate that is too large/,
    );
    await expect(trainer().fit({ x, y }, { ...options, validationData: { x: spoilt, y } })).rejects.toThrow(
      /the loss is NaN on the validation data after epoch 1/,
    );
  });

  test("weights that the last step spoilt", async () => {
    const w = variable([1], { name: "w" });
    const model = {
      forward: () => w.mul(1e30),
      variables: () => [w],
      namedVariables: () => new Map([["w", w]]),
    };
    const trainer = new Trainer(model, {
      optimizer: new SGD({ learningRate: 1e30 }),
      loss: (p) => p.sum(),
    });
    const one = { x: zeros([1, 1]), y: zeros([1, 1]) };
    await expect(trainer.fit(one, quiet)).rejects.toThrow(
      /variable w has a value that is not finite after the last step/,
    );
  });

  test("a second fit at the same time; the trainer is free again after an error", async () => {
    const busy = trainer();
    const first = busy.fit({ x, y }, quiet);
    await expect(busy.fit({ x, y }, quiet)).rejects.toThrow(/training already/);
    await first;
    await expect(busy.fit({ x, y }, { epochs: -1 })).rejects.toThrow(/epochs/);
    await expect(busy.fit({ x: zeros([10, 7]), y }, quiet)).rejects.toThrow(/takes/);
    await busy.fit({ x, y }, quiet);
  });
});

test("the rest of the process has its turn during a training", async () => {
  let ticks = 0;
  const timer = setInterval(() => ticks++, 5);
  await trainerFor().fit(sectors(2000), { epochs: 20, batchSize: 8, ...quiet });
  clearInterval(timer);
  expect(ticks).toBeGreaterThan(2);
});

test("a loss by its name trains as the function does", async () => {
  const { x, y } = sectors(60);
  const weights = async (loss: "categoricalCrossEntropy" | typeof losses.categoricalCrossEntropy) => {
    const model = classifier();
    const trainer = new Trainer(model, { optimizer: new SGD({ learningRate: 0.1 }), loss });
    await trainer.fit({ x, y }, { epochs: 2, verbose: false });
    return model.getState();
  };
  expect(await weights("categoricalCrossEntropy")).toEqual(await weights(losses.categoricalCrossEntropy));
});

test("every loss of nn that needs no options has its name", () => {
  const optimizer = new SGD({ learningRate: 0.1 });
  const unnamed = Object.keys(losses).filter((name) => {
    try {
      new Trainer(classifier(), { optimizer, loss: name as never });
      return false;
    } catch {
      return true;
    }
  });
  expect(unnamed).toEqual(["gaussianNegativeLogLikelihood"]);
});
