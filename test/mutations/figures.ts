import type { Kill } from "./hunt.ts";
import { type Mutant, nameOf } from "./mutant.ts";

/** Counts what became of mutants. */
export class Figures {
  readonly alive: string[] = [];
  readonly killed: string[] = [];
  private readonly kinds = new Map<string, { all: number; alive: number }>();
  private readonly finders = new Map<string, number>();
  private longest = { name: "", ms: 0 };

  note(mutant: Mutant, kill: Kill | null, ms: number): void {
    const name = nameOf(mutant);
    (kill === null ? this.alive : this.killed).push(name);
    const kind = kindOf(mutant);
    const counts = this.kinds.get(kind) ?? { all: 0, alive: 0 };
    this.kinds.set(kind, { all: counts.all + 1, alive: counts.alive + (kill === null ? 1 : 0) });
    if (kill !== null) this.finders.set(kill.finder, (this.finders.get(kill.finder) ?? 0) + 1);
    if (kill !== null && ms > this.longest.ms) this.longest = { name, ms };
  }

  progress(of: number): string {
    const { alive, killed } = this;
    return `${alive.length + killed.length} of ${of} mutants, ${killed.length} found, ${alive.length} live`;
  }

  /** Tables by kind of mutant, and by what found them. */
  report(): string {
    const kinds = [...this.kinds].sort(([, x], [, y]) => y.all - x.all);
    const finders = [...this.finders].sort(([, x], [, y]) => y - x);
    return [
      ...kinds.map(
        ([kind, { all, alive }]) => `${String(all).padStart(6)} ${kind}${alive > 0 ? `, ${alive} live` : ""}`,
      ),
      "found by",
      ...finders.map(([finder, count]) => `${String(count).padStart(6)} ${finder}`),
      `longest: ${this.longest.name}, ${(this.longest.ms / 1000).toFixed(1)} s`,
      this.progress(this.alive.length + this.killed.length),
    ].join("\n");
  }
}

/** The kind of a mutant, as it is counted. */
function kindOf({ part, mutation }: Mutant): string {
  if (mutation.kind === "lanes") return `batch: ${mutation.how}`;
  if (mutation.kind === "call") return `${part}: a call, ${mutation.call.how}`;
  return `${part === "mask" || part === "batch" ? part : "derivative"}: ${mutation.kind}`;
}
