import {
  matmul,
  ones,
  random,
  type Tensor,
  take,
  tensor,
  type Variable,
  variable,
  zeros,
} from "@cotangent/core";
import { type CheckableModule, checkModule, type ModuleInput } from "@cotangent/gradcheck";
import {
  Activation,
  Dense,
  Dropout,
  dense,
  dropout,
  Flatten,
  flatten,
  LayerNorm,
  layerNorm,
  Module,
  Sequential,
  sequential,
  tanh,
} from "@cotangent/nn";
import { expect, test } from "vitest";

const float64 = { dtype: "float64" } as const;

/** Normalises by the statistics of the batch while it is trained, and by moving averages afterwards. */
class BatchNorm extends Module {
  readonly scale = variable(ones([3], float64), { name: "scale" });
  readonly mean = variable(zeros([3], float64), { name: "mean", trainable: false });
  readonly variance = variable(ones([3], float64), { name: "variance", trainable: false });

  forward(x: Tensor): Tensor {
    if (!this.training) return x.sub(this.mean).div(this.variance.add(1e-3).sqrt()).mul(this.scale);
    const mean = x.mean(0);
    const variance = x.sub(mean).square().mean(0);
    this.mean.assign(this.mean.mul(0.9).add(mean.mul(0.1)));
    this.variance.assign(this.variance.mul(0.9).add(variance.mul(0.1)));
    return x.sub(mean).div(variance.add(1e-3).sqrt()).mul(this.scale);
  }
}

/** Makes its kernel when it sees its first input. */
class Lazy extends Module {
  kernel: Variable | null = null;

  forward(x: Tensor): Tensor {
    this.kernel ??= variable(random.normal([x.shape[1], 2], { seed: 4, ...float64 }), { name: "kernel" });
    return matmul(x, this.kernel).sin();
  }
}

/** Two inputs. */
class Bilinear extends Module {
  readonly weight = variable(random.normal([3, 2], { seed: 1, ...float64 }), { name: "weight" });
  forward(x: Tensor, y: Tensor): Tensor {
    return matmul(x, this.weight).mul(y);
  }
}

/** Rows of a table, chosen by whole numbers. */
class Embedding extends Module {
  readonly table = variable(random.normal([5, 3], { seed: 1, ...float64 }), { name: "table" });
  forward(indices: Tensor): Tensor {
    return take(this.table, indices, { axis: 0 });
  }
}

/** A mode as a mere flag, and state in a form of its own. */
class Flagged {
  training = true;
  private readonly weight: Variable = variable(random.normal([3], { seed: 2, ...float64 }), {
    name: "weight",
  });

  forward(x: Tensor): Tensor {
    const y = x.mul(this.weight);
    return this.training ? y.mul(random.uniform(y.shape, float64)) : y;
  }
  variables(): Variable[] {
    return [this.weight];
  }
  namedVariables(): Map<string, Variable> {
    return new Map([["weight", this.weight]]);
  }
  getState(): { readonly weight: readonly number[] } {
    return { weight: [...this.weight.dataSync()] };
  }
  setState(state: { readonly weight: readonly number[] }): void {
    this.weight.assign(tensor([...state.weight], float64));
  }
}

/** The structure of a module, and nothing else. */
function plain(): CheckableModule {
  const weight = variable(random.normal([3], { seed: 2, ...float64 }), { name: "weight" });
  return {
    forward: (x: Tensor) => x.mul(weight).tanh(),
    variables: () => [weight],
    namedVariables: () => new Map([["weight", weight as Variable]]),
  };
}

const MODULES: readonly [string, () => CheckableModule, ModuleInput][] = [
  ["Dense", () => new Dense(3, 2, { ...float64, seed: 1 }), [4, 3]],
  ["Dense in single precision", () => new Dense(3, 2, { activation: "tanh", seed: 1 }), [4, 3]],
  ["Dense without a bias, more axes", () => new Dense(3, 2, { ...float64, useBias: false, seed: 1 }), [2, 4, 3]],
  ["LayerNorm", () => new LayerNorm(3, float64), [4, 3]],
  ["Dropout", () => new Dropout(0.4), [4, 3]],
  ["Dropout with a seed", () => new Dropout(0.4, { seed: 3 }), [4, 3]],
  ["Activation", () => new Activation(tanh), [4, 3]],
  ["Flatten", () => new Flatten(), [4, 3, 2]],
  ["Sequential", () => new Sequential([new Dense(3, 4, { ...float64, seed: 1 }), tanh, new Dropout(0.3), new LayerNorm(4, float64)]), [5, 3]],
  ["sequential", () => sequential({ inputShape: [3, 2], seed: 2 }, [flatten(), dense(4), layerNorm(), dropout(0.5), dense(2)]), [4, 3, 2]],
  ["batch statistics", () => new BatchNorm(), [4, 3]],
  ["lazily built", () => new Lazy(), [4, 3]],
  ["two inputs", () => new Bilinear(), [[4, 3], [4, 2]]],
  ["a plain object", plain, [4, 3]],
  ["whole numbers as inputs", () => new Embedding(), { inputs: [tensor([1, 0, 4, 1], { dtype: "int32" })] }],
  ["a mode as a flag, state of its own", () => new Flagged(), [4, 3]],
  ["given inputs", () => new Bilinear(), { inputs: [random.normal([4, 3], { seed: 5, ...float64 }), random.normal([4, 2], { seed: 6, ...float64 })] }],
]; // biome-ignore format: a table

test.each(MODULES)("%s", (_, make, input) => {
  const report = checkModule(make(), input);
  expect(report.findings.map(({ message }) => message)).toEqual([]);
  expect(report.ok).toBe(true);
});

test("second order", () => {
  const report = checkModule(new Dense(2, 2, { ...float64, activation: "tanh", seed: 1 }), [2, 2], {
    order: 2,
  });
  expect(report.findings).toEqual([]);
  expect(report.checks.filter(({ order }) => order === 2).length).toBeGreaterThan(0);
});

test("a report names inputs and variables, and says what there is not", () => {
  const report = checkModule(plain(), [4, 3], { name: "scale", seed: 3 });
  expect(report).toMatchObject({ name: "scale", seed: 3, verdict: "right" });
  expect(report.inputs.map(({ path }) => path)).toEqual(["inputs[0]", "variables.weight"]);
  const notes = new Map(report.checks.map(({ check, note }) => [check, note]));
  expect(notes.get("state")).toBe("no getState and setState");
  expect(notes.get("evaluation")).toBe("the module has no modes");
});

test("gradients are checked in both modes", () => {
  const report = checkModule(new Dropout(0.5), [4, 3]);
  const reverse = report.checks.filter(({ check }) => check === "reverse");
  expect(reverse.map(({ note }) => note)).toEqual(["evaluation", "training"]);
});
