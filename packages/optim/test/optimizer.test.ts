import {
  compile,
  DTypeError,
  GradientError,
  ones,
  ShapeError,
  StateError,
  type Tensor,
  tensor,
  type Variable,
  variable,
  vmap,
  zeros,
} from "@cotangent/core";
import { SGD } from "@cotangent/optim";
import { describe, expect, it } from "vitest";
import { linear, values } from "./helpers.ts";

describe("minimize", () => {
  it("moves the variables of a module against the gradient, and leaves those that are not trainable", () => {
    const w = variable([1, 2]);
    const counter = variable([10, 20], { trainable: false });
    const model = { variables: () => [w, counter] };
    const loss = w.mul(counter).sum();
    new SGD({ learningRate: 0.1 }).minimize(loss, model);
    expect(values(w)).toEqual([0, 0]);
    expect(values(counter)).toEqual([10, 20]);
  });

  it("takes an array of variables, each once", () => {
    const { w, loss } = linear([1, 1], [2, 4]);
    new SGD({ learningRate: 0.5 }).minimize(loss(), [w, w]);
    expect(values(w)).toEqual([0, -1]);
  });

  it("leaves the loss readable as it was before the step", () => {
    const { w, loss } = linear([1, 1], [2, 4]);
    const before = loss();
    new SGD({ learningRate: 0.5 }).minimize(before, [w]);
    expect(values(w)).toEqual([0, -1]);
    expect(before.item()).toBe(6);
  });

  it("handles variables of float32 and float64 together, with the rate in full precision", () => {
    const wide = variable(tensor([1], { dtype: "float64" }));
    const narrow = variable(tensor([1]));
    const loss = wide.sum().add(narrow.cast("float64").sum());
    new SGD({ learningRate: 0.1 }).minimize(loss, [narrow, wide]);
    expect(values(wide)).toEqual([0.9]);
    expect(values(narrow)).toEqual([Math.fround(1 - Math.fround(0.1))]);
    expect(narrow.dtype).toBe("float32");
  });

  it("works on scalars and on variables without elements", () => {
    const scalar = variable(3);
    const empty = variable(zeros([0, 4]));
    new SGD({ learningRate: 1, momentum: 0.5 }).minimize(scalar.mul(2).add(empty.sum()), [scalar, empty]);
    expect(scalar.item()).toBe(1);
    expect(empty.shape).toEqual([0, 4]);
  });

  it("refuses targets without anything to train", () => {
    const optimizer = new SGD({ learningRate: 0.1 });
    const fixed = variable([1], { trainable: false });
    const loss = fixed.sum();
    expect(() => optimizer.minimize(loss, [])).toThrow(StateError);
    expect(() => optimizer.minimize(loss, [])).toThrow(/SGD.minimize: the target has no variables/);
    expect(() => optimizer.minimize(loss, [fixed])).toThrow(/none of the target's 1 variables is trainable/);
    expect(() => optimizer.minimize(loss, fixed as never)).toThrow(/Put the variable into an array/);
    expect(() => optimizer.minimize(loss, [ones([1])] as never)).toThrow(/entry 0 is .*not a variable/);
    expect(() => optimizer.minimize(loss, undefined as never)).toThrow(/got undefined/);
  });

  it("refuses losses that are no floating scalar, and trainable variables without derivatives", () => {
    const w = variable([1, 2]);
    const optimizer = new SGD({ learningRate: 0.1 });
    expect(() => optimizer.minimize(w.mul(2), [w])).toThrow(GradientError);
    expect(() => optimizer.minimize(w.sum().cast("int32"), [w])).toThrow(GradientError);
    const whole = variable(tensor([1], { dtype: "int32" }), { name: "steps" });
    expect(() => optimizer.minimize(w.sum(), [w, whole])).toThrow(DTypeError);
    expect(() => optimizer.minimize(w.sum(), [w, whole])).toThrow(/variable steps has dtype int32/);
    expect(optimizer.stepCount).toBe(0);
    expect(values(w)).toEqual([1, 2]);
  });

  it("refuses to work inside vmap, where nothing can be assigned, and changes nothing", () => {
    const { w } = linear([1, 1], [0, 0]);
    const optimizer = new SGD({ learningRate: 0.1 });
    const step = vmap((x: Tensor) => {
      optimizer.minimize(w.sum(), [w]);
      return x;
    });
    expect(() => step(ones([3]))).toThrow(StateError);
    expect(optimizer.stepCount).toBe(0);
    expect(values(w)).toEqual([1, 1]);
  });
});

describe("apply", () => {
  it("makes a step with gradients of one's own", () => {
    const a = variable([1, 1]);
    const b = variable(5);
    new SGD({ learningRate: 0.5 }).apply([a, b], [tensor([2, 4]), tensor(2)]);
    expect(values(a)).toEqual([0, -1]);
    expect(b.item()).toBe(4);
  });

  it.each<[string, (w: Variable) => [Variable[], Tensor[]], new (message: string) => Error, RegExp]>([
    ["too few gradients", (w) => [[w], []], StateError, /1 variables need 1 gradients, got 0/],
    [
      "a wrong shape",
      (w) => [[w], [ones([3])]],
      ShapeError,
      /variable w has shape \[2\], its gradient \[3\]/,
    ],
    [
      "a wrong dtype",
      (w) => [[w], [ones([2], { dtype: "float64" })]],
      DTypeError,
      /dtype float32, its gradient float64. Cast it: gradient.cast\("float32"\)/,
    ],
    [
      "a variable twice",
      (w) => [
        [w, w],
        [ones([2]), ones([2])],
      ],
      StateError,
      /listed twice. Add up/,
    ],
    ["what is no tensor", (w) => [[w], [[1, 2] as never]], StateError, /the gradient of variable w is/],
  ])("refuses %s and changes nothing", (_, make, kind, message) => {
    const w = variable([1, 2], { name: "w" });
    const optimizer = new SGD({ learningRate: 0.1, momentum: 0.9 });
    const [variables, gradients] = make(w);
    expect(() => optimizer.apply(variables, gradients)).toThrow(kind);
    expect(() => optimizer.apply(variables, gradients)).toThrow(message);
    expect(values(w)).toEqual([1, 2]);
    expect(optimizer.stepCount).toBe(0);
  });

  it("refuses variables that are not trainable", () => {
    const fixed = variable([1], { trainable: false, name: "mean" });
    expect(() => new SGD({ learningRate: 1 }).apply([fixed], [ones([1])])).toThrow(
      /variable mean is not trainable/,
    );
  });
});

describe("the velocity", () => {
  it("belongs to each variable, however variables come together in a step", () => {
    const a = linear([0], [1]);
    const b = linear([0], [1]);
    const optimizer = new SGD({ learningRate: 1, momentum: 0.5 });
    optimizer.minimize(a.loss(), [a.w]); // a: v = 1
    optimizer.minimize(a.loss().add(b.loss()), [b.w, a.w]); // a: v = 1.5, b: v = 1
    optimizer.minimize(b.loss(), [b.w]); // b: v = 1.5
    expect(values(a.w)).toEqual([-2.5]);
    expect(values(b.w)).toEqual([-2.5]);
  });

  it("is held in variables that are not trainable and named after theirs", () => {
    const { w, loss } = linear([0], [1]);
    const optimizer = new SGD({ learningRate: 1, momentum: 0.5 });
    expect(optimizer.variables()).toEqual([]);
    optimizer.minimize(loss(), [w]);
    expect(optimizer.variables().map(({ name, trainable }) => [name, trainable])).toEqual([
      ["w.velocity", false],
    ]);
  });

  it("does not exist without momentum", () => {
    const { w, loss } = linear([0], [1]);
    const optimizer = new SGD({ learningRate: 1, weightDecay: 0.1, dampening: 0.5 });
    optimizer.minimize(loss(), [w]);
    expect(optimizer.variables()).toEqual([]);
  });

  it("gets a first gradient undampened also for a variable that comes later", () => {
    const a = linear([0], [1]);
    const b = linear([0], [1]);
    const optimizer = new SGD({ learningRate: 1, momentum: 0.5, dampening: 0.5 });
    optimizer.minimize(a.loss(), [a.w]); // a: v = 1
    optimizer.minimize(a.loss().add(b.loss()), [a.w, b.w]); // a: v = 0.5 + 0.5, b: v = 1
    expect(values(a.w)).toEqual([-2]);
    expect(values(b.w)).toEqual([-1]);
  });
});

describe("options", () => {
  it.each<[object, RegExp]>([
    [{}, /learningRate must be a finite number of at least 0, not undefined/],
    [{ learningRate: Number.NaN }, /learningRate must be .* not NaN/],
    [{ learningRate: -0.1 }, /learningRate must be .* not -0.1/],
    [{ learningRate: "0.1" }, /learningRate must be .* not string "0.1"/],
    [{ learningRate: Number.POSITIVE_INFINITY }, /learningRate must be .* not Infinity/],
    [{ learningRate: 0.1, momentum: -0.9 }, /momentum must be .* not -0.9/],
    [{ learningRate: 0.1, momentum: Number.NaN }, /momentum must be .* not NaN/],
    [{ learningRate: 0.1, weightDecay: -1 }, /weightDecay must be .* not -1/],
    [{ learningRate: 0.1, dampening: Number.NaN }, /dampening must be .* not NaN/],
    [{ learningRate: 0.1, nesterov: true }, /nesterov needs momentum above 0.* Give momentum, such as 0.9/],
    [{ learningRate: 0.1, nesterov: 1, momentum: 0.9 }, /nesterov must be true or false, not 1/],
    [{ learningRate: 0.1, nesterov: true, momentum: 0.9, dampening: 0.1 }, /Leave out dampening/],
    [{ lr: 0.1 }, /unknown option lr. Options are learningRate, .*momentum/],
    [{ learningRate: 0.1, momentun: 0.9 }, /unknown option momentun/],
  ])("%o is refused", (options, message) => {
    expect(() => new SGD(options as never)).toThrow(StateError);
    expect(() => new SGD(options as never)).toThrow(message);
  });

  it("without an object at all are refused", () => {
    expect(() => new SGD(0.1 as never)).toThrow(/options are an object, not number 0.1/);
  });

  it("are refused when they are set later too", () => {
    const optimizer = new SGD({ learningRate: 0.1 });
    expect(() => {
      optimizer.learningRate = Number.NaN;
    }).toThrow(StateError);
    expect(optimizer.learningRate).toBe(0.1);
  });
});

describe("a schedule", () => {
  it("is given the number of steps made before", () => {
    const { w, loss } = linear([0], [1]);
    const seen: number[] = [];
    const optimizer = new SGD({
      learningRate: (step) => {
        seen.push(step);
        return step + 1;
      },
    });
    for (let i = 0; i < 3; i++) optimizer.minimize(loss(), [w]);
    expect(seen).toEqual([0, 1, 2]);
    expect(values(w)).toEqual([-6]);
  });

  it("advances at each call of a compiled function, and by two where that makes two steps", () => {
    const { w, loss } = linear([0], [1]);
    const optimizer = new SGD({ learningRate: (step) => 10 ** -step });
    const twice = compile(() => {
      optimizer.minimize(loss(), [w]);
      optimizer.minimize(loss(), [w]);
    });
    twice();
    expect(optimizer.stepCount).toBe(2);
    expect(w.item()).toBeCloseTo(-1.1, 12);
    twice();
    expect(optimizer.stepCount).toBe(4);
    expect(w.item()).toBeCloseTo(-1.111, 12);
  });

  it("that gives no rate is an error that names the step, and nothing has changed", () => {
    const { w, loss } = linear([0], [1]);
    const optimizer = new SGD({ learningRate: (step) => (step < 1 ? 1 : Number.NaN) });
    optimizer.minimize(loss(), [w]);
    expect(() => optimizer.minimize(loss(), [w])).toThrow(StateError);
    expect(() => optimizer.minimize(loss(), [w])).toThrow(/SGD: the schedule gave NaN for step 1/);
    expect(values(w)).toEqual([-1]);
    expect(optimizer.stepCount).toBe(1);
  });

  it("shows its rate of the next step, also inside a compiled function", () => {
    const { w, loss } = linear([0], [1]);
    const optimizer = new SGD({ learningRate: (step) => 1 / (step + 1) });
    expect(optimizer.learningRate).toBe(1);
    optimizer.minimize(loss(), [w]);
    expect(optimizer.learningRate).toBe(0.5);
    const rate = compile((x: Tensor) => x.mul(optimizer.learningRate));
    expect(rate(tensor(2)).item()).toBe(1);
    optimizer.learningRate = 4;
    expect(rate(tensor(2)).item()).toBe(8);
  });
});
