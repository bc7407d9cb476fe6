import { describe, expect, test } from "vitest";
import { averageWeights, type Callback, earlyStopping } from "../src/index.ts";
import { classifier, quiet, sectors, trainerFor } from "./support/problems.ts";

/** Notes what it is told. */
function noting() {
  const events: string[] = [];
  const callback: Callback = {
    onTrainBegin: () => events.push("train begin"),
    onEpochBegin: (epoch) => events.push(`epoch ${epoch} begin`),
    onBatchEnd: (batch, logs) => events.push(`batch ${batch} ${Object.keys(logs)}`),
    onEpochEnd: (epoch, logs) => events.push(`epoch ${epoch} end ${Object.keys(logs)}`),
    onTrainEnd: (history) => events.push(`train end ${history.epochs.length}`),
  };
  return { events, callback };
}

describe("callbacks", () => {
  test("are called in order, with the figures", async () => {
    const { events, callback } = noting();
    const data = sectors(4);
    const options = { batchSize: 2, validationData: data, callbacks: [callback], ...quiet };
    await trainerFor().fit(data, options);
    expect(events).toEqual([
      "train begin",
      "epoch 0 begin",
      "batch 0 loss,accuracy",
      "batch 1 loss,accuracy",
      "epoch 0 end loss,accuracy,val_loss,val_accuracy",
      "train end 1",
    ]);
  });

  test("are waited for, and an error of theirs ends the training", async () => {
    let waited = false;
    const slow: Callback = {
      async onEpochEnd() {
        await new Promise((resolve) => setTimeout(resolve, 5));
        waited = true;
      },
      onTrainEnd: () => {
        if (waited) throw new TypeError("the callback failed");
      },
    };
    const trainer = trainerFor();
    await expect(trainer.fit(sectors(4), { callbacks: [slow], ...quiet })).rejects.toThrow(
      "the callback failed",
    );
    await trainer.fit(sectors(4), quiet);
  });

  const stops: [string, Callback, number, number][] = [
    ["false after an epoch", { onEpochEnd: (epoch) => epoch < 1 }, 2, 2],
    ["stop() after an epoch", { onEpochEnd: (_epoch, _logs, trainer) => trainer.stop() }, 1, 2],
    ["false after a batch", { onBatchEnd: () => false }, 1, 1],
    ["false before an epoch", { onEpochBegin: (epoch) => epoch < 1 }, 1, 2],
    ["false at the beginning", { onTrainBegin: () => false }, 0, 0],
  ];
  test.each(stops)("stop the training: %s", async (_name, callback, epochs, steps) => {
    const { events, callback: other } = noting();
    const callbacks = [callback, other];
    const history = await trainerFor().fit(sectors(4), { epochs: 5, batchSize: 2, callbacks, ...quiet });
    expect(history.epochs).toHaveLength(epochs);
    expect(history.epochs.at(-1)?.steps ?? 0).toBe(steps);
    expect(events.at(-1)).toBe(`train end ${epochs}`);
  });

  test("may measure and predict in between", async () => {
    const data = sectors(8);
    const seen: number[] = [];
    const callback: Callback = {
      async onEpochEnd(_epoch, logs, trainer) {
        seen.push(logs.val_loss - (await trainer.evaluate(data)).loss);
      },
    };
    await trainerFor().fit(data, { epochs: 2, validationData: data, callbacks: [callback], ...quiet });
    expect(seen).toEqual([0, 0]);
  });
});

describe("earlyStopping", () => {
  /** Losses of the validation that are set from outside: a trainer whose validation gets worse from epoch 2 on. */
  test("stops when nothing gets better, and puts the best weights back", async () => {
    const model = classifier();
    const trainer = trainerFor(model);
    const snapshots: unknown[] = [];
    const valLosses: number[] = [];
    const watch: Callback = {
      onEpochEnd(_epoch, logs) {
        snapshots.push(model.getState());
        valLosses.push(logs.val_loss);
      },
    };
    const data = sectors(60);
    // Three examples to train on: before long it learns them by heart, and the others suffer.
    const few = { x: data.x.slice(0, 3), y: data.y.slice(0, 3) };
    const stopper = earlyStopping({ patience: 5 });
    const options = { epochs: 400, validationData: data, callbacks: [watch, stopper], ...quiet };
    const history = await trainer.fit(few, options);
    const best = valLosses.indexOf(Math.min(...valLosses));
    expect(history.epochs.length).toBeLessThan(400);
    expect(history.epochs.length).toBe(best + 6);
    expect(model.getState()).toEqual(snapshots[best]);
    expect((await trainer.evaluate(data)).loss).toBeCloseTo(valLosses[best], 6);
  });

  test("watches accuracy upwards, and needs its series", async () => {
    const data = sectors(30);
    const options = { epochs: 50, ...quiet };
    const byAccuracy = earlyStopping({ monitor: "accuracy", restoreBestWeights: false });
    const history = await trainerFor().fit(data, { ...options, callbacks: [byAccuracy] });
    const series = history.history.accuracy;
    expect(series.at(-1)).toBeLessThanOrEqual(series.at(-2) as number);
    expect(series.slice(0, -1)).toEqual([...series.slice(0, -1)].sort((a, b) => a - b));
    await expect(trainerFor().fit(data, { ...options, callbacks: [earlyStopping()] })).rejects.toThrow(
      /no series val_loss, only loss, accuracy.*validation data/,
    );
  });

  test("refuses options that make no sense", () => {
    expect(() => earlyStopping({ patience: -1 })).toThrow(/patience is -1/);
    expect(() => earlyStopping({ mode: "up" as never })).toThrow(/"min" or "max"/);
    expect(() => earlyStopping({ minDelta: Number.NaN })).toThrow(/minDelta is NaN/);
    expect(() => earlyStopping({ monitors: "loss" } as never)).toThrow(/unknown option monitors/);
  });
});

describe("averageWeights", () => {
  test("leaves the mean of the weights after each step", async () => {
    const model = classifier();
    const kernels: number[][] = [];
    const watch: Callback = {
      onBatchEnd: () => {
        kernels.push([...model.variables()[0].dataSync()]);
      },
    };
    const callbacks = [watch, averageWeights({ fromEpoch: 1 })];
    await trainerFor(model).fit(sectors(12), { epochs: 3, batchSize: 4, callbacks, ...quiet });
    const counted = kernels.slice(3);
    expect(counted).toHaveLength(6);
    model
      .variables()[0]
      .dataSync()
      .forEach((value, i) => {
        expect(value).toBeCloseTo(counted.reduce((sum, kernel) => sum + kernel[i], 0) / 6, 6);
      });
  });

  test("leaves a training alone that ends before", async () => {
    const [model, plain] = [classifier(), classifier()];
    await trainerFor(model).fit(sectors(12), { callbacks: [averageWeights({ fromEpoch: 1 })], ...quiet });
    await trainerFor(plain).fit(sectors(12), quiet);
    expect(model.getState()).toEqual(plain.getState());
    expect(() => averageWeights({} as never)).toThrow(/fromEpoch is undefined/);
  });
});
