import {
  type Engine,
  getEngine,
  type Program,
  type Resident,
  referenceEngine,
  Storage,
  setEngine,
  type TypedArray,
} from "../../src/index.ts";

/** What the engine made and got back. */
export interface Blocks {
  /** New values of variables that were not written over old ones. */
  made: number;
  released: number;
  inPlace: number;
}

/** Bytes in the engine's memory, which are destroyed on release; whoever reads them afterwards is told. */
class Block implements Resident {
  free = false;

  constructor(
    public elements: TypedArray,
    private readonly blocks: Blocks,
  ) {}

  read(): TypedArray {
    if (this.free) throw new Error("bytes are read that were released");
    return this.elements.slice();
  }

  release(): void {
    if (this.free) throw new Error("bytes are released twice");
    this.free = true;
    this.elements.fill(Number.NaN);
    this.blocks.released++;
  }
}

/**
 * The reference engine with a memory of its own: it keeps what it computes out of JavaScript's sight, writes new values
 * of variables over old ones wherever it may, and destroys what is released.
 */
export function residentEngine(): { engine: Engine; blocks: Blocks } {
  const blocks: Blocks = { made: 0, released: 0, inPlace: 0 };
  return { engine: { name: "resident", compile: (program) => executable(program, blocks) }, blocks };
}

function executable(program: Program, blocks: Blocks) {
  const inner = referenceEngine.compile(program);
  const bound: Storage[] = [];
  const outputs = program.outputs.length;
  const kept = (result: Storage): Storage => {
    const block = new Block(result.host as TypedArray, blocks);
    return new Storage(result.dtype, result.size, null, block);
  };
  const writeOver = (slot: number, { host }: Storage): Storage => {
    const storage = bound[slot];
    if (storage.shared || bound.filter((other) => other === storage).length > 1) {
      throw new Error("bytes may be written over that somebody else holds");
    }
    blocks.inPlace++;
    if (storage.resident instanceof Block) storage.resident.elements = host as TypedArray;
    else storage.resident = new Block(host as TypedArray, blocks);
    storage.host = null;
    inner.bind(slot, storage);
    return storage;
  };
  return {
    bind(slot: number, storage: Storage) {
      bound[slot] = storage;
      inner.bind(slot, storage);
    },
    run(donated: readonly number[]) {
      const isFree = ({ resident: block }: Storage) => block instanceof Block && block.free;
      if (bound.some(isFree)) throw new Error("a program runs on bytes that were released");
      return inner.run([]).map((result, i) => {
        if (i < outputs) return kept(result);
        const { slot } = program.updates[i - outputs];
        if (donated.includes(slot)) return writeOver(slot, result);
        blocks.made++;
        return kept(result);
      });
    },
    dispose: () => inner.dispose(),
  };
}

/** Runs `body` with such an engine, and puts the present engine back. */
export function resident<T>(body: (blocks: Blocks) => T): T {
  const before = getEngine();
  const { engine, blocks } = residentEngine();
  setEngine(engine);
  try {
    return body(blocks);
  } finally {
    setEngine(before);
  }
}
