import { type Engine, getEngine, referenceEngine, type Storage, setEngine } from "../../src/index.ts";

/** The reference engine, which destroys at once whatever it is told that nobody needs any more. */
export const poisoningEngine: Engine = {
  name: "poisoning",
  compile(program) {
    const inner = referenceEngine.compile(program);
    const bound: Storage[] = [];
    return {
      bind(slot, storage) {
        bound[slot] = storage;
        inner.bind(slot, storage);
      },
      run(donated) {
        const results = inner.run(donated);
        for (const slot of donated) {
          bound[slot].host?.fill(Number.NaN);
          bound[slot].host = null;
        }
        return results;
      },
      dispose: () => inner.dispose(),
    };
  },
};

/** Runs `body` with the poisoning engine, and puts the present engine back. */
export function poisoning<T>(body: () => T): T {
  const before = getEngine();
  setEngine(poisoningEngine);
  try {
    return body();
  } finally {
    setEngine(before);
  }
}
