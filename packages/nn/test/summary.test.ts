import { random, ShapeError, type Tensor, tensor, variable } from "@cotangent/core";
import { Dense, dense, flatten, Module, relu, Sequential, sequential } from "@cotangent/nn";
import { describe, expect, it } from "vitest";
import { countRuns } from "./helpers.ts";

describe("summary", () => {
  it("is a table of layers, output shapes and parameters, with totals", () => {
    const model = sequential({ inputShape: [28, 28], seed: 1 }, [
      flatten(),
      dense(64, { activation: "relu" }),
      dense(10, { activation: "softmax" }),
    ]);
    expect(model.summary()).toBe(
      [
        "Layer               Output shape  Parameters  Trainable",
        "───────────────────────────────────────────────────────",
        "layers.0 (Flatten)  [batch, 784]           0  -",
        "layers.1 (Dense)    [batch, 64]       50,240  yes",
        "layers.2 (Dense)    [batch, 10]          650  yes",
        "───────────────────────────────────────────────────────",
        "Parameters: 50,890 (204 KB)",
        "Trainable: 50,890, not trainable: 0",
      ].join("\n"),
    );
  });

  it("computes nothing, draws nothing and changes nothing", () => {
    class Counting extends Module {
      readonly calls = variable(tensor(0, { dtype: "int32" }), { trainable: false });
      forward(x: Tensor): Tensor {
        this.calls.assign(this.calls.add(1));
        return x.mul(random.uniform(x.shape));
      }
    }
    const model = new Sequential([new Counting(), new Dense(3, 2, { seed: 1 })], { inputShape: [3] });
    const { forward } = model.layers[0];
    random.seed(1);
    const next = random.uniform([]).item();
    random.seed(1);
    expect(countRuns(() => model.summary())).toBe(0);
    expect(random.uniform([]).item()).toBe(next);
    expect(model.layers[0].variables()[0].item()).toBe(0);
    expect(Object.hasOwn(model.layers[0], "forward")).toBe(false);
    expect(model.layers[0].forward).toBe(forward);
  });

  it("says what it needs where the input's shape is not known, and takes it", () => {
    class Free extends Module {
      readonly inner = new Dense(4, 2, { seed: 1, useBias: false });
      forward(x: Tensor): Tensor {
        return this.inner.forward(x);
      }
    }
    const model = new Free();
    const text = model.summary();
    expect(text).toMatch(/inner \(Dense\) +\? +8 +yes/);
    expect(text).toMatch(
      /Output shapes are not known: give the input's, as in summary\(\{ inputShape: \[784\] \}\)$/,
    );
    expect(model.summary({ inputShape: [4] })).toMatch(/inner \(Dense\) +\[batch, 2\] +8 +yes/);
    expect(model.summary({ inputShape: [7, 4] })).toMatch(/\[batch, 7, 2\]/);
    expect(() => model.summary({ inputShape: [5] })).toThrow(ShapeError);
    expect(Object.hasOwn(model.inner, "forward")).toBe(false);
  });

  it("lists modules with variables of their own, shared ones once, and what is not trainable", () => {
    class Custom extends Module {
      readonly scale = variable([1, 2]);
      readonly mean = variable([0, 0], { trainable: false });
      readonly shared = new Dense(2, 2, { seed: 1 });
      readonly again = this.shared;
      readonly frozen = new (class Frozen extends Module {
        readonly w = variable(tensor([1, 1], { dtype: "float64" }), { trainable: false });
        forward(x: Tensor): Tensor {
          return x;
        }
      })();
      forward(x: Tensor): Tensor {
        return this.again.forward(this.shared.forward(x).expandDims(1)).mul(this.scale);
      }
    }
    const lines = new Custom().summary({ inputShape: [2] }).split("\n");
    expect(lines.slice(2, -3).map((line) => line.split(/ {2,}/))).toEqual([
      ["Custom", "[batch, 1, 2]", "4", "partly"],
      ["shared (Dense)", "[batch, 2] | [batch, 1, 2]", "6", "yes"],
      ["frozen (Frozen)", "not used", "2", "no"],
    ]);
    expect(lines.slice(-2)).toEqual(["Parameters: 12 (56 bytes)", "Trainable: 8, not trainable: 4"]);
  });

  it("takes models with several inputs, and shows sizes made of the batch's as unknown", () => {
    class Pair extends Module {
      forward(a: Tensor, b: Tensor): Tensor {
        return a.matmul(b.transpose()).reshape([-1]);
      }
    }
    expect(new Pair().summary({ inputShape: [[3], [3]] })).toMatch(/^Pair +\[\?\] +0 +-$/m);
  });

  it("shows functions as layers", () => {
    expect(new Sequential([new Dense(2, 2), relu]).summary()).toMatch(
      /layers.1 \(Activation\) +\[batch, 2\] +0 +-/,
    );
  });
});
