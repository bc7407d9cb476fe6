import { primitives } from "@cotangent/core";
import { ruleName, type Seen } from "./generate.ts";
import { type Call, type Change, whileChanged } from "./rule.ts";
import type { Trial } from "./trials.ts";

/** Calls of a rule that are kept, each of other shapes or params. */
const KEPT = 16;

/** What a call is like, for telling apart those that a rule treats differently. */
const kindOf = ({ inputs, seeds, batched, params }: Call): string =>
  [
    ...inputs.map((x) => `${x.prim.name === "constant" ? "constant " : ""}${x.dtype}[${x.shape}]`),
    seeds.map((seed) => (seed === null ? "-" : "+")).join(""),
    batched.join(),
    Object.values(params).join(";"),
  ].join(" ");

/** Which rules trials call, how long they take, and calls of every rule. */
export class Survey {
  private readonly calls = new Map<string, Map<string, Seen>>();

  /** Runs a trial with the rules as they are: the names of the rules that it calls, and how many calls those are. */
  run(trial: Trial): { readonly rules: readonly string[]; readonly calls: number } {
    const rules = new Set<string>();
    const names = primitives().map(({ name }) => name);
    let calls = 0;
    const note = (name: string): void => {
      rules.add(name);
      calls++;
    };
    try {
      whileChanged(names, (prim) => this.noting(prim, note), trial.run);
    } catch (cause) {
      throw new Error(`${trial.finder} of ${trial.place} fails with the rules as they are: ${cause}`, {
        cause,
      });
    }
    return { rules: [...rules], calls };
  }

  private noting(prim: string, note: (rule: string) => void): Change {
    return (call, rule) => {
      const name = ruleName(prim, call.part, call.operand);
      note(name);
      this.keep(name, { prim, call, rule });
      return rule(call);
    };
  }

  private keep(name: string, seen: Seen): void {
    const kept = this.calls.get(name) ?? new Map<string, Seen>();
    this.calls.set(name, kept);
    if (kept.size < KEPT) kept.set(kindOf(seen.call), seen);
  }

  /** The calls that were kept. */
  get seen(): readonly Seen[] {
    return [...this.calls.values()].flatMap((kept) => [...kept.values()]);
  }
}
