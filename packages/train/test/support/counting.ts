import { type Engine, getEngine, referenceEngine, setEngine } from "@cotangent/core";

/** What an engine was asked to do. */
export interface Counts {
  compiled: number;
  runs: number;
  /** How often each primitive was computed. */
  computed: Map<string, number>;
  reset(): void;
}

/** Runs `body` with the reference engine that counts, and puts the present engine back. */
export async function counting(body: (counts: Counts) => Promise<void>): Promise<void> {
  const counts: Counts = {
    compiled: 0,
    runs: 0,
    computed: new Map(),
    reset() {
      Object.assign(counts, { compiled: 0, runs: 0, computed: new Map() });
    },
  };
  const engine: Engine = {
    name: "counting",
    compile(program) {
      counts.compiled++;
      const inner = referenceEngine.compile(program);
      return {
        ...inner,
        bind: (slot, storage) => inner.bind(slot, storage),
        run(donated) {
          counts.runs++;
          for (const { prim } of program.nodes) {
            if (prim !== null) counts.computed.set(prim.name, (counts.computed.get(prim.name) ?? 0) + 1);
          }
          return inner.run(donated);
        },
        dispose: () => inner.dispose(),
      };
    },
  };
  const before = getEngine();
  setEngine(engine);
  try {
    await body(counts);
  } finally {
    setEngine(before);
  }
}
