import { fc, test } from "@fast-check/vitest";
import { describe, expect } from "vitest";
import {
  compile,
  evaluate,
  StaleValueError,
  type Tensor,
  tensor,
  type Variable,
  variable,
} from "../src/index.ts";
import { poisoning } from "./support/poisoningEngine.ts";
import { resident } from "./support/residentEngine.ts";

/**
 * Programs of assignments and reads on a few variables, beside a model in plain numbers. Whatever is read has the
 * value that it had when it was built, or reading it is a StaleValueError: never a wrong value, on engines that
 * destroy what they may.
 */
const CELLS = 3;
const cell = fc.nat({ max: CELLS - 1 });
const past = fc.nat({ max: 20 });

const command = fc.oneof(
  fc.record({ kind: fc.constant("scale" as const), cell, other: cell }),
  fc.record({ kind: fc.constant("copy" as const), cell, other: cell }),
  fc.record({ kind: fc.constant("compiled" as const), cell, other: cell }),
  fc.record({ kind: fc.constant("compiledOf" as const), cell, other: cell }),
  fc.record({ kind: fc.constant("swap" as const), cell, other: cell }),
  fc.record({ kind: fc.constant("set" as const), cell, other: cell }),
  fc.record({ kind: fc.constant("restore" as const), cell, past }),
  fc.record({ kind: fc.constant("snapshot" as const), cell }),
  fc.record({ kind: fc.constant("build" as const), cell, other: cell }),
  fc.record({ kind: fc.constant("read" as const), cell }),
  fc.record({ kind: fc.constant("readSnapshot" as const), past }),
  fc.record({ kind: fc.constant("readBuilt" as const), past }),
  fc.record({ kind: fc.constant("flush" as const) }),
);
type Command = typeof command extends fc.Arbitrary<infer C> ? C : never;

interface Known {
  readonly tensor: Tensor;
  readonly value: number;
}

/** The same for model and variables, small enough to stay exact. */
const combine = (x: number, y: number): number => (x * 3 + y) % 1000;
const combineTensors = (x: Tensor, y: Tensor): Tensor => x.mul(3).add(y).mod(1000);

class World {
  readonly cells: Variable[];
  readonly values: number[];
  readonly snapshots: Known[] = [];
  readonly built: Known[] = [];
  stale = 0;
  private readonly step: ((i: number) => Tensor)[];
  private readonly stepOf: ((x: Tensor) => [Tensor, Tensor])[];
  private readonly swap: (() => Tensor)[][];

  constructor() {
    this.values = Array.from({ length: CELLS }, (_, i) => i + 1);
    this.cells = this.values.map((value, i) =>
      variable(tensor([value], { dtype: "float64" }), { name: `v${i}` }),
    );
    this.step = this.cells.map(
      (target) =>
        compile((amount: number) => {
          target.assign(combineTensors(target, this.cells[0]).add(amount));
          return target.mul(2);
        }) as (i: number) => Tensor,
    );
    this.stepOf = this.cells.map((target) =>
      compile((x: Tensor) => {
        target.assign(combineTensors(x, target));
        return [x.mul(1), target] as [Tensor, Tensor];
      }),
    );
    this.swap = this.cells.map((a) =>
      this.cells.map((b) =>
        compile(() => {
          const old = a.mul(1);
          a.assign(b);
          b.assign(old);
          return b.node;
        }),
      ),
    );
  }

  run(action: Command): void {
    const { cells, values, snapshots, built } = this;
    switch (action.kind) {
      case "scale":
        cells[action.cell].assign(combineTensors(cells[action.cell], cells[action.other]));
        values[action.cell] = combine(values[action.cell], values[action.other]);
        return;
      case "copy":
        cells[action.cell].assign(cells[action.other]);
        values[action.cell] = values[action.other];
        return;
      case "compiled": {
        const result = this.step[action.cell](action.other);
        values[action.cell] = combine(values[action.cell], values[0]) + action.other;
        expect(result.item()).toBe(values[action.cell] * 2);
        return;
      }
      case "compiledOf": {
        const before = values[action.other];
        values[action.cell] = combine(before, values[action.cell]);
        const [given, made] = this.stepOf[action.cell](cells[action.other]);
        snapshots.push({ tensor: given, value: before }, { tensor: made, value: values[action.cell] });
        return;
      }
      case "swap": {
        const { cell: a, other: b } = action;
        this.swap[a][b]();
        [values[a], values[b]] = [values[b], values[a]];
        return;
      }
      case "set":
        cells[action.cell].assign(action.other);
        values[action.cell] = action.other;
        return;
      case "restore": {
        const known = snapshots[action.past % Math.max(snapshots.length, 1)];
        if (known === undefined) return;
        cells[action.cell].assign(known.tensor);
        values[action.cell] = known.value;
        return;
      }
      case "snapshot":
        snapshots.push({ tensor: cells[action.cell].value, value: values[action.cell] });
        return;
      case "build":
        built.push({
          tensor: combineTensors(cells[action.cell], cells[action.other]),
          value: combine(values[action.cell], values[action.other]),
        });
        return;
      case "read":
        expect(cells[action.cell].item()).toBe(values[action.cell]);
        return;
      case "readSnapshot": {
        const known = snapshots[action.past % Math.max(snapshots.length, 1)];
        if (known !== undefined) expect(known.tensor.item()).toBe(known.value);
        return;
      }
      case "readBuilt": {
        const known = built[action.past % Math.max(built.length, 1)];
        if (known !== undefined) this.readLate(known);
        return;
      }
      case "flush":
        evaluate();
    }
  }

  private readLate({ tensor: late, value }: Known): void {
    try {
      expect(late.item()).toBe(value);
    } catch (error) {
      if (!(error instanceof StaleValueError)) throw error;
      this.stale++;
    }
  }

  check(): void {
    this.cells.forEach((target, i) => {
      expect(target.item()).toBe(this.values[i]);
    });
    for (const { tensor: snapshot, value } of this.snapshots) expect(snapshot.item()).toBe(value);
  }
}

const ENGINES = [
  { engine: "that destroys what it may write over", running: poisoning },
  {
    engine: "that has a memory of its own, writes in place and destroys what is released",
    running: resident,
  },
];

describe.each(ENGINES)("variables, on an engine $engine", ({ running }) => {
  test.prop([fc.array(command, { maxLength: 40 })], { numRuns: 1500, seed: 20261124 })(
    "are what a model in plain numbers says, or say that a value is stale",
    (commands) => {
      running(() => {
        const world = new World();
        for (const action of commands) world.run(action);
        world.check();
      });
    },
  );

  test.prop([fc.array(command, { minLength: 1, maxLength: 6 })], { numRuns: 200, seed: 20261124 })(
    "stay right when a round of commands is repeated until its plans are settled",
    (commands) => {
      running(() => {
        const world = new World();
        for (let round = 0; round < 6; round++) {
          for (const action of commands) world.run(action);
          world.snapshots.length = 0;
          world.built.length = 0;
        }
        world.check();
        // What a round reads of its own values after its own assignments is learned in the first two rounds.
        expect(world.stale).toBeLessThan(6 * commands.length);
      });
    },
  );
});
