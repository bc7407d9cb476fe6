import {
  checkOptions,
  DTYPES,
  type DType,
  isFloating,
  type Shape,
  StateError,
  type Tensor,
  tensor,
} from "@cotangent/core";
import { Draw } from "./draw.ts";
import { Name, namesIn } from "./expression.ts";
import { Genes } from "./genes.ts";
import { type Operand, sizeOf } from "./operand.ts";
import { OPERATIONS } from "./operations/index.ts";
import { type ProgramInput, type ProgramStep, RandomProgram } from "./program.ts";

/** Which programs there are. */
export interface ProgramOptions {
  /** The operations that steps are chosen from, by the names that core exports them by: `["log", "random.normal"]`. All of them unless given. */
  readonly operations?: readonly string[];
  /** The dtypes of inputs, floating ones; each program's inputs have one. Default float64 and float32. */
  readonly dtypes?: readonly DType[];
  /** At most so many steps, at least 1. Default 8. */
  readonly maxSteps?: number;
}

/** Options with everything decided. */
export interface ProgramSettings {
  readonly operations: readonly string[];
  readonly dtypes: readonly DType[];
  readonly maxSteps: number;
}

/** The names of all operations that programs are made of. */
export const OPERATION_NAMES: readonly string[] = Object.keys(OPERATIONS);

/** @throws StateError for options that make no sense */
export function programSettings(operation: string, options: ProgramOptions): ProgramSettings {
  checkOptions(operation, options, ["operations", "dtypes", "maxSteps"]);
  const { operations = OPERATION_NAMES, dtypes = ["float64", "float32"], maxSteps = 8 } = options;
  const unknown = operations.find((name) => !(name in OPERATIONS));
  if (unknown !== undefined || operations.length === 0) {
    const what =
      unknown === undefined ? "no operations" : `${JSON.stringify(unknown)}, which is no operation`;
    throw new StateError(`programs of ${what}`, {
      operation,
      remedy: 'Name functions of core that make tensors out of tensors, as in ["log", "random.normal"]',
    });
  }
  const strange = dtypes.find((dtype) => !(DTYPES.includes(dtype) && isFloating(dtype)));
  if (strange !== undefined || dtypes.length === 0) {
    throw new StateError(`inputs of ${strange === undefined ? "no dtype" : `dtype ${strange}`}`, {
      operation,
      remedy: "Name float32, float64 or both: there are derivatives by nothing else",
    });
  }
  if (!Number.isInteger(maxSteps) || maxSteps < 1) {
    throw new StateError(`maxSteps is ${String(maxSteps)}`, {
      operation,
      remedy: "Give a whole number from 1",
    });
  }
  return { operations, dtypes, maxSteps };
}

/**
 * The program that lists of whole numbers stand for: the first decides about the dtype and the number of inputs, then
 * follows one for each input, and one for each step. All lists are valid; numbers count modulo what there is to choose
 * from, and missing ones are 0.
 * @throws StateError for options that make no sense
 */
export function decodeProgram(
  genes: readonly (readonly number[])[],
  options: ProgramOptions = {},
): RandomProgram {
  return decoded(genes, programSettings("decodeProgram", options));
}

/** As `decodeProgram`, with the settings of many programs. */
export function decoded(
  [first = [], ...rest]: readonly (readonly number[])[],
  { operations, dtypes, maxSteps }: ProgramSettings,
): RandomProgram {
  const head = new Genes(first);
  const dtype = head.of(dtypes);
  const count = head.whole(1, MAX_INPUTS);
  const inputGenes = Array.from({ length: count }, (_, i) => new Genes(rest[i] ?? []));
  const parameters: ProgramInput[] = [];
  for (const genes of inputGenes) parameters.push(drawInput(genes, dtype, parameters));
  const values: Operand[] = [];
  const scope = new Map<string, Tensor>();
  const keep = (name: string, { shape, dtype: own, elements }: Omit<Operand, "expression">): void => {
    values.push({ expression: new Name(name), shape, dtype: own, elements });
    scope.set(name, tensor([...elements], { shape, dtype: own }));
  };
  for (const input of parameters) keep(input.name, input);
  const canonical = [head.canonical, ...inputGenes.map((genes) => genes.canonical)];
  const steps = rest.slice(count, count + maxSteps).map((list, i): ProgramStep => {
    const genes = new Genes(list);
    const draw = new Draw(genes, values, scope, dtype);
    const operation = genes.of(operations);
    const result = draw.operand(OPERATIONS[operation](draw));
    const { expression, shape, dtype: own } = result;
    const name = `v${i}`;
    keep(name, result);
    canonical.push(genes.canonical);
    const operands = [...new Set(namesIn(expression))].filter(
      (operand) => operand !== name && scope.has(operand),
    );
    return { name, operation, operands, expression, shape, dtype: own };
  });
  return new RandomProgram(parameters, steps, canonical);
}

/** The most inputs that a program has. */
export const MAX_INPUTS = 3;

const RANKS = [0, 1, 2, 1, 2, 3, 2, 1, 3, 4];
const SIZES = [1, 2, 3, 2, 3, 2, 2, 3, 2, 3, 2, 3, 1, 2, 3, 0];
/** Derivatives are compared element by element. */
const MAX_INPUT = 12;
/** Elements are multiples of it: exact in every floating dtype, and short when they are printed. */
const UNIT = 1 / 64;
const PLAIN = [0.5, 1.25, -0.75, 1.75, -1.5, 0.25, -1, 0.875, -0.375, 1.5, -1.875, 0.125];

function drawInput(genes: Genes, dtype: DType, before: readonly ProgramInput[]): ProgramInput {
  const shape = drawShape(genes, before);
  const seed = genes.whole(0, 9999);
  const size = sizeOf(shape);
  const elements = seed === 0 ? PLAIN.slice(0, size) : drawElements(seed, size);
  return { name: `x${before.length}`, shape, dtype, elements };
}

/** A shape of its own, or one that broadcasts with the first input's. */
function drawShape(genes: Genes, [first]: readonly ProgramInput[]): Shape {
  if (first !== undefined && genes.yes()) {
    const dropped = genes.whole(0, first.shape.length);
    return first.shape.slice(dropped).map((size) => (genes.whole(0, 3) === 3 ? 1 : size));
  }
  const rank = genes.of(RANKS);
  return limited(Array.from({ length: rank }, () => genes.of(SIZES)));
}

/** The shape with its last axes cut down to 1 until there are few elements. */
function limited(shape: number[]): Shape {
  for (let axis = 0; sizeOf(shape) > MAX_INPUT; axis++) shape[axis] = Math.min(shape[axis], 1);
  return shape;
}

/** Numbers from -2 to 2, by a linear congruential generator whose high bits are used (Numerical Recipes, 1992). */
function drawElements(seed: number, size: number): number[] {
  let state = Math.imul(seed, 0x9e3779b1) >>> 0;
  return Array.from({ length: size }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return (Math.floor((state / 2 ** 32) * 257) - 128) * UNIT;
  });
}
