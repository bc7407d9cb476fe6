import { type DType, isFloating, type Shape, type Tensor, tensor } from "@cotangent/core";
import { call, type Expression, evaluated, Name, namesIn } from "./expression.ts";
import { importsOf, printed } from "./print.ts";

/** A parameter of a program, and the value that it is given. */
export interface ProgramInput {
  readonly name: string;
  readonly shape: Shape;
  readonly dtype: DType;
  /** In row-major order. */
  readonly elements: readonly number[];
}

/** One operation of a program. */
export interface ProgramStep {
  /** The name of its result. */
  readonly name: string;
  /** The function of core that it is about, as core exports it: `log`, `random.normal`. */
  readonly operation: string;
  /** The names of the inputs and steps that it is made of. */
  readonly operands: readonly string[];
  /** What it computes: a call of the operation, with what brings its operands into shape. */
  readonly expression: Expression;
  readonly shape: Shape;
  readonly dtype: DType;
}

/** How a program is printed. */
export interface PrintOptions {
  /** What follows the function; a call of `checkGradients` unless given. */
  readonly check?: string;
  /** What is imported besides core's functions; `checkGradients` unless given. */
  readonly imports?: string;
}

const CHECK = "checkGradients(f, inputs, { order: 2 });";
const IMPORTS = 'import { checkGradients } from "@cotangent/gradcheck";';

/**
 * A random program: a function of tensors made of core's operations, with inputs at which it is smooth. Everything about
 * it follows from its genes (`decodeProgram`).
 */
export class RandomProgram {
  readonly parameters: readonly ProgramInput[];
  readonly steps: readonly ProgramStep[];
  /** The whole numbers that it was decoded from, without those that make no difference. */
  readonly genes: readonly (readonly number[])[];
  /** What the function returns: all that no step uses, as floating tensors. */
  private readonly results: readonly Expression[];

  constructor(
    parameters: readonly ProgramInput[],
    steps: readonly ProgramStep[],
    genes: readonly (readonly number[])[],
  ) {
    this.parameters = parameters;
    this.steps = steps;
    this.genes = genes;
    const used = new Set(steps.flatMap(({ operands }) => operands));
    const ends = steps.filter(({ name }) => !used.has(name));
    this.results = (ends.length > 0 ? ends : parameters.slice(0, 1)).map(({ name, dtype }) =>
      isFloating(dtype) ? new Name(name) : call("cast", new Name(name), parameters[0].dtype),
    );
  }

  /** New tensors for the parameters. */
  inputs(): Tensor[] {
    return this.parameters.map(({ elements, shape, dtype }) => tensor([...elements], { shape, dtype }));
  }

  /** The function: of one tensor for each parameter, of its shape and dtype; of several results, a list. */
  readonly f = (...inputs: Tensor[]): Tensor | Tensor[] => {
    const scope = new Map<string, unknown>(this.parameters.map(({ name }, i) => [name, inputs[i]]));
    for (const { name, expression } of this.steps) scope.set(name, evaluated(expression, scope));
    const results = this.results.map((result) => evaluated(result, scope) as Tensor);
    return results.length === 1 ? results[0] : results;
  };

  /** The results of `f` as a list. */
  outputs(...inputs: Tensor[]): Tensor[] {
    const result = this.f(...inputs);
    return Array.isArray(result) ? result : [result];
  }

  /** The program as TypeScript, to be pasted into a test. */
  toTypeScript({ check = CHECK, imports = IMPORTS }: PrintOptions = {}): string {
    const names = importsOf([...this.steps.map(({ expression }) => expression), ...this.results]);
    const core = ["type Tensor", ...new Set([...names, "tensor"])].toSorted((a, b) => bare(a).localeCompare(bare(b), "en", { sensitivity: "base" })); // biome-ignore format: one call
    const inputs = this.parameters.map(
      ({ elements, shape, dtype }) => `  ${printed(call("tensor", elements, { shape, dtype }))},`,
    );
    const used = new Set(
      [...this.steps.map(({ expression }) => expression), ...this.results].flatMap(namesIn),
    );
    const parameters = this.parameters.map(({ name }) => `${used.has(name) ? name : `_${name}`}: Tensor`);
    const [result] = this.results;
    return [
      `import { ${core.join(", ")} } from "@cotangent/core";`,
      imports,
      "",
      "const inputs = [",
      ...inputs,
      "];",
      `const f = (${parameters.join(", ")}) => {`,
      ...this.steps.map(({ name, expression }) => `  const ${name} = ${printed(expression)};`),
      `  return ${printed(this.results.length === 1 ? result : this.results)};`,
      "};",
      check,
    ].join("\n");
  }

  /** The same, for messages. */
  toString(): string {
    return this.toTypeScript();
  }
}

const bare = (name: string): string => name.replace(/^type /, "");
