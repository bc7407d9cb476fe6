import {
  customVjp,
  matmul,
  type NDArray,
  ones,
  random,
  type Tensor,
  take,
  tensor,
  type Variable,
  variable,
  zeros,
} from "@cotangent/core";
import {
  type CheckableModule,
  type CheckName,
  checkModule,
  type Finding,
  type GradientReport,
} from "@cotangent/gradcheck";
import { Dense, Module } from "@cotangent/nn";
import { expect, test } from "vitest";

const float64 = { dtype: "float64" } as const;
const kernelOf = (seed: number) => variable(random.normal([3, 2], { seed, ...float64 }), { name: "kernel" });

/** The basis of all of these: a right one. */
class Linear extends Module {
  readonly kernel: Variable = kernelOf(1);
  readonly bias: Variable = variable(zeros([2], float64), { name: "bias" });

  forward(x: Tensor): Tensor {
    return matmul(x, this.kernel).add(this.bias);
  }
}

class Hidden extends Linear {
  readonly #scale = variable(ones([2], float64), { name: "hiddenScale" });
  override forward(x: Tensor): Tensor {
    return super.forward(x).mul(this.#scale);
  }
}

class Unlisted extends Linear {
  override variables(): Variable[] {
    return [this.kernel];
  }
}

class Forgetful extends Linear {
  override getState(): Record<string, NDArray> {
    const { bias: _, ...rest } = super.getState();
    return rest;
  }
  override setState(state: Readonly<Record<string, NDArray>>) {
    return super.setState(state, { strict: false });
  }
}

class Lenient extends Linear {
  override setState(state: Readonly<Record<string, NDArray>>) {
    return super.setState(state, { strict: false });
  }
}

class HalfRestoring extends Linear {
  override setState(state: Readonly<Record<string, NDArray>>) {
    if (state.bias !== undefined) this.bias.assign(tensor(state.bias.data, { shape: [2], ...float64 }));
    return super.setState(state);
  }
  override getState(): Record<string, NDArray> {
    return super.getState();
  }
}

class Centring extends Linear {
  override forward(x: Tensor): Tensor {
    const y = super.forward(x);
    return y.sub(y.mean(0));
  }
}

class AlwaysDropping extends Linear {
  override forward(x: Tensor): Tensor {
    const y = super.forward(x);
    return y.mul(random.bernoulli(y.shape, { p: 0.5 }).cast("float64"));
  }
}

class Counting extends Linear {
  readonly calls: Variable = variable(zeros([], float64), { name: "calls", trainable: false });
  override forward(x: Tensor): Tensor {
    this.calls.assign(this.calls.add(1));
    return super.forward(x);
  }
}

const product = customVjp((x: Tensor, w: Tensor) => matmul(x, w), {
  forward: (x: Tensor, w: Tensor) => [matmul(x, w), [x, w] as const],
  backward: ([x, w], ct) => [matmul(ct, w.transpose()), matmul(x.transpose(), ct).mul(2)],
});

class WrongRule extends Linear {
  override forward(x: Tensor): Tensor {
    return product(x, this.kernel).add(this.bias);
  }
}

class Erratic extends Linear {
  private calls = 0;
  private readonly seen: number[] = [];
  override forward(x: Tensor): Tensor {
    this.seen.push(this.calls++);
    return super.forward(x).mul(1 + 1e-9 * this.seen.length);
  }
}

class Squeezing extends Linear {
  override forward(x: Tensor): Tensor {
    const y = super.forward(x);
    return x.shape[0] === 1 ? y.squeeze(0) : y;
  }
}

class Dividing extends Linear {
  override forward(x: Tensor): Tensor {
    return super.forward(x).mul(x.shape[0] / (x.shape[0] - 1));
  }
}

class Reading extends Linear {
  override forward(x: Tensor): Tensor {
    return super.forward(x).mul(x.sum().item());
  }
}

/** The finding that a fault must have, and the words that must be in it. */
const WRONG: readonly [string, CheckableModule, CheckName, Partial<Finding>, RegExp][] = [
  ["a variable that is not found", new Hidden(), "state", {}, /hiddenScale.*not among variables\(\)/],
  ["a variable that is only named", new Unlisted(), "state", {}, /variables\.bias is among namedVariables/],
  ["state that loses a variable", new Forgetful(), "state", { input: "variables.bias" }, /setState variables\.bias/],
  ["state that is not checked", new Lenient(), "state", {}, /without the entry kernel: it should refuse/],
  ["state that is set before it is refused", new HalfRestoring(), "state", {}, /refused .* changed variables\.bias/],
  ["rows that depend on one another", new Centring(), "batchIndependence", { output: "output" }, /independentRows: false/],
  ["draws in evaluation", new AlwaysDropping(), "determinism", { output: "output" }, /second call of AlwaysDropping/],
  ["assignments in evaluation", new Counting(), "evaluation", { input: "variables.calls" }, /variables\.calls is another/],
  ["a wrong rule", new WrongRule(), "reverse", { input: "variables.kernel" }, /variables\.kernel/],
  ["other outputs at each call", new Erratic(), "determinism", { output: "output" }, /second call/],
  ["no batch axis at one row", new Squeezing(), "batchSizes", { output: "output" }, /one row .* float64\[2\], but should be float64\[1, 2\]/],
  ["infinite at one row", new Dividing(), "batchSizes", { output: "output" }, /With one row output/],
  ["reads a value", new Reading(), "vmap", {}, /placeholder/],
]; // biome-ignore format: a table

const messages = ({ findings }: GradientReport) =>
  findings.map(({ check, message }) => `${check}: ${message}`);

test.each(WRONG)("found: %s", (_, module, check, details, words) => {
  const report = checkModule(module, [4, 3]);
  expect(report.verdict).toBe("wrong");
  const found = report.findings.filter((finding) => finding.check === check && words.test(finding.message));
  expect(found, messages(report).join("\n")).not.toEqual([]);
  expect(found[0]).toMatchObject({ verdict: "wrong", ...details });
});

test("rows of whole numbers that depend on one another", () => {
  class Bag extends Module {
    readonly table: Variable = variable(random.normal([5, 3], { seed: 1, ...float64 }), { name: "table" });
    forward(indices: Tensor): Tensor {
      const rows = take(this.table, indices, { axis: 0 });
      return rows.sub(rows.mean(0));
    }
  }
  const report = checkModule(new Bag(), { inputs: [tensor([1, 0, 4, 1], { dtype: "int32" })] });
  expect(report.findings).toMatchObject([{ check: "batchIndependence", verdict: "wrong", output: "output" }]);
});

test("the rule at fault is named, with its line", () => {
  const report = checkModule(new WrongRule(), [4, 3]);
  expect(report.findings[0].culprit).toMatchObject({ line: expect.stringContaining("wrong.test.ts") });
});

test("rows may depend on one another where the caller says so", () => {
  const report = checkModule(new Centring(), [4, 3], { independentRows: false });
  expect(messages(report)).toEqual([]);
});

test("draws that cannot be repeated are inconclusive", () => {
  class Noisy extends Linear {
    override forward(x: Tensor): Tensor {
      return this.training ? super.forward(x).mul(Math.random()) : super.forward(x);
    }
  }
  const report = checkModule(new Noisy(), [4, 3]);
  expect(report.verdict).toBe("inconclusive");
  expect(messages(report)).toEqual([
    expect.stringContaining("In training Noisy gives another output at each call"),
  ]);
});

test("the module is left as it was", () => {
  const module = new Counting();
  module.kernel.assign(ones([3, 2], float64));
  checkModule(module, [4, 3]);
  expect(module.training).toBe(true);
  expect(module.calls.item()).toBe(0);
  expect(module.kernel.arraySync()).toEqual([[1, 1], [1, 1], [1, 1]]); // biome-ignore format: a matrix
  module.eval();
  checkModule(module, [4, 3]);
  expect(module.training).toBe(false);
});

test("the module is left as it was after errors, and the default generator goes on", () => {
  class Failing extends Counting {
    readonly inner = new Dense(3, 2, { ...float64, seed: 1 }).eval();
    override forward(x: Tensor): Tensor {
      super.forward(x);
      if (this.training) throw new RangeError("not in training");
      return this.inner.forward(x);
    }
  }
  const module = new Failing();
  random.seed(7);
  const first = random.uniform([2]).arraySync();
  random.seed(7);
  expect(() => checkModule(module, [4, 3])).toThrow("not in training");
  expect(module.training).toBe(true);
  expect(module.inner.training).toBe(false);
  expect(module.calls.item()).toBe(0);
  expect(random.uniform([2]).arraySync()).toEqual(first);
});

test("bad arguments", () => {
  const module = new Linear();
  const check = checkModule as (...args: unknown[]) => unknown;
  expect(() => check({}, [4, 3])).toThrow("no method forward. Pass a module");
  expect(() => check(null, [4, 3])).toThrow("no method forward");
  expect(() => check({ build: () => module }, [4, 3])).toThrow("still to be made. Make it first");
  expect(() => check(module)).toThrow("says nothing of inputs. Pass the shape");
  expect(() => check(module, [])).toThrow("neither a shape nor a list of shapes");
  expect(() => check(module, [4, 3.5])).toThrow("neither a shape");
  expect(() => check(module, { inputs: [] })).toThrow("says nothing of inputs");
  expect(() => check(module, { inputs: [3] })).toThrow("says nothing of inputs");
  expect(() => check(module, [4, 3], { eps: 1 })).toThrow("unknown option eps");
  expect(() => check(module, [4, 3], { independentRows: 1 })).toThrow("independentRows is true or false");
  expect(() => check(module, [4, 3], { order: 3 })).toThrow("order cannot be 3");
  expect(() => check(module, [4, 3], { seed: 0.5 })).toThrow("seed is a whole number");
  expect(() => check(module, [4, 5])).toThrow("matmul");
  const pair = { forward: (x: Tensor) => [x, x], variables: () => [], namedVariables: () => new Map() };
  expect(() => check(pair, [4, 3])).toThrow("forward returned an array of 2. Check a module");
});
