import { fc, test } from "@fast-check/vitest";
import { describe, expect } from "vitest";
import {
  checkpoint,
  compile,
  grad,
  hvp,
  jvp,
  stack,
  type Tensor,
  tensor,
  valueAndGrad,
  vmap,
} from "../../src/index.ts";
import { ARGUMENTS, type Body, randomBody } from "./bodies.ts";
import { type Implementation, inGraph, unrolled } from "./implementations.ts";

/** What has derivatives comes first. */
const FLOATS = 3;
const LANES = 2;

/** Numbers from a seed, in [-1, 1). */
function numbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 31 - 1;
  };
}

/** Arguments at a point. */
function argumentsAt(seed: number): Tensor[] {
  const next = numbers(seed);
  return ARGUMENTS.map(({ shape, dtype }) => {
    const size = shape.reduce((product, one) => product * one, 1);
    const data = Array.from({ length: size }, next);
    const flat =
      dtype === "bool"
        ? tensor(data.map((x) => x > 0))
        : tensor(dtype === "int32" ? data.map((x) => Math.round(2 * x)) : data, { dtype });
    return flat.reshape(shape);
  });
}

/** Close in value, to what rounding in another order makes of it. */
function expectClose(actual: readonly Tensor[], expected: readonly Tensor[], what: string): void {
  expect(actual.length).toBe(expected.length);
  actual.forEach((x, i) => {
    expect(x.shape, what).toEqual(expected[i].shape);
    expect(x.dtype, what).toBe(expected[i].dtype);
    const [a, b] = [x.dataSync(), expected[i].dataSync()];
    for (let k = 0; k < a.length; k++) {
      if (Object.is(a[k], b[k]) || Math.abs(a[k] - b[k]) <= 1e-9 * (1 + Math.abs(b[k]))) continue;
      expect.fail(`${what}, result ${i}, element ${k}: ${a[k]} instead of ${b[k]}`);
    }
  });
}

type List = Tensor[];
/** The function of a body, of arguments in a list. */
const functionOf =
  (body: Body, how: Implementation) =>
  (...all: List): List => [...body(how, all)];

/** One number: what second derivatives are taken of. */
const total =
  (f: (...all: List) => List, rest: List) =>
  (...floats: List): Tensor =>
    f(...floats, ...rest)
      .map((x, i) => x.mul(i + 0.5).sin().sum())
      .reduce((a, b) => a.add(b)); // biome-ignore format: one chain

const ALL = [0, 1, 2];

describe("random bodies are as their unrolled loops", () => {
  const cases = Number(process.env.CASES ?? 25);
  const depth = Number(process.env.DEPTH ?? 2);
  test.prop([randomBody(depth), fc.nat(1000)], {
    numRuns: cases,
    endOnFailure: process.env.CASES !== undefined,
  })("in value and derivatives", (body, seed) => {
    const all = argumentsAt(seed);
    const tangents = argumentsAt(seed + 7).slice(0, FLOATS);
    const [floats, rest] = [all.slice(0, FLOATS), all.slice(FLOATS)];
    const f = functionOf(body, inGraph);
    const g = functionOf(body, unrolled);
    expectClose(f(...all), g(...all), "value");
    const [s, t] = [total(f, rest), total(g, rest)];
    const wanted = grad(t, { argnums: ALL })(...floats) as unknown as List;
    expectClose(grad(s, { argnums: ALL })(...floats) as unknown as List, wanted, "gradient");
    expectClose(
      jvp((...own: List) => f(...own, ...rest), floats, tangents)[1] as List,
      jvp((...own: List) => g(...own, ...rest), floats, tangents)[1] as List,
      "jvp",
    );
    const second = hvp(t, floats, tangents) as unknown as List;
    expectClose(hvp(s, floats, tangents) as unknown as List, second, "hvp");
    const twice =
      (h: typeof s) =>
      (...own: List): Tensor =>
        (grad(h, { argnums: ALL })(...own) as unknown as List)
          .map((x, i) => x.mul(tangents[i]).sum())
          .reduce((a, b) => a.add(b));
    expectClose(
      grad(twice(s), { argnums: ALL })(...floats) as unknown as List,
      second,
      "gradient of the gradient",
    );
    const compiled = compile((...own: List) => {
      const [value, gradients] = valueAndGrad(s, { argnums: ALL })(...own) as unknown as [Tensor, List];
      return [value, ...gradients];
    });
    expectClose(compiled(...floats).slice(1), wanted, "compiled");
    expectClose(grad(checkpoint(s), { argnums: ALL })(...floats) as unknown as List, wanted, "checkpointed");
    if (seed % 3 === 0) {
      const third = (h: typeof s) =>
        jvp((...own: List) => hvp(h, own, tangents) as unknown as List, floats, tangents)[1] as List;
      expectClose(third(s), third(t), "third");
    }
  });

  test.prop([randomBody(depth), fc.nat(1000), fc.integer({ min: 1, max: 63 })], {
    numRuns: cases,
    endOnFailure: process.env.CASES !== undefined,
  })("lane by lane", (body, seed, mask) => {
    const lanes = Array.from({ length: LANES }, (_, i) => argumentsAt(seed + i));
    const inAxes = ARGUMENTS.map((_, i) => ((mask >> i) & 1 ? 0 : null));
    const given = ARGUMENTS.map((_, i) =>
      inAxes[i] === null ? lanes[0][i] : stack(lanes.map((one) => one[i])),
    );
    const lane = (i: number) => ARGUMENTS.map((_, k) => (inAxes[k] === null ? lanes[0][k] : lanes[i][k]));
    const f = functionOf(body, inGraph);
    const g = functionOf(body, unrolled);
    const each = (h: (...all: List) => List) => {
      const made = Array.from({ length: LANES }, (_, i) => h(...lane(i)));
      return made[0].map((_, k) => stack(made.map((list) => list[k])));
    };
    expectClose(vmap(f, { inAxes })(...given) as List, each(g), "vmap");
    const gradients =
      (h: typeof f) =>
      (...all: List): List =>
        grad(total(h, all.slice(FLOATS)), { argnums: ALL })(...all.slice(0, FLOATS)) as unknown as List;
    const wanted = each(gradients(g));
    expectClose(vmap(gradients(f), { inAxes })(...given) as List, wanted, "vmap of the gradient");
    const mapped = (...own: List) =>
      (vmap(f, { inAxes })(...own, ...given.slice(FLOATS)) as List)
        .map((x, i) =>
          x
            .mul(i + 0.5)
            .sin()
            .sum(),
        )
        .reduce((a, b) => a.add(b));
    const ofAll = grad(mapped, { argnums: ALL })(...given.slice(0, FLOATS)) as unknown as List;
    expectClose(
      ofAll,
      wanted.map((x, i) => (inAxes[i] === null ? x.sum(0) : x)),
      "gradient of vmap",
    );
    if (seed % 3 !== 0) return;
    const tangents = given.slice(0, FLOATS).map((x) => x.mul(0.7).add(0.1));
    const along = (...own: List) => jvp(mapped, own, tangents)[1] as Tensor;
    const directional = (...own: List) =>
      (grad(mapped, { argnums: ALL })(...own) as unknown as List)
        .map((x, i) => x.mul(tangents[i]).sum())
        .reduce((a, b) => a.add(b));
    expectClose([along(...given.slice(0, FLOATS))], [directional(...given.slice(0, FLOATS))], "jvp of vmap");
    expectClose(
      grad(along, { argnums: ALL })(...given.slice(0, FLOATS)) as unknown as List,
      grad(directional, { argnums: ALL })(...given.slice(0, FLOATS)) as unknown as List,
      "second of vmap",
    );
  });
});
