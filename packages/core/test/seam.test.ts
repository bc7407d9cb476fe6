import { describe, expect, test } from "vitest";
import { compile, evaluate, grad, gradients, random, type Tensor, tensor, variable } from "../src/index.ts";
import { counting } from "./support/countingEngine.ts";
import { batch, network } from "./support/network.ts";
import { poisoning } from "./support/poisoningEngine.ts";
import { resident } from "./support/residentEngine.ts";

describe("loss and update", () => {
  test("share one flush, in which each forward node runs once", () => {
    counting((counts) => {
      const net = network();
      const { x, y } = batch();
      counts.reset();
      const loss = net.loss(x, y);
      net.minimize(loss, 0.1);
      loss.item();
      expect(counts.runs).toBe(1);
      // Two layers forward, two weight gradients, one gradient by the hidden layer.
      expect(counts.computed.get("dot")).toBe(5);
      expect(counts.computed.get("log")).toBe(1);
      expect(counts.computed.get("reduceMax")).toBe(1);
    });
  });

  test("are one plan over 1,000 steps with changing learning rates; the short last batch makes one more", () => {
    counting((counts) => {
      const net = network();
      const { x, y } = batch(10);
      counts.reset();
      for (let step = 0; step < 1000; step++) {
        const start = (step % 3) * 4;
        const loss = net.loss(x.slice(start, start + 4), y.slice(start, start + 4));
        net.minimize(loss, 0.1 / (1 + step));
        expect(Number.isFinite(loss.item())).toBe(true);
      }
      expect(counts.compiled).toBe(2);
      expect(counts.runs).toBe(1000);
    });
  });

  test("run once a step when only every 100th loss is read", () => {
    counting((counts) => {
      const net = network();
      const { x, y } = batch();
      counts.reset();
      for (let step = 0; step < 300; step++) {
        const loss = net.loss(x, y);
        net.minimize(loss, 0.01);
        if (step % 100 === 99) loss.item();
      }
      expect(counts.runs).toBe(300);
      // One plan without the loss among its results, one with it.
      expect(counts.compiled).toBe(2);
    });
  });
});

describe("what is read after the step", () => {
  test("is computed once per step from the third step on", () => {
    counting((counts) => {
      const net = network();
      const { x, y } = batch();
      for (let step = 0; step < 10; step++) {
        counts.reset();
        const logits = net.forward(x);
        const loss = y.mul(logits.logSoftmax()).sum(-1).mean().neg();
        net.minimize(loss, 0.01);
        const value = loss.item();
        const probabilities = logits.softmax();
        const correct = probabilities.argmax(-1).equal(y.argmax(-1)).mean().item();
        expect(value).toBeGreaterThan(0);
        expect(correct).toBeGreaterThanOrEqual(0);
        if (step >= 2) {
          expect(counts.computed.get("dot")).toBe(5);
          expect(counts.compiled).toBe(0);
        }
      }
    });
  });

  test("is what it was before the step: minimize; acc.item(); loss.item()", () => {
    const net = network();
    const other = network();
    const { x, y } = batch();
    for (let step = 0; step < 6; step++) {
      const logits = net.forward(x);
      const loss = y.mul(logits.logSoftmax()).sum(-1).mean().neg();
      const expectedLoss = other.loss(x, y).item();
      const expectedLogits = other.forward(x).arraySync();
      net.minimize(loss, 0.1);
      const accuracy = logits.argmax(-1).equal(y.argmax(-1)).mean();
      expect(accuracy.item()).toBeLessThanOrEqual(1);
      expect(loss.item()).toBe(expectedLoss);
      expect(logits.arraySync()).toEqual(expectedLogits);
      other.minimize(other.loss(x, y), 0.1);
    }
    evaluate();
    expect(net.parameters[0].arraySync()).toEqual(other.parameters[0].arraySync());
  });
});

describe("writing in place", () => {
  const donatedPerStep = (afterStep: (logits: Tensor, other: Tensor) => void): number[] =>
    counting((counts) => {
      const net = network();
      const { x, y } = batch();
      return Array.from({ length: 8 }, () => {
        counts.reset();
        const logits = net.forward(x);
        const other = net.forward(x.mul(2));
        const loss = y.mul(logits.logSoftmax()).sum(-1).mean().neg();
        net.minimize(loss, 0.01);
        loss.item();
        afterStep(logits, other);
        return counts.donated;
      });
    });

  test("begins when a plan has run twice for a variable", () => {
    // Two kernels, two biases and their velocities.
    expect(donatedPerStep(() => {})).toEqual([0, 0, 8, 8, 8, 8, 8, 8]);
  });

  test("begins when the plan has learned what is read after it", () => {
    expect(donatedPerStep((logits) => logits.dataSync()).slice(3)).toEqual([8, 8, 8, 8, 8]);
  });

  test("never begins where every round reads, after the step, what the step does not compute", () => {
    // The velocities, which it does not read, are still written in place.
    expect(donatedPerStep((_, other) => other.dataSync())).toEqual([0, 0, 4, 4, 4, 4, 4, 4]);
  });
});

describe("bytes that nobody needs any more", () => {
  /** Values of variables that the engine holds after each of 20 rounds. */
  const held = (round: (i: number) => void): number[] =>
    resident((blocks) =>
      Array.from({ length: 20 }, (_, i) => {
        round(i);
        return blocks.made - blocks.released;
      }),
    );

  test("are released when a step does not write in place", () => {
    const net = network();
    const { x, y } = batch();
    const counts = held(() => {
      const other = net.forward(x.mul(2));
      const loss = net.loss(x, y);
      net.minimize(loss, 0.1);
      loss.item();
      // Asked for in every round after the step: parameters are never written in place.
      other.dataSync();
    });
    expect(counts.slice(3)).toEqual(counts.slice(3).map(() => counts[3]));
    expect(counts[3]).toBeLessThanOrEqual(2 * 8);
  });

  test("are released when a variable is assigned without being read, also by a compiled function", () => {
    const w = variable([1, 2], { name: "w" });
    const x = tensor([3, 4]);
    const plain = held((i) => {
      w.assign(x.mul(i));
      evaluate();
    });
    expect(Math.max(...plain)).toBeLessThanOrEqual(2);
    const set = compile((i: number) => {
      w.assign(x.mul(i));
    });
    expect(Math.max(...held((i) => set(i)))).toBeLessThanOrEqual(1);
    expect(w.arraySync()).toEqual([57, 76]);
  });

  test("are written over by a compiled step, but not those of a snapshot", () => {
    resident((blocks) => {
      const w = variable([1, 2], { name: "w" });
      const double = compile(() => {
        w.assign(w.mul(2));
      });
      double();
      const snapshots = Array.from({ length: 3 }, () => {
        double();
        double();
        return w.value;
      });
      for (let i = 0; i < 10; i++) double();
      expect(snapshots.map((snapshot) => snapshot.arraySync())).toEqual([
        [8, 16],
        [32, 64],
        [128, 256],
      ]);
      expect(blocks.inPlace).toBe(17 - 4);
      expect(blocks.released).toBe(0);
    });
  });
});

describe("bound data", () => {
  test("is not bound again while it stays the same", () => {
    counting((counts) => {
      const net = network([64, 8, 3]);
      const { x, y } = batch(32, 64);
      for (let step = 0; step < 5; step++) {
        counts.reset();
        const loss = net.loss(x, y);
        net.minimize(loss, 0.1);
        loss.item();
        // From the second step on: the variables, their velocities and the two numbers of the update; not x and y.
        const state = net.parameters.reduce((sum, w) => sum + 2 * w.size, 0);
        if (step > 0) expect(counts.boundElements).toBeLessThan(state + 20);
      }
    });
  });

  test("in contiguous slices is a view, and only the slice is bound", () => {
    const x = tensor(
      Float32Array.from({ length: 12 }, (_, i) => i),
      { shape: [6, 2], copy: false },
    );
    const part = x.slice(2, 4);
    expect(part.storage?.host?.buffer).toBe(x.storage?.host?.buffer);
    expect(part.arraySync()).toEqual([
      [4, 5],
      [6, 7],
    ]);
    expect(x.slice([0, 1], [6, 2]).storage).toBeNull();
    expect(x.slice([0, 1], [6, 2]).arraySync()).toEqual([[1], [3], [5], [7], [9], [11]]);
  });
});

describe("batches that are slices of a data set", () => {
  const rows = 40;
  const data = Float32Array.from({ length: rows * 4 }, (_, i) => Math.sin(i));
  const labels = Float32Array.from({ length: rows * 3 }, (_, i) => Number(i % 3 === Math.floor(i / 3) % 3));
  const xs = tensor(data, { shape: [rows, 4], copy: false });
  const ys = tensor(labels, { shape: [rows, 3], copy: false });
  const sliced = (i: number) => ({
    x: xs.slice([i * 4, 0], [(i + 1) * 4, 4]),
    y: ys.slice([i * 4, 0], [(i + 1) * 4, 3]),
  });
  const copied = (i: number) => ({
    x: tensor(data.slice(i * 16, (i + 1) * 16), { shape: [4, 4] }),
    y: tensor(labels.slice(i * 12, (i + 1) * 12), { shape: [4, 3] }),
  });
  /** The losses of ten steps, and the weights after them. */
  const train = (batchOf: typeof sliced, compiled: boolean): unknown => {
    const net = network();
    const plain = (x: Tensor, y: Tensor) => {
      const loss = net.loss(x, y);
      net.minimize(loss, 0.1);
      return loss;
    };
    const step = compiled ? compile(plain) : plain;
    const losses = Array.from({ length: 10 }, (_, i) => {
      const { x, y } = batchOf(i);
      return step(x, y).item();
    });
    return { losses, weights: net.parameters.map((w) => w.arraySync()) };
  };

  test.each([false, true])("are one plan that is given nothing but the batch (compiled: %s)", (compiled) => {
    expect(train(sliced, compiled)).toEqual(train(copied, compiled));
    // Like the counting engine made of the reference engine, but none of its plans.
    const expected = poisoning(() => train(copied, compiled));
    counting((counts) => {
      network();
      counts.reset();
      const before = counts.boundElements;
      expect(train(sliced, compiled)).toEqual(expected);
      // The plan, and those that made the first weights.
      const steps = counts.programs.filter(({ updates }) => updates.length > 0);
      expect(steps).toHaveLength(1);
      const batchSlots = steps[0].inputs.filter(({ node, kind }) => {
        const { shape } = steps[0].nodes[node];
        return kind === "data" && shape[0] === 4 && shape.length === 2;
      });
      expect(batchSlots).toHaveLength(2);
      expect(counts.boundElements - before).toBeLessThan(10 * (16 + 12 + 200));
    });
  });

  test("are views of its bytes, through which gradients go", () => {
    const { x } = sliced(3);
    expect(x.storage?.host?.buffer).toBe(data.buffer);
    expect(x.storage?.host?.byteOffset).toBe(3 * 16 * 4);
    const [g] = gradients(x.mul(x).sum(), [xs]);
    const expected = Array.from(data, (value, i) => (Math.floor(i / 16) === 3 ? 2 * value : 0));
    expect([...g.dataSync()]).toEqual(expected.map(Math.fround));
    const inside = grad((all: Tensor) => all.slice([12, 0], [16, 4]).square().sum())(xs);
    expect(inside.arraySync()).toEqual(g.arraySync());
  });
});

describe("a step that throws", () => {
  test("while it is built leaves variables as they were", () => {
    const w = variable([1, 2], { name: "w" });
    expect(() => {
      w.assign(w.add(tensor([1, 2, 3])));
    }).toThrow(/do not broadcast/);
    expect(() => w.assign(tensor([1, 2, 3]))).toThrow(/shape/);
    expect(w.arraySync()).toEqual([1, 2]);
  });

  test("while it runs leaves all variables as they were, and the process goes on", () => {
    let failing = false;
    counting(
      () => {
        const a = variable([1, 2], { name: "a" });
        const b = variable([3], { name: "b" });
        failing = true;
        a.assign(a.mul(2));
        b.assign(b.mul(2));
        const late = a.add(1);
        expect(() => a.dataSync()).toThrow("the engine failed");
        failing = false;
        expect(a.arraySync()).toEqual([1, 2]);
        expect(b.arraySync()).toEqual([3]);
        expect(() => late.arraySync()).toThrow(/assignment of variable a .* failed/);
        a.assign(a.mul(3));
        expect(a.arraySync()).toEqual([3, 6]);
      },
      () => failing,
    );
  });
});

describe("plans", () => {
  test("differ where the graph does: shapes, dtypes, parameters, outputs", () => {
    counting((counts) => {
      const make = (shape: number[], dtype: "float32" | "float64") =>
        random.normal(shape, { seed: 1, dtype });
      const x = tensor(make([2, 3], "float32").dataSync(), { shape: [2, 3] });
      counts.reset();
      x.sum(0).dataSync();
      x.sum(1).dataSync();
      x.sum(0).dataSync();
      expect(counts.compiled).toBe(2);
      x.cast("float64").sum(0).dataSync();
      expect(counts.compiled).toBe(3);
    });
  });

  test("tell literals that differ only in the sign of zero or in NaN", () => {
    const x = tensor([1]);
    expect(x.pow(-1).item()).toBe(1);
    expect(1 / x.mul(0).neg().item()).toBe(Number.NEGATIVE_INFINITY);
    expect(1 / x.mul(0).item()).toBe(Number.POSITIVE_INFINITY);
  });
});
