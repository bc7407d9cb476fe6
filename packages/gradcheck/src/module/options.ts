import {
  checkOptions,
  describeValue,
  isFloating,
  isTensor,
  StateError,
  type Tensor,
  tensor,
} from "@cotangent/core";
import { type CheckOptions, settingsOf } from "../check/options.ts";
import { Random } from "../numeric/random.ts";
import { sizeOf } from "../numeric/vectors.ts";
import type { CheckableModule } from "./layer.ts";

/** How a module is checked. */
export interface ModuleCheckOptions
  extends Pick<CheckOptions, "name" | "order" | "modes" | "kinks" | "directions" | "seed"> {
  /** Whether in evaluation the rows of a batch do not depend on one another. Default true. */
  readonly independentRows?: boolean;
}

/** The inputs of a module: the shape of its only input, the shapes of several, or the tensors themselves. */
export type ModuleInput =
  | readonly number[]
  | readonly (readonly number[])[]
  | { readonly inputs: readonly Tensor[] };

const OPERATION = "checkModule";
const NAMES = ["name", "order", "modes", "kinks", "directions", "seed", "independentRows"];

/** @throws StateError for what is no option, or no value for it */
export function checkModuleOptions(options: ModuleCheckOptions): void {
  checkOptions(OPERATION, options, NAMES);
  const { independentRows = true, ...others } = options;
  settingsOf(OPERATION, others);
  if (typeof independentRows === "boolean") return;
  throw new StateError(`independentRows is true or false, not ${describeValue(independentRows)}`, {
    operation: OPERATION,
    remedy: "Leave it out unless rows of a batch depend on one another in evaluation, too",
  });
}

/** The inputs as tensors: given ones, or drawn in the dtype of the module's first floating variable. */
export function inputsFor(layer: CheckableModule, input: ModuleInput, seed: number): readonly Tensor[] {
  if (Array.isArray(input)) {
    const shapes = shapesIn(input);
    const dtype = layer.variables().find((cell) => isFloating(cell.dtype))?.dtype ?? "float32";
    const random = new Random(seed);
    return shapes.map((shape) => tensor(random.direction(sizeOf(shape)), { shape, dtype }));
  }
  const { inputs } = (input ?? {}) as { readonly inputs?: unknown };
  if (Array.isArray(inputs) && inputs.length > 0 && inputs.every(isTensor)) return inputs;
  throw new StateError(`${describeValue(input)} says nothing of inputs`, {
    operation: OPERATION,
    remedy:
      "Pass the shape of the input with its batch axis, such as [4, 3], a list of shapes, or { inputs: [x] }",
  });
}

/** One shape, or several. @throws StateError */
function shapesIn(input: readonly unknown[]): readonly (readonly number[])[] {
  const isSize = (size: unknown): boolean => Number.isSafeInteger(size) && (size as number) >= 1;
  const isShape = (shape: unknown): boolean =>
    Array.isArray(shape) && shape.length > 0 && shape.every(isSize);
  if (isShape(input)) return [input as readonly number[]];
  if (input.length > 0 && input.every(isShape)) return input as readonly (readonly number[])[];
  throw new StateError(`${JSON.stringify(input)} is neither a shape nor a list of shapes`, {
    operation: OPERATION,
    remedy: "Give sizes of at least 1, the batch first: [4, 3], or [[4, 3], [4, 2]] for two inputs",
  });
}
