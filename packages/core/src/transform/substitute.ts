import { builtInOneGo, isTensor, type Tensor } from "../ir/tensor.ts";
import { topology } from "../ir/traversal.ts";
import { fromValues, scalarData, type TensorLike } from "../prims/convert.ts";
import { symbolName } from "../prims/leaves.ts";
import { isFloating } from "../types/dtype.ts";
import { formatShape, sameShape } from "../types/shape.ts";
import { describeValue } from "../types/trees.ts";
import { DTypeError, ShapeError, StateError } from "../util/errors.ts";
import { checkTensor } from "./arguments.ts";
import { substituted } from "./instantiate.ts";

/** What stands for what: by the names of symbols, or a Map or pairs with any tensors of the formula. */
export type Replacements =
  | { readonly [name: string]: TensorLike }
  | ReadonlyMap<Tensor, TensorLike>
  | readonly (readonly [Tensor, TensorLike])[];

/**
 * f with other expressions in the places of its symbols, all at once: `substitute(f, { a: b.add(1), b: a })`. With a Map, or
 * pairs, also in the places of other parts: `substitute(f, [[x.sin(), s]])` replaces that very tensor (not what looks like
 * it). Numbers and arrays take the dtype of what they replace; shapes must be equal.
 * @throws StateError for a name that f does not have, ShapeError, DTypeError
 */
export function substitute(f: Tensor, replacements: Replacements): Tensor {
  checkTensor(f, "substitute");
  return replaceIn(f.node, replacementsIn(f.node, replacements, "substitute"));
}

/** The symbols of a formula by name. @throws StateError when two have one name */
export function symbolsOf(f: Tensor, operation: string): Map<string, Tensor> {
  const symbols = new Map<string, Tensor>();
  for (const node of topology([f], ({ symbolic }) => symbolic).nodes) {
    const name = symbolName(node);
    if (name === null) continue;
    if (symbols.has(name)) {
      throw new StateError(`two symbols of the formula are named ${name}`, {
        operation,
        variable: name,
        remedy:
          "Make each symbol once and use it everywhere, or replace them by a Map with the symbols themselves",
      });
    }
    symbols.set(name, node);
  }
  return symbols;
}

/** Replacements by node. @throws StateError, ShapeError, DTypeError */
export function replacementsIn(
  f: Tensor,
  replacements: Replacements,
  operation: string,
): Map<Tensor, Tensor> {
  const found = new Map<Tensor, Tensor>();
  for (const [target, value] of pairsOf(f, replacements, operation)) {
    checkTensor(target, operation);
    found.set(target.node, replacementFor(target.node, value, operation));
  }
  return found;
}

function pairsOf(
  f: Tensor,
  replacements: Replacements,
  operation: string,
): readonly (readonly [Tensor, TensorLike])[] {
  if (replacements instanceof Map) return [...replacements];
  if (Array.isArray(replacements)) {
    const pairs = replacements as readonly (readonly [Tensor, TensorLike])[];
    const wrong = pairs.find((pair) => !Array.isArray(pair) || pair.length !== 2);
    if (wrong === undefined) return pairs;
    throw new StateError(`${describeValue(wrong)} is no pair of a tensor and what replaces it`, {
      operation,
      remedy: `Write ${operation}(f, [[a, b.add(1)]])`,
    });
  }
  if (typeof replacements !== "object" || replacements === null || isTensor(replacements)) {
    throw new StateError(`expected values by name, got ${describeValue(replacements)}`, {
      operation,
      remedy: `Write ${operation}(f, { a: 2 })`,
    });
  }
  const symbols = symbolsOf(f, operation);
  return Object.entries(replacements as Record<string, TensorLike>).map(([name, value]) => {
    const target = symbols.get(name);
    if (target !== undefined) return [target, value] as const;
    const names = [...symbols.keys()].sort();
    throw new StateError(`the formula has no symbol ${name}`, {
      operation,
      variable: name,
      remedy: names.length === 0 ? "It has no symbols at all" : `Its symbols are ${names.join(", ")}`,
    });
  });
}

/** The value as a tensor that fits in the place of `target`. */
function replacementFor(target: Tensor, value: TensorLike, operation: string): Tensor {
  const label = symbolName(target) ?? "the tensor that is replaced";
  const tensor = isTensor(value) ? value.node : converted(target, label, value, operation);
  if (!sameShape(tensor.shape, target.shape)) {
    throw new ShapeError(
      `${label} has shape ${formatShape(target.shape)}, its value ${formatShape(tensor.shape)}`,
      {
        operation,
        shapes: [target.shape, tensor.shape],
        variable: label,
        remedy: "Broadcast or reshape the value",
      },
    );
  }
  if (tensor.dtype !== target.dtype) {
    throw new DTypeError(`${label} has dtype ${target.dtype}, its value ${tensor.dtype}`, {
      operation,
      dtypes: [target.dtype, tensor.dtype],
      variable: label,
      remedy: `Cast the value: value.cast("${target.dtype}")`,
    });
  }
  return tensor;
}

function converted(target: Tensor, label: string, value: unknown, operation: string): Tensor {
  if (value === undefined || value === null || typeof value === "string" || typeof value === "function") {
    throw new StateError(`${describeValue(value)} is no value for ${label}`, {
      operation,
      variable: label,
      remedy: "Values are numbers, arrays and tensors",
    });
  }
  const { dtype } = target;
  if (typeof value === "number" && !isFloating(dtype) && !Number.isInteger(value)) {
    throw new DTypeError(`${label} has dtype ${dtype} and cannot be ${value}`, {
      operation,
      dtypes: [dtype],
      variable: label,
      remedy: "Give it a whole number, or make a symbol of a floating dtype",
    });
  }
  return typeof value === "number" ? scalarData(value, dtype) : fromValues(value, { dtype }, operation);
}

/** The graph with other nodes in the places of some, and what is made of those made again. */
export function replaceIn(root: Tensor, replacements: ReadonlyMap<Tensor, Tensor>): Tensor {
  const [result] = builtInOneGo([], () => substituted([root], replacements));
  return result;
}
