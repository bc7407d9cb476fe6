import {
  describeValue,
  graphOf,
  isFloating,
  isTensor,
  printGraph,
  random,
  StateError,
  type Tensor,
  type Variable,
  withValues,
} from "@cotangent/core";
import { Subject } from "../check/subject.ts";
import { traced } from "../graph/calls.ts";
import { copies } from "../properties/tensors.ts";
import { keptFields } from "./keeper.ts";
import type { CheckableModule } from "./layer.ts";

/** The argument of a module as a function: its inputs, and tensors for its variables by path. */
export interface ModuleArgument {
  readonly inputs: readonly Tensor[];
  readonly variables: Readonly<Record<string, Tensor>>;
}

/** A module and the inputs that it is checked with. */
export class Scene {
  readonly operation = "checkModule";
  constructor(
    readonly layer: CheckableModule,
    readonly inputs: readonly Tensor[],
    readonly name: string,
    readonly seed: number,
  ) {}

  /** The floating variables by path. */
  private get cells(): ReadonlyMap<string, Variable> {
    return new Map([...this.layer.namedVariables()].filter(([, { dtype }]) => isFloating(dtype)));
  }

  /** The module as a function of its inputs. @throws StateError when it gives something else than a tensor */
  readonly forward = (...inputs: Tensor[]): Tensor => {
    const output: unknown = this.layer.forward(...inputs);
    if (isTensor(output)) return output;
    throw new StateError(`forward returned ${describeValue(output)}`, {
      operation: this.operation,
      remedy: "Check a module whose result is no tensor as a function: checkGradients(f, [x])",
    });
  };

  /** The module as a function of its inputs and floating variables. */
  readonly asFunction = ({ inputs, variables }: ModuleArgument): Tensor => {
    const values = [...this.cells].map(([path, cell]) => [cell, variables[path]] as const);
    return withValues(new Map(values), () => this.forward(...inputs));
  };

  /** As `asFunction`, drawing the same at every call: from the default generator, or by counters in fields of the module. */
  readonly withSameDraws = (argument: ModuleArgument): Tensor => {
    const putBack = keptFields(this.layer);
    try {
      return random.withSeed(this.seed, () => this.asFunction(argument));
    } finally {
      putBack();
    }
  };

  /** Where the module is checked. */
  argument(): ModuleArgument {
    const { cells } = this;
    const values = copies([...cells.values()]);
    const variables = Object.fromEntries([...cells.keys()].map((path, i) => [path, values[i]]));
    return { inputs: copies(this.inputs), variables };
  }

  /** The module for checks of functions. */
  subject(): Subject {
    return new Subject(this.operation, this.name, this.asFunction as never, [this.argument()], this.seed);
  }

  /** Names of variables that `forward` reads and that are not among `variables()`. */
  unlisted(): string[] {
    const given = copies(this.inputs);
    const listed = new Map(this.layer.variables().map((cell) => [cell, copies([cell])[0]]));
    const call = (leaves: readonly Tensor[]) => [withValues(listed, () => this.forward(...leaves))];
    const floating = given.every(({ dtype }) => isFloating(dtype));
    const outputs = floating ? traced(call, given) : call(given);
    const { leaves } = graphOf(outputs, given);
    return leaves.flatMap((leaf) => /^%0 = read (\S+)/.exec(printGraph(leaf))?.[1] ?? []);
  }
}

/** Whether a path of an argument is that of an input of the module. */
export const isInput = (path: string): boolean => path.startsWith("inputs[0].inputs");

/** Findings about a module's argument, in the words of its caller: `inputs[0]`, `variables.kernel`. */
export const inWordsOfModules = (text: string): string =>
  text.replaceAll(/inputs\[0\]\.(inputs|variables)/g, "$1");
