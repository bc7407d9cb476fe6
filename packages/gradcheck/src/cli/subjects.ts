import { describeValue, isTensor, StateError } from "@cotangent/core";
import type { CheckOptions } from "../check/options.ts";
import type { CheckedFunction } from "../check/subject.ts";
import type { CheckableModule } from "../module/layer.ts";
import type { ModuleCheckOptions, ModuleInput } from "../module/options.ts";
import type { GradientReport } from "../report/report.ts";

/** How functions and modules are checked. */
export interface Checkers {
  checkGradients(f: CheckedFunction, inputs: unknown, options: CheckOptions): GradientReport;
  checkModule(layer: CheckableModule, input: ModuleInput, options: ModuleCheckOptions): GradientReport;
}

/** Something that a file exports together with an example. */
export interface Subject {
  readonly name: string;
  check(checkers: Checkers, options: CheckOptions): Promise<GradientReport>;
}

/** What a file holds: what can be checked, and what cannot, in sentences. */
export interface Contents {
  readonly subjects: readonly Subject[];
  readonly notes: readonly string[];
}

type Exports = Readonly<Record<string, unknown>>;

/** Sorts what a file exports. */
export function contentsOf(exports: Exports): Contents {
  const subjects: Subject[] = [];
  const notes: string[] = [];
  const examples = examplesOf(exports, notes);
  for (const [name, value] of Object.entries(exports)) {
    if (name === "examples" || !isCheckable(value)) continue;
    const example = examples[name];
    if (isClass(value)) {
      notes.push(`${name} is a class: export an instance of it, and an example for that.`);
    } else if (example === undefined) {
      notes.push(`${name} has no example: add { ${name}: () => inputs } to examples.`);
    } else if (typeof example !== "function") {
      notes.push(`The example of ${name} is no function: write { ${name}: () => inputs }.`);
    } else {
      subjects.push(subjectOf(name, value, example as () => unknown));
    }
  }
  for (const name of Object.keys(examples)) {
    if (!(name in exports)) notes.push(`There is an example ${name}, but nothing of that name is exported.`);
    else if (!isCheckable(exports[name]))
      notes.push(`${name} has an example, but is ${describeValue(exports[name])}.`);
  }
  return { subjects, notes };
}

function examplesOf({ examples }: Exports, notes: string[]): Exports {
  if (typeof examples === "object" && examples !== null && !Array.isArray(examples))
    return examples as Exports;
  notes.push(
    examples === undefined
      ? "It exports no examples: export const examples = { name: () => inputs }."
      : `Its examples are ${describeValue(examples)}, not an object of functions.`,
  );
  return {};
}

type Checkable = CheckedFunction | CheckableModule;

const isCheckable = (value: unknown): value is Checkable => typeof value === "function" || isModule(value);

const isModule = (value: unknown): value is CheckableModule =>
  typeof value === "object" &&
  value !== null &&
  ["forward", "variables", "namedVariables"].every(
    (name) => typeof (value as Record<string, unknown>)[name] === "function",
  );

const isClass = (value: Checkable): boolean =>
  typeof value === "function" && /^class\b/.test(Function.prototype.toString.call(value));

const subjectOf = (name: string, value: Checkable, example: () => unknown): Subject => ({
  name,
  check: async (checkers, options) => {
    const inputs = await example();
    if (typeof value === "function") return checkers.checkGradients(value, inputs, options);
    // Of modules, everything is checked that can be.
    const { also: _, ...others } = options;
    return checkers.checkModule(value, moduleInput(name, inputs), others);
  },
});

/** What the example of a module says: a shape, a list of shapes, or tensors. @throws StateError for anything else */
function moduleInput(name: string, inputs: unknown): ModuleInput {
  if (isTensor(inputs)) return { inputs: [inputs] };
  const list: readonly unknown[] = Array.isArray(inputs) ? inputs : [undefined];
  if (list.length > 0 && list.every(isTensor)) return { inputs: list };
  const isShape = (value: unknown): value is readonly number[] =>
    Array.isArray(value) && value.every((size) => typeof size === "number");
  if (isShape(list)) return list;
  if (list.every(isShape)) return list;
  throw new StateError(`the example of ${name} gives ${describeValue(inputs)}`, {
    operation: "cotangent-gradcheck",
    remedy: "A Module takes the shape of its input, a list of shapes, or a list of tensors",
  });
}
