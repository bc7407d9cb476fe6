import { describe, expect, test } from "vitest";
import {
  compile,
  evaluate,
  GradientError,
  getEngine,
  grad,
  gradients,
  guarded,
  jvp,
  StaleValueError,
  StateError,
  setEngine,
  stopGradient,
  type Tensor,
  TraceError,
  tensor,
  variable,
  vjp,
  vmap,
} from "../src/index.ts";
import { counting } from "./support/countingEngine.ts";

const float64 = (values: number | number[]) => tensor(values, { dtype: "float64" });

describe("gradients", () => {
  test("do not depend on when things were evaluated", () => {
    const results = [0b000, 0b001, 0b010, 0b100, 0b111].map((evaluated) => {
      const w = variable(float64([0.5, -1, 2]), { name: "w" });
      const a = w.mul(w).tanh();
      if (evaluated & 1) a.dataSync();
      const b = a.softmax().log();
      if (evaluated & 2) b.dataSync();
      const y = b.mul(a).sum();
      if (evaluated & 4) y.item();
      const [g] = gradients(y, [w]);
      const [h] = gradients(g.sum(), [w]);
      return [g.arraySync(), h.arraySync()];
    });
    for (const result of results) expect(result).toEqual(results[0]);
  });

  test("take what a closure captured for a constant", () => {
    const x = float64(3);
    expect(grad((y) => y.mul(x))(x).item()).toBe(3);
    expect(grad((y) => y.mul(x).mul(y))(x).item()).toBe(18);
    expect(grad((y) => grad((z) => z.mul(y))(y))(x).item()).toBe(1);
    expect(jvp((y) => y.mul(x), [x], [1])[1].item()).toBe(3);
  });

  test("by an older version are an error that names the variable", () => {
    const w = variable(float64([1, 2]), { name: "weights" });
    const y = w.mul(w).sum();
    w.assign(w.mul(2));
    expect(() => gradients(y, [w])).toThrow(GradientError);
    expect(() => gradients(y, [w])).toThrow(/older version of variable weights/);
    expect(gradients(w.mul(w).sum(), [w])[0].arraySync()).toEqual([4, 8]);
  });

  test("by an argument whose variable is used directly are an error", () => {
    const w = variable(float64([1, 2]), { name: "weights" });
    expect(() => grad(() => w.mul(w).sum())(w)).toThrow(/uses variable weights itself/);
    expect(grad((x) => x.mul(w).sum())(w).arraySync()).toEqual([1, 2]);
  });

  test("are zeros by what the value does not depend on", () => {
    const [x, y] = [float64([1, 2]), float64([3])];
    expect(gradients(x.sum(), [y])[0].arraySync()).toEqual([0]);
    expect(gradients(stopGradient(x).sum(), [x])[0].arraySync()).toEqual([0, 0]);
  });

  test("through a compiled result are an error, unless it is marked as a constant", () => {
    const double = compile((x: Tensor) => x.mul(2), { name: "double" });
    const x = float64([1, 2]);
    const w = variable(float64([1, 2]), { name: "w" });
    expect(() => gradients(double(x).sum(), [x])).toThrow(/compiled function double/);
    expect(() => gradients(double(x.mul(3)).sum(), [x])).toThrow(GradientError);
    expect(gradients(stopGradient(double(x)).mul(w).sum(), [w])[0].arraySync()).toEqual([2, 4]);
    expect(gradients(double(x).mul(w).sum(), [w])[0].arraySync()).toEqual([2, 4]);
    const reads = compile(() => w.mul(3), { name: "reads" });
    expect(() => gradients(reads().sum(), [w])).toThrow(GradientError);
  });

  test("of a Promise are an error", () => {
    const f = (async (x: Tensor) => x) as unknown as (x: Tensor) => Tensor;
    expect(() => grad(f)(float64(1))).toThrow(/Promise/);
    expect(() => vjp(f, float64(1))).toThrow(GradientError);
    expect(() => jvp(f, [float64(1)], [1])).toThrow(GradientError);
    expect(() => vmap(f)(float64([1]))).toThrow(TraceError);
    expect(() => compile(f)(float64(1))).toThrow(TraceError);
  });

  test("need a floating scalar, or a cotangent", () => {
    const x = float64([1, 2]);
    expect(() => gradients(x, [x])).toThrow(/scalar/);
    expect(gradients(x.mul(x), [x], { cotangent: [1, 10] })[0].arraySync()).toEqual([2, 40]);
    expect(() => gradients(x.argmax(), [x])).toThrow(/int32/);
    expect(() => grad((n) => n.cast("float32").sum())(tensor([1], { dtype: "int32" }))).toThrow(/int32/);
  });

  test("may read values and branch on them", () => {
    const f = (x: Tensor): Tensor => {
      let y = x;
      while (Math.abs(y.item()) < 100) y = y.mul(y);
      return y.item() > 1000 ? y : y.mul(3);
    };
    // 3 -> 9 -> 81 -> 6561: x^8
    expect(grad(f)(float64(3)).item()).toBeCloseTo(8 * 3 ** 7, 6);
    // 2 -> 4 -> 16 -> 256: 3 x^8
    expect(grad(f)(float64(2)).item()).toBeCloseTo(3 * 8 * 2 ** 7, 6);
    expect(grad((x) => grad(f as never)(x) as Tensor)(float64(2)).item()).toBeCloseTo(3 * 8 * 7 * 2 ** 6, 4);
  });

  test("in trees of arguments come back as trees", () => {
    const params = { w: float64([1, 2]), inner: [float64(3), { b: float64(4) }] as const };
    const f = (p: typeof params) => p.w.mul(p.inner[0]).sum().add(p.inner[1].b.square());
    const g = grad(f)(params);
    expect(g.w.arraySync()).toEqual([3, 3]);
    expect(g.inner[0].item()).toBe(3);
    expect(g.inner[1].b.item()).toBe(8);
    const [both] = [grad((x, y) => x.mul(y), { argnums: [0, 1] })(2, 5)];
    expect(both.map((t) => t.item())).toEqual([5, 2]);
  });
});

describe("variables", () => {
  test("hand out snapshots that stay valid through 100 assignments", () => {
    const w = variable(float64([0]), { name: "w" });
    const snapshots: Tensor[] = [];
    for (let i = 0; i < 100; i++) {
      snapshots.push(w.value);
      w.assign(w.add(1));
      // Some are taken while the assignment is pending.
      if (i % 3 === 0) snapshots.push(w.value);
    }
    evaluate();
    const values = snapshots.map((snapshot) => snapshot.item());
    const expected: number[] = [];
    for (let i = 0; i < 100; i++) {
      expected.push(i);
      if (i % 3 === 0) expected.push(i + 1);
    }
    expect(values).toEqual(expected);
    w.assign(snapshots[5]);
    expect(w.item()).toBe(expected[5]);
  });

  test("are constants through their snapshots", () => {
    const w = variable(float64(3), { name: "w" });
    expect(gradients(w.mul(w.value), [w])[0].item()).toBe(3);
  });

  test("say so when an older version is read too late", () => {
    const w = variable(float64([1]), { name: "weights" });
    const early = w.mul(10);
    for (let i = 0; i < 3; i++) {
      w.assign(w.add(1));
      w.dataSync();
    }
    expect(() => early.dataSync()).toThrow(StaleValueError);
    expect(() => early.dataSync()).toThrow(/variable weights .*\.value/);
  });

  test("keep the previous version through one commit", () => {
    const w = variable(float64([1]), { name: "w" });
    const before = w.mul(10);
    w.assign(w.add(1));
    expect(w.item()).toBe(2);
    expect(before.item()).toBe(10);
  });

  test("swap", () => {
    const [a, b] = [variable(float64(1)), variable(float64(2))];
    const [x, y] = [a.value, b.value];
    for (let i = 0; i < 5; i++) {
      const old = a.add(0);
      a.assign(b);
      b.assign(old);
      evaluate();
    }
    expect([a.item(), b.item()]).toEqual([2, 1]);
    expect([x.item(), y.item()]).toEqual([1, 2]);
  });

  test("cannot be assigned inside vmap, nor from a placeholder", () => {
    const w = variable(float64(0), { name: "w" });
    expect(() => vmap((x: Tensor) => w.assign(x).mul(x))(float64([1, 2]))).toThrow(StateError);
    let leaked: Tensor | undefined;
    vmap((x: Tensor) => {
      leaked = x;
      return x;
    })(float64([1, 2]));
    expect(() => w.assign(leaked as Tensor)).toThrow(TraceError);
    expect(w.item()).toBe(0);
  });

  test("can be assigned under grad", () => {
    const count = variable(float64(0), { name: "count" });
    const f = (x: Tensor) => {
      count.assign(count.add(1));
      return x.mul(x);
    };
    expect(grad(f)(float64(3)).item()).toBe(6);
    expect(count.item()).toBe(1);
  });
});

describe("compile", () => {
  test("compiles once for changing numbers, and gives what the plain function gives", () => {
    counting((counts) => {
      const make = () => {
        const w = variable(float64([1, 2]), { name: "w" });
        const step = (rate: number) => {
          const loss = w.mul(w).sum();
          const [g] = gradients(loss, [w]);
          w.assign(w.sub(g.mul(rate)));
          return loss;
        };
        return { w, step };
      };
      const [plain, compiled] = [make(), make()];
      const step = compile(compiled.step);
      for (let i = 0; i < 50; i++) {
        const rate = 0.01 + 0.001 * i;
        const expected = plain.step(rate).item();
        if (i === 1) counts.reset();
        expect(step(rate).item()).toBe(expected);
        expect(compiled.w.arraySync()).toEqual(plain.w.arraySync());
      }
      expect(counts.compiled).toBeLessThanOrEqual(1);
    });
  });

  test("numbers stay weak: they take the other operand's dtype", () => {
    const f = compile((x: Tensor, n: number) => x.mul(n));
    expect(f(float64([0.1]), 0.1).item()).toBe(0.1 * 0.1);
    const integers = tensor([3], { dtype: "int32" });
    expect(f(integers, 2).dtype).toBe("int32");
    expect(f(integers, 2.5).dtype).toBe("float32");
    expect(f(integers, 2.5).item()).toBe(7.5);
  });

  test("runs nested gradients, and simply runs inside of them", () => {
    const cube = compile((x: Tensor) => x.mul(x).mul(x));
    const second = compile((x: Tensor) => grad((y) => grad((z) => z.mul(z).mul(z))(y))(x));
    expect(second(float64(2)).item()).toBe(12);
    expect(grad(cube)(float64(2)).item()).toBe(12);
    expect(grad((x) => grad(cube as never)(x) as Tensor)(float64(2)).item()).toBe(12);
    expect(vmap(cube)(float64([1, 2])).arraySync()).toEqual([1, 8]);
    const outer = compile((x: Tensor) => cube(x).add(1));
    expect(outer(float64(2)).item()).toBe(9);
  });

  test("reading a placeholder is an error that names the remedy", () => {
    expect(() => compile((x: Tensor) => tensor(x.item()))(float64(1))).toThrow(/where, cond or whileLoop/);
    expect(() => vmap((x: Tensor) => tensor(x.item()))(float64([1]))).toThrow(TraceError);
  });

  test("verify reports JavaScript state that changed", () => {
    let factor = 2;
    const f = compile((x: Tensor) => x.mul(factor), { verify: true, name: "scaled" });
    expect(f(float64(1)).item()).toBe(2);
    factor = 3;
    expect(() => f(float64(1))).toThrow(/scaled has changed since it was traced/);
  });

  test("strings and booleans choose the trace", () => {
    const f = compile((x: Tensor, mode: string, twice: boolean) => {
      const y = mode === "sin" ? x.sin() : x.cos();
      return twice ? y.mul(2) : y;
    });
    expect(f(float64(1), "sin", false).item()).toBe(Math.sin(1));
    expect(f(float64(1), "cos", true).item()).toBe(2 * Math.cos(1));
    expect(f(float64(1), "sin", true).item()).toBe(2 * Math.sin(1));
  });

  test("variables may be made while tracing, once", () => {
    let w: ReturnType<typeof variable> | undefined;
    const f = compile((x: Tensor) => {
      w ??= variable(float64(10), { name: "made" });
      w.assign(w.add(1));
      return x.mul(w);
    });
    expect(f(float64(2)).item()).toBe(22);
    expect(f(float64(2)).item()).toBe(24);
    const again = compile((x: Tensor) => x.mul(variable(float64(1))));
    again(float64(1));
    expect(() => again(float64([1]))).toThrow(/at every trace/);
  });

  test("keeps a bounded number of traces of guarded state, and stays right beyond it", () => {
    let state = 0;
    let disposed = 0;
    counting(() => {
      const before = getEngine();
      setEngine({
        ...before,
        compile: (program) => {
          const inner = before.compile(program);
          return {
            ...inner,
            dispose() {
              disposed++;
              inner.dispose();
            },
          };
        },
      });
      const f = compile((x: Tensor) => x.mul(tensor(guarded(() => state))));
      for (state = 0; state < 20; state++) expect(f(tensor(3)).item()).toBe(3 * state);
      expect(disposed).toBe(12);
      setEngine(before);
    });
  });

  test("what it captured is a constant, whatever happens to the variables behind it", () => {
    const w = variable(float64([1, 2]), { name: "w" });
    const captured = w.mul(10);
    const f = compile((x: Tensor) => x.mul(captured).sum());
    for (let i = 0; i < 5; i++) {
      expect(f(float64([1, 1])).item()).toBe(30);
      w.assign(w.add(1));
      w.dataSync();
    }
    counting((counts) => {
      f(float64([1, 1])).item();
      expect([...counts.computed.keys()].sort()).toEqual(["mul", "reduceSum"]);
    });
  });

  test("library state that is guarded chooses the trace", () => {
    let training = true;
    let traced = 0;
    const f = compile((x: Tensor) => {
      traced++;
      return guarded(() => training) ? x.mul(2) : x;
    });
    const values = [true, true, false, true, false].map((flag) => {
      training = flag;
      return f(float64(3)).item();
    });
    expect(values).toEqual([6, 6, 3, 6, 3]);
    expect(traced).toBe(2);
  });

  test("a step that throws leaves variables as they were", () => {
    let failing = false;
    counting(
      () => {
        const w = variable(float64([1]), { name: "w" });
        const step = compile(() => {
          w.assign(w.add(1));
          return w.mul(1);
        });
        expect(step().item()).toBe(2);
        failing = true;
        expect(() => step()).toThrow("the engine failed");
        failing = false;
        expect(w.item()).toBe(2);
        expect(step().item()).toBe(3);
      },
      () => failing,
    );
  });

  test("outputs are fresh at each call", () => {
    const f = compile((x: Tensor) => x.mul(2));
    const [a, b] = [f(float64([1])), f(float64([2]))];
    expect([a.item(), b.item()]).toEqual([2, 4]);
  });

  test("keeps a bounded number of signatures", () => {
    const f = compile((x: Tensor) => x.sum());
    for (let n = 1; n <= 200; n++) expect(f(tensor(new Float64Array(n).fill(1))).item()).toBe(n);
  });
});
