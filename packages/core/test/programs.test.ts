import { fc, test } from "@fast-check/vitest";
import { describe, expect } from "vitest";
import {
  compile,
  concat,
  evaluate,
  grad,
  gradients,
  jvp,
  matmul,
  maximum,
  stack,
  type Tensor,
  tensor,
  variable,
  vmap,
  where,
} from "../src/index.ts";
import { counting } from "./support/countingEngine.ts";
import { poisoning } from "./support/poisoningEngine.ts";
import { resident } from "./support/residentEngine.ts";

/** Operations from two [2, 2] tensors to one, with values and derivatives that stay small. */
const OPERATIONS: readonly ((x: Tensor, y: Tensor) => Tensor)[] = [
  (x, y) => x.add(y),
  (x, y) => x.sub(y).mul(0.5),
  (x, y) => x.mul(y).tanh(),
  (x) => x.sin(),
  (x, y) => matmul(x, y).sigmoid(),
  (x) => x.softmax(),
  (x) => x.softmax(0).log().mul(0.1),
  (x, y) => maximum(x, y),
  (x, y) => where(x.greater(y), x, y.mul(2).tanh()),
  (x) => x.transpose(),
  (x, y) => concat([x, y]).slice([1, 0], [3, 2]),
  (x, y) => stack([x, y]).mean(0),
  (x, y) => x.sum(0).add(y).cos(),
  (x) => x.max(-1, { keepDims: true }).add(x).sin(),
  (x) =>
    x
      .flip(1)
      .pad([
        [0, 0],
        [1, 0],
      ])
      .slice([0, 0], [2, 2]),
  (x) => x.square().add(1).sqrt(),
];

interface Step {
  readonly operation: number;
  readonly left: number;
  readonly right: number;
  /** Whether the node is evaluated as soon as it is built. */
  readonly read: boolean;
}

const step: fc.Arbitrary<Step> = fc.record({
  operation: fc.nat({ max: OPERATIONS.length - 1 }),
  left: fc.nat(30),
  right: fc.nat(30),
  read: fc.boolean(),
});
const program = fc.array(step, { minLength: 1, maxLength: 15 });
const values = fc.array(
  fc.integer({ min: -20, max: 20 }).map((n) => n / 10),
  { minLength: 8, maxLength: 8 },
);

/** The program's function of two [2, 2] tensors; with `reading`, marked nodes are evaluated on the way. */
const build =
  (steps: readonly Step[], reading = false) =>
  (a: Tensor, b: Tensor): Tensor => {
    const nodes = [a, b];
    for (const { operation, left, right, read } of steps) {
      const node = OPERATIONS[operation](nodes[left % nodes.length], nodes[right % nodes.length]);
      if (read && reading) evaluate(node);
      nodes.push(node);
    }
    return nodes[nodes.length - 1].mul(nodes[Math.floor(nodes.length / 2)]).sum();
  };

const arguments_ = (numbers: readonly number[]): [Tensor, Tensor] => [
  tensor(numbers.slice(0, 4), { shape: [2, 2], dtype: "float64" }),
  tensor(numbers.slice(4), { shape: [2, 2], dtype: "float64" }),
];

const bits = (xs: readonly Tensor[]): number[][] => xs.map((x) => [...x.dataSync()]);

describe("random programs", () => {
  test.prop([program, values], { numRuns: 300, seed: 20261124 })(
    "have the same values and gradients whenever their parts are evaluated, compiled or not",
    (steps, numbers) => {
      const [a, b] = arguments_(numbers);
      const both = (f: (x: Tensor, y: Tensor) => Tensor) => (x: Tensor, y: Tensor) => [
        f(x, y),
        ...grad(f as (...args: Tensor[]) => Tensor, { argnums: [0, 1] })(x, y),
      ];
      const expected = bits(both(build(steps))(a, b));
      expect(bits(both(build(steps, true))(a, b))).toEqual(expected);
      const compiled = compile(both(build(steps)));
      expect(bits(compiled(a, b))).toEqual(expected);
      expect(bits(compiled(a, b))).toEqual(expected);
    },
  );

  test.prop([program, values], { numRuns: 200, seed: 20261124 })(
    "have directional derivatives that agree forward and backward, and lanes that agree with a loop",
    (steps, numbers) => {
      const f = build(steps);
      const [a, b] = arguments_(numbers);
      const [, forward] = jvp(f, [a, b], [b, a]);
      const [ga, gb] = grad(f as (...args: Tensor[]) => Tensor, { argnums: [0, 1] })(a, b);
      const backward = ga.mul(b).sum().add(gb.mul(a).sum());
      expect(forward.item()).toBeCloseTo(backward.item(), 9);
      const gradient = grad(f as (...args: Tensor[]) => Tensor);
      const lanes = vmap((x: Tensor) => gradient(x, b))(stack([a, b]));
      expect(lanes.shape).toEqual([2, 2, 2]);
      [a, b].forEach((x, lane) => {
        const alone = gradient(x, b).dataSync();
        lanes
          .slice(lane, lane + 1)
          .dataSync()
          .forEach((value, i) => {
            expect(value).toBeCloseTo(alone[i], 9);
          });
      });
    },
  );

  test.prop([program, values, fc.array(fc.boolean(), { minLength: 8, maxLength: 8 })], {
    numRuns: 200,
    seed: 20261124,
  })(
    "train the same whatever is read after a step, on an engine that writes in place",
    (steps, numbers, reads) => {
      const train = (reading: boolean): number[][] => {
        const [a, b] = arguments_(numbers).map((x) => variable(x));
        const f = build(steps);
        for (const late of reads) {
          const hidden = a.mul(b).tanh();
          const loss = f(hidden, b);
          const [ga, gb] = gradients(loss, [a, b]);
          a.assign(a.sub(ga.mul(0.05)));
          b.assign(b.sub(gb.mul(0.05)));
          if (reading) {
            const before = loss.item();
            if (reads[0]) hidden.dataSync();
            expect(loss.item()).toBe(before);
          } else if (late) {
            evaluate();
          }
        }
        return bits([a, b]);
      };
      expect(train(true)).toEqual(train(false));
      // These engines are made of the reference engine, and compared with it.
      const expected = counting(() => train(false));
      expect(poisoning(() => train(true))).toEqual(expected);
      expect(resident(() => train(true))).toEqual(expected);
    },
  );
});
