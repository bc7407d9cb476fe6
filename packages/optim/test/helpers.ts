import {
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
