import type { Engine } from "@cotangent/core";
import type { Verdict } from "@cotangent/gradcheck";
import { OPERATION_NAMES, type PrintOptions, type RandomProgram } from "@cotangent/gradcheck/arbitraries";
import { engineIsRight, forwardIsReverse, gradientsAreRight, mappedIsStacked } from "./properties.ts"; // biome-ignore format: one import

/** What became of some programs. */
export class Tally {
  programs = 0;
  /** What differences said of gradients. */
  readonly verdicts = new Map<Verdict, number>();
  private readonly steps = new Map<string, number>(OPERATION_NAMES.map((name) => [name, 0]));

  note(program: RandomProgram, verdict: Verdict): void {
    this.programs++;
    this.verdicts.set(verdict, (this.verdicts.get(verdict) ?? 0) + 1);
    for (const { operation } of program.steps)
      this.steps.set(operation, (this.steps.get(operation) ?? 0) + 1);
  }

  /** Operations that fewer steps were of. */
  rarerThan(count: number): string[] {
    return [...this.steps].filter(([, times]) => times < count).map(([name]) => name);
  }

  /** The share of gradients for which differences could decide. */
  get decided(): number {
    const all = [...this.verdicts.values()].reduce((a, b) => a + b, 0);
    return (this.verdicts.get("right") ?? 0) / Math.max(1, all);
  }

  summary(): string {
    const steps = [...this.steps.values()].reduce((a, b) => a + b, 0);
    const verdicts = [...this.verdicts].map(([verdict, times]) => `${verdict} ${times}`).join(", ");
    return `${this.programs} programs, ${steps} steps of ${this.steps.size} operations; gradients: ${verdicts}`;
  }
}

/** All properties of a program, one after the other. */
export function checkAll(program: RandomProgram, engines: readonly Engine[], tally?: Tally): void {
  const point = { f: program.f, inputs: program.inputs() };
  const verdict = gradientsAreRight(point);
  forwardIsReverse(point);
  mappedIsStacked(point);
  for (const engine of engines) engineIsRight(point, engine);
  tally?.note(program, verdict);
}

/** A program is printed with the property that does not hold. */
export function printed(kind: string): PrintOptions {
  const [property, engine] = kind.split(": ");
  const rest = property === "engineIsRight" ? `, ${engine}Engine` : "";
  return {
    imports: `import { ${property} } from "./support/properties.ts";`,
    check: `${property}({ f, inputs }${rest});`,
  };
}
