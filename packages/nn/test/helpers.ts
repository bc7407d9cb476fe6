import { type Engine, getEngine, referenceEngine, setEngine, type Tensor } from "@cotangent/core";
import { expect } from "vitest";

/** The elements as plain numbers. */
export const values = (x: Tensor): number[] => [...x.dataSync()];

/** Equal to within `tolerance`, relative to numbers above 1. */
export function expectClose(actual: readonly number[], expected: readonly number[], tolerance: number): void {
  expect(actual).toHaveLength(expected.length);
  actual.forEach((value, i) => {
    const close = Math.abs(value - expected[i]) <= tolerance * Math.max(1, Math.abs(expected[i]));
    expect(close, `element ${i}: ${value} instead of ${expected[i]}`).toBe(true);
  });
}

/** How many programs run while `body` does. */
export function countRuns(body: () => void): number {
  const before = getEngine();
  let runs = 0;
  const engine: Engine = {
    name: "counting",
    compile(program) {
      const inner = referenceEngine.compile(program);
      return {
        bind: (slot, storage) => inner.bind(slot, storage),
        run(donated) {
          runs++;
          return inner.run(donated);
        },
        dispose: () => inner.dispose(),
      };
    },
  };
  setEngine(engine);
  try {
    body();
  } finally {
    setEngine(before);
  }
  return runs;
}
