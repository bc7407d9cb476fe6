import { type Engine, getEngine, type Program, referenceEngine, setEngine } from "../../src/index.ts";

/** What an engine was asked to do. */
export interface Counts {
  compiled: number;
  runs: number;
  binds: number;
  /** Elements bound to slots. */
  boundElements: number;
  /** How often each primitive was computed. */
  readonly computed: Map<string, number>;
  readonly programs: Program[];
  /** Slots whose bytes could be written over, in all runs. */
  donated: number;
  reset(): void;
}

/** The reference engine, counting what it is asked to do. `failWhen` makes a run throw. */
export function countingEngine(failWhen: () => boolean = () => false): { engine: Engine; counts: Counts } {
  const counts: Counts = {
    compiled: 0,
    runs: 0,
    binds: 0,
    boundElements: 0,
    computed: new Map(),
    programs: [],
    donated: 0,
    reset() {
      Object.assign(counts, { compiled: 0, runs: 0, binds: 0, boundElements: 0, donated: 0 });
      counts.computed.clear();
      counts.programs.length = 0;
    },
  };
  const engine: Engine = {
    name: "counting",
    compile(program) {
      counts.compiled++;
      counts.programs.push(program);
      const inner = referenceEngine.compile(program);
      return {
        bind(slot, storage) {
          counts.binds++;
          counts.boundElements += storage.size;
          inner.bind(slot, storage);
        },
        run(donated) {
          if (failWhen()) throw new Error("the engine failed");
          counts.runs++;
          counts.donated += donated.length;
          for (const { prim } of program.nodes) {
            if (prim !== null) counts.computed.set(prim.name, (counts.computed.get(prim.name) ?? 0) + 1);
          }
          return inner.run(donated);
        },
        dispose: () => inner.dispose(),
      };
    },
  };
  return { engine, counts };
}

/** Runs `body` with a counting engine, and puts the present engine back. */
export function counting<T>(body: (counts: Counts) => T, failWhen?: () => boolean): T {
  const before = getEngine();
  const { engine, counts } = countingEngine(failWhen);
  setEngine(engine);
  try {
    return body(counts);
  } finally {
    setEngine(before);
  }
}
