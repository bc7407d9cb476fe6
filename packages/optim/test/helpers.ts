import {
  type DType,
  type Engine,
  getEngine,
  type Program,
  referenceEngine,
  setEngine,
  type Tensor,
  tensor,
  type Variable,
  variable,
} from "@cotangent/core";
import type { Optimizer } from "@cotangent/optim";
import { expect } from "vitest";

/** Counts the programs that are compiled and the runs of each, while `body` runs. */
export function counting<T>(body: (count: { programs: Program[]; runs: number[] }) => T): T {
  const before = getEngine();
  const programs: Program[] = [];
  const runs: number[] = [];
  const engine: Engine = {
    name: "counting",
    compile(program) {
      const place = programs.push(program) - 1;
      runs.push(0);
      const inner = referenceEngine.compile(program);
      return {
        bind: (slot, storage) => inner.bind(slot, storage),
        run(donated) {
          runs[place]++;
          return inner.run(donated);
        },
        dispose: () => inner.dispose(),
      };
    },
  };
  setEngine(engine);
  try {
    return body({ programs, runs });
  } finally {
    setEngine(before);
  }
}

/** The programs that write variables: training steps. */
export const updating = (programs: readonly Program[]): Program[] =>
  programs.filter(({ updates }) => updates.length > 0);

/** A variable and a loss whose gradient by it is always `slope`. */
export function linear(
  start: readonly number[],
  slope: readonly number[],
): { w: Variable; loss: () => Tensor } {
  const w = variable(tensor(start, { dtype: "float64" }), { name: "w" });
  return { w, loss: () => w.mul(tensor(slope, { dtype: "float64" })).sum() };
}

/** The elements as plain numbers. */
export const values = (x: Tensor): number[] => [...x.dataSync()];

/** A step of a training run that PyTorch made: the loss before the update, the weights after it. */
export interface OracleStep {
  readonly loss: number;
  readonly kernel: readonly number[];
  readonly bias: readonly number[];
}

/** The linear regression of an oracle's file: numbers as they stand there. */
interface Regression {
  readonly x: readonly (readonly number[])[];
  readonly y: readonly (readonly number[])[];
  readonly kernel: readonly (readonly number[])[];
  readonly bias: readonly number[];
}

/** The variables of that regression, and a step of its training. */
export function regression(oracle: Regression, dtype: DType, optimizer: Optimizer) {
  const [x, y] = [tensor(oracle.x, { dtype }), tensor(oracle.y, { dtype })];
  const kernel = variable(tensor(oracle.kernel, { dtype }));
  const bias = variable(tensor(oracle.bias, { dtype }));
  const step = (): Tensor => {
    const loss = x.matmul(kernel).add(bias).sub(y).square().mean();
    optimizer.minimize(loss, [kernel, bias]);
    return loss;
  };
  return { kernel, bias, step };
}

/** Trains with the rates, and compares each step. */
export function followsOracle(
  { kernel, bias, step }: ReturnType<typeof regression>,
  optimizer: Optimizer,
  steps: readonly OracleStep[],
  rates: readonly number[],
  tolerance: number,
): void {
  steps.forEach((expected, i) => {
    optimizer.learningRate = rates[i];
    const loss = step();
    expectClose([loss.item()], [expected.loss], tolerance);
    expectClose(values(kernel), expected.kernel, tolerance);
    expectClose(values(bias), expected.bias, tolerance);
  });
}

function expectClose(actual: readonly number[], expected: readonly number[], tolerance: number): void {
  expect(actual).toHaveLength(expected.length);
  actual.forEach((value, i) => {
    expect(Math.abs(value - expected[i])).toBeLessThanOrEqual(tolerance * Math.max(1, Math.abs(expected[i])));
  });
}
