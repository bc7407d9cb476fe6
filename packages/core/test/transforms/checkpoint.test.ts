import { describe, expect, test } from "vitest";
import {
  checkpoint,
  compile,
  type Engine,
  evaluate,
  type GradientError,
  getEngine,
  grad,
  gradients,
  jvp,
  matmul,
  programOf,
  random,
  type Tensor,
  tensor,
  variable,
  vmap,
} from "../../src/index.ts";

const float64 = { dtype: "float64" } as const;
const x = tensor([1, 2, 3], float64);

/** How often the plan behind these tensors applies a primitive. */
const count = (name: string, ...tensors: readonly Tensor[]): number =>
  programOf(...tensors).program.nodes.filter(({ prim }) => prim?.name === name).length;

describe("checkpoint", () => {
  test("computes its values again for the backward pass, and only then", () => {
    const f = (z: Tensor) => z.sin().exp().tanh();
    const g = checkpoint(f);
    expect(g(x).arraySync()).toEqual(f(x).arraySync());
    expect(count("tanh", g(x))).toBe(1);
    const pairs = [f, g].map((one) => {
      const y = one(x).sum();
      return [y, ...gradients(y, [x])] as const;
    });
    expect(pairs.map((pair) => count("exp", ...pair))).toEqual([1, 2]);
    expect(pairs[1][1].arraySync()).toEqual(pairs[0][1].arraySync());
    expect(count("barrier", ...jvp(g, [x], [x]))).toBe(0);
  });

  test("gives gradients by variables that it captured", () => {
    const w = variable(tensor([[0.5, -1, 2]], float64), { name: "w" }); // biome-ignore format: a matrix
    const f = (z: Tensor) => matmul(w, z).tanh().sum();
    const [plain, own] = [f, checkpoint(f)].map((one) => gradients(one(x), [w, x]));
    expect(own.map((g) => g.arraySync())).toEqual(plain.map((g) => g.arraySync()));
  });

  test("of trees, of functions in one another, of the same argument twice", () => {
    const inner = checkpoint(({ a, b }: { a: Tensor; b: Tensor }) => ({ c: a.mul(b).sin(), d: [a] }));
    const outer = checkpoint((z: Tensor) => {
      const { c, d } = inner({ a: z, b: z });
      return c.mul(d[0]);
    });
    const plain = (z: Tensor) => z.mul(z).sin().mul(z);
    const sum = (f: (z: Tensor) => Tensor) => (z: Tensor) => f(z).sum();
    expect(grad(sum(outer))(x).arraySync()).toEqual(grad(sum(plain))(x).arraySync());
    const second = (f: (z: Tensor) => Tensor) => grad(sum(grad(sum(f))))(x).dataSync();
    second(outer).forEach((value, i) => {
      expect(value).toBeCloseTo(second(plain)[i], 12);
    });
    expect(vmap(grad(outer))(x).arraySync()).toEqual(vmap(grad(plain))(x).arraySync());
  });

  test("draws once: the mask of the value is the mask of the gradient", () => {
    let calls = 0;
    const f = checkpoint((z: Tensor) => {
      calls++;
      return z.mul(random.uniform([3], float64));
    });
    const y = f(x);
    const [g] = gradients(y.sum(), [x]);
    evaluate(y, g);
    expect(g.mul(x).arraySync()).toEqual(y.arraySync());
    expect(calls).toBe(1);
  });

  test("assigns variables once, also when compiled", () => {
    const seen = variable(tensor(0, float64), { name: "seen" });
    const f = checkpoint((z: Tensor) => {
      seen.assign(seen.add(1));
      return z.sin();
    });
    gradients(f(x).sum(), [x])[0].dataSync();
    expect(seen.item()).toBe(1);
    const step = compile((z: Tensor) => grad((q: Tensor) => f(q).sum())(z));
    step(x);
    step(x);
    expect(seen.item()).toBe(3);
  });

  test("refuses what has no graph, and derivatives by values inside", () => {
    expect(() => checkpoint((async (z: Tensor) => z) as never)(x as never)).toThrow(/Promise/);
    expect(() => checkpoint(3 as never)(x as never)).toThrow(/expected a function/);
    let inside: Tensor | null = null;
    const f = checkpoint((z: Tensor) => {
      inside = z.sin();
      return inside.mul(2);
    });
    const y = f(x).sum();
    const error = (() => {
      try {
        gradients(y, [inside as unknown as Tensor]);
        return null;
      } catch (thrown) {
        return thrown as GradientError;
      }
    })();
    expect(error?.message).toMatch(/made inside the function/);
  });
});

/** The most bytes that the values of a plan take at once, by the order in which the reference engine goes. */
function peakOf(program: ReturnType<typeof programOf>["program"]): number {
  const { nodes, outputs, updates } = program;
  const bytes = nodes.map(({ shape, prim }) => (prim === null ? 0 : 4 * shape.reduce((a, b) => a * b, 1)));
  const last = nodes.map((_, place) => place);
  nodes.forEach(({ inputs }, place) => {
    for (const source of inputs) last[source] = place;
  });
  for (const place of [...outputs, ...updates.map(({ node }) => node)]) last[place] = nodes.length;
  let [now, most] = [0, 0];
  nodes.forEach((_, place) => {
    now += bytes[place];
    most = Math.max(most, now);
    for (let source = 0; source <= place; source++) {
      if (last[source] !== place) continue;
      now -= bytes[source];
    }
  });
  return most;
}

describe("memory", () => {
  const [width, batch, depth, piece] = [8, 256, 64, 8];
  const weights = Array.from({ length: depth }, (_, i) =>
    random.normal([width, width], { seed: i }).mul(0.3),
  );
  const input = random.normal([batch, width], { seed: 100 });
  type Step = (ws: readonly Tensor[]) => readonly Tensor[];
  const chain = (wrap: typeof checkpoint) => {
    const layers = wrap((h: Tensor, ws: readonly Tensor[]) => ws.reduce((z, w) => matmul(z, w).tanh(), h));
    return (ws: readonly Tensor[]): Tensor => {
      let h: Tensor = input;
      for (let from = 0; from < depth; from += piece) h = layers(h, ws.slice(from, from + piece));
      return h.mul(0.5).square().mean();
    };
  };
  const plain: typeof checkpoint = (f) => f;
  const STEPS: Readonly<Record<string, (wrap: typeof checkpoint) => Step>> = {
    "the gradient": (wrap) => grad(chain(wrap)) as Step,
    "a compiled gradient": (wrap) => compile((ws: readonly Tensor[]) => grad(chain(wrap))(ws) as Tensor[]),
    "a Hessian-vector product": (wrap) => (ws) => jvp(grad(chain(wrap)) as Step, [ws], [ws])[1] as Tensor[],
  };

  test.each(["the gradient", "a Hessian-vector product"])("of %s of a chain in pieces is that of few pieces", (name) => {
    evaluate(input, ...weights);
    const [kept, again] = [plain, checkpoint].map((wrap) => peakOf(programOf(...STEPS[name](wrap)(weights)).program));
    expect(again).toBeLessThan(0.5 * kept);
  }); // biome-ignore format: a title

  test("is less on the engine itself, with the same bits, and compiled too", () => {
    interface Counting extends Engine {
      stats(): { readonly arenaBytes: number };
    }
    const engine = getEngine() as Partial<Counting>;
    const arena = () => engine.stats?.().arenaBytes ?? 0;
    evaluate(input, ...weights);
    // The arena only grows: what takes less comes first.
    const run = (wrap: typeof checkpoint) =>
      Object.values(STEPS).map((step) => {
        const made = step(wrap)(weights);
        evaluate(...made);
        return { values: made.map((one) => one.arraySync()), bytes: arena() };
      });
    const [again, kept] = [run(checkpoint), run(plain)];
    expect(again.map(({ values }) => values)).toEqual(kept.map(({ values }) => values));
    if (engine.stats === undefined) return;
    for (const i of again.keys()) expect(again[i].bytes).toBeLessThan(0.5 * kept[i].bytes);
  });
});
